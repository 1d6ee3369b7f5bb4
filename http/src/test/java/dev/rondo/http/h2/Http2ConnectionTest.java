package dev.rondo.http.h2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.AsyncEvent;
import dev.rondo.Asyncio;
import dev.rondo.CancelledError;
import dev.rondo.EventLoop;
import dev.rondo.Runner;
import dev.rondo.Task;
import dev.rondo.TaskGroup;
import dev.rondo.http.Headers;
import dev.rondo.http.h1.RequestHead;
import dev.rondo.http.h1.ResponseHead;
import dev.rondo.net.ByteStream;
import dev.rondo.net.Listener;
import dev.rondo.net.Net;
import dev.rondo.reactor.FaultyDriver;
import dev.rondo.reactor.NioDriver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Both ends of HTTP/2, against each other. */
class Http2ConnectionTest {

    /** What the ends must work with. */
    enum Drivers {
        NIO,
        LATE,
        FAULTY_1,
        FAULTY_2;

        private EventLoop newLoop() {
            return switch (this) {
                case NIO -> EventLoop.builder().build();
                case LATE ->
                    EventLoop.builder()
                            .driver(post -> FaultyDriver.late(new NioDriver(post)))
                            .build();
                default ->
                    EventLoop.builder()
                            .driver(post -> FaultyDriver.seeded(new NioDriver(post), ordinal(), "no descriptor"))
                            .build();
            };
        }

        void run(Test test) throws Exception {
            try (Runner runner = new Runner(this::newLoop)) {
                runner.run(() -> Asyncio.timeout(Duration.ofSeconds(30), test::run));
            }
        }
    }

    interface Test {
        void run() throws Exception;
    }

    interface Ends {
        void use(Http2Connection client, Http2Connection server) throws Exception;
    }

    private static final ResponseHead OK = new ResponseHead(200, "", true, Headers.of("Content-Type", "text/plain"));

    private static final StreamHandler ECHO = stream -> {
        stream.sendHead(OK, false);
        for (ByteBuffer piece; (piece = stream.readContent()) != null; ) {
            stream.write(piece);
        }
        stream.end();
    };

    static void connected(Http2Options client, Http2Options server, StreamHandler handler, Ends ends) throws Exception {
        try (Listener listener = Net.listen("127.0.0.1", 0);
                ByteStream near = Net.connectTcp("127.0.0.1", listener.port());
                ByteStream far = listener.accept();
                Http2Connection s = Http2Connection.server(far, server, handler);
                Http2Connection c = Http2Connection.client(near, client)) {
            ends.use(c, s);
        }
    }

    private static void connected(StreamHandler handler, Ends ends) throws Exception {
        connected(Http2Options.CLIENT, Http2Options.SERVER, handler, ends);
    }

    static RequestHead request(String method, String target) {
        return new RequestHead(method, target, true, Headers.of("Host", "localhost:1", "X-Odd", "Yes"));
    }

    private static byte[] readAll(Http2Stream stream) throws IOException {
        var bytes = new java.io.ByteArrayOutputStream();
        for (ByteBuffer piece; (piece = stream.readContent()) != null; ) {
            bytes.write(piece.array(), piece.position(), piece.remaining());
        }
        return bytes.toByteArray();
    }

    private static byte[] exchange(Http2Connection client, byte[] body) throws Exception {
        Http2Stream stream = client.openStream(request("POST", "/echo"), false);
        Task<Void, IOException> sending = Asyncio.createTask(() -> {
            stream.write(ByteBuffer.wrap(body), true);
            return null;
        });
        assertThat(stream.readHead().status()).isEqualTo(200);
        byte[] echo = readAll(stream);
        sending.await();
        return echo;
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) (i * 31 + i / 256);
        }
        return bytes;
    }

    // ------------------------------------------------------------------------------------------------ messages

    @ParameterizedTest
    @EnumSource
    void headsArriveAsTheyWereSent(Drivers drivers) throws Exception {
        drivers.run(() -> {
            var seen = new ArrayList<RequestHead>();
            connected(
                    stream -> {
                        seen.add(stream.request());
                        stream.sendHead(new ResponseHead(103, "", true, Headers.of("Link", "x")), false);
                        stream.sendHead(new ResponseHead(404, "", true, Headers.of("Connection", "close")), true);
                    },
                    (client, server) -> {
                        Http2Stream stream = client.openStream(request("GET", "/a%20b?c=d"), true);
                        assertThat(stream.readHead().status()).isEqualTo(103);
                        assertThat(stream.readHead()).isEqualTo(new ResponseHead(404, "", true, Headers.EMPTY));
                        assertThat(stream.readContent()).isNull();
                        assertThat(seen)
                                .containsExactly(new RequestHead(
                                        "GET", "/a%20b?c=d", true, Headers.of("host", "localhost:1", "x-odd", "Yes")));
                    });
        });
    }

    @ParameterizedTest
    @EnumSource
    void bodiesOfManySizesComeBack(Drivers drivers) throws Exception {
        drivers.run(() -> connected(ECHO, (client, server) -> {
            for (int size : new int[] {0, 1, 16_384, 16_385, 65_535, 65_536, 1_000_000}) {
                assertThat(exchange(client, bytes(size))).isEqualTo(bytes(size));
            }
            assertThat(client.streams()).isZero();
        }));
    }

    @ParameterizedTest
    @EnumSource
    void aHundredStreamsAtOnceShareTheConnectionAndMoreWaitTheirTurn(Drivers drivers) throws Exception {
        drivers.run(() -> connected(
                Http2Options.CLIENT,
                Http2Options.SERVER.withMaxStreams(20).withWindows(1000, 65_535),
                ECHO,
                (client, server) -> {
                    client.ping(); // the server's settings have come
                    new TaskGroup().run(group -> {
                        for (int i = 0; i < 100; i++) {
                            byte[] body = bytes(3000 + i);
                            group.createTask(
                                    () -> assertThat(exchange(client, body)).isEqualTo(body));
                        }
                    });
                    assertThat(client.streams()).isZero();
                }));
    }

    // ------------------------------------------------------------------------------------------------ flow control

    @ParameterizedTest
    @EnumSource
    void aSlowReaderHoldsBackItsOwnStreamAndNoOther(Drivers drivers) throws Exception {
        drivers.run(() -> {
            var sent = new int[1];
            connected(
                    Http2Options.CLIENT.withWindows(10_000, 100_000),
                    Http2Options.SERVER,
                    stream -> {
                        if (stream.request().target().equals("/slow")) {
                            stream.sendHead(OK, false);
                            for (int i = 0; i < 50; i++) {
                                stream.write(ByteBuffer.allocate(1000));
                                sent[0]++;
                            }
                            stream.end();
                        } else {
                            ECHO.handle(stream);
                        }
                    },
                    (client, server) -> {
                        Http2Stream slow = client.openStream(request("GET", "/slow"), true);
                        slow.readHead();
                        assertThat(exchange(client, bytes(200_000))).isEqualTo(bytes(200_000));
                        assertThat(sent[0]).isEqualTo(10);
                        assertThat(readAll(slow)).hasSize(50_000);
                    });
        });
    }

    // ------------------------------------------------------------------------------------------------ cancelling

    @ParameterizedTest
    @EnumSource
    void aCancelAnywhereResetsThatStreamAlone(Drivers drivers) throws Exception {
        drivers.run(() -> {
            var failures = new ArrayList<Integer>();
            var forEver = new AsyncEvent();
            connected(
                    Http2Options.CLIENT,
                    Http2Options.SERVER.withWindows(1000, 65_535),
                    stream -> {
                        switch (stream.request().target()) {
                            case "/head" -> forEver.await();
                            case "/body" -> {
                                stream.sendHead(OK, false);
                                try {
                                    stream.readContent();
                                } catch (Http2Exception e) {
                                    failures.add(e.code());
                                }
                            }
                            default -> ECHO.handle(stream);
                        }
                    },
                    (client, server) -> {
                        Http2Stream head = client.openStream(request("GET", "/head"), true);
                        cancelled(() -> head.readHead());
                        Http2Stream body = client.openStream(request("POST", "/body"), false);
                        body.readHead();
                        cancelled(() -> body.readContent());
                        Http2Stream write = client.openStream(request("POST", "/head"), false);
                        cancelled(() -> write.write(ByteBuffer.allocate(5000)));
                        assertThatThrownBy(() -> write.write(ByteBuffer.allocate(1)))
                                .isInstanceOf(Http2Exception.class);
                        assertThat(exchange(client, bytes(5000))).isEqualTo(bytes(5000));
                        assertThat(client.streams()).isZero();
                        assertThat(failures).containsExactly(ErrorCode.CANCEL);
                    });
        });
    }

    private static void cancelled(Test step) throws Exception {
        Task<Void, Exception> task = Asyncio.createTask(() -> {
            step.run();
            return null;
        });
        for (int i = 0; i < 5; i++) {
            Asyncio.yieldNow();
        }
        task.cancel();
        Asyncio.waitAll(List.of(task));
        assertThat(task.cancelled()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void aCancelWhileWaitingForAStreamLeavesTheTurnToTheNext(Drivers drivers) throws Exception {
        drivers.run(() ->
                connected(Http2Options.CLIENT.withMaxStreams(1), Http2Options.SERVER, ECHO, (client, server) -> {
                    Http2Stream first = client.openStream(request("POST", "/"), false);
                    Task<Http2Stream, Http2Exception> second =
                            Asyncio.createTask(() -> client.openStream(request("POST", "/2"), true));
                    Task<byte[], Exception> third = Asyncio.createTask(() -> exchange(client, bytes(10)));
                    Asyncio.yieldNow();
                    second.cancel();
                    first.reset(ErrorCode.CANCEL);
                    assertThat(third.await()).isEqualTo(bytes(10));
                    assertThat(second.cancelled()).isTrue();
                }));
    }

    // ------------------------------------------------------------------------------------------------ goodbyes

    @ParameterizedTest
    @EnumSource
    void aServerThatShutsDownLetsStreamsEndAndRefusesNewOnes(Drivers drivers) throws Exception {
        drivers.run(() -> connected(ECHO, (client, server) -> {
            Http2Stream stream = client.openStream(request("POST", "/"), false);
            stream.readHead();
            Task<Void, RuntimeException> leaving = Asyncio.createTask(server::shutdown);
            while (client.isOpen()) {
                Asyncio.yieldNow();
            }
            assertThatThrownBy(() -> client.openStream(request("GET", "/"), true))
                    .isInstanceOfSatisfying(
                            Http2Exception.class,
                            e -> assertThat(e.notProcessed()).isTrue());
            stream.write(ByteBuffer.wrap("end".getBytes(StandardCharsets.US_ASCII)), true);
            assertThat(readAll(stream)).hasSize(3);
            leaving.await();
            client.awaitClosed();
        }));
    }

    @ParameterizedTest
    @EnumSource
    void aShutdownWaitsForStreamsThoughTheConnectionWasIdleBefore(Drivers drivers) throws Exception {
        drivers.run(() -> connected(ECHO, (client, server) -> {
            exchange(client, bytes(10));
            client.ping(); // the server has seen the end of the exchange
            Http2Stream stream = client.openStream(request("POST", "/"), false);
            stream.readHead();
            Task<Void, RuntimeException> leaving = Asyncio.createTask(server::shutdown);
            while (client.isOpen()) {
                Asyncio.yieldNow();
            }
            client.ping(); // answered though the server leaves, for it waits for the stream
            assertThat(leaving.done()).isFalse();
            stream.write(ByteBuffer.wrap(bytes(3)), true);
            assertThat(readAll(stream)).isEqualTo(bytes(3));
            leaving.await();
            client.awaitClosed();
        }));
    }

    @ParameterizedTest
    @EnumSource
    void anEndThatClosesFailsTheOthersStreams(Drivers drivers) throws Exception {
        drivers.run(() -> {
            var handlers = new ArrayList<String>();
            connected(
                    stream -> {
                        try {
                            new AsyncEvent().await();
                        } catch (CancelledError e) {
                            handlers.add("cancelled");
                            throw e;
                        }
                    },
                    (client, server) -> {
                        Http2Stream stream = client.openStream(request("GET", "/"), true);
                        client.ping();
                        server.close();
                        assertThatThrownBy(stream::readHead).isInstanceOf(Http2Exception.class);
                        client.awaitClosed();
                        assertThat(handlers).containsExactly("cancelled");
                    });
        });
    }
}
