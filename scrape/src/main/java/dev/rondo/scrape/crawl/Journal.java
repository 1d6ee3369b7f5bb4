package dev.rondo.scrape.crawl;

import dev.rondo.Asyncio;
import dev.rondo.scrape.frontier.CrawlStore;
import dev.rondo.scrape.frontier.Done;
import dev.rondo.scrape.frontier.Found;
import dev.rondo.scrape.frontier.Known;
import dev.rondo.scrape.output.Output;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Writes down what a crawl does, in the order in which it does it, on a thread of its own: the store, and the outputs.
 * What is written goes from one commit to the next: pages to the outputs, these to the disk, then where they end, what
 * was done and what was found to the store in one transaction. So a process that is killed has all of a page or nothing
 * of it.
 *
 * <p>Called by the coroutines of the loop. Who tells more than can be written waits: a coroutine suspends.
 */
final class Journal implements AutoCloseable {

    private static final int MOST_WAITING = 2000;
    private static final int MOST_KIBIBYTES = 64 * 1024;
    private static final Duration BETWEEN_COMMITS = Duration.ofMillis(250);

    private sealed interface Entry {

        /** What became of an address, the page itself if one was asked for, and what it led to. */
        record Outcome(Done done, @Nullable CrawledPage page, List<Found> found) implements Entry {}

        /** A question to the store. */
        record Question(Callable<?> ask, CompletableFuture<Object> answer) implements Entry {}

        record End() implements Entry {}
    }

    private final LinkedBlockingQueue<Entry> queue = new LinkedBlockingQueue<>(MOST_WAITING);

    /** How much of bodies may wait: a permit for a kibibyte. */
    private final Semaphore room = new Semaphore(MOST_KIBIBYTES);

    private final Thread thread =
            Thread.ofPlatform().daemon().name("rondo-journal").unstarted(this::writeAll);
    private final Runnable onFailure;
    private volatile @Nullable Exception failure;

    // The thread's, once it is started.
    private final CrawlStore store;
    private final Map<String, Output> outputs;
    private boolean uncommitted;

    /**
     * Begins to write. The store and the outputs are the thread's until {@link #close} returns.
     *
     * @param outputs by the names under which the store knows their positions
     * @param onFailure run on the thread if something cannot be written any more
     */
    Journal(CrawlStore store, Map<String, Output> outputs, Runnable onFailure) {
        this.store = store;
        this.outputs = new LinkedHashMap<>(outputs);
        this.onFailure = onFailure;
        thread.start();
    }

    // ------------------------------------------------------------------------------------------------- on the loop

    /** Notes a page and what it led to. Suspends while too much waits. */
    void page(Done done, CrawledPage page, List<Found> found) {
        int kibibytes = kibibytes(page);
        acquire(kibibytes);
        put(new Entry.Outcome(done, page, found));
    }

    /** Notes an address that was not asked for. Suspends while too much waits. */
    void passedOver(Done done) {
        put(new Entry.Outcome(done, null, List.of()));
    }

    /** Notes where the crawl begins. Suspends while too much waits. */
    void found(List<Found> addresses) {
        put(new Entry.Outcome(Done.passedOver(0, ""), null, addresses));
    }

    /** Returns what an earlier crawl learnt of an address, or null. Suspends. */
    @Nullable Known known(String url) {
        return ask(() -> store.known(url));
    }

    /** Returns what waits in the store of an origin. Suspends. */
    List<Found> waiting(String origin, int afterDepth, long afterId, int most) {
        return ask(() -> store.waiting(origin, afterDepth, afterId, most));
    }

    /** Returns why nothing can be written any more; null if all can. */
    @Nullable Exception failure() {
        return failure;
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private <T extends @Nullable Object> T ask(Callable<T> question) {
        var answer = new CompletableFuture<Object>();
        put(new Entry.Question(question, answer));
        return (T) Asyncio.await(answer);
    }

    private static int kibibytes(CrawledPage page) {
        return Math.min(MOST_KIBIBYTES, 1 + page.body().length / 1024);
    }

    private void acquire(int kibibytes) {
        try {
            room.acquire(kibibytes);
        } catch (InterruptedException e) {
            throw new IllegalStateException("cancelled while a page was to be written", e); // the loop sees the cancel
        }
    }

    private void put(Entry entry) {
        try {
            queue.put(entry);
        } catch (InterruptedException e) {
            throw new IllegalStateException("cancelled while a page was to be written", e); // the loop sees the cancel
        }
    }

    /**
     * Writes what waits, and ends. It is the caller's thread that waits, or its coroutine.
     *
     * @throws IOException if something could not be written: the pages since the last commit are not there then
     */
    @Override
    public void close() throws IOException {
        try {
            queue.put(new Entry.End());
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException("cancelled while the last pages were written", e);
        }
        Exception reason = failure;
        if (reason != null) {
            throw new IOException(reason.getMessage(), reason);
        }
    }

    // ------------------------------------------------------------------------------------------ on its own thread

    private void writeAll() {
        List<Entry> batch = new ArrayList<>();
        long committed = System.nanoTime();
        boolean end = false;
        while (!end) {
            batch.clear();
            end = !take(batch, committed);
            for (Entry entry : batch) {
                end |= entry instanceof Entry.End;
                attempt(entry);
            }
            if (end || System.nanoTime() - committed >= BETWEEN_COMMITS.toNanos()) {
                commit();
                committed = System.nanoTime();
            }
        }
    }

    /** Waits for something to write; returns false if this thread is to end. */
    private boolean take(List<Entry> batch, long committed) {
        try {
            long left = BETWEEN_COMMITS.toNanos() - (System.nanoTime() - committed);
            Entry first = uncommitted ? queue.poll(left, TimeUnit.NANOSECONDS) : queue.take();
            if (first != null) {
                batch.add(first);
                queue.drainTo(batch);
            }
            return true;
        } catch (InterruptedException nobodyDoes) {
            return false;
        }
    }

    /** Writes an entry, or passes it over if an earlier one has failed: who waits for room must not wait for ever. */
    private void attempt(Entry entry) {
        try {
            switch (entry) {
                case Entry.Outcome outcome when failure == null -> write(outcome);
                case Entry.Question(Callable<?> question, CompletableFuture<Object> answer) -> answer(question, answer);
                default -> {}
            }
        } catch (IOException | SQLException | RuntimeException e) {
            fail(e);
        } finally {
            if (entry instanceof Entry.Outcome(Done _, CrawledPage page, List<Found> _) && page != null) {
                room.release(kibibytes(page));
            }
        }
    }

    private void write(Entry.Outcome outcome) throws IOException, SQLException {
        uncommitted = true;
        if (!outcome.found().isEmpty()) {
            store.found(outcome.found());
        }
        if (outcome.done().id() != 0) {
            store.done(outcome.done());
        }
        if (outcome.page() != null) {
            for (Output output : outputs.values()) {
                output.write(outcome.page());
            }
        }
    }

    private static void answer(Callable<?> question, CompletableFuture<Object> answer) {
        try {
            answer.complete(question.call());
        } catch (Exception e) {
            answer.completeExceptionally(e);
        }
    }

    private void commit() {
        if (!uncommitted || failure != null) {
            return;
        }
        try {
            for (Map.Entry<String, Output> output : outputs.entrySet()) {
                long position = output.getValue().commit(!store.isTemporary());
                store.setPosition(output.getKey(), position);
            }
            store.commit();
            uncommitted = false;
        } catch (IOException | SQLException | RuntimeException e) {
            fail(e);
        }
    }

    private void fail(Exception reason) {
        if (failure == null) {
            failure = reason;
            onFailure.run();
        }
    }
}
