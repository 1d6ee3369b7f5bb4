package dev.rondo.net;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.getRunningLoop;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.net.Drivers.until;
import static dev.rondo.net.Drivers.untilOpen;
import static dev.rondo.net.TestCertificates.ELSEWHERE;
import static dev.rondo.net.TestCertificates.LOCALHOST;
import static dev.rondo.net.TestCertificates.issued;
import static dev.rondo.net.Wire.receive;
import static dev.rondo.net.Wire.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.Action;
import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import dev.rondo.Runner;
import dev.rondo.Task;
import dev.rondo.net.TlsOptions.ClientAuth;
import dev.rondo.spec.Spec;
import dev.rondo.time.VirtualClock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How a TLS connection begins: who is who, what is agreed on, how long it may take. */
class TlsHandshakeTest {

    /** Runs a test on a clock that jumps; only streams in memory can be used there. */
    static <X extends Exception> void onVirtualTime(Action<X> test) throws X {
        try (Runner runner =
                new Runner(() -> EventLoop.builder().clock(new VirtualClock()).build())) {
            runner.run(test);
        }
    }

    /** Asserts that no timer is left, but that of the test itself. */
    static void assertNothingScheduled() {
        assertThat(getRunningLoop().leftovers())
                .noneMatch(left -> left.startsWith("scheduled") && !left.startsWith("scheduled: a timeout of Task"));
    }

    // ------------------------------------------------------------------------------------------------ time

    @Spec("S-TLS-2")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aHandshakeThatTakesTooLongIsAborted(boolean asClient) throws Exception {
        onVirtualTime(() -> {
            Wire wire = MemoryStream.wire(1 << 16);
            Duration begin = getRunningLoop().time();
            assertThatThrownBy(() -> {
                        if (asClient) {
                            Net.startTls(wire.client(), LOCALHOST, "localhost", 443);
                        } else {
                            Net.startTlsServer(wire.client(), LOCALHOST);
                        }
                    })
                    .isInstanceOf(TlsTimeoutException.class)
                    .hasMessage("TLS handshake is taking longer than 60 seconds: aborting the connection with "
                            + (asClient ? "localhost:443" : "there"));
            assertThat(getRunningLoop().time().minus(begin)).isEqualTo(Duration.ofSeconds(60));
            assertThat(wire.client().isOpen()).isFalse();
            assertNothingScheduled();
        });
    }

    @Spec("S-TLS-2")
    @Test
    void howLongItMayTakeCanBeSaid() throws Exception {
        TlsOptions options = TlsOptions.DEFAULT.withHandshakeTimeout(Duration.ofMillis(250));
        onVirtualTime(() -> {
            Wire wire = MemoryStream.wire(1 << 16);
            assertThatThrownBy(() -> Net.startTls(wire.client(), LOCALHOST, "localhost", 443, options))
                    .isInstanceOf(TlsTimeoutException.class)
                    .hasMessageStartingWith("TLS handshake is taking longer than 0.25 seconds: aborting");
        });
    }

    @Test
    void itMayTakeForEver() throws Exception {
        Duration ever = Duration.ofSeconds(Long.MAX_VALUE);
        TlsOptions patient = TlsOptions.DEFAULT.withHandshakeTimeout(ever).withShutdownTimeout(ever);
        onVirtualTime(() -> {
            TlsWire wire = TlsWire.open(MemoryStream.wire(1 << 16), patient, patient);
            Asyncio.gather(() -> wire.client().shutdown(), () -> wire.server().shutdown());
            assertNothingScheduled();
        });
    }

    @Spec("S-TLS-2")
    @Spec("S-TLS-8")
    @Test
    void aSlowHandshakeIsWaitedForAndItsTimerIsGone() throws Exception {
        onVirtualTime(() -> {
            Wire wire = MemoryStream.wire(1 << 16);
            Task<TlsStream, IOException> client =
                    createTask(() -> Net.startTls(wire.client(), LOCALHOST, "localhost", 443));
            sleep(Duration.ofSeconds(59));
            assertThat(client.done()).isFalse();
            TlsStream server = Net.startTlsServer(wire.server(), LOCALHOST);
            TlsStream stream = client.await();
            assertNothingScheduled();
            sleep(Duration.ofHours(1));
            send(stream, "still there");
            assertThat(receive(server, 11)).isEqualTo("still there");
        });
    }

    @Spec("S-TLS-8")
    @Test
    void afterAHandshakeThatFailedNoTimerIsLeft() throws Exception {
        onVirtualTime(() -> {
            Wire wire = MemoryStream.wire(1 << 16);
            Task<TlsStream, IOException> client =
                    createTask(() -> Net.startTls(wire.client(), ELSEWHERE, "localhost", 443));
            assertThatThrownBy(() -> Net.startTlsServer(wire.server(), ELSEWHERE))
                    .isInstanceOf(SSLException.class);
            assertThatThrownBy(client::await).isInstanceOf(SSLException.class);
            assertNothingScheduled();

            Wire other = MemoryStream.wire(1 << 16);
            Task<TlsStream, IOException> cancelled =
                    createTask(() -> Net.startTls(other.client(), LOCALHOST, "localhost", 443));
            sleep(Duration.ofSeconds(1));
            cancelled.cancel();
            until(cancelled::done);
            assertNothingScheduled();
            assertThat(other.client().isOpen()).isFalse();
        });
    }

    @Spec("S-TLS-2")
    @ParameterizedTest
    @EnumSource
    void aPeerThatHangsUpIsNamed(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Wire wire = Wire.open()) {
                wire.server().shutdownOutput();
                assertThatThrownBy(() -> Net.startTls(wire.client(), LOCALHOST, "localhost", 443))
                        .isInstanceOf(SSLHandshakeException.class)
                        .hasMessage("TLS handshake with localhost:443 failed:"
                                + " the peer closed the connection during the handshake");
            }
            untilOpen(0);
        });
    }

    @Spec("S-TLS-2")
    @Test
    void whatCameWithTheEndOfTheHandshakeIsReadRightAfter() throws Exception {
        onVirtualTime(() -> {
            Wire wire = MemoryStream.wire(1 << 16);
            Task<TlsStream, IOException> client = createTask(() -> {
                TlsStream stream = Net.startTls(wire.client(), LOCALHOST, "localhost", 443);
                send(stream, "first");
                return stream;
            });
            // The server gets on only when the client has sent the end of its handshake and more.
            TlsStream server = Net.startTlsServer(new Sluggish(wire.server(), Duration.ofSeconds(1)), LOCALHOST);
            assertThat(receive(server, 5)).isEqualTo("first");
            client.await();
        });
    }

    // ------------------------------------------------------------------------------------------------ certificates

    @Spec("S-TLS-2")
    @ParameterizedTest
    @EnumSource
    void aCertificateThatHasExpiredIsRefusedAndTheReasonGiven(Drivers driver) throws Exception {
        driver.run(() -> assertRefused(issued("expired"), issued(null), "it has expired: NotAfter: "));
    }

    @Spec("S-TLS-2")
    @ParameterizedTest
    @EnumSource
    void aCertificateOfNobodyKnownIsRefusedAndTheReasonGiven(Drivers driver) throws Exception {
        driver.run(() -> assertRefused(LOCALHOST, issued(null), "nobody who is trusted has issued it"));
    }

    @Spec("S-TLS-2")
    @ParameterizedTest
    @EnumSource
    void aCertificateOfAnotherHostIsRefusedAndTheReasonGiven(Drivers driver) throws Exception {
        driver.run(() -> assertRefused(ELSEWHERE, ELSEWHERE, "No subject alternative DNS name matching localhost"));
    }

    @Spec("N-9")
    @ParameterizedTest
    @EnumSource
    void clientsThatAreShakingHandsCanBeClosed(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Server server = Net.startServer((_, _) -> {}, "localhost", 0, LOCALHOST);
                    ByteStream mute = Net.connectTcp("localhost", server.port())) {
                until(() -> server.clientCount() == 1);
                server.closeClients();
                assertThatThrownBy(() -> Net.startTls(mute, LOCALHOST, "localhost", 443))
                        .isInstanceOf(IOException.class);
                server.close();
                server.waitClosed();
            }
            untilOpen(0);
        });
    }

    private static void assertRefused(SSLContext server, SSLContext client, String reason) throws Exception {
        AtomicBoolean handled = new AtomicBoolean();
        try (Server serving = Net.startServer((_, _) -> handled.set(true), "localhost", 0, server)) {
            assertThatThrownBy(() -> Net.openConnection("localhost", serving.port(), client))
                    .isInstanceOf(SSLHandshakeException.class)
                    .hasMessageStartingWith(
                            "TLS handshake with localhost:" + serving.port() + " failed on verifying the certificate: ")
                    .hasMessageContaining(reason);
            serving.close();
            serving.waitClosed();
        }
        assertThat(handled).as("the handler is called after a handshake only").isFalse();
        untilOpen(0);
    }

    @Spec("S-TLS-5")
    @ParameterizedTest
    @EnumSource
    void theEmptyNameTakesAnyHostsCertificate(Drivers driver) throws Exception {
        driver.run(() -> {
            assertThat(askedName(ELSEWHERE, TlsOptions.DEFAULT.withServerName("")))
                    .isEmpty();
            assertThatThrownBy(() -> askedName(ELSEWHERE, TlsOptions.DEFAULT))
                    .as("what was let pass once is no session to be resumed by who looks")
                    .isInstanceOf(SSLHandshakeException.class);
        });
    }

    @Spec("S-TLS-5")
    @ParameterizedTest
    @EnumSource
    void theServerIsAskedForByName(Drivers driver) throws Exception {
        driver.run(() -> {
            assertThat(askedName(LOCALHOST, TlsOptions.DEFAULT)).containsExactly("localhost");
            assertThat(askedName(ELSEWHERE, TlsOptions.DEFAULT.withServerName("elsewhere.test")))
                    .containsExactly("elsewhere.test");
            assertThat(askedName(LOCALHOST, TlsOptions.DEFAULT.withServerName("localhost.")))
                    .as("without the dot")
                    .containsExactly("localhost");
            assertThat(askedName(LOCALHOST, TlsOptions.DEFAULT.withServerName("127.0.0.1")))
                    .as("an address is no name")
                    .isEmpty();
        });
    }

    /** Returns what the server is asked for by a client that connects to localhost. */
    private static List<String> askedName(SSLContext context, TlsOptions options) throws Exception {
        try (Listener listener = Net.listen("localhost", 0)) {
            Task<TlsStream, IOException> serving = createTask(() -> Net.startTlsServer(listener.accept(), context));
            try (TlsStream client =
                            Net.connectTls("localhost", listener.port(), context, ConnectOptions.DEFAULT, options);
                    TlsStream server = serving.await()) {
                send(server, "x");
                receive(client, 1);
                return ((ExtendedSSLSession) server.session())
                        .getRequestedServerNames().stream()
                                .map(name -> ((SNIHostName) name).getAsciiName())
                                .toList();
            } finally {
                serving.cancel();
            }
        }
    }

    // ------------------------------------------------------------------------------------------------ clients' own

    @ParameterizedTest
    @EnumSource(
            value = ClientAuth.class,
            names = {"WANT", "NEED"})
    void aClientsCertificateIsSeenByTheServer(ClientAuth auth) throws Exception {
        for (Drivers driver : Drivers.values()) {
            driver.run(() -> {
                try (TlsWire wire = withClient("someone", auth)) {
                    send(wire.client(), "x");
                    assertThat(receive(wire.server(), 1)).isEqualTo("x");
                    assertThat(wire.server().peerCertificates())
                            .first()
                            .satisfies(own ->
                                    assertThat(own.getSubjectX500Principal()).hasToString("CN=someone"));
                    assertThat(wire.client().peerCertificates().getFirst().getSubjectX500Principal())
                            .hasToString("CN=localhost");
                }
            });
        }
    }

    @ParameterizedTest
    @EnumSource
    void aWantedCertificateMayBeMissing(Drivers driver) throws Exception {
        driver.run(() -> {
            for (ClientAuth auth : new ClientAuth[] {ClientAuth.WANT, ClientAuth.NONE}) {
                try (TlsWire wire = withClient(null, auth)) {
                    send(wire.client(), "x");
                    assertThat(receive(wire.server(), 1)).isEqualTo("x");
                    assertThat(wire.server().peerCertificates()).isEmpty();
                }
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void aNeededCertificateMayNotBeMissing(Drivers driver) throws Exception {
        driver.run(() -> {
            Wire tcp = Wire.open();
            TlsOptions needs = TlsOptions.DEFAULT.withClientAuth(ClientAuth.NEED);
            Task<TlsStream, IOException> server =
                    createTask(() -> Net.startTlsServer(tcp.server(), issued("localhost"), needs));
            try (TlsStream client = Net.startTls(tcp.client(), issued(null), "localhost", 443)) {
                assertThatThrownBy(server::await)
                        .isInstanceOf(SSLHandshakeException.class)
                        .hasMessageContaining("Empty client certificate chain");
                assertThatThrownBy(() -> client.read(ByteBuffer.allocate(1)))
                        .as("in TLS 1.3 the client is through before the server has looked")
                        .isInstanceOf(SSLException.class)
                        .hasMessageContaining("certificate_required");
            }
            untilOpen(0);
        });
    }

    private static TlsWire withClient(String alias, ClientAuth auth) throws IOException {
        Wire tcp = Wire.open();
        TlsOptions options = TlsOptions.DEFAULT.withClientAuth(auth);
        Task<TlsStream, IOException> server =
                createTask(() -> Net.startTlsServer(tcp.server(), issued("localhost"), options));
        TlsStream client = Net.startTls(tcp.client(), issued(alias), "localhost", 443);
        return new TlsWire(client, server.await(), tcp);
    }

    // ------------------------------------------------------------------------------------------------ agreeing

    @ParameterizedTest
    @EnumSource
    void theProtocolThatTheServerLikesBestIsAgreedOn(Drivers driver) throws Exception {
        driver.run(() -> {
            assertThat(agreed(new String[] {"http/1.1", "h2"}, new String[] {"h2", "http/1.1"}))
                    .isEqualTo("h2");
            assertThat(agreed(new String[] {"h2", "http/1.1"}, new String[] {"http/1.1"}))
                    .isEqualTo("http/1.1");
            assertThat(agreed(new String[] {"h2"}, new String[] {})).isEqualTo("none");
            assertThat(agreed(new String[] {}, new String[] {"h2"})).isEqualTo("none");
        });
    }

    @ParameterizedTest
    @EnumSource
    void withoutACommonProtocolThereIsNoConnection(Drivers driver) throws Exception {
        driver.run(() -> {
            assertThatThrownBy(() -> agreed(new String[] {"h2"}, new String[] {"http/1.1"}))
                    .isInstanceOf(SSLHandshakeException.class)
                    .hasMessageContaining("no_application_protocol");
            untilOpen(0);
        });
    }

    private static String agreed(String[] clients, String[] servers) throws IOException {
        try (TlsWire wire = TlsWire.open(
                Wire.open(),
                TlsOptions.DEFAULT.withApplicationProtocols(clients),
                TlsOptions.DEFAULT.withApplicationProtocols(servers))) {
            String protocol = wire.client().applicationProtocol();
            assertThat(wire.server().applicationProtocol()).isEqualTo(protocol);
            return protocol == null ? "none" : protocol;
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatWasAgreedOnIsKnownAfterTheEndToo(Drivers driver) throws Exception {
        driver.run(() -> {
            TlsWire wire = TlsWire.open(Wire.open(), TlsWire.version("TLSv1.2"), TlsOptions.DEFAULT);
            wire.close();
            for (TlsStream stream : List.of(wire.client(), wire.server())) {
                assertThat(stream.session().getProtocol()).isEqualTo("TLSv1.2");
                assertThat(stream.cipherSuite()).startsWith("TLS_");
                assertThat(stream.sslContext()).isSameAs(LOCALHOST);
            }
            assertThat(wire.client().peerCertificates()).hasSize(1);
        });
    }

    @ParameterizedTest
    @EnumSource
    void aChangeOfParametersThatFailsLeavesNothingOpen(Drivers driver) throws Exception {
        TlsOptions options = TlsOptions.DEFAULT.withParameters(_ -> {
            throw new IllegalStateException("no");
        });
        driver.run(() -> {
            try (Wire wire = Wire.open()) {
                assertThatThrownBy(() -> Net.startTls(wire.client(), LOCALHOST, "localhost", 443, options))
                        .hasMessage("no");
                assertThatThrownBy(() -> Net.startTlsServer(wire.server(), LOCALHOST, options))
                        .hasMessage("no");
                untilOpen(0);
            }
            assertThatThrownBy(() -> Net.openConnection("localhost", 1, LOCALHOST, ConnectOptions.DEFAULT, options))
                    .as("before it connects")
                    .hasMessage("no");
        });
    }

    @Spec("N-9")
    @ParameterizedTest
    @EnumSource
    void aServerTakesOptionsToo(Drivers driver) throws Exception {
        TlsOptions options = TlsOptions.DEFAULT.withApplicationProtocols("echo");
        driver.run(() -> {
            ClientHandler echo = (reader, writer) -> {
                try (writer) {
                    writer.write(reader.readLine());
                }
            };
            try (Server server = Net.startServer(echo, "localhost", 0, LOCALHOST, options);
                    Connection client = Net.openConnection(
                            "localhost", server.port(), LOCALHOST, ConnectOptions.DEFAULT, options)) {
                assertThat(((TlsStream) client.stream()).applicationProtocol()).isEqualTo("echo");
                client.writer().write("hello\n", StandardCharsets.US_ASCII);
                assertThat(client.reader().readLine()).asString().isEqualTo("hello\n");
            }
        });
    }
}
