package dev.rondo.http.h1;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ResponseParserTest {

    private static final HeadLimits LIMITS = new HeadLimits(1000, 10);

    private static List<String> parse(String wire, int sliceBytes) {
        return Events.of(new ResponseParser(LIMITS), wire, sliceBytes);
    }

    private static List<String> parse(String wire) {
        return parse(wire, 4096);
    }

    // -------------------------------------------------------------------------------------------------- framing

    @Test
    void aBodyMayHaveALength() {
        assertThat(parse("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"))
                .containsExactly("HEAD 200 OK Content-Length: 5", "END keep [hello]");
    }

    @Test
    void aBodyMayBeChunkedWithExtensionsAndTrailers() {
        assertThat(parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + "5;a=b\r\nhello\r\n00A\r\n, chunked!\r\n0\r\nX-Trailer: 1\r\n\r\n"))
                .containsExactly("HEAD 200 OK Transfer-Encoding: chunked", "END keep [hello, chunked!]");
    }

    @Test
    void aBodyMayEndWithTheConnection() {
        assertThat(parse("HTTP/1.1 200 OK\r\nX: y\r\n\r\nall of it"))
                .containsExactly("HEAD 200 OK X: y", "END close [all of it]");
    }

    @Test
    void someAnswersHaveNoBodyWhateverTheirHeadersSay() {
        assertThat(parse("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n"
                        + "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"
                        + "HTTP/1.1 100 Continue\r\n\r\n"
                        + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
                .containsExactly(
                        "HEAD 204 No Content Content-Length: 5",
                        "END keep []",
                        "HEAD 304 Not Modified Content-Length: 9",
                        "END keep []",
                        "HEAD 100 Continue ",
                        "END keep []",
                        "HEAD 200 OK Content-Length: 0",
                        "END keep []");
    }

    @Test
    void theAnswerToAHeadRequestHasNoBody() {
        var parser = new ResponseParser(LIMITS);
        parser.expectNoBody(true);
        assertThat(Events.of(parser, "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", 100))
                .containsExactly("HEAD 200 OK Content-Length: 500", "END keep []");
    }

    @Test
    void oneAnswerFollowsAnother() {
        String one = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n";
        assertThat(parse(one + "a" + one + "b" + one + "c"))
                .filteredOn(line -> line.startsWith("END"))
                .containsExactly("END keep [a]", "END keep [b]", "END keep [c]");
    }

    @Test
    void tellsWhetherAnotherMayFollow() {
        assertThat(parse("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"))
                .contains("END close []");
        assertThat(parse("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n")).contains("END close []");
        assertThat(parse("HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: Keep-Alive\r\n\r\n"))
                .contains("END keep []");
        assertThat(parse("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: x, Close\r\n\r\n"))
                .contains("END close []");
    }

    // ------------------------------------------------------------------------------------------------- slicing

    static Stream<String> conversations() {
        String ok = "HTTP/1.1 200 OK\r\n";
        return Stream.of(
                ok + "Content-Type: text/html; charset=utf-8\r\nServer: x\r\nContent-Length: 11\r\n\r\nhello world" + ok
                        + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nT: 1\r\n\r\n"
                        + "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n",
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + ok
                        + "Content-Length: 2\r\n\r\nok",
                ok + "\r\nuntil the end of the connection",
                ok + "Content-Length: 20\r\n\r\ncut short",
                ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n20\r\ncut",
                ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
                ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nxyz\r\n",
                ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloWORLD\r\n0\r\n\r\n",
                ok + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                ok + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
                ok + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
                ok + "Content-Length: -5\r\n\r\nhello",
                ok + "X-Long: " + "a".repeat(2000) + "\r\n\r\n",
                ok + "A: 1\r\n".repeat(11) + "\r\n",
                ok + "Folded: a\r\n b\r\nSpaced : c\r\nNoColon\r\nContent-Length: 1\r\n\r\nx",
                "HTTP/1.1 200\nContent-Length: 2\n\nok",
                "HTTP/1.0 404 Not Found\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\nno!",
                "\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
                "<html>no HTTP here</html>",
                "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003",
                "HTTP/1.1 abc OK\r\n\r\n",
                "HTTP/3.7 200 OK\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Le",
                "");
    }

    @ParameterizedTest
    @MethodSource("conversations")
    void findsTheSameHoweverTheBytesAreSliced(String wire) {
        List<String> whole = parse(wire);
        for (int sliceBytes = 1; sliceBytes <= 64; sliceBytes++) {
            assertThat(parse(wire, sliceBytes))
                    .as("in slices of %d bytes", sliceBytes)
                    .isEqualTo(whole);
        }
    }

    // ------------------------------------------------------------------------------------------ what servers do wrong

    @Test
    void acceptsWhatOldServersSend() {
        assertThat(parse("HTTP/1.1 200\nContent-Length: 2\n\nok"))
                .containsExactly("HEAD 200  Content-Length: 2", "END keep [ok]");
        assertThat(parse("HTTP/1.1 200 OK\r\nFolded: a\r\n b\r\nSpaced : c\r\nContent-Length: 1\r\n\r\nx"))
                .containsExactly("HEAD 200 OK Folded: a b; Spaced: c; Content-Length: 1", "END keep [x]");
        assertThat(parse("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello"))
                .contains("END keep [hello]");
        assertThat(parse("HTTP/1.1 999 Whatever\r\nContent-Length: 0\r\n\r\n"))
                .contains("HEAD 999 Whatever Content-Length: 0");
    }

    @Test
    void aLengthBesideChunksCountsForNothingAndEndsTheConnection() {
        assertThat(
                        parse(
                                "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"))
                .contains("END close [hello]");
    }

    @Test
    void saysHowMuchOfABodyIsMissing() {
        assertThat(parse("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\ncut short"))
                .last()
                .isEqualTo("TruncatedBodyException: connection closed mid-body: expected 20 bytes, got 9");
        assertThat(parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"))
                .last()
                .isEqualTo("TruncatedBodyException: connection closed mid-body: got 5 bytes, the end is missing");
    }

    @Test
    void saysThatNoAnswerCame() {
        assertThat(parse("HTTP/1.1 200 OK\r\nContent-Le"))
                .containsExactly("ConnectionClosedException: connection closed in the middle of the headers");
    }

    @Test
    void refusesWhatIsNoHttp() {
        for (String garbage : List.of(
                "<html>no HTTP here</html>",
                "SSH-2.0-OpenSSH_9.2\r\n",
                "\u0016\u0003\u0001\u0002\u0000",
                "HTTP/1.1 abc OK\r\n\r\n",
                "HTTP/1.1 20 OK\r\n\r\n",
                "HTTP/1.1 2000 OK\r\n\r\n",
                "HTTP/3.7 200 OK\r\n\r\n",
                "HTTP/1.1 200 OK\r\nBad\u0000Name: x\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 5x\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked, chunked\r\n\r\n")) {
            assertThat(parse(garbage))
                    .as(garbage)
                    .last()
                    .asString()
                    .startsWith("MalformedMessageException: not HTTP/1.1: ");
        }
    }

    @Test
    void refusesGarbageBetweenChunks() {
        for (String chunks : List.of(
                "xyz\r\n", "5\r\nhelloWORLD\r\n", "-5\r\nhello\r\n", "FFFFFFFFFFFFFFFFFF\r\n", "5 5\r\nhello\r\n")) {
            assertThat(parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks))
                    .as(chunks)
                    .last()
                    .asString()
                    .startsWith("MalformedMessageException: not HTTP/1.1 in the body's framing: ");
        }
    }

    @Test
    void saysInItsOwnWordsWhatIsWrong() {
        String chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        assertThat(parse(chunked + "FFFFFFFFFFFFFFFFFF\r\n"))
                .last()
                .isEqualTo("MalformedMessageException: not HTTP/1.1 in the body's framing: bad chunk size");
        assertThat(parse(chunked + "5\r\nhelloWORLD\r\n"))
                .last()
                .isEqualTo("MalformedMessageException: not HTTP/1.1 in the body's framing:"
                        + " an illegal character between the chunks");
        assertThat(parse("HTTP/1.1 200 OK\r\nBad\u0000Name: x\r\n\r\n"))
                .last()
                .isEqualTo("MalformedMessageException: not HTTP/1.1: a control character in the headers");
    }

    @Test
    void limitsTheHead() {
        assertThat(parse("HTTP/1.1 200 OK\r\nX: " + "a".repeat(1000) + "\r\n\r\n"))
                .containsExactly("TooLargeException: headers of more than 1000 bytes");
        assertThat(parse("HTTP/1.1 200 " + "a".repeat(1000) + "\r\n\r\n"))
                .containsExactly("TooLargeException: headers of more than 1000 bytes");
        assertThat(parse("HTTP/1.1 200 OK\r\n" + "A: 1\r\n".repeat(11) + "\r\n"))
                .containsExactly("TooLargeException: more than 10 header fields");
        assertThat(parse("\r\n".repeat(1000) + "HTTP/1.1 200 OK\r\n\r\n")).hasSize(1);
    }

    @Test
    void limitsTrailersToo() {
        assertThat(parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: " + "a".repeat(1000)
                        + "\r\n\r\n"))
                .last()
                .asString()
                .startsWith("TooLargeException");
    }
}
