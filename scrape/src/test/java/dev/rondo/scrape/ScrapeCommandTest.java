package dev.rondo.scrape;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ScrapeCommandTest {

    @TempDir
    private Path directory;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int rondo(String... arguments) {
        return rondoReading("", arguments);
    }

    private int rondoReading(String input, String... arguments) {
        return Main.run(new Streams(new ByteArrayInputStream(input.getBytes(UTF_8)), out, err, UTF_8, true), arguments);
    }

    private List<String> lines() {
        return out.toString(UTF_8).lines().toList();
    }

    private List<String> errors() {
        return err.toString(UTF_8).lines().toList();
    }

    // ------------------------------------------------------------------------------------------------- pages that
    // arrive

    @Test
    void printsTheArticlesLine() throws IOException {
        byte[] page = "<p>ä, 世界, \uD83D\uDE00</p>".getBytes(UTF_8);
        try (RawServer server = new RawServer((target, out) -> RawServer.send(out, "text/html; charset=utf-8", page))) {
            assertThat(rondo("scrape", server.url("/"))).isZero();
            assertThat(lines()).containsExactly(server.url("/") + ": 15 characters");
            assertThat(errors()).singleElement().asString().matches("1 page, 23 B in [0-9.]+ s; one by one: [0-9.]+ s");
        }
    }

    @Test
    void theNumberHasPlainDigits() throws IOException {
        try (RawServer server =
                new RawServer((target, out) -> RawServer.send(out, "text/plain", new byte[1_234_567]))) {
            assertThat(rondo("scrape", server.url("/"))).isZero();
            assertThat(lines()).containsExactly(server.url("/") + ": 1234567 characters");
        }
    }

    @Test
    void theUrlIsPrintedAsItWasTyped() throws IOException {
        try (RawServer server = new RawServer((target, out) -> RawServer.send(out, "text/plain", new byte[0]))) {
            String typed = server.url("/a b/../ü#x").substring("http://".length());
            assertThat(rondo("scrape", typed)).isZero();
            assertThat(lines()).containsExactly(typed + ": 0 characters");
        }
    }

    @Test
    void aLengthThatIsTooShortEndsThePageThere() throws IOException {
        try (RawServer server = new RawServer(
                (target, out) -> RawServer.send(out, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdefgh"))) {
            assertThat(rondo("scrape", server.url("/"))).isZero();
            assertThat(lines()).containsExactly(server.url("/") + ": 3 characters");
        }
    }

    @Test
    void withoutATerminalThereIsNoEscape() throws IOException {
        try (RawServer server = new RawServer((target, out) -> RawServer.send(out, "text/plain", new byte[0]))) {
            rondo("scrape", server.url("/"));
            assertThat(out.toString(UTF_8) + err.toString(UTF_8)).doesNotContain("\033", "\r");
        }
    }

    @Test
    void theDemoSite() {
        assertThat(rondo("scrape")).isZero();
        assertThat(lines())
                .hasSize(DemoSite.PAGES)
                .allMatch(line -> line.matches("http://127\\.0\\.0\\.1:\\d+/\\d+: \\d+ characters"));
        assertThat(lines().getLast()).contains("/1000: ");
        assertThat(errors()).hasSize(3);
        assertThat(errors().get(0)).startsWith("No URL given: ");
        assertThat(errors().get(1)).startsWith("20 pages, ");
        assertThat(errors().get(2)).contains("./rondo scrape https://");
    }

    // ------------------------------------------------------------------------------------------------- pages that do
    // not

    private static void misbehave(String target, OutputStream out) throws Exception {
        switch (target) {
            case "/dropped" -> RawServer.send(out, "HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\nonly this");
            case "/dropped-chunked" ->
                RawServer.send(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n");
            case "/no-answer" -> {}
            case "/not-http" -> RawServer.send(out, "220 mail.example.org ESMTP\r\n\r\n");
            case "/missing" ->
                RawServer.send(out, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            case "/circle" ->
                RawServer.send(
                        out,
                        "HTTP/1.1 302 Found\r\nLocation: /circle\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            case "/nowhere" ->
                RawServer.send(out, "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            case "/endless-header" -> {
                RawServer.send(out, "HTTP/1.1 200 OK\r\n");
                for (int i = 0; ; i++) {
                    RawServer.send(out, "X-" + i + ": " + "x".repeat(1000) + "\r\n");
                }
            }
            case "/bomb" -> {
                RawServer.send(out, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n");
                try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
                    byte[] zeros = new byte[1 << 20];
                    for (int i = 0; i < 10_000; i++) {
                        zip.write(zeros);
                    }
                }
            }
            default -> RawServer.send(out, "text/html", ("good " + target).getBytes(UTF_8));
        }
    }

    @Test
    void aPageThatFailsHasItsReasonAndDisturbsNoOther() throws IOException {
        try (RawServer server = new RawServer(ScrapeCommandTest::misbehave)) {
            String refused = "http://127.0.0.1:" + closedPort() + "/";
            List<String> good = List.of(server.url("/1"), server.url("/2"), server.url("/3"));
            assertThat(rondo(
                            "scrape",
                            good.get(0),
                            server.url("/dropped"),
                            server.url("/dropped-chunked"),
                            server.url("/no-answer"),
                            server.url("/not-http"),
                            good.get(1),
                            server.url("/missing"),
                            server.url("/circle"),
                            server.url("/nowhere"),
                            server.url("/endless-header"),
                            server.url("/bomb"),
                            refused,
                            "http://",
                            "ftp://127.0.0.1/",
                            good.get(2)))
                    .isEqualTo(1);
            assertThat(lines())
                    .containsExactlyInAnyOrderElementsOf(
                            good.stream().map(url -> url + ": 7 characters").toList());
            assertThat(reason(server.url("/dropped"))).isEqualTo("connection closed after 9 of 10,000 bytes");
            assertThat(reason(server.url("/dropped-chunked")))
                    .isEqualTo("connection closed after 5 bytes, in the middle of the body");
            assertThat(reason(server.url("/no-answer"))).isEqualTo("connection closed before any answer");
            assertThat(reason(server.url("/not-http"))).startsWith("not HTTP/1.1");
            assertThat(reason(server.url("/missing"))).isEqualTo("HTTP 404 Not Found");
            assertThat(reason(server.url("/circle"))).isEqualTo("redirects in a circle");
            assertThat(reason(server.url("/nowhere"))).contains("Location");
            assertThat(reason(server.url("/endless-header"))).containsIgnoringCase("header");
            assertThat(reason(server.url("/bomb"))).isEqualTo("a body of more than 64 MiB decoded");
            assertThat(reason(refused)).isEqualTo("connection refused");
            assertThat(reason("http://")).contains("no host");
            assertThat(reason("ftp://127.0.0.1/")).contains("ftp");
            assertThat(errors().getLast()).startsWith("15 pages (12 failed), ");
            assertThat(errors()).hasSize(13);
        }
    }

    @Test
    void anHonestPageThatCompressesWellIsNoBomb() throws IOException {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(zipped)) {
            zip.write("<td></td>\n".repeat(500_000).getBytes(UTF_8));
        }
        assertThat(5_000_000 / zipped.size()).isGreaterThan(250);
        try (RawServer server = new RawServer((target, out) -> {
            RawServer.send(out, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n");
            zipped.writeTo(out);
        })) {
            assertThat(rondo("scrape", server.url("/"))).isZero();
            assertThat(lines()).containsExactly(server.url("/") + ": 5000000 characters");
        }
    }

    @Test
    void addressesThatAreNone() {
        assertThat(rondo("scrape", "", "/relative", "mailto:a@example.org", "javascript:alert(1)"))
                .isEqualTo(1);
        assertThat(reason("")).isEqualTo("empty URL");
        assertThat(reason("/relative")).isEqualTo("no scheme in \"/relative\"");
        assertThat(reason("mailto:a@example.org")).startsWith("unsupported scheme \"mailto\"");
        assertThat(reason("javascript:alert(1)")).startsWith("unsupported scheme \"javascript\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "localhost:8080", "h:80/a:b", "h:/", "user:pass@h/", "[::1]:80/", "//h/"})
    void withoutASchemeItIsHttp(String typed) {
        assertThat(Visit.withScheme(typed)).isEqualTo("http://" + typed);
    }

    @Test
    void aServerThatNeverAnswersIsGivenUp() throws IOException {
        try (RawServer server = new RawServer((target, out) -> RawServer.never())) {
            assertThat(rondo("scrape", "--timeout", "0.05", server.url("/"))).isEqualTo(1);
            assertThat(reason(server.url("/"))).isEqualTo("timed out after 0.05 s");
        }
    }

    private String reason(String url) {
        String start = url + ": ";
        List<String> found =
                errors().stream().filter(line -> line.startsWith(start)).toList();
        assertThat(found).as(url).hasSize(1);
        return found.getFirst().substring(start.length());
    }

    private static int closedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    // ------------------------------------------------------------------------------------------------- files

    @Test
    void writesAnObjectForEachPage() throws IOException {
        Path file = directory.resolve("pages.jsonl");
        try (RawServer server = new RawServer(ScrapeCommandTest::misbehave)) {
            assertThat(rondo("scrape", "--output", file.toString(), server.url("/1"), server.url("/missing")))
                    .isEqualTo(1);
            List<JsonNode> pages = Files.readAllLines(file).stream()
                    .map(line -> JsonMapper.shared().readTree(line))
                    .toList();
            assertThat(pages).hasSize(2);
            JsonNode good = pages.stream()
                    .filter(page -> page.get("error").isNull())
                    .findFirst()
                    .orElseThrow();
            assertThat(good.propertyNames())
                    .containsExactly("url", "finalUrl", "status", "characters", "bytes", "seconds", "error");
            assertThat(good.get("url").asString()).isEqualTo(server.url("/1"));
            assertThat(good.get("finalUrl").asString()).isEqualTo(server.url("/1"));
            assertThat(good.get("status").asInt()).isEqualTo(200);
            assertThat(good.get("characters").asInt()).isEqualTo(7);
            assertThat(good.get("bytes").asInt()).isEqualTo(7);
            assertThat(good.get("seconds").isNumber()).isTrue();
            JsonNode bad =
                    pages.stream().filter(page -> page != good).findFirst().orElseThrow();
            assertThat(bad.get("status").asInt()).isEqualTo(404);
            assertThat(bad.get("characters").isNull()).isTrue();
            assertThat(bad.get("error").asString()).isEqualTo("HTTP 404 Not Found");
        }
    }

    @Test
    void aFileThatCannotBeWrittenIsSaidBeforeAnythingIsFetched() throws IOException {
        try (RawServer server = new RawServer((target, out) -> {
            throw new AssertionError("fetched " + target);
        })) {
            assertThat(rondo("scrape", "--output", directory.resolve("no/file").toString(), server.url("/")))
                    .isEqualTo(2);
            assertThat(lines()).isEmpty();
            assertThat(errors())
                    .singleElement()
                    .asString()
                    .startsWith("rondo: cannot write the pages: ")
                    .contains("no/file")
                    .contains("No such file or directory");
        }
    }

    @Test
    void aListOfUrlsIsNotOverwrittenWithPages() throws IOException {
        Path list = Files.writeString(directory.resolve("urls"), "http://127.0.0.1:1/\n");
        assertThat(rondo("scrape", "--input", list.toString(), "--output", list.toString()))
                .isEqualTo(2);
        assertThat(list).hasContent("http://127.0.0.1:1/");
        assertThat(errors()).singleElement().asString().contains("overwrite");
    }

    @Test
    void readsUrlsFromAFileAndFromTheCommandLine() throws IOException {
        try (RawServer server = new RawServer(ScrapeCommandTest::misbehave)) {
            Path list =
                    Files.writeString(directory.resolve("urls"), "# two\n" + server.url("/1\n") + server.url("/2\n"));
            assertThat(rondo("scrape", "--input", list.toString(), server.url("/3")))
                    .isZero();
            assertThat(lines()).hasSize(3);
        }
    }

    @Test
    void readsUrlsFromStandardInput() throws IOException {
        try (RawServer server = new RawServer(ScrapeCommandTest::misbehave)) {
            assertThat(rondoReading(server.url("/1\n") + server.url("/2"), "scrape", "--input", "-"))
                    .isZero();
            assertThat(lines()).hasSize(2);
        }
    }

    @Test
    void anEmptyListIsNoReasonForTheDemoSite() {
        assertThat(rondoReading("\n# nothing\n", "scrape", "--input", "-")).isEqualTo(2);
        assertThat(errors()).containsExactly("rondo: no URL in standard input");
    }

    @Test
    void standardInputIsNoFileToOverwrite() throws IOException {
        Path pages = Files.writeString(directory.resolve("pages"), "old");
        try (RawServer server = new RawServer(ScrapeCommandTest::misbehave)) {
            assertThat(rondoReading(server.url("/1"), "scrape", "--input", "-", "--output", pages.toString()))
                    .isZero();
            assertThat(Files.readAllLines(pages)).hasSize(1);
        }
    }

    @Test
    void aListThatCannotBeReadIsNamed() {
        assertThat(rondo("scrape", "--input", directory.resolve("none").toString()))
                .isEqualTo(2);
        assertThat(errors())
                .singleElement()
                .asString()
                .startsWith("rondo: cannot read the URLs: ")
                .contains("none");
    }

    @Test
    void aReaderThatGoesAwayEndsTheRun() throws Exception {
        OutputStream closedPipe = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        };
        try (RawServer server = new RawServer((target, out) -> {
            if (target.equals("/never")) {
                RawServer.never();
            }
            RawServer.send(out, "text/html", new byte[1]);
        })) {
            Streams streams = new Streams(new ByteArrayInputStream(new byte[0]), closedPipe, err, UTF_8, false);
            assertThat(Main.run(streams, "scrape", server.url("/1"), server.url("/never")))
                    .isEqualTo(1);
            assertThat(errors()).contains("rondo: cannot write to standard output: Broken pipe");
        }
    }

    // ------------------------------------------------------------------------------------------------- usage

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--concurrency 0 http://127.0.0.1:1/",
                "--concurrency many http://127.0.0.1:1/",
                "--timeout -1 http://127.0.0.1:1/",
                "--timeout NaN http://127.0.0.1:1/",
                "--timeout soon http://127.0.0.1:1/",
                "--colour http://127.0.0.1:1/",
                "--output",
                "--output - http://127.0.0.1:1/"
            })
    void wrongArgumentsAreAnsweredWithTheUsage(String arguments) {
        assertThat(rondo(("scrape " + arguments).split(" "))).isEqualTo(2);
        assertThat(lines()).isEmpty();
        assertThat(err.toString(UTF_8))
                .contains("Usage: rondo scrape ")
                .doesNotContain("Usage: Usage", " a double", " an int")
                .contains(arguments.split(" ")[0]);
    }

    @Test
    void numbersAreNamedAsPeopleDo() {
        rondo("scrape", "--timeout", "abc");
        assertThat(errors().getFirst()).endsWith("'abc' is not a number");
        assertThat(errors().get(1)).startsWith("Usage: rondo scrape ");
        err.reset();
        rondo("scrape", "--concurrency", "1.5");
        assertThat(errors().getFirst()).endsWith("'1.5' is not a whole number");
    }

    @Test
    void aTimeoutOfNearlyNothingIsNotNone() throws IOException {
        try (RawServer server = new RawServer((target, out) -> RawServer.never())) {
            assertThat(rondo("scrape", "--timeout", "1e-12", server.url("/"))).isEqualTo(1);
            assertThat(reason(server.url("/"))).isEqualTo("timed out after 0.001 s");
        }
    }

    @Test
    void withoutACommandTheUsage() {
        assertThat(rondo()).isEqualTo(2);
        assertThat(err.toString(UTF_8)).contains("Usage: rondo ").contains("scrape");
    }

    @Test
    void helpAndVersion() {
        assertThat(rondo("scrape", "--help")).isZero();
        assertThat(out.toString(UTF_8))
                .contains("Usage: rondo scrape ", "--concurrency", "--input", "64 MiB", "Exit status");
        assertThat(rondo("--help")).isZero();
        assertThat(out.toString(UTF_8))
                .containsPattern("scrape +Fetches pages, all at once, and counts the char[^.]*\\.");
        assertThat(rondo("--version")).isZero();
        assertThat(lines().getLast()).startsWith("rondo ");
        assertThat(rondo("scrape", "--version")).isZero();
        assertThat(lines().getLast()).startsWith("rondo ");
        assertThat(errors()).isEmpty();
    }
}
