package dev.rondo.http.client;

import static dev.rondo.Asyncio.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.http.Body;
import dev.rondo.http.RawServer;
import dev.rondo.http.TooLargeException;
import dev.rondo.http.Url;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Views of a response: links, charset, what was asked, lines and chunks. */
class ResponseHeadTest {

    private static List<Link> links(String field) throws Exception {
        return LinkParser.parse(field, Url.parse("http://a.test/dir/page"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "<http://b.test/x>; rel=next                | http://b.test/x    | next",
                "<x>; rel=\"next\"                          | http://a.test/dir/x | next",
                "</x?a=1,2>;rel=next;title=\"a, b; c\"      | http://a.test/x?a=1,2 | next",
                "<x>; title=\"quoted \\\" <\"; rel=\"up\"    | http://a.test/dir/x | up",
                "<x>; rel=first; rel=second                 | http://a.test/dir/x | first",
                "<x> ; REL = next                           | http://a.test/dir/x | next",
                ", ,<x>; rel=next                           | http://a.test/dir/x | next",
                "<x>; rel=\"next                             | http://a.test/dir/x | next",
                "<>; rel=self                               | http://a.test/dir/page | self",
            })
    void aLinkHasAnAddressAndARelation(String field, String url, String rel) throws Exception {
        assertThat(links(field)).singleElement().satisfies(link -> {
            assertThat(link.url()).hasToString(url);
            assertThat(link.rel()).isEqualTo(rel);
        });
    }

    @Test
    void whatIsNoLinkIsLeftOut() throws Exception {
        assertThat(links("")).isEmpty();
        assertThat(links("x; rel=next")).isEmpty();
        assertThat(links("<x; rel=next")).isEmpty();
        assertThat(links("<http://[bad>; rel=next, <y>; rel=up"))
                .singleElement()
                .matches(link -> link.is("up"));
    }

    @Test
    void aFieldAndAHeaderMayNameSeveral() throws Exception {
        assertThat(links("<1>; rel=prev, <3>; rel=\"next last\"")).hasSize(2);
        run(() -> {
            try (var server = RawServer.answering("HTTP/1.1 200 OK\r\nLink: <1>; rel=prev, <3>; rel=\"next last\"\r\n"
                            + "Link: <0>; rel=first\r\nContent-Length: 0\r\n\r\n");
                    var session = new ClientSession();
                    var response = session.get(server.url() + "/2")) {
                assertThat(response.links()).hasSize(3);
                assertThat(response.link("last")).hasToString(server.url() + "/3");
                assertThat(response.link("FIRST")).hasToString(server.url() + "/0");
                assertThat(response.link("up")).isNull();
            }
        });
    }

    @ParameterizedTest
    @CsvSource({
        "text/plain; charset=utf-8, UTF-8",
        "text/plain; charset=\"ISO-8859-15\", ISO-8859-15",
        "text/plain; charset=klingon,",
        "text/plain,",
    })
    void theCharsetIsWhatTheHeaderNames(String contentType, String charset) throws Exception {
        run(() -> {
            try (var server = RawServer.answering(
                            "HTTP/1.1 200 OK\r\nContent-Type: " + contentType + "\r\nContent-Length: 0\r\n\r\n");
                    var session = new ClientSession();
                    var response = session.get(server.url())) {
                assertThat(
                                response.charset() == null
                                        ? null
                                        : response.charset().name())
                        .isEqualTo(charset);
            }
        });
    }

    @Test
    void theRequestIsWhatWasReallySent() throws Exception {
        run(() -> {
            try (var server = RawServer.start(peer -> {
                        peer.readRequest();
                        peer.send("HTTP/1.1 303 See Other\r\nLocation: /b\r\nContent-Length: 0\r\n"
                                + "Connection: close\r\n\r\n");
                        peer.awaitEnd();
                        // the next connection gets the same: not followed
                    });
                    var session = ClientSession.builder()
                            .middleware((request, next) -> next.send(request.withHeader("X-Added", "1")))
                            .build();
                    var response = session.request(session.to("POST", server.url() + "/a")
                            .withBody(Body.text("x"))
                            .withoutRedirects())) {
                assertThat(response.request().method()).isEqualTo("POST");
                assertThat(response.request().headers().get("Host")).isEqualTo("127.0.0.1:" + server.port());
                assertThat(response.request().headers().get("X-Added")).isEqualTo("1");
                assertThat(response.request().headers().get("Content-Type")).startsWith("text/plain");
                assertThat(response.request().headers().get("User-Agent")).isEqualTo("rondo");
            }
        });
    }

    // ---------------------------------------------------------------------------------------------- lines, chunks

    private static List<String> lines(String charset, byte[] body) throws Exception {
        var lines = new ArrayList<String>();
        run(() -> {
            try (var server = RawServer.start(peer -> {
                        peer.readRequest();
                        peer.send("HTTP/1.1 200 OK\r\nContent-Type: text/plain" + charset + "\r\nContent-Length: "
                                + body.length + "\r\n\r\n");
                        for (int i = 0; i < body.length; i += 3) {
                            peer.stream().write(java.nio.ByteBuffer.wrap(body, i, Math.min(3, body.length - i)));
                        }
                    });
                    var session = new ClientSession();
                    var response = session.get(server.url())) {
                for (String line : response.lines(10)) {
                    lines.add(line);
                }
                assertThat(session.toString()).startsWith("ClientSession[0 in use");
            }
        });
        return lines;
    }

    @Test
    void linesComeOneByOneWithoutTheirEnds() throws Exception {
        assertThat(lines("", "one\r\n\ntwo\n3".getBytes(StandardCharsets.UTF_8)))
                .containsExactly("one", "", "two", "3");
        assertThat(lines("", "one\n".getBytes(StandardCharsets.UTF_8))).containsExactly("one");
        assertThat(lines("", new byte[0])).isEmpty();
        assertThat(lines("", "\ufeffgr\u00fcn\n\ufeffb".getBytes(StandardCharsets.UTF_8)))
                .containsExactly("gr\u00fcn", "\ufeffb");
        assertThat(lines("; charset=iso-8859-1", "gr\u00fcn\n".getBytes(StandardCharsets.ISO_8859_1)))
                .containsExactly("gr\u00fcn");
    }

    @Test
    void aLineHasALimit() {
        assertThatThrownBy(() -> lines("", "0123456789\n01234567890\n".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(UncheckedIOException.class)
                .hasCauseInstanceOf(TooLargeException.class)
                .hasMessageContaining("more than 10 bytes");
    }

    @Test
    void linesOfACharsetOfTwoBytesAreRefused() {
        assertThatThrownBy(() -> lines("; charset=utf-16le", new byte[0]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("text().lines()");
    }

    @Test
    void chunksAreForAPlainFor() throws Exception {
        run(() -> {
            try (var server = RawServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
                    var session = new ClientSession();
                    var response = session.get(server.url())) {
                var text = new StringBuilder();
                for (byte[] chunk : response.content().chunks()) {
                    text.append(new String(chunk, StandardCharsets.UTF_8));
                }
                assertThat(text).hasToString("hello");
            }
        });
    }
}
