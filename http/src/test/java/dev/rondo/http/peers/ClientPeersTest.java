package dev.rondo.http.peers;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.rondo.Asyncio;
import dev.rondo.Task;
import dev.rondo.http.Body;
import dev.rondo.http.TestCertificate;
import dev.rondo.http.client.ClientSession;
import dev.rondo.http.client.PoolOptions;
import dev.rondo.http.server.HttpServer;
import dev.rondo.http.server.Response;
import dev.rondo.http.server.ServerOptions;
import dev.rondo.net.Net;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Our client, and a server that others wrote: nginx, which ends a connection after twenty requests. */
@Tag("heavy")
class ClientPeersTest {

    private static final String CONFIGURATION = """
            daemon off;
            master_process off;
            pid DIRECTORY/pid;
            error_log DIRECTORY/error.log;
            events {}
            http {
                access_log off;
                client_body_temp_path DIRECTORY/body;
                proxy_temp_path DIRECTORY/proxy;
                fastcgi_temp_path DIRECTORY/fastcgi;
                uwsgi_temp_path DIRECTORY/uwsgi;
                scgi_temp_path DIRECTORY/scgi;
                keepalive_requests 20;
                client_max_body_size 20m;
                types { text/plain txt; }
                gzip on;
                gzip_types text/plain;
                gzip_http_version 1.0;
                server {
                    listen 127.0.0.1:PORT ssl http2;
                    ssl_certificate DIRECTORY/certificate.pem;
                    ssl_certificate_key DIRECTORY/key.pem;
                    location / { return 200 "$server_protocol $request_method $request_uri"; }
                    location /large { root DIRECTORY; gzip off; }
                    location /digits.txt { root DIRECTORY; }
                    location /count { return 200 "$connection_requests"; }
                    location /echo { proxy_pass http://127.0.0.1:BEHIND; proxy_http_version 1.1; }
                    location /small { client_max_body_size 1k; proxy_pass http://127.0.0.1:BEHIND; }
                }
            }
            """;

    private static final String DIGITS = "0123456789".repeat(10_000);

    private interface Use {
        void of(String url, ClientSession session) throws Exception;
    }

    private static String pem(String kind, byte[] bytes) {
        return "-----BEGIN " + kind + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes) + "\n-----END " + kind + "-----\n";
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static Process start(Path directory, int port, int behind) throws IOException, GeneralSecurityException {
        var keys = TestCertificate.keys();
        Files.writeString(
                directory.resolve("certificate.pem"),
                pem("CERTIFICATE", keys.getCertificate("server").getEncoded()));
        Files.writeString(
                directory.resolve("key.pem"),
                pem(
                        "PRIVATE KEY",
                        keys.getKey("server", TestCertificate.password()).getEncoded()));
        Files.write(directory.resolve("large"), new byte[3_000_000]);
        Files.writeString(directory.resolve("digits.txt"), DIGITS);
        Path file = Files.writeString(
                directory.resolve("nginx.conf"),
                CONFIGURATION
                        .replace("DIRECTORY", directory.toString())
                        .replace("PORT", Integer.toString(port))
                        .replace("BEHIND", Integer.toString(behind)));
        try {
            return new ProcessBuilder("nginx", "-p", directory.toString(), "-c", file.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("output").toFile())
                    .start();
        } catch (IOException absent) {
            return abort("no nginx here (Debian's package nginx-core)");
        }
    }

    private static void awaitPort(Process nginx, int port) throws IOException {
        for (; ; ) {
            try {
                Net.connectTcp("127.0.0.1", port).close();
                return;
            } catch (IOException notYet) {
                assertThat(nginx.isAlive()).as("nginx").isTrue();
                Asyncio.sleep(Duration.ofMillis(20));
            }
        }
    }

    private static void nginx(Path directory, Use use) throws Exception {
        nginx(directory, true, use);
    }

    private static void nginx(Path directory, boolean http2, Use use) throws Exception {
        run(() -> Asyncio.timeout(Duration.ofSeconds(60), () -> {
            try (var behind = HttpServer.start(
                    request -> Response.text("behind " + request.read().length),
                    "127.0.0.1",
                    0,
                    ServerOptions.DEFAULT.withBodyBytes(20_000_000))) {
                int port = freePort();
                Process nginx = start(directory, port, behind.port());
                try (var session = ClientSession.builder()
                        .sslContext(TestCertificate.CONTEXT)
                        .http2(http2)
                        .pool(PoolOptions.DEFAULT.withTotal(10))
                        .build()) {
                    awaitPort(nginx, port);
                    use.of("https://127.0.0.1:" + port, session);
                } finally {
                    nginx.destroy();
                }
            }
        }));
    }

    private static String text(ClientSession session, String url) throws IOException {
        return text(session, url, true);
    }

    @Test
    void requestsGoOnWhereAConnectionEnds(@TempDir Path directory) throws Exception {
        nginx(directory, (url, session) -> {
            for (int i = 0; i < 50; i++) {
                assertThat(text(session, url + "/" + i)).isEqualTo("HTTP/2.0 GET /" + i);
            }
            var answers = new ArrayList<Task<String, IOException>>();
            for (int i = 0; i < 300; i++) {
                String path = "/many/" + i;
                answers.add(createTask(() -> text(session, url + path)));
            }
            for (int i = 0; i < 300; i++) {
                assertThat(answers.get(i).await()).isEqualTo("HTTP/2.0 GET /many/" + i);
            }
        });
    }

    @Test
    void largeBodiesGoEitherWay(@TempDir Path directory) throws Exception {
        nginx(directory, (url, session) -> {
            var downloads = new ArrayList<Task<Integer, IOException>>();
            for (int i = 0; i < 5; i++) {
                downloads.add(createTask(() -> text(session, url + "/large").length()));
            }
            for (Task<Integer, IOException> download : downloads) {
                assertThat(download.await()).isEqualTo(3_000_000);
            }
            Body pieces = Body.stream("text/plain", out -> {
                for (int i = 0; i < 100; i++) {
                    out.write(ByteBuffer.wrap(new byte[50_000]));
                }
            });
            try (var response = session.post(url + "/echo", pieces)) {
                assertThat(response.text()).isEqualTo("behind 5000000");
            }
            try (var response = session.post(url + "/echo", Body.of(new byte[5_000_000]))) {
                assertThat(response.text()).isEqualTo("behind 5000000");
            }
        });
    }

    @Test
    void anAnswerThatComesBeforeTheBodyIsTheAnswer(@TempDir Path directory) throws Exception {
        nginx(directory, (url, session) -> {
            try (var response = session.post(url + "/small", Body.of(new byte[5_000_000]))) {
                assertThat(response.status()).isEqualTo(413);
                assertThat(response.text()).contains("413");
            }
            assertThat(text(session, url + "/next")).isEqualTo("HTTP/2.0 GET /next");
        });
    }

    // ------------------------------------------------------------------------------------------------- by HTTP/1.1

    @Test
    void aConnectionOfHttp1IsUsedAsOftenAsItMayBe(@TempDir Path directory) throws Exception {
        nginx(directory, false, (url, session) -> {
            for (int i = 0; i < 50; i++) {
                try (var response = session.get(url + "/count")) {
                    assertThat(response.version()).isEqualTo("HTTP/1.1");
                    assertThat(response.text()).isEqualTo(Integer.toString(i % 20 + 1));
                }
            }
            var answers = new ArrayList<Task<Integer, IOException>>();
            for (int i = 0; i < 300; i++) {
                answers.add(createTask(() -> {
                    try (var response = session.get(url + "/count")) {
                        return Integer.parseInt(response.text());
                    }
                }));
            }
            for (Task<Integer, IOException> answer : answers) {
                assertThat(answer.await()).isBetween(1, 20);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void filesComeCompressedInPartsAndOnlyIfTheyChanged(boolean http2, @TempDir Path directory) throws Exception {
        nginx(directory, http2, (url, session) -> {
            String tag;
            try (var response = session.get(url + "/digits.txt")) {
                assertThat(response.headers().get("Content-Encoding")).isEqualTo("gzip");
                assertThat(response.text()).isEqualTo(DIGITS);
                assertThat(response.receivedBytes()).isLessThan(10_000);
            }
            var plain = session.to("GET", url + "/digits.txt").withHeader("Accept-Encoding", "identity");
            try (var response = session.request(plain)) {
                assertThat(response.text()).isEqualTo(DIGITS);
                tag = response.headers().get("ETag");
            }
            try (var response = session.request(plain.withHeader("Range", "bytes=12-15"))) {
                assertThat(response.status()).isEqualTo(206);
                assertThat(response.headers().get("Content-Range")).isEqualTo("bytes 12-15/100000");
                assertThat(response.text()).isEqualTo("2345");
            }
            try (var response =
                    session.request(plain.withHeader("Range", "bytes=12-15").withHeader("If-Range", "\"other\""))) {
                assertThat(response.status()).isEqualTo(200);
                assertThat(response.text()).isEqualTo(DIGITS);
            }
            try (var response = session.request(plain.withHeader("Range", "bytes=200000-"))) {
                assertThat(response.status()).isEqualTo(416);
            }
            try (var response = session.request(plain.withHeader("If-None-Match", tag))) {
                assertThat(response.status()).isEqualTo(304);
                assertThat(response.text()).isEmpty();
            }
            try (var response = session.head(url + "/digits.txt")) {
                assertThat(response.status()).isEqualTo(200);
                assertThat(response.text()).isEmpty();
            }
            assertThat(text(session, url + "/after", http2)).endsWith("GET /after");
        });
    }

    @Test
    void anAnswerByHttp1ThatComesBeforeTheBodyIsTheAnswer(@TempDir Path directory) throws Exception {
        nginx(directory, false, (url, session) -> {
            try (var response = session.post(url + "/small", Body.of(new byte[5_000_000]))) {
                assertThat(response.status()).isEqualTo(413);
            }
            try (var response = session.post(url + "/echo", Body.of(new byte[5_000_000]))) {
                assertThat(response.text()).isEqualTo("behind 5000000");
            }
        });
    }

    private static String text(ClientSession session, String url, boolean http2) throws IOException {
        try (var response = session.get(url)) {
            assertThat(response.version()).isEqualTo(http2 ? "HTTP/2" : "HTTP/1.1");
            return response.text();
        }
    }
}
