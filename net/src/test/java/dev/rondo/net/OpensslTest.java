package dev.rondo.net;

import static dev.rondo.net.SubprocessOptions.pipes;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rondo.Promise;
import dev.rondo.spec.Spec;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS with another implementation: OpenSSL's programs, where they are installed. */
class OpensslTest {

    @TempDir
    static Path directory;

    private static SSLContext context;

    @BeforeAll
    static void makeACertificate() throws Exception {
        assumeTrue(
                List.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)).stream()
                        .anyMatch(place -> Files.isExecutable(Path.of(place, "openssl"))),
                "openssl is installed");
        List<String> command = new ArrayList<>(List.of("openssl", "req", "-x509", "-newkey", "ec", "-nodes"));
        command.addAll(List.of("-pkeyopt", "ec_paramgen_curve:P-256", "-keyout", "key.pem", "-out", "cert.pem"));
        command.addAll(List.of("-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"));
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), US_ASCII);
        assumeTrue(process.waitFor() == 0, () -> "openssl makes a certificate: " + output);
        context = context();
    }

    private static SSLContext context() throws Exception {
        Certificate certificate;
        try (InputStream in = Files.newInputStream(directory.resolve("cert.pem"))) {
            certificate = CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
        String pem = Files.readString(directory.resolve("key.pem")).replaceAll("-----[A-Z ]+-----", "");
        PrivateKey key = KeyFactory.getInstance("EC")
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem)));
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        keys.setKeyEntry("server", key, new char[0], new Certificate[] {certificate});
        KeyManagerFactory keyManagers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keyManagers.init(keys, new char[0]);
        KeyStore anchors = KeyStore.getInstance("PKCS12");
        anchors.load(null, null);
        anchors.setCertificateEntry("server", certificate);
        TrustManagerFactory trustManagers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trustManagers.init(anchors);
        SSLContext made = SSLContext.getInstance("TLS");
        made.init(keyManagers.getKeyManagers(), trustManagers.getTrustManagers(), null);
        return made;
    }

    private static Subprocess openssl(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments));
        return Net.createSubprocessExec(pipes().cwd(directory), command);
    }

    private static StreamReader out(Subprocess process) {
        return requireNonNull(process.stdout());
    }

    private static StreamWriter in(Subprocess process) {
        return requireNonNull(process.stdin());
    }

    // ------------------------------------------------------------------------------------------------ as a client

    @Spec("S-TLS-3")
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void aClientTalksToItResumesAndSaysGoodbye(String version) throws Exception {
        TlsOptions options = TlsWire.version(version).withApplicationProtocols("h2", "rev");
        Drivers.NIO.run(() -> {
            try (Subprocess server =
                    openssl(("s_server -accept localhost:0 -cert cert.pem -key key.pem -rev -naccept 3 -alpn rev")
                            .split(" "))) {
                int port = portOf(server);
                List<Long> sessions = new ArrayList<>();
                for (int i = 0; i < 3; i++) {
                    TlsStream stream = Net.connectTls("localhost", port, context, ConnectOptions.DEFAULT, options);
                    try (Connection connection = new Connection(stream)) {
                        assertThat(stream.session().getProtocol()).isEqualTo(version);
                        assertThat(stream.applicationProtocol()).isEqualTo("rev");
                        connection.writer().write("desserts\n", US_ASCII);
                        assertThat(connection.reader().readLine(US_ASCII)).isEqualTo("stressed\n");
                        sessions.add(stream.session().getCreationTime());
                        stream.shutdown();
                        assertThat(stream.read(ByteBuffer.allocate(1))).isEqualTo(-1);
                    }
                }
                assertThat(sessions).as("of when the first handshake was").containsOnly(sessions.getFirst());
                server.await();
            }
        });
    }

    private static int portOf(Subprocess server) throws IOException {
        for (String line; !(line = out(server).readLine(US_ASCII)).isEmpty(); ) {
            if (line.startsWith("ACCEPT ")) {
                return Integer.parseInt(line.strip().substring(line.lastIndexOf(':') + 1));
            }
        }
        throw new IOException("openssl s_server said no port");
    }

    // ------------------------------------------------------------------------------------------------ as a server

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_3", "-tls1_2"})
    void aServerHearsAllAndTheEnd(String version) throws Exception {
        byte[] much = Wire.noise(1 << 20);
        for (int i = 0; i < much.length; i++) {
            much[i] = (byte) ('0' + (much[i] & 7)); // s_client takes some letters for commands
        }
        Drivers.NIO.run(() -> {
            Promise<byte[], IOException> heard =
                    dev.rondo.Asyncio.getRunningLoop().createFuture();
            ClientHandler listens = (reader, writer) -> {
                try (writer) {
                    heard.setResult(reader.readAll());
                }
            };
            try (Server server = Net.startServer(listens, "localhost", 0, context);
                    Subprocess client = client(server, version, "-quiet", "-no_ign_eof")) {
                in(client).write(much);
                in(client).close();
                assertThat(heard.await()).isEqualTo(much);
                assertThat(client.await()).isZero();
            }
        });
    }

    /** The letters by which s_client is told: new keys, the peer's as well; its own alone; a new handshake. */
    @ParameterizedTest
    @ValueSource(strings = {"-tls1_3 K", "-tls1_3 k", "-tls1_2 R"})
    void aServerGoesOnWithNewKeys(String versionAndLetter) throws Exception {
        String version = versionAndLetter.split(" ")[0];
        String letter = versionAndLetter.split(" ")[1];
        ClientHandler echoes = (reader, writer) -> {
            try (writer) {
                for (byte[] line; (line = reader.readLine()).length > 0; ) {
                    writer.write(line);
                }
            }
        };
        Drivers.NIO.run(() -> {
            try (Server server = Net.startServer(echoes, "localhost", 0, context);
                    Subprocess client = client(server, version)) {
                for (int i = 0; i < 3; i++) {
                    in(client).write("ping " + i + "\n", US_ASCII);
                    awaitLine(out(client), "ping " + i);
                    in(client).write(letter + "\n", US_ASCII);
                    awaitLine(requireNonNull(client.stderr()), letter.equals("R") ? "RENEGOTIATING" : "KEYUPDATE");
                }
                in(client).write("at last\n", US_ASCII);
                awaitLine(out(client), "at last");
                in(client).write("Q\n", US_ASCII);
                assertThat(client.await()).isZero();
            }
        });
    }

    private static Subprocess client(Server server, String version, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("s_client", "-connect", "localhost:" + server.port()));
        arguments.addAll(List.of("-CAfile", "cert.pem", "-verify_return_error", version));
        arguments.addAll(List.of(more));
        return openssl(arguments.toArray(String[]::new));
    }

    private static void awaitLine(StreamReader output, String wanted) throws IOException {
        for (String line; !(line = output.readLine(US_ASCII)).isEmpty(); ) {
            if (line.strip().endsWith(wanted)) {
                return;
            }
        }
        throw new IOException("openssl s_client did not print \"" + wanted + "\"");
    }
}
