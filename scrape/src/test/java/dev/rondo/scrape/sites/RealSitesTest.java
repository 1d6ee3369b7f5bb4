package dev.rondo.scrape.sites;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rondo.Asyncio;
import dev.rondo.scrape.crawl.CrawlReport;
import dev.rondo.scrape.crawl.CrawledPage;
import dev.rondo.scrape.crawl.Crawler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sites that others have made, sent by nginx: a crawl finds what their files say, all of it and nothing else. */
@Tag("heavy")
class RealSitesTest {

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({
        "python3.11-doc, /usr/share/doc/python3.11, /html/index.html",
        "postgresql-doc-15, /usr/share/doc/postgresql-doc-15, /html/index.html",
        "gimp-help-en, /usr/share/gimp/2.0/help, /en/index.html"
    })
    void theCrawlEqualsTheFiles(String debianPackage, Path root, String start) throws Exception {
        assumeTrue(Files.exists(Path.of(root + start)), "no " + root + start + " (Debian's " + debianPackage + ")");
        SiteOracle oracle = SiteOracle.of(root, start);
        Path store = directory.resolve("store.crawl");
        try (Nginx nginx = Nginx.start(directory, root)) {
            String host = "http://127.0.0.1:" + nginx.port;
            List<CrawledPage> crawled = new ArrayList<>();
            CrawlReport report = crawl(host + start, store, crawled);

            assertThat(targets(crawled, host, page -> page.status() == 200 && page.html()))
                    .isEqualTo(oracle.pages);
            assertThat(targets(crawled, host, page -> page.status() == 200 && !page.html()))
                    .isEqualTo(oracle.others);
            assertThat(targets(crawled, host, page -> page.status() == 404)).isEqualTo(oracle.broken);
            assertThat(targets(crawled, host, page -> page.redirect() != null)).isEqualTo(oracle.redirects);
            assertThat(report.links()).isEqualTo(oracle.edges);
            for (CrawledPage page : crawled) {
                if (page.status() == 200) {
                    assertThat(page.sha256())
                            .as(page.url())
                            .isEqualTo(sha256(oracle.file(page.url().substring(host.length()))));
                }
            }
            assertThat(nginx.requests().stream()
                            .map(line -> line[4])
                            .filter(target -> !target.equals("/robots.txt") && !target.equals("/sitemap.xml")))
                    .doesNotHaveDuplicates()
                    .hasSize(crawled.size());

            nginx.forget();
            List<CrawledPage> again = new ArrayList<>();
            CrawlReport second = crawl(host + start, store, again);
            assertThat(second.links()).isEqualTo(oracle.edges);
            assertThat(second.unchanged()).isEqualTo(oracle.pages.size() + oracle.others.size());
            assertThat(nginx.requests())
                    .filteredOn(line -> line[2].equals("200"))
                    .isEmpty();
            assertThat(again).hasSameSizeAs(crawled);
        }
    }

    private static CrawlReport crawl(String url, Path store, List<CrawledPage> pages) throws Exception {
        return Asyncio.run(() -> Crawler.create()
                .start(url)
                .delay(Duration.ZERO)
                .store(store)
                .onPage(pages::add)
                .run());
    }

    private static Set<String> targets(List<CrawledPage> pages, String host, Predicate<CrawledPage> which) {
        return pages.stream()
                .filter(which)
                .map(page -> page.url().substring(host.length()))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String sha256(Path file) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    }

    @Test
    void eachHostIsLeftAloneBetweenTwoRequests() throws Exception {
        Path root = Files.createDirectories(directory.resolve("www"));
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x")); // for nginx's user
        int pages = 30;
        int hosts = 10;
        for (int i = 0; i < pages; i++) {
            Files.writeString(root.resolve("p" + i + ".html"), "<a href=p" + (i + 1) % pages + ".html>on</a>");
        }
        try (Nginx nginx = Nginx.start(directory, root)) {
            Crawler crawler =
                    Crawler.create().delay(Duration.ofMillis(100)).robots(false).sitemaps(false);
            for (int i = 2; i < hosts + 2; i++) {
                crawler.start("http://127.0.0." + i + ":" + nginx.port + "/p0.html");
            }
            CrawlReport report = Asyncio.run(crawler::run);
            assertThat(report.pages()).isEqualTo(pages * hosts);

            Map<String, List<Double>> times = new TreeMap<>();
            for (String[] line : nginx.requests()) {
                times.computeIfAbsent(line[1], host -> new ArrayList<>()).add(Double.valueOf(line[0]));
            }
            times.remove("127.0.0.1"); // who looked whether nginx is there
            assertThat(times).hasSize(hosts);
            times.forEach((host, all) -> {
                for (int i = 1; i < all.size(); i++) {
                    assertThat(all.get(i) - all.get(i - 1)).as(host).isGreaterThanOrEqualTo(0.095);
                }
            });
        }
    }
}
