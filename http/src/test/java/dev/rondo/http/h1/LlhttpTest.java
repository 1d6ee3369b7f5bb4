package dev.rondo.http.h1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.rondo.http.HttpException;
import dev.rondo.http.h1.MessageParser.Event;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpCompliance;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Our parser of requests beside llhttp, Node's: what we take for a request, it must take for the same one. Where it
 * refuses and we do not, or finds another body, requests could be smuggled past one of us.
 */
class LlhttpTest {

    private static final List<String> REQUESTS = List.of(
            "GET /a?b=c HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n",
            "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
            "PUT /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nA\r\n0123456789\r\n0\r\nT: u\r\n\r\n",
            "POST /d HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n",
            "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET http://x/e HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            "GET /f HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");

    private static final List<String> NASTY = List.of(
            "\r",
            "\n",
            "\r\n",
            " ",
            "\t",
            "\0",
            "\u000b",
            "\u007f",
            "\u0085",
            "\u00e9",
            ":",
            ";",
            ",",
            "=",
            "\"",
            "0",
            "1",
            "00",
            "0x",
            "+",
            "-",
            "_",
            "g",
            "f",
            "7fffffffffffffff",
            "10000000000000000",
            "chunked",
            "gzip",
            "identity",
            "Content-Length: 3\r\n",
            "Content-Length: 5\r\n",
            "Content-Length:\r\n",
            "Transfer-Encoding: chunked\r\n",
            "Transfer-Encoding : chunked\r\n",
            "Transfer-Encoding: x\r\n",
            "Host: y\r\n",
            " folded\r\n",
            "NoColon\r\n",
            "HTTP/1.1",
            "HTTP/0.9",
            "HTTP/2.0",
            "/",
            "#",
            "*",
            "0\r\n\r\n",
            "\r\n\r\n",
            "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n");

    /** Any token is a method to us; llhttp knows some. */
    private static final Set<String> METHODS = Set.of("GET", "POST", "PUT", "OPTIONS");

    private static final int CASES = 20_000;

    private static Node node;

    @BeforeAll
    static void start() throws Exception {
        try {
            node = new Node();
        } catch (IOException absent) {
            abort("no node on this machine (Debian's package nodejs): " + absent.getMessage());
        }
    }

    @AfterAll
    static void stop() {
        if (node != null) {
            node.close();
        }
    }

    @Test
    void findsWhatLlhttpFindsInGoodRequests() throws IOException {
        for (String first : REQUESTS) {
            for (String second : REQUESTS) {
                String wire = first + second;
                assertThat(messages(LlhttpTest::strict, wire)).as(wire).isEqualTo(node.messages(wire));
            }
        }
    }

    @Test
    void takesNothingForARequestThatLlhttpDoesNot() throws IOException {
        assertThat(taken(LlhttpTest::strict)).isGreaterThan(CASES / 10); // else it refuses whatever it sees
    }

    /** The parser of responses is lenient; so would be a parser of requests made like it, and this would show it. */
    @Test
    void aLenientParserIsFoundOut() {
        assertThatThrownBy(() -> taken(() -> new RequestParser(limits(), HttpCompliance.from("*"))))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("llhttp");
    }

    /**
     * Returns how many messages the parser found in requests spoilt at random, each of which llhttp must have found.
     */
    private static int taken(Supplier<RequestParser> parsers) throws IOException {
        var random = new Random(20261123);
        int count = 0;
        for (int i = 0; i < CASES; i++) {
            String wire = spoilt(random);
            List<String> ours = messages(parsers, wire);
            List<String> llhttps = node.messages(withoutKnownLenience(wire));
            int common = Math.min(ours.size(), llhttps.size());
            assertThat(ours.subList(0, common))
                    .as("llhttp found other requests in\n%s", wire)
                    .isEqualTo(llhttps.subList(0, common));
            assertThat(ours.size())
                    .as("llhttp found fewer requests: %s, not %s, in\n%s", llhttps, ours, wire)
                    .isEqualTo(common);
            count += common;
        }
        return count;
    }

    /**
     * Our parser takes spaces between the parts of the first line and the version's name in any case; and, as RFC 9110
     * has it, tabs behind a value.
     */
    private static String withoutKnownLenience(String wire) {
        return wire.replaceAll("(?i) +http/(1\\.[01])\r\n", " HTTP/$1\r\n")
                .replaceAll("(GET|POST|PUT|OPTIONS) +", "$1 ")
                .replaceAll("(\\r\\n[A-Za-z-]+:[^\\r\\n]*?)[ \\t]+\\r\\n", "$1\r\n");
    }

    private static String spoilt(Random random) {
        var wire = new StringBuilder(REQUESTS.get(random.nextInt(REQUESTS.size())));
        for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
            int at = random.nextInt(wire.length());
            switch (random.nextInt(5)) {
                case 0 -> wire.deleteCharAt(at);
                case 1 -> wire.setCharAt(at, (char) random.nextInt(256));
                case 2 -> { // at the beginning of a line, where whole fields do most
                    int line = wire.indexOf("\r\n", at);
                    wire.insert(line < 0 ? at : line + 2, NASTY.get(random.nextInt(NASTY.size())));
                }
                default -> wire.insert(at, NASTY.get(random.nextInt(NASTY.size())));
            }
        }
        return wire.append(REQUESTS.get(random.nextInt(REQUESTS.size()))).toString();
    }

    // ------------------------------------------------------------------------------------------------- ours

    private static HeadLimits limits() {
        return new HeadLimits(8000, 100);
    }

    private static RequestParser strict() {
        return new RequestParser(limits());
    }

    /** Returns the complete messages: METHOD TARGET [body]. */
    private static List<String> messages(Supplier<RequestParser> parsers, String wire) {
        RequestParser parser = parsers.get();
        var found = new ArrayList<String>();
        var body = new StringBuilder();
        ByteBuffer bytes = ByteBuffer.wrap(wire.getBytes(StandardCharsets.ISO_8859_1));
        try {
            for (Event event; (event = parser.next(bytes)) != Event.NEED_BYTES; ) {
                if (event == Event.CONTENT) {
                    body.append(StandardCharsets.ISO_8859_1.decode(parser.content()));
                } else if (event == Event.END) {
                    RequestHead head = parser.head();
                    if (!METHODS.contains(head.method())) {
                        return found;
                    }
                    found.add(head.method() + " " + head.target() + " [" + body + "]");
                    body.setLength(0);
                    if (!parser.persistent()) {
                        return found;
                    }
                    parser.reset();
                    if (!bytes.hasRemaining()) {
                        return found;
                    }
                }
            }
        } catch (HttpException refused) {
            // what was complete before it counts
        }
        return found;
    }

    // ------------------------------------------------------------------------------------------------- llhttp

    private static final class Node implements AutoCloseable {

        private final Process process;
        private final BufferedWriter in;
        private final BufferedReader out;

        Node() throws Exception {
            String script =
                    Path.of(LlhttpTest.class.getResource("llhttp.js").toURI()).toString();
            process = new ProcessBuilder("node", "--no-deprecation", script)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            in = process.outputWriter(StandardCharsets.US_ASCII);
            out = process.inputReader(StandardCharsets.US_ASCII);
        }

        List<String> messages(String wire) throws IOException {
            in.write(Base64.getEncoder().encodeToString(wire.getBytes(StandardCharsets.ISO_8859_1)));
            in.newLine();
            in.flush();
            String line = out.readLine();
            if (line == null) {
                throw new IOException("node ended");
            }
            var found = new ArrayList<String>();
            for (String message : line.isEmpty() ? new String[0] : line.split(" ")) {
                found.add(new String(Base64.getDecoder().decode(message), StandardCharsets.ISO_8859_1));
            }
            return found;
        }

        @Override
        public void close() {
            process.destroy();
        }
    }
}
