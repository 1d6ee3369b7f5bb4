package dev.rondo.scrape;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Prints and writes, in the order in which it is told to, on a thread of its own: a terminal that is held, a pipe that
 * nobody reads and a slow disk stop this thread, and not the loop. Who tells it too much waits: a coroutine suspends.
 *
 * <pre>
 *   page   the file of pages; then "URL: N characters" to standard output, or "URL: reason" to standard error
 *   line   standard output
 *   note   standard error
 *   bar    standard error, always the last line
 * </pre>
 */
final class Printer {

    private static final int MOST_WAITING = 1000;

    private sealed interface Item {
        record Done(Page page) implements Item {}

        record Line(String line) implements Item {}

        record Note(String line) implements Item {}

        record Bar(String line) implements Item {}

        record End() implements Item {}
    }

    private static final Item END = new Item.End();

    private final LinkedBlockingQueue<Item> queue = new LinkedBlockingQueue<>(MOST_WAITING);
    private final Thread thread =
            Thread.ofPlatform().daemon().name("rondo-printer").unstarted(this::printAll);
    private final Console console; // the thread's
    private @Nullable JsonLines file; // guarded by this
    private volatile Runnable onFailure = () -> {};
    private volatile @Nullable String failure;

    /** Starts a printer that writes pages to {@code file} as well, if there is one. */
    Printer(Streams streams, @Nullable JsonLines file) {
        this.console = new Console(streams);
        this.file = file;
        thread.start();
    }

    // ------------------------------------------------------------------------------------------ from any thread

    /** Prints a page. May suspend, or block. */
    void page(Page page) {
        put(new Item.Done(page));
    }

    /** Prints a line to standard output. May suspend, or block. */
    void line(String line) {
        put(new Item.Line(line));
    }

    /** Prints a line for people. May suspend, or block. */
    void note(String line) {
        put(new Item.Note(line));
    }

    /** Shows this progress bar from now on; an empty one is none. Only for terminals. May suspend, or block. */
    void bar(String line) {
        put(new Item.Bar(line));
    }

    private void put(Item item) {
        try {
            queue.put(item);
        } catch (InterruptedException e) {
            throw new IllegalStateException("cancelled while printing", e); // the loop sees through this to the cancel
        }
    }

    /** Has {@code action} run, on the printer's thread, if something cannot be written any more. */
    void onFailure(Runnable action) {
        onFailure = action;
    }

    /** Returns what cannot be written, and why; null if all can. */
    @Nullable String failure() {
        return failure;
    }

    /**
     * Prints the last lines for people, and waits until all is printed. Gives up when a standard stream has not taken
     * anything for {@code limit}; then too all pages that were told are in the file. Blocks.
     */
    void close(List<String> lastNotes, Duration limit) throws InterruptedException {
        Deque<Item> last = new ArrayDeque<>();
        lastNotes.forEach(line -> last.add(new Item.Note(line)));
        last.add(END);
        boolean stuck = false;
        while (thread.isAlive() && !stuck) {
            int before = console.writes();
            boolean moved = last.isEmpty()
                    ? thread.join(limit)
                    : queue.offer(last.getFirst(), limit.toMillis(), TimeUnit.MILLISECONDS);
            if (moved) {
                last.pollFirst();
            }
            stuck = !moved && before % 2 != 0 && before == console.writes();
        }
        List<Item> rest = new ArrayList<>();
        queue.drainTo(rest);
        writeFile(rest);
    }

    // ------------------------------------------------------------------------------------------ on its own thread

    private void printAll() {
        List<Item> batch = new ArrayList<>();
        try {
            while (!batch.contains(END)) {
                batch.clear();
                batch.add(queue.take());
                queue.drainTo(batch);
                handle(batch);
            }
        } catch (InterruptedException nobodyDoes) {
            Thread.currentThread().interrupt();
        }
    }

    private void handle(List<Item> batch) {
        try {
            writeFile(batch);
            print(batch);
        } catch (RuntimeException e) { // a mistake of ours; if this thread ended, others would wait for it
            fail("cannot print: " + e);
        }
    }

    private synchronized void writeFile(List<Item> batch) {
        JsonLines pages = file;
        if (pages == null) {
            return;
        }
        try {
            for (Item item : batch) {
                if (item instanceof Item.Done(Page page)) {
                    pages.add(page);
                }
            }
            pages.flush();
        } catch (IOException e) {
            file = null;
            fail("cannot write the pages to the file: " + e.getMessage());
        }
    }

    private void print(List<Item> batch) {
        for (Item item : batch) {
            switch (item) {
                case Item.Done(Page page)
                when page.ok() -> console.out(page.url() + ": " + page.characters() + " characters");
                case Item.Done(Page page) -> console.err(page.url() + ": " + page.error());
                case Item.Line(String line) -> console.out(line);
                case Item.Note(String line) -> console.err(line);
                case Item.Bar(String line) -> console.bar(line);
                case Item.End() -> console.bar("");
            }
        }
        console.flush();
        String reason = console.failure();
        if (reason != null) {
            fail(reason);
        }
    }

    private void fail(String reason) {
        if (failure == null) {
            failure = reason;
            onFailure.run();
        }
    }
}
