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

/** Our client, and a server that others wrote: nginx, which ends a connection of HTTP/2 after twenty requests. */
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
                server {
                    listen 127.0.0.1:PORT ssl http2;
                    ssl_certificate DIRECTORY/certificate.pem;
                    ssl_certificate_key DIRECTORY/key.pem;
                    location / { return 200 "$server_protocol $request_method $request_uri"; }
                    location /large { root DIRECTORY; }
                    location /echo { proxy_pass http://127.0.0.1:BEHIND; proxy_http_version 1.1; }
                    location /small { client_max_body_size 1k; proxy_pass http://127.0.0.1:BEHIND; }
                }
            }
            """;

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
        try (var response = session.get(url)) {
            assertThat(response.version()).isEqualTo("HTTP/2");
            return response.text();
        }
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
}
