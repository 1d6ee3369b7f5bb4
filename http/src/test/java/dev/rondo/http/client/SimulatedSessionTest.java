package dev.rondo.http.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import dev.rondo.http.Body;
import dev.rondo.http.RawServer;
import dev.rondo.testkit.LoopTest;
import dev.rondo.testkit.Sim;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;

/** A session in a simulated run: the same schedule goes the same way each time, which {@code @LoopTest} checks. */
class SimulatedSessionTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
    private static final String BUSY = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n";
    private static final Set<Duration> PAUSES = new HashSet<>();

    private static RawServer busyTwice(String busy) throws Exception {
        return RawServer.start(peer -> {
            while (peer.readRequest() != null) {
                peer.send(peer.server().requests().size() <= 2 ? busy : OK);
            }
        });
    }

    @LoopTest
    void theJitterOfRetriesFollowsFromTheChoices(Sim sim) throws Exception {
        try (var server = busyTwice(BUSY);
                var session =
                        ClientSession.builder().retry(RetryPolicy.STANDARD).build();
                var response = session.get(server.url())) {
            assertThat(response.json()).isEmpty();
            assertThat(server.requests()).hasSize(3);
            PAUSES.add(sim.elapsed());
        }
        Asyncio.sleep(Duration.ofMillis(1)); // the server's tasks end
    }

    @AfterAll
    static void anotherSeedDrawsOtherPauses() {
        assertThat(PAUSES.size()).isNotEqualTo(1);
    }

    @LoopTest(seeds = 3)
    void aDateInRetryAfterIsReadByTheLoopsClock(Sim sim) throws Exception {
        Instant begin = Asyncio.getRunningLoop().instant();
        assertThat(begin).isBetween(Instant.parse("2000-01-01T00:00:00Z"), Instant.parse("2000-01-01T00:00:01Z"));
        String until = "Sat, 01 Jan 2000 00:00:20 GMT";
        try (var server = busyTwice(BUSY.replace("Content", "Retry-After: " + until + "\r\nContent"));
                var session =
                        ClientSession.builder().retry(RetryPolicy.STANDARD).build();
                var response = session.get(server.url())) {
            assertThat(response.status()).isEqualTo(200);
            assertThat(Asyncio.getRunningLoop().instant())
                    .isBetween(Instant.parse("2000-01-01T00:00:20Z"), Instant.parse("2000-01-01T00:00:21Z"));
        }
        Asyncio.sleep(Duration.ofMillis(1)); // the server's tasks end
    }

    @LoopTest(seeds = 3)
    void jsonIsMadeWhereItStands(Sim sim) throws Exception {
        Duration begin = sim.elapsed();
        Body.json(Map.of("a", 1));
        assertThat(sim.elapsed()).isEqualTo(begin);
    }

    @LoopTest(seeds = 3)
    void theLoopKnowsThatItIsSimulated(EventLoop loop) {
        assertThat(loop.simulated()).isTrue();
        assertThat(loop.random()).isSameAs(loop.random());
    }
}
