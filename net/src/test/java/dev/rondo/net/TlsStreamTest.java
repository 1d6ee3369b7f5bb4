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
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.Task;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TlsStreamTest {

    /** Both ends of a TLS connection, and the TCP connection under it. */
    private record TlsWire(TlsStream client, TlsStream server, Wire tcp) implements AutoCloseable {

        static TlsWire open() throws IOException {
            return open(UnaryOperator.identity());
        }

        static TlsWire open(UnaryOperator<ByteStream> under) throws IOException {
            return open(Wire.open(), under, TlsStream.clientEngine(LOCALHOST, "localhost", 443));
        }

        static TlsWire open(Wire tcp, UnaryOperator<ByteStream> under, SSLEngine clientEngine) throws IOException {
            Task<TlsStream, IOException> server =
                    createTask(() -> Net.startTlsServer(under.apply(tcp.server()), LOCALHOST));
            TlsStream client = Net.startTls(under.apply(tcp.client()), clientEngine);
            return new TlsWire(client, server.await(), tcp);
        }

        static TlsWire ofVersion(String version) throws IOException {
            SSLEngine engine = TlsStream.clientEngine(LOCALHOST, "localhost", 443);
            engine.setEnabledProtocols(new String[] {version});
            return open(Wire.open(), UnaryOperator.identity(), engine);
        }

        @Override
        public void close() {
            client.close();
            server.close();
        }
    }

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
    @EnumSource
    void tlsGoesOverTls(Drivers driver) throws Exception {
        driver.run(() -> {
            TlsWire outer = TlsWire.open();
            try (TlsWire wire = TlsWire.open(
                    new Wire(outer.client(), outer.server()),
                    UnaryOperator.identity(),
                    TlsStream.clientEngine(LOCALHOST, "localhost", 443))) {
                send(wire.client(), "deep");
                assertThat(receive(wire.server(), 4)).isEqualTo("deep");
                wire.client().close();
                assertThat(wire.server().read(ByteBuffer.allocate(1))).isEqualTo(-1);
            }
            assertThat(outer.client().isOpen()).isFalse();
        });
    }

    // ------------------------------------------------------------------------------------------------ who is who

    @ParameterizedTest
    @EnumSource
    void aServerThatIsSomebodyElseIsRefused(Drivers driver) throws Exception {
        driver.run(() -> assertRefused(ELSEWHERE, ELSEWHERE, "No subject alternative DNS name matching localhost"));
    }

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

    @ParameterizedTest
    @EnumSource
    void aLaterConnectionResumesTheSession(Drivers driver) throws Exception {
        driver.run(() -> {
            long first = -1;
            for (int i = 0; i < 2; i++) {
                SSLEngine engine = TlsStream.clientEngine(LOCALHOST, "localhost", 4711);
                try (TlsWire wire = TlsWire.open(Wire.open(), UnaryOperator.identity(), engine)) {
                    send(wire.server(), "x"); // the ticket comes before it
                    receive(wire.client(), 1);
                    long made = wire.client().session().getCreationTime();
                    assertThat(first == -1 || first == made).isTrue();
                    first = made;
                }
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

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.MATCH_NONE, names = "SIMULATED.*") // which has no threads to wait for
    void aReadCancelledWhileAComputationWaitsForAThreadLeavesItToTheNextRead(Drivers driver) throws Exception {
        ThreadPoolExecutor threads = (ThreadPoolExecutor) NetThreads.CRYPTO;
        CountDownLatch mayCompute = new CountDownLatch(1);
        SSLEngine engine = TlsStream.clientEngine(LOCALHOST, "localhost", 443);
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
