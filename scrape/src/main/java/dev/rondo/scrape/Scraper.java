package dev.rondo.scrape;

import dev.rondo.AsyncTimeoutException;
import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import dev.rondo.Task;
import dev.rondo.http.HttpException;
import dev.rondo.http.client.ClientSession;
import dev.rondo.scrape.text.Reasons;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches many pages at once and counts their characters.
 *
 * <pre>{@code
 * try (var session = new ClientSession()) {
 *     new Scraper(session, ScrapeOptions.DEFAULT).scrape(urls, page -> print(page.url() + ": " + page.characters()));
 * }
 * }</pre>
 *
 * <p>For the coroutines of the session's loop. Whatever the number and the size of the pages, it holds a few kilobytes
 * for each that is under way, and nothing for the others. How much a page may send at most is for the session's
 * {@link dev.rondo.http.client.Limits} to say; how many connections there are, for its {@code PoolOptions}.
 */
public final class Scraper {

    private static final Logger LOG = LoggerFactory.getLogger(Scraper.class);

    private final ClientSession session;
    private final ScrapeOptions options;

    /** Makes a scraper that asks through {@code session}, which remains the caller's to close. */
    public Scraper(ClientSession session, ScrapeOptions options) {
        this.session = session;
        this.options = options;
    }

    /**
     * Fetches each page once, as often as it is named, and gives each to {@code listener} when it is done, whether it
     * came or failed: the fast ones first. A page that fails disturbs no other. Suspends until all are done.
     *
     * <p>On a cancel, or if {@code listener} throws, the pages under way are given up, and are never heard of; this
     * returns when all of them have ended.
     *
     * @param urls what to fetch; asked for one at a time, in order, so that there may be any number of them; the
     *     iterator must not suspend. An address without a scheme counts as http
     * @param listener called in a coroutine, one call after the other unless it suspends, which it may: that worker
     *     then fetches no more until the call returns
     */
    public void scrape(Iterable<String> urls, Consumer<? super Page> listener) {
        // All workers pull from this one; without a lock, for on a loop nothing comes in between.
        Iterator<String> rest = urls.iterator();
        List<Task<?, RuntimeException>> workers = new ArrayList<>();
        try {
            while (workers.size() < options.concurrency() && rest.hasNext()) {
                String first = rest.next();
                workers.add(Asyncio.createTask(() -> work(first, rest, listener), "scraper-" + (workers.size() + 1)));
            }
            Asyncio.gather(workers);
        } finally {
            endAll(workers);
        }
    }

    private static void endAll(List<Task<?, RuntimeException>> workers) {
        workers.forEach(Task::cancel);
        for (Task<?, RuntimeException> worker : Asyncio.asCompleted(workers)) {
            if (!worker.cancelled()) {
                worker.exception(); // the first one's is being thrown already
            }
        }
    }

    private void work(String first, Iterator<String> rest, Consumer<? super Page> listener) {
        listener.accept(fetch(first));
        while (rest.hasNext()) {
            listener.accept(fetch(rest.next()));
        }
    }

    /**
     * Fetches one page. Suspends. A failure is told by {@link Page#error}, never thrown; a cancel gives the page up and
     * its connection with it.
     */
    public Page fetch(String url) {
        EventLoop loop = Asyncio.getRunningLoop();
        Visit visit = new Visit(session, url);
        long startNanos = loop.time().toNanos();
        long characters = 0;
        String error = null;
        try {
            characters = withinTimeout(visit);
        } catch (AsyncTimeoutException e) {
            error = Reasons.timedOut(options.timeout());
        } catch (HttpException | RuntimeException e) {
            LOG.debug("{} failed", url, e);
            error = Reasons.of(e);
        }
        Page page = visit.page(characters, (loop.time().toNanos() - startNanos) / 1e9, error);
        if (LOG.isInfoEnabled()) {
            LOG.info(visit.describe(page));
        }
        return page;
    }

    private long withinTimeout(Visit visit) throws HttpException {
        return options.timeout().isZero() ? visit.fetch() : Asyncio.timeout(options.timeout(), visit::fetch);
    }
}
