package dev.rondo.http.client;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.run;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.Asyncio;
import dev.rondo.Task;
import dev.rondo.http.Body;
import dev.rondo.http.HttpException;
import dev.rondo.http.RawServer;
import dev.rondo.http.StatusException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a {@link Tracing} is told, and when. */
class TracingTest {

    private static final String HELLO = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

    private final List<String> log = new ArrayList<>();

    /** Writes down what it is told. */
    private final class Logging implements Tracing {

        private final String name;

        Logging(String name, ClientRequest request) {
            this.name = name;
            note("begins " + request.method() + " " + request.url().path());
        }

        private void note(String what) {
            log.add(name + what);
        }

        @Override
        public void queued() {
            note("queued");
        }

        @Override
        public void dequeued() {
            note("dequeued");
        }

        @Override
        public void reused() {
            note("reused");
        }

        @Override
        public void connecting() {
            note("connecting");
        }

        @Override
        public void connected() {
            note("connected");
        }

        @Override
        public void headersSent(ClientRequest sent) {
            note("headers sent, Host " + sent.headers().contains("Host"));
        }

        @Override
        public void sent(ByteBuffer piece) {
            note("sent " + StandardCharsets.UTF_8.decode(piece));
        }

        @Override
        public void received(ByteBuffer piece) {
            note("received " + StandardCharsets.UTF_8.decode(piece));
        }

        @Override
        public void redirected(Hop from, ClientRequest next) {
            note("redirected by " + from.status() + " to " + next.url().path());
        }

        @Override
        public void retried(int attempt, Duration pause) {
            note("retried " + attempt);
        }

        @Override
        public void ended(ClientResponse response) {
            note("ended " + response.status());
        }

        @Override
        public void failed(Throwable failure) {
            note("failed " + failure.getClass().getSimpleName());
        }
    }

    private ClientSession.Builder traced() {
        return ClientSession.builder().tracing(request -> new Logging("", request));
    }

    @Test
    void aRequestThenAnotherOnTheSameConnection() throws Exception {
        run(() -> {
            try (var server = RawServer.answering(HELLO);
                    var session = traced().build()) {
                for (int i = 0; i < 2; i++) {
                    try (var response = session.get(server.url() + "/" + i)) {
                        response.text();
                    }
                }
                assertThat(log)
                        .containsExactly(
                                "begins GET /0",
                                "connecting",
                                "connected",
                                "headers sent, Host true",
                                "ended 200",
                                "received hello",
                                "begins GET /1",
                                "reused",
                                "headers sent, Host true",
                                "ended 200",
                                "received hello");
            }
        });
    }

    @Test
    void aBodyInOnePieceAndOneInSeveral() throws Exception {
        run(() -> {
            try (var server = RawServer.start(peer -> {
                        peer.readRequest();
                        peer.send("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
                        peer.awaitEnd();
                    });
                    var session = traced().build()) {
                session.post(server.url(), Body.text("whole")).close();
                session.post(server.url(), Body.stream(null, out -> {
                            out.write("one");
                            out.write("two");
                        }))
                        .close();
                assertThat(log)
                        .filteredOn(entry -> entry.startsWith("sent"))
                        .containsExactly("sent whole", "sent one", "sent two");
            }
        });
    }

    @Test
    void redirectsAndRetriesAreOfTheSameRequest() throws Exception {
        run(() -> {
            try (var server = RawServer.start(peer -> {
                        peer.readRequest();
                        peer.send("HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n");
                        peer.readRequest();
                        peer.send("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n");
                        peer.readRequest();
                        peer.send(HELLO);
                    });
                    var session = traced().retry(RetryPolicy.STANDARD.withDelays(Duration.ZERO, Duration.ZERO))
                            .build()) {
                session.get(server.url() + "/here").close();
                assertThat(log)
                        .containsExactly(
                                "begins GET /here",
                                "connecting",
                                "connected",
                                "headers sent, Host true",
                                "redirected by 302 to /there",
                                "reused",
                                "headers sent, Host true",
                                "retried 1",
                                "reused",
                                "headers sent, Host true",
                                "ended 200");
            }
        });
    }

    @Test
    void whoWaitsForAConnectionIsTold() throws Exception {
        run(() -> {
            try (var server = RawServer.answering(HELLO);
                    var session =
                            traced().pool(PoolOptions.DEFAULT.withTotal(1)).build()) {
                ClientResponse first = session.get(server.url() + "/1");
                log.clear();
                Task<ClientResponse, HttpException> second = createTask(() -> session.get(server.url() + "/2"));
                yieldNow();
                assertThat(log).containsExactly("begins GET /2", "queued");
                first.text();
                second.await().close();
                assertThat(log).containsSequence("dequeued", "reused", "headers sent, Host true", "ended 200");
            }
        });
    }

    @Test
    void whatFailsIsToldOnce() throws Exception {
        run(() -> {
            try (var server = RawServer.answering("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
                    var session = traced().raiseForStatus().build()) {
                assertThatThrownBy(() -> session.get(server.url())).isInstanceOf(StatusException.class);
                assertThat(log).endsWith("failed StatusException").doesNotContain("ended 404");
            }
            log.clear();
            String nobody;
            try (var server = RawServer.answering("")) {
                nobody = server.url();
            }
            try (var session = traced().build()) {
                assertThatThrownBy(() -> session.get(nobody)).isInstanceOf(HttpException.class);
                assertThat(log).containsExactly("begins GET /", "connecting", "failed ConnectFailedException");
            }
        });
    }

    @Test
    void aCancelIsAFailure() throws Exception {
        run(() -> {
            try (var server = RawServer.start(peer -> peer.awaitEnd());
                    var session = traced().build()) {
                Task<ClientResponse, HttpException> request = createTask(() -> session.get(server.url()));
                while (!log.contains("headers sent, Host true")) {
                    sleep(Duration.ofMillis(1));
                }
                request.cancel();
                assertThatThrownBy(request::await).isInstanceOf(Throwable.class);
                assertThat(log.getLast()).startsWith("failed ").contains("Cancelled");
                assertThat(session).hasToString("ClientSession[0 in use, 0 idle, 0 waiting]");
            }
        });
    }

    @Test
    void severalAreToldInTheOrderInWhichTheyWereAdded() throws Exception {
        run(() -> {
            try (var server = RawServer.answering(HELLO);
                    var session = ClientSession.builder()
                            .tracing(request -> new Logging("a ", request))
                            .tracing(request -> new Logging("b ", request))
                            .build()) {
                session.get(server.url()).close();
                assertThat(log).startsWith("a begins GET /", "b begins GET /", "a connecting", "b connecting");
            }
        });
    }

    @Test
    void oneThatFailsIsReportedAndTheRequestGoesOn() throws Exception {
        var reported = new ArrayList<String>();
        run(() -> {
            Asyncio.getRunningLoop()
                    .setExceptionHandler((loop, context) -> reported.add(
                            context.message() + ": " + context.exception().getMessage()));
            try (var server = RawServer.answering(HELLO);
                    var session = ClientSession.builder()
                            .tracing(request -> {
                                throw new IllegalStateException("no");
                            })
                            .tracing(request -> new Tracing() {
                                @Override
                                public void connected() {
                                    throw new AssertionError("nor this");
                                }
                            })
                            .build();
                    var response = session.get(server.url())) {
                assertThat(response.text()).isEqualTo("hello");
            }
            yieldNow();
        });
        assertThat(reported).containsExactly("tracing a request failed: no", "tracing a request failed: nor this");
    }
}
