package dev.rondo.scrape;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Prints and writes, in the order in which it is told to, on a thread of its own: a terminal that is held, a pipe that nobody
 * reads and a slow disk stop this thread, and not the loop. Who tells it too much waits: a coroutine suspends.
 *
 * <pre>
 *   page   ──▶ the file of pages, then   URL: N characters   to standard output   or   URL: reason   to standard error
 *   note   ──▶ standard error
 *   bar    ──▶ standard error, always the last line of the terminal: taken away before anything else is printed, drawn again after
 * </pre>
 */
final class Printer {

    private static final int MOST_WAITING = 1000;

    private static final String ERASE = "\r\033[K";
    private static final String NO_WRAP = "\033[?7l"; // or a bar on a terminal made narrower would fill it line by line
    private static final String WRAP = "\033[?7h";

    private sealed interface Item {
        record Done(Page page) implements Item {}

        record Note(String line) implements Item {}

        record Bar(String line) implements Item {}

        record End() implements Item {}
    }

    private static final Item END = new Item.End();

    private final LinkedBlockingQueue<Item> queue = new LinkedBlockingQueue<>(MOST_WAITING);
    private final Thread thread = Thread.ofPlatform().daemon().name("rondo-printer").unstarted(this::printAll);
    private volatile Runnable onFailure = () -> {};
    private volatile @Nullable String failure;

    // The printer thread's.
    private final Sink out;
    private final Sink err;
    private @Nullable JsonLines file;
    private String bar = ""; // as it is to be shown
    private boolean barShown;

    /** Starts a printer that writes pages to {@code file} as well, if there is one. */
    Printer(Streams streams, @Nullable JsonLines file) {
        this.out = new Sink("standard output", streams.out(), streams.charset());
        this.err = new Sink("standard error", streams.err(), streams.charset());
        this.file = file;
        thread.start();
    }

    // ------------------------------------------------------------------------------------------------- from any thread

    /** Prints a page. May suspend, or block. */
    void page(Page page) {
        put(new Item.Done(page));
    }

    /** Prints a line for people. May suspend, or block. */
    void note(String line) {
        put(new Item.Note(line));
    }

    /** Shows this progress bar from now on; an empty one is none. Only for terminals. May suspend, or block. */
    void bar(String line) {
        put(new Item.Bar(line));
    }

    /** Has {@code action} run, on the printer's thread, if something cannot be written any more. */
    void onFailure(Runnable action) {
        onFailure = action;
    }

    /** Returns what cannot be written, and why; null if all can. */
    @Nullable String failure() {
        return failure;
    }

    /** Prints the last lines for people, and waits until all is printed; gives up if it stands still for {@code limit}. Blocks. */
    void close(List<String> lastNotes, Duration limit) throws InterruptedException {
        List<Item> last = new ArrayList<>();
        lastNotes.forEach(line -> last.add(new Item.Note(line)));
        last.add(END);
        for (Item item : last) {
            if (!queue.offer(item, limit.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        }
        thread.join(limit);
    }

    private void put(Item item) {
        try {
            queue.put(item);
        } catch (InterruptedException e) {
            throw new IllegalStateException("cancelled while printing", e); // the loop sees through this to the cancel
        }
    }

    // ------------------------------------------------------------------------------------------------- on its own thread

    private void printAll() {
        List<Item> batch = new ArrayList<>();
        try {
            while (!batch.contains(END)) {
                batch.clear();
                batch.add(queue.take());
                queue.drainTo(batch);
                writeFile(batch);
                print(batch);
            }
        } catch (InterruptedException nobodyDoes) {
            Thread.currentThread().interrupt();
        }
    }

    private void writeFile(List<Item> batch) {
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
                case Item.Done(Page page) when page.ok() -> line(out, page.url() + ": " + page.characters() + " characters");
                case Item.Done(Page page) -> line(err, page.url() + ": " + page.error());
                case Item.Note(String line) -> line(err, line);
                case Item.Bar(String line) -> bar = line;
                case Item.End() -> bar = "";
            }
        }
        showBar();
        out.flush();
        err.flush();
    }

    private void line(Sink sink, String line) {
        eraseBar();
        (sink == out ? err : out).flush(); // both may be the same terminal
        sink.text.append(Human.printable(line)).append('\n');
    }

    private void eraseBar() {
        if (barShown) {
            err.text.append(ERASE);
            barShown = false;
        }
    }

    private void showBar() {
        if (bar.isEmpty()) {
            eraseBar();
        } else {
            out.flush();
            err.text.append('\r').append(NO_WRAP).append(bar).append("\033[K").append(WRAP);
            barShown = true;
        }
    }

    private void fail(String reason) {
        if (failure == null) {
            failure = reason;
            onFailure.run();
        }
    }

    /** One of the two standard streams, and what is to be written to it. */
    private final class Sink {

        private final String name;
        private final OutputStream stream;
        private final Charset charset;
        private final StringBuilder text = new StringBuilder();
        private boolean broken;

        Sink(String name, OutputStream stream, Charset charset) {
            this.name = name;
            this.stream = stream;
            this.charset = charset;
        }

        void flush() {
            if (text.isEmpty()) {
                return;
            }
            byte[] bytes = text.toString().getBytes(charset);
            text.setLength(0);
            if (broken) {
                return;
            }
            try {
                stream.write(bytes);
                stream.flush();
            } catch (IOException e) {
                broken = true;
                if (this == out) { // without the other, there is nobody left to tell
                    fail("cannot write to " + name + ": " + e.getMessage());
                }
            }
        }
    }
}
