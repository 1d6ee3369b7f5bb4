package dev.rondo.net;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.getRunningLoop;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.EventLoop;
import dev.rondo.ExceptionContext;
import dev.rondo.Promise;
import dev.rondo.Task;
import dev.rondo.spec.Spec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLException;
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
}
