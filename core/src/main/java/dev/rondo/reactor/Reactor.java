package dev.rondo.reactor;

import static java.util.Objects.requireNonNull;

import dev.rondo.chance.Choices;
import dev.rondo.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * One turn of the loop, over and over: wait for events, queue what came, run what is queued.
 *
 * <p>The rules of a turn:
 *
 * <ol>
 *   <li>It waits only while nothing is ready, and no longer than until the next timer.
 *   <li>What came is queued in this order: what other threads posted, what the driver completed, which timers are due.
 *   <li>Exactly the items queued by then are run, each once, in order. What they make ready belongs to the next turn,
 *       so that no item can starve the rest.
 *   <li>While items are ready and nothing is in flight it makes no system call; while something is in flight it asks
 *       for completions every so many items ({@link #pollDue}).
 * </ol>
 *
 * <p>All but {@link #post} is for the loop thread.
 */
public final class Reactor {

    /**
     * How many items may run before the driver is asked again, and how many before the clock is asked whether it is
     * time.
     */
    private static final int ITEMS_PER_POLL = 64;

    private static final int ITEMS_PER_CLOCK_READING = 8;
    private static final long NANOS_PER_POLL = 200_000;

    /** How often an item may be overtaken across turns: even the worst order lets everything run some time. */
    private static final int PATIENCE = 1000;

    private static final long NEVER = Long.MAX_VALUE;

    private final ReadyQueue ready = new ReadyQueue();
    private final TimerHeap timers = new TimerHeap();
    private final Clock clock;
    private final IoDriver driver;
    private final Runnable callbackRunner;
    private final @Nullable Choices choices; // null where nobody chooses: first in, first out
    private final boolean acrossTurns;
    private final @Nullable Consumer<Runnable> observer; // told of each item before it runs
    private final Runnable nothingToWaitFor;

    private @Nullable Runnable waitsOutside; // called before virtual time stands still

    private int batch; // items of this turn still to run
    private long itemsTaken; // since the beginning; the watchdog reads it, late at worst
    private long itemsAtLastPoll;
    private long itemsAtLastClockReading;
    private long lastPollNanos;
    private int outsideWork;
    private final IntFunction<Object> candidate = number -> requireNonNull(ready.get(placeOf(number)));
    private boolean headChosen; // the head of the queue is what was chosen to run next
    private int callbacks; // in the queue; counted only where somebody chooses
    private int[] candidates = new int[16]; // the places in the queue of what there is to choose from; see candidate()
    private int overtaken; // how often, since it came to the head of the queue, the head was not chosen
    private boolean standingStill; // virtual time has a timer to jump to and must not; the watchdog reads this too

    // Shared with the threads that post: see sleepUnlessPosted().
    private final Inbox inbox = new Inbox();
    private volatile @Nullable Thread sleeper;
    private volatile boolean sleepingInDriver;

    /**
     * Makes a reactor.
     *
     * @param callbackRunner called when the head of the queue is {@link UserCode}: runs it, and as many of its like as
     *     follow, by {@link #takeCallback}
     * @param nothingToWaitFor called when nothing is ready, due or in flight, and only a post from nobody knows where
     *     could go on: it may make something ready. On the bare thread
     * @param choices who decides what is open; null for the plain thing
     * @param observer called with each item before it runs; null for nobody
     */
    public Reactor(
            Clock clock,
            IoDriver driver,
            Runnable callbackRunner,
            Runnable nothingToWaitFor,
            @Nullable Choices choices,
            @Nullable Consumer<Runnable> observer) {
        this.clock = clock;
        this.driver = driver;
        this.callbackRunner = callbackRunner;
        this.nothingToWaitFor = nothingToWaitFor;
        this.choices = choices;
        this.acrossTurns = choices != null && choices.acrossTurns();
        this.observer = observer;
        this.lastPollNanos = clock.nanos();
    }

    // ------------------------------------------------------------------------------------------------ the turn

    /**
     * Runs one turn, on the bare loop thread.
     *
     * @param mayWait false to look for events without waiting for any
     */
    public void turn(boolean mayWait) {
        inbox.drain();
        poll(mayWait);
        beginBatch();
        while (batch > 0) {
            if (next() instanceof UserCode) {
                callbackRunner.run();
            } else {
                take().run();
            }
        }
    }

    /**
     * Takes the next callback of this turn, or returns null if what comes next is no callback. When the turn has run
     * all it had, begins the next one by itself if that needs no poll: a chain of callbacks then never goes back to the
     * bare thread.
     *
     * @param mayBeginTurn whether the loop goes on after this turn
     */
    public @Nullable UserCode takeCallback(boolean mayBeginTurn) {
        if (batch == 0 && mayBeginTurn) {
            inbox.drain();
            if (ready.size() > 0 && !pollDue()) {
                beginBatch();
            }
        }
        if (batch > 0 && next() instanceof UserCode callback) {
            take();
            return callback;
        }
        return null;
    }

    private void poll(boolean mayWait) {
        if (ready.size() > 0 || !mayWait) {
            if (hasToPoll() && (ready.size() == 0 || pollDue())) {
                pollDriver(0);
            }
            return;
        }
        if (choices != null && choices.buggify("empty poll")) {
            return;
        }
        long deadline = nextDeadline();
        if (deadline == NEVER) {
            if (outsideWork == 0 && driver.inFlight() == 0) {
                nothingToWaitFor.run();
            } else if (clock.virtual() && waitsOutside != null) {
                waitsOutside.run();
            }
            if (ready.size() == 0) {
                sleepUnlessPosted(-1);
            }
            return;
        }
        long timeout = deadline - clock.nanos();
        if (timeout <= 0) {
            if (hasToPoll()) {
                pollDriver(0);
            }
        } else if (!clock.virtual()) {
            sleepUnlessPosted(timeout);
        } else if (outsideWork == 0 && driver.inFlight() == 0) {
            clock.jumpTo(deadline);
        } else {
            if (waitsOutside != null) {
                waitsOutside.run();
            }
            if (ready.size() == 0) {
                standingStill = true; // something outside may still come before the timer
                sleepUnlessPosted(-1);
                standingStill = false;
            }
        }
    }

    /** Returns when something is due that does not have to be waited for outside: a timer, or what is simulated. */
    private long nextDeadline() {
        long first = timers.size() == 0 ? NEVER : timers.firstDeadline();
        return clock.virtual() ? Math.min(first, driver.nextEvent()) : first;
    }

    /** Returns whether the driver has anything in hand, or, simulated, to do by now. */
    private boolean hasToPoll() {
        return driver.inFlight() > 0 || (clock.virtual() && driver.nextEvent() <= clock.nanos());
    }

    /** Returns whether a busy loop should look at its driver now, by the number of items run and by the clock. */
    private boolean pollDue() {
        if (!hasToPoll()) {
            return false;
        }
        if (itemsTaken - itemsAtLastPoll >= ITEMS_PER_POLL) {
            return true;
        }
        if (itemsTaken - itemsAtLastClockReading < ITEMS_PER_CLOCK_READING) {
            return false;
        }
        itemsAtLastClockReading = itemsTaken;
        return clock.virtual() || clock.nanos() - lastPollNanos >= NANOS_PER_POLL;
    }

    /**
     * Sleeps until a post, a completion or the timeout (negative: none). A thread that posts looks at {@code sleeper}
     * after it has posted, and we look at the inbox after we have set {@code sleeper}: one of the two sees the other.
     */
    private void sleepUnlessPosted(long timeoutNanos) {
        boolean inDriver = driver.inFlight() > 0;
        sleepingInDriver = inDriver;
        sleeper = Thread.currentThread();
        if (!inbox.isEmpty()) {
            sleeper = null;
            if (inDriver) {
                pollDriver(0);
            }
        } else if (inDriver) {
            pollDriver(timeoutNanos);
        } else if (timeoutNanos < 0) {
            LockSupport.park(this);
        } else {
            LockSupport.parkNanos(this, timeoutNanos); // finer than a selector's millisecond
        }
        sleeper = null;
        Thread.interrupted(); // has no meaning here, and would keep the thread from ever sleeping again
        inbox.drain();
    }

    private void pollDriver(long timeoutNanos) {
        driver.poll(timeoutNanos);
        sleeper = null;
        inbox.drain();
        driver.deliver();
        itemsAtLastPoll = itemsTaken;
        itemsAtLastClockReading = itemsTaken;
        lastPollNanos = clock.nanos();
    }

    private void beginBatch() {
        if (timers.size() > 0) {
            long now = clock.nanos();
            for (Runnable due; (due = timers.pollDue(now)) != null; ) {
                if (choices != null && due instanceof UserCode) {
                    queueTie(due, now, choices);
                } else {
                    ready(due);
                }
            }
        }
        batch = ready.size();
    }

    /** Queues a callback that is due, and all that is due at the very same time: its callbacks in any order. */
    private void queueTie(Runnable first, long now, Choices choices) {
        long deadline = timers.lastPolledDeadline();
        List<Runnable> tie = new ArrayList<>(List.of(first));
        List<Runnable> callbacks = new ArrayList<>(tie);
        while (timers.size() > 0 && timers.firstDeadline() == deadline) {
            Runnable due = requireNonNull(timers.pollDue(now));
            tie.add(due);
            if (due instanceof UserCode) {
                callbacks.add(due);
            }
        }
        for (Runnable due : tie) {
            if (due instanceof UserCode) {
                int left = callbacks.size();
                ready(callbacks.remove(left == 1 ? 0 : choices.choose(left, "timer", callbacks::get)));
            } else {
                ready(due); // what takes its place is chosen when it comes to run
            }
        }
    }

    /** Returns the item of this turn that runs next, and leaves it at the head of the queue. */
    private @Nullable Runnable next() {
        if (choices != null && !headChosen) {
            headChosen = true;
            chooseNext(choices);
        }
        return ready.peek();
    }

    /** Any item may go first, except that callbacks keep their order: that much is promised to users. */
    private void chooseNext(Choices choices) {
        int among = acrossTurns ? ready.size() : batch;
        if (among < 2 || overtaken == PATIENCE) {
            overtaken = 0;
            return;
        }
        int count = callbacks < 2 ? among : findCandidates(among);
        if (count > 1) {
            int choice = choices.buggify("last first") ? count - 1 : choices.choose(count, "ready", candidate);
            overtaken = acrossTurns && choice > 0 ? overtaken + 1 : 0;
            ready.bringForward(placeOf(choice));
        }
    }

    private int findCandidates(int among) {
        if (candidates.length < among) {
            candidates = new int[2 * among];
        }
        int count = 0;
        boolean callbackSeen = false;
        for (int i = 0; i < among; i++) {
            boolean callback = ready.get(i) instanceof UserCode;
            if (!callback || !callbackSeen) {
                candidates[count++] = i;
            }
            callbackSeen |= callback;
        }
        return count;
    }

    private int placeOf(int candidate) {
        return callbacks < 2 ? candidate : candidates[candidate];
    }

    private Runnable take() {
        headChosen = false;
        batch--;
        itemsTaken++;
        Runnable item = ready.take();
        if (choices != null && item instanceof UserCode) {
            callbacks--;
        }
        if (observer != null) {
            observer.accept(item);
        }
        return item;
    }

    // ------------------------------------------------------------------------------------------------ what it is given

    /** Returns whether anything is ready. */
    public boolean hasReady() {
        return ready.size() > 0;
    }

    /** Makes an item ready: it runs once, in the next turn. */
    public void ready(Runnable item) {
        if (choices != null && item instanceof UserCode) {
            callbacks++;
        }
        ready.add(item);
    }

    /**
     * Has the loop thread run {@code delivery} before it queues anything else. Any thread; never blocks. A delivery is
     * the loop's own code: code of the user goes through the ready queue.
     */
    public void post(Runnable delivery) {
        inbox.post(delivery);
        Thread sleeper = this.sleeper;
        if (sleeper != null) {
            if (sleepingInDriver) {
                driver.wakeup();
            } else {
                LockSupport.unpark(sleeper);
            }
        }
    }

    /** Returns whether something was posted that has not been delivered. */
    public boolean hasPosts() {
        return !inbox.isEmpty();
    }

    /** Runs the deliveries posted so far. */
    public void drainInbox() {
        inbox.drain();
    }

    /** Makes the timer's item ready at its deadline. */
    public void schedule(Timer timer) {
        timers.add(timer);
    }

    /** Takes a timer back; returns false if it was not scheduled or is past. */
    public boolean unschedule(Timer timer) {
        return timers.remove(timer);
    }

    /** Returns the number of timers that are scheduled. */
    public int timerCount() {
        return timers.size();
    }

    /** Returns what is scheduled, in the order in which it will be due. */
    public List<Runnable> scheduled() {
        return timers.items();
    }

    /** Ends the present turn after the item that runs now: what is left stays queued for the next. */
    public void endTurn() {
        batch = 0;
        headChosen = false;
    }

    /** Returns the time, in nanoseconds of the loop's clock. */
    public long nanos() {
        return clock.nanos();
    }

    /** Returns the driver. */
    public IoDriver driver() {
        return driver;
    }

    /**
     * Notes that {@code change} more (or, negative, fewer) things are going on elsewhere that will post when they end.
     */
    public void outsideWork(int change) {
        outsideWork += change;
    }

    /**
     * Has {@code told} called on the bare thread whenever virtual time has to wait for something outside: it may make
     * something ready.
     */
    public void onWaitingOutside(Runnable told) {
        waitsOutside = told;
    }

    /** Returns the deadline of the next timer; only while there is one. */
    public long firstDeadline() {
        return timers.firstDeadline();
    }

    /** Returns whether the clock moves by jumps alone. */
    public boolean virtualTime() {
        return clock.virtual();
    }

    // ------------------------------------------------------------------------------------------------ for the watchdog

    /**
     * Returns how many items have begun to run. Any thread, which may be told of the past; while the number stands
     * still and the loop is not {@link #asleep}, one item is running.
     */
    public long itemsTaken() {
        return itemsTaken;
    }

    /** Returns whether the loop waits for events. Any thread. */
    public boolean asleep() {
        return sleeper != null;
    }

    /** Returns whether virtual time stands still because of what may happen outside the loop. Any thread. */
    public boolean standingStill() {
        return standingStill;
    }

    /** Drops everything that is queued or scheduled; returns what was ready to run. */
    public List<Runnable> dropAll() {
        List<Runnable> dropped = new ArrayList<>(ready.size());
        while (ready.size() > 0) {
            dropped.add(ready.take());
        }
        timers.clear();
        callbacks = 0;
        batch = 0;
        headChosen = false;
        return dropped;
    }

    /** Closes the driver. */
    public void close() {
        driver.close();
    }
}
