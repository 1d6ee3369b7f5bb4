package dev.rondo.scrape.crawl;

import dev.rondo.AsyncConsumer;
import dev.rondo.Asyncio;
import dev.rondo.http.CookieJar;
import dev.rondo.http.Headers;
import dev.rondo.http.client.ClientSession;
import dev.rondo.http.client.Limits;
import dev.rondo.http.client.PoolOptions;
import dev.rondo.http.client.Proxy;
import dev.rondo.http.client.Timeouts;
import dev.rondo.net.ConnectOptions;
import dev.rondo.net.Resolver;
import dev.rondo.scrape.frontier.CrawlStore;
import dev.rondo.scrape.html.ItemSpec;
import dev.rondo.scrape.output.Output;
import dev.rondo.scrape.output.Outputs;
import dev.rondo.scrape.robots.AddressGuard;
import dev.rondo.scrape.url.Canonicalizer;
import dev.rondo.scrape.url.PageUrl;
import dev.rondo.scrape.url.Scope;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Fetches all pages of a site, each once, following links.
 *
 * <pre>{@code
 * CrawlReport report = Crawler.create()
 *         .start("https://example.org/")
 *         .onPage(page -> System.out.println(page.url() + ": " + page.status()))
 *         .run();
 * }</pre>
 *
 * <p>What it does unless it is told otherwise: it stays on the hosts where it begins, does what their robots.txt asks,
 * leaves a host alone for a quarter of a second between two requests, and longer if it answers slowly or complains, and
 * forgets what it has done when it is at its end; with a {@link #store} it keeps that, and a crawl that was killed can
 * go on. What links and redirects lead to it asks only if it is on the public internet; the hosts where it begins may
 * be anywhere.
 *
 * <p>Set up by one thread; {@link #run} is for a coroutine, once.
 */
public final class Crawler {

    static final String AGENT = "rondo";

    // What was asked for. Crawl reads them.
    final List<String> starts = new ArrayList<>();
    final Map<Path, OutputMaker> outputs = new LinkedHashMap<>();

    @Nullable Scope scope; // null: the hosts where it begins

    Scope narrowed = url -> true;

    Canonicalizer canonicalizer = Canonicalizer.DEFAULT;
    int depth = Integer.MAX_VALUE;
    long pages = Long.MAX_VALUE;
    long bytes = Long.MAX_VALUE;

    @Nullable Duration time;

    int concurrency = 16;
    Duration delay = Duration.ofMillis(250);
    int perHost;
    int retries = 2;
    Duration timeout = Duration.ofSeconds(60);
    long pageBytes = 10L * 1024 * 1024;
    boolean robots = true;
    boolean sitemaps = true;
    boolean nearDuplicates;
    String agent = AGENT;
    AsyncConsumer<CrawledPage, ?> listener = page -> {};

    @Nullable UnaryOperator<CrawledPage> extraction;

    private @Nullable String loginPage;
    private Map<String, String> loginFields = Map.of();
    private final List<Proxy> proxies = new ArrayList<>();
    private @Nullable Path store;
    private @Nullable ClientSession session;
    private @Nullable Crawl crawl;

    /** Opens an output at a position. */
    @FunctionalInterface
    public interface OutputMaker {
        /** Opens it, cut off behind {@code position}: see {@link Output}. May block. */
        Output open(Path path, long position) throws IOException;
    }

    private Crawler() {}

    /** Makes a crawler that has nowhere to begin yet. */
    public static Crawler create() {
        return new Crawler();
    }

    // ------------------------------------------------------------------------------------------------- which pages

    /** Begins at this address as well; without a scheme it counts as http. */
    public Crawler start(String url) {
        starts.add(url);
        return this;
    }

    /**
     * Follows only links to addresses in this scope. By default to those on the hosts where the crawl begins, and on
     * those to which these send it on at once: from {@code example.org} to {@code www.example.org}.
     */
    public Crawler scope(Scope addresses) {
        scope = addresses;
        return this;
    }

    /** Follows of the links in its scope only those that are in this one as well. May be called again. */
    public Crawler only(Scope addresses) {
        narrowed = narrowed.and(addresses);
        return this;
    }

    /** Tells addresses apart by these rules. */
    public Crawler canonicalizer(Canonicalizer rules) {
        canonicalizer = rules;
        return this;
    }

    /** Follows so many links, one behind the other; 0 for none at all. By default any number. */
    public Crawler depth(int links) {
        depth = notNegative("depth", links);
        return this;
    }

    /** Asks for so many addresses at most. */
    public Crawler pages(long most) {
        pages = notNegative("pages", most);
        return this;
    }

    /** Begins nothing more when so many bytes have come, decoded. */
    public Crawler bytes(long most) {
        bytes = notNegative("bytes", most);
        return this;
    }

    /** Begins nothing more after so long. */
    public Crawler time(Duration most) {
        time = notNegative("time", most);
        return this;
    }

    /** Does what robots.txt asks, or not. By default it does. */
    public Crawler robots(boolean obey) {
        robots = obey;
        return this;
    }

    /** Begins at what the sitemaps of the hosts name too, or not. By default it does. */
    public Crawler sitemaps(boolean follow) {
        sitemaps = follow;
        return this;
    }

    // -------------------------------------------------------------------------------------------------------- how

    /** Asks for so many pages at a time at most, of all hosts. 16 by default. */
    public Crawler concurrency(int requests) {
        concurrency = positive("concurrency", requests);
        return this;
    }

    /**
     * Leaves a host alone so long between its answer and the next request. A quarter of a second by default; longer
     * where robots.txt says so, or the host is slow or complains. {@link Duration#ZERO}: never, unless it says
     * Retry-After.
     */
    public Crawler delay(Duration between) {
        delay = notNegative("delay", between);
        return this;
    }

    /** Asks so many pages of a host at a time. By default one, or without a delay {@link #concurrency}. */
    public Crawler perHost(int requests) {
        perHost = positive("perHost", requests);
        return this;
    }

    /** Repeats a request so many times that failed for a passing reason. Twice by default. */
    public Crawler retries(int most) {
        retries = notNegative("retries", most);
        return this;
    }

    /** Gives a page up after so long, everything included. A minute by default. */
    public Crawler timeout(Duration limit) {
        timeout = notNegative("timeout", limit);
        return this;
    }

    /** Gives a page up whose body is larger, decoded. 10 MiB by default. */
    public Crawler pageBytes(long most) {
        pageBytes = notNegative("pageBytes", most);
        return this;
    }

    /**
     * Fills in a form before it begins: the first on the page that has these fields. Those of its fields that are not
     * named here are sent as they stand there.
     */
    public Crawler login(String page, Map<String, String> fields) {
        loginPage = page;
        loginFields = Map.copyOf(fields);
        return this;
    }

    /** Takes items from each page of HTML, as {@link CrawledPage#items}. */
    public Crawler items(ItemSpec spec) {
        return extract(page -> {
            if (!spec.matches(page.url())) {
                return page;
            }
            return page.withMoreItems(spec.extract(page.document(), page.url()));
        });
    }

    /**
     * Asks through this proxy. If it is called several times, each host is asked through one of them, always the same.
     * What may be connected to is for the proxies to say then.
     */
    public Crawler proxy(Proxy proxy) {
        proxies.add(proxy);
        return this;
    }

    /**
     * Reports pages of HTML whose words are nearly those of another; each takes a millisecond or so of a thread more.
     */
    public Crawler nearDuplicates(boolean look) {
        nearDuplicates = look;
        return this;
    }

    /** Goes by this name, in robots.txt and to servers. {@code rondo} by default. */
    public Crawler agent(String name) {
        agent = name;
        return this;
    }

    /** Asks through this session, which remains the caller's to close, instead of one of its own. */
    public Crawler session(ClientSession shared) {
        session = shared;
        return this;
    }

    // ----------------------------------------------------------------------------------------- what becomes of them

    /** Gives each page to {@code action}, in a coroutine: it may suspend. If it throws, the crawl ends with that. */
    public Crawler onPage(AsyncConsumer<CrawledPage, ?> action) {
        listener = action;
        return this;
    }

    /**
     * Takes items from each page of HTML that came: see {@link CrawledPage#withItems}. May be called again; what was
     * said before is done first.
     *
     * @param taking called on threads other than the loop's, several at a time
     */
    public Crawler extract(UnaryOperator<CrawledPage> taking) {
        UnaryOperator<CrawledPage> before = extraction;
        extraction = before == null ? taking : page -> taking.apply(before.apply(page));
        return this;
    }

    /** Writes all pages to a file: JSON Lines, CSV, SQLite, WARC or a graph, as the end of its name says. */
    public Crawler output(Path file) {
        return output(file, Outputs::open);
    }

    /** Writes all pages to an output of one's own. */
    public Crawler output(Path file, OutputMaker maker) {
        outputs.put(file, maker);
        return this;
    }

    /**
     * Keeps what was done, and what is to be done, in this file. If a crawl was killed, the next with the same file
     * goes on with it; if it was at its end, the next asks for what has changed since.
     */
    public Crawler store(Path file) {
        store = file;
        return this;
    }

    // --------------------------------------------------------------------------------------------------------- run

    /**
     * Crawls. Suspends until it is at its end; a cancel gives up what is under way and writes down what was done.
     *
     * @return what it came to
     * @throws IOException if the store or an output cannot be used
     * @throws IllegalArgumentException if an address to start from is none, or none was given
     */
    public CrawlReport run() throws IOException {
        List<PageUrl> seeds = seeds();
        CrawlStore journal = Asyncio.toThread(this::openStore);
        Map<String, Output> opened = new LinkedHashMap<>();
        ClientSession asking = session == null ? newSession(seeds) : session;
        try {
            Asyncio.toThread(() -> openOutputs(journal, opened));
            if (loginPage != null) {
                Login.in(asking, loginPage, loginFields);
            }
            Crawl running = new Crawl(this, seeds, asking, journal);
            crawl = running;
            CrawlReport report = running.run(opened);
            Asyncio.toThread(() -> finish(journal, opened, report));
            return report;
        } finally {
            if (asking != session) {
                asking.close();
            }
            Asyncio.toThread(() -> close(journal, opened));
        }
    }

    /** Returns how far it is; null before it has begun. For the loop on which it runs. */
    public @Nullable CrawlStatus status() {
        return crawl == null ? null : crawl.status();
    }

    private List<PageUrl> seeds() {
        List<PageUrl> seeds = new ArrayList<>();
        for (String each : starts) {
            PageUrl seed = canonicalizer.parse(each);
            if (seed == null) {
                throw new IllegalArgumentException(
                        "cannot start at \"" + each + "\": it is no address of http or https");
            }
            seeds.add(seed);
        }
        if (seeds.isEmpty()) {
            throw new IllegalArgumentException("nowhere to start: say start(\"https://...\") first");
        }
        return seeds;
    }

    private ClientSession newSession(List<PageUrl> seeds) {
        ClientSession.Builder builder = ClientSession.builder()
                .pool(PoolOptions.DEFAULT.withTotal(concurrency))
                .timeouts(Timeouts.NONE)
                .limits(Limits.DEFAULT.withBodyBytes(pageBytes).withRatio(0)) // honest pages shrink to a four-hundredth
                .cookies(CookieJar.builder().allowIpAddresses().build())
                .headers(Headers.of("User-Agent", agent));
        if (!proxies.isEmpty()) {
            return builder.proxies(new ProxyList(List.copyOf(proxies))).build(); // which look the names up
        }
        Set<String> named = new HashSet<>();
        seeds.forEach(seed -> named.add(seed.host()));
        PageUrl login = loginPage == null ? null : canonicalizer.parse(loginPage);
        if (login != null) {
            named.add(login.host());
        }
        var guard = new AddressGuard(Resolver.system(), named);
        return builder.connect(ConnectOptions.DEFAULT.withResolver(guard)).build();
    }

    // ----------------------------------------------------------------------------------- on a thread that may wait

    private CrawlStore openStore() throws IOException {
        try {
            CrawlStore opened = store == null ? CrawlStore.temporary() : CrawlStore.open(store);
            if (opened.run() == 0 || opened.finished()) {
                opened.beginRun();
            }
            return opened;
        } catch (SQLException e) {
            throw new IOException("cannot use the store " + store + ": " + e.getMessage(), e);
        }
    }

    private void openOutputs(CrawlStore journal, Map<String, Output> opened) throws IOException {
        for (Map.Entry<Path, OutputMaker> each : outputs.entrySet()) {
            String name = journal.run() + " " + each.getKey().toAbsolutePath();
            try {
                opened.put(name, each.getValue().open(each.getKey(), journal.position(name)));
            } catch (SQLException e) {
                throw new IOException("cannot read the store: " + e.getMessage(), e);
            }
        }
    }

    private static void finish(CrawlStore journal, Map<String, Output> opened, CrawlReport report) throws IOException {
        boolean complete = report.ended() == CrawlReport.End.COMPLETE;
        for (Output each : opened.values()) {
            each.finish(complete);
        }
        if (!complete) {
            return;
        }
        try {
            journal.finishRun();
            journal.commit();
        } catch (SQLException e) {
            throw new IOException("cannot write the store: " + e.getMessage(), e);
        }
    }

    private static void close(CrawlStore journal, Map<String, Output> opened) throws IOException {
        IOException failure = null;
        for (Output each : opened.values()) {
            try {
                each.close();
            } catch (IOException e) {
                failure = e;
            }
        }
        try {
            journal.close();
        } catch (SQLException e) {
            throw new IOException("cannot close the store: " + e.getMessage(), e);
        }
        if (failure != null) {
            throw failure;
        }
    }

    // ------------------------------------------------------------------------------------------------------ checks

    private static int notNegative(String name, int value) {
        return (int) notNegative(name, (long) value);
    }

    private static long notNegative(String name, long value) {
        if (value < 0) {
            throw new IllegalArgumentException(name + " must not be negative: " + value);
        }
        return value;
    }

    private static Duration notNegative(String name, Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException(name + " must not be negative: " + value);
        }
        return value;
    }

    private static int positive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " must be at least 1, not " + value);
        }
        return value;
    }
}
