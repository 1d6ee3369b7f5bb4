package dev.rondo.http.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.Asyncio;
import dev.rondo.Task;
import dev.rondo.http.JsonException;
import dev.rondo.http.client.ClientSession;
import dev.rondo.http.server.HttpServer;
import dev.rondo.http.server.Response;
import dev.rondo.http.server.ServerOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Client and server together. */
class WebSocketTest {

    static final WebSocketHandler ECHO = socket -> {
        for (var message : socket) {
            switch (message) {
                case WebSocketMessage.Text(String text) -> socket.sendStr(text);
                case WebSocketMessage.Binary(byte[] bytes) -> socket.sendBytes(bytes);
            }
        }
    };

    interface Test {
        void run(WebSocket socket) throws Exception;
    }

    private static void run(Loops loops, WebSocketHandler handler, Test test) throws Exception {
        run(loops, WebSocketOptions.DEFAULT, handler, test);
    }

    private static void run(Loops loops, WebSocketOptions options, WebSocketHandler handler, Test test)
            throws Exception {
        loops.run(() -> {
            try (var server =
                            HttpServer.start(request -> Response.webSocket(request, options, handler), "127.0.0.1", 0);
                    var session = new ClientSession();
                    var socket = session.webSocket(server.url().replace("http", "ws"), options)) {
                test.run(socket);
            }
        });
    }

    // ---------------------------------------------------------------------------------------------------- messages

    @ParameterizedTest
    @EnumSource
    void carriesMessagesOfAnySizeBothWays(Loops loops) throws Exception {
        for (boolean compress : new boolean[] {false, true}) {
            run(loops, WebSocketOptions.DEFAULT.withCompress(compress), ECHO, socket -> {
                assertThat(socket.compressed()).isEqualTo(compress);
                for (int size : new int[] {0, 1, 125, 126, 65_535, 65_536, 300_001}) {
                    String text = "ab€".repeat(size / 3 + 1).substring(0, size);
                    var sending = Asyncio.createTask(() -> socket.sendStr(text));
                    assertThat(socket.receiveStr()).isEqualTo(text);
                    sending.await();
                }
                socket.sendBytes(new byte[] {1, 2, 3});
                assertThat(socket.receiveBytes()).containsExactly(1, 2, 3);
            });
        }
    }

    @ParameterizedTest
    @EnumSource
    void carriesJson(Loops loops) throws Exception {
        run(loops, ECHO, socket -> {
            socket.sendJson(Map.of("a", List.of(1, 2)));
            assertThat(socket.receiveJson()).hasToString("{\"a\":[1,2]}");
            socket.sendStr("{");
            assertThatThrownBy(socket::receiveJson).isInstanceOf(JsonException.class);
            socket.sendStr("7");
            assertThat(socket.receiveJson(Integer.class)).isEqualTo(7);
        });
    }

    @ParameterizedTest
    @EnumSource
    void aMessageOfTheOtherKindLeavesTheSocketOpen(Loops loops) throws Exception {
        run(loops, ECHO, socket -> {
            socket.sendStr("text");
            assertThatThrownBy(socket::receiveBytes).hasMessageContaining("bytes should have come, and a text came");
            socket.sendBytes(new byte[1]);
            assertThatThrownBy(socket::receiveStr).hasMessageContaining("a text should have come, and bytes came");
            socket.sendStr("still open");
            assertThat(socket.receiveStr()).isEqualTo("still open");
        });
    }

    @ParameterizedTest
    @EnumSource
    void sendsOfManyCoroutinesDoNotMix(Loops loops) throws Exception {
        run(loops, ECHO, socket -> {
            List<Task<?, ?>> sending = new ArrayList<>();
            List<String> sent = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                String text = String.valueOf((char) ('a' + i)).repeat(20_000 * (i % 3) + 10);
                sent.add(text);
                sending.add(Asyncio.createTask(() -> socket.sendStr(text)));
            }
            for (String text : sent) {
                assertThat(socket.receiveStr()).isEqualTo(text);
            }
            for (Task<?, ?> task : sending) {
                task.await();
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void oneCoroutineReceivesAtATime(Loops loops) throws Exception {
        run(loops, ECHO, socket -> {
            var first = Asyncio.createTask(socket::receiveStr);
            Asyncio.yieldNow();
            assertThatThrownBy(socket::receive).isInstanceOf(IllegalStateException.class);
            socket.sendStr("a");
            assertThat(first.await()).isEqualTo("a");
        });
    }

    // ----------------------------------------------------------------------------------------------------- closing

    @ParameterizedTest
    @EnumSource
    void theClientClosesWithACodeAndAReason(Loops loops) throws Exception {
        var log = new ArrayList<String>();
        run(
                loops,
                socket -> {
                    assertThat(socket.receive()).isNull();
                    log.add(socket.closeCode() + " " + socket.closeReason() + " " + socket.closed());
                },
                socket -> {
                    socket.close(4000, "enough");
                    assertThat(socket.closeCode()).isEqualTo(4000);
                    assertThat(socket.receive()).isNull();
                    assertThatThrownBy(() -> socket.sendStr("late")).hasMessageContaining("CLOSED 4000");
                    Loops.until(() -> !log.isEmpty());
                });
        assertThat(log).containsExactly("4000 enough true");
    }

    @ParameterizedTest
    @EnumSource
    void theServerClosesWhenItsHandlerReturns(Loops loops) throws Exception {
        run(loops, socket -> socket.sendStr("bye"), socket -> {
            var messages = new ArrayList<WebSocketMessage>();
            socket.forEach(messages::add);
            assertThat(messages).containsExactly(new WebSocketMessage.Text("bye"));
            assertThat(socket.closeCode()).isEqualTo(CloseCode.OK);
        });
    }

    @ParameterizedTest
    @EnumSource
    void bothMayCloseAtOnce(Loops loops) throws Exception {
        run(loops, socket -> socket.close(4001, ""), socket -> {
            socket.close(4002, "");
            assertThat(socket.closeCode()).isIn(4001, 4002);
        });
    }

    @ParameterizedTest
    @EnumSource
    void aCloseEndsWhoReceives(Loops loops) throws Exception {
        run(loops, ECHO, socket -> {
            var receiving = Asyncio.createTask(socket::receive);
            Asyncio.yieldNow();
            socket.close();
            assertThat(receiving.await()).isNull();
        });
    }

    @ParameterizedTest
    @EnumSource
    void aFailingHandlerClosesWithInternalError(Loops loops) throws Exception {
        loops.run(() -> {
            var failures = new ArrayList<String>();
            Asyncio.getRunningLoop().setExceptionHandler((_, context) -> failures.add(context.message()));
            WebSocketHandler failing = socket -> {
                throw new IllegalStateException("broken");
            };
            try (var server = HttpServer.start(request -> Response.webSocket(request, failing), "127.0.0.1", 0);
                    var session = new ClientSession();
                    var socket = session.webSocket(server.url())) {
                assertThat(socket.receive()).isNull();
                assertThat(socket.closeCode()).isEqualTo(CloseCode.INTERNAL_ERROR);
                Loops.until(() -> !failures.isEmpty());
            }
            assertThat(failures).containsExactly("what followed GET / failed");
        });
    }

    @ParameterizedTest
    @EnumSource
    void aShutdownOfTheServerSaysSo(Loops loops) throws Exception {
        loops.run(() -> {
            try (var server = HttpServer.start(request -> Response.webSocket(request, ECHO), "127.0.0.1", 0);
                    var session = new ClientSession();
                    var socket = session.webSocket(server.url())) {
                socket.sendStr("a");
                assertThat(socket.receiveStr()).isEqualTo("a");
                var down = Asyncio.createTask(() -> server.shutdown(Duration.ofSeconds(20)));
                assertThat(socket.receive()).isNull();
                assertThat(socket.closeCode()).isEqualTo(CloseCode.GOING_AWAY);
                assertThat(socket.closeReason()).isEqualTo("the server shuts down");
                down.await();
                assertThat(server.connections()).isZero();
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void anAbortIsABrokenConnectionToThePeer(Loops loops) throws Exception {
        var codes = new ArrayList<Integer>();
        run(
                loops,
                socket -> {
                    try {
                        socket.receive();
                    } catch (WebSocketException broken) {
                        codes.add(broken.closeCode());
                        codes.add(socket.closeCode());
                        throw broken;
                    }
                },
                socket -> {
                    socket.abort();
                    assertThat(socket.closeCode()).isEqualTo(CloseCode.ABNORMAL_CLOSURE);
                    Loops.until(() -> !codes.isEmpty());
                });
        assertThat(codes).containsExactly(1006, 1006);
    }

    // ----------------------------------------------------------------------------------- beside requests

    @ParameterizedTest
    @EnumSource
    void aSocketCountsInThePoolUntilItIsClosed(Loops loops) throws Exception {
        loops.run(() -> {
            try (var server = HttpServer.start(request -> Response.webSocket(request, ECHO), "127.0.0.1", 0);
                    var session = new ClientSession()) {
                var socket = session.webSocket(server.url());
                assertThat(session).hasToString("ClientSession[1 in use, 0 idle, 0 waiting]");
                socket.close();
                assertThat(session).hasToString("ClientSession[0 in use, 0 idle, 0 waiting]");
                var second = session.webSocket(server.url());
                second.abort();
                second.abort();
                assertThat(session).hasToString("ClientSession[0 in use, 0 idle, 0 waiting]");
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void worksWhereHandlersAreCancelledOnDisconnect(Loops loops) throws Exception {
        loops.run(() -> {
            try (var server = HttpServer.start(
                            request -> {
                                Asyncio.yieldNow();
                                return Response.webSocket(request, ECHO);
                            },
                            "127.0.0.1",
                            0,
                            ServerOptions.DEFAULT.withCancelOnDisconnect(true));
                    var session = new ClientSession();
                    var socket = session.webSocket(server.url())) {
                socket.sendStr("a");
                assertThat(socket.receiveStr()).isEqualTo("a");
            }
        });
    }
}
