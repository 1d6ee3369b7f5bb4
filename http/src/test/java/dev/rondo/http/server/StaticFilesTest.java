package dev.rondo.http.server;

import static dev.rondo.Asyncio.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.http.client.ClientRequest;
import dev.rondo.http.client.ClientResponse;
import dev.rondo.http.testing.TestClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StaticFilesTest {

    private static final String TEXT = "0123456789";

    @TempDir
    private Path directory;

    private Path root;

    @BeforeEach
    void makeFiles() throws Exception {
        root = Files.createDirectories(directory.resolve("www"));
        Files.writeString(root.resolve("a.txt"), TEXT);
        Files.writeString(root.resolve("b.css"), "plain");
        Files.writeString(root.resolve("b.css.gz"), "packed");
        Files.createDirectories(root.resolve("sub"));
        Files.writeString(root.resolve("sub/index.html"), "<p>index");
        Files.writeString(directory.resolve("secret.txt"), "secret");
        Files.createSymbolicLink(root.resolve("out"), directory.resolve("secret.txt"));
        Files.createSymbolicLink(root.resolve("in"), root.resolve("a.txt"));
    }

    private interface Check {
        void run(TestClient client) throws Exception;
    }

    private void serve(Check check) throws Exception {
        var app = new Application();
        app.mount("/files", StaticFiles.of(root).withIndex("index.html").withCacheControl("max-age=60"));
        run(() -> {
            try (var client = TestClient.start(app)) {
                check.run(client);
            }
        });
    }

    /** Asks with headers: name, value, name, value…; and says status and body. */
    private static String ask(TestClient client, String path, String... headers) throws Exception {
        try (ClientResponse response = client.send(request(client, path, headers))) {
            return response.status() + " " + response.text();
        }
    }

    private static ClientRequest request(TestClient client, String path, String... headers) throws Exception {
        ClientRequest request = client.to("GET", path).withHeader("Accept-Encoding", "identity");
        for (int i = 0; i < headers.length; i += 2) {
            request = request.withHeader(headers[i], headers[i + 1]);
        }
        return request;
    }

    @Test
    void sendsFilesWithTheirTypeAndWhatTellsOneVersionFromAnother() throws Exception {
        serve(client -> {
            try (var response = client.get("/files/a.txt")) {
                assertThat(response.text()).isEqualTo(TEXT);
                assertThat(response.headers().get("Content-Type")).isEqualTo("text/plain; charset=utf-8");
                assertThat(response.headers().get("Content-Length")).isEqualTo("10");
                assertThat(response.headers().get("Cache-Control")).isEqualTo("max-age=60");
                assertThat(response.headers().get("ETag")).matches("\"a-[0-9a-f]+\"");
                assertThat(response.headers().get("Last-Modified")).endsWith(" GMT");
            }
            try (var response = client.request("HEAD", "/files/a.txt")) {
                assertThat(response.headers().get("Content-Length")).isEqualTo("10");
                assertThat(response.text()).isEmpty();
            }
            try (var response = client.request("DELETE", "/files/a.txt")) {
                assertThat(response.status()).isEqualTo(405);
                assertThat(response.headers().get("Allow")).isEqualTo("GET, HEAD");
            }
            assertThat(ask(client, "/files/in")).isEqualTo("200 " + TEXT);
            assertThat(ask(client, "/files/none")).startsWith("404 ");
        });
    }

    @Test
    void sendsParts() throws Exception {
        serve(client -> {
            assertThat(ask(client, "/files/a.txt", "Range", "bytes=2-4")).isEqualTo("206 234");
            assertThat(ask(client, "/files/a.txt", "Range", "bytes=7-")).isEqualTo("206 789");
            assertThat(ask(client, "/files/a.txt", "Range", "bytes=-3")).isEqualTo("206 789");
            assertThat(ask(client, "/files/a.txt", "Range", "bytes=8-999")).isEqualTo("206 89");
            for (String whole : List.of("bytes=4-2", "bytes=a-b", "lines=1-2", "bytes=1-2,4-5", "bytes=-", "bytes=")) {
                assertThat(ask(client, "/files/a.txt", "Range", whole))
                        .as(whole)
                        .isEqualTo("200 " + TEXT);
            }
            for (String beyond : List.of("bytes=10-", "bytes=100-200", "bytes=-0")) {
                try (var response = client.send(request(client, "/files/a.txt", "Range", beyond))) {
                    assertThat(response.status()).as(beyond).isEqualTo(416);
                    assertThat(response.headers().get("Content-Range")).isEqualTo("bytes */10");
                }
            }
            try (var response = client.send(request(client, "/files/a.txt", "Range", "bytes=2-4"))) {
                assertThat(response.headers().get("Content-Range")).isEqualTo("bytes 2-4/10");
            }
        });
    }

    @Test
    void sendsNothingToWhoHasItAlready() throws Exception {
        serve(client -> {
            String tag;
            String date;
            try (var response = client.get("/files/a.txt")) {
                tag = response.headers().get("ETag");
                date = response.headers().get("Last-Modified");
            }
            String old = "Sat, 01 Jan 2000 00:00:00 GMT";
            assertThat(ask(client, "/files/a.txt", "If-None-Match", "\"x\", W/" + tag))
                    .isEqualTo("304 ");
            assertThat(ask(client, "/files/a.txt", "If-None-Match", "\"x\"", "If-Modified-Since", date))
                    .isEqualTo("200 " + TEXT);
            assertThat(ask(client, "/files/a.txt", "If-Modified-Since", date)).isEqualTo("304 ");
            assertThat(ask(client, "/files/a.txt", "If-Modified-Since", old)).isEqualTo("200 " + TEXT);
            assertThat(ask(client, "/files/a.txt", "If-Modified-Since", "yesterday"))
                    .isEqualTo("200 " + TEXT);
            assertThat(ask(client, "/files/a.txt", "If-Match", tag)).isEqualTo("200 " + TEXT);
            assertThat(ask(client, "/files/a.txt", "If-Match", "\"x\"")).isEqualTo("412 ");
            assertThat(ask(client, "/files/a.txt", "If-Unmodified-Since", old)).isEqualTo("412 ");
            assertThat(ask(client, "/files/a.txt", "Range", "bytes=0-0", "If-Range", tag))
                    .isEqualTo("206 0");
            assertThat(ask(client, "/files/a.txt", "Range", "bytes=0-0", "If-Range", date))
                    .isEqualTo("206 0");
            assertThat(ask(client, "/files/a.txt", "Range", "bytes=0-0", "If-Range", "\"x\""))
                    .isEqualTo("200 " + TEXT);
            Files.writeString(root.resolve("a.txt"), "changed");
            assertThat(ask(client, "/files/a.txt", "If-None-Match", tag)).isEqualTo("200 changed");
        });
    }

    @Test
    void sendsThePackedFileToWhoTakesIt() throws Exception {
        serve(client -> {
            assertThat(ask(client, "/files/b.css")).isEqualTo("200 plain");
            try (var response = client.send(request(client, "/files/b.css", "Accept-Encoding", "deflate, gzip"))) {
                assertThat(response.headers().get("Content-Encoding")).isEqualTo("gzip");
                assertThat(response.headers().get("Content-Type")).isEqualTo("text/css; charset=utf-8");
                assertThat(response.headers().get("Content-Length")).isEqualTo("6");
                assertThat(response.headers().get("Vary")).isEqualTo("Accept-Encoding");
            }
        });
    }

    @Test
    void directoriesAreTheirIndex() throws Exception {
        serve(client -> {
            try (var response = client.send(client.to("GET", "/files/sub?a=b").withoutRedirects())) {
                assertThat(response.status()).isEqualTo(301);
                assertThat(response.headers().get("Location")).isEqualTo("/files/sub/?a=b");
            }
            assertThat(ask(client, "/files/sub")).isEqualTo("200 <p>index");
            assertThat(ask(client, "/files/")).startsWith("404 ");
            assertThat(ask(client, "/files/a.txt/")).startsWith("404 ");
        });
    }

    @Test
    void nothingOutsideIsThere() throws Exception {
        var app = new Application();
        app.mount("/files", StaticFiles.of(root).withIndex("index.html"));
        run(() -> {
            for (String path : List.of(
                    "/files/../secret.txt",
                    "/files/%2e%2e/secret.txt",
                    "/files/sub/../../secret.txt",
                    "/files/..%2fsecret.txt",
                    "/files/%2e%2e%2fsecret.txt",
                    "/files/..%5csecret.txt",
                    "/files/%00",
                    "/files/a.txt%00.html",
                    "/files//" + directory.resolve("secret.txt"),
                    "/files/%2f" + directory.resolve("secret.txt"),
                    "/files/out",
                    "/files/" + "x".repeat(5000))) {
                int status;
                try {
                    status = app.handle(Request.of("GET", path)).status();
                } catch (HttpError error) {
                    status = error.status();
                }
                assertThat(status).as(path).isEqualTo(404);
            }
        });
    }

    /** Whoever guards {@code /files/sub/} by its address looks for that slash. */
    @Test
    void anEscapedSlashIsNone() throws Exception {
        serve(client -> {
            for (String path :
                    new String[] {"/files/sub%2findex.html", "/files/sub%2Findex.html", "/files/sub%5cindex.html"}) {
                assertThat(ask(client, path)).as(path).startsWith("404");
            }
            assertThat(ask(client, "/files/sub/index.html")).isEqualTo("200 <p>index");
        });
    }

    @Test
    void aDirectoryThatLeadsOutIsNotThere() throws Exception {
        Files.createDirectories(directory.resolve("elsewhere"));
        Files.writeString(directory.resolve("elsewhere/index.html"), "secret");
        Files.createSymbolicLink(root.resolve("away"), directory.resolve("elsewhere"));
        serve(client -> {
            assertThat(ask(client, "/files/away")).startsWith("404");
            assertThat(ask(client, "/files/away/")).startsWith("404");
        });
    }

    @Test
    void aRedirectToADirectoryStaysOnThisHost() throws Exception {
        var files = StaticFiles.of(root).withIndex("index.html");
        run(() -> {
            Response response = files.handle(Request.of("GET", "//sub"));
            assertThat(response.status()).isEqualTo(301);
            assertThat(response.headers().get("Location")).isEqualTo("/sub/");
        });
    }

    @Test
    void aPackedFileGoesToWhoTakesIt() throws Exception {
        serve(client -> {
            for (String packed : new String[] {"gzip", "*", "br;q=0, gzip;q=0.1", "GZIP"}) {
                try (var response =
                        client.send(client.to("HEAD", "/files/b.css").withHeader("Accept-Encoding", packed))) {
                    assertThat(response.headers().get("Content-Encoding"))
                            .as(packed)
                            .isEqualTo("gzip");
                }
            }
            for (String plain : new String[] {"gzip;q=0", "*;q=0", "br", "gzip;q=0, *"}) {
                assertThat(ask(client, "/files/b.css", "Accept-Encoding", plain))
                        .as(plain)
                        .isEqualTo("200 plain");
            }
        });
    }

    @Test
    void aRangeIsForGetAlone() throws Exception {
        serve(client -> {
            try (var response = client.send(client.to("HEAD", "/files/a.txt").withHeader("Range", "bytes=0-1"))) {
                assertThat(response.status()).isEqualTo(200);
                assertThat(response.headers().get("Content-Length")).isEqualTo("10");
            }
        });
    }

    @Test
    void aHandlerSendsAFileOfItsChoice() throws Exception {
        var app = new Application();
        app.get("/report", request -> Response.file(request, root.resolve("a.txt")));
        app.get("/gone", request -> Response.file(request, root.resolve("gone.txt")));
        run(() -> {
            try (var client = TestClient.start(app)) {
                String tag;
                try (var response = client.get("/report")) {
                    assertThat(response.text()).isEqualTo(TEXT);
                    tag = response.headers().get("ETag");
                }
                assertThat(ask(client, "/report", "Range", "bytes=2-4")).isEqualTo("206 234");
                assertThat(ask(client, "/report", "If-None-Match", tag)).isEqualTo("304 ");
                assertThat(ask(client, "/gone")).startsWith("404");
            }
        });
    }
}
