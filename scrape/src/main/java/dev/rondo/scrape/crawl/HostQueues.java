package dev.rondo.scrape.crawl;

import dev.rondo.AsyncEvent;
import dev.rondo.AsyncTimeoutException;
import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import dev.rondo.scrape.frontier.Found;
import dev.rondo.scrape.robots.Robots;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which address next: of the origins that may be asked now, the one that has waited longest.
 *
 * <pre>
 *   add ──▶ idle ──▶ ready ──▶ taken ──▶ done         an origin is ready while it has an address and its gate room;
 *             ▲                            │          when its gate opens says its place among the ready
 *             └────────────────────────────┘
 * </pre>
 *
 * <p>If depth has a limit, no address is taken while one is under way that is nearer to where the crawl began: else a
 * page found the long way round first would count as far, and what it leads to be missed. The loop's; {@link #next} for
 * one coroutine.
 */
final class HostQueues {

    private static final int MOST_INTRODUCED = 16; // at a time

    private static final Comparator<HostQueue> FIRST_OPEN = Comparator.comparingLong(queue -> queue.gate.opensNanos());

    private final EventLoop loop = Asyncio.getRunningLoop();
    private final Journal journal;
    private final Function<String, HostQueue> maker;
    private final Consumer<HostQueue> introducer;
    private final boolean byLevels;
    private final Map<String, HostQueue> queues = new LinkedHashMap<>();
    private final PriorityQueue<HostQueue> ready = new PriorityQueue<>(FIRST_OPEN);
    private final Deque<HostQueue> strangers = new ArrayDeque<>(); // nobody has asked yet what they ask of crawlers
    private int introducing;
    private final AsyncEvent changed = new AsyncEvent();
    private int level;
    private int inFlight;
    private long waiting;

    /**
     * @param maker makes the queue of an origin that is new
     * @param introducer has to find out what the origin asks of crawlers, in another coroutine, and to say that it is
     *     {@link #introduced}; nothing else is asked of it before
     */
    HostQueues(Journal journal, Function<String, HostQueue> maker, Consumer<HostQueue> introducer, boolean byLevels) {
        this.journal = journal;
        this.maker = maker;
        this.introducer = introducer;
        this.byLevels = byLevels;
    }

    // --------------------------------------------------------------------------------------------------- filling

    /** Adds an address that is in the store, or on its way to it. */
    void add(Found found) {
        HostQueue queue = of(found.origin());
        queue.add(found);
        waiting++;
        offer(queue);
    }

    /** Says that so many wait in the store, of an earlier process. */
    void waitInStore(String origin, long number) {
        HostQueue queue = of(origin);
        queue.waitInStore(number);
        waiting += number;
        offer(queue);
    }

    private HostQueue of(String origin) {
        HostQueue queue = queues.get(origin);
        if (queue == null) {
            queue = maker.apply(origin);
            queues.put(origin, queue);
            inFlight++;
            strangers.add(queue);
            introduceNext();
        }
        return queue;
    }

    private void introduceNext() {
        if (introducing < MOST_INTRODUCED && !strangers.isEmpty()) {
            introducing++;
            introducer.accept(strangers.remove());
        }
    }

    /** Says that it is known what the origin asks of crawlers. */
    void introduced(HostQueue queue, Robots robots) {
        introducing--;
        introduceNext();
        queue.robots = robots;
        queue.gate.answered(now());
        inFlight--;
        offer(queue);
        changed.set();
    }

    /** Keeps the crawl from ending until {@link #release}: something is under way that may add addresses. */
    void hold() {
        inFlight++;
    }

    void release() {
        inFlight--;
        changed.set();
    }

    private void offer(HostQueue queue) {
        if (!queue.ready && queue.robots != null && queue.size() > 0 && queue.gate.hasRoom() && mayGo(queue)) {
            queue.ready = true;
            ready.add(queue);
            changed.set();
        }
    }

    private boolean mayGo(HostQueue queue) {
        Found first = queue.peek();
        return !byLevels || first == null || first.depth() <= level;
    }

    // --------------------------------------------------------------------------------------------------- emptying

    /**
     * Waits for an address whose origin may be asked now. Who takes it says when it is {@link #done}. Suspends.
     *
     * @return the address; null if there is none, and none is under way that could lead to another
     */
    @Nullable Found next() {
        while (true) {
            HostQueue queue = ready.peek();
            if (queue == null) {
                if (inFlight == 0 && !nextLevel()) {
                    return null;
                }
                if (ready.isEmpty()) {
                    changed.clear();
                    changed.await();
                }
            } else if (queue.gate.opensNanos() > now()) {
                waitForChange(queue.gate.opensNanos() - now());
            } else if (queue.wantsMore()) {
                fill(queue);
            } else {
                return take(queue);
            }
        }
    }

    private Found take(HostQueue queue) {
        ready.remove(queue);
        queue.ready = false;
        Found found = queue.take();
        waiting--;
        inFlight++;
        queue.gate.begin(now());
        offer(queue);
        return found;
    }

    /** Says that an address is done with, and whether its origin was asked for it. */
    void done(Found found, boolean asked) {
        HostQueue queue = of(found.origin());
        inFlight--;
        queue.gate.end(now(), asked);
        if (queue.ready) {
            ready.remove(queue); // its place may be another now
            queue.ready = false;
        }
        offer(queue);
        changed.set();
    }

    /** Opens the next level, if all of this one is done; returns whether there is one. */
    private boolean nextLevel() {
        if (waiting == 0) {
            return false;
        }
        int nearest = Integer.MAX_VALUE;
        for (HostQueue queue : List.copyOf(queues.values())) {
            if (queue.wantsMore()) {
                fill(queue);
            }
            Found first = queue.peek();
            nearest = Math.min(nearest, first == null ? Integer.MAX_VALUE : first.depth());
        }
        level = nearest;
        queues.values().forEach(this::offer);
        return !ready.isEmpty();
    }

    private void fill(HostQueue queue) {
        queue.fill(journal);
        if (!mayGo(queue)) {
            ready.remove(queue);
            queue.ready = false;
        }
    }

    private void waitForChange(long nanos) {
        changed.clear();
        try {
            Asyncio.timeout(Duration.ofNanos(nanos), changed::await);
        } catch (AsyncTimeoutException itIsTime) {
            // as was to be
        }
    }

    private long now() {
        return loop.time().toNanos();
    }

    // ------------------------------------------------------------------------------------------------- to look at

    /** Returns how many addresses wait. */
    long waiting() {
        return waiting;
    }

    int inFlight() {
        return inFlight;
    }

    Collection<HostQueue> all() {
        return Collections.unmodifiableCollection(queues.values());
    }

    /** Returns the queue of an address that was added. */
    HostQueue queue(Found found) {
        return of(found.origin());
    }
}
