package dev.rondo.scrape;

import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import dev.rondo.KeyboardInterrupt;
import dev.rondo.Runner;
import dev.rondo.Task;
import dev.rondo.TaskCancelledException;
import dev.rondo.http.client.ClientSession;
import dev.rondo.http.client.Limits;
import dev.rondo.http.client.PoolOptions;
import dev.rondo.http.client.Timeouts;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One run of {@code rondo scrape}, from the first request to the last line, on a loop of its own. */
final class ScrapeRun {

    static final int OK = 0;
    static final int FAILED = 1;

    private static final Duration REFRESH = Duration.ofMillis(100);
    private static final Duration PATIENCE = Duration.ofDays(365); // with who reads what we print
    private static final Duration PATIENCE_INTERRUPTED = Duration.ofMillis(300); // soon after Ctrl-C all must be over

    private final List<String> urls; // empty: the demo site
    private final ScrapeOptions options;
    private final Printer printer;
    private final boolean wantsBar;

    // The loop's.
    private @Nullable Tally tally;
    private @Nullable Terminal terminal; // null for no bar
    private long startNanos;
    private double seconds;

    ScrapeRun(List<String> urls, ScrapeOptions options, Printer printer, boolean wantsBar) {
        this.urls = urls;
        this.options = options;
        this.printer = printer;
        this.wantsBar = wantsBar;
    }

    /** Returns whether it is the exit code of a run that a signal ended: 130 for Ctrl-C, 143 for SIGTERM. */
    static boolean interrupted(int code) {
        return code > 128;
    }

    /** Runs, on the calling platform thread; returns the exit code. */
    int run() throws IOException, InterruptedException {
        int code;
        try (Runner runner = new Runner().handleInterrupts(true)) {
            runner.run(this::main);
            code = tally != null && tally.failed() == 0 ? OK : FAILED;
        } catch (KeyboardInterrupt e) {
            code = e.exitCode();
        } catch (TaskCancelledException e) {
            code = FAILED; // the printer has stopped us
        }
        printer.close(lastWords(code), interrupted(code) ? PATIENCE_INTERRUPTED : PATIENCE);
        return code;
    }

    private List<String> lastWords(int code) {
        List<String> words = new ArrayList<>();
        if (tally != null) {
            words.add(tally.summary(seconds));
        }
        if (urls.isEmpty() && code == OK) {
            words.add("Now pages of your own: ./rondo scrape https://example.org/ https://www.python.org/");
        }
        return words;
    }

    // ------------------------------------------------------------------------------------------------- on the loop

    private void main() throws IOException {
        EventLoop loop = Asyncio.getRunningLoop();
        Task<?, ?> main = Objects.requireNonNull(Asyncio.currentTask());
        printer.onFailure(() -> loop.callSoonThreadsafe(() -> main.cancel("cannot print")));
        try (ClientSession session = newSession()) {
            if (urls.isEmpty()) {
                scrapeDemoSite(session);
            } else {
                scrape(session, urls);
            }
        } finally {
            printer.onFailure(() -> {});
        }
    }

    /**
     * As many connections as pages at a time, and one limit of time: the page's, which says of all of it how long it
     * may take. There are honest pages that gzip to a four-hundredth, so no limit on that: the one on the decoded body
     * stops a bomb as well.
     */
    private ClientSession newSession() {
        return ClientSession.builder()
                .pool(PoolOptions.DEFAULT.withTotal(options.concurrency()))
                .timeouts(Timeouts.NONE)
                .limits(Limits.DEFAULT.withRatio(0))
                .build();
    }

    private void scrapeDemoSite(ClientSession session) throws IOException {
        try (DemoSite site = DemoSite.start()) {
            printer.note("No URL given: scraping a demo site of " + DemoSite.PAGES + " pages that take "
                    + DemoSite.STEP_MILLIS + " to " + DemoSite.PAGES * DemoSite.STEP_MILLIS + " ms each.");
            scrape(session, site.pages());
        }
    }

    private void scrape(ClientSession session, List<String> pages) {
        Tally tally = new Tally(pages.size());
        this.tally = tally;
        startNanos = nanos();
        Task<?, ?> bar = Asyncio.createTask(() -> showBar(tally));
        try {
            new Scraper(session, options).scrape(pages, page -> {
                tally.add(page);
                printer.page(page);
                drawBar(tally); // or the old one would be drawn again, below a line that it does not count
            });
        } finally {
            seconds = secondsSoFar();
            bar.cancel();
        }
    }

    private void showBar(Tally tally) {
        Asyncio.sleep(REFRESH); // what is over by then needs none
        terminal = wantsBar ? Asyncio.toThread(Terminal::forProgressBar) : null;
        while (terminal != null) {
            drawBar(tally);
            Asyncio.sleep(REFRESH);
        }
    }

    private void drawBar(Tally tally) {
        if (terminal != null) {
            printer.bar(ProgressBar.render(tally, secondsSoFar(), terminal.columns()));
        }
    }

    private double secondsSoFar() {
        return (nanos() - startNanos) / 1e9;
    }

    private static long nanos() {
        return Asyncio.getRunningLoop().time().toNanos();
    }
}
