package dev.rondo.http.h1;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Requests that a proxy and a server could take for different ones. None may be followed by another: each is refused,
 * in whatever slices it comes.
 */
class SmugglingTest {

    /** What an attacker hopes will be read as a request of its own. */
    private static final String SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";

    private static Arguments chunked(String what, String body) {
        return Arguments.of(
                "chunks: " + what, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + body);
    }

    private static Arguments fields(String what, String fields) {
        return Arguments.of(what, "POST / HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n");
    }

    static Stream<Arguments> chunks() {
        return Stream.of(
                chunked("a size with 0x", "0x3\r\nabc\r\n0\r\n\r\n"),
                chunked("a size with an underscore", "1_0\r\n0123456789abcdef\r\n0\r\n\r\n"),
                chunked("a size with a plus", "+3\r\nabc\r\n0\r\n\r\n"),
                chunked("a size with a minus", "-3\r\nabc\r\n0\r\n\r\n"),
                chunked("no size", "\r\nabc\r\n0\r\n\r\n"),
                chunked("no size but an extension", ";a=b\r\nabc\r\n0\r\n\r\n"),
                chunked("a space before the size", " 3\r\nabc\r\n0\r\n\r\n"),
                chunked("a tab before the size", "\t3\r\nabc\r\n0\r\n\r\n"),
                chunked("a size that ends with a letter", "3g\r\nabc\r\n0\r\n\r\n"),
                chunked("a size that does not fit", "10000000000000003\r\nabc\r\n0\r\n\r\n"),
                chunked("a size that just does not fit", "8000000000000000\r\nabc\r\n0\r\n\r\n"),
                chunked("a size of sixteen digits", "ffffffffffffffff\r\nabc\r\n0\r\n\r\n"),
                chunked("a size of zeros without end", "0".repeat(64) + "3\r\nabc\r\n0\r\n\r\n"),
                chunked("a size line ended by LF", "3\nabc\r\n0\r\n\r\n"),
                chunked("a size line ended by CR", "3\rabc\r\n0\r\n\r\n"),
                chunked("a size line ended by CR and another byte", "3\rXabc\r\n0\r\n\r\n"),
                chunked("a chunk ended by LF", "3\r\nabc\n0\r\n\r\n"),
                chunked("a chunk ended by CR", "3\r\nabc\r0\r\n\r\n"),
                chunked("a chunk ended by nothing", "3\r\nabc0\r\n\r\n"),
                chunked("a chunk ended by other bytes", "3\r\nabcXY0\r\n\r\n"),
                chunked("a chunk longer than its size", "3\r\nabcd\r\n0\r\n\r\n"),
                chunked("a bare CR in an extension", "3;a\rb\r\nabc\r\n0\r\n\r\n"),
                chunked("a bare LF in an extension", "3;a\nb\r\nabc\r\n0\r\n\r\n"),
                chunked("a NUL in an extension", "3;a\0b\r\nabc\r\n0\r\n\r\n"),
                chunked("the last one ended by LF", "3\r\nabc\r\n0\n\n"),
                chunked("the trailers ended by LF", "3\r\nabc\r\n0\r\n\n"),
                chunked("a trailer with a space before its colon", "0\r\nA : b\r\n\r\n"),
                chunked("a trailer without colon", "0\r\nA\r\n\r\n"),
                chunked("a folded trailer", "0\r\nA: b\r\n c\r\n\r\n"));
    }

    static Stream<Arguments> lengths() {
        return Stream.of(
                fields("two codings", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
                fields("a coding twice in one field", "Transfer-Encoding: chunked, chunked\r\n"),
                fields("an empty coding first", "Transfer-Encoding: ,chunked\r\n"),
                fields("chunked before another", "Transfer-Encoding: chunked, gzip\r\n"),
                fields("chunked, then identity", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"),
                fields("a coding that is unknown", "Transfer-Encoding: xchunked\r\n"),
                fields("a coding with a vertical tab", "Transfer-Encoding: \u000bchunked\r\n"),
                fields("a coding with a parameter", "Transfer-Encoding: chunked;a=b\r\n"),
                fields("an empty coding", "Transfer-Encoding:\r\n"),
                fields("identity", "Transfer-Encoding: identity\r\n"),
                fields("a coding and a length", "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n"),
                fields("a length and a coding", "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"),
                Arguments.of(
                        "chunks in HTTP/1.0",
                        "POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                fields("a length with a plus", "Content-Length: +3\r\n"),
                fields("a length with a minus", "Content-Length: -3\r\n"),
                fields("a length with 0x", "Content-Length: 0x10\r\n"),
                fields("a length with an underscore", "Content-Length: 1_0\r\n"),
                fields("a length with a space", "Content-Length: 1 0\r\n"),
                fields("an empty length", "Content-Length:\r\n"),
                fields("a length of spaces", "Content-Length:   \r\n"),
                fields("a length with a fraction", "Content-Length: 3.0\r\n"),
                fields("two lengths that differ", "Content-Length: 3\r\nContent-Length: 4\r\n"),
                fields("two lengths in one field", "Content-Length: 3, 4\r\n"),
                fields("the same length twice in one field", "Content-Length: 3, 3\r\n"),
                fields("a length that does not fit", "Content-Length: 9223372036854775808\r\n"),
                fields("a length in other digits", "Content-Length: \u00b3\r\n"));
    }

    static Stream<Arguments> fields() {
        return Stream.of(
                fields("a name that is empty", ": b\r\n"),
                fields("a name with a space", "A B: c\r\n"),
                fields("a space before the colon", "A : b\r\n"),
                fields("a tab before the colon", "A\t: b\r\n"),
                fields("a name with a byte beyond ASCII", "\u00c4: b\r\n"),
                fields("a name with a NUL", "A\0: b\r\n"),
                fields("a name with a bracket", "A(: b\r\n"),
                fields("no colon", "A\r\n"),
                fields("a folded line", "A: b\r\n c\r\n"),
                fields("a folded line of a tab", "A: b\r\n\tc\r\n"),
                Arguments.of("a space before the first field", "GET / HTTP/1.1\r\n Host: x\r\n\r\n"),
                fields("a value with a NUL", "A: b\0c\r\n"),
                fields("a value with a bare CR", "A: b\rc\r\n"),
                fields("a value with a bare CR at its end", "A: b\r\r\n"),
                fields("a value with a control character", "A: b\u0001c\r\n"),
                fields("a value with DEL", "A: b\u007fc\r\n"),
                fields("CR and another byte in place of the empty line", "A: b\r\n\rX"),
                Arguments.of("lines ended by LF", "GET / HTTP/1.1\nHost: x\n\n"),
                Arguments.of("a request line ended by LF", "GET / HTTP/1.1\nHost: x\r\n\r\n"),
                Arguments.of("a field ended by LF", "GET / HTTP/1.1\r\nHost: x\nA: b\r\n\r\n"),
                Arguments.of("a head ended by LF", "GET / HTTP/1.1\r\nHost: x\r\n\n"),
                Arguments.of("no Host", "GET / HTTP/1.1\r\n\r\n"),
                Arguments.of("two Hosts", "GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n"),
                Arguments.of("a Host with a list", "GET / HTTP/1.1\r\nHost: x, y\r\n\r\n"),
                Arguments.of("a Host with a path", "GET / HTTP/1.1\r\nHost: x/y\r\n\r\n"),
                Arguments.of("a Host with a user", "GET / HTTP/1.1\r\nHost: u@x\r\n\r\n"),
                Arguments.of("a Host with a space", "GET / HTTP/1.1\r\nHost: x y\r\n\r\n"),
                Arguments.of("a Host with a bad port", "GET / HTTP/1.1\r\nHost: x:y\r\n\r\n"));
    }

    static Stream<Arguments> firstLines() {
        return Stream.of(
                        "get / HTTP/1.1\0",
                        "G\u00cbT / HTTP/1.1",
                        "G(T / HTTP/1.1",
                        "GET\t/ HTTP/1.1",
                        " GET / HTTP/1.1",
                        "GET / HTTP/1.32",
                        "GET / HTTP/1.256",
                        "GET / HTTP/01.1",
                        "GET / HTTP/1.",
                        "GET / HTTP/2.0",
                        "GET / HTTP/1,1",
                        "GET / HTTPS/1.1",
                        "GET / HTTP/1.1 x",
                        "GET /a b HTTP/1.1",
                        "GET /\u0001 HTTP/1.1",
                        "GET /\0 HTTP/1.1",
                        "GET /a\rb HTTP/1.1",
                        "GET /\u007f HTTP/1.1",
                        "GET /a#b HTTP/1.1",
                        "GET a HTTP/1.1",
                        "GET * HTTP/1.1",
                        ":GET / HTTP/1.1",
                        "\r\n:GET / HTTP/1.1",
                        "GET /\u00e9 HTTP/1.1",
                        "GET http://x\\e HTTP/1.1",
                        "GET http://u@x/ HTTP/1.1",
                        "GET http:///a HTTP/1.1",
                        "GET ftp://x/a HTTP/1.1",
                        "GET /",
                        "GET",
                        "/ HTTP/1.1")
                .map(line -> Arguments.of("first line: " + line, line + "\r\nHost: x\r\n\r\n"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"chunks", "lengths", "fields", "firstLines"})
    void isRefusedAndNothingIsReadBehindIt(String what, String wire) {
        for (int sliceBytes : new int[] {1, 2, 3, 7, 4096}) {
            List<String> events = Events.of(new RequestParser(new HeadLimits(4000, 20)), wire + SMUGGLED, sliceBytes);
            assertThat(events.getLast())
                    .as("%s, in slices of %d bytes: %s", what, sliceBytes, events)
                    .startsWith("MalformedMessageException: ");
            assertThat(events).noneMatch(event -> event.contains("/smuggled"));
        }
    }
}
