package dev.rondo.scrape.robots;

import static dev.rondo.Asyncio.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.Asyncio;
import dev.rondo.http.client.ClientSession;
import dev.rondo.http.server.Handler;
import dev.rondo.http.server.HttpServer;
import dev.rondo.http.server.Response;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RobotsTest {

    private final Map<String, Handler> pages = new TreeMap<>();
    private final List<String> asked = new ArrayList<>();

    private interface Body {
        void run(String url, ClientSession session) throws Exception;
    }

    private void serve(Body body) throws Exception {
        run(() -> {
            Handler handler = request -> {
                asked.add(request.target());
                Handler page = pages.get(request.target());
                return page == null ? Response.empty(404) : page.handle(request);
            };
            try (HttpServer server = HttpServer.start(handler, "127.0.0.1", 0);
                    ClientSession session = new ClientSession()) {
                body.run(server.url(), session);
            }
        });
    }

    // ---------------------------------------------------------------------------------------------------- robots.txt

    private void robots(String text, Body body) throws Exception {
        pages.put("/robots.txt", request -> Response.text(text));
        serve(body);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        Disallow: /a                          | /a/b   | false
        Disallow: /a                          | /b     | true
        Disallow: /a\\nAllow: /a/b            | /a/b   | true
        Allow: /a\\nDisallow: /a/b            | /a/b/c | false
        Disallow: /*.pdf$                     | /x.pdf | false
        Disallow: /*.pdf$                     | /x.pdfs| true
        Disallow: /a%20b                      | /a%20b | false
        Disallow: /~x                         | /%7Ex  | false
        Disallow:                             | /a     | true
        Disallow: /\\n\\nUser-agent: Rondo\\nAllow: / | /a | true
        Disallow: /\\n\\nUser-agent: rondobot\\nAllow: / | /a | false
        """)
    void whatIsAllowed(String rules, String path, boolean allowed) throws Exception {
        robots("User-agent: *\n" + rules.replace("\\n", "\n"), (url, session) -> {
            Robots robots = new RobotsCache(session, "rondo").of(url);
            assertThat(robots.allows(url + path)).isEqualTo(allowed);
        });
    }

    @Test
    void theDelayIsCapped() throws Exception {
        robots("User-agent: *\nCrawl-delay: 2\nSitemap: http://h/s.xml", (url, session) -> {
            Robots robots = new RobotsCache(session, "rondo").of(url);
            assertThat(robots.crawlDelay()).isEqualTo(Duration.ofSeconds(2));
            assertThat(robots.sitemaps()).containsExactly("http://h/s.xml");
        });
        robots(
                "User-agent: *\nCrawl-delay: 200",
                (url, session) -> assertThat(
                                new RobotsCache(session, "rondo").of(url).crawlDelay())
                        .isEqualTo(Duration.ofSeconds(30)));
    }

    @ParameterizedTest
    @CsvSource({
        "200, true",
        "301, true",
        "401, true",
        "403, true",
        "404, true",
        "410, true",
        "429, false",
        "500, false",
        "503, false"
    })
    void theStatusDecidesWhereThereAreNoRules(int status, boolean allowed) throws Exception {
        pages.put("/robots.txt", request -> Response.text("").withStatus(status));
        serve((url, session) -> {
            Robots robots = new RobotsCache(session, "rondo").of(url);
            assertThat(robots.allows(url + "/a")).isEqualTo(allowed);
            assertThat(robots.unreachable()).isEqualTo(!allowed);
        });
    }

    @Test
    void redirectsAreFollowedAndACircleIsAsIfThereWereNone() throws Exception {
        pages.put("/robots.txt", request -> Response.redirect("/other"));
        pages.put("/other", request -> Response.text("User-agent: *\nDisallow: /"));
        serve((url, session) -> assertThat(
                        new RobotsCache(session, "rondo").of(url).allows(url + "/a"))
                .isFalse());
        pages.put("/other", request -> Response.redirect("/robots.txt"));
        serve((url, session) -> assertThat(
                        new RobotsCache(session, "rondo").of(url).allows(url + "/a"))
                .isTrue());
    }

    @Test
    void anOriginThatDoesNotAnswerAllowsNothing() throws Exception {
        serve((url, session) -> {
            Robots robots = new RobotsCache(session, "rondo").of("http://127.0.0.1:1");
            assertThat(robots.allows("http://127.0.0.1:1/a")).isFalse();
            assertThat(robots.reason()).startsWith("robots.txt cannot be read: ");
        });
    }

    @Test
    void manyWhoAskAtOnceMakeOneRequest() throws Exception {
        robots("User-agent: *\nDisallow: /a", (url, session) -> {
            RobotsCache cache = new RobotsCache(session, "rondo");
            List<Robots> all = Asyncio.gather(() -> cache.of(url), () -> cache.of(url), () -> cache.of(url));
            assertThat(all).containsOnly(cache.of(url));
            assertThat(asked).containsExactly("/robots.txt");
        });
    }

    @Test
    void onlyTheFirstHalfMegabyteCounts() throws Exception {
        String filler = "# a comment\n".repeat(50_000);
        robots("User-agent: *\nDisallow: /a\n" + filler + "Disallow: /b\n", (url, session) -> {
            Robots robots = new RobotsCache(session, "rondo").of(url);
            assertThat(robots.allows(url + "/a")).isFalse();
            assertThat(robots.allows(url + "/b")).isTrue();
        });
    }

    // ------------------------------------------------------------------------------------------------------ sitemaps

    private List<String> read(String url, ClientSession session, String... first) {
        List<String> found = new ArrayList<>();
        List<String> urls = new ArrayList<>();
        for (String each : first) {
            urls.add(url + each);
        }
        new Sitemaps(session)
                .read(urls, () -> Duration.ZERO, (page, sitemap) -> found.add(page.substring(url.length())));
        return found;
    }

    private static String map(String url, String... pages) {
        StringBuilder xml =
                new StringBuilder("<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>");
        for (String page : pages) {
            xml.append("<url><loc>").append(url).append(page).append("</loc></url>");
        }
        return xml.append("</urlset>").toString();
    }

    private static String index(String url, String... maps) {
        StringBuilder xml = new StringBuilder(
                "<?xml version='1.0'?><sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>");
        for (String each : maps) {
            xml.append("<sitemap><loc>").append(url).append(each).append("</loc></sitemap>");
        }
        return xml.append("</sitemapindex>").toString();
    }

    private static byte[] gzip(String text) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(bytes)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    @Test
    void sitemapsOfAllKinds() throws Exception {
        serve((url, session) -> {
            pages.put(
                    "/index.xml",
                    request -> Response.of(
                            "text/xml",
                            index(url, "/a.xml", "/b.xml.gz", "/c.txt", "/gone.xml")
                                    .getBytes()));
            pages.put(
                    "/a.xml",
                    request ->
                            Response.of("application/xml", map(url, "/1", "/2").getBytes()));
            pages.put("/b.xml.gz", request -> Response.of("application/gzip", gzip(map(url, "/3"))));
            pages.put("/c.txt", request -> Response.text(url + "/4\n" + url + "/5\n"));
            assertThat(read(url, session, "/index.xml")).containsExactlyInAnyOrder("/1", "/2", "/3", "/4", "/5");
        });
    }

    @Test
    void indexesThatNameThemselvesOrOneAnotherEnd() throws Exception {
        serve((url, session) -> {
            pages.put(
                    "/index.xml",
                    request -> Response.of(
                            "text/xml", index(url, "/index.xml", "/other.xml").getBytes()));
            pages.put(
                    "/other.xml",
                    request -> Response.of(
                            "text/xml", index(url, "/index.xml", "/a.xml").getBytes()));
            pages.put(
                    "/a.xml", request -> Response.of("text/xml", map(url, "/1").getBytes()));
            assertThat(read(url, session, "/index.xml")).containsExactly("/1");
            assertThat(asked).doesNotHaveDuplicates();
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>]><urlset><url><loc>&b;</loc></url></urlset>",
                "<!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/passwd'>]><urlset><url><loc>http://h/&f;</loc></url></urlset>",
                "this is no sitemap",
                "<html><a href=x>",
                "",
                "<urlset><url><loc>"
            })
    void whatIsNoSitemapOrABombIsPassedOver(String text) throws Exception {
        serve((url, session) -> {
            pages.put("/s.xml", request -> Response.of("text/xml", text.getBytes()));
            pages.put(
                    "/a.xml", request -> Response.of("text/xml", map(url, "/1").getBytes()));
            assertThat(read(url, session, "/s.xml", "/a.xml")).contains("/1").noneMatch(page -> page.contains("root:"));
        });
    }

    // ------------------------------------------------------------------------------------------------------ throttle

    @Test
    void aHostThatComplainsIsLeftAloneLongerAndForgivenSlowly() {
        Throttle throttle = new Throttle(Duration.ofMillis(100));
        Duration quick = Duration.ofMillis(10);
        throttle.answered(200, quick, Duration.ZERO);
        assertThat(throttle.delay()).isEqualTo(Duration.ofMillis(100));
        throttle.answered(503, quick, Duration.ZERO);
        assertThat(throttle.delay()).isEqualTo(Duration.ofMillis(500));
        throttle.failed();
        assertThat(throttle.delay()).isEqualTo(Duration.ofSeconds(1));
        for (int i = 0; i < 20; i++) {
            throttle.failed();
        }
        assertThat(throttle.delay()).isEqualTo(Duration.ofMinutes(1));
        Duration before = throttle.delay();
        for (int i = 0; i < 100; i++) {
            throttle.answered(200, quick, Duration.ZERO);
            assertThat(throttle.delay()).isLessThanOrEqualTo(before);
            before = throttle.delay();
        }
        assertThat(before).isCloseTo(Duration.ofMillis(100), Duration.ofMillis(5));
    }

    @Test
    void aSlowHostIsAskedAsOftenAsItAnswers() {
        Throttle throttle = new Throttle(Duration.ofMillis(100));
        throttle.answered(200, Duration.ofSeconds(3), Duration.ZERO);
        assertThat(throttle.delay()).isEqualTo(Duration.ofSeconds(3));
    }

    @Test
    void retryAfterCountsOnceAndForAllFloors() {
        for (Duration floor : new Duration[] {Duration.ZERO, Duration.ofMillis(100)}) {
            Throttle throttle = new Throttle(floor);
            throttle.answered(429, Duration.ZERO, Duration.ofSeconds(20));
            assertThat(throttle.delay()).isEqualTo(Duration.ofSeconds(20));
            throttle.answered(429, Duration.ZERO, Duration.ofDays(20));
            assertThat(throttle.delay()).isEqualTo(Duration.ofHours(1));
            throttle.answered(200, Duration.ZERO, Duration.ZERO);
            assertThat(throttle.delay()).isLessThan(Duration.ofSeconds(2));
        }
    }

    @Test
    void withoutADelayNothingIsSlowedDownBySlownessOrComplaints() {
        Throttle throttle = new Throttle(Duration.ZERO);
        throttle.answered(503, Duration.ofSeconds(5), Duration.ZERO);
        throttle.failed();
        assertThat(throttle.delay()).isZero();
        throttle.atLeast(Duration.ofSeconds(2)); // what robots.txt asks
        assertThat(throttle.delay()).isEqualTo(Duration.ofSeconds(2));
    }

    // --------------------------------------------------------------------------------------------------------- guard

    @ParameterizedTest
    @CsvSource({
        "8.8.8.8, true",
        "93.184.216.34, true",
        "172.15.0.1, true",
        "172.32.0.1, true",
        "100.63.0.1, true",
        "100.128.0.1, true",
        "0.0.0.0, false",
        "10.1.2.3, false",
        "100.64.0.1, false",
        "127.0.0.1, false",
        "127.255.0.9, false",
        "169.254.169.254, false",
        "172.16.0.1, false",
        "172.31.255.255, false",
        "192.168.1.1, false",
        "192.0.2.1, false",
        "198.18.0.1, false",
        "203.0.113.9, false",
        "224.0.0.1, false",
        "255.255.255.255, false",
        "2606:4700::1111, true",
        "2a00:1450::1, true",
        "::, false",
        "::1, false",
        "::ffff:10.0.0.1, false",
        "fe80::1, false",
        "fc00::1, false",
        "fd12::1, false",
        "ff02::1, false",
        "64:ff9b::a00:1, false",
        "64:ff9b::808:808, true",
        "2002:a00:1::, false",
        "2002:808:808::, true",
        "2001:db8::1, false",
        "2001::1, false"
    })
    void whichAddressesArePublic(String address, boolean open) {
        assertThat(AddressGuard.isPublic(InetAddress.ofLiteral(address))).isEqualTo(open);
    }

    @Test
    void aNameThatLeadsInsideIsRefusedAndOneThatLeadsBothWaysIsAskedOutside() throws Exception {
        Map<String, List<InetAddress>> names = Map.of(
                "inside.example", List.of(InetAddress.ofLiteral("10.0.0.1"), InetAddress.ofLiteral("::1")),
                "both.example", List.of(InetAddress.ofLiteral("127.0.0.1"), InetAddress.ofLiteral("8.8.8.8")),
                "seed.example", List.of(InetAddress.ofLiteral("192.168.0.1")));
        AddressGuard guard = new AddressGuard(names::get, Set.of("seed.example"));
        assertThatThrownBy(() -> guard.resolve("inside.example"))
                .isInstanceOf(AddressGuard.RefusedException.class)
                .hasMessageContaining("inside.example is at 10.0.0.1, which is no public address");
        assertThat(guard.resolve("both.example")).containsExactly(InetAddress.ofLiteral("8.8.8.8"));
        assertThat(guard.resolve("seed.example")).hasSize(1);
    }
}
