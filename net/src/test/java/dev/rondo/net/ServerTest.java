package dev.rondo.net;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.getRunningLoop;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.net.Drivers.until;
import static dev.rondo.net.Drivers.untilOpen;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rondo.EventLoop;
import dev.rondo.ExceptionContext;
import dev.rondo.Promise;
import dev.rondo.Task;
import dev.rondo.spec.Spec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ServerTest {

    private static void echo(StreamReader reader, StreamWriter writer) throws IOException {
        try (writer) {
            for (byte[] line; (line = reader.readLine()).length > 0; ) {
                writer.write(line);
            }
        }
    }

    @Spec("ST-1")
    @ParameterizedTest
    @EnumSource
    void manyClientsAreServedAtOnce(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Server server = Net.startServer(ServerTest::echo, "127.0.0.1", 0)) {
                List<Connection> clients = new ArrayList<>();
                for (int i = 0; i < 20; i++) {
                    clients.add(Net.openConnection("127.0.0.1", server.port()));
                }
                for (int i = 19; i >= 0; i--) {
                    clients.get(i).writer().write("hello " + i + "\n", StandardCharsets.US_ASCII);
                    assertThat(clients.get(i).reader().readLine(StandardCharsets.US_ASCII))
                            .isEqualTo("hello " + i + "\n");
                }
                assertThat(server.clientCount()).isEqualTo(20);
                clients.forEach(Connection::close);
                server.close();
                server.waitClosed();
                assertThat(server.clientCount()).isZero();
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void aServerSpeaksTls(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Server server = Net.startServer(ServerTest::echo, "localhost", 0, TestCertificates.LOCALHOST)) {
                assertThatThrownBy(() ->
                                Net.openConnection("localhost", server.port(), javax.net.ssl.SSLContext.getDefault()))
                        .isInstanceOf(SSLException.class);
                try (Connection client = Net.openConnection("localhost", server.port(), TestCertificates.LOCALHOST)) {
                    client.writer().write("secret\n", StandardCharsets.US_ASCII);
                    assertThat(client.reader().readLine()).asString().isEqualTo("secret\n");
                    client.writer().writeEof();
                    assertThat(client.reader().readAll()).isEmpty();
                }
                server.close();
                server.waitClosed();
            }
        });
    }

    @Spec("ST-2")
    @ParameterizedTest
    @EnumSource
    void aHandlerThatFailsIsReportedAndItsConnectionClosed(Drivers driver) throws Exception {
        driver.run(() -> {
            EventLoop loop = getRunningLoop();
            Promise<ExceptionContext, RuntimeException> reported = loop.createFuture();
            loop.setExceptionHandler((where, context) -> reported.setResult(context));
            Server server = Net.startServer(
                    (reader, writer) -> {
                        throw new IllegalStateException("handler's own");
                    },
                    "127.0.0.1",
                    0);
            try (server;
                    Connection client = Net.openConnection("127.0.0.1", server.port())) {
                assertThat(client.reader().readAll()).isEmpty();
                ExceptionContext context = reported.await();
                assertThat(context.message()).isEqualTo("Unhandled exception in client_connected_cb");
                assertThat(context.exception()).hasMessage("handler's own");
                assertThat(context.details()).containsKey("transport");
                assertThat(server.clientCount()).isZero();
            }
        });
    }

    @Spec("ST-2")
    @ParameterizedTest
    @EnumSource
    void aHandlerThatReturnsLeavesItsConnectionOpen(Drivers driver) throws Exception {
        driver.run(() -> {
            Promise<StreamWriter, RuntimeException> kept = getRunningLoop().createFuture();
            Server server = Net.startServer((reader, writer) -> kept.setResult(writer), "127.0.0.1", 0);
            try (server;
                    Connection client = Net.openConnection("127.0.0.1", server.port())) {
                StreamWriter writer = kept.await();
                yieldNow();
                yieldNow();
                writer.write("still here\n", StandardCharsets.US_ASCII);
                assertThat(client.reader().readLine()).asString().isEqualTo("still here\n");
                writer.close();
                assertThat(server.clientCount()).isZero();
            }
        });
    }

    @Spec("ST-2")
    @ParameterizedTest
    @EnumSource
    void aHandlerThatIsCancelledClosesItsConnectionSilently(Drivers driver) throws Exception {
        driver.run(() -> {
            EventLoop loop = getRunningLoop();
            List<ExceptionContext> reported = new ArrayList<>();
            loop.setExceptionHandler((where, context) -> reported.add(context));
            Promise<Task<?, ?>, RuntimeException> handling = loop.createFuture();
            Server server = Net.startServer(
                    (reader, writer) -> {
                        handling.setResult(dev.rondo.Asyncio.currentTask());
                        reader.readAll();
                    },
                    "127.0.0.1",
                    0);
            try (server;
                    Connection client = Net.openConnection("127.0.0.1", server.port())) {
                handling.await().cancel();
                assertThat(client.reader().readAll()).isEmpty();
                assertThat(server.clientCount()).isZero();
                assertThat(reported).isEmpty();
            }
        });
    }

    @Spec("N-12")
    @Spec("N-13")
    @Spec("N-14")
    @ParameterizedTest
    @EnumSource
    void closingStopsListeningAndLeavesConnectionsAlone(Drivers driver) throws Exception {
        driver.run(() -> {
            Server server = Net.startServer(ServerTest::echo, "127.0.0.1", 0);
            try (Connection client = Net.openConnection("127.0.0.1", server.port())) {
                client.writer().write("a\n", StandardCharsets.US_ASCII);
                client.reader().readLine();
                Task<?, RuntimeException> waiting = createTask(server::waitClosed);
                yieldNow();
                server.close();
                server.close();
                assertThat(server.isServing()).isFalse();
                yieldNow();
                assertThat(waiting.done()).isFalse();
                client.writer().write("b\n", StandardCharsets.US_ASCII);
                assertThat(client.reader().readLine()).asString().isEqualTo("b\n");
                assertThatThrownBy(() -> Net.connectTcp("127.0.0.1", server.port()))
                        .isInstanceOf(IOException.class);

                getRunningLoop().setExceptionHandler((where, context) -> {}); // the handler's read fails
                server.closeClients();
                waiting.await();
                assertThat(client.reader().readAll()).isEmpty();
                server.waitClosed();
            }
        });
    }

    @Spec("N-15")
    @ParameterizedTest
    @EnumSource
    void serveForeverEndsByACancelAndCloses(Drivers driver) throws Exception {
        driver.run(() -> {
            Server server = Net.startServer(ServerTest::echo, "127.0.0.1", 0);
            Task<?, RuntimeException> serving = createTask(server::serveForever);
            try (Connection client = Net.openConnection("127.0.0.1", server.port())) {
                client.writer().write("a\n", StandardCharsets.US_ASCII);
                assertThat(client.reader().readLine()).hasSize(2);
            }
            serving.cancel();
            while (!serving.done()) {
                yieldNow();
            }
            assertThat(server.isServing()).isFalse();
            assertThatThrownBy(server::serveForever)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("is closed");
        });
    }

    @Spec("N-15")
    @ParameterizedTest
    @EnumSource
    void serveForeverBeginsToServeAndIsThereOnce(Drivers driver) throws Exception {
        driver.run(() -> {
            ListenOptions later = ListenOptions.DEFAULT.withStartServing(false);
            Server server = Net.startServer(ServerTest::echo, List.of("127.0.0.1"), 0, later);
            Task<?, RuntimeException> serving = createTask(server::serveForever);
            yieldNow();
            assertThat(server.isServing()).isTrue();
            assertThatThrownBy(server::serveForever)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("already being awaited");
            try (Connection client = Net.openConnection("127.0.0.1", server.port())) {
                client.writer().write("a\n", StandardCharsets.US_ASCII);
                assertThat(client.reader().readLine()).hasSize(2);
            }
            serving.cancel();
            until(serving::done);
            assertThat(serving.cancelled()).isTrue();
            assertThatThrownBy(server::startServing)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("is closed");
        });
    }

    @Spec("N-12")
    @Spec("N-15")
    @ParameterizedTest
    @EnumSource
    void serveForeverReturnsWhenTheServerIsClosedAndItsConnectionsAre(Drivers driver) throws Exception {
        driver.run(() -> {
            Server server = Net.startServer(ServerTest::echo, "127.0.0.1", 0);
            Task<?, RuntimeException> serving = createTask(server::serveForever);
            try (Connection client = Net.openConnection("127.0.0.1", server.port())) {
                until(() -> server.clientCount() == 1);
                server.close();
                for (int i = 0; i < 20; i++) {
                    yieldNow();
                }
                assertThat(serving.done()).isFalse();
                client.close();
                serving.await();
            }
            assertThat(server.clientCount()).isZero();
        });
    }

    @Spec("N-15")
    @ParameterizedTest
    @EnumSource
    void serveForeverWaitsForTheConnectionsAfterACancelToo(Drivers driver) throws Exception {
        driver.run(() -> {
            Server server = Net.startServer(ServerTest::echo, "127.0.0.1", 0);
            Task<?, RuntimeException> serving = createTask(server::serveForever);
            try (Connection client = Net.openConnection("127.0.0.1", server.port())) {
                until(() -> server.clientCount() == 1);
                serving.cancel();
                until(() -> !server.isServing());
                for (int i = 0; i < 20; i++) {
                    yieldNow();
                }
                assertThat(serving.done()).isFalse();
                client.writer().write("still\n", StandardCharsets.US_ASCII);
                assertThat(client.reader().readLine()).asString().isEqualTo("still\n");
                client.close();
                until(serving::done);
                assertThat(serving.cancelled()).isTrue();
            }
        });
    }

    @Spec("N-13")
    @ParameterizedTest
    @EnumSource
    void waitClosedWaitsForTheCloseAndForTheConnectionsInEitherOrder(Drivers driver) throws Exception {
        driver.run(() -> {
            Server idle = Net.startServer(ServerTest::echo, "127.0.0.1", 0);
            Task<?, RuntimeException> early = createTask(idle::waitClosed);
            Task<?, RuntimeException> impatient = createTask(idle::waitClosed);
            for (int i = 0; i < 20; i++) {
                yieldNow();
            }
            assertThat(early.done()).as("nobody is connected, but it is open").isFalse();
            impatient.cancel();
            until(impatient::done);
            assertThat(idle.isServing()).isTrue();
            idle.close();
            early.await();
            idle.waitClosed();

            Server busy = Net.startServer(ServerTest::echo, "127.0.0.1", 0);
            Connection client = Net.openConnection("127.0.0.1", busy.port());
            until(() -> busy.clientCount() == 1);
            client.close();
            until(() -> busy.clientCount() == 0); // gone before the close
            Task<?, RuntimeException> late = createTask(busy::waitClosed);
            yieldNow();
            assertThat(late.done()).isFalse();
            busy.close();
            late.await();
        });
    }

    @Spec("N-14")
    @ParameterizedTest
    @EnumSource
    void abortClientsDropsWhatWaitsToBeSent(Drivers driver) throws Exception {
        driver.run(() -> {
            byte[] much = new byte[64 << 20]; // more than any system takes at once
            List<StreamWriter> writers = new ArrayList<>();
            Server server = Net.startServer(
                    (_, writer) -> {
                        writer.writeNow(much);
                        writers.add(writer);
                    },
                    "127.0.0.1",
                    0);
            try (Connection client = Net.openConnection("127.0.0.1", server.port())) {
                until(() -> writers.size() == 1);
                server.closeClients();
                server.close();
                yieldNow();
                assertThat(server.clientCount()).as("it is still sending").isEqualTo(1);
                server.abortClients();
                assertThat(server.clientCount()).isZero();
                server.waitClosed();
                server.closeClients();
                server.abortClients();
                assertThat(drained(client.reader())).isLessThan(much.length);
            }
        });
    }

    private static long drained(StreamReader reader) {
        long count = 0;
        try {
            for (byte[] some; (some = reader.read(1 << 20)).length > 0; ) {
                count += some.length;
            }
        } catch (IOException e) {
            // a reset says the same
        }
        return count;
    }

    // ------------------------------------------------------------------------------------------------ protocols

    /** Sends back what comes. */
    private static final class Echo implements Protocol {
        private @Nullable Transport transport;

        @Override
        public void connectionMade(Transport made) {
            transport = made;
        }

        @Override
        public void dataReceived(byte[] data) {
            if (transport != null) {
                transport.write(data);
            }
        }
    }

    /** Sends back what comes, through a buffer of its own. */
    private static final class BufferedEcho implements BufferedProtocol {
        private final ByteBuffer buffer = ByteBuffer.allocate(7);
        private @Nullable Transport transport;

        @Override
        public void connectionMade(Transport made) {
            transport = made;
        }

        @Override
        public ByteBuffer getBuffer(int sizeHint) {
            return buffer.clear();
        }

        @Override
        public void bufferUpdated(int count) {
            byte[] copy = new byte[count];
            buffer.get(0, copy);
            if (transport != null) {
                transport.write(copy);
            }
        }
    }

    @Spec("N-7")
    @ParameterizedTest
    @EnumSource
    void protocolsServeManyClientsAtOnce(Drivers driver) throws Exception {
        driver.run(() -> {
            for (Supplier<? extends StreamProtocol> factory :
                    List.<Supplier<? extends StreamProtocol>>of(Echo::new, BufferedEcho::new)) {
                Server server = Net.createServer(factory, "127.0.0.1", 0);
                List<Connection> clients = new ArrayList<>();
                for (int i = 0; i < 10; i++) {
                    clients.add(Net.openConnection("127.0.0.1", server.port()));
                }
                for (int i = 9; i >= 0; i--) {
                    clients.get(i).writer().write("hello from " + i + "\n", StandardCharsets.US_ASCII);
                    assertThat(clients.get(i).reader().readLine()).asString().isEqualTo("hello from " + i + "\n");
                }
                assertThat(server.clientCount()).isEqualTo(10);
                server.close();
                Task<?, RuntimeException> waiting = createTask(server::waitClosed);
                clients.removeFirst().close();
                until(() -> server.clientCount() == 9);
                assertThat(waiting.done()).isFalse();
                server.closeClients();
                waiting.await();
                for (Connection client : clients) {
                    assertThat(client.reader().readAll()).isEmpty();
                    client.close();
                }
            }
            untilOpen(0);
        });
    }

    @Spec("N-7")
    @Spec("N-9")
    @ParameterizedTest
    @EnumSource
    void protocolsAreServedOverTls(Drivers driver) throws Exception {
        driver.run(() -> {
            Server server = Net.createServer(
                    Echo::new,
                    List.of("localhost"),
                    0,
                    ListenOptions.DEFAULT,
                    TestCertificates.LOCALHOST,
                    TlsOptions.DEFAULT);
            List<ExceptionContext> reported = new ArrayList<>();
            getRunningLoop().setExceptionHandler((where, context) -> reported.add(context));
            try (server) {
                try (Connection client = Net.openConnection("localhost", server.port(), TestCertificates.LOCALHOST)) {
                    client.writer().write("secret\n", StandardCharsets.US_ASCII);
                    assertThat(client.reader().readLine()).asString().isEqualTo("secret\n");
                }
                try (Connection plain = Net.openConnection("localhost", server.port())) {
                    plain.writer().write("no handshake at all\n\n\n", StandardCharsets.US_ASCII);
                    drained(plain.reader());
                }
                until(() -> server.clientCount() == 0);
                assertThat(reported).isEmpty(); // in debug mode alone
                server.close();
                server.waitClosed();
            }
            untilOpen(0);
        });
    }

    @Spec("N-7")
    @OnRealSockets
    void curlIsServed(Drivers driver) throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/curl")));
        driver.run(() -> {
            ClientHandler page = (reader, writer) -> {
                try (writer) {
                    while (reader.readLine().length > 2) {
                        // the head
                    }
                    writer.write("HTTP/1.0 200 OK\r\n\r\nhello", StandardCharsets.US_ASCII);
                    writer.writeEof();
                    reader.readAll();
                }
            };
            Path path = Files.createTempDirectory("rondo").resolve("socket");
            try (Server tcp = Net.startServer(page, "127.0.0.1", 0);
                    Server unix = Net.startUnixServer(page, path)) {
                assertThat(unix.isServing()).isTrue();
                assertThat(curl("http://127.0.0.1:" + tcp.port() + "/")).isEqualTo("hello");
                assertThat(curl("--unix-socket", path.toString(), "http://localhost/"))
                        .isEqualTo("hello");
            } finally {
                Files.deleteIfExists(path.getParent());
            }
        });
    }

    private static String curl(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("/usr/bin/curl", "-sS", "--noproxy", "*"));
        command.addAll(List.of(arguments));
        try (Subprocess curl = Net.createSubprocessExec(SubprocessOptions.pipes(), command)) {
            return new String(curl.communicate(new byte[0]).stdout(), StandardCharsets.US_ASCII);
        }
    }
}
