package dev.rondo.scrape.crawl;

import dev.rondo.scrape.frontier.Found;
import dev.rondo.scrape.robots.Robots;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * What is to be asked of one origin: the nearest to where the crawl began first. Holds so many addresses at most; the
 * others are in the store alone, all behind {@code last}, and are fetched from it when these are done.
 *
 * <pre>
 *   in memory:  ─────────────▶ last │ in the store alone, if spilled: ─────────▶
 * </pre>
 *
 * The loop's.
 */
final class HostQueue {

    /** How many addresses it holds before it leaves the others to the store, and how many it fetches at a time. */
    static final int HELD = 5000;

    private static final Comparator<Found> NEAREST =
            Comparator.comparingInt(Found::depth).thenComparingLong(Found::id);

    final String origin;
    final HostGate gate;
    boolean ready; // HostQueues has it among the ready ones

    @Nullable Robots robots; // null until they are known, which is before anything is asked for

    long pages;
    long failed;
    double seconds; // an answer took lately

    private final PriorityQueue<Found> held = new PriorityQueue<>(NEAREST);
    private @Nullable Found last; // the farthest that was ever held
    private boolean spilled;
    private boolean spilledMeanwhile; // since the store was asked for more
    private long count;

    HostQueue(String origin, HostGate gate) {
        this.origin = origin;
        this.gate = gate;
    }

    /** Adds an address that is in the store, or on its way to it. */
    void add(Found found) {
        count++;
        boolean behind = last == null || NEAREST.compare(found, last) > 0;
        if (behind && (spilled || held.size() >= HELD)) {
            spilled = true;
            spilledMeanwhile = true;
            return;
        }
        held.add(found);
        if (behind) {
            last = found;
        }
    }

    /** Says that so many wait in the store of an earlier process, and none is held. */
    void waitInStore(long number) {
        count += number;
        spilled = true;
    }

    /** Returns whether it has to be filled from the store before the next can be taken. */
    boolean wantsMore() {
        return spilled && held.isEmpty();
    }

    /** Takes what the store has behind the farthest that was ever held. Suspends. */
    void fill(Journal journal) {
        spilledMeanwhile = false;
        List<Found> more = last == null
                ? journal.waiting(origin, -1, 0, HELD)
                : journal.waiting(origin, last.depth(), last.id(), HELD);
        for (Found each : more) {
            held.add(each);
            last = each;
        }
        spilled = more.size() == HELD || spilledMeanwhile;
    }

    /** Returns the nearest that is held, or null. */
    @Nullable Found peek() {
        return held.peek();
    }

    Found take() {
        count--;
        return held.remove();
    }

    /** Counts an answer. */
    void count(CrawledPage page) {
        pages++;
        failed += page.ok() ? 0 : 1;
        seconds += (page.seconds() - seconds) / Math.min(pages, 10);
    }

    /** Returns how many wait, here and in the store. */
    long size() {
        return count;
    }
}
