package dev.rondo.scrape;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code rondo scrape}: what was asked for, checked. */
@Command(
        name = "scrape",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        description = {
            "Fetches pages, all at once, and counts the characters of each.", // all that rondo --help says of it
            "Prints for each that arrives, as soon as it is there,",
            "  URL: N characters",
            "Without a URL, serves a demo site on this machine and scrapes that.",
            ""
        },
        footer = {
            "",
            "Pages go to standard output; failures, progress and the summary to standard error.",
            "A page whose status is 400 or more has failed.",
            "At most: 64 MiB a page, decoded; 10 redirects; headers of 64 KiB, 256 fields.",
            "Exit status: 0 all pages arrived, 1 some failed, 2 wrong usage, 130 Ctrl-C, 143 SIGTERM.",
        })
final class ScrapeCommand implements Callable<Integer> {

    private static final double MOST_SECONDS = 1e9;
    private static final Duration LEAST_TIME = Duration.ofMillis(1);

    private final Streams streams;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Parameters(
            paramLabel = "URL",
            arity = "0..*",
            description = "What to fetch; without a scheme it counts as http://.")
    private List<String> urls = new ArrayList<>();

    @Option(
            names = {"-i", "--input"},
            paramLabel = "FILE",
            description = "Read more URLs from FILE, one a line; - is standard input.")
    private @Nullable String input;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Write a JSON object for each page to FILE, one a line, as soon as it is done.")
    private @Nullable Path output;

    @Option(
            names = {"-c", "--concurrency"},
            paramLabel = "N",
            defaultValue = "100",
            description = "Fetch at most N pages at the same time (default: ${DEFAULT-VALUE}).")
    private int concurrency;

    @Option(
            names = {"-t", "--timeout"},
            paramLabel = "SECONDS",
            defaultValue = "30",
            description = "Give up a page after so long, all told; 0 for never (default: ${DEFAULT-VALUE}).")
    private double timeout;

    @Option(
            names = {"-v", "--verbose"},
            description = "Tell of each page its status, redirects, size and time; -vv tells more.")
    private boolean[] verbose = {};

    ScrapeCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        ScrapeOptions options = options();
        List<String> all = allUrls();
        try (JsonLines file = open(output)) {
            Logging.verbosity(verbose.length);
            boolean wantsBar = streams.terminal() && verbose.length == 0; // what is logged would get between
            Printer printer = new Printer(streams, file);
            int code = new ScrapeRun(all, options, printer, wantsBar).run();
            String failure = printer.failure();
            if (failure == null || ScrapeRun.interrupted(code)) {
                return code;
            }
            spec.commandLine().getErr().println("rondo: " + failure);
            return ScrapeRun.FAILED;
        }
    }

    private ScrapeOptions options() {
        if (concurrency < 1) {
            throw wrong("--concurrency " + concurrency + ": at least 1 page at a time");
        }
        if (!(timeout >= 0 && timeout <= MOST_SECONDS)) {
            throw wrong("--timeout " + timeout + ": a number of seconds, 0 for no limit");
        }
        return new ScrapeOptions(concurrency, timeLimit());
    }

    /** The shortest limit is a millisecond: what is less must not become 0, which is none. */
    private Duration timeLimit() {
        Duration limit = Duration.ofNanos(Math.round(timeout * 1e9));
        return timeout > 0 && limit.compareTo(LEAST_TIME) < 0 ? LEAST_TIME : limit;
    }

    private List<String> allUrls() throws UnusableFileException {
        List<String> all = new ArrayList<>(urls);
        String from = input;
        if (from != null) {
            try (InputStream in = from.equals("-") ? streams.in() : new FileInputStream(from)) {
                all.addAll(UrlList.read(in));
            } catch (IOException e) {
                throw new UnusableFileException("cannot read the URLs: " + naming(from, e), e);
            }
            if (all.isEmpty()) {
                throw new UnusableFileException("no URL in " + (from.equals("-") ? "standard input" : from), null);
            }
        }
        return all;
    }

    /** A failure to open names the file; one to read does not. */
    private static String naming(String file, IOException failure) {
        String message = String.valueOf(failure.getMessage());
        return message.contains(file) ? message : file + " (" + message + ")";
    }

    private @Nullable JsonLines open(@Nullable Path path) throws IOException {
        if (path == null) {
            return null;
        }
        if (path.toString().equals("-")) {
            throw wrong("--output -: standard output has the lines for people; use -o FILE");
        }
        if (input != null && !input.equals("-") && Files.exists(path) && Files.isSameFile(path, Path.of(input))) {
            throw new UnusableFileException("--output would overwrite the URLs in " + path, null);
        }
        try {
            return new JsonLines(path);
        } catch (IOException e) {
            throw new UnusableFileException("cannot write the pages: " + e.getMessage(), e);
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
