package dev.rondo.scrape;

import dev.rondo.http.client.Proxy;
import dev.rondo.scrape.crawl.Crawler;
import dev.rondo.scrape.html.ItemSpec;
import dev.rondo.scrape.html.JsonLd;
import dev.rondo.scrape.html.MainText;
import dev.rondo.scrape.output.Outputs;
import dev.rondo.scrape.url.Canonicalizer;
import dev.rondo.scrape.url.PageUrl;
import dev.rondo.scrape.url.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code rondo crawl}: what was asked for, checked. */
@Command(
        name = "crawl",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        sortOptions = false,
        description = {
            "Fetches all pages of a site, each once, following its links.", // all that rondo --help says of it
            "Stays on the hosts of the URLs, obeys their robots.txt, and keeps what it has done in a file,",
            "so that a crawl that was killed can go on: rondo crawl --resume.",
            "A second crawl with the same file asks only for what has changed.",
            ""
        },
        footer = {
            "",
            "Without --output, a line for each page goes to standard output; failures, progress and the summary go to",
            "standard error.",
            "Exit status: 0 the crawl is complete, 1 it is not, 2 wrong usage, 130 Ctrl-C, 143 SIGTERM.",
        })
final class CrawlCommand implements Callable<Integer> {

    private static final String STORE_END = ".crawl";
    private static final String FROM_ENVIRONMENT = "@env:";

    private final Streams streams;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Parameters(
            paramLabel = "URL",
            arity = "0..*",
            description = "Where to begin; without a scheme it counts as http://.")
    private List<String> urls = new ArrayList<>();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Write what becomes of each URL to FILE, in the format that the end of its name says:"
                    + " .jsonl, .csv, .sqlite, .warc.gz (with an index, .cdxj); the graph of links: .graphml, .dot;"
                    + " the broken links: .broken.txt. May be repeated.")
    private List<Path> outputs = new ArrayList<>();

    @Option(
            names = "--store",
            paramLabel = "FILE",
            description = "Keep what was done and is to be done in FILE (default: HOST.crawl in this directory).")
    private @Nullable Path store;

    @Option(
            names = "--resume",
            description = "Go on with a crawl that did not come to its end, with the options it was begun with.")
    private boolean resume;

    @Option(names = "--restart", description = "Forget what an earlier crawl has left in the store.")
    private boolean restart;

    @Option(
            names = "--scope",
            paramLabel = "SCOPE",
            defaultValue = "host",
            description = "Follow links to the same host, domain, or prefix: what begins like a URL up to its last"
                    + " slash (default: ${DEFAULT-VALUE}).")
    private String scope = "host";

    @Option(
            names = "--include",
            paramLabel = "REGEX",
            description = "Follow only links in which REGEX is found. May be repeated: one of them.")
    private List<String> includes = new ArrayList<>();

    @Option(
            names = "--exclude",
            paramLabel = "REGEX",
            description = "Follow no link in which REGEX is found. May be repeated.")
    private List<String> excludes = new ArrayList<>();

    @Option(
            names = {"-d", "--depth"},
            paramLabel = "N",
            description = "Follow N links, one behind the other, at most.")
    private @Nullable Integer depth;

    @Option(
            names = {"-n", "--pages"},
            paramLabel = "N",
            description = "Ask for N URLs at most.")
    private @Nullable Integer pages;

    @Option(names = "--bytes", paramLabel = "N", description = "Begin nothing more when N bytes have come.")
    private @Nullable Long bytes;

    @Option(names = "--time", paramLabel = "SECONDS", description = "Begin nothing more after so long.")
    private @Nullable Double time;

    @Option(
            names = {"-c", "--concurrency"},
            paramLabel = "N",
            defaultValue = "16",
            description = "Ask for at most N URLs at the same time (default: ${DEFAULT-VALUE}).")
    private int concurrency;

    @Option(
            names = "--delay",
            paramLabel = "SECONDS",
            defaultValue = "0.25",
            description = "Leave a host alone so long between its answer and the next request, longer if it is slow or"
                    + " complains; 0: ask as fast as it answers (default: ${DEFAULT-VALUE}).")
    private double delay;

    @Option(
            names = "--per-host",
            paramLabel = "N",
            description = "Ask at most N URLs of a host at the same time (default: 1, or without delay all).")
    private @Nullable Integer perHost;

    @Option(
            names = {"-t", "--timeout"},
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "Give up a URL after so long, all told; 0 for never (default: ${DEFAULT-VALUE}).")
    private double timeout;

    @Option(
            names = "--retries",
            paramLabel = "N",
            defaultValue = "2",
            description = "Ask N times more where a failure may pass (default: ${DEFAULT-VALUE}).")
    private int retries;

    @Option(
            names = "--page-bytes",
            paramLabel = "N",
            defaultValue = "10485760",
            description = "Give up a URL with more than N bytes, decoded (default: ${DEFAULT-VALUE}).")
    private long pageBytes;

    @Option(names = "--no-robots", description = "Do not ask for robots.txt: only for sites of your own.")
    private boolean noRobots;

    @Option(names = "--no-sitemaps", description = "Do not begin at what the sitemaps name as well.")
    private boolean noSitemaps;

    @Option(
            names = "--proxy",
            paramLabel = "URL",
            description =
                    "Ask through this proxy: http, https, socks5 or socks5h. If repeated, each host through one of"
                            + " them, always the same.")
    private List<String> proxies = new ArrayList<>();

    @Option(
            names = "--agent",
            paramLabel = "NAME",
            defaultValue = "rondo",
            description = "Go by this name (default: ${DEFAULT-VALUE}).")
    private String agent = "rondo";

    @Option(names = "--sort-query", description = "Take the parameters of a query in any order for the same.")
    private boolean sortQuery;

    @Option(names = "--drop-tracking", description = "Drop utm_source and its like from URLs.")
    private boolean dropTracking;

    @Option(names = "--drop-sessions", description = "Drop ;jsessionid=, PHPSESSID and their like from URLs.")
    private boolean dropSessions;

    @Option(
            names = "--select",
            paramLabel = "NAME=SELECTOR",
            description = "Take what the selector of CSS finds on each page: title=h1, image=img@src, tags[]=.tag for"
                    + " all of them, or by XPath, title=xpath://h1. May be repeated.")
    private List<String> selects = new ArrayList<>();

    @Option(
            names = "--items",
            paramLabel = "FILE",
            description = "Take what FILE says, in YAML: items with fields, and from which pages.")
    private @Nullable Path items;

    @Option(names = "--json-ld", description = "Take what pages say of themselves in JSON-LD.")
    private boolean jsonLd;

    @Option(names = "--main-text", description = "Take the readable text of each page, without what is around it.")
    private boolean mainText;

    @Option(
            names = "--login",
            paramLabel = "URL",
            description = "Fill in the form at URL before the crawl begins, with the --login-field there are.")
    private @Nullable String login;

    @Option(
            names = "--login-field",
            paramLabel = "NAME=VALUE",
            description = "A field of the form; VALUE @env:NAME is taken from the environment. May be repeated.")
    private List<String> loginFields = new ArrayList<>();

    @Option(names = "--near-duplicates", description = "Say at the end which pages have nearly the words of another.")
    private boolean nearDuplicates;

    @Option(
            names = "--dashboard",
            paramLabel = "PORT",
            description = "Show the crawl on a page at http://127.0.0.1:PORT/ while it runs; 0 for a free port.")
    private @Nullable Integer dashboard;

    @Option(
            names = {"-v", "--verbose"},
            description = "Tell of each URL its status, size and time; -vv tells more.")
    private boolean[] verbose = {};

    CrawlCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Logging.verbosity(verbose.length);
        if (resume) {
            return resume();
        }
        Crawler crawler = crawler();
        CrawlStores.Kept kept = CrawlStores.begin(storeFile(), restart, arguments());
        return run(crawler, kept);
    }

    /** The options come from the store; what stands on this command line may only say which store it is. */
    private int resume() throws IOException, InterruptedException {
        CrawlStores.Kept kept = CrawlStores.unfinished(urls.isEmpty() && store == null ? null : storeFile());
        CrawlCommand begun = new CrawlCommand(streams);
        Main.commandLine(begun).parseArgs(kept.arguments().toArray(String[]::new));
        begun.dashboard = dashboard;
        return begun.run(begun.crawler(), kept);
    }

    private int run(Crawler crawler, CrawlStores.Kept kept) throws IOException, InterruptedException {
        crawler.store(kept.file());
        boolean wantsBar = streams.terminal() && verbose.length == 0;
        if (dashboard != null && (dashboard < 0 || dashboard > 65535)) {
            throw wrong("--dashboard " + dashboard + ": a port, 0 to 65535");
        }
        return new CrawlRun(crawler, kept.file(), new Printer(streams, null), wantsBar, dashboard, outputs.isEmpty())
                .run();
    }

    private List<String> arguments() {
        List<String> all = new ArrayList<>(spec.commandLine().getParseResult().originalArgs());
        all.remove("--restart");
        return all;
    }

    private Path storeFile() {
        if (store != null) {
            return store;
        }
        String host = seeds().getFirst().authority();
        return Path.of(host.replaceAll("[^A-Za-z0-9._-]", "_") + STORE_END);
    }

    // ------------------------------------------------------------------------------------------------- the crawler

    private Crawler crawler() {
        Crawler crawler = Crawler.create()
                .canonicalizer(rules())
                .concurrency(atLeastOne("--concurrency", concurrency))
                .delay(seconds("--delay", delay))
                .timeout(seconds("--timeout", timeout))
                .retries(notNegative("--retries", retries))
                .pageBytes(notNegative("--page-bytes", pageBytes))
                .robots(!noRobots)
                .sitemaps(!noSitemaps)
                .nearDuplicates(nearDuplicates)
                .agent(agent);
        seeds().forEach(seed -> crawler.start(seed.text()));
        if (depth != null) {
            crawler.depth(notNegative("--depth", depth));
        }
        if (pages != null) {
            crawler.pages(notNegative("--pages", pages));
        }
        if (bytes != null) {
            crawler.bytes(notNegative("--bytes", bytes));
        }
        if (time != null) {
            crawler.time(seconds("--time", time));
        }
        if (perHost != null) {
            crawler.perHost(atLeastOne("--per-host", perHost));
        }
        for (String proxy : proxies) {
            try {
                crawler.proxy(Proxy.parse(proxy));
            } catch (IllegalArgumentException e) {
                throw wrong("--proxy: " + e.getMessage());
            }
        }
        confine(crawler);
        take(crawler);
        if (login != null) {
            crawler.login(Visit.withScheme(login), loginFields());
        }
        for (Path output : outputs) {
            try {
                Outputs.check(output);
            } catch (IllegalArgumentException e) {
                throw wrong("--output: " + e.getMessage());
            }
            if (!Files.isDirectory(
                    Objects.requireNonNullElse(output.toAbsolutePath().getParent(), output))) {
                throw wrong("--output " + output + ": there is no such directory");
            }
            crawler.output(output);
        }
        return crawler;
    }

    private void take(Crawler crawler) {
        try {
            if (!selects.isEmpty()) {
                crawler.items(ItemSpec.ofFields(selects));
            }
            if (items != null) {
                crawler.items(ItemSpec.read(items));
            }
        } catch (IllegalArgumentException e) {
            throw wrong(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw wrong("cannot read --items " + items + ": " + e.getMessage());
        }
        if (jsonLd) {
            crawler.extract(page -> page.withMoreItems(JsonLd.of(page.document())));
        }
        if (mainText) {
            crawler.extract(page -> page.withMoreItems(List.of(Map.of("text", MainText.of(page.document())))));
        }
    }

    private Map<String, String> loginFields() {
        Map<String, String> fields = new LinkedHashMap<>();
        for (String each : loginFields) {
            int equals = each.indexOf('=');
            if (equals < 1) {
                throw wrong("--login-field " + each + ": write NAME=VALUE");
            }
            String value = each.substring(equals + 1);
            if (value.startsWith(FROM_ENVIRONMENT)) {
                String name = value.substring(FROM_ENVIRONMENT.length());
                value = System.getenv(name);
                if (value == null) {
                    throw wrong("--login-field " + each + ": the environment has no " + name);
                }
            }
            fields.put(each.substring(0, equals), value);
        }
        return fields;
    }

    private Canonicalizer rules() {
        return new Canonicalizer(sortQuery, dropTracking, dropSessions);
    }

    private List<PageUrl> seeds() {
        if (urls.isEmpty()) {
            throw wrong("where to begin? rondo crawl https://example.org/");
        }
        List<PageUrl> seeds = new ArrayList<>();
        for (String url : urls) {
            PageUrl seed = rules().parse(Visit.withScheme(url));
            if (seed == null) {
                throw wrong("\"" + url + "\" is no address of http or https");
            }
            seeds.add(seed);
        }
        return seeds;
    }

    private void confine(Crawler crawler) {
        PageUrl[] seeds = seeds().toArray(PageUrl[]::new);
        switch (scope) {
            case "host" -> {} // as it does by itself
            case "domain" -> crawler.scope(Scope.domain(seeds));
            case "prefix" -> crawler.scope(Scope.prefix(seeds));
            default -> throw wrong("--scope " + scope + ": host, domain or prefix");
        }
        if (!includes.isEmpty()) {
            crawler.only(found(includes));
        }
        if (!excludes.isEmpty()) {
            Scope excluded = found(excludes);
            crawler.only(url -> !excluded.contains(url));
        }
    }

    private Scope found(List<String> patterns) {
        List<Scope> each = new ArrayList<>();
        for (String text : patterns) {
            try {
                each.add(Scope.matching(Pattern.compile(text)));
            } catch (PatternSyntaxException e) {
                throw wrong("\"" + text + "\" is no regular expression: " + e.getDescription() + " at " + e.getIndex());
            }
        }
        return url -> each.stream().anyMatch(scope -> scope.contains(url));
    }

    // ------------------------------------------------------------------------------------------------------ checks

    private int atLeastOne(String option, int value) {
        if (value < 1) {
            throw wrong(option + " " + value + ": at least 1");
        }
        return value;
    }

    private int notNegative(String option, int value) {
        return (int) notNegative(option, (long) value);
    }

    private long notNegative(String option, long value) {
        if (value < 0) {
            throw wrong(option + " " + value + ": not less than 0");
        }
        return value;
    }

    private Duration seconds(String option, double value) {
        if (!(value >= 0 && value <= 1e9)) {
            throw wrong(option + " " + value + ": a number of seconds, not less than 0");
        }
        return Duration.ofNanos(Math.round(value * 1e9));
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
