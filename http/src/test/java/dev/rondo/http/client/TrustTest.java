package dev.rondo.http.client;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.Asyncio;
import dev.rondo.Task;
import dev.rondo.http.ConnectFailedException;
import dev.rondo.http.FingerprintException;
import dev.rondo.http.RawServer;
import dev.rondo.http.TestCertificate;
import dev.rondo.http.server.HttpServer;
import dev.rondo.http.server.Response;
import dev.rondo.http.server.ServerOptions;
import dev.rondo.net.Net;
import dev.rondo.net.TlsOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whom a session trusts, and what it shows of itself. */
class TrustTest {

    private static final Fingerprint OTHER = new Fingerprint("00".repeat(32));
    private static final ServerOptions TLS = ServerOptions.DEFAULT.withTls(TestCertificate.CONTEXT);

    private interface Use {
        void of(HttpServer server) throws Exception;
    }

    private static void served(ServerOptions options, Use use) throws Exception {
        run(() -> Asyncio.timeout(Duration.ofSeconds(30), () -> {
            try (var server = HttpServer.start(request -> Response.text(request.version()), "127.0.0.1", 0, options)) {
                use.of(server);
            }
        }));
    }

    private static String ask(ClientSession.Builder client, HttpServer server) throws IOException {
        try (var session = client.build();
                var response = session.get(server.url())) {
            return response.text();
        }
    }

    private static Fingerprint fingerprintOf(HttpServer server) throws IOException {
        try (var stream = Net.connectTls("127.0.0.1", server.port(), TestCertificate.CONTEXT)) {
            return Fingerprint.of(stream.peerCertificates().getFirst());
        }
    }

    // ------------------------------------------------------------------------------------------------ fingerprints

    @Test
    void aFingerprintIsReadAsOpensslPrintsIt() {
        String printed = "AB:".repeat(31) + "CD";
        assertThat(new Fingerprint(printed)).isEqualTo(new Fingerprint("ab".repeat(31) + "cd"));
        assertThat(new Fingerprint(printed)).hasToString("ab".repeat(31) + "cd");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ab", "abababababababababababababababababababab", "xyz"})
    void whatIsNoSha256IsNone(String hex) {
        assertThatThrownBy(() -> new Fingerprint(hex)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aPinnedCertificateIsTaken() throws Exception {
        served(TLS, server -> {
            var pinned = ClientSession.builder()
                    .sslContext(TestCertificate.CONTEXT)
                    .pin("127.0.0.1", OTHER, fingerprintOf(server));
            assertThat(ask(pinned, server)).isEqualTo("HTTP/2");
        });
    }

    @Test
    void anotherOneIsRefusedBeforeAnythingIsSent() throws Exception {
        run(() -> {
            var received = new ArrayList<Integer>();
            try (var server = RawServer.start(tcp -> {
                        try (var tls = Net.startTlsServer(tcp.stream(), TestCertificate.CONTEXT)) {
                            received.add(tls.read(ByteBuffer.allocate(100)));
                        }
                    });
                    var session = ClientSession.builder()
                            .sslContext(TestCertificate.CONTEXT)
                            .pin("127.0.0.1", OTHER)
                            .build()) {
                String url = "https://127.0.0.1:" + server.port();
                var answers = new ArrayList<Task<ClientResponse, IOException>>();
                for (int i = 0; i < 2; i++) {
                    answers.add(createTask(() -> session.get(url)));
                }
                for (Task<ClientResponse, IOException> answer : answers) {
                    assertThatThrownBy(answer::await)
                            .isInstanceOf(FingerprintException.class)
                            .hasMessageStartingWith("127.0.0.1:" + server.port() + " shows a certificate of SHA-256 ")
                            .hasMessageContaining(OTHER.hex());
                }
                assertThat(session).hasToString("ClientSession[0 in use, 0 idle, 0 waiting]");
                while (received.isEmpty()) {
                    Asyncio.yieldNow();
                }
                assertThat(received).containsExactly(-1);
            }
        });
    }

    @Test
    void whatIsPinnedMustBeTrustedBesides() throws Exception {
        served(TLS, server -> {
            var pinned = ClientSession.builder().pin("127.0.0.1", fingerprintOf(server));
            assertThatThrownBy(() -> ask(pinned, server)).isInstanceOf(ConnectFailedException.class);
        });
    }

    @Test
    void otherHostsAreAskedAsEver() throws Exception {
        served(TLS, server -> {
            var pinned =
                    ClientSession.builder().sslContext(TestCertificate.CONTEXT).pin("example.org", OTHER);
            assertThat(ask(pinned, server)).isEqualTo("HTTP/2");
        });
    }

    // ------------------------------------------------------------------------------------------------ insecure

    @Test
    void anInsecureSessionTakesEveryCertificateAndSaysSo() throws Exception {
        served(TLS, server -> {
            try (var session = ClientSession.builder().insecure().build();
                    var response = session.get("https://localhost:" + server.port())) { // not who it is made out to
                assertThat(response.text()).isEqualTo("HTTP/2");
                assertThat(session.toString()).startsWith("ClientSession[insecure, ");
            }
        });
    }

    @Test
    void whatIsPinnedIsCheckedAllTheSame() throws Exception {
        served(TLS, server -> {
            var good = ClientSession.builder().insecure().pin("127.0.0.1", fingerprintOf(server));
            assertThat(ask(good, server)).isEqualTo("HTTP/2");
            var bad = ClientSession.builder().insecure().pin("127.0.0.1", OTHER);
            assertThatThrownBy(() -> ask(bad, server)).isInstanceOf(FingerprintException.class);
        });
    }

    @Test
    void itHasNoOtherTrust() throws Exception {
        run(() -> assertThatThrownBy(() -> ClientSession.builder()
                        .insecure()
                        .sslContext(TestCertificate.CONTEXT)
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("insecure()"));
    }

    // ------------------------------------------------------------------------------------------------ options

    @Test
    void theOptionsHoldForEachConnection() throws Exception {
        served(TLS, server -> {
            var names = new ArrayList<String>();
            TlsOptions noted = TlsOptions.DEFAULT.withParameters(
                    parameters -> names.addAll(List.of(parameters.getApplicationProtocols())));
            assertThat(ask(ClientSession.builder().tls(TestCertificate.CONTEXT, noted), server))
                    .isEqualTo("HTTP/2");
            assertThat(names).containsExactly("h2", "http/1.1");
            TlsOptions http1 = TlsOptions.DEFAULT.withApplicationProtocols("http/1.1");
            assertThat(ask(ClientSession.builder().tls(TestCertificate.CONTEXT, http1), server))
                    .isEqualTo("HTTP/1.1");
            TlsOptions elsewhere = TlsOptions.DEFAULT.withServerName("example.org");
            assertThatThrownBy(() -> ask(ClientSession.builder().tls(TestCertificate.CONTEXT, elsewhere), server))
                    .isInstanceOf(ConnectFailedException.class)
                    .hasMessageContaining("example.org");
        });
    }

    // ------------------------------------------------------------------------------------------------ certificates

    @Test
    void aServerThatWantsToKnowWhoAsksIsShownACertificate() throws Exception {
        TlsOptions known = TlsOptions.DEFAULT.withClientAuth(TlsOptions.ClientAuth.NEED);
        served(ServerOptions.DEFAULT.withTls(TestCertificate.CONTEXT, known), server -> {
            assertThat(ask(ClientSession.builder().sslContext(TestCertificate.CONTEXT), server))
                    .isEqualTo("HTTP/2");
            assertThat(ask(
                            ClientSession.builder()
                                    .clientCertificates(TestCertificate.keys(), TestCertificate.password())
                                    .insecure(),
                            server))
                    .isEqualTo("HTTP/2");
            assertThatThrownBy(() -> ask(ClientSession.builder().insecure(), server))
                    .isInstanceOf(IOException.class);
        });
    }

    @Test
    void keysThatCannotBeReadAreRefusedAtOnce() throws Exception {
        KeyStore keys = TestCertificate.keys();
        assertThat(keys.getCertificate("server")).isInstanceOf(X509Certificate.class);
        assertThatThrownBy(() -> ClientSession.builder().clientCertificates(keys, "wrong".toCharArray()))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
