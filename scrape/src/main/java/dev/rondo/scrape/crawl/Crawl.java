package dev.rondo.scrape.crawl;

import dev.rondo.AsyncSemaphore;
import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import dev.rondo.TaskGroup;
import dev.rondo.http.client.ClientSession;
import dev.rondo.http.encoding.Charsets;
import dev.rondo.scrape.frontier.CrawlStore;
import dev.rondo.scrape.frontier.Done;
import dev.rondo.scrape.frontier.Found;
import dev.rondo.scrape.frontier.Known;
import dev.rondo.scrape.html.LinkScanner;
import dev.rondo.scrape.html.NearDuplicates;
import dev.rondo.scrape.html.PageLinks;
import dev.rondo.scrape.output.Output;
import dev.rondo.scrape.robots.Robots;
import dev.rondo.scrape.robots.RobotsCache;
import dev.rondo.scrape.robots.Sitemaps;
import dev.rondo.scrape.robots.Throttle;
import dev.rondo.scrape.url.Canonicalizer;
import dev.rondo.scrape.url.PageUrl;
import dev.rondo.scrape.url.Scope;
import dev.rondo.scrape.url.Traps;
import dev.rondo.scrape.url.UrlHashes;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One run of a {@link Crawler}. The loop's.
 *
 * <pre>
 *   seeds, sitemaps ─▶ admit ─▶ HostQueues ─▶ work ─▶ Fetcher ─▶ links ─┐      an address is admitted once, if it is in
 *                        ▲                      │                      │      scope and no trap; what became of it, and
 *                        └──────────────────────┼──────────────────────┘      what it led to, is one entry of the
 *                                               └─▶ Journal                   journal
 * </pre>
 */
final class Crawl {

    private static final int MOST_HOPS = 10;
    private static final int MOST_LINKS = 50_000; // of a page
    private static final int FREE_RETRIES = 100; // and one for each ten pages
    private static final int LAST_ERRORS = 20;
    private static final int HOSTS_SHOWN = 100;
    private static final Duration RETRY_DELAY = Duration.ofMillis(500); // doubled each time

    private final EventLoop loop = Asyncio.getRunningLoop();
    private final Crawler wanted;
    private final List<PageUrl> seeds;
    private final Scope scope;
    private final Set<String> hosts = new HashSet<>(); // where it begins
    private final Canonicalizer canonicalizer;
    private final CrawlStore store;
    private final boolean again; // an earlier run of this store has asked for these pages
    private final Fetcher fetcher;
    private final RobotsCache robots;
    private final Sitemaps sitemaps;
    private final LinkScanner scanner = new LinkScanner(MOST_LINKS);
    private final Traps traps;
    private final UrlHashes seen = new UrlHashes();
    private final Map<Long, Integer> attempts = new HashMap<>();
    private final Tally tally = new Tally();
    private final Deque<CrawlStatus.Failure> errors = new ArrayDeque<>();
    private final long beganNanos = loop.time().toNanos();
    private long lastId;
    private long asked;
    private boolean journalFailed;
    private @Nullable Journal journalOrNull;
    private @Nullable HostQueues queuesOrNull;
    private @Nullable TaskGroup group;

    Crawl(Crawler wanted, List<PageUrl> seeds, ClientSession session, CrawlStore store) {
        this.wanted = wanted;
        this.seeds = seeds;
        seeds.forEach(seed -> hosts.add(seed.authority()));
        Scope begun = url -> Scope.onOne(hosts, url);
        this.scope = Objects.requireNonNullElse(wanted.scope, begun).and(wanted.narrowed);
        this.canonicalizer = wanted.canonicalizer;
        this.store = store;
        this.again = store.run() > 1;
        this.fetcher = new Fetcher(session, wanted.timeout);
        this.robots = new RobotsCache(session, wanted.agent);
        this.sitemaps = new Sitemaps(session);
        this.traps = new Traps();
    }

    // ------------------------------------------------------------------------------------------------- the whole

    /** Crawls, and writes to the store and the outputs. Suspends. */
    CrawlReport run(Map<String, Output> outputs) throws IOException {
        Map<String, Integer> waiting = Asyncio.toThread(this::load);
        CrawlReport.End[] end = new CrawlReport.End[1];
        try (Journal journal = new Journal(store, outputs, () -> loop.callSoonThreadsafe(this::stop))) {
            journalOrNull = journal;
            queuesOrNull = new HostQueues(journal, this::newQueue, this::introduce, wanted.depth != Integer.MAX_VALUE);
            Asyncio.taskGroup(tasks -> {
                group = tasks;
                waiting.forEach(queues()::waitInStore);
                plant();
                end[0] = dispatch(tasks);
            });
        } finally {
            group = null;
        }
        Duration time = Duration.ofNanos(loop.time().toNanos() - beganNanos);
        boolean complete = end[0] == null || queues().waiting() == 0; // a budget may be just enough
        return tally.report(complete ? CrawlReport.End.COMPLETE : end[0], queues().waiting(), time);
    }

    /** Reads what an earlier process of this run has left; on a thread that may wait. */
    private Map<String, Integer> load() throws IOException {
        Map<String, Integer> waiting = new HashMap<>();
        try {
            lastId = store.lastId();
            store.eachFound((url, depth) -> {
                seen.add(url);
                if (depth == 0) {
                    hosts.add(Objects.requireNonNull(canonicalizer.parse(url)).authority());
                }
            });
            store.waitingOrigins(waiting::put);
        } catch (SQLException e) {
            throw new IOException("cannot read the store: " + e.getMessage(), e);
        }
        return waiting;
    }

    private void plant() {
        List<Found> found = new ArrayList<>();
        for (PageUrl seed : seeds) {
            admit(seed, 0, "", 0, found);
        }
        journal().found(found);
        found.forEach(queues()::add);
    }

    private void stop() {
        journalFailed = true;
        TaskGroup tasks = group;
        if (tasks != null) {
            tasks.cancel("nothing can be written any more");
        }
    }

    /** Starts a coroutine for each address when its time has come, as many as may be at a time. */
    private CrawlReport.End dispatch(TaskGroup tasks) {
        AsyncSemaphore slots = new AsyncSemaphore(wanted.concurrency);
        while (!journalFailed) {
            slots.acquire();
            CrawlReport.End end = budget();
            Found next = end == null ? queues().next() : null;
            if (next == null) {
                return end == null ? CrawlReport.End.COMPLETE : end;
            }
            if (passOver(next)) {
                slots.release();
                continue;
            }
            asked++;
            tasks.createTask(() -> {
                try {
                    work(next);
                } finally {
                    slots.release();
                }
            });
        }
        return CrawlReport.End.COMPLETE;
    }

    private CrawlReport.@Nullable End budget() {
        if (asked >= wanted.pages) {
            return CrawlReport.End.PAGES;
        } else if (tally.bytes >= wanted.bytes) {
            return CrawlReport.End.BYTES;
        } else if (wanted.time != null && seconds() >= wanted.time.toNanos() / 1e9) {
            return CrawlReport.End.TIME;
        }
        return null;
    }

    // ------------------------------------------------------------------------------------------------- an origin

    private HostQueue newQueue(String origin) {
        int most = wanted.perHost > 0 ? wanted.perHost : wanted.delay.isZero() ? wanted.concurrency : 1;
        return new HostQueue(origin, new HostGate(most, new Throttle(wanted.delay)));
    }

    /** Finds out what an origin asks of crawlers. */
    private void introduce(HostQueue queue) {
        if (!wanted.robots && !wanted.sitemaps) {
            queues().introduced(queue, Robots.ALL_ALLOWED);
            return;
        }
        tasks().createTask(() -> {
            Robots rules = wanted.robots ? robots.of(queue.origin) : Robots.ALL_ALLOWED;
            Duration asked = rules.crawlDelay();
            if (asked != null) {
                queue.gate.throttle().atLeast(asked);
            }
            if (wanted.sitemaps && seeds.stream().anyMatch(seed -> seed.origin().equals(queue.origin))) {
                sitemaps.read(Sitemaps.of(queue.origin, rules), queue.gate.throttle()::delay, this::plant);
            }
            queues().introduced(queue, rules);
        });
    }

    /** Adds an address that a sitemap names, as if where the crawl begins linked to it. */
    private void plant(String url, String sitemap) {
        PageUrl named = canonicalizer.parse(url);
        List<Found> found = new ArrayList<>();
        if (named != null) {
            admit(named, 1, sitemap, 0, found);
        }
        if (!found.isEmpty()) {
            journal().found(found);
            found.forEach(queues()::add);
        }
    }

    /** Notes an address that robots.txt does not allow; returns whether it is one. */
    private boolean passOver(Found found) {
        Robots rules = Objects.requireNonNull(queues().queue(found).robots);
        if (rules.allows(found.url())) {
            return false;
        }
        String reason = "robots.txt: " + rules.reason();
        tally.passedOver(reason, found.url());
        journal().passedOver(Done.passedOver(found.id(), reason));
        queues().done(found, false);
        return true;
    }

    // -------------------------------------------------------------------------------------------------- an address

    private void work(Found found) throws Exception {
        HostQueue queue = queues().queue(found);
        boolean open = true;
        try {
            Known known = again ? journal().known(found.url()) : null;
            Fetcher.Fetched fetched = fetcher.fetch(found, known);
            tell(queue.gate.throttle(), fetched);
            queues().done(found, true); // the next may go, while this one is looked at
            open = false;
            queues().hold();
            if (!repeat(found, fetched)) {
                finish(found, queue, fetched.page());
            }
        } finally {
            if (open) {
                queues().done(found, true);
            } else {
                queues().release();
            }
        }
    }

    private static void tell(Throttle throttle, Fetcher.Fetched fetched) {
        CrawledPage page = fetched.page();
        if (page.status() == 0) {
            throttle.failed();
        } else {
            throttle.answered(page.status(), Duration.ofNanos((long) (page.seconds() * 1e9)), fetched.retryAfter());
        }
    }

    /** Asks again later, if that may help; returns whether it will. */
    private boolean repeat(Found found, Fetcher.Fetched fetched) {
        int before = attempts.getOrDefault(found.id(), 0);
        if (!fetched.passing() || before >= wanted.retries || tally.retries >= FREE_RETRIES + tally.pages / 10) {
            attempts.remove(found.id());
            return false;
        }
        attempts.put(found.id(), before + 1);
        tally.retries++;
        double jitter = 0.5 + loop.random().nextDouble() / 2;
        queues().hold();
        loop.callLater(Duration.ofNanos((long) (jitter * (RETRY_DELAY.toNanos() << before))), () -> {
            queues().add(found);
            queues().release();
        });
        return true;
    }

    private void finish(Found found, HostQueue queue, CrawledPage fetched) throws Exception {
        List<Found> led = new ArrayList<>();
        CrawledPage page = withLinks(redirected(found, fetched, led), found, led);
        UnaryOperator<CrawledPage> extraction = wanted.extraction;
        if (extraction != null && page.ok() && page.status() < 300 && page.html()) {
            CrawledPage plain = page;
            page = Asyncio.toThread(() -> extraction.apply(plain));
        }
        if (wanted.nearDuplicates && page.ok() && page.status() / 100 == 2 && page.html()) {
            CrawledPage whole = page;
            tally.near.add(page.url(), Asyncio.toThread(() -> NearDuplicates.hash(whole.document())));
        }
        wanted.listener.accept(page);
        if (page.error() != null) {
            errors.addFirst(new CrawlStatus.Failure(page.url(), page.error()));
            if (errors.size() > LAST_ERRORS) {
                errors.removeLast();
            }
        }
        queue.count(page);
        journal().page(done(found, page), page, led);
        led.forEach(queues()::add);
    }

    private static Done done(Found found, CrawledPage page) {
        boolean whole = page.ok() && page.status() != 304;
        return new Done(
                found.id(),
                page.status(),
                page.error(),
                page.headers().get("ETag"),
                page.headers().get("Last-Modified"),
                page.sha256(),
                page.headers().get("Content-Type"),
                whole ? page.links() : null);
    }

    /** Returns the page with where it redirects to, which is asked for as if it stood there. */
    private CrawledPage redirected(Found found, CrawledPage page, List<Found> led) {
        String location = page.headers().get("Location");
        if (page.status() / 100 != 3 || page.status() == 304 || location == null) {
            return page;
        }
        PageUrl base = Objects.requireNonNull(canonicalizer.parse(found.url()));
        PageUrl target = canonicalizer.resolve(base, location);
        String error = null;
        if (target == null) {
            error = "redirects to what is no address of http or https: " + location;
        } else if (target.equals(base)) {
            error = "redirects to itself";
        } else if (found.hops() >= MOST_HOPS) {
            error = "more than " + MOST_HOPS + " redirects, one behind the other";
        } else {
            if (found.depth() == 0) {
                hosts.add(target.authority()); // it begins there, then
            }
            admit(target, found.depth(), found.url(), found.hops() + 1, led);
        }
        return page.redirectedTo(target == null ? null : target.text(), error);
    }

    // ------------------------------------------------------------------------------------------------------- links

    /** Returns the page with its links, and counts it; what is to be asked for is added to {@code led}. */
    private CrawledPage withLinks(CrawledPage page, Found found, List<Found> led) {
        PageUrl url = Objects.requireNonNull(canonicalizer.parse(page.url()));
        List<String> links = page.links();
        if (page.status() / 100 == 2 && page.ok() && page.html()) {
            links = scan(page, url, found, led);
        } else if (page.status() == 304) {
            for (String link : links) {
                admit(Objects.requireNonNull(canonicalizer.parse(link)), found.depth() + 1, page.url(), 0, led);
            }
        }
        long own = links.stream()
                .filter(link -> CrawledPage.sameHost(page.url(), link))
                .count();
        CrawledPage linked = links.isEmpty() ? page : page.withLinks(links);
        tally.page(linked, own, links.size() - own);
        return linked;
    }

    private List<String> scan(CrawledPage page, PageUrl url, Found found, List<Found> led) {
        byte[] body = page.body();
        Charsets.Detected detected =
                Charsets.detect(body, body.length, page.headers().get("Content-Type"));
        PageLinks there = scanner.scan(body, detected.markBytes(), body.length, detected.charset());
        String typed = there.base();
        PageUrl base = typed == null ? url : Objects.requireNonNullElse(canonicalizer.resolve(url, typed), url);
        List<String> links = new ArrayList<>(there.references().size());
        boolean follows = !(wanted.robots && there.nofollow());
        for (String reference : there.references()) {
            PageUrl target = canonicalizer.resolve(base, reference);
            if (target != null) {
                links.add(target.text());
                if (follows) {
                    admit(target, found.depth() + 1, page.url(), 0, led);
                }
            }
        }
        PageUrl refresh = there.refresh() == null ? null : canonicalizer.resolve(base, there.refresh());
        if (refresh != null && follows) {
            admit(refresh, found.depth() + 1, page.url(), 0, led);
        }
        return links;
    }

    /** Adds an address to {@code led} if it belongs to the crawl and was not seen yet. */
    private void admit(PageUrl url, int depth, String referrer, int hops, List<Found> led) {
        if (depth > wanted.depth || (depth > 0 && !scope.contains(url)) || !seen.add(url.text())) {
            return;
        }
        String trap = traps.check(url, depth);
        if (trap == null) {
            led.add(new Found(++lastId, url.text(), url.origin(), depth, referrer, hops));
        } else {
            tally.passedOver(trap, url.text());
        }
    }

    // ----------------------------------------------------------------------------------------------------- to look at

    CrawlStatus status() {
        HostQueues queues = queuesOrNull;
        List<CrawlStatus.Host> hosts = new ArrayList<>();
        if (queues != null) {
            queues.all().stream()
                    .sorted(Comparator.comparingLong((HostQueue queue) -> -queue.pages))
                    .limit(HOSTS_SHOWN)
                    .forEach(queue -> hosts.add(new CrawlStatus.Host(
                            queue.origin,
                            queue.pages,
                            queue.failed,
                            queue.size(),
                            queue.gate.inFlight(),
                            queue.gate.delay().toNanos() / 1e9,
                            queue.seconds)));
        }
        return new CrawlStatus(
                tally.pages,
                tally.failed,
                tally.redirects,
                tally.bytes,
                queues == null ? 0 : queues.waiting(),
                queues == null ? 0 : queues.inFlight(),
                seconds(),
                hosts,
                List.copyOf(errors));
    }

    private double seconds() {
        return (loop.time().toNanos() - beganNanos) / 1e9;
    }

    private Journal journal() {
        return Objects.requireNonNull(journalOrNull);
    }

    private HostQueues queues() {
        return Objects.requireNonNull(queuesOrNull);
    }

    private TaskGroup tasks() {
        return Objects.requireNonNull(group);
    }
}
