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

import dev.rondo.ContextVar;
import dev.rondo.Task;
import dev.rondo.spec.Spec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Protocols over TLS, on sockets: as client and server, with streams as their peers, and begun in mid-conversation. */
class TlsEndpointsTest {

    private static final TlsOptions TLS = TlsOptions.DEFAULT;
    private static final int MUCH = 2_000_000;

    private static Server serve(Supplier<? extends StreamProtocol> factory) throws IOException {
        return Net.createServer(factory, List.of("127.0.0.1"), 0, ListenOptions.DEFAULT, LOCALHOST, TLS);
    }

    private static <P extends StreamProtocol> Endpoint<Transport, P> connect(P protocol, int port) throws IOException {
        return Net.createConnection(() -> protocol, "127.0.0.1", port, ConnectOptions.DEFAULT, LOCALHOST, TLS);
    }

    /** Sends back what comes, no faster than it is taken. */
    private static final class Echo extends Told {
        @Override
        public void dataReceived(byte[] data) throws Exception {
            super.dataReceived(data);
            transport().write(data);
        }

        @Override
        public void pauseWriting() {
            transport().pauseReading();
        }

        @Override
        public void resumeWriting() {
            transport().resumeReading();
        }
    }

    /** Keeps what it gets. */
    private static final class Keeping extends Told {
        final List<byte[]> pieces = new ArrayList<>();
        int limit;

        /** Returns a protocol that reads for this one, and no further than the limit. */
        BufferedProtocol counting() {
            return new BufferedProtocol() {
                private final ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);

                @Override
                public ByteBuffer getBuffer(int sizeHint) {
                    return buffer.clear().limit((int) Math.min(buffer.capacity(), limit - bytes));
                }

                @Override
                public void bufferUpdated(int count) throws Exception {
                    bytes += count;
                    if (bytes == limit) {
                        react("data");
                    }
                }
            };
        }

        @Override
        public void dataReceived(byte[] piece) throws Exception {
            pieces.add(piece);
            super.dataReceived(piece);
        }
    }

    private static void end(Server server) {
        server.close();
        server.waitClosed();
        untilOpen(0);
    }

    // ------------------------------------------------------------------------------------------------ both protocols

    @Spec("N-1")
    @Spec("P-1")
    @Spec("S-TLS-2")
    @ParameterizedTest
    @EnumSource
    void aConnectionOverTlsIsMadeWhenHandsAreShaken(Drivers driver) throws Exception {
        driver.run(() -> {
            Told told = new Told();
            Server server = serve(() -> told);
            Endpoint<Transport, Told> client = connect(new Told(), server.port());
            assertThat(client.protocol().log).containsExactly("made");
            assertThat(client.protocol().transport).isSameAs(client.transport());
            assertThat(client.transport().isReading()).isTrue();
            assertThat(client.transport().getExtraInfo("sslcontext")).isSameAs(LOCALHOST);
            assertThat(client.transport().getExtraInfo("socket")).isInstanceOf(TransportSocket.class);
            assertThat(((InetSocketAddress) client.transport().remoteAddress()).getPort())
                    .isEqualTo(server.port());
            client.transport().write("ping".getBytes(US_ASCII));
            until(() -> told.bytes == 4);
            told.transport().write("pong".getBytes(US_ASCII));
            until(() -> client.protocol().bytes == 4);
            client.transport().close();
            until(() -> told.isLost() && client.protocol().isLost());
            assertThat(told.log).containsExactly("made", "data ping", "eof", "lost");
            assertThat(told.failure).isNull();
            assertThat(client.protocol().log).containsExactly("made", "data pong", "lost");
            assertThat(client.protocol().failure).isNull();
            end(server);
        });
    }

    @Spec("P-11")
    @Spec("S-TLS-4")
    @ParameterizedTest
    @EnumSource
    void muchGoesThroughAndComesBack(Drivers driver) throws Exception {
        driver.run(() -> {
            Server server = serve(Echo::new);
            byte[] data = Wire.noise(MUCH);
            Keeping told = new Keeping();
            Transport transport = connect(told, server.port()).transport();
            transport.write(data);
            until(() -> told.bytes == MUCH);
            assertThat(joined(told.pieces)).isEqualTo(data);
            transport.close();
            end(server);
        });
    }

    private static byte[] joined(List<byte[]> pieces) {
        java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
        pieces.forEach(all::writeBytes);
        return all.toByteArray();
    }

    @Spec("N-6")
    @Spec("N-1")
    @OnRealSockets
    void aUnixConnectionSpeaksTlsToo(Drivers driver, @TempDir Path directory) throws Exception {
        Path path = directory.resolve("socket");
        driver.run(() -> {
            Told told = new Told();
            Server server = Net.createUnixServer(() -> told, path, ListenOptions.DEFAULT, LOCALHOST, TLS);
            Endpoint<Transport, Told> client = Net.createUnixConnection(Told::new, path, LOCALHOST, "localhost", TLS);
            client.transport().write("ping".getBytes(US_ASCII));
            until(() -> told.bytes == 4);
            client.transport().close();
            until(told::isLost);
            assertThatThrownBy(() -> Net.createUnixConnection(Told::new, path, LOCALHOST, "other.test", TLS))
                    .isInstanceOf(SSLException.class)
                    .hasMessageContaining("other.test");
            end(server);
        });
    }

    @Spec("N-1")
    @Spec("N-11")
    @Spec("SK-7")
    @OnRealSockets
    void channelsOfTheProgramSpeakTls(Drivers driver) throws Exception {
        driver.run(() -> {
            try (ServerSocketChannel listener =
                    ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
                SocketChannel channel = SocketChannel.open(listener.getLocalAddress());
                SocketChannel accepted = listener.accept();
                Task<Endpoint<Transport, Told>, IOException> serving =
                        createTask(() -> Net.connectAcceptedSocket(Told::new, accepted, LOCALHOST, TLS));
                Endpoint<Transport, Told> client =
                        Net.createConnection(Told::new, channel, LOCALHOST, "localhost", TLS);
                Endpoint<Transport, Told> server = serving.await();
                server.transport().write("hello".getBytes(US_ASCII));
                until(() -> client.protocol().bytes == 5);
                server.transport().close();
                until(() -> server.protocol().isLost() && client.protocol().isLost());
                until(() -> !channel.isOpen() && !accepted.isOpen());
            }
            untilOpen(0);
        });
    }

    // ------------------------------------------------------------------------------------------------ streams as peers

    @Spec("N-1")
    @Spec("S-TLS-3")
    @ParameterizedTest
    @EnumSource
    void readersAndWritersTalkToProtocols(Drivers driver) throws Exception {
        driver.run(() -> {
            Server server = serve(Echo::new);
            byte[] data = Wire.noise(300_000);
            try (Connection client = Net.openConnection("127.0.0.1", server.port(), LOCALHOST)) {
                client.writer().write(data);
                assertThat(client.reader().readExactly(data.length)).isEqualTo(data);
            }
            end(server);
        });
    }

    @Spec("N-1")
    @Spec("S-TLS-3")
    @ParameterizedTest
    @EnumSource
    void protocolsTalkToReadersAndWriters(Drivers driver) throws Exception {
        driver.run(() -> {
            Server server = Net.startServer(
                    (reader, writer) -> {
                        try (writer) {
                            writer.write(reader.readLine());
                            writer.write("bye", US_ASCII);
                        }
                    },
                    "127.0.0.1",
                    0,
                    LOCALHOST);
            Endpoint<Transport, Told> client = connect(new Told(), server.port());
            client.transport().write("hello\n".getBytes(US_ASCII));
            until(client.protocol()::isLost);
            assertThat(client.protocol().log).containsExactly("made", "data hello\nbye", "eof", "lost");
            assertThat(client.protocol().failure).isNull();
            end(server);
        });
    }

    // ------------------------------------------------------------------------------------------------ failures

    @Spec("N-1")
    @Spec("S-TLS-2")
    @Spec("S-TLS-5")
    @ParameterizedTest
    @EnumSource
    void aCertificateThatIsNotTheHostsMakesNoConnection(Drivers driver) throws Exception {
        driver.run(() -> {
            Told served = new Told();
            Server server = serve(() -> served);
            Told told = new Told();
            assertThatThrownBy(() -> Net.createConnection(
                            () -> told, "127.0.0.1", server.port(), ConnectOptions.DEFAULT, ELSEWHERE, TLS))
                    .isInstanceOf(SSLException.class)
                    .hasMessageContaining("on verifying the certificate");
            assertThatThrownBy(() -> Net.createConnection(
                            () -> told,
                            "127.0.0.1",
                            server.port(),
                            ConnectOptions.DEFAULT,
                            LOCALHOST,
                            TLS.withServerName("other.test")))
                    .isInstanceOf(SSLException.class)
                    .hasMessageContaining("other.test");
            Told any = Net.createConnection(
                            Told::new,
                            "127.0.0.1",
                            server.port(),
                            ConnectOptions.DEFAULT,
                            LOCALHOST,
                            TLS.withServerName(""))
                    .protocol();
            any.transport().close();
            until(any::isLost);
            assertThat(told.log).isEmpty();
            end(server);
        });
    }

    @Spec("S-TLS-2")
    @ParameterizedTest
    @EnumSource
    void aPeerThatHangsUpOrKeepsSilentMakesNoConnection(Drivers driver) throws Exception {
        driver.run(() -> {
            Told rude = new Told();
            rude.on("data", () -> rude.transport().close());
            Server server = Net.createServer(() -> rude, "127.0.0.1", 0);
            assertThatThrownBy(() -> connect(new Told(), server.port()))
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
            end(server);

            Server silent = Net.createServer(Told::new, "127.0.0.1", 0);
            assertThatThrownBy(() -> Net.createConnection(
                            Told::new,
                            "127.0.0.1",
                            silent.port(),
                            ConnectOptions.DEFAULT,
                            LOCALHOST,
                            TLS.withHandshakeTimeout(Duration.ofMillis(20))))
                    .isInstanceOf(TlsTimeoutException.class)
                    .hasMessageContaining("longer than 0.02 seconds");
            end(silent);
        });
    }

    @Spec("N-5")
    @ParameterizedTest
    @EnumSource
    void whatTheFactoryOrASettingOfTlsBreaksLeavesNoSocketOpen(Drivers driver) throws Exception {
        driver.run(() -> {
            Server server = serve(Told::new);
            assertThatThrownBy(() -> Net.createConnection(
                            () -> {
                                throw new IllegalStateException("no protocol today");
                            },
                            "127.0.0.1",
                            server.port(),
                            ConnectOptions.DEFAULT,
                            LOCALHOST,
                            TLS))
                    .hasMessage("no protocol today");
            assertThatThrownBy(() -> Net.createConnection(
                            Told::new,
                            "127.0.0.1",
                            server.port(),
                            ConnectOptions.DEFAULT,
                            LOCALHOST,
                            TLS.withParameters(_ -> {
                                throw new IllegalArgumentException("no such cipher");
                            })))
                    .hasMessage("no such cipher");
            end(server);
        });
    }

    @Spec("N-5")
    @Spec("S-TLS-2")
    @ParameterizedTest
    @EnumSource
    void aCancelAtAnyStageLeavesNoSocketOpen(Drivers driver) throws Exception {
        driver.run(() -> {
            for (int round = 0; round < 30; round++) {
                Server server = serve(Told::new);
                Told told = new Told();
                Task<Endpoint<Transport, Told>, IOException> connecting =
                        createTask(() -> connect(told, server.port()));
                for (int turn = 0; turn < round * 2; turn++) {
                    yieldNow();
                }
                if (connecting.cancel()) {
                    until(connecting::done);
                    assertThat(connecting.cancelled()).isTrue();
                    if (!told.log.isEmpty()) {
                        until(told::isLost);
                        assertThat(told.log).startsWith("made").endsWith("lost");
                    }
                } else {
                    connecting.await().transport().close();
                }
                end(server);
            }
        });
    }

    // ------------------------------------------------------------------------------------------------ in between

    /** Two connected protocols, not over TLS yet. */
    private static final class Plain {
        final Told client = new Told();
        final Keeping server = new Keeping();
        final Server listening;

        Plain() throws IOException {
            listening = Net.createServer(() -> server, "127.0.0.1", 0);
            Net.createConnection(() -> client, "127.0.0.1", listening.port());
            until(() -> !server.log.isEmpty());
        }

        Task<Transport, IOException> serve(Transport over, StreamProtocol protocol) {
            return createTask(() -> Net.startTlsServer(over, protocol, LOCALHOST, TLS));
        }
    }

    private static Transport begin(Transport over, StreamProtocol protocol) throws IOException {
        return Net.startTls(over, protocol, LOCALHOST, "localhost", 0, TLS);
    }

    @Spec("S-TLS-6")
    @Spec("P-1")
    @ParameterizedTest
    @EnumSource
    void tlsBeginsInTheMidstOfAConversationAndOverTlsAgain(Drivers driver) throws Exception {
        driver.run(() -> {
            Plain plain = new Plain();
            plain.client.transport().write("begin".getBytes(US_ASCII));
            until(() -> plain.server.bytes == 5);

            Task<Transport, IOException> serving = plain.serve(plain.server.transport(), plain.server);
            Told client = new Told(); // another may take over
            Transport clientTls = begin(plain.client.transport(), client);
            Transport serverTls = serving.await();
            clientTls.write("secret".getBytes(US_ASCII));
            until(() -> plain.server.bytes == 11);
            serverTls.write("answer".getBytes(US_ASCII));
            until(() -> client.bytes == 6);
            assertThat(clientTls.getProtocol()).isSameAs(client);
            assertThat(clientTls.getExtraInfo("cipher")).isNotNull();

            Task<Transport, IOException> servingAgain = plain.serve(serverTls, plain.server);
            Transport inner = begin(clientTls, client);
            byte[] data = Wire.noise(MUCH);
            inner.write(data);
            servingAgain.await();
            until(() -> plain.server.bytes == 11 + MUCH);
            inner.close();
            until(() -> plain.server.isLost() && client.isLost());
            assertThat(plain.server.log)
                    .filteredOn(line -> !line.startsWith("data"))
                    .containsExactly("made", "eof", "lost");
            assertThat(plain.server.text).startsWith("beginsecret");
            assertThat(client.log)
                    .startsWith("data answer")
                    .doesNotContain("made")
                    .endsWith("lost");
            assertThat(client.failure).isNull();
            assertThat(plain.server.failure).isNull();
            assertThat(plain.client.log).containsExactly("made");
            end(plain.listening);
        });
    }

    @Spec("S-TLS-6")
    @ParameterizedTest
    @EnumSource
    void whatWasWrittenBeforeGoesPlain(Drivers driver) throws Exception {
        driver.run(() -> {
            Plain plain = new Plain();
            plain.client.transport().write(Wire.noise(MUCH));
            Task<Transport, IOException> beginning = createTask(() -> begin(plain.client.transport(), plain.client));
            until(() -> plain.server.bytes > MUCH); // the first message of the handshake is behind it
            assertThat(joined(plain.server.pieces)).startsWith(Wire.noise(MUCH));
            beginning.cancel();
            until(() -> plain.client.isLost() && plain.server.isLost());
            end(plain.listening);
        });
    }

    @Spec("S-TLS-6")
    @ParameterizedTest
    @EnumSource
    void tlsThatDoesNotComeAboutClosesTheConnectionAndTheProtocolIsTold(Drivers driver) throws Exception {
        driver.run(() -> {
            Plain plain = new Plain();
            plain.server.on("data", () -> plain.server.transport().write("what?".getBytes(US_ASCII)));
            assertThatThrownBy(() -> begin(plain.client.transport(), plain.client))
                    .isInstanceOf(SSLException.class);
            until(() -> plain.client.isLost() && plain.server.isLost());
            assertThat(plain.client.failure).isInstanceOf(SSLException.class);
            assertThat(plain.client.log).containsExactly("made", "lost");
            assertThatThrownBy(() -> begin(plain.client.transport(), plain.client))
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("closing");
            end(plain.listening);
        });
    }

    @Spec("S-TLS-6")
    @ParameterizedTest
    @EnumSource
    void whoGivesUpTlsAtAnyStageLeavesNoSocketOpen(Drivers driver) throws Exception {
        driver.run(() -> {
            for (int round = 1; round < 20; round++) {
                Plain plain = new Plain();
                Task<Transport, IOException> serving = plain.serve(plain.server.transport(), plain.server);
                Task<Transport, IOException> beginning =
                        createTask(() -> begin(plain.client.transport(), plain.client));
                for (int turn = 0; turn < round; turn++) {
                    yieldNow();
                }
                if (beginning.cancel()) {
                    until(beginning::done);
                    assertThat(beginning.cancelled()).isTrue();
                } else {
                    beginning.await().close();
                }
                until(() -> plain.client.isLost() && plain.server.isLost() && serving.done());
                if (!serving.cancelled()) {
                    serving.exception(); // of a handshake that was broken off
                }
                assertThat(plain.client.log).filteredOn("lost"::equals).hasSize(1);
                end(plain.listening);
            }
        });
    }

    @Spec("S-TLS-6")
    @Spec("P-11")
    @OnRealSockets
    void aProtocolThatWasPausedBeforeIsResumedOverTls(Drivers driver) throws Exception {
        driver.run(() -> {
            Plain plain = new Plain();
            byte[] much = new byte[16 << 20];
            plain.server.transport().pauseReading();
            plain.client.transport().write(much);
            assertThat(plain.client.log).containsExactly("made", "pause");
            Task<Transport, IOException> beginning = createTask(() -> begin(plain.client.transport(), plain.client));
            yieldNow();
            Told secret = new Told();
            Transport serverSide = plain.server.transport();
            List<Task<Transport, IOException>> serving = new ArrayList<>();
            plain.server.on("data", () -> {
                if (plain.server.bytes == much.length) {
                    serving.add(plain.serve(serverSide, secret));
                }
            });
            plain.server.limit = much.length;
            serverSide.setProtocol(plain.server.counting());
            serverSide.resumeReading();
            beginning.await();
            serving.getFirst().await();
            until(() -> plain.client.log.contains("resume"));
            assertThat(plain.client.log).containsExactly("made", "pause", "resume");
            beginning.await().abort();
            until(secret::isLost);
            end(plain.listening);
        });
    }

    @Spec("S-TLS-6")
    @OnRealSockets
    void tlsIsRefusedWhereItMakesNoSense(Drivers driver) throws Exception {
        driver.run(() -> {
            Plain plain = new Plain();
            Task<Transport, IOException> serving = plain.serve(plain.server.transport(), plain.server);
            Task<Transport, IOException> beginning = createTask(() -> begin(plain.client.transport(), plain.client));
            yieldNow();
            assertThatThrownBy(() -> begin(plain.client.transport(), plain.client))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("TLS has begun already");
            serving.await();
            beginning.await().abort();
            end(plain.listening);

            Pipe pipe = Pipe.open();
            Transport half = Net.connectReadPipe(Told::new, pipe.source()).transport();
            assertThatThrownBy(() -> begin(half, half.getProtocol()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("both ways");
            half.close();
            pipe.sink().close();
            untilOpen(0);
        });
    }

    // ------------------------------------------------------------------------------------------------ contexts

    private static final ContextVar<String> WHO = ContextVar.withDefault("who", "nobody");

    private static final class InContext extends Told {
        final List<String> contexts = new ArrayList<>();

        @Override
        void react(String event) throws Exception {
            if (contexts.isEmpty() || !contexts.getLast().equals(event + " " + WHO.get())) {
                contexts.add(event + " " + WHO.get());
            }
            super.react(event);
        }
    }

    @Spec("X-4")
    @ParameterizedTest
    @EnumSource
    void allCallsComeInTheContextOfWhoConnectedOrListened(Drivers driver) throws Exception {
        driver.run(() -> {
            InContext served = new InContext();
            InContext told = new InContext();
            told.on("made", () -> assertThat(WHO.get()).isEqualTo("who connected"));
            Server server = createTask(() -> {
                        WHO.set("who listened");
                        return serve(() -> served);
                    })
                    .await();
            createTask(() -> {
                        WHO.set("who connected");
                        return connect(told, server.port());
                    })
                    .await();
            served.on("data", () -> WHO.set("the protocol")); // its own context: seen by later calls
            WHO.set("who wrote");
            told.transport().write(new byte[16 << 20]); // more than the system takes
            until(() -> served.bytes == 16 << 20);
            until(() -> told.log.contains("resume"));
            told.transport().pauseReading();
            served.transport().write("x".getBytes(US_ASCII));
            WHO.set("who resumed");
            told.transport().resumeReading();
            until(() -> told.bytes == 1);
            WHO.set("who closed");
            told.transport().close();
            until(() -> told.isLost() && served.isLost());
            assertThat(told.contexts)
                    .containsExactly(
                            "made who connected",
                            "pause who connected",
                            "resume who connected",
                            "data who connected",
                            "lost who connected");
            assertThat(served.contexts)
                    .containsExactly(
                            "made who listened",
                            "data who listened",
                            "data the protocol",
                            "eof the protocol",
                            "lost the protocol");
            end(server);
        });
    }

    @Spec("X-4")
    @Spec("S-TLS-6")
    @ParameterizedTest
    @EnumSource
    void tlsThatBeginsLaterKeepsTheContextOfTheConnection(Drivers driver) throws Exception {
        driver.run(() -> {
            InContext told = new InContext();
            Told served = new Told();
            WHO.set("who connected");
            Server server = Net.createServer(() -> served, "127.0.0.1", 0);
            Net.createConnection(() -> told, "127.0.0.1", server.port());
            until(() -> !served.log.isEmpty());
            WHO.set("who began");
            Task<Transport, IOException> serving =
                    createTask(() -> Net.startTlsServer(served.transport(), served, LOCALHOST, TLS));
            Transport tls = begin(told.transport(), told);
            serving.await().write("x".getBytes(US_ASCII));
            until(() -> told.bytes == 1);
            tls.close();
            until(told::isLost);
            assertThat(told.contexts).containsExactly("made who connected", "data who connected", "lost who connected");
            end(server);
        });
    }

    @Spec("P-7")
    @ParameterizedTest
    @EnumSource
    void aTransportOfTlsMayBeClosedAfterItsLoop(Drivers driver) throws Exception {
        @Nullable Transport[] its = new Transport[2];
        driver.run(() -> {
            Told served = new Told();
            Server server = serve(() -> served);
            its[0] = connect(new Told(), server.port()).transport();
            until(() -> !served.log.isEmpty());
            its[1] = served.transport();
        });
        for (Transport transport : its) {
            transport.close();
            transport.abort();
            assertThat(transport.isClosing()).isTrue();
        }
    }
}
