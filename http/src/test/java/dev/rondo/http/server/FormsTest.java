package dev.rondo.http.server;

import static dev.rondo.Asyncio.run;
import static dev.rondo.Asyncio.toThread;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.http.Body;
import dev.rondo.http.Cookie;
import dev.rondo.http.CookieJar;
import dev.rondo.http.Form;
import dev.rondo.http.Headers;
import dev.rondo.http.MalformedMessageException;
import dev.rondo.http.Multipart;
import dev.rondo.http.MultipartReader;
import dev.rondo.http.client.ClientSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Forms, parts and cookies, from a client to the server and back. */
class FormsTest {

    private static HttpServer start(Handler handler) throws IOException {
        return HttpServer.start(handler, "127.0.0.1", 0);
    }

    private static Response parts(Request request) throws IOException {
        var all = new StringBuilder();
        MultipartReader parts = request.multipart();
        for (MultipartReader.Part part; (part = parts.next()) != null; ) {
            all.append(part.name())
                    .append('|')
                    .append(part.fileName())
                    .append('|')
                    .append(part.contentType());
            all.append('|').append(part.text(100)).append('\n');
        }
        return Response.text(all.toString());
    }

    @Test
    void bothKindsOfFormsAreRead() throws Exception {
        run(() -> {
            Form form = Form.of("a", "1 ä", "b", "&=\r\n", "a", "");
            try (var server = start(request ->
                            Response.text(String.valueOf(request.form().equals(form))));
                    var session = new ClientSession()) {
                for (Body body :
                        List.of(Body.form(form), Multipart.form().fields(form).build())) {
                    try (var response = session.post(server.url(), body)) {
                        assertThat(response.text()).isEqualTo("true");
                    }
                }
            }
        });
        Request plain = Request.of("POST", "/", Headers.of("Content-Type", "text/plain"), new byte[0]);
        assertThatThrownBy(plain::form).isInstanceOf(MalformedMessageException.class);
    }

    @Test
    void filesAreReadPartByPart(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("ä.txt"), "content");
        run(() -> {
            try (var server = start(FormsTest::parts);
                    var session = new ClientSession()) {
                Multipart body =
                        Multipart.form().field("a", "1").file("f", file).build();
                try (var response = session.post(server.url(), body)) {
                    assertThat(response.text()).isEqualTo("a|null|text/plain|1\nf|ä.txt|text/plain|content\n");
                }
            }
        });
    }

    @Test
    void anAnswerIsReadPartByPart() throws Exception {
        run(() -> {
            try (var server = start(request -> Response.of(Multipart.of("mixed")
                            .part(Headers.of("X-Number", "1"), Body.json(1))
                            .part(Headers.EMPTY, Body.stream(null, out -> out.write("x".repeat(100_000))))
                            .build()));
                    var session = new ClientSession();
                    var response = session.get(server.url())) {
                var seen = new ArrayList<String>();
                MultipartReader parts = response.multipart();
                for (MultipartReader.Part part; (part = parts.next()) != null; ) {
                    seen.add(part.headers().get("X-Number") + " " + part.contentType() + " "
                            + part.read(100_000).length);
                }
                assertThat(seen).containsExactly("1 application/json 1", "null text/plain 100000");
            }
        });
    }

    @Test
    @Tag("heavy")
    void readsWhatCurlSends(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("a \"b\".txt"), "content");
        run(() -> {
            try (var server = start(FormsTest::parts)) {
                String shown = toThread(() -> {
                    try {
                        Process curl = new ProcessBuilder(
                                        "curl",
                                        "-s",
                                        "-F",
                                        "a=1",
                                        "-F",
                                        "f=@\"" + file.toString().replace("\"", "\\\"") + "\"",
                                        "-F",
                                        "j={};type=application/json",
                                        server.url())
                                .start();
                        return new String(
                                curl.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
                    } catch (IOException noCurlHere) {
                        return null;
                    }
                });
                Assumptions.assumeTrue(shown != null, "no curl here");
                assertThat(shown)
                        .isEqualTo(
                                "a|null|text/plain|1\nf|a \"b\".txt|text/plain|content\nj|null|application/json|{}\n");
            }
        });
    }

    @Test
    void cookiesAreSetReadAndTakenAway() throws Exception {
        run(() -> {
            Cookie cookie = Cookie.of("id", "1").withHttpOnly().withMaxAge(Duration.ofHours(1));
            try (var server = start(request -> switch (request.path()) {
                        case "/a/in" ->
                            Response.empty(204)
                                    .withCookie(Cookie.of("id", "old"))
                                    .withCookie(cookie)
                                    .withCookie(Cookie.of("more", "2"));
                        case "/out" -> Response.empty(204).withoutCookie("id");
                        default -> Response.text(request.cookies() + " " + request.cookie("id"));
                    });
                    var session = ClientSession.builder()
                            .cookies(CookieJar.builder().allowIpAddresses().build())
                            .build()) {
                try (var response = session.get(server.url() + "/a/in")) {
                    assertThat(response.headers().all("Set-Cookie"))
                            .containsExactly("id=1; Max-Age=3600; Path=/; HttpOnly", "more=2; Path=/");
                }
                try (var response = session.get(server.url())) {
                    assertThat(response.text()).isEqualTo("{id=1, more=2} 1");
                }
                try (var response = session.get(server.url() + "/out")) {
                    assertThat(response.headers().all("Set-Cookie"))
                            .containsExactly("id=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/");
                }
                try (var response = session.get(server.url())) {
                    assertThat(response.text()).isEqualTo("{more=2} null");
                }
            }
        });
    }
}
