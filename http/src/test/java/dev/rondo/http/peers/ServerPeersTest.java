package dev.rondo.http.peers;

import static dev.rondo.Asyncio.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rondo.http.TestCertificate;
import dev.rondo.http.server.Handler;
import dev.rondo.http.server.HttpServer;
import dev.rondo.http.server.Response;
import dev.rondo.http.server.ServerOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Our server, and clients that others wrote. */
@Tag("heavy")
class ServerPeersTest {

    private static final String BODY = "hello, world\n".repeat(10_000);

    private static final Handler HANDLER = request -> switch (request.path()) {
        case "/echo" -> Response.text(request.version() + " " + request.method() + " " + request.text());
        case "/stream" ->
            Response.stream("text/plain", out -> {
                for (int i = 0; i < 10; i++) {
                    out.write(BODY.substring(i * BODY.length() / 10, (i + 1) * BODY.length() / 10)
                            .getBytes(StandardCharsets.US_ASCII));
                }
            });
        default -> Response.text("Hello, World!");
    };

    private interface Check {
        void run(HttpServer server) throws Exception;
    }

    private static void plain(Check test) throws Exception {
        serve(ServerOptions.DEFAULT, test);
    }

    private static void tls(Check test) throws Exception {
        serve(ServerOptions.DEFAULT.withTls(TestCertificate.CONTEXT), test);
    }

    private static void serve(ServerOptions options, Check test) throws Exception {
        run(() -> {
            try (var server = HttpServer.start(HANDLER, "127.0.0.1", 0, options)) {
                test.run(server);
            }
        });
    }

    @Test
    void curlOverHttp1(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("body"), BODY);
        plain(server -> {
            String base = server.url();
            assertThat(Programs.run("curl", "curl", "-sS", base + "/stream").text())
                    .isEqualTo(BODY);
            assertThat(Programs.run("curl", "curl", "-sS", "--http1.0", base + "/stream")
                            .text())
                    .isEqualTo(BODY);
            assertThat(Programs.run("curl", "curl", "-sS", "--data-binary", "@" + file, base + "/echo")
                            .text())
                    .isEqualTo("HTTP/1.1 POST " + BODY);
            String[] chunked = {"curl", "-sS", "-H", "Transfer-Encoding: chunked", "-T", file.toString(), base + "/echo"
            };
            assertThat(Programs.run("curl", chunked).text()).isEqualTo("HTTP/1.1 PUT " + BODY);
            assertThat(Programs.run("curl", "curl", "-sS", "-I", base + "/").text())
                    .startsWith("HTTP/1.1 200 OK\r\n")
                    .contains("Content-Length: 13\r\n");
            String[] twice = {"curl", "-sSv", base + "/", base + "/"};
            assertThat(Programs.run("curl", twice).text()).contains("Re-using existing connection");
        });
    }

    @Test
    void curlOverHttp2(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("body"), BODY);
        tls(server -> {
            String base = server.url();
            String[] get = {"curl", "-sSk", "--http2", base + "/stream", "-w", "%{http_version}"};
            assertThat(Programs.run("curl", get).text()).isEqualTo(BODY + "2");
            String[] post = {"curl", "-sSk", "--http2", "--data-binary", "@" + file, base + "/echo"};
            assertThat(Programs.run("curl", post).text()).isEqualTo("HTTP/2 POST " + BODY);
            String[] old = {"curl", "-sSk", "--http1.1", base + "/echo"};
            assertThat(Programs.run("curl", old).text()).isEqualTo("HTTP/1.1 GET ");
        });
    }

    @Test
    void loadOfAllKinds() throws Exception {
        plain(server -> {
            assertThat(Programs.run("wrk", "wrk", "-t1", "-c50", "-d1", server.url() + "/")
                            .text())
                    .contains("requests in")
                    .doesNotContain("Socket errors", "Non-2xx");
            assertThat(Programs.run("apache2-utils", "ab", "-q", "-k", "-n", "2000", "-c", "20", server.url() + "/")
                            .text())
                    .containsPattern("Complete requests: +2000")
                    .containsPattern("Failed requests: +0")
                    .doesNotContain("Non-2xx");
            assertThat(Programs.run("nghttp2-client", "h2load", "--h1", "-n2000", "-c20", server.url() + "/")
                            .text())
                    .contains("2000 succeeded, 0 failed, 0 errored, 0 timeout", "2000 2xx");
        });
        tls(server -> {
            String[] h2load = {"h2load", "-n2000", "-c10", "-m50", server.url() + "/"};
            assertThat(Programs.run("nghttp2-client", h2load).text())
                    .contains("2000 succeeded, 0 failed, 0 errored, 0 timeout", "2000 2xx", "Application protocol: h2");
        });
    }

    @Test
    void pythonsAiohttp(@TempDir Path directory) throws Exception {
        Path program = Files.writeString(directory.resolve("client.py"), """
                import asyncio, sys
                try:
                    import aiohttp
                except ImportError:
                    sys.exit(77)

                async def main(base):
                    async with aiohttp.ClientSession() as session:
                        async def ask(i):
                            async with session.post(base + "/echo", data=str(i)) as response:
                                assert await response.text() == f"HTTP/1.1 POST {i}"
                        await asyncio.gather(*(ask(i) for i in range(200)))
                        async with session.get(base + "/stream") as response:
                            print(len(await response.read()))

                asyncio.run(main(sys.argv[1]))
                """);
        plain(server -> {
            Programs.Output output = Programs.run("python3", "/usr/bin/python3", program.toString(), server.url());
            assumeTrue(output.status() != 77, "no aiohttp here (Debian's package python3-aiohttp)");
            assertThat(output.text().strip()).isEqualTo(Integer.toString(BODY.length()));
        });
    }
}
