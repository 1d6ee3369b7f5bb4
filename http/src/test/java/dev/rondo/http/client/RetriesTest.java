package dev.rondo.http.client;

import static dev.rondo.Asyncio.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.http.Body;
import dev.rondo.http.ConnectFailedException;
import dev.rondo.http.ConnectionClosedException;
import dev.rondo.http.Headers;
import dev.rondo.http.HttpException;
import dev.rondo.http.RawServer;
import dev.rondo.http.h1.ResponseHead;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RetriesTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final String BUSY = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n";
    private static final Duration LONG = Duration.ofHours(1);
    private static final RetryPolicy AT_ONCE = RetryPolicy.STANDARD.withDelays(Duration.ZERO, Duration.ofSeconds(30));

    private static ClientSession session(RetryPolicy policy) {
        return ClientSession.builder().retry(policy).build();
    }

    private static RawServer busyFor(int requests) throws Exception {
        return RawServer.start(peer -> {
            while (peer.readRequest() != null) {
                peer.send(peer.server().requests().size() <= requests ? BUSY : OK);
            }
        });
    }

    // ------------------------------------------------------------------------------------------------- in a session

    @Test
    void isOffByDefault() throws Exception {
        run(() -> {
            try (var server = busyFor(1);
                    var session = new ClientSession();
                    var response = session.get(server.url())) {
                assertThat(response.status()).isEqualTo(503);
                assertThat(server.requests()).hasSize(1);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 500, 502, 503, 504})
    void asksAgainAfterTheseStatuses(int status) throws Exception {
        run(() -> {
            try (var server = RawServer.start(peer -> {
                        peer.readRequest();
                        peer.send("HTTP/1.1 " + status + " \r\nContent-Length: 0\r\n\r\n");
                        peer.readRequest();
                        peer.send(OK);
                    });
                    var session = session(AT_ONCE);
                    var response = session.get(server.url())) {
                assertThat(response.text()).isEqualTo("ok");
                assertThat(server.connections()).isEqualTo(1);
            }
        });
    }

    @Test
    void theLastAnswerIsTheAnswer() throws Exception {
        run(() -> {
            try (var server = busyFor(100);
                    var session = session(AT_ONCE);
                    var response = session.get(server.url())) {
                assertThat(response.status()).isEqualTo(503);
                assertThat(server.requests()).hasSize(3);
            }
        });
    }

    @Test
    void aRequestMayBringAPolicyOfItsOwn() throws Exception {
        run(() -> {
            try (var server = busyFor(1);
                    var session = new ClientSession();
                    var response =
                            session.request(session.to("GET", server.url()).withRetry(AT_ONCE))) {
                assertThat(response.status()).isEqualTo(200);
            }
            try (var server = busyFor(1);
                    var session = session(AT_ONCE);
                    var response =
                            session.request(session.to("GET", server.url()).withRetry(RetryPolicy.NONE))) {
                assertThat(response.status()).isEqualTo(503);
            }
        });
    }

    @Test
    void aPolicyOfARequestSpendsTheBudgetOfTheSession() throws Exception {
        var retries = retries(RetryPolicy.NONE.withBudget(1));
        var get = request("GET").withRetry(RetryPolicy.STANDARD.withBudget(0));
        assertThat(retries.afterAnswer(get, 1, busy(), LONG)).isNotNull();
        assertThat(retries.afterAnswer(get, 1, busy(), LONG)).isNull();
    }

    @Test
    void aPostIsSentAgainOnlyWhereThatIsAskedFor() throws Exception {
        run(() -> {
            try (var server = busyFor(1);
                    var once = session(AT_ONCE);
                    var response = once.post(server.url(), Body.of(new byte[0]))) {
                assertThat(response.status()).isEqualTo(503);
            }
            try (var server = busyFor(1);
                    var again = session(AT_ONCE.withEveryMethod(true));
                    var response = again.post(server.url(), Body.of(new byte[0]))) {
                assertThat(response.status()).isEqualTo(200);
            }
        });
    }

    @Test
    void aBodyThatCanBeSentOnlyOnceIsSentOnce() throws Exception {
        run(() -> {
            try (var server = RawServer.start(peer -> {
                        peer.readRequest();
                        peer.send(BUSY);
                        peer.awaitEnd();
                    });
                    var session = session(AT_ONCE);
                    var response = session.put(server.url(), Body.stream(null, out -> {}))) {
                assertThat(response.status()).isEqualTo(503);
            }
        });
    }

    @Test
    void aConnectionLostWithoutAnAnswerIsAFailureWorthAnotherAttempt() throws Exception {
        run(() -> {
            try (var server = RawServer.start(peer -> {
                        peer.readRequest();
                        if (peer.number() == 3) {
                            peer.send(OK);
                        }
                    });
                    var session = session(AT_ONCE);
                    var response = session.get(server.url())) {
                assertThat(response.text()).isEqualTo("ok");
                assertThat(server.connections()).isEqualTo(3);
                assertThat(session.toString()).startsWith("ClientSession[0 in use");
            }
        });
    }

    @Test
    void theSilentRetryOnAStaleConnectionCanBeTurnedOff() throws Exception {
        run(() -> {
            try (var server = RawServer.start(peer -> {
                        peer.readRequest();
                        peer.send(OK);
                        peer.readRequest();
                    });
                    var session = ClientSession.builder()
                            .pool(PoolOptions.DEFAULT.withRetryStale(false))
                            .build()) {
                try (var response = session.get(server.url())) {
                    response.text();
                }
                assertThatThrownBy(() -> session.get(server.url())).isInstanceOf(ConnectionClosedException.class);
                assertThat(server.connections()).isEqualTo(1);
            }
        });
    }

    // ------------------------------------------------------------------------------------------------- what decides

    private static final HttpException REFUSED = new ConnectFailedException("refused", null);

    private static Retries retries(RetryPolicy policy) {
        return new Retries(policy, () -> 0.5, Instant::now);
    }

    private static ClientRequest request(String method) throws Exception {
        return ClientRequest.of(method, "http://a/");
    }

    private static ResponseHead busy(String... headers) {
        return RetriesTest.head(503, Headers.of(headers));
    }

    private static ResponseHead head(int status, Headers headers) {
        return new ResponseHead(status, "", true, headers);
    }

    @Test
    void thePauseIsDrawnBelowABoundThatDoublesUpToTheLargest() throws Exception {
        var retries =
                retries(RetryPolicy.STANDARD.withAttempts(10).withDelays(Duration.ofSeconds(1), Duration.ofSeconds(5)));
        var get = request("GET");
        assertThat(retries.afterFailure(get, 1, REFUSED, LONG)).isEqualTo(Duration.ofMillis(500));
        assertThat(retries.afterFailure(get, 2, REFUSED, LONG)).isEqualTo(Duration.ofSeconds(1));
        assertThat(retries.afterFailure(get, 3, REFUSED, LONG)).isEqualTo(Duration.ofSeconds(2));
        assertThat(retries.afterFailure(get, 9, REFUSED, LONG)).isEqualTo(Duration.ofMillis(2500));
        assertThat(retries.afterFailure(get, 10, REFUSED, LONG)).isNull();
    }

    @Test
    void retryAfterCountsInPlaceOfThePause() throws Exception {
        var retries = retries(RetryPolicy.STANDARD);
        var get = request("GET");
        assertThat(retries.afterAnswer(get, 1, busy("Retry-After", "7"), LONG)).isEqualTo(Duration.ofSeconds(7));
        assertThat(retries.afterAnswer(
                        get,
                        1,
                        busy(
                                "Date", "Sun, 06 Nov 1994 08:49:37 GMT",
                                "Retry-After", "Sun, 06 Nov 1994 08:49:47 GMT"),
                        LONG))
                .isEqualTo(Duration.ofSeconds(10));
        assertThat(retries.afterAnswer(get, 1, busy("Retry-After", "Sun, 06 Nov 1994 08:49:47 GMT"), LONG))
                .as("long ago")
                .isEqualTo(Duration.ZERO);
        assertThat(retries.afterAnswer(get, 1, busy("Retry-After", "soon"), LONG))
                .as("no sense in it")
                .isEqualTo(Duration.ofMillis(250));
    }

    @Test
    void aServerThatAsksForMoreThanTheLargestPauseIsNotAskedAgain() throws Exception {
        var retries = retries(RetryPolicy.STANDARD);
        assertThat(retries.afterAnswer(request("GET"), 1, busy("Retry-After", "31"), LONG))
                .isNull();
        assertThat(retries.afterAnswer(request("GET"), 1, busy("Retry-After", "99999999999999999999"), LONG))
                .isNull();
    }

    @Test
    void aPauseThatWouldOutlastTheTotalTimeIsNotBegun() throws Exception {
        assertThat(retries(RetryPolicy.STANDARD)
                        .afterAnswer(request("GET"), 1, busy("Retry-After", "7"), Duration.ofSeconds(7)))
                .isNull();
    }

    @Test
    void whereNothingWasSentAnyMethodIsTriedAgain() throws Exception {
        var retries = retries(RetryPolicy.STANDARD);
        assertThat(retries.afterFailure(request("POST"), 1, REFUSED, LONG)).isNotNull();
        assertThat(retries.afterFailure(request("POST"), 1, new ConnectionClosedException("gone", null), LONG))
                .isNull();
    }

    @Test
    void theBudgetOfASessionIsSpentByRetriesAndFilledByWhatEndsWell() throws Exception {
        var retries = retries(RetryPolicy.STANDARD.withBudget(2));
        var get = request("GET");
        assertThat(retries.afterAnswer(get, 1, busy(), LONG)).isNotNull();
        assertThat(retries.afterAnswer(get, 1, busy(), LONG)).isNotNull();
        assertThat(retries.afterAnswer(get, 1, busy(), LONG)).isNull();
        for (int i = 0; i < 11; i++) {
            assertThat(retries.afterAnswer(get, 1, head(200, Headers.EMPTY), LONG))
                    .isNull();
        }
        assertThat(retries.afterAnswer(get, 1, busy(), LONG)).isNotNull();
        assertThat(retries.afterAnswer(get, 1, busy(), LONG)).isNull();
    }

    @Test
    void refusesNumbersThatMakeNoSense() {
        assertThatThrownBy(() -> RetryPolicy.NONE.withAttempts(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> RetryPolicy.NONE.withBudget(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> RetryPolicy.NONE.withDelays(Duration.ofSeconds(2), Duration.ofSeconds(1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(RetryPolicy.NONE.withStatuses(Set.of(418)).statuses()).containsExactly(418);
    }
}
