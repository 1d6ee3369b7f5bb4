package dev.rondo.net;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.getRunningLoop;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.net.Drivers.until;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.EventLoop;
import dev.rondo.ExceptionContext;
import dev.rondo.Task;
import dev.rondo.spec.Spec;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Reader and writer of one connection. */
class StreamsTest {

    private static Server echoServer() throws IOException {
        return Net.startServer(
                (reader, writer) -> {
                    try (writer) {
                        for (byte[] line; (line = reader.readLine()).length > 0; ) {
                            writer.write(line);
                        }
                    }
                },
                "127.0.0.1",
                0);
    }

    // ------------------------------------------------------------------------------------------------ opening

    @Spec("ST-1")
    @ParameterizedTest
    @EnumSource
    void aConnectionIsAReaderAndAWriter(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Server server = echoServer();
                    Connection connection = Net.openConnection("127.0.0.1", server.port())) {
                connection.writer().write("hello\n", US_ASCII);
                assertThat(connection.reader().readLine()).asString().isEqualTo("hello\n");
                connection.writer().writeNow("hello\n", US_ASCII);
                connection.writer().drain();
                assertThat(connection.reader().readLine()).asString().isEqualTo("hello\n");
                assertThat(connection.stream())
                        .isSameAs(connection.reader().stream())
                        .isSameAs(connection.writer().stream());
            }
        });
    }

    @Spec("ST-1")
    @ParameterizedTest
    @EnumSource
    void itsReaderMayHaveAnotherLimit(Drivers driver) throws Exception {
        ConnectOptions options = ConnectOptions.DEFAULT.withLimit(10);
        assertThatThrownBy(() -> options.withLimit(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("limit must be positive, not 0");
        driver.run(() -> {
            try (Server server = echoServer()) {
                try (Connection brief = Net.openConnection("127.0.0.1", server.port(), options)) {
                    brief.writer().write("x".repeat(20) + "\n", US_ASCII);
                    assertThatThrownBy(() -> brief.reader().readLine()).isInstanceOf(LimitOverrunException.class);
                }
                try (Connection usual = Net.openConnection("127.0.0.1", server.port())) {
                    usual.writer().write("x".repeat(20) + "\n", US_ASCII);
                    assertThat(usual.reader().readLine()).hasSize(21);
                }
                assertThatThrownBy(() -> new Connection(Net.connectTcp("127.0.0.1", server.port()), -1))
                        .isInstanceOf(IllegalArgumentException.class);
            }
        });
    }

    // ------------------------------------------------------------------------------------------------ closing

    @Spec("ST-14")
    @ParameterizedTest
    @EnumSource
    void closingIsTheEndForTheReaderToo(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Server server = echoServer();
                    Connection connection = Net.openConnection("127.0.0.1", server.port())) {
                Task<byte[], IOException> reading =
                        createTask(() -> connection.reader().readAll());
                yieldNow();
                connection.close();
                connection.writer().waitClosed();
                assertThat(reading.await()).isEmpty();
                assertThat(connection.reader().atEof()).isTrue();
                assertThat(connection.reader().readAll()).isEmpty();
                assertThatThrownBy(() -> connection.reader().readExactly(1))
                        .isInstanceOf(IncompleteReadException.class);
            }
        });
    }

    @Spec("ST-14")
    @ParameterizedTest
    @EnumSource
    void closingWithBytesUnreadEndsAsWell(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Server server = echoServer();
                    Connection connection = Net.openConnection("127.0.0.1", server.port())) {
                connection.writer().write("one\ntwo\n", US_ASCII);
                assertThat(connection.reader().readLine()).hasSize(4);
                connection.close();
                connection.writer().waitClosed();
            }
        });
    }

    @Spec("ST-14")
    @Spec("N-14")
    @ParameterizedTest
    @EnumSource
    void aServerThatClosesItsClientsSendsWhatWaits(Drivers driver) throws Exception {
        byte[] big = Wire.noise(8 << 20);
        List<ExceptionContext> reported = new ArrayList<>();
        driver.run(() -> {
            getRunningLoop().setExceptionHandler((_, context) -> reported.add(context));
            Server server = Net.startServer(
                    (reader, writer) -> {
                        writer.writeNow(big);
                        reader.readAll();
                    },
                    "127.0.0.1",
                    0);
            try (server;
                    Connection client = Net.openConnection("127.0.0.1", server.port())) {
                assertThat(client.reader().readExactly(1)).containsExactly(big[0]);
                server.close();
                server.closeClients();
                assertThat(Arrays.equals(client.reader().readAll(), Arrays.copyOfRange(big, 1, big.length)))
                        .isTrue();
                server.waitClosed();
                yieldNow();
            }
        });
        assertThat(reported).isEmpty(); // the handler has met the end, and no failure
    }

    // ------------------------------------------------------------------------------------------------ breaking

    @Spec("ST-10")
    @Spec("ST-13")
    @Spec("ST-14")
    @ParameterizedTest
    @EnumSource
    void whatBreaksTheConnectionIsToldToReaderAndWriter(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Wire wire = Wire.open();
                    Connection connection = new Connection(wire.client())) {
                connection.writer().write("never read".repeat(200), US_ASCII); // more than quiet() looks at
                until(() -> !wire.server().quiet()); // it has come
                wire.server().close(); // which resets the connection
                assertThatThrownBy(() -> connection.reader().readAll()).isInstanceOf(IOException.class);
                IOException failure = connection.reader().exception();
                assertThat(failure).isNotNull();
                assertThatThrownBy(() -> connection.reader().read(1)).isSameAs(failure);
                assertThatThrownBy(() -> connection.writer().drain()).isSameAs(failure);
                connection.close();
                assertThatThrownBy(() -> connection.writer().waitClosed()).isSameAs(failure);
            }
        });
    }

    @Spec("ST-17")
    @ParameterizedTest
    @EnumSource
    void afterThePeersEndThisSideCanStillWrite(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Wire wire = Wire.open();
                    Connection connection = new Connection(wire.client())) {
                wire.server().shutdownOutput();
                assertThat(connection.reader().readAll()).isEmpty();
                assertThat(connection.reader().atEof()).isTrue();
                assertThat(connection.writer().isClosing()).isFalse();
                connection.writer().write("half open", US_ASCII);
                assertThat(Wire.receive(wire.server(), 9)).isEqualTo("half open");
            }
        });
    }

    // ------------------------------------------------------------------------------------------------ dropping

    /** Lets the garbage collector run until the condition holds. */
    private static void untilCollected(BooleanSupplier condition) {
        until(() -> {
            System.gc();
            return condition.getAsBoolean();
        });
    }

    @Spec("ST-16")
    @ParameterizedTest
    @EnumSource
    void aConnectionWhoseHandlerHasDroppedItIsClosed(Drivers driver) throws Exception {
        driver.run(() -> {
            Server server = Net.startServer((reader, writer) -> writer.writeNow("kept\n", US_ASCII), "127.0.0.1", 0);
            try (server;
                    Connection client = Net.openConnection("127.0.0.1", server.port())) {
                assertThat(client.reader().readLine()).asString().isEqualTo("kept\n");
                server.close();
                Task<?, RuntimeException> closed = createTask(server::waitClosed);
                untilCollected(closed::done);
                assertThat(client.reader().readAll()).isEmpty();
            }
        });
    }

    @Spec("ST-16")
    @ParameterizedTest
    @EnumSource
    void oneThatIsBrokenIsClosedAsWell(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Listener listener = Net.listen("127.0.0.1", 0)) {
                breakAndDrop(listener);
                untilCollected(() -> getRunningLoop().driver().openCount() == 1);
            }
        });
    }

    private static void breakAndDrop(Listener listener) throws IOException {
        StreamWriter writer = Net.openConnection("127.0.0.1", listener.port()).writer();
        listener.accept().close();
        assertThatThrownBy(() -> {
                    for (; ; ) {
                        writer.write(new byte[10]);
                        yieldNow();
                    }
                })
                .isInstanceOf(IOException.class);
    }

    @Spec("ST-16")
    @Test
    void inDebugModeItIsToldAndWhereItWasMade() throws Exception {
        Drivers.NIO.run(() -> {
            EventLoop loop = getRunningLoop();
            List<ExceptionContext> reported = new ArrayList<>();
            loop.setExceptionHandler((_, context) -> reported.add(context));
            loop.setDebug(true);
            try (Listener listener = Net.listen("127.0.0.1", 0)) {
                Net.openConnection("127.0.0.1", listener.port()).writer().writeNow(new byte[1]);
                ByteStream accepted = listener.accept();
                untilCollected(() -> !reported.isEmpty());
                assertThat(reported.getFirst().message()).startsWith("unclosed connection");
                assertThat(reported.getFirst().details()).containsKey("transport");
                assertThat((List<?>) reported.getFirst().details().get("source_traceback"))
                        .anySatisfy(
                                frame -> assertThat(frame.toString()).contains("inDebugModeItIsToldAndWhereItWasMade"));
                assertThat(new StreamReader(accepted).readAll()).hasSize(1);
                accepted.close();
            }
        });
    }

    @Spec("ST-16")
    @Test
    void whatIsUsedIsNotClosed() throws Exception {
        Drivers.NIO.run(() -> {
            try (Server server = echoServer()) {
                StreamReader reader = droppedButForTheReader(server.port());
                ByteStream stream = Net.openConnection("127.0.0.1", server.port()).stream();
                WeakReference<Object> garbage = new WeakReference<>(new Object());
                untilCollected(() -> garbage.get() == null);
                for (int i = 0; i < 20; i++) {
                    System.gc();
                    yieldNow();
                }
                assertThat(reader.readLine()).asString().isEqualTo("a\n");
                assertThat(stream.isOpen()).isTrue();
                stream.close();
                reader.stream().close();
            }
        });
    }

    private static StreamReader droppedButForTheReader(int port) throws IOException {
        Connection connection = Net.openConnection("127.0.0.1", port);
        connection.writer().write("a\n", US_ASCII);
        return connection.reader();
    }

    @Spec("ST-16")
    @Test
    void aConnectionThatOutlivesItsLoopIsLeftAlone() throws Exception {
        WeakReference<Connection> dropped = leaveBehind(Drivers.NIO.newLoop());
        for (int i = 0; i < 100 && dropped.get() != null; i++) {
            System.gc();
        }
        assertThat(dropped.get()).isNull();
    }

    private static WeakReference<Connection> leaveBehind(EventLoop loop) throws IOException {
        try (loop) {
            return loop.runUntilComplete(() -> {
                try (Listener listener = Net.listen("127.0.0.1", 0)) {
                    return new WeakReference<>(Net.openConnection("127.0.0.1", listener.port()));
                }
            });
        }
    }
}
