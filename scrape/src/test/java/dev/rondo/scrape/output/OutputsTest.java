package dev.rondo.scrape.output;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.http.Headers;
import dev.rondo.scrape.crawl.CrawledPage;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.netpreserve.jwarc.WarcReader;
import org.netpreserve.jwarc.WarcRecord;
import org.netpreserve.jwarc.WarcResponse;
import org.netpreserve.jwarc.WarcRevisit;

class OutputsTest {

    @TempDir
    private Path directory;

    private static CrawledPage page(String url, String body, String... links) {
        return new CrawledPage(
                url,
                null,
                200,
                1,
                "http://h/",
                Headers.of("Content-Type", "text/html; charset=utf-8", "Content-Encoding", "gzip"),
                body.getBytes(UTF_8),
                "5ha" + body,
                Instant.parse("2026-01-02T03:04:05Z"),
                0.25,
                List.of(links),
                List.of(),
                null);
    }

    private static CrawledPage failed(String url, String error) {
        return new CrawledPage(
                url,
                null,
                0,
                2,
                "http://h/a",
                Headers.EMPTY,
                new byte[0],
                null,
                Instant.EPOCH,
                1.5,
                List.of(),
                List.of(),
                error);
    }

    private Path write(String name, CrawledPage... pages) throws IOException {
        Path file = directory.resolve(name);
        try (Output output = Outputs.open(file, 0)) {
            for (CrawledPage page : pages) {
                output.write(page);
            }
            output.commit(false);
            output.finish(true);
        }
        return file;
    }

    @Test
    void linesOfJson() throws IOException {
        CrawledPage taken = page("http://h/a", "ä", "http://h/b", "http://h/b", "http://other/")
                .withItems(List.of(Map.of("price", 12.5)));
        Path file = write("a.jsonl", taken, failed("http://h/b", "HTTP 404 \"gone\""));
        assertThat(file).hasContent("""
                {"url":"http://h/a","finalUrl":"http://h/a","status":200,"depth":1,"referrer":"http://h/",\
                "contentType":"text/html","bytes":2,"sha256":"5haä","seconds":0.250000,"links":2,"externalLinks":1,\
                "error":null,"items":[{"price":12.5}]}
                {"url":"http://h/b","finalUrl":null,"status":null,"depth":2,"referrer":"http://h/a",\
                "contentType":null,"bytes":0,"sha256":null,"seconds":1.500000,"links":0,"externalLinks":0,\
                "error":"HTTP 404 \\"gone\\""}
                """);
    }

    @Test
    void commaSeparatedValues() throws IOException {
        Path file =
                write("a.csv", page("http://h/a,b", "x"), failed("http://h/b", "=1+2"), failed("http://h/c", "\"q\""));
        assertThat(Files.readString(file)).isEqualTo("""
                url,finalUrl,status,depth,referrer,contentType,bytes,sha256,seconds,links,externalLinks,error\r
                "http://h/a,b","http://h/a,b",200,1,http://h/,text/html,1,5hax,0.250000,0,0,\r
                http://h/b,,,2,http://h/a,,0,,1.500000,0,0,'=1+2\r
                http://h/c,,,2,http://h/a,,0,,1.500000,0,0,\"""q\"""\r
                """);
    }

    @Test
    void aDatabase() throws Exception {
        Path file =
                write("a.sqlite", page("http://h/a", "x", "http://h/b", "http://h/b"), failed("http://h/b", "refused"));
        try (Connection database = DriverManager.getConnection("jdbc:sqlite:" + file);
                ResultSet rows = database.createStatement().executeQuery("""
                        SELECT s.url, t.url, p.error FROM link JOIN address s ON source = s.id
                        JOIN address t ON target = t.id JOIN page p ON p.address = t.id""")) {
            assertThat(rows.next()).isTrue();
            assertThat(List.of(rows.getString(1), rows.getString(2), rows.getString(3)))
                    .containsExactly("http://h/a", "http://h/b", "refused");
            assertThat(rows.next()).isTrue();
            assertThat(rows.next()).isFalse();
        }
    }

    @Test
    void anArchiveThatOthersCanRead() throws IOException {
        CrawledPage redirect = new CrawledPage(
                "http://h/old",
                "http://h/a",
                301,
                1,
                null,
                Headers.of("Location", "/a"),
                new byte[0],
                "e3",
                Instant.EPOCH,
                0,
                List.of(),
                List.of(),
                null);
        Path file = write(
                "a.warc.gz",
                page("http://h/a", "<p>one"),
                redirect,
                page("http://h/copy", "<p>one"),
                failed("http://h/b", "refused"));
        List<String> records = new ArrayList<>();
        try (WarcReader reader = new WarcReader(file)) {
            for (WarcRecord record : reader) {
                switch (record) {
                    case WarcResponse response ->
                        records.add("response " + response.target() + " "
                                + response.http().status() + " "
                                + new String(response.http().body().stream().readAllBytes(), UTF_8)
                                + response.http()
                                        .headers()
                                        .first("X-Archive-Orig-Content-Encoding")
                                        .orElse(""));
                    case WarcRevisit revisit ->
                        records.add("revisit " + revisit.target() + " "
                                + revisit.refersToTargetURI().orElseThrow());
                    default -> records.add(record.type() + " " + record.version());
                }
            }
        }
        assertThat(records)
                .containsExactly(
                        "warcinfo WARC/1.1",
                        "response http://h/a 200 <p>onegzip",
                        "response http://h/old 301 ",
                        "revisit http://h/copy http://h/a");
        assertThat(Files.readAllLines(directory.resolve("a.cdxj")))
                .hasSize(3)
                .isSorted()
                .first()
                .asString()
                .startsWith("h)/a 20260102030405 {");
    }

    @Test
    void theGraphOfLinks() throws Exception {
        CrawledPage[] pages = {page("http://h/a?b&c", "x", "http://h/b", "http://h/b"), failed("http://h/b", "refused")
        };
        Path file = write("a.graphml", pages);
        var xml = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile());
        assertThat(xml.getElementsByTagName("node").getLength()).isEqualTo(2);
        assertThat(xml.getElementsByTagName("edge").getLength()).isEqualTo(1);
        assertThat(xml.getElementsByTagName("data").item(0).getTextContent()).isEqualTo("http://h/a?b&c");
        assertThat(Files.readString(write("a.dot", pages))).isEqualTo("""
                digraph links {
                n1 [label="http://h/a?b&c"];
                n2 [label="http://h/b"];
                n1 -> n2;
                }
                """);
        assertThat(directory.resolve("a.graphml.part")).doesNotExist();
    }

    @Test
    void brokenLinksAndWhoHasThem() throws IOException {
        Path file = write(
                "a.broken.txt",
                page("http://h/a", "x", "http://h/b"),
                page("http://h/c", "x", "http://h/b", "http://h/b", "http://h/a"),
                failed("http://h/b", "HTTP 404 Not Found"));
        assertThat(file).hasContent("""
                http://h/b
                  HTTP 404 Not Found
                  from http://h/a
                  from http://h/c
                """);
    }

    /** As after a kill: what was committed stays, the rest is cut off, and written once when it comes again. */
    @ParameterizedTest
    @ValueSource(strings = {"a.jsonl", "a.csv", "a.sqlite", "a.warc.gz", "a.graphml", "a.dot", "a.broken.txt"})
    void goesOnAtTheLastCommit(String name) throws IOException {
        CrawledPage[] pages = {
            page("http://h/a", "1", "http://h/b"), page("http://h/b", "2"), failed("http://h/c", "no")
        };
        byte[] expected = Files.readAllBytes(write("whole-" + name, pages));
        Path file = directory.resolve(name);
        long position;
        Output killed = Outputs.open(file, 0);
        killed.write(pages[0]);
        position = killed.commit(true);
        killed.write(pages[1]);
        killed.close();
        if (!name.endsWith(".sqlite") && Files.exists(file)) {
            try (var half = new RandomAccessFile(file.toFile(), "rw")) {
                half.seek(half.length());
                half.write("half a line".getBytes(UTF_8));
            }
        }
        try (Output next = Outputs.open(file, position)) {
            next.write(pages[1]);
            next.write(pages[2]);
            next.commit(true);
            next.finish(true);
        }
        if (name.endsWith(".sqlite")) {
            assertThat(count(file, "page")).isEqualTo(3);
            assertThat(count(file, "link")).isEqualTo(1);
        } else if (name.endsWith(".warc.gz")) {
            try (WarcReader reader = new WarcReader(file)) {
                assertThat(reader).hasSize(3);
            }
        } else {
            assertThat(Files.readAllBytes(file)).isEqualTo(expected);
        }
    }

    private static int count(Path file, String table) {
        try (Connection database = DriverManager.getConnection("jdbc:sqlite:" + file);
                ResultSet rows = database.createStatement().executeQuery("SELECT count(*) FROM " + table)) {
            return rows.getInt(1);
        } catch (java.sql.SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aFileThatIsShorterThanWhatWasWrittenIsNotTheOne() throws IOException {
        Path file = Files.writeString(directory.resolve("a.jsonl"), "{}\n");
        assertThatThrownBy(() -> Outputs.open(file, 100))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("has 3 bytes, but an earlier crawl has written 100");
        assertThat(file).hasContent("{}\n");
    }

    @Test
    void aDiskThatIsFullIsSaid() throws IOException {
        Path full = Path.of("/dev/full");
        org.junit.jupiter.api.Assumptions.assumeTrue(Files.exists(full));
        Path link = Files.createSymbolicLink(directory.resolve("a.jsonl"), full);
        assertThatThrownBy(() -> {
                    try (Output output = Outputs.open(link, 0)) {
                        output.write(page("http://h/", "x"));
                        output.commit(true);
                    }
                })
                .isInstanceOf(IOException.class)
                .hasMessageContaining("a.jsonl")
                .hasMessageContaining("No space left on device");
    }

    @Test
    void aNameThatSaysNothingIsAnErrorThatSaysWhatThereIs() {
        assertThatThrownBy(() -> Outputs.open(directory.resolve("pages.xml"), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("pages.xml")
                .hasMessageContaining(".jsonl")
                .hasMessageContaining(".warc.gz");
    }
}
