package dev.rondo.scrape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.Asyncio;
import dev.rondo.Promise;
import dev.rondo.Task;
import dev.rondo.http.client.ClientSession;
import dev.rondo.http.client.Limits;
import dev.rondo.http.server.Handler;
import dev.rondo.http.server.HttpServer;
import dev.rondo.http.server.Request;
import dev.rondo.http.server.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Server and scraper on one loop, so that the test sees both sides in order. */
class ScraperTest {

    /** What a test does with a scraper and a server. */
    private interface Body {
        void run(HttpServer server, ClientSession session) throws Exception;
    }

    private static void with(Handler handler, Body body) throws Exception {
        Asyncio.<Exception>run(() -> {
            try (HttpServer server = HttpServer.start(handler, "127.0.0.1", 0);
                    ClientSession session = new ClientSession()) {
                body.run(server, session);
            }
        });
    }

    @Test
    void aPageAndWhatIsKnownOfIt() throws Exception {
        with(request -> Response.html("<p>ä世\uD83D\uDE00</p>"), (server, session) -> {
            String typed = server.url().substring("http://".length());
            Page page = new Scraper(session, ScrapeOptions.DEFAULT).fetch(typed);
            assertThat(page.url()).isEqualTo(typed);
            assertThat(page.finalUrl()).isEqualTo(server.url() + "/");
            assertThat(page.status()).isEqualTo(200);
            assertThat(page.characters()).isEqualTo(10);
            assertThat(page.bytes()).isEqualTo(7 + 2 + 3 + 4);
            assertThat(page.ok()).isTrue();
        });
    }

    @Test
    void redirectsAreFollowed() throws Exception {
        with(
                request -> request.path().equals("/old") ? Response.redirect("/new") : Response.text("here"),
                (server, session) -> {
                    Page page = new Scraper(session, ScrapeOptions.DEFAULT).fetch(server.url() + "/old");
                    assertThat(page.url()).endsWith("/old");
                    assertThat(page.finalUrl()).isEqualTo(server.url() + "/new");
                    assertThat(page.characters()).isEqualTo(4);
                });
    }

    @Test
    void aStatusOf400OrMoreIsAFailure() throws Exception {
        with(request -> Response.text("not here").withStatus(404), (server, session) -> {
            Page page = new Scraper(session, ScrapeOptions.DEFAULT).fetch(server.url());
            assertThat(page.ok()).isFalse();
            assertThat(page.status()).isEqualTo(404);
            assertThat(page.error()).startsWith("HTTP 404");
        });
    }

    @Test
    void theSessionsLimitsHold() throws Exception {
        with(request -> Response.text("x".repeat(1001)), (server, session) -> {
            try (ClientSession strict = ClientSession.builder()
                    .limits(Limits.DEFAULT.withBodyBytes(1000))
                    .build()) {
                Page page = new Scraper(strict, ScrapeOptions.DEFAULT).fetch(server.url());
                assertThat(page.error()).contains("more than 1,000 bytes");
            }
        });
    }

    @Test
    void theCharsetIsWhatTheDocumentSaysInItsFirstBytes() throws Exception {
        String document = "<html><head><meta charset=\"gbk\"></head>" + "世界".repeat(20_000);
        with(request -> Response.of("text/html", document.getBytes("GBK")), (server, session) -> {
            Page page = new Scraper(session, ScrapeOptions.DEFAULT).fetch(server.url());
            assertThat(page.characters()).isEqualTo(document.length());
        });
    }

    @Test
    void noMoreThanSoManyAtATimeAndAllOfThoseAtOnce() throws Exception {
        int concurrency = 7;
        int rounds = 5;
        Turnstile turnstile = new Turnstile(concurrency);
        with(turnstile, (server, session) -> {
            int[] underWay = new int[2]; // now, and at most
            Iterable<String> urls = () -> new Iterator<>() {
                private int left = concurrency * rounds;

                @Override
                public boolean hasNext() {
                    return left > 0;
                }

                @Override
                public String next() {
                    left--;
                    underWay[1] = Math.max(underWay[1], ++underWay[0]);
                    return server.url();
                }
            };
            List<Page> pages = new ArrayList<>();
            new Scraper(session, ScrapeOptions.DEFAULT.withConcurrency(concurrency)).scrape(urls, page -> {
                pages.add(page);
                underWay[0]--;
            });
            assertThat(pages).hasSize(concurrency * rounds).allMatch(Page::ok);
            assertThat(underWay[1]).isEqualTo(concurrency);
            assertThat(turnstile.most).isEqualTo(concurrency);
        });
    }

    /** Lets requests through when so many of them are there at the same time. */
    private static final class Turnstile implements Handler {
        private final int size;
        private int waiting;
        private int most;
        private Promise<Void, RuntimeException> open;

        Turnstile(int size) {
            this.size = size;
        }

        @Override
        public Response handle(Request request) {
            if (open == null || open.done()) {
                open = Asyncio.getRunningLoop().createFuture();
            }
            most = Math.max(most, ++waiting);
            if (waiting == size) {
                waiting = 0;
                open.setResult(null);
            }
            open.await();
            return Response.text("through");
        }
    }

    @Test
    void whatIsAskedForTwiceIsFetchedTwice() throws Exception {
        int[] requests = {0};
        with(
                request -> {
                    requests[0]++;
                    return Response.text("x");
                },
                (server, session) -> {
                    List<Page> pages = new ArrayList<>();
                    new Scraper(session, ScrapeOptions.DEFAULT)
                            .scrape(Collections.nCopies(3, server.url()), pages::add);
                    assertThat(pages).hasSize(3);
                    assertThat(requests[0]).isEqualTo(3);
                });
    }

    @Test
    void noPagesAreDoneAtOnce() throws Exception {
        with(
                request -> Response.text("x"),
                (server, session) -> new Scraper(session, ScrapeOptions.DEFAULT).scrape(List.of(), page -> {
                    throw new AssertionError(page);
                }));
    }

    @Test
    void theFastOnesComeFirst() throws Exception {
        // Page N is answered once page N + 1 has been listened to.
        List<Promise<Void, RuntimeException>> heard = new ArrayList<>();
        with(
                request -> {
                    heard.get(Integer.parseInt(request.path().substring(1)) + 1).await();
                    return Response.text("x");
                },
                (server, session) -> {
                    List<String> urls = IntStream.range(0, 5)
                            .mapToObj(i -> server.url() + "/" + i)
                            .toList();
                    for (int i = 0; i <= 5; i++) {
                        heard.add(Asyncio.getRunningLoop().createFuture());
                    }
                    heard.get(5).setResult(null);
                    List<String> order = new ArrayList<>();
                    new Scraper(session, ScrapeOptions.DEFAULT).scrape(urls, page -> {
                        order.add(page.url());
                        heard.get(urls.indexOf(page.url())).setResult(null);
                    });
                    assertThat(order).isEqualTo(urls.reversed());
                });
    }

    @Test
    void aListenerThatThrowsEndsItAndLeavesNothingRunning() throws Exception {
        with(this::firstOnly, (server, session) -> {
            int tasksBefore = Asyncio.allTasks().size();
            List<String> urls = List.of(server.url() + "/1", server.url() + "/2", server.url() + "/3");
            assertThatThrownBy(() -> new Scraper(session, ScrapeOptions.DEFAULT).scrape(urls, page -> {
                        throw new IllegalStateException("enough");
                    }))
                    .hasMessage("enough");
            assertThat(Asyncio.allTasks().stream().map(Task::name)).noneMatch(name -> name.startsWith("scraper-"));
            assertThat(session.toString()).contains("0 in use");
            assertThat(Asyncio.allTasks()).hasSizeGreaterThanOrEqualTo(tasksBefore);
        });
    }

    @Test
    void aCancelEndsItAndLeavesNothingRunning() throws Exception {
        with(this::firstOnly, (server, session) -> {
            Promise<Void, RuntimeException> first = Asyncio.getRunningLoop().createFuture();
            List<String> urls = List.of(server.url() + "/1", server.url() + "/2", server.url() + "/3");
            List<String> heardOf = new ArrayList<>();
            Task<?, RuntimeException> scrape =
                    Asyncio.createTask(() -> new Scraper(session, ScrapeOptions.DEFAULT).scrape(urls, page -> {
                        heardOf.add(page.url());
                        first.setResult(null);
                    }));
            first.await();
            scrape.cancel();
            Asyncio.asCompleted(List.of(scrape)).forEach(done -> {});
            assertThat(scrape.cancelled()).isTrue();
            assertThat(heardOf).containsExactly(server.url() + "/1");
            assertThat(Asyncio.allTasks().stream().map(Task::name)).noneMatch(name -> name.startsWith("scraper-"));
            assertThat(session.toString()).contains("0 in use");
        });
    }

    private Response firstOnly(Request request) {
        if (!request.path().equals("/1")) {
            Asyncio.getRunningLoop().<Void, RuntimeException>createFuture().await();
        }
        return Response.text("x");
    }

    @Test
    void optionsThatCannotBeAreRefused() {
        assertThatThrownBy(() -> ScrapeOptions.DEFAULT.withConcurrency(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("0");
        assertThatThrownBy(() -> ScrapeOptions.DEFAULT.withTimeout(Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
