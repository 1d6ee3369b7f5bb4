package dev.rondo.http.h1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.http.Body;
import dev.rondo.http.Headers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class MessageWriterTest {

    private final MessageWriter writer = new MessageWriter();

    // -------------------------------------------------------------------------------------------------- requests

    @Test
    void aRequestWithoutBodyHasNoLength() {
        var head = new RequestHead("GET", "/a%20b?c=d&e", true, Headers.of("Host", "x", "X-Own", "ä"));
        assertThat(text(MessageWriter.request(head, null)))
                .isEqualTo("GET /a%20b?c=d&e HTTP/1.1\r\nHost: x\r\nX-Own: ä\r\n\r\n");
    }

    @Test
    void aRequestWithABodyHasItsLength() {
        var head = new RequestHead(
                "POST", "/", true, Headers.of("Host", "x", "Content-Length", "999", "Transfer-Encoding", "chunked"));
        assertThat(text(MessageWriter.request(head, Body.text("hello"))))
                .isEqualTo("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n");
        assertThat(text(MessageWriter.request(new RequestHead("POST", "/", true, Headers.of("Host", "x")), null)))
                .isEqualTo("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    }

    @Test
    void oddTargetsAreSentAsTheyAre() {
        for (String target :
                List.of("/", "//a//b", "/a;b=c", "/%2e%2e/", "/?", "/?a=//b?c", "/a:b@c", "/[x]?y=[z]", "*")) {
            assertThat(text(MessageWriter.request(new RequestHead("GET", target, true, Headers.EMPTY), null)))
                    .isEqualTo("GET " + target + " HTTP/1.1\r\n\r\n");
        }
    }

    @Test
    void largeHeadsAreSentToo() {
        String cookie = "c".repeat(50_000);
        var head = new RequestHead("GET", "/", true, Headers.of("Cookie", cookie));
        assertThat(text(MessageWriter.request(head, null)))
                .isEqualTo("GET / HTTP/1.1\r\nCookie: " + cookie + "\r\n\r\n");
    }

    @Test
    void aBodyOfUnknownLengthComesInChunks() {
        var head = new RequestHead("PUT", "/", true, Headers.EMPTY);
        assertThat(text(MessageWriter.request(head, Body.stream(null, _ -> {}))))
                .isEqualTo("PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
        assertThat(text(MessageWriter.chunk(ByteBuffer.wrap(new byte[300]))))
                .startsWith("12c\r\n")
                .endsWith("\r\n");
        assertThat(text(MessageWriter.chunk(ByteBuffer.allocate(0)))).isEqualTo("0\r\n\r\n");
    }

    // ------------------------------------------------------------------------------------------------- responses

    @Test
    void aResponseWithItsWholeBodyHasItsLength() throws Exception {
        var head = new ResponseHead(200, "", true, Headers.of("Content-Type", "text/plain"));
        assertThat(text(writer.response(head, false, true, bytes("hello"))))
                .isEqualTo("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello");
        assertThat(writer.persistent()).isTrue();
    }

    @Test
    void theResponseToAHeadRequestHasOnlyTheLength() throws Exception {
        var head = new ResponseHead(200, "", true, Headers.EMPTY);
        assertThat(text(writer.response(head, true, true, bytes("hello"))))
                .isEqualTo("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    }

    @Test
    void aResponseThatGoesOnIsChunked() throws Exception {
        var head = new ResponseHead(200, "", true, Headers.EMPTY);
        String all = text(writer.response(head, false, true, -1))
                + text(writer.content(bytes("hello")))
                + text(writer.content(ByteBuffer.wrap(new byte[100_000])))
                + text(writer.end());
        assertThat(all)
                .isEqualTo("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + "5\r\nhello\r\n186A0\r\n"
                        + "\u0000".repeat(100_000) + "\r\n0\r\n\r\n");
    }

    @Test
    void aResponseThatGoesOnEndsWithTheConnectionInHttp10() throws Exception {
        var head = new ResponseHead(200, "", false, Headers.EMPTY);
        String all = text(writer.response(head, false, true, -1))
                + text(writer.content(bytes("hello")))
                + text(writer.end());
        assertThat(all).endsWith("\r\n\r\nhello").doesNotContain("chunked");
        assertThat(writer.persistent()).isFalse();
    }

    @Test
    void aResponseSaysThatItIsTheLast() throws Exception {
        var head = new ResponseHead(404, "", true, Headers.EMPTY);
        assertThat(text(writer.response(head, false, false, bytes("no"))))
                .startsWith("HTTP/1.1 404 Not Found\r\n")
                .contains("Connection: close\r\n", "Content-Length: 2\r\n");
        assertThat(writer.persistent()).isFalse();
    }

    @Test
    void largeHeadsOfResponsesAreSentToo() throws Exception {
        var head = new ResponseHead(200, "", true, Headers.of("X", "x".repeat(50_000)));
        assertThat(text(writer.response(head, false, true, bytes("hello"))))
                .hasSizeGreaterThan(50_000)
                .endsWith("hello");
        var tooLarge = new ResponseHead(200, "", true, Headers.of("X", "x".repeat(2_000_000)));
        assertThatThrownBy(() -> writer.response(tooLarge, false, true, bytes("hello")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void responsesWithoutBodySaySo() throws Exception {
        for (int status : new int[] {204, 304}) {
            assertThat(text(writer.response(new ResponseHead(status, "", true, Headers.EMPTY), false, true, bytes(""))))
                    .doesNotContain("Content-Length", "chunked")
                    .endsWith("\r\n\r\n");
        }
    }

    // --------------------------------------------------------------------------------------------------- helpers

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    /** As the stream would write it: everything that remains, in order. */
    private static String text(ByteBuffer... pieces) {
        var text = new StringBuilder();
        for (ByteBuffer piece : pieces) {
            text.append(StandardCharsets.ISO_8859_1.decode(piece));
        }
        return text.toString();
    }
}
