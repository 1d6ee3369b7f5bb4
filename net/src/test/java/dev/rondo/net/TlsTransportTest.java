package dev.rondo.net;

import static dev.rondo.Asyncio.getRunningLoop;
import static dev.rondo.Asyncio.sleep;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.Action;
import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import dev.rondo.ExceptionContext;
import dev.rondo.Runner;
import dev.rondo.Task;
import dev.rondo.spec.Spec;
import dev.rondo.time.VirtualClock;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS between a protocol and a transport that is made of memory: every slicing, every order, virtual time. */
class TlsTransportTest {

    private static final int ALL = 1 << 20;

    private final List<String> log = new ArrayList<>();
    private final List<ExceptionContext> reported = new ArrayList<>();

    /** Logs what it is told, with its name. */
    private class Logging implements Protocol {
        final String name;

        @Nullable Transport transport;

        final StringBuilder received = new StringBuilder();

        Logging(String name) {
            this.name = name;
        }

        @Override
        public void connectionMade(Transport transport) {
            this.transport = transport;
            log.add(name + " made");
        }

        @Override
        public void dataReceived(byte[] data) throws Exception {
            received.append(new String(data, US_ASCII));
        }

        @Override
        public boolean eofReceived() {
            log.add(name + " eof after " + received.length());
            return false;
        }

        @Override
        public void connectionLost(@Nullable Throwable failure) {
            log.add(name + " lost"
                    + (failure == null ? "" : ": " + failure.getClass().getSimpleName()));
        }

        @Override
        public void pauseWriting() {
            log.add(name + " pause");
        }

        @Override
        public void resumeWriting() {
            log.add(name + " resume");
        }

        Transport transport() {
            return java.util.Objects.requireNonNull(transport);
        }
    }

    /** Two ends of a connection, agreed. */
    private final class Pair {
        final Logging client;
        final Logging server;
        final TlsTransport clientTls;
        final TlsTransport serverTls;
        final MemoryTransport clientWire;

        Pair(int slice) {
            this(slice, new Logging("client"), new Logging("server"));
        }

        Pair(int slice, Logging client, Logging server) {
            this.client = client;
            this.server = server;
            EventLoop loop = getRunningLoop();
            clientTls = TlsTransport.client(loop, client, TestCertificates.LOCALHOST, "localhost", 1, OPTIONS);
            serverTls = TlsTransport.server(loop, server, TestCertificates.LOCALHOST, OPTIONS);
            clientWire = MemoryTransport.connect(loop, clientTls.wire(), serverTls.wire(), slice);
        }

        Pair agree() throws Exception {
            clientTls.awaitAgreement();
            serverTls.awaitAgreement();
            log.clear();
            return this;
        }
    }

    private static final TlsOptions OPTIONS = TlsOptions.DEFAULT;

    private void run(Action<?> test) throws Exception {
        try (Runner runner =
                new Runner(() -> EventLoop.builder().clock(new VirtualClock()).build())) {
            runner.loop().setExceptionHandler((_, context) -> reported.add(context));
            runner.run(() -> Asyncio.timeout(Duration.ofHours(10), test::run));
        }
    }

    private static byte[] bytes(int count) {
        return "x".repeat(count).getBytes(US_ASCII);
    }

    private static void settle() {
        sleep(Duration.ofMillis(1));
    }

    @Spec("S-TLS-2")
    @ParameterizedTest
    @ValueSource(ints = {1, 7, 1000, ALL})
    void theProtocolIsToldOnceHandsAreShakenAndDataGoesBothWays(int slice) throws Exception {
        run(() -> {
            Pair pair = new Pair(slice);
            assertThat(log).isEmpty();
            pair.clientTls.awaitAgreement();
            pair.client.transport().write(bytes(40_000));
            pair.serverTls.awaitAgreement();
            pair.server.transport().write(bytes(3));
            while (pair.server.received.length() < 40_000 || pair.client.received.length() < 3) {
                settle();
            }
            assertThat(log).containsExactly("client made", "server made");
            assertThat(pair.clientTls.getExtraInfo("cipher")).asString().startsWith("TLS_");
            assertThat(pair.clientTls.getExtraInfo("ssl_object")).isInstanceOf(SSLEngine.class);
            assertThat(pair.clientTls.getExtraInfo("sslcontext")).isSameAs(TestCertificates.LOCALHOST);
            assertThat((List<?>) pair.clientTls.getExtraInfo("peercert")).hasSize(1);
            assertThat(pair.serverTls.getExtraInfo("peercert")).isNull();
            assertThat(pair.clientTls.getExtraInfo("peername")).isNotNull();
        });
    }

    @Spec("S-TLS-1")
    @Spec("S-TLS-3")
    @ParameterizedTest
    @ValueSource(ints = {1, ALL})
    void closingFlushesAndSaysGoodbyeBothWays(int slice) throws Exception {
        run(() -> {
            Pair pair = new Pair(slice).agree();
            pair.clientWire.holds = true;
            pair.client.transport().write(bytes(50_000));
            pair.client.transport().write(bytes(50_000));
            pair.client.transport().close();
            assertThat(pair.clientTls.isClosing()).isTrue();
            settle();
            pair.clientWire.release();
            while (log.size() < 3) {
                settle();
            }
            assertThat(log).startsWith("server eof after 100000").contains("client lost", "server lost");
            assertThat(getRunningLoop().leftovers()).noneMatch(line -> line.contains("TookTooLong"));
        });
    }

    @Test
    @Spec("S-TLS-3")
    void dataThatComesDuringTheShutdownIsDelivered() throws Exception {
        run(() -> {
            Pair pair = new Pair(ALL).agree();
            pair.clientWire.peer().holds = true;
            pair.server.transport().write(bytes(20));
            pair.client.transport().close();
            settle();
            assertThat(pair.client.received).isEmpty();
            pair.clientWire.peer().release();
            settle();
            assertThat(pair.client.received).hasSize(20);
            assertThat(log).contains("client lost", "server lost");
        });
    }

    @Test
    @Spec("S-TLS-3")
    @Spec("S-TLS-4")
    void aShutdownWhileReadingIsPausedEnds() throws Exception {
        run(() -> {
            Pair pair = new Pair(ALL).agree();
            pair.client.transport().pauseReading();
            pair.server.transport().write(bytes(20_000));
            settle();
            pair.client.transport().close();
            settle();
            assertThat(log).contains("client lost", "server lost");
            assertThat(pair.client.received).isEmpty();
        });
    }

    @Test
    @Spec("S-TLS-3")
    void aPeerThatDoesNotSayGoodbyeIsLeftAfterTheShutdownTimeout() throws Exception {
        run(() -> {
            Pair pair = new Pair(ALL).agree();
            pair.clientWire.peer().holds = true;
            pair.client.transport().close();
            sleep(Duration.ofSeconds(29));
            assertThat(log).doesNotContain("client lost: TlsTimeoutException");
            sleep(Duration.ofSeconds(2));
            assertThat(log).contains("client lost: TlsTimeoutException");
        });
    }

    @Test
    @Spec("S-TLS-2")
    @Spec("S-TLS-8")
    void aHandshakeThatTakesTooLongIsAborted() throws Exception {
        run(() -> {
            EventLoop loop = getRunningLoop();
            TlsTransport tls = TlsTransport.client(
                    loop, new Logging("client"), TestCertificates.LOCALHOST, "localhost", 1, OPTIONS);
            Logging silent = new Logging("silent");
            MemoryTransport.connect(loop, tls.wire(), silent, ALL);
            Duration start = loop.time();
            assertThatThrownBy(tls::awaitAgreement)
                    .isInstanceOf(TlsTimeoutException.class)
                    .hasMessageContaining("longer than 60 seconds");
            assertThat(loop.time().minus(start)).isEqualTo(Duration.ofSeconds(60));
            settle();
            assertThat(log).startsWith("silent made").endsWith("silent lost").hasSize(3);
        });
    }

    @Test
    @Spec("S-TLS-2")
    void aPeerThatHangsUpDuringTheHandshakeHasResetIt() throws Exception {
        run(() -> {
            EventLoop loop = getRunningLoop();
            TlsTransport tls = TlsTransport.client(
                    loop, new Logging("client"), TestCertificates.LOCALHOST, "localhost", 1, OPTIONS);
            MemoryTransport wire = MemoryTransport.connect(loop, tls.wire(), new Logging("rude"), ALL);
            wire.peer().hangUp();
            assertThatThrownBy(tls::awaitAgreement)
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
            settle();
            assertThat(log).doesNotContain("client made").doesNotContain("client lost");
        });
    }

    @Test
    @Spec("S-TLS-2")
    void aCertificateOfSomebodyElseEndsTheHandshake() throws Exception {
        run(() -> {
            EventLoop loop = getRunningLoop();
            TlsTransport client = TlsTransport.client(
                    loop, new Logging("client"), TestCertificates.ELSEWHERE, "localhost", 1, OPTIONS);
            TlsTransport server = TlsTransport.server(loop, new Logging("server"), TestCertificates.ELSEWHERE, OPTIONS);
            MemoryTransport.connect(loop, client.wire(), server.wire(), ALL);
            assertThatThrownBy(client::awaitAgreement)
                    .isInstanceOf(SSLHandshakeException.class)
                    .hasMessageContaining("on verifying the certificate");
            assertThatThrownBy(server::awaitAgreement).isInstanceOf(SSLException.class);
            settle();
            assertThat(log).isEmpty();
        });
    }

    @Test
    void whoeverGivesUpOnTheHandshakeClosesTheConnection() throws Exception {
        run(() -> {
            EventLoop loop = getRunningLoop();
            TlsTransport tls = TlsTransport.client(
                    loop, new Logging("client"), TestCertificates.LOCALHOST, "localhost", 1, OPTIONS);
            MemoryTransport.connect(loop, tls.wire(), new Logging("silent"), ALL);
            Task<?, ?> waiting = Asyncio.createTask(tls::awaitAgreement);
            settle();
            waiting.cancel();
            settle();
            assertThat(log).startsWith("silent made").endsWith("silent lost").hasSize(3);
            assertThat(reported).isEmpty();
        });
    }

    @Test
    void anEndWithoutGoodbyeIsTold() throws Exception {
        run(() -> {
            Pair pair = new Pair(ALL).agree();
            pair.server.transport().write(bytes(5));
            pair.clientWire.peer().hangUp();
            settle();
            assertThat(pair.client.received).hasSize(5);
            assertThat(log).contains("client lost: TlsTruncationException").doesNotContain("client eof after 5");
        });
    }

    @Test
    @Spec("S-TLS-7")
    void whatIsWrittenAfterTheCloseIsDropped() throws Exception {
        run(() -> {
            Pair pair = new Pair(ALL).agree();
            pair.client.transport().close();
            for (int i = 0; i < 6; i++) {
                pair.client.transport().write(bytes(1));
            }
            settle();
            assertThat(pair.server.received).isEmpty();
            assertThat(log).containsExactlyInAnyOrder("server eof after 0", "server lost", "client lost");
        });
    }

    @Test
    @Spec("S-TLS-4")
    void pausingStopsDecrypting() throws Exception {
        run(() -> {
            Pair pair = new Pair(100).agree();
            pair.client.transport().pauseReading();
            pair.client.transport().pauseReading();
            assertThat(pair.clientTls.isReading()).isFalse();
            pair.server.transport().write(bytes(1000));
            settle();
            assertThat(pair.client.received).isEmpty();
            pair.client.transport().resumeReading();
            settle();
            assertThat(pair.client.received).hasSize(1000);
        });
    }

    @Test
    @Spec("P-11")
    @Spec("S-TLS-4")
    void writingIsPausedAtTheHighWaterMarkAndGoesOnAtTheLowOne() throws Exception {
        run(() -> {
            Pair pair = new Pair(ALL).agree();
            Transport transport = pair.client.transport();
            assertThat(transport.getWriteBufferLimits())
                    .isEqualTo(new Transport.WriteBufferLimits(128 * 1024, 512 * 1024));
            transport.setWriteBufferLimits(1000);
            pair.clientWire.holds = true;
            transport.write(bytes(1)); // passed on, and what is below wants no more
            transport.write(bytes(999));
            assertThat(log).isEmpty();
            transport.write(bytes(1)); // over TLS the mark itself is too much
            assertThat(log).containsExactly("client pause");
            assertThat(transport.getWriteBufferSize()).isEqualTo(1000);
            pair.clientWire.release();
            assertThat(log).containsExactly("client pause", "client resume");
            settle();
            assertThat(pair.server.received).hasSize(1001);
            assertThatThrownBy(() -> transport.setWriteBufferLimits(1, 2)).isInstanceOf(IllegalArgumentException.class);
        });
    }

    @Test
    @Spec("P-8")
    void aProtocolThatFailsEndsTheConnection() throws Exception {
        run(() -> {
            Pair pair = new Pair(ALL, new Logging("client"), new Logging("server") {
                        @Override
                        public void dataReceived(byte[] data) throws Exception {
                            throw new IllegalStateException("its own");
                        }
                    })
                    .agree();
            pair.client.transport().write(bytes(1));
            settle();
            assertThat(reported).singleElement().satisfies(context -> {
                assertThat(context.message()).isEqualTo("Fatal error: protocol.data_received() call failed.");
                assertThat(context.details()).containsKeys("transport", "protocol");
            });
            assertThat(log).contains("server lost: IllegalStateException");
        });
    }

    @Test
    @Spec("P-13")
    void aProtocolMayHaveItsOwnBuffer() throws Exception {
        run(() -> {
            EventLoop loop = getRunningLoop();
            List<Integer> hints = new ArrayList<>();
            StringBuilder received = new StringBuilder();
            BufferedProtocol buffered = new BufferedProtocol() {
                private final ByteBuffer buffer = ByteBuffer.allocate(300);

                @Override
                public ByteBuffer getBuffer(int sizeHint) {
                    hints.add(sizeHint);
                    return buffer.clear();
                }

                @Override
                public void bufferUpdated(int count) {
                    received.append(new String(buffer.array(), 0, count, US_ASCII));
                }
            };
            Logging client = new Logging("client");
            TlsTransport a = TlsTransport.client(loop, client, TestCertificates.LOCALHOST, "localhost", 1, OPTIONS);
            TlsTransport b = TlsTransport.server(loop, buffered, TestCertificates.LOCALHOST, OPTIONS);
            MemoryTransport.connect(loop, a.wire(), b.wire(), ALL);
            a.awaitAgreement();
            a.write(bytes(1000));
            while (received.length() < 1000) {
                settle();
            }
            assertThat(hints).containsExactly(1000, 700, 400, 100);
        });
    }

    @Test
    @Spec("S-TLS-6")
    void tlsGoesOverTls() throws Exception {
        run(() -> {
            EventLoop loop = getRunningLoop();
            Logging client = new Logging("client");
            Logging server = new Logging("server");
            TlsTransport innerA =
                    TlsTransport.client(loop, client, TestCertificates.LOCALHOST, "localhost", 1, OPTIONS);
            TlsTransport innerB = TlsTransport.server(loop, server, TestCertificates.LOCALHOST, OPTIONS);
            TlsTransport outerA =
                    TlsTransport.client(loop, innerA.wire(), TestCertificates.LOCALHOST, "localhost", 1, OPTIONS);
            TlsTransport outerB = TlsTransport.server(loop, innerB.wire(), TestCertificates.LOCALHOST, OPTIONS);
            MemoryTransport.connect(loop, outerA.wire(), outerB.wire(), 100);
            innerA.awaitAgreement().write(bytes(50_000));
            innerB.awaitAgreement();
            while (server.received.length() < 50_000) {
                settle();
            }
            innerA.close();
            while (log.size() < 5) {
                settle();
            }
            assertThat(log)
                    .contains("client made", "server made", "server eof after 50000", "server lost", "client lost");
        });
    }

    @Test
    @Spec("S-TLS-6")
    void aConnectionThatIsThereCanBeUpgraded() throws Exception {
        run(() -> {
            EventLoop loop = getRunningLoop();
            Logging client = new Logging("client");
            Logging server = new Logging("server");
            MemoryTransport plain = MemoryTransport.connect(loop, client, server, ALL);
            settle();
            log.clear();
            Task<Transport, ?> other = Asyncio.createTask(() -> Endpoints.startTls(
                    loop,
                    plain.peer(),
                    server,
                    TestCertificates.LOCALHOST,
                    () -> TlsEngines.server(TestCertificates.LOCALHOST, OPTIONS),
                    OPTIONS));
            Transport tls = Endpoints.startTls(
                    loop,
                    plain,
                    client,
                    TestCertificates.LOCALHOST,
                    () -> TlsEngines.client(TestCertificates.LOCALHOST, "localhost", 1, OPTIONS),
                    OPTIONS);
            other.await();
            tls.write(bytes(7));
            settle();
            assertThat(server.received).hasSize(7);
            assertThat(log).isEmpty(); // no connectionMade: the protocols know the connection
            tls.close();
            settle();
            assertThat(log).contains("client lost", "server lost");
        });
    }

    // ------------------------------------------------------------------------------------------------ the hard orders

    /** Reads into a small buffer of its own, and pauses after each piece. */
    private static final class Sipping implements BufferedProtocol {
        final StringBuilder received = new StringBuilder();
        final List<String> events = new ArrayList<>();
        private final ByteBuffer buffer = ByteBuffer.allocate(300);

        @Nullable Transport transport;

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
            received.append(new String(buffer.array(), 0, count, US_ASCII));
            java.util.Objects.requireNonNull(transport).pauseReading();
        }

        @Override
        public boolean eofReceived() {
            events.add("eof after " + received.length());
            return false;
        }

        @Override
        public void connectionLost(@Nullable Throwable failure) {
            events.add("lost: " + failure);
        }
    }

    @Spec("S-TLS-4")
    @Spec("P-13")
    @ParameterizedTest
    @ValueSource(ints = {1, 100, ALL})
    void aPauseInTheMidstOfARecordLosesNothing(int slice) throws Exception {
        run(() -> {
            EventLoop loop = getRunningLoop();
            Sipping server = new Sipping();
            TlsTransport a = TlsTransport.client(
                    loop, new Logging("client"), TestCertificates.LOCALHOST, "localhost", 1, OPTIONS);
            TlsTransport b = TlsTransport.server(loop, server, TestCertificates.LOCALHOST, OPTIONS);
            MemoryTransport.connect(loop, a.wire(), b.wire(), slice);
            a.awaitAgreement();
            b.awaitAgreement();
            a.write(bytes(1000));
            a.write(bytes(500));
            a.close(); // the end waits for its turn as well
            for (int i = 0; i < 10; i++) {
                settle();
                b.resumeReading();
            }
            settle();
            assertThat(server.received).hasSize(1500);
            assertThat(server.events).containsExactly("eof after 1500", "lost: null");
        });
    }

    @Spec("S-TLS-4")
    @Spec("S-TLS-6")
    @ParameterizedTest
    @ValueSource(ints = {100, ALL})
    void thePeersEndWaitsForWhoeverReadsInSips(int slice) throws Exception {
        run(() -> {
            EventLoop loop = getRunningLoop();
            Sipping server = new Sipping();
            TlsTransport a = TlsTransport.client(
                    loop, new Logging("client"), TestCertificates.LOCALHOST, "localhost", 1, OPTIONS);
            TlsTransport b = TlsTransport.server(loop, server, TestCertificates.LOCALHOST, OPTIONS);
            MemoryTransport wire = MemoryTransport.connect(loop, a.wire(), b.wire(), slice);
            a.awaitAgreement();
            b.awaitAgreement();
            for (int i = 0; i < 4; i++) {
                a.write(bytes(300));
            }
            wire.hangUp(); // without a goodbye
            for (int i = 0; i < 10; i++) {
                settle();
                b.resumeReading();
            }
            settle();
            assertThat(server.received).hasSize(1200);
            assertThat(server.events).singleElement().asString().contains("TlsTruncationException");
        });
    }

    @Test
    @Spec("S-TLS-2")
    void aPeerThatEndsBehindItsLastWordsOfTheHandshakeIsHeard() throws Exception {
        run(() -> {
            // The server has to compute on the client's certificate, when all has come that will ever come.
            TlsOptions mutual = OPTIONS.withClientAuth(TlsOptions.ClientAuth.NEED);
            EventLoop loop = getRunningLoop();
            Logging server = new Logging("server");
            Logging client = new Logging("client") {
                @Override
                public void connectionMade(Transport transport) {
                    super.connectionMade(transport);
                    transport.write(bytes(10));
                }
            };
            TlsTransport a =
                    TlsTransport.client(loop, client, TestCertificates.issued("localhost"), "localhost", 1, OPTIONS);
            TlsTransport b = TlsTransport.server(loop, server, TestCertificates.issued("localhost"), mutual);
            MemoryTransport wire = MemoryTransport.connect(loop, a.wire(), b.wire(), ALL);
            a.awaitAgreement();
            wire.hangUp();
            settle();
            settle();
            assertThat(server.received).hasSize(10);
            assertThat(log).contains("server made", "server lost: TlsTruncationException");
        });
    }

    @Test
    @Spec("P-1")
    void aProtocolThatClosesWhileItReceivesIsNotCalledFromWithinItself() throws Exception {
        run(() -> {
            Logging server = new Logging("server") {
                private boolean within;

                @Override
                public void dataReceived(byte[] data) throws Exception {
                    assertThat(within).isFalse();
                    within = true;
                    super.dataReceived(data);
                    transport().close();
                    within = false;
                }
            };
            Pair pair = new Pair(ALL, new Logging("client"), server).agree();
            for (int i = 0; i < 3; i++) {
                pair.client.transport().write(bytes(20_000));
            }
            settle();
            settle();
            assertThat(reported).isEmpty();
            assertThat(log).contains("server lost", "client lost");
            assertThat(server.received).hasSize(60_000);
        });
    }

    @Test
    @Spec("P-8")
    void anIoFailureOfTheProtocolEndsTheConnectionWithoutAReport() throws Exception {
        run(() -> {
            Logging server = new Logging("server") {
                @Override
                public void dataReceived(byte[] data) throws Exception {
                    throw new java.io.IOException("disk full");
                }
            };
            Pair pair = new Pair(ALL, new Logging("client"), server).agree();
            pair.client.transport().write(bytes(1));
            settle();
            assertThat(reported).isEmpty();
            assertThat(log).contains("server lost: IOException");
        });
    }

    @Test
    @Spec("P-4")
    void emptyWritesAreNoWrites() throws Exception {
        run(() -> {
            Pair pair = new Pair(ALL).agree();
            pair.client.transport().close();
            try (LogOf lines = new LogOf(TlsTransport.class)) {
                for (int i = 0; i < 9; i++) {
                    pair.client.transport().write(bytes(0));
                }
                assertThat(lines.lines()).isEmpty();
                for (int i = 0; i < 5; i++) {
                    pair.client.transport().write(bytes(1));
                }
                assertThat(lines.lines()).singleElement().asString().contains("closed");
            }
        });
    }

    @Test
    @Spec("S-TLS-8")
    void aFailureThatCannotBeToldIsNotWaitedForForEver() throws Exception {
        run(() -> {
            Pair pair = new Pair(ALL).agree();
            pair.clientWire.holds = true; // the server does not read
            pair.client.transport().write(bytes(50_000));
            pair.clientWire.peer().write(ByteBuffer.wrap("this is no TLS".getBytes(US_ASCII)));
            settle();
            assertThat(log).doesNotContain("client lost: SSLException");
            sleep(Duration.ofSeconds(31));
            assertThat(log).filteredOn(line -> line.startsWith("client lost")).hasSize(1);
        });
    }

    @Test
    @Spec("S-TLS-6")
    void whoeverGivesUpWhenHandsAreShakenAlreadyClosesTheConnection() throws Exception {
        run(() -> {
            EventLoop loop = getRunningLoop();
            Task<?, ?>[] waiting = new Task<?, ?>[1];
            Logging client = new Logging("client") {
                @Override
                public void connectionMade(Transport transport) {
                    super.connectionMade(transport);
                    waiting[0].cancel();
                }
            };
            TlsTransport a = TlsTransport.client(loop, client, TestCertificates.LOCALHOST, "localhost", 1, OPTIONS);
            TlsTransport b = TlsTransport.server(loop, new Logging("server"), TestCertificates.LOCALHOST, OPTIONS);
            MemoryTransport.connect(loop, a.wire(), b.wire(), ALL);
            waiting[0] = Asyncio.createTask(a::awaitAgreement);
            settle();
            settle();
            assertThat(waiting[0].cancelled()).isTrue();
            assertThat(log).contains("client made", "client lost");
        });
    }

    @Test
    @Spec("S-TLS-6")
    @Spec("P-1")
    void anUpgradeThatFailsTellsTheProtocolThatItIsLost() throws Exception {
        run(() -> {
            EventLoop loop = getRunningLoop();
            Logging client = new Logging("client");
            MemoryTransport plain = MemoryTransport.connect(loop, client, new Logging("rude"), ALL);
            settle();
            Task<Transport, ?> upgrade = Asyncio.createTask(() -> Endpoints.startTls(
                    loop,
                    plain,
                    client,
                    TestCertificates.LOCALHOST,
                    () -> TlsEngines.client(TestCertificates.LOCALHOST, "localhost", 1, OPTIONS),
                    OPTIONS));
            settle();
            plain.peer().hangUp();
            assertThatThrownBy(upgrade::await).isInstanceOf(SocketException.class);
            settle();
            assertThat(log).contains("client lost: SocketException");
            assertThatThrownBy(() -> Endpoints.startTls(
                            loop,
                            plain,
                            client,
                            TestCertificates.LOCALHOST,
                            () -> TlsEngines.client(TestCertificates.LOCALHOST, "localhost", 1, OPTIONS),
                            OPTIONS))
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("closing");
        });
    }

    private static final dev.rondo.ContextVar<String> WHO = dev.rondo.ContextVar.withDefault("who", "nobody");

    @Test
    @Spec("X-4")
    void whoeverClosesOrResumesLendsTheProtocolNoContext() throws Exception {
        run(() -> {
            List<String> contexts = new ArrayList<>();
            Logging client = new Logging("client") {
                @Override
                public void dataReceived(byte[] data) throws Exception {
                    contexts.add("data " + WHO.get());
                }

                @Override
                public void resumeWriting() {
                    contexts.add("resume " + WHO.get());
                }
            };
            Pair pair = new Pair(ALL, client, new Logging("server")).agree();
            WHO.set("somebody");
            pair.client.transport().pauseReading();
            pair.server.transport().write(bytes(1));
            settle();
            pair.client.transport().resumeReading();
            settle();
            pair.server.transport().write(bytes(1));
            pair.client.transport().close();
            settle();
            assertThat(contexts).contains("data nobody").doesNotContain("data somebody", "resume somebody");
        });
    }

    @Test
    @Spec("P-8")
    void whichOfItsMethodsFailedIsSaid() throws Exception {
        run(() -> {
            EventLoop loop = getRunningLoop();
            BufferedProtocol failing = new BufferedProtocol() {
                @Override
                public ByteBuffer getBuffer(int sizeHint) {
                    return ByteBuffer.allocate(10);
                }

                @Override
                public void bufferUpdated(int count) {
                    throw new IllegalStateException("its own");
                }
            };
            TlsTransport a = TlsTransport.client(
                    loop, new Logging("client"), TestCertificates.LOCALHOST, "localhost", 1, OPTIONS);
            TlsTransport b = TlsTransport.server(loop, failing, TestCertificates.LOCALHOST, OPTIONS);
            MemoryTransport.connect(loop, a.wire(), b.wire(), ALL);
            a.awaitAgreement().write(bytes(1));
            settle();
            assertThat(reported)
                    .extracting(ExceptionContext::message)
                    .containsExactly("Fatal error: protocol.buffer_updated() call failed.");
        });
    }

    @Test
    @Spec("P-11")
    void aProtocolMayWriteWhenItIsAskedToPause() throws Exception {
        run(() -> {
            Logging client = new Logging("client") {
                @Override
                public void pauseWriting() {
                    super.pauseWriting();
                    transport().write(bytes(1000)); // its last words, for now
                }
            };
            EventLoop loop = getRunningLoop();
            Logging server = new Logging("server");
            TlsTransport inner = TlsTransport.client(loop, client, TestCertificates.LOCALHOST, "localhost", 1, OPTIONS);
            TlsTransport innerPeer = TlsTransport.server(loop, server, TestCertificates.LOCALHOST, OPTIONS);
            TlsTransport outer =
                    TlsTransport.client(loop, inner.wire(), TestCertificates.LOCALHOST, "localhost", 1, OPTIONS);
            TlsTransport outerPeer = TlsTransport.server(loop, innerPeer.wire(), TestCertificates.LOCALHOST, OPTIONS);
            MemoryTransport wire = MemoryTransport.connect(loop, outer.wire(), outerPeer.wire(), ALL);
            inner.awaitAgreement();
            settle();
            wire.holds = true;
            for (int i = 0; i < 20; i++) {
                inner.write(bytes(100_000));
            }
            wire.release();
            settle();
            settle();
            assertThat(reported).isEmpty();
            assertThat(server.received).hasSize(2_001_000);
            assertThat(log).contains("client pause", "client resume");
        });
    }

    @Test
    @Spec("P-8")
    void whatLeavesTheLoopStopsNoConnection() throws Exception {
        List<Integer> sizes = new ArrayList<>();
        try (Runner runner =
                new Runner(() -> EventLoop.builder().clock(new VirtualClock()).build())) {
            Pair[] pair = new Pair[1];
            assertThatThrownBy(() -> runner.run(() -> {
                        pair[0] = new Pair(ALL, new Logging("client"), new Logging("server") {
                                    @Override
                                    public void dataReceived(byte[] data) {
                                        sizes.add(data.length);
                                        if (sizes.size() == 1) {
                                            throw new dev.rondo.KeyboardInterrupt();
                                        }
                                    }
                                })
                                .agree();
                        pair[0].client.transport().write(bytes(10));
                        pair[0].client.transport().write(bytes(20));
                        settle();
                    }))
                    .isInstanceOf(dev.rondo.KeyboardInterrupt.class);
            runner.run(TlsTransportTest::settle);
            assertThat(sizes).containsExactly(10, 20);
        }
    }
}
