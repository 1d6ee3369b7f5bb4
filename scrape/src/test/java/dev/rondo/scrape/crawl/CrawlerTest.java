package dev.rondo.scrape.crawl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.AsyncEvent;
import dev.rondo.Asyncio;
import dev.rondo.Task;
import dev.rondo.TaskCancelledException;
import dev.rondo.http.Headers;
import dev.rondo.http.server.HttpServer;
import dev.rondo.http.server.Response;
import dev.rondo.scrape.html.ItemSpec;
import dev.rondo.scrape.html.NearDuplicates;
import dev.rondo.scrape.url.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class CrawlerTest {

    @TempDir
    private Path directory;

    private final Site site = new Site();

    private static List<String> crawl(Crawler crawler) throws IOException {
        List<String> pages = new ArrayList<>();
        crawler.onPage(page -> pages.add(
                        page.url().replaceFirst("http://[^/]*", "") + " " + page.status() + " " + page.depth()))
                .run();
        return pages;
    }

    // -------------------------------------------------------------------------------------------------- which pages

    @Test
    void everyPageIsFoundAndAskedForOnce() throws Exception {
        site.page("/", "a", "b", "/a", "a#there", "./b?", "c/")
                .page("/a", "/b", "c/d", "")
                .page("/b", "/", "a");
        site.page("/b?", "/a").page("/c/", "d", "../b").page("/c/d", "../../../a");
        site.serve(it -> {
            assertThat(crawl(it.crawler("/")))
                    .containsExactlyInAnyOrder(
                            "/ 200 0", "/a 200 1", "/b 200 1", "/b? 200 1", "/c/ 200 1", "/c/d 200 2");
            assertThat(it.asked).containsExactlyInAnyOrder("/", "/a", "/b", "/b?", "/c/", "/c/d");
        });
    }

    @Test
    void anotherHostIsNotFollowedButCounted() throws Exception {
        site.page("/", "http://other.invalid/", "https://127.0.0.1/", "//127.0.0.1:1/", "/a", "mailto:a@b", "/a")
                .page("/a");
        site.serve(it -> {
            CrawlReport report = it.crawler("/").run();
            assertThat(report.pages()).isEqualTo(2);
            assertThat(report.links()).isEqualTo(2);
            assertThat(report.externalLinks()).isEqualTo(3);
        });
    }

    @Test
    void linksOfBrokenPagesOtherTypesAndCommentsAreNone() throws Exception {
        site.page("/", "gone", "text", "script");
        site.on("/text", request -> Response.text(Site.linksTo("no1")));
        site.html("/script", "<!-- <a href=no2> --><script>'<a href=no3>'</script><img alt='<a href=no4>'>");
        site.on("/gone", request -> Response.html(Site.linksTo("no5")).withStatus(410));
        site.serve(it -> assertThat(crawl(it.crawler("/")))
                .containsExactlyInAnyOrder("/ 200 0", "/gone 410 1", "/text 200 1", "/script 200 1"));
    }

    @Test
    void framesAreasBaseAndRefreshLeadOn() throws Exception {
        site.html(
                "/",
                "<base href=/d/><a href=a></a><area href='b'><iframe src=c></iframe><frame src=e>"
                        + "<meta http-equiv=refresh content='3; url=f'><base href=/wrong/>");
        site.page("/d/a").page("/d/b").page("/d/c").page("/d/e").page("/d/f");
        site.serve(it -> assertThat(crawl(it.crawler("/"))).hasSize(6));
    }

    @Test
    void aRedirectIsAPageOfItsOwnAndItsTargetIsAsFarAway() throws Exception {
        site.page("/", "old", "out")
                .on("/old", request -> Response.redirect(301, "/new"))
                .page("/new", "/next");
        site.page("/next").on("/out", request -> Response.redirect("http://other.invalid/"));
        site.serve(it -> {
            assertThat(crawl(it.crawler("/")))
                    .containsExactlyInAnyOrder("/ 200 0", "/old 301 1", "/new 200 1", "/next 200 2", "/out 302 1");
            assertThat(it.asked).doesNotHaveDuplicates();
        });
    }

    @Test
    void redirectsInACircleAndWithoutEndAreErrors() throws Exception {
        site.page("/", "self", "one", "r0");
        site.on("/self", request -> Response.redirect("/self"));
        site.on("/one", request -> Response.redirect("/two")).on("/two", request -> Response.redirect("/one"));
        for (int i = 0; i < 30; i++) {
            String next = "/r" + (i + 1);
            site.on("/r" + i, request -> Response.redirect(next));
        }
        site.serve(it -> {
            Map<String, String> errors = new TreeMap<>();
            it.crawler("/")
                    .onPage(page -> {
                        if (page.error() != null) {
                            errors.put(page.url().replaceFirst("http://[^/]*", ""), page.error());
                        }
                    })
                    .run();
            assertThat(errors)
                    .containsExactly(
                            Map.entry("/r10", "more than 10 redirects, one behind the other"),
                            Map.entry("/self", "redirects to itself"));
            assertThat(it.asked).doesNotHaveDuplicates();
        });
    }

    @Test
    void itBeginsWhereItsFirstPageSendsItOn() throws Exception {
        Site other = new Site();
        other.page("/", "/a").page("/a", "/b").page("/b");
        other.serve(there -> {
            Task<?, Exception> crawling = Asyncio.createTask(() -> {
                site.on("/", request -> Response.redirect(301, there.url("/")));
                try (HttpServer server = HttpServer.start(site, "127.0.0.1", 0)) {
                    List<String> pages =
                            crawl(Crawler.create().start(server.url()).delay(Duration.ZERO));
                    assertThat(pages).containsExactly("/ 301 0", "/ 200 0", "/a 200 1", "/b 200 2");
                    Path store = directory.resolve("a.crawl");
                    crawl(Crawler.create()
                            .start(server.url())
                            .delay(Duration.ZERO)
                            .store(store)
                            .pages(2));
                    assertThat(crawl(Crawler.create()
                                    .start(server.url())
                                    .delay(Duration.ZERO)
                                    .store(store)))
                            .as("and goes on there")
                            .containsExactly("/a 200 1", "/b 200 2");
                }
            });
            crawling.await();
        });
    }

    @Test
    void aBudgetThatIsJustEnoughLeavesTheCrawlComplete() throws Exception {
        site.page("/", "a").page("/a");
        site.serve(it -> assertThat(it.crawler("/").pages(2).run().ended()).isEqualTo(CrawlReport.End.COMPLETE));
    }

    @Test
    void depthCountsTheShortestWayWhateverComesFirst() throws Exception {
        site.on("/", request -> Response.html(Site.linksTo("slow", "quick1")));
        site.page("/quick1", "quick2")
                .page("/quick2", "target")
                .page("/target", "behind")
                .page("/behind");
        site.on("/slow", request -> {
            Asyncio.sleep(Duration.ofMillis(50)); // the long way round is there first
            return Response.html(Site.linksTo("target"));
        });
        site.serve(it -> assertThat(crawl(it.crawler("/").depth(3)))
                .contains("/target 200 2", "/behind 200 3")
                .hasSize(6));
    }

    @Test
    void depthNoneIsTheStartAlone() throws Exception {
        site.page("/", "a").page("/a");
        site.serve(it -> assertThat(crawl(it.crawler("/").depth(0))).containsExactly("/ 200 0"));
    }

    @Test
    void scopesMayBeAnything() throws Exception {
        site.page("/docs/", "a", "/blog", "b.pdf", "../docs/c", "/docsearch")
                .page("/docs/a")
                .page("/docs/c");
        site.serve(it -> {
            Crawler crawler = it.crawler("/docs/");
            assertThat(crawl(crawler.scope(Scope.matching(Pattern.compile("/docs/"))
                            .without(Scope.matching(Pattern.compile("\\.pdf$"))))))
                    .containsExactlyInAnyOrder("/docs/ 200 0", "/docs/a 200 1", "/docs/c 200 1");
        });
    }

    @Test
    void theBudgetOfPagesIsExact() throws Exception {
        String[] many = new String[50];
        for (int i = 0; i < many.length; i++) {
            many[i] = "/p" + i;
            site.page("/p" + i, "/");
        }
        site.page("/", many);
        site.serve(it -> {
            CrawlReport report = it.crawler("/").pages(20).run();
            assertThat(report.ended()).isEqualTo(CrawlReport.End.PAGES);
            assertThat(report.pages()).isEqualTo(20);
            assertThat(report.waiting()).isEqualTo(31);
            assertThat(it.asked).hasSize(20);
        });
    }

    // --------------------------------------------------------------------------------------------------- politeness

    @Test
    void robotsTxtIsObeyed() throws Exception {
        site.page("/", "/private/a", "/open", "/private/b")
                .page("/open")
                .page("/private/a")
                .page("/private/b");
        site.on("/robots.txt", request -> Response.text("User-agent: *\nDisallow: /private/\n"));
        site.serve(it -> {
            CrawlReport report = it.crawler("/").run();
            assertThat(it.asked).containsExactly("/robots.txt", "/", "/open");
            assertThat(report.passedOver()).containsOnlyKeys("robots.txt: not allowed");
            assertThat(report.passedOver().get("robots.txt: not allowed").count())
                    .isEqualTo(2);
        });
    }

    @Test
    void robotsTxtCanBeLeftOutOfAccount() throws Exception {
        site.page("/").on("/robots.txt", request -> Response.text("User-agent: *\nDisallow: /\n"));
        site.serve(it -> {
            assertThat(crawl(it.crawler("/").robots(false))).containsExactly("/ 200 0");
            assertThat(it.asked).containsExactly("/");
        });
    }

    @Test
    void aSiteWhoseRobotsTxtCannotBeReadIsLeftAlone() throws Exception {
        site.page("/").on("/robots.txt", request -> Response.text("broken").withStatus(503));
        site.serve(it -> {
            CrawlReport report = it.crawler("/").run();
            assertThat(it.asked).containsOnly("/robots.txt");
            assertThat(report.passedOver()).containsOnlyKeys("robots.txt: robots.txt has status 503");
        });
    }

    @Test
    void anAddressThatFailsForNowIsAskedForAgain() throws Exception {
        site.page("/", "busy", "broken", "never");
        int[] asked = new int[2];
        site.on("/busy", request -> asked[0]++ < 2 ? Response.empty(503) : Response.html("now"));
        site.on("/broken", request -> Response.empty(404));
        site.on("/never", request -> Response.empty(500));
        site.serve(it -> {
            assertThat(crawl(it.crawler("/").retries(2)))
                    .containsExactlyInAnyOrder("/ 200 0", "/busy 200 1", "/broken 404 1", "/never 500 1");
            assertThat(it.asked).filteredOn("/busy"::equals).hasSize(3);
            assertThat(it.asked).filteredOn("/broken"::equals).hasSize(1);
            assertThat(it.asked).filteredOn("/never"::equals).hasSize(3);
        });
    }

    @Test
    void asManyAtATimeAsAllowed() throws Exception {
        int[] now = new int[2];
        String[] many = new String[40];
        for (int i = 0; i < many.length; i++) {
            many[i] = "/p" + i;
            site.on("/p" + i, request -> {
                now[1] = Math.max(now[1], ++now[0]);
                Asyncio.sleep(Duration.ofMillis(2));
                now[0]--;
                return Response.html("done");
            });
        }
        site.page("/", many);
        site.serve(it -> {
            it.crawler("/").concurrency(7).run();
            assertThat(now[1]).isEqualTo(7);
        });
    }

    // ------------------------------------------------------------------------------------------------------- traps

    @ParameterizedTest
    @ValueSource(strings = {"a/", "deeper/and/deeper/", "../x/a/"})
    void pathsThatGrowEndSomewhere(String link) throws Exception {
        site.page("/", "/start/", "/healthy").page("/healthy");
        site.on("/start/", request -> Response.html(Site.linksTo(link)));
        for (String each : new String[] {"/start/a/*", "/start/*"}) {
            site.on(each, request -> Response.html(Site.linksTo(link)));
        }
        site.serve(it -> {
            CrawlReport report = it.crawler("/").run();
            assertThat(it.asked).contains("/healthy").hasSizeLessThan(100);
            assertThat(report.ended()).isEqualTo(CrawlReport.End.COMPLETE);
        });
    }

    // -------------------------------------------------------------------------------------- more than following links

    @Test
    void pagesThatOnlyTheSitemapNamesAreFound() throws Exception {
        site.page("/", "a").page("/a").page("/orphan", "/beyond").page("/beyond");
        site.on("/robots.txt", request -> Response.text("Sitemap: " + site.url("/map.xml")));
        site.on(
                "/map.xml",
                request -> Response.of(
                        "text/xml",
                        ("<urlset><url><loc>" + site.url("/orphan") + "</loc></url><url><loc>" + site.url("/a")
                                        + "</loc></url><url><loc>http://other.invalid/</loc></url></urlset>")
                                .getBytes()));
        site.serve(it -> {
            assertThat(crawl(it.crawler("/")))
                    .containsExactlyInAnyOrder("/ 200 0", "/a 200 1", "/orphan 200 1", "/beyond 200 2");
            assertThat(it.asked).doesNotHaveDuplicates();
        });
    }

    @Test
    void itLogsInBeforeItBegins() throws Exception {
        site.on(
                "/",
                request -> "yes".equals(request.cookie("in"))
                        ? Response.html(Site.linksTo("/inside"))
                        : Response.text("who are you?").withStatus(403));
        site.on("/inside", request -> Response.html("cookie " + request.cookie("in")));
        site.html(
                "/login",
                "<form action=/search><input name=q></form>"
                        + "<form method=post action=/session><input type=hidden name=token value=t1>"
                        + "<input name=user><input name=password type=password></form>");
        site.on("/session", request -> {
            boolean right = "t1 me secret"
                    .equals(request.form().get("token") + " " + request.form().get("user") + " "
                            + request.form().get("password"));
            return right
                    ? Response.redirect(303, "/welcome").withHeader("Set-Cookie", "in=yes; Path=/")
                    : Response.html("<form method=post><input name=user><input name=password></form>");
        });
        site.html("/welcome", "welcome");
        Map<String, String> right = Map.of("user", "me", "password", "secret");
        site.serve(it -> {
            assertThat(crawl(it.crawler("/").login(it.url("/login"), right)))
                    .containsExactly("/ 200 0", "/inside 200 1");
            assertThatThrownBy(() -> it.crawler("/")
                            .login(it.url("/login"), Map.of("user", "me", "password", "wrong"))
                            .run())
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("the answer has the same form again");
            assertThatThrownBy(() -> it.crawler("/")
                            .login(it.url("/login"), Map.of("name", "me"))
                            .run())
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("no form there has the fields [name]; there are [q, token, user, password]");
        });
    }

    @Test
    void itemsAreTakenFromPagesOfHtmlThatCame() throws Exception {
        site.html("/", "<h1>Home</h1>" + Site.linksTo("/a", "/gone", "/text")).html("/a", "<h1>A</h1>");
        site.on("/gone", request -> Response.html("<h1>no</h1>").withStatus(404));
        site.on("/text", request -> Response.text("<h1>no</h1>"));
        site.serve(it -> {
            List<Object> titles = new ArrayList<>();
            it.crawler("/")
                    .items(ItemSpec.ofFields(List.of("title=h1")))
                    .extract(page -> page.withMoreItems(List.of(Map.of("length", page.body().length))))
                    .onPage(page -> page.items().forEach(item -> titles.addAll(item.keySet())))
                    .run();
            assertThat(titles).containsExactly("title", "length", "title", "length");
        });
    }

    @Test
    void pagesWithNearlyTheSameWordsAreReported() throws Exception {
        String words =
                "Some words of a page that is long enough to be compared with the words of another one. ".repeat(20);
        site.html("/", Site.linksTo("/a", "/b", "/c")).html("/a", words).html("/b", words + "And more.");
        site.html(
                "/c",
                "Quite another text, which has nothing at all in common with what stands on the pages before it.");
        site.serve(it -> {
            CrawlReport report =
                    it.crawler("/").nearDuplicates(true).concurrency(1).run();
            assertThat(report.nearDuplicates()).containsExactly(new NearDuplicates.Pair(it.url("/b"), it.url("/a")));
        });
    }

    // -------------------------------------------------------------------------------------------------- what is kept

    private List<JsonNode> lines(Path file) throws IOException {
        return Files.readAllLines(file).stream()
                .map(line -> JsonMapper.shared().readTree(line))
                .toList();
    }

    @Test
    void aSecondCrawlAsksOnlyForWhatHasChanged() throws Exception {
        String[] tag = {"\"1\""};
        site.page("/", "same", "other").page("/other");
        site.on(
                "/same",
                request -> tag[0].equals(request.header("If-None-Match"))
                        ? new Response(304, Headers.of("ETag", tag[0]), dev.rondo.http.Body.of(new byte[0]))
                        : Response.html(Site.linksTo("behind", "behind", "http://other.invalid/"))
                                .withHeader("ETag", tag[0]));
        site.page("/behind");
        Path store = directory.resolve("a.crawl");
        Path first = directory.resolve("first.jsonl");
        Path second = directory.resolve("second.jsonl");
        site.serve(it -> {
            assertThat(it.crawler("/").store(store).output(first).run().unchanged())
                    .isZero();
            CrawlReport again = it.crawler("/").store(store).output(second).run();
            assertThat(again.pages()).isEqualTo(4);
            assertThat(again.unchanged()).isEqualTo(1);
            assertThat(again.links()).isEqualTo(4);
        });
        JsonNode before = same(first);
        JsonNode now = same(second);
        assertThat(now.get("status").asInt()).isEqualTo(304);
        for (String field : new String[] {"sha256", "contentType", "links", "externalLinks", "depth", "referrer"}) {
            assertThat(now.get(field)).as(field).isEqualTo(before.get(field));
        }
    }

    private JsonNode same(Path file) throws IOException {
        return lines(file).stream()
                .filter(line -> line.get("url").asString().endsWith("/same"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aCrawlThatWasCancelledGoesOnWhereItWas() throws Exception {
        String[] many = new String[60];
        for (int i = 0; i < many.length; i++) {
            many[i] = "/p" + i;
            site.page("/p" + i, "/");
        }
        site.page("/", many);
        Path store = directory.resolve("a.crawl");
        Path output = directory.resolve("out.jsonl");
        site.serve(it -> {
            AsyncEvent enough = new AsyncEvent();
            int[] seen = new int[1];
            Crawler half = it.crawler("/")
                    .store(store)
                    .output(output)
                    .concurrency(4)
                    .onPage(page -> {
                        if (++seen[0] == 20) {
                            enough.set();
                        }
                    });
            Task<?, IOException> running = Asyncio.createTask(half::run);
            enough.await();
            running.cancel();
            assertThatThrownBy(running::await).isInstanceOf(TaskCancelledException.class);
            assertThat(lines(output)).hasSizeBetween(1, 40);
            CrawlReport report = it.crawler("/").store(store).output(output).run();
            assertThat(report.ended()).isEqualTo(CrawlReport.End.COMPLETE);
        });
        assertThat(lines(output))
                .extracting(line -> line.get("url").asString())
                .hasSize(61)
                .doesNotHaveDuplicates();
    }

    @Test
    void aBudgetThatIsUsedUpLeavesTheRestForLater() throws Exception {
        site.page("/", "a", "b", "c").page("/a").page("/b").page("/c");
        Path store = directory.resolve("a.crawl");
        site.serve(it -> {
            assertThat(it.crawler("/").store(store).pages(2).run().waiting()).isEqualTo(2);
            CrawlReport rest = it.crawler("/").store(store).run();
            assertThat(rest.pages()).isEqualTo(2);
            assertThat(it.asked).doesNotHaveDuplicates().hasSize(4);
        });
    }

    // ------------------------------------------------------------------------------------------------------- errors

    @Test
    void whatThePageListenerThrowsEndsTheCrawl() throws Exception {
        site.page("/", "a").page("/a");
        site.serve(it -> assertThatThrownBy(() -> it.crawler("/")
                        .onPage(page -> {
                            throw new IllegalStateException("enough");
                        })
                        .run())
                .hasRootCauseMessage("enough"));
    }

    @Test
    void anOutputThatCannotBeOpenedIsNamed() throws Exception {
        Path nowhere = directory.resolve("missing/out.jsonl");
        site.page("/");
        site.serve(it -> {
            assertThatThrownBy(() -> it.crawler("/").output(nowhere).run())
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(nowhere.toString());
            assertThat(it.asked).isEmpty();
        });
    }

    @Test
    void aDiskThatIsFullEndsTheCrawlAndLeavesWhatWasWritten() throws Exception {
        site.page("/", "a", "b").page("/a").page("/b");
        site.serve(it -> assertThatThrownBy(() -> it.crawler("/")
                        .output(Path.of("/dev/full.jsonl"), (path, position) -> new FullDisk())
                        .run())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("No space left"));
    }

    private static final class FullDisk implements dev.rondo.scrape.output.Output {
        @Override
        public void write(CrawledPage page) throws IOException {
            throw new IOException("cannot write to /dev/full: No space left on device");
        }

        @Override
        public long commit(boolean toDisk) {
            return 0;
        }

        @Override
        public void close() {}
    }

    @Test
    void nowhereToStartIsAnError() {
        assertThatThrownBy(() -> Asyncio.run(() -> Crawler.create().run()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nowhere to start");
        assertThatThrownBy(() ->
                        Asyncio.run(() -> Crawler.create().start("ftp://h/").run()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("ftp://h/");
    }
}
