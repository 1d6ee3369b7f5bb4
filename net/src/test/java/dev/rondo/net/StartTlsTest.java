package dev.rondo.net;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.net.Drivers.until;
import static dev.rondo.net.Drivers.untilOpen;
import static dev.rondo.net.TestCertificates.ELSEWHERE;
import static dev.rondo.net.TestCertificates.LOCALHOST;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.Task;
import dev.rondo.spec.Spec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** TLS that begins in the middle of a plain conversation. */
class StartTlsTest {

    private static final TlsOptions TO_LOCALHOST = TlsOptions.DEFAULT.withServerName("localhost");

    /** A server that says "ready" and begins TLS when it is asked to, and otherwise says what it was told. */
    private static void serve(StreamReader reader, StreamWriter writer) throws IOException {
        try (writer) {
            for (byte[] line; (line = reader.readLine()).length > 0; ) {
                if (new String(line, US_ASCII).equals("STARTTLS\n")) {
                    writer.write("ready\n", US_ASCII);
                    writer.startTls(LOCALHOST);
                } else {
                    writer.write(line);
                }
            }
        }
    }

    private static String ask(Connection connection, String line) throws IOException {
        connection.writer().write(line + "\n", US_ASCII);
        return connection.reader().readLine(US_ASCII).strip();
    }

    @Spec("ST-15")
    @Spec("S-TLS-6")
    @ParameterizedTest
    @EnumSource
    void readerAndWriterGoOnOverTls(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Server server = Net.startServer(StartTlsTest::serve, "127.0.0.1", 0)) {
                try (Connection client = Net.openConnection("127.0.0.1", server.port())) {
                    assertThat(ask(client, "plain")).isEqualTo("plain");
                    assertThat(ask(client, "STARTTLS")).isEqualTo("ready");
                    ByteStream plain = client.stream();
                    TlsStream tls = client.startTls(LOCALHOST, TO_LOCALHOST);
                    assertThat(client.stream())
                            .isSameAs(tls)
                            .isSameAs(client.writer().stream())
                            .isSameAs(client.reader().stream());
                    assertThat(ask(client, "secret")).isEqualTo("secret");

                    assertThat(ask(client, "STARTTLS")).as("TLS over TLS").isEqualTo("ready");
                    client.startTls(LOCALHOST, TO_LOCALHOST);
                    assertThat(ask(client, "top secret")).isEqualTo("top secret");
                    client.writer().close();
                    assertThat(plain.isOpen()).isFalse();
                }
                server.close();
                server.waitClosed();
            }
            untilOpen(0);
        });
    }

    @Spec("ST-15")
    @ParameterizedTest
    @EnumSource
    void whatTheServerHasBufferedIsTls(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Wire wire = Wire.open()) {
                Connection server = new Connection(wire.server(), StreamReader.DEFAULT_LIMIT, true, () -> {});
                Connection client = new Connection(new Hasty(wire.client(), "STARTTLS\n"));
                Task<TlsStream, IOException> serving = createTask(() -> {
                    assertThat(server.reader().readLine(US_ASCII)).isEqualTo("STARTTLS\n");
                    return server.writer().startTls(LOCALHOST);
                });
                client.startTls(LOCALHOST, TO_LOCALHOST);
                serving.await();
                client.writer().write("over TLS\n", US_ASCII);
                assertThat(server.reader().readLine(US_ASCII)).isEqualTo("over TLS\n");
            }
        });
    }

    @Spec("ST-15")
    @ParameterizedTest
    @EnumSource
    void whatTheClientHasBufferedDoesNotPassForTextOverTls(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Wire wire = Wire.open()) {
                Wire.send(wire.server(), "ready\nforged answer\n");
                Connection client = new Connection(wire.client());
                assertThat(client.reader().readLine(US_ASCII)).isEqualTo("ready\n");
                Task<TlsStream, IOException> server = createTask(() -> Net.startTlsServer(wire.server(), LOCALHOST));
                assertThatThrownBy(() -> client.startTls(LOCALHOST, TO_LOCALHOST))
                        .isInstanceOf(SSLException.class);
                assertThatThrownBy(server::await).isInstanceOf(IOException.class);
                assertThatThrownBy(() -> client.reader().readLine()).isInstanceOf(SSLException.class);
            }
            untilOpen(0);
        });
    }

    @Spec("ST-15")
    @ParameterizedTest
    @EnumSource
    void whatIsWrittenMeanwhileWaitsForTls(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Server server = Net.startServer(StartTlsTest::serve, "127.0.0.1", 0);
                    Connection client = Net.openConnection("127.0.0.1", server.port())) {
                List<String> log = new ArrayList<>();
                assertThat(ask(client, "STARTTLS")).isEqualTo("ready");
                Task<TlsStream, IOException> upgrade = createTask(() -> {
                    TlsStream tls = client.startTls(LOCALHOST, TO_LOCALHOST);
                    log.add("TLS");
                    return tls;
                });
                yieldNow();
                Task<?, IOException> write = createTask(() -> {
                    client.writer().write("secret\n", US_ASCII);
                    log.add("written");
                });
                yieldNow();
                assertThatThrownBy(() -> client.reader().readLine()).isInstanceOf(IllegalStateException.class);
                upgrade.await();
                write.await();
                assertThat(client.reader().readLine(US_ASCII)).isEqualTo("secret\n");
                assertThat(log).containsExactly("TLS", "written");
            }
        });
    }

    @Spec("ST-15")
    @Spec("S-TLS-6")
    @ParameterizedTest
    @EnumSource
    void anUpgradeThatFailsClosesBothSides(Drivers driver) throws Exception {
        driver.run(() -> {
            List<String> log = new ArrayList<>();
            ClientHandler swallows = (reader, writer) -> {
                try {
                    writer.startTls(ELSEWHERE);
                } catch (SSLException e) {
                    log.add("refused");
                    assertThat(writer.isClosing()).isTrue();
                }
            };
            try (Server server = Net.startServer(swallows, "127.0.0.1", 0)) {
                Connection client = Net.openConnection("127.0.0.1", server.port());
                assertThatThrownBy(() -> client.startTls(ELSEWHERE, TO_LOCALHOST))
                        .isInstanceOf(SSLException.class)
                        .hasMessageContaining("No subject alternative DNS name matching localhost");
                assertThat(client.writer().isClosing()).isTrue();
                assertThatThrownBy(() -> client.reader().readLine()).isInstanceOf(SSLException.class);
                server.close();
                server.waitClosed();
            }
            assertThat(log).containsExactly("refused");
            untilOpen(0);
        });
    }

    @Spec("ST-15")
    @ParameterizedTest
    @EnumSource
    void aCancelledUpgradeClosesTheConnection(Drivers driver) throws Exception {
        driver.run(() -> {
            for (int steps = 1; steps < 12; steps++) {
                try (Wire wire = Wire.open()) {
                    Connection client = new Connection(wire.client());
                    Task<TlsStream, IOException> server =
                            createTask(() -> Net.startTlsServer(wire.server(), LOCALHOST));
                    Task<TlsStream, IOException> upgrade = createTask(() -> client.startTls(LOCALHOST, TO_LOCALHOST));
                    for (int i = 0; i < steps; i++) {
                        yieldNow();
                    }
                    upgrade.cancel();
                    until(upgrade::done);
                    assertThat(client.writer().isClosing()).isEqualTo(upgrade.cancelled());
                    server.cancel();
                    until(server::done);
                    client.close();
                }
                untilOpen(0);
            }
        });
    }

    @Spec("ST-15")
    @ParameterizedTest
    @EnumSource
    void anUpgradeThatCannotBeginLeavesTheConnectionAsItIs(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Wire wire = Wire.open()) {
                Connection client = new Connection(wire.client());
                assertThatThrownBy(() -> client.startTls(LOCALHOST, TlsOptions.DEFAULT))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("withServerName");
                assertThatThrownBy(() -> new StreamWriter(wire.client()).startTls(LOCALHOST, TO_LOCALHOST))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("Net.startTls");
                Task<byte[], IOException> read =
                        createTask(() -> client.reader().readLine());
                yieldNow();
                assertThatThrownBy(() -> client.startTls(LOCALHOST, TO_LOCALHOST))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage("startTls() called while another coroutine is already waiting for incoming data");
                Wire.send(wire.server(), "still plain\n");
                assertThat(read.await()).asString().isEqualTo("still plain\n");
            }
        });
    }

    /** Another stream, that holds its first words back and sends them together with the next. */
    private static final class Hasty extends StreamOver {

        private String held;

        Hasty(ByteStream inner, String held) {
            super(inner);
            this.held = held;
        }

        @Override
        public void write(ByteBuffer... src) throws IOException {
            int own = 0;
            for (ByteBuffer buffer : src) {
                own += buffer.remaining();
            }
            ByteBuffer both = ByteBuffer.allocate(held.length() + own).put(held.getBytes(US_ASCII));
            for (ByteBuffer buffer : src) {
                both.put(buffer);
            }
            held = "";
            super.write(both.flip());
        }
    }
}
