package dev.rondo.http.peers;

import static dev.rondo.Asyncio.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.http.MultipartReader;
import dev.rondo.http.TestCertificate;
import dev.rondo.http.client.ClientSession;
import dev.rondo.http.server.Application;
import dev.rondo.http.server.Compression;
import dev.rondo.http.server.HttpServer;
import dev.rondo.http.server.Response;
import dev.rondo.http.server.ServerOptions;
import dev.rondo.http.server.StaticFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Chromium on our server: all that a page can ask of one. */
@Tag("heavy")
class BrowserTest {

    private static final String PAGE = """
            <!DOCTYPE html><meta charset="utf-8"><title>Test</title><link rel="icon" href="data:,">
            <link rel="stylesheet" href="/files/style.css"><p id="styled">text</p>
            <script>
            const log = [], say = (what, value) => log.push(what + ": " + value);
            async function all() {
                say("get", await (await fetch("/hello?name=ä")).text());
                say("post", JSON.stringify(await (await fetch("/echo", {method: "POST", body: JSON.stringify({a: [1, "ü"]})})).json()));
                const form = new FormData();
                form.append("field", "value");
                form.append("file", new Blob(["x".repeat(300000)]), "a.bin");
                say("form", await (await fetch("/form", {method: "POST", body: form})).text());
                say("large", (await (await fetch("/large")).arrayBuffer()).byteLength);
                say("status", (await fetch("/nowhere")).status);
                say("range", await (await fetch("/files/digits.txt", {headers: {Range: "bytes=2-4"}})).text());
                say("many", (await Promise.all([...Array(50).keys()].map(i => fetch("/hello?name=" + i)))).filter(r => r.ok).length);
                await new Promise((done, fail) => {
                    const source = new EventSource("/events"), seen = [];
                    source.onmessage = event => { seen.push(event.data); if (seen.length === 3) { source.close(); say("events", seen); done(); } };
                });
                await new Promise((done, fail) => {
                    const socket = new WebSocket(location.origin.replace("http", "ws") + "/socket"), seen = [];
                    socket.onopen = () => { socket.send("hello"); socket.send("ä".repeat(70000)); };
                    socket.onmessage = event => { seen.push(event.data.length); if (seen.length === 2) socket.close(); };
                    socket.onclose = event => { say("socket", seen + " " + event.code); done(); };
                });
                say("style", getComputedStyle(document.getElementById("styled")).color);
                say("cookie", document.cookie);
                say("protocol", performance.getEntriesByType("navigation")[0].nextHopProtocol);
            }
            all().catch(error => say("failed", error)).finally(() => log.push("end"));
            </script>
            """;

    @TempDir
    private Path directory;

    private Application site() throws Exception {
        Path files = Files.createDirectories(directory.resolve("www"));
        Files.writeString(files.resolve("style.css"), "#styled { color: rgb(1, 2, 3) }" + " ".repeat(2000));
        Files.writeString(files.resolve("digits.txt"), "0123456789");
        var app = new Application();
        app.middleware(new Compression());
        app.mount("/files", StaticFiles.of(files));
        app.get("/", request -> Response.html(PAGE).withHeader("Set-Cookie", "taste=sweet; Path=/"));
        app.get("/hello", request -> Response.text("hello " + request.query("name")));
        app.post("/echo", request -> Response.json(request.json(Map.class)));
        app.post("/form", request -> {
            StringBuilder parts = new StringBuilder();
            MultipartReader reader = request.multipart();
            for (MultipartReader.Part part; (part = reader.next()) != null; ) {
                parts.append(part.name())
                        .append(' ')
                        .append(part.read(1 << 20).length)
                        .append(' ');
            }
            return Response.text(parts.toString());
        });
        app.get(
                "/large",
                request -> Response.stream("application/octet-stream", out -> {
                    for (int i = 0; i < 100; i++) {
                        out.write(new byte[50_000]);
                    }
                }));
        app.get(
                "/events",
                request -> Response.events(events -> {
                    for (int i = 1; i <= 3; i++) {
                        events.send("event " + i);
                    }
                }));
        app.get(
                "/socket",
                request -> Response.webSocket(request, socket -> {
                    for (String text; (text = socket.receiveStr()) != null; ) {
                        socket.sendStr(text);
                    }
                }));
        return app;
    }

    @ParameterizedTest
    @CsvSource({"false, http/1.1", "true, h2"})
    void aPageGetsAllThatItAsksFor(boolean tls, String protocol) throws Exception {
        ServerOptions options = tls ? ServerOptions.DEFAULT.withTls(TestCertificate.CONTEXT) : ServerOptions.DEFAULT;
        run(() -> {
            try (HttpServer server = HttpServer.start(site(), "127.0.0.1", 0, options);
                    ClientSession session = new ClientSession();
                    Browser browser = Browser.start(session, Files.createDirectories(directory.resolve("profile")))) {
                browser.open(server.url() + "/", 800, 600);
                browser.await("typeof log !== 'undefined' && log.at(-1) === 'end'");
                assertThat(Browser.texts(browser.evaluate("log")))
                        .containsExactly(
                                "get: hello ä",
                                "post: {\"a\":[1,\"ü\"]}",
                                "form: field 5 file 300000 ",
                                "large: 5000000",
                                "status: 404",
                                "range: 234",
                                "many: 50",
                                "events: event 1,event 2,event 3",
                                "socket: 5,70000 1005",
                                "style: rgb(1, 2, 3)",
                                "cookie: taste=sweet",
                                "protocol: " + protocol,
                                "end");
            }
        });
    }
}
