package dev.rondo.http.h1;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RequestParserTest {

    private static List<String> parse(String wire, int sliceBytes) {
        return Events.of(new RequestParser(new HeadLimits(1000, 10)), wire, sliceBytes);
    }

    private static List<String> parse(String wire) {
        return parse(wire, 4096);
    }

    @Test
    void readsRequestsWithAndWithoutBody() {
        assertThat(
                        parse(
                                "GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\nPOST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
                                        + "PUT /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"))
                .containsExactly(
                        "HEAD GET /a?b=c Host: x",
                        "END keep []",
                        "HEAD POST / Host: x; Content-Length: 5",
                        "END keep [hello]",
                        "HEAD PUT /c Host: x; Transfer-Encoding: chunked",
                        "END keep [abc]");
    }

    static Stream<String> conversations() {
        return Stream.of(
                "GET / HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n",
                "POST /p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4;a=b\r\nabcd\r\n1\r\ne\r\n0\r\nT: u\r\n\r\nGET / HTTP/1.1\r\nHost: y\r\n\r\n",
                "GET / HTTP/1.0\r\n\r\n",
                "GET / HTTP/1.1\r\n\r\n",
                "GET /" + "a".repeat(2000) + " HTTP/1.1\r\nHost: x\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc",
                "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "garbage\r\n\r\n");
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

    @Test
    void refusesWhatCouldBeReadInTwoWays() {
        for (String ambiguous : List.of(
                "GET / HTTP/1.1\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
                "GET / HTTP/1.1\r\nHost : x\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: x\r\nNoColon\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
                "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
                "GET / HTTP/9.9\r\nHost: x\r\n\r\n",
                "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET\r\n\r\n")) {
            assertThat(parse(ambiguous))
                    .as(ambiguous)
                    .singleElement()
                    .asString()
                    .startsWith("MalformedMessageException: ");
        }
    }

    @Test
    void limitsTheHead() {
        assertThat(parse("GET /" + "a".repeat(2000) + " HTTP/1.1\r\nHost: x\r\n\r\n"))
                .containsExactly("TooLargeException: headers of more than 1000 bytes");
        assertThat(parse("GET / HTTP/1.1\r\nHost: x\r\n" + "A: b\r\n".repeat(10) + "\r\n"))
                .containsExactly("TooLargeException: more than 10 header fields");
    }
}
