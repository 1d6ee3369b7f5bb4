package dev.rondo.scrape.html;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LinkScannerTest {

    private final LinkScanner scanner = new LinkScanner(100_000);

    private PageLinks scan(String html) {
        return scan(html, UTF_8);
    }

    private PageLinks scan(String html, Charset charset) {
        byte[] bytes = html.getBytes(charset);
        return scanner.scan(bytes, 0, bytes.length, charset);
    }

    /** What a tree of the page has, where a browser would have it. */
    private static List<String> tree(String html) {
        List<String> links = new ArrayList<>();
        for (Element each : Jsoup.parse(html).select("a[href], area[href], frame[src], iframe[src]")) {
            boolean frame = each.is("frame, iframe");
            links.add(each.attr(frame ? "src" : "href").strip());
        }
        return links;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        <a href=x>                                      | x
        <a href='x'>                                    | x
        <a href="x y">                                  | x y
        <A HREF=X>                                      | X
        <a  class=b   href = "x" id=c>                  | x
        <a/href=x>                                      | x
        <a href=x/y/>                                   | x/y/
        <a title="<a href=no>" href=x>                  | x
        <a title='a > b' href=x>                        | x
        <a title=a"b href=x>                            | x
        <a href=x href=y>                               | x
        <a data-href=no href=x>                         | x
        <a href="  x\t ">                               | x
        <a href=?a=1&amp;b=2>                           | ?a=1&b=2
        <a href="?a=1&b=2">                             | ?a=1&b=2
        <a href="?a=1&copy=2">                          | ?a=1&copy=2
        <a href="&#120;&#x79;">                         | xy
        <a href="ä">                                    | ä
        <area href=x>                                   | x
        <frame src=x>                                   | x
        <iframe src=x></iframe>                         | x
        <iframe src=x><a href=no></a></iframe>          | x
        <svg><title/><style/><a href=x></svg>           | x
        <svg></svg><title/><a href=no></title><a href=x> | x
        <a href="">                                     | ``
        <!-- <a href=no> --><a href=x>                  | x
        <!-- a -- b > <a href=no> --!><a href=x>        | x
        <!--><a href=x>                                 | x
        <!DOCTYPE html><a href=x>                       | x
        <script>"<a href=no>"</script><a href=x>        | x
        <script>"</scripty><a href=no>"</script><a href=x> | x
        <STYLE><a href=no></Style ><a href=x>           | x
        <textarea><a href=no></textarea><a href=x>      | x
        <title><a href=no></title><a href=x>            | x
        </a href=no><a href=x>                          | x
        </p title="<a href=no>"><a href=x>              | x
        < a href=no><a href=x>                          | x
        a < b <a href=x>                                | x
        <ab href=no><a href=x>                          | x
        <a href=x><a href="no                           | x
        <p title="<a href=no>">"<a href=x>              | x
        """)
    void findsWhatABrowserWouldFollow(String html, String link) {
        assertThat(scan(html).references()).containsExactly(link);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "<", "<a", "<a href", "<a href=", "<a href='x", "<!--", "<!", "</", "<script>", "<a name=x>"
            })
    void findsNothingWhereThereIsNothing(String html) {
        assertThat(scan(html).references()).isEmpty();
    }

    @Test
    void theBaseTheRefreshAndTheWishesOfThePage() {
        PageLinks links = scan("<base target=_top><base href='/b/'><base href=/c/>"
                + "<meta name=Robots content='NoIndex, NoFollow'><meta http-equiv=Refresh content=\"5; URL='/next'\">");
        assertThat(links.base()).isEqualTo("/b/");
        assertThat(links.refresh()).isEqualTo("/next");
        assertThat(links.nofollow()).isTrue();
        assertThat(scan("<meta name=description content=nofollow><meta http-equiv=refresh content=30>"))
                .isEqualTo(new PageLinks(List.of(), null, null, false));
    }

    @Test
    void readsTheCharsetOfThePage() {
        assertThat(scan("<a href=ä>", ISO_8859_1).references()).containsExactly("ä");
        assertThat(scan("<a href=ä>", UTF_16LE).references()).containsExactly("ä");
        assertThat(scan("<a href=表>", Charset.forName("Shift_JIS")).references())
                .containsExactly("表");
    }

    @Test
    void stopsAtTheLimit() {
        byte[] page = "<a href=x>".repeat(1000).getBytes(UTF_8);
        assertThat(new LinkScanner(10).scan(page, 0, page.length, UTF_8).references())
                .hasSize(10);
    }

    @Test
    void agreesWithATreeOnWhateverIsThrownAtIt() {
        String[] pieces = {
            "<a href=x>t</a>",
            "<a href='y z'></a>",
            "<A HREF=\"&amp;\"></A>",
            "<p>",
            "text ",
            "<!-- c -->",
            "<br/>",
            "<script>var a = '<a href=no>';</script>",
            "<style>a{}</style>",
            "<area href=z>",
            "<b title='>'>",
            "&lt;",
            "<img alt=\"<a href=no>\">",
            "<div class=x>",
            "</div>",
            "\n",
            "<ul><li>",
            "</ul>",
            "<a name=q></a>",
            "é"
        };
        for (int seed = 0; seed < 2000; seed++) {
            Random random = new Random(seed);
            StringBuilder html = new StringBuilder("<!DOCTYPE html><html><head><title>t</title></head><body>");
            for (int i = random.nextInt(30); i > 0; i--) {
                html.append(pieces[random.nextInt(pieces.length)]);
            }
            assertThat(scan(html.toString()).references())
                    .as("seed %d: %s", seed, html)
                    .isEqualTo(tree(html.toString()));
        }
    }

    @Test
    void endsOnBytesWithoutAnySense() {
        String alphabet = "<>/='\"!-? abhrefscript&;#x\n";
        for (int seed = 0; seed < 20_000; seed++) {
            Random random = new Random(seed);
            StringBuilder html = new StringBuilder();
            for (int i = random.nextInt(60); i > 0; i--) {
                html.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            assertThat(scan(html.toString()).references().size())
                    .as("seed %d", seed)
                    .isLessThan(60);
        }
    }

    @Tag("heavy")
    @ParameterizedTest
    @ValueSource(strings = {"/usr/share/doc/python3.11/html", "/usr/share/doc/postgresql-doc-15/html"})
    void agreesWithATreeOnPagesOfOthers(Path root) throws IOException {
        Assumptions.assumeTrue(Files.isDirectory(root), "no " + root);
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".html")).toList()) {
                String html = Files.readString(file);
                assertThat(scan(html).references()).as(file.toString()).isEqualTo(tree(html));
            }
        }
    }
}
