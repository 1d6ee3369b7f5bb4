package dev.rondo.scrape.dashboard;

import static dev.rondo.Asyncio.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.http.client.ClientSession;
import dev.rondo.http.peers.Browser;
import dev.rondo.scrape.crawl.CrawlStatus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DashboardTest {

    @TempDir
    private Path directory;

    private int asked;

    /** A crawl that goes on each time it is asked about. */
    private CrawlStatus status() {
        asked++;
        List<CrawlStatus.Host> hosts = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            hosts.add(new CrawlStatus.Host(
                    "https://host-" + i + ".example.org", 1234L * asked, i, 99 + i, i % 3, 0.25, 0.042));
        }
        return new CrawlStatus(
                15_000L * asked,
                12,
                34,
                123_456_789L * asked,
                6_000L + 700L * (asked % 5),
                16,
                asked / 2.0,
                hosts,
                List.of(
                        new CrawlStatus.Failure(
                                "https://host-1.example.org/a/<script>alert(1)</script>", "HTTP 404 Not Found"),
                        new CrawlStatus.Failure(
                                "https://host-2.example.org/" + "long/".repeat(40), "connection refused")));
    }

    @Test
    void saysHowFarTheCrawlIs() throws Exception {
        run(() -> {
            try (Dashboard dashboard = Dashboard.start(this::status, 0);
                    ClientSession session = new ClientSession()) {
                try (var now = session.get(dashboard.url() + "status.json")) {
                    assertThat(now.json().get("pages").asInt()).isEqualTo(15_000);
                    assertThat(now.json().get("hosts").get(0).get("origin").asString())
                            .isEqualTo("https://host-0.example.org");
                }
                try (var events = session.eventSource(dashboard.url() + "events")) {
                    assertThat(events.next().data()).contains("\"pages\":30000");
                    assertThat(events.next().data()).contains("\"pages\":45000");
                }
                for (String file :
                        new String[] {"", "dashboard.js", "dashboard.css", "uPlot.iife.min.js", "uPlot.min.css"}) {
                    try (var response = session.get(dashboard.url() + file)) {
                        assertThat(response.status()).as(file).isEqualTo(200);
                        assertThat(response.text()).as(file).isNotEmpty();
                    }
                }
                try (var response = session.get(dashboard.url() + "Dashboard.class")) {
                    assertThat(response.status()).isEqualTo(404);
                }
            }
        });
    }

    @Test
    void aCrawlThatHasNotBegunIsEmpty() throws Exception {
        run(() -> {
            try (Dashboard dashboard = Dashboard.start(() -> null, 0);
                    ClientSession session = new ClientSession();
                    var now = session.get(dashboard.url() + "status.json")) {
                assertThat(now.text()).isEqualTo("{}");
            }
        });
    }

    @Tag("heavy")
    @ParameterizedTest
    @CsvSource({"1280, 900", "390, 844"})
    void isUsableInABrowser(int width, int height) throws Exception {
        run(() -> {
            try (Dashboard dashboard = Dashboard.start(this::status, 0);
                    ClientSession session = new ClientSession();
                    Browser browser = Browser.start(session, Files.createDirectories(directory.resolve("profile")))) {
                browser.open(dashboard.url(), width, height);
                browser.await("document.querySelectorAll('#hosts tbody tr').length === 12");
                int before = browser.evaluate("last.pages").asInt();
                browser.await("last.pages > " + before); // it goes on by itself
                browser.await("document.querySelectorAll('canvas').length === 2");

                assertThat(browser.evaluate("document.getElementById('state').textContent")
                                .asString())
                        .isEqualTo("running");
                assertThat(browser.evaluate("document.getElementById('bytes').textContent")
                                .asString())
                        .matches("[0-9.]+ [MG]B");
                assertThat(browser.evaluate("document.querySelector('#errors td').textContent")
                                .asString())
                        .as("addresses come from strangers")
                        .endsWith("<script>alert(1)</script>");
                assertThat(browser.evaluate("document.documentElement.scrollWidth")
                                .asInt())
                        .as("nothing sticks out at the side")
                        .isLessThanOrEqualTo(width);
                assertThat(browser.evaluate("Math.min(...[...document.querySelectorAll('.chart canvas')]"
                                        + ".map(each => each.getBoundingClientRect().width))")
                                .asInt())
                        .as("the curves fill their places")
                        .isGreaterThan(width < 500 ? 250 : 400);
                assertThat(
                                Browser.texts(
                                        browser.evaluate(
                                                "[...document.querySelectorAll('dd')].filter(e => e.scrollWidth > e.clientWidth).map(e => e.id)")))
                        .as("numbers that are cut off")
                        .isEmpty();
                Path pictures = Files.createDirectories(Path.of("target", "screenshots"));
                browser.screenshot(pictures.resolve("dashboard-" + width + ".png"));
            }
        });
    }
}
