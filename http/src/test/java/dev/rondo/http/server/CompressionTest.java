package dev.rondo.http.server;

import static dev.rondo.Asyncio.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.AsyncEvent;
import dev.rondo.http.Body;
import dev.rondo.http.testing.TestClient;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CompressionTest {

    private static final String LONG = "hello, world\n".repeat(1000);

    @Test
    void compressesWhatIsWorthItForWhoTakesIt() throws Exception {
        var app = new Application();
        app.middleware(new Compression());
        app.get("/long", request -> Response.text(LONG).withHeader("ETag", "\"a\""));
        app.get("/short", request -> Response.text("hello"));
        app.get("/json", request -> Response.json(Map.of("text", LONG)));
        app.get("/image", request -> Response.of("image/png", new byte[5000]));
        app.get("/stream", request -> Response.of(Body.stream("text/plain", out -> out.write(LONG.getBytes()))));
        run(() -> {
            try (var client = TestClient.start(app)) {
                for (String path : new String[] {"/long", "/json", "/stream"}) {
                    try (var response = client.send(client.to("GET", path).withHeader("Accept-Encoding", "gzip"))) {
                        assertThat(response.headers().get("Content-Encoding"))
                                .as(path)
                                .isEqualTo("gzip");
                        assertThat(response.headers().get("Vary")).isEqualTo("Accept-Encoding");
                        assertThat(response.text()).contains("hello, world");
                        assertThat(response.receivedBytes()).isLessThan(1000);
                    }
                }
                try (var response = client.send(client.to("GET", "/long").withHeader("Accept-Encoding", "gzip;q=0"))) {
                    assertThat(response.headers().contains("Content-Encoding")).isFalse();
                    assertThat(response.headers().get("Vary")).isEqualTo("Accept-Encoding");
                    assertThat(response.headers().get("ETag")).isEqualTo("\"a\"");
                    assertThat(response.text()).isEqualTo(LONG);
                }
                try (var response = client.get("/long")) {
                    assertThat(response.headers().get("ETag")).isEqualTo("W/\"a\"");
                    assertThat(response.text()).isEqualTo(LONG);
                }
                for (String path : new String[] {"/short", "/image"}) {
                    try (var response = client.get(path)) {
                        assertThat(response.headers().contains("Content-Encoding"))
                                .as(path)
                                .isFalse();
                    }
                }
            }
        });
    }

    @Test
    void whatIsWrittenBitByBitIsSentBitByBit() throws Exception {
        var app = new Application();
        app.middleware(new Compression());
        var seen = new AsyncEvent();
        app.get(
                "/",
                request -> Response.of(Body.stream("text/plain", out -> {
                    out.write("first ".getBytes());
                    seen.await();
                    out.write("second".getBytes());
                })));
        run(() -> {
            try (var client = TestClient.start(app);
                    var response = client.get("/")) {
                assertThat(response.headers().contains("Content-Encoding")).isTrue();
                assertThat(response.content().readChunk()).asString().isEqualTo("first ");
                seen.set();
                assertThat(response.content().readChunk()).asString().isEqualTo("second");
            }
        });
    }

    @Test
    void whatIsNotToBeTransformedIsNot() throws Exception {
        var app = new Application();
        app.middleware(new Compression());
        app.get("/", request -> Response.text(LONG).withHeader("Cache-Control", "max-age=1, no-transform"));
        run(() -> {
            try (var client = TestClient.start(app);
                    var response = client.get("/")) {
                assertThat(response.headers().contains("Content-Encoding")).isFalse();
            }
        });
    }
}
