package dev.rondo.http.client;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.AsyncTimeoutException;
import dev.rondo.Asyncio;
import dev.rondo.Task;
import dev.rondo.http.ConnectTimeoutException;
import dev.rondo.http.HttpTimeoutException;
import dev.rondo.http.PoolTimeoutException;
import dev.rondo.http.RawServer;
import dev.rondo.http.server.HttpServer;
import dev.rondo.http.server.Response;
import dev.rondo.http.server.ServerOptions;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TimeoutsTest {

    private static final Duration SHORT = Duration.ofMillis(100);
    private static final String HELLO = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

    @Test
    void aHandshakeThatIsNotAnsweredCountsAsConnecting() throws Exception {
        run(() -> {
            try (var server = RawServer.start(peer -> peer.awaitEnd());
                    var session = ClientSession.builder()
                            .timeouts(Timeouts.DEFAULT.withConnect(SHORT))
                            .build()) {
                assertThatThrownBy(() -> session.get("https://127.0.0.1:" + server.port()))
                        .isInstanceOf(ConnectTimeoutException.class)
                        .isInstanceOf(HttpTimeoutException.class)
                        .hasMessage("no connection to 127.0.0.1:" + server.port() + " within 0.1 s");
                assertThat(session).hasToString("ClientSession[0 in use, 0 idle, 0 waiting]");
            }
        });
    }

    @Test
    void aServerThatAcceptsNobodyIsGivenUp() throws Exception {
        List<Socket> fillers = new ArrayList<>();
        try (var full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            try {
                for (int i = 0; i < 10; i++) { // until the system's queue for it is full, and it answers no more
                    var socket = new Socket();
                    fillers.add(socket);
                    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), full.getLocalPort()), 50);
                }
            } catch (java.net.SocketTimeoutException isFull) {
                // as wanted
            }
            run(() -> {
                try (var session = ClientSession.builder()
                        .timeouts(Timeouts.DEFAULT.withConnect(SHORT))
                        .build()) {
                    assertThatThrownBy(() -> session.get("http://127.0.0.1:" + full.getLocalPort()))
                            .isInstanceOf(ConnectTimeoutException.class);
                }
            });
        } finally {
            for (Socket filler : fillers) {
                filler.close();
            }
        }
    }

    @Test
    void waitingForThePoolHasALimitOfItsOwnAndCountsAsNothingElse() throws Exception {
        run(() -> {
            try (var server = RawServer.answering(HELLO);
                    var session = ClientSession.builder()
                            .pool(PoolOptions.DEFAULT.withTotal(1))
                            .timeouts(new Timeouts(SHORT, SHORT, SHORT, SHORT, SHORT))
                            .build()) {
                ClientResponse holder = session.get(server.url());
                assertThatThrownBy(() -> session.get(server.url()))
                        .isInstanceOf(PoolTimeoutException.class)
                        .hasMessageContaining(
                                "no connection of the pool for 127.0.0.1:" + server.port() + " came free within 0.1 s");
                assertThat(session).hasToString("ClientSession[1 in use, 0 idle, 0 waiting]");

                Timeouts patient =
                        Timeouts.NONE.withTotal(SHORT).withConnect(SHORT).withRead(SHORT);
                Task<String, Exception> waiter = createTask(() -> {
                    try (var response = session.request(
                            ClientRequest.of("GET", server.url()).withTimeouts(patient))) {
                        return response.text();
                    }
                });
                Asyncio.sleep(SHORT.multipliedBy(2)); // longer than all its limits
                holder.close();
                assertThat(waiter.await()).isEqualTo("hello");
            }
        });
    }

    @Test
    void aTimeoutOfTheCallerIsTheCallers() throws Exception {
        run(() -> {
            try (var server = RawServer.start(peer -> peer.awaitEnd());
                    var session = new ClientSession()) {
                assertThatThrownBy(() -> Asyncio.timeout(SHORT, () -> session.get(server.url())))
                        .isInstanceOf(AsyncTimeoutException.class);
                assertThat(session).hasToString("ClientSession[0 in use, 0 idle, 0 waiting]");
            }
        });
    }

    @Test
    void asLongAsTheCalendarGoesIsALimitToo() throws Exception {
        Duration forEver = Duration.ofSeconds(Long.MAX_VALUE);
        assertThat(Timeouts.NONE.withRead(forEver).read()).isEqualTo(Duration.ofDays(70 * 365));
        run(() -> {
            try (var server = HttpServer.start(
                            request -> Response.text("hello"),
                            "127.0.0.1",
                            0,
                            ServerOptions.DEFAULT.withKeepAlive(forEver).withRequestTime(forEver));
                    var session = ClientSession.builder()
                            .timeouts(new Timeouts(forEver, forEver, forEver, forEver, forEver))
                            .pool(PoolOptions.DEFAULT.withKeepAlive(forEver))
                            .build()) {
                for (int i = 0; i < 2; i++) {
                    try (var response = session.get(server.url())) {
                        assertThat(response.text()).isEqualTo("hello");
                    }
                }
            }
        });
    }

    @Test
    void negativeLimitsAreRefused() {
        assertThatThrownBy(() -> Timeouts.DEFAULT.withRead(Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("read timeout PT-1S is negative");
        assertThatThrownBy(() -> PoolOptions.DEFAULT.withTotal(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Limits.DEFAULT.withBodyBytes(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aMiddlewareMayGiveARequestOtherLimits() throws Exception {
        run(() -> {
            try (var server = RawServer.start(peer -> peer.awaitEnd());
                    var session = ClientSession.builder()
                            .middleware(
                                    (request, next) -> next.send(request.withTimeouts(Timeouts.NONE.withTotal(SHORT))))
                            .build()) {
                assertThatThrownBy(() -> session.get(server.url()))
                        .isInstanceOf(dev.rondo.http.TotalTimeoutException.class)
                        .hasMessageContaining("0.1 s");
            }
        });
    }

    @Test
    void theWholeHasBegunBeforeTheMiddlewares() throws Exception {
        run(() -> {
            try (var server = RawServer.answering(HELLO);
                    var session = ClientSession.builder()
                            .middleware((request, next) -> {
                                Asyncio.sleep(Duration.ofMillis(20));
                                return next.send(request.withTimeouts(Timeouts.NONE.withTotal(Duration.ofMillis(10))));
                            })
                            .build()) {
                assertThatThrownBy(() -> session.get(server.url()))
                        .isInstanceOf(dev.rondo.http.TotalTimeoutException.class);
                assertThat(server.requests()).isEmpty();
            }
        });
    }
}
