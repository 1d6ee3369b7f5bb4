package dev.rondo.scrape;

import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import dev.rondo.KeyboardInterrupt;
import dev.rondo.Runner;
import dev.rondo.Task;
import dev.rondo.TaskCancelledException;
import dev.rondo.scrape.crawl.CrawlReport;
import dev.rondo.scrape.crawl.CrawlStatus;
import dev.rondo.scrape.crawl.CrawledPage;
import dev.rondo.scrape.crawl.Crawler;
import dev.rondo.scrape.dashboard.Dashboard;
import dev.rondo.scrape.text.Human;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run of {@code rondo crawl}, from the first request to the last line, on a loop of its own. */
final class CrawlRun {

    private static final Logger LOG = LoggerFactory.getLogger(CrawlRun.class);

    private static final Duration REFRESH = Duration.ofMillis(200);
    private static final Duration BETWEEN_LINES = Duration.ofSeconds(10); // where there is no terminal
    private static final Duration PATIENCE = Duration.ofDays(365); // with who reads what we print
    private static final Duration PATIENCE_INTERRUPTED = Duration.ofMillis(300);

    private final Crawler crawler;
    private final Path store;
    private final Printer printer;
    private final boolean wantsBar;
    private final @Nullable Integer dashboardPort; // null for none
    private final boolean lists; // pages on standard output: they go nowhere else

    private @Nullable CrawlReport report; // the loop's
    private @Nullable CrawlStatus last;

    CrawlRun(
            Crawler crawler,
            Path store,
            Printer printer,
            boolean wantsBar,
            @Nullable Integer dashboardPort,
            boolean lists) {
        this.crawler = crawler;
        this.store = store;
        this.printer = printer;
        this.wantsBar = wantsBar;
        this.dashboardPort = dashboardPort;
        this.lists = lists;
    }

    /** Runs, on the calling platform thread; returns the exit code. */
    int run() throws IOException, InterruptedException {
        int code = ScrapeRun.FAILED;
        String failure = null;
        try (Runner runner = new Runner().handleInterrupts(true)) {
            runner.run(this::main);
            code = report != null && report.ended() == CrawlReport.End.COMPLETE ? ScrapeRun.OK : ScrapeRun.FAILED;
        } catch (KeyboardInterrupt e) {
            code = e.exitCode();
        } catch (TaskCancelledException e) {
            code = ScrapeRun.FAILED; // the printer has stopped us
        } catch (IOException e) {
            failure = "rondo: " + e.getMessage();
        }
        printer.close(lastWords(failure), ScrapeRun.interrupted(code) ? PATIENCE_INTERRUPTED : PATIENCE);
        return code;
    }

    private List<String> lastWords(@Nullable String failure) {
        List<String> words = new ArrayList<>();
        if (failure != null) {
            words.add(failure);
        }
        CrawlReport done = report;
        if (done == null || done.ended() != CrawlReport.End.COMPLETE) {
            words.add(last == null ? "nothing was crawled" : CrawlDisplay.line(last));
            words.add("The crawl is not at its end. To go on: rondo crawl --resume --store " + store);
        }
        if (done != null) {
            words.addAll(summary(done));
        }
        return words;
    }

    private static List<String> summary(CrawlReport done) {
        List<String> lines = new ArrayList<>();
        double seconds = done.time().toNanos() / 1e9;
        lines.add(Human.count(done.pages(), "URL") + " in " + Human.seconds(seconds) + " ("
                + Human.number(Math.round(done.pages() / Math.max(seconds, 0.001))) + " a second), "
                + Human.bytes(done.bytes()) + ", " + Human.number(done.failed()) + " failed, "
                + Human.number(done.redirects()) + " redirects"
                + (done.unchanged() == 0 ? "" : ", " + Human.number(done.unchanged()) + " unchanged")
                + (done.duplicates() == 0 ? "" : ", " + Human.number(done.duplicates()) + " with the body of another")
                + "; " + Human.count(done.links(), "link") + " within hosts, " + Human.number(done.externalLinks())
                + " to others");
        done.passedOver()
                .forEach((reason, passed) -> lines.add("not asked for: " + Human.number(passed.count()) + ", " + reason
                        + ", such as " + passed.examples().getFirst()));
        done.nearDuplicates().forEach(pair -> lines.add("nearly the same: " + pair.url() + " and " + pair.earlier()));
        if (done.ended() != CrawlReport.End.COMPLETE) {
            lines.add("ended: " + done.ended() + "; " + Human.number(done.waiting()) + " wait");
        }
        return lines;
    }

    // ------------------------------------------------------------------------------------------------- on the loop

    private void main() throws IOException {
        EventLoop loop = Asyncio.getRunningLoop();
        Task<?, ?> main = Objects.requireNonNull(Asyncio.currentTask());
        printer.onFailure(() -> loop.callSoonThreadsafe(() -> main.cancel("cannot print")));
        Task<?, ?> display = Asyncio.createTask(this::display);
        try (Dashboard dashboard = dashboardPort == null ? null : Dashboard.start(crawler::status, dashboardPort)) {
            if (dashboard != null) {
                printer.note("dashboard: " + dashboard.url());
            }
            report = crawler.onPage(this::tell).run();
        } finally {
            last = crawler.status();
            display.cancel();
            printer.onFailure(() -> {});
        }
    }

    private void tell(CrawledPage page) {
        if (lists && page.error() == null) {
            String leads = page.redirect() == null ? "" : " to " + page.redirect();
            printer.line(page.url() + ": " + page.status() + leads + ", " + Human.bytes(page.body().length));
        }
        if (page.error() != null) {
            String from = page.referrer() == null ? "" : " (from " + page.referrer() + ")";
            printer.note(page.url() + ": " + page.error() + from);
        }
        if (LOG.isInfoEnabled()) {
            LOG.info(
                    "{} {} {} in {}",
                    page.url(),
                    page.error() == null ? page.status() : page.error(),
                    Human.bytes(page.body().length),
                    Human.seconds(page.seconds()));
        }
    }

    private void display() {
        Terminal terminal = wantsBar ? Asyncio.toThread(Terminal::forProgressBar) : null;
        while (true) {
            Asyncio.sleep(terminal == null ? BETWEEN_LINES : REFRESH);
            CrawlStatus status = crawler.status();
            if (status == null) {
                continue;
            }
            if (terminal == null) {
                printer.note(CrawlDisplay.line(status));
            } else {
                printer.bar(CrawlDisplay.render(status, terminal.columns() - 1));
            }
        }
    }
}
