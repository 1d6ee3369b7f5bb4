package dev.rondo.http.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.AsyncEvent;
import dev.rondo.Asyncio;
import dev.rondo.http.testing.TestClient;
import dev.rondo.testkit.LoopTest;
import dev.rondo.testkit.Sim;
import java.time.Duration;
import java.util.ArrayList;

/** Server-sent events, as our own client reads them; in virtual time. */
class EventsTest {

    @LoopTest(seeds = 5)
    void arriveAsTheyWereSent(Sim sim) throws Exception {
        var app = new Application();
        app.get(
                "/events",
                request -> Response.events(events -> {
                    events.send("one\ntwo\r\nthree");
                    Asyncio.sleep(Duration.ofSeconds(100)); // comments meanwhile
                    events.send("news", "", "7");
                    events.retry(Duration.ofHours(1));
                    assertThatThrownBy(() -> events.send("a\nb", "x")).isInstanceOf(IllegalArgumentException.class);
                    assertThatThrownBy(() -> events.send("a", "x", "\0")).isInstanceOf(IllegalArgumentException.class);
                    events.send("last");
                }));
        var log = new ArrayList<String>();
        try (var client = TestClient.start(app);
                var source = client.session().eventSource(client.server().url() + "/events")) {
            for (int i = 0; i < 3; i++) {
                var event = source.next();
                log.add(event.type() + " " + event.data() + " " + event.id());
            }
        }
        assertThat(log).containsExactly("message one\ntwo\nthree ", "news  7", "message last 7");
        assertThat(sim.elapsed()).isBetween(Duration.ofSeconds(100), Duration.ofSeconds(101));
        Asyncio.sleep(Duration.ofMillis(1)); // the sockets end
    }

    @LoopTest(seeds = 5)
    void endWhenTheClientIsFoundToBeGone(Sim sim) throws Exception {
        var ended = new AsyncEvent();
        Handler handler = request -> Response.events(events -> {
            try {
                events.send("one");
                Asyncio.sleep(Duration.ofHours(1));
            } finally {
                ended.set();
            }
        });
        try (var client = TestClient.start(handler)) {
            try (var source = client.session().eventSource(client.server().url() + "/")) {
                assertThat(source.next().data()).isEqualTo("one");
            }
            ended.await();
            assertThat(sim.elapsed()).isLessThan(Duration.ofSeconds(60)); // the second comment at the latest
        }
        Asyncio.sleep(Duration.ofMillis(1)); // the sockets end
    }

    @LoopTest(seeds = 1)
    void commentsComeInSilenceAlone(Sim sim) throws Exception {
        Handler handler = request -> Response.events(events -> {
            for (int i = 0; i < 6; i++) {
                Asyncio.sleep(Duration.ofSeconds(10));
                events.send("tick");
            }
            Asyncio.sleep(Duration.ofSeconds(20));
        });
        try (var client = TestClient.start(handler);
                var response = client.get("/")) {
            assertThat(response.text()).isEqualTo("data: tick\n\n".repeat(6) + ":\n\n");
        }
        Asyncio.sleep(Duration.ofMillis(1)); // the sockets end
    }
}
