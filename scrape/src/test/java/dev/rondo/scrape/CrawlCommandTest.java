package dev.rondo.scrape;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class CrawlCommandTest {

    @TempDir
    private Path directory;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Map<String, String> pages = new TreeMap<>();

    private int rondo(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        if (!all.contains("--resume") && !all.contains("--delay")) {
            all.addAll(List.of("--delay", "0"));
        }
        if (!all.contains("--store")) {
            all.addAll(List.of("--store", directory.resolve("a.crawl").toString()));
        }
        all.addFirst("crawl");
        out.reset();
        err.reset();
        return Main.run(
                new Streams(new ByteArrayInputStream(new byte[0]), out, err, UTF_8, false), all.toArray(String[]::new));
    }

    private String errors() {
        return err.toString(UTF_8);
    }

    private RawServer serve() throws IOException {
        return new RawServer((target, out) -> {
            String page = pages.get(target);
            if (page == null) {
                RawServer.send(out, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            } else {
                RawServer.send(out, "text/html", page.getBytes(UTF_8));
            }
        });
    }

    private List<JsonNode> lines(Path file) throws IOException {
        return Files.readAllLines(file).stream()
                .map(line -> JsonMapper.shared().readTree(line))
                .toList();
    }

    @Test
    void writesALineForEachPageAndSaysWhatItCameTo() throws IOException {
        pages.put("/", "<h1>Home</h1><a href=a><a href=gone>");
        pages.put("/a", "<h1>A</h1><a href=/><a href=http://other.invalid/>");
        Path file = directory.resolve("pages.jsonl");
        try (RawServer server = serve()) {
            assertThat(rondo(server.url("/"), "-o", file.toString(), "--select", "title=h1"))
                    .isZero();
            assertThat(lines(file)).hasSize(3);
            assertThat(lines(file).getFirst().get("items").get(0).get("title").asString())
                    .isEqualTo("Home");
            assertThat(errors())
                    .contains(server.url("/gone") + ": HTTP 404 Not Found (from " + server.url("/") + ")")
                    .containsPattern("3 URLs in .*1 failed.*; 3 links within hosts, 1 to others");
            assertThat(out.toString(UTF_8)).isEmpty();
        }
    }

    @Test
    void goesOnWhereABudgetEndedItWithTheOptionsItHad() throws IOException {
        pages.put("/", "<a href=a><a href=b><a href=c>");
        for (String each : new String[] {"/a", "/b", "/c"}) {
            pages.put(each, "page");
        }
        Path file = directory.resolve("pages.jsonl");
        try (RawServer server = serve()) {
            assertThat(rondo(server.url("/"), "-o", file.toString(), "-n", "3")).isEqualTo(1);
            assertThat(errors()).contains("To go on: rondo crawl --resume").contains("1 wait");
            assertThat(lines(file)).hasSize(3);

            assertThat(rondo(server.url("/")))
                    .as("a new crawl would forget this one")
                    .isEqualTo(2);
            assertThat(errors()).contains("has a crawl that is not at its end");

            assertThat(rondo("--resume")).isZero();
            assertThat(lines(file)).hasSize(4);

            assertThat(rondo("--resume")).isEqualTo(2);
            assertThat(errors()).contains("has no crawl to go on with");
        }
    }

    @Test
    void withoutAnOutputItPrintsALineForEachPage() throws IOException {
        pages.put("/", "<a href=a>");
        pages.put("/a", "page");
        try (RawServer server = serve()) {
            assertThat(rondo(server.url("/"))).isZero();
            assertThat(out.toString(UTF_8).lines())
                    .containsExactly(server.url("/") + ": 200, 10 B", server.url("/a") + ": 200, 4 B");
        }
    }

    @Test
    void restartForgets() throws IOException {
        pages.put("/", "<a href=a>");
        pages.put("/a", "page");
        try (RawServer server = serve()) {
            assertThat(rondo(server.url("/"), "-n", "1")).isEqualTo(1);
            assertThat(rondo(server.url("/"), "--restart")).isZero();
            assertThat(errors()).contains("2 URLs in");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        --delay -1          | --delay -1.0: a number of seconds
        -c 0                | --concurrency 0: at least 1
        --depth -1          | --depth -1: not less than 0
        --depth x           | 'x' is not a whole number
        --scope site        | --scope site: host, domain or prefix
        --include (         | "(" is no regular expression
        --output a.xml      | cannot tell the format of a.xml
        --output no/a.jsonl | there is no such directory
        --select h1         | write name=selector
        --select t=h1[      | "h1[" is no selector
        --items no.yaml     | cannot read --items no.yaml
        --login-field x     | --login-field x: write NAME=VALUE
        --dashboard 99999   | --dashboard 99999: a port
        """)
    void whatIsWrongIsSaidBeforeAnythingIsAskedFor(String arguments, String message) {
        List<String> all = new ArrayList<>(List.of("http://127.0.0.1:1/"));
        all.addAll(List.of(arguments.split(" ")));
        if (arguments.startsWith("--login-field")) {
            all.addAll(List.of("--login", "http://127.0.0.1:1/"));
        }
        assertThat(rondo(all.toArray(String[]::new))).isEqualTo(2);
        assertThat(errors()).contains(message);
    }

    @Test
    void withoutAUrlItSaysWhatIsMissing() {
        assertThat(rondo()).isEqualTo(2);
        assertThat(errors()).contains("where to begin?");
        assertThat(rondo("ftp://h/")).isEqualTo(2);
        assertThat(errors()).contains("\"ftp://h/\" is no address of http or https");
    }
}
