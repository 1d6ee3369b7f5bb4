package dev.rondo.net;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.net.Drivers.until;
import static dev.rondo.net.TestCertificates.ELSEWHERE;
import static dev.rondo.net.TestCertificates.LOCALHOST;
import static dev.rondo.net.Wire.bytes;
import static dev.rondo.net.Wire.receive;
import static dev.rondo.net.Wire.send;
import static dev.rondo.net.Wire.text;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.Task;
import dev.rondo.spec.Spec;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TlsStreamTest {

    // ------------------------------------------------------------------------------------------------ moving bytes

    @ParameterizedTest
    @EnumSource
    void bytesGoBothWays(Drivers driver) throws Exception {
        driver.run(() -> {
            try (TlsWire wire = TlsWire.open()) {
                send(wire.client(), "ping");
                assertThat(receive(wire.server(), 4)).isEqualTo("ping");
                send(wire.server(), "pong");
                assertThat(receive(wire.client(), 4)).isEqualTo("pong");
                assertThat(wire.client().session().getProtocol()).isEqualTo("TLSv1.3");
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void everyByteMayComeAlone(Drivers driver) throws Exception {
        byte[] sent = Wire.noise(driver == Drivers.NIO ? 18_000 : 2_000);
        driver.run(() -> {
            try (TlsWire wire = TlsWire.open(DrippingStream::new)) {
                Task<byte[], IOException> received =
                        createTask(() -> new StreamReader(wire.server()).readExactly(sent.length));
                wire.client().write(ByteBuffer.wrap(sent));
                assertThat(received.await()).isEqualTo(sent);
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void aBigTransferGoesBothWaysAtOnce(Drivers driver) throws Exception {
        byte[] up = Wire.noise(3 << 20);
        byte[] down = Wire.noise((3 << 20) + 1);
        driver.run(() -> {
            try (TlsWire wire = TlsWire.open()) {
                Task<byte[], IOException> atServer =
                        createTask(() -> new StreamReader(wire.server()).readExactly(up.length));
                Task<byte[], IOException> atClient =
                        createTask(() -> new StreamReader(wire.client()).readExactly(down.length));
                gather(
                        () -> wire.client().write(ByteBuffer.wrap(up)),
                        () -> wire.server()
                                .write(ByteBuffer.wrap(down, 0, 5), ByteBuffer.wrap(down, 5, down.length - 5)));
                assertThat(atServer.await()).isEqualTo(up);
                assertThat(atClient.await()).isEqualTo(down);
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void smallAndLargeBuffersGetTheSameBytes(Drivers driver) throws Exception {
        byte[] sent = Wire.noise(100_000);
        driver.run(() -> {
            try (TlsWire wire = TlsWire.open()) {
                Task<?, IOException> write = createTask(() -> wire.client().write(ByteBuffer.wrap(sent)));
                ByteBuffer all = ByteBuffer.allocate(sent.length);
                for (int size = 1; all.hasRemaining(); size = size * 3 % 40_009) {
                    ByteBuffer some = all.slice(all.position(), Math.min(size, all.remaining()));
                    assertThat(wire.server().read(some)).isEqualTo(some.position());
                    all.position(all.position() + some.position());
                }
                write.await();
                assertThat(all.array()).isEqualTo(sent);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 16_383, 16_384, 16_385, 32_768, 32_769, 262_144, 262_145})
    void textOfAnyLengthFitsItsRecords(int length) throws Exception {
        byte[] sent = Wire.noise(length);
        for (Drivers driver : Drivers.values()) {
            driver.run(() -> {
                try (TlsWire wire = TlsWire.open()) {
                    for (int room : new int[] {1_000, 16_384, 16_385, 300_000}) {
                        Task<?, IOException> write =
                                createTask(() -> wire.client().write(ByteBuffer.wrap(sent)));
                        ByteBuffer all = ByteBuffer.allocate(length);
                        ByteBuffer some = ByteBuffer.allocate(room);
                        while (all.hasRemaining()) {
                            some.clear().limit(Math.min(room, all.remaining()));
                            wire.server().read(some);
                            all.put(some.flip());
                        }
                        write.await();
                        assertThat(all.array()).isEqualTo(sent);
                    }
                }
            });
        }
    }

    @ParameterizedTest
    @EnumSource
    void manyBuffersMakeOneRecord(Drivers driver) throws Exception {
        driver.run(() -> {
            try (TlsWire wire = TlsWire.open()) {
                ByteBuffer[] letters = new ByteBuffer[100];
                for (int i = 0; i < letters.length; i++) {
                    letters[i] = i % 7 == 0 ? ByteBuffer.allocate(0) : bytes("" + i % 10);
                }
                wire.client().write(letters);
                ByteBuffer received = ByteBuffer.allocate(1000);
                wire.server().read(received);
                assertThat(received.position()).isEqualTo(85);
            }
        });
    }

    @Spec("S-TLS-4")
    @ParameterizedTest
    @EnumSource
    void whatTlsSaysForItselfWaitsForAPeerThatDoesNotRead(Drivers driver) throws Exception {
        byte[] much = Wire.noise(6 << 20); // keys are renewed on the way, and each time an answer is wanted
        driver.run(() -> {
            try (TlsWire wire = TlsWire.open()) {
                Task<?, IOException> stuck = createTask(() -> wire.server().write(ByteBuffer.wrap(much)));
                for (int i = 0; i < 20; i++) {
                    yieldNow();
                }
                // The server cannot send, as the client does not read; it can be written to nevertheless.
                Task<byte[], IOException> atServer =
                        createTask(() -> new StreamReader(wire.server()).readExactly(much.length));
                wire.client().write(ByteBuffer.wrap(much));
                assertThat(atServer.await()).isEqualTo(much);
                assertThat(stuck.done()).isFalse();
                assertThat(new StreamReader(wire.client()).readExactly(much.length))
                        .isEqualTo(much);
                stuck.await();
            }
        });
    }

    @Spec("S-TLS-6")
    @ParameterizedTest
    @EnumSource
    void tlsGoesOverTls(Drivers driver) throws Exception {
        driver.run(() -> {
            TlsWire outer = TlsWire.open();
            try (TlsWire wire = TlsWire.open(
                    new Wire(outer.client(), outer.server()),
                    UnaryOperator.identity(),
                    TlsEngines.client(LOCALHOST, "localhost", 443, TlsOptions.DEFAULT))) {
                send(wire.client(), "deep");
                assertThat(receive(wire.server(), 4)).isEqualTo("deep");
                wire.client().close();
                assertThat(wire.server().read(ByteBuffer.allocate(1))).isEqualTo(-1);
            }
            assertThat(outer.client().isOpen()).isFalse();
        });
    }

    // ------------------------------------------------------------------------------------------------ who is who

    @Spec("S-TLS-2")
    @Spec("S-TLS-5")
    @ParameterizedTest
    @EnumSource
    void aServerThatIsSomebodyElseIsRefused(Drivers driver) throws Exception {
        driver.run(() -> assertRefused(ELSEWHERE, ELSEWHERE, "No subject alternative DNS name matching localhost"));
    }

    @Spec("S-TLS-2")
    @ParameterizedTest
    @EnumSource
    void aServerThatNobodyVouchesForIsRefused(Drivers driver) throws Exception {
        driver.run(() -> assertRefused(LOCALHOST, SSLContext.getDefault(), "unable to find valid certification path"));
    }

    private static void assertRefused(SSLContext server, SSLContext client, String reason) throws Exception {
        try (Listener listener = Net.listen("localhost", 0)) {
            Task<TlsStream, IOException> serving = createTask(() -> Net.startTlsServer(listener.accept(), server));
            assertThatThrownBy(() -> Net.connectTls("localhost", listener.port(), client))
                    .isInstanceOf(SSLHandshakeException.class)
                    .hasMessageContaining("localhost:" + listener.port())
                    .hasMessageContaining(reason);
            assertThatThrownBy(serving::await)
                    .as("the server is told why")
                    .isInstanceOf(SSLException.class)
                    .hasMessageContaining("(certificate_unknown)");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPeerThatDoesNotSpeakTlsIsRefused(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Wire wire = Wire.open()) {
                send(wire.client(), "GET / HTTP/1.1\r\n\r\n");
                assertThatThrownBy(() -> Net.startTlsServer(wire.server(), LOCALHOST))
                        .isInstanceOf(SSLHandshakeException.class);
                assertThat(wire.server().isOpen()).isFalse();
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void aPeerThatHangsUpDuringTheHandshakeIsAFailure(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Wire wire = Wire.open()) {
                wire.server().close();
                assertThatThrownBy(() -> Net.startTls(wire.client(), LOCALHOST, "localhost", 443))
                        .isInstanceOf(IOException.class);
                assertThat(wire.client().isOpen()).isFalse();
            }
        });
    }

    @Spec("S-TLS-6")
    @ParameterizedTest
    @EnumSource
    void aContextThatWasNotInitialisedLeavesNothingOpen(Drivers driver) throws Exception {
        SSLContext empty = SSLContext.getInstance("TLS");
        driver.run(() -> {
            try (Wire wire = Wire.open()) {
                assertThatThrownBy(() -> Net.startTls(wire.client(), empty, "localhost", 443))
                        .isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(() -> Net.startTlsServer(wire.server(), empty))
                        .isInstanceOf(IllegalStateException.class);
                assertThat(wire.client().isOpen()).isFalse();
                assertThat(wire.server().isOpen()).isFalse();
            }
            assertThatThrownBy(() -> Net.connectTls("127.0.0.1", 1, empty))
                    .as("before it connects")
                    .isInstanceOf(IllegalStateException.class);
        });
    }

    @Spec("S-TLS-6")
    @ParameterizedTest
    @EnumSource
    void aCancelledHandshakeClosesTheStream(Drivers driver) throws Exception {
        driver.run(() -> {
            for (int steps = 0; steps < 12; steps++) {
                try (Wire wire = Wire.open()) {
                    Task<TlsStream, IOException> server =
                            createTask(() -> Net.startTlsServer(wire.server(), LOCALHOST));
                    Task<TlsStream, IOException> client =
                            createTask(() -> Net.startTls(wire.client(), LOCALHOST, "localhost", 443));
                    for (int i = 0; i < steps; i++) {
                        yieldNow();
                    }
                    client.cancel();
                    until(client::done);
                    if (steps > 0 && client.cancelled()) {
                        assertThat(wire.client().isOpen()).isFalse();
                        assertThatThrownBy(() -> server.await().read(ByteBuffer.allocate(1)))
                                .isInstanceOf(IOException.class);
                    }
                    server.cancel();
                    until(server::done);
                }
            }
        });
    }

    /** Counts the handshakes in which a client had to look at a certificate, and notes on which threads. */
    private static final class Watched extends X509ExtendedTrustManager {

        private final X509ExtendedTrustManager own;
        final List<String> threads = Collections.synchronizedList(new ArrayList<>());

        Watched(TrustManager own) {
            this.own = (X509ExtendedTrustManager) own;
        }

        /** Returns a context that trusts as the tests do, watched. */
        static SSLContext context(List<Watched> made) {
            return TestCertificates.issued("localhost", managers -> {
                made.add(new Watched(managers[0]));
                return new TrustManager[] {made.getFirst()};
            });
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            threads.add(Thread.currentThread().getName());
            own.checkServerTrusted(chain, type, engine);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            own.checkClientTrusted(chain, type, engine);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {
            throw new UnsupportedOperationException();
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return own.getAcceptedIssuers();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void aLaterConnectionToTheSamePlaceResumesTheSession(String version) throws Exception {
        for (Drivers driver : Drivers.values()) {
            List<Watched> watched = new ArrayList<>();
            SSLContext context = Watched.context(watched);
            TlsOptions options = TlsWire.version(version);
            driver.run(() -> {
                ClientHandler greets = (reader, writer) -> {
                    try (writer) {
                        writer.write("hello\n", US_ASCII);
                        reader.readAll();
                    }
                };
                try (Server server = Net.startServer(greets, "localhost", 0, context);
                        Server other = Net.startServer(greets, "localhost", 0, context)) {
                    long first = visit(server, context, options);
                    for (int i = 0; i < 3; i++) {
                        assertThat(visit(server, context, options)).isEqualTo(first);
                    }
                    assertThat(watched.getFirst().threads).hasSize(1);
                    visit(other, context, options);
                    assertThat(watched.getFirst().threads)
                            .as("another port is another place")
                            .hasSize(2);
                    assertThatThrownBy(() -> visit(server, context, options.withServerName("elsewhere.test")))
                            .as("and so is another name")
                            .isInstanceOf(SSLHandshakeException.class);
                }
            });
        }
    }

    /** Connects, is greeted, and returns when the session was made. */
    private static long visit(Server server, SSLContext context, TlsOptions options) throws IOException {
        try (Connection connection =
                Net.openConnection("localhost", server.port(), context, ConnectOptions.DEFAULT, options)) {
            assertThat(connection.reader().readLine(US_ASCII)).isEqualTo("hello\n"); // the ticket comes before it
            return ((TlsStream) connection.stream()).session().getCreationTime();
        }
    }

    @OnRealSockets
    void longComputationsKeepNoLoopWaiting(Drivers driver) throws Exception {
        List<Watched> watched = new ArrayList<>();
        SSLContext context = Watched.context(watched);
        driver.run(() -> {
            Wire tcp = Wire.open();
            Task<TlsStream, IOException> server = createTask(() -> Net.startTlsServer(tcp.server(), context));
            try (TlsStream client = Net.startTls(tcp.client(), context, "localhost", 443);
                    TlsStream _ = server.await()) {
                assertThat(client.isOpen()).isTrue();
                assertThat(watched.getFirst().threads).containsExactly("rondo-tls");
            }
        });
    }

    // ------------------------------------------------------------------------------------------------ cancelling

    @ParameterizedTest
    @EnumSource
    void aCancelledReadLosesNothing(Drivers driver) throws Exception {
        driver.run(() -> {
            try (TlsWire wire = TlsWire.open()) {
                StringBuilder seen = new StringBuilder();
                for (int round = 0; round < 20; round++) {
                    ByteBuffer buffer = ByteBuffer.allocate(7);
                    Task<Integer, IOException> read =
                            createTask(() -> wire.server().read(buffer));
                    yieldNow();
                    Task<?, IOException> write = createTask(() -> send(wire.client(), "0123456789"));
                    for (int i = 0; i < round % 5; i++) {
                        yieldNow();
                    }
                    read.cancel();
                    write.await();
                    until(read::done);
                    seen.append(text(buffer));
                }
                wire.client().shutdownOutput();
                seen.append(receive(wire.server(), 1000));
                assertThat(seen).hasToString("0123456789".repeat(20));
            }
        });
    }

    @OnRealSockets
    void aReadCancelledWhileAComputationWaitsForAThreadLeavesItToTheNextRead(Drivers driver) throws Exception {
        ThreadPoolExecutor threads = (ThreadPoolExecutor) NetThreads.CRYPTO;
        CountDownLatch mayCompute = new CountDownLatch(1);
        SSLEngine engine = TlsEngines.client(LOCALHOST, "localhost", 443, TlsOptions.DEFAULT);
        engine.setEnabledProtocols(new String[] {"TLSv1.2"}); // in which a handshake may come at any time
        try {
            driver.run(() -> {
                try (TlsWire wire = TlsWire.open(Wire.open(), UnaryOperator.identity(), engine)) {
                    send(wire.client(), "before");
                    assertThat(receive(wire.server(), 6)).isEqualTo("before");
                    for (int i = threads.getCorePoolSize(); i > 0; i--) {
                        threads.execute(() -> await(mayCompute));
                    }
                    until(() -> threads.getQueue().isEmpty());

                    Task<String, IOException> cancelled = createTask(() -> receive(wire.server(), 5));
                    engine.beginHandshake();
                    wire.client().write();
                    until(() -> !threads.getQueue().isEmpty());
                    cancelled.cancel();
                    until(cancelled::done);
                    assertThat(wire.server().quiet()).isFalse();

                    Task<String, IOException> next = createTask(() -> receive(wire.server(), 5));
                    Task<String, IOException> client = createTask(() -> receive(wire.client(), 1));
                    yieldNow();
                    mayCompute.countDown();
                    until(() -> engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING);
                    send(wire.client(), "after");
                    assertThat(next.await()).isEqualTo("after");
                    send(wire.server(), "!");
                    assertThat(client.await()).isEqualTo("!");
                }
            });
        } finally {
            mayCompute.countDown();
        }
    }

    @OnRealSockets
    void aWriteWaitsForTheComputationsOfANewHandshake(Drivers driver) throws Exception {
        ThreadPoolExecutor threads = (ThreadPoolExecutor) NetThreads.CRYPTO;
        CountDownLatch mayCompute = new CountDownLatch(1);
        SSLEngine engine = TlsEngines.client(LOCALHOST, "localhost", 443, TlsWire.version("TLSv1.2"));
        try {
            driver.run(() -> {
                try (TlsWire wire = TlsWire.open(Wire.open(), UnaryOperator.identity(), engine)) {
                    for (int i = threads.getCorePoolSize(); i > 0; i--) {
                        threads.execute(() -> await(mayCompute));
                    }
                    until(() -> threads.getQueue().isEmpty());
                    Task<String, IOException> server = createTask(() -> receive(wire.server(), 5));
                    engine.beginHandshake();
                    wire.client().write();
                    until(() -> !threads.getQueue().isEmpty());

                    Task<?, IOException> write = createTask(() -> send(wire.server(), "meanwhile"));
                    Task<String, IOException> client = createTask(() -> receive(wire.client(), 9));
                    yieldNow();
                    yieldNow();
                    assertThat(write.done()).isFalse();
                    mayCompute.countDown();
                    write.await();
                    assertThat(client.await()).isEqualTo("meanwhile");
                    until(() -> engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING);
                    send(wire.client(), "after");
                    assertThat(server.await()).isEqualTo("after");
                }
            });
        } finally {
            mayCompute.countDown();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aCancelledWriteTellsHowMuchWasTakenAndCanBeContinued(Drivers driver) throws Exception {
        byte[] much = Wire.noise(8 << 20);
        driver.run(() -> {
            try (TlsWire wire = TlsWire.open()) {
                ByteBuffer buffer = ByteBuffer.wrap(much);
                Task<?, IOException> write = createTask(() -> wire.client().write(buffer));
                until(() -> buffer.position() > 0);
                yieldNow();
                write.cancel();
                until(write::done);
                assertThat(write.cancelled()).isTrue();

                Task<byte[], IOException> read = createTask(() -> new StreamReader(wire.server()).readAll());
                wire.client().write(buffer);
                wire.client().shutdownOutput();
                assertThat(read.await()).isEqualTo(much);
            }
        });
    }

    // ------------------------------------------------------------------------------------------------ endings

    @Spec("S-TLS-3")
    @Spec("S-TLS-7")
    @ParameterizedTest
    @EnumSource
    void closingSaysGoodbyeSoThatThePeerReadsTheEnd(Drivers driver) throws Exception {
        driver.run(() -> {
            try (TlsWire wire = TlsWire.open()) {
                send(wire.client(), "last");
                wire.client().close();
                wire.client().close();
                assertThat(receive(wire.server(), 100)).isEqualTo("last");
                assertThat(wire.server().read(ByteBuffer.allocate(1))).isEqualTo(-1);
                assertThatThrownBy(() -> send(wire.client(), "x")).isInstanceOf(ClosedChannelException.class);
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void aStreamCutShortIsAFailureEveryTime(Drivers driver) throws Exception {
        driver.run(() -> {
            try (TlsWire wire = TlsWire.open()) {
                send(wire.client(), "half of");
                wire.tcp().client().close();
                assertThat(receive(wire.server(), 7)).isEqualTo("half of");
                for (int i = 0; i < 2; i++) {
                    assertThatThrownBy(() -> wire.server().read(ByteBuffer.allocate(1)))
                            .isInstanceOf(TlsTruncationException.class)
                            .hasMessageContaining("close_notify");
                }
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void aForgedRecordIsAFailureEveryTime(Drivers driver) throws Exception {
        driver.run(() -> {
            try (TlsWire wire = TlsWire.open()) {
                wire.tcp().client().write(ByteBuffer.wrap(new byte[] {23, 3, 3, 0, 20}), ByteBuffer.allocate(20));
                for (int i = 0; i < 2; i++) {
                    assertThatThrownBy(() -> wire.server().read(ByteBuffer.allocate(1)))
                            .isInstanceOf(SSLException.class);
                }
                assertThat(wire.server().quiet()).isFalse();
            }
        });
    }

    @Spec("ST-17")
    @Spec("S-TLS-3")
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void afterShutdownOutputThePeerReadsTheEnd(String version) throws Exception {
        for (Drivers driver : Drivers.values()) {
            driver.run(() -> {
                try (TlsWire wire = TlsWire.ofVersion(version)) {
                    assertThat(wire.server().session().getProtocol()).isEqualTo(version);
                    send(wire.client(), "last");
                    wire.client().shutdownOutput();
                    wire.client().shutdownOutput();
                    assertThat(receive(wire.server(), 100)).isEqualTo("last");
                    assertThat(wire.server().read(ByteBuffer.allocate(1))).isEqualTo(-1);
                    assertThatThrownBy(() -> send(wire.client(), "x")).isInstanceOf(ClosedChannelException.class);
                    if (version.equals("TLSv1.3")) { // before, goodbye ended both directions
                        send(wire.server(), "answer");
                        assertThat(receive(wire.client(), 6)).isEqualTo("answer");
                    }
                    wire.server().close();
                    assertThat(wire.client().read(ByteBuffer.allocate(1))).isEqualTo(-1);
                }
            });
        }
    }

    @ParameterizedTest
    @EnumSource
    void closingEndsTheReadsAndWritesInFlight(Drivers driver) throws Exception {
        driver.run(() -> {
            try (TlsWire wire = TlsWire.open()) {
                Task<Integer, IOException> read = createTask(() -> wire.client().read(ByteBuffer.allocate(1)));
                Task<?, IOException> write = createTask(() -> wire.client().write(ByteBuffer.allocate(16 << 20)));
                yieldNow();
                yieldNow();
                wire.client().close();
                assertThatThrownBy(read::await).isInstanceOf(ClosedChannelException.class);
                assertThatThrownBy(write::await).isInstanceOf(ClosedChannelException.class);
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void aSecondReaderAndASecondWriterAreRefused(Drivers driver) throws Exception {
        driver.run(() -> {
            try (TlsWire wire = TlsWire.open()) {
                Task<?, IOException> read = createTask(() -> wire.client().read(ByteBuffer.allocate(1)));
                Task<?, IOException> write = createTask(() -> wire.client().write(ByteBuffer.allocate(16 << 20)));
                yieldNow();
                assertThatThrownBy(() -> wire.client().read(ByteBuffer.allocate(1)))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage("another coroutine is already reading from this stream");
                assertThatThrownBy(() -> wire.client().write(bytes("x")))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage("another coroutine is already writing to this stream");
                wire.tcp().close();
                for (Task<?, IOException> task : List.of(read, write)) {
                    assertThatThrownBy(task::await).isInstanceOf(IOException.class);
                }
            }
        });
    }

    // ------------------------------------------------------------------------------------------------ looking ahead

    @ParameterizedTest
    @EnumSource
    void ticketsDoNotCountAsNoise(Drivers driver) throws Exception {
        driver.run(() -> {
            try (TlsWire wire = TlsWire.open()) {
                send(wire.client(), "x"); // the handshake is over for the server too, and its tickets are out
                receive(wire.server(), 1);
                for (int i = 0; i < 50; i++) {
                    assertThat(wire.client().quiet()).isTrue();
                    yieldNow();
                }
                send(wire.server(), "unasked");
                until(() -> !wire.client().quiet());
                assertThat(receive(wire.client(), 7)).isEqualTo("unasked");
                assertThat(wire.client().quiet()).isTrue();
                wire.server().close();
                until(() -> !wire.client().quiet());
                assertThat(wire.client().read(ByteBuffer.allocate(1))).isEqualTo(-1);
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void aPeerThatHangsUpWhileItIsQuietIsNoticed(Drivers driver) throws Exception {
        driver.run(() -> {
            try (TlsWire wire = TlsWire.open()) {
                assertThat(wire.client().quiet()).isTrue();
                wire.tcp().server().close();
                until(() -> !wire.client().quiet());
                assertThatThrownBy(() -> wire.client().read(ByteBuffer.allocate(1)))
                        .isInstanceOf(TlsTruncationException.class);
            }
        });
    }
}
