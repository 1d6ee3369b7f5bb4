package dev.rondo.testkit;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.AsyncLock;
import dev.rondo.AsyncQueue;
import dev.rondo.AsyncSemaphore;
import dev.rondo.Asyncio;
import dev.rondo.Channel;
import dev.rondo.Promise;
import dev.rondo.Task;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What coroutines see of our types, in random schedules and with cancels at random moments, is what one call at a time
 * would show; and what is wrong in a twin of each is found in the same way.
 */
class LinearizableTypesTest {

    private static final int SCHEDULES = 1_000;
    private static final int ACTORS = 4;
    private static final int CALLS = 3;

    /** A queue or channel. */
    interface Items {
        void put(int item);

        int get();
    }

    /** A lock or semaphore. */
    interface Permits {
        void acquire();

        void release();
    }

    // ------------------------------------------------------------------------------------------------ programs

    /** Half of the actors put, half take; any may be cancelled at any time. */
    private static void useItems(Sim sim, Supplier<Items> made, String put, String get, Model<?> model) {
        Items items = made.get();
        History history = new History();
        List<Task<?, ?>> tasks = new ArrayList<>();
        for (int i = 0; i < ACTORS; i++) {
            int actor = i;
            tasks.add(createTask(() -> {
                for (int n = 0; n < CALLS; n++) {
                    if (actor % 2 == 0) {
                        int item = 10 * actor + n;
                        history.record(actor, put, () -> items.put(item), item);
                    } else {
                        history.record(actor, get, items::get);
                    }
                }
            }));
        }
        finish(sim, tasks, history, model);
    }

    /** Each takes and gives back; any may be cancelled at any time. */
    private static void usePermits(Sim sim, Supplier<Permits> made, Model<?> model) {
        Permits permits = made.get();
        History history = new History();
        List<Task<?, ?>> tasks = new ArrayList<>();
        for (int i = 0; i < ACTORS; i++) {
            int actor = i;
            tasks.add(createTask(() -> {
                for (int n = 0; n < CALLS; n++) {
                    history.record(actor, "acquire", () -> permits.acquire());
                    try {
                        yieldNow();
                    } finally {
                        history.record(actor, "release", () -> permits.release());
                    }
                }
            }));
        }
        finish(sim, tasks, history, model);
    }

    /** Cancels some, lets the others go as far as they can, and checks what was seen. */
    private static void finish(Sim sim, List<Task<?, ?>> tasks, History history, Model<?> model) {
        for (int cancels = sim.choose(3, "how many cancels"); cancels > 0; cancels--) {
            for (int steps = sim.choose(8, "steps before a cancel"); steps > 0; steps--) {
                yieldNow();
            }
            tasks.get(sim.choose(tasks.size(), "who is cancelled")).cancel();
        }
        sleep(Duration.ofSeconds(1)); // virtual: everything is at rest then
        Linearizability.checkAtRest(history, model);
    }

    /** Returns how many schedules it took for the first failure; 0 if none fails. */
    private static int firstFailure(SimBody body) {
        for (int seed = 1; seed <= SCHEDULES; seed++) {
            RunResult result = SimulatedRun.run(body, RandomSearch.seeded(seed, true), Runs.LEFTOVERS, false);
            if (result.failure() != null) {
                assertThat(result.failure())
                        .isInstanceOf(AssertionError.class)
                        .message()
                        .containsAnyOf("no order of these", "a call that has not returned need not wait");
                return seed;
            }
        }
        return 0;
    }

    private static void passes(SimBody body) {
        assertThat(firstFailure(body)).isZero();
    }

    private static void isCaught(SimBody body) {
        assertThat(firstFailure(body)).isPositive();
    }

    private static SimBody queue(Supplier<Items> made, int maxsize) {
        return sim -> useItems(sim, made, "put", "get", Models.queue(maxsize));
    }

    private static SimBody channel(Supplier<Items> made, int capacity) {
        return sim -> useItems(sim, made, "send", "receive", Models.channel(capacity));
    }

    private static SimBody lock(Supplier<Permits> made) {
        return sim -> usePermits(sim, made, Models.lock());
    }

    private static SimBody semaphore(Supplier<Permits> made, int value) {
        return sim -> usePermits(sim, made, Models.semaphore(value));
    }

    // ------------------------------------------------------------------------------------------------ ours

    private static Items ourQueue(int maxsize) {
        AsyncQueue<Integer> queue = new AsyncQueue<>(maxsize);
        return new Items() {
            @Override
            public void put(int item) {
                queue.put(item);
            }

            @Override
            public int get() {
                return queue.get();
            }
        };
    }

    private static Items ourChannel(int capacity) {
        Channel<Integer> channel = new Channel<>(capacity);
        Channel.Sender<Integer> sender = channel.openSender();
        Channel.Receiver<Integer> receiver = channel.openReceiver();
        return new Items() {
            @Override
            public void put(int item) {
                sender.send(item);
            }

            @Override
            public int get() {
                return receiver.receive();
            }
        };
    }

    private static Permits ourLock() {
        AsyncLock lock = new AsyncLock();
        return permits(lock::acquire, lock::release);
    }

    private static Permits ourSemaphore(int value) {
        AsyncSemaphore semaphore = new AsyncSemaphore(value);
        return permits(semaphore::acquire, semaphore::release);
    }

    private static Permits permits(Runnable acquire, Runnable release) {
        return new Permits() {
            @Override
            public void acquire() {
                acquire.run();
            }

            @Override
            public void release() {
                release.run();
            }
        };
    }

    @Test
    void aQueueIsFirstInFirstOutAndLosesNothing() {
        passes(queue(() -> ourQueue(0), 0));
        passes(queue(() -> ourQueue(1), 1));
        passes(queue(() -> ourQueue(2), 2));
    }

    @Test
    void aChannelIsFirstInFirstOutAndLosesNothing() {
        passes(channel(() -> ourChannel(0), 0));
        passes(channel(() -> ourChannel(1), 1));
        passes(channel(() -> ourChannel(2), 2));
    }

    @Test
    void aLockIsHeldByOneAndNeverForgotten() {
        passes(lock(LinearizableTypesTest::ourLock));
    }

    @Test
    void aSemaphoreLetsInAsManyAsItHasAndLosesNone() {
        passes(semaphore(() -> ourSemaphore(1), 1));
        passes(semaphore(() -> ourSemaphore(2), 2));
    }

    @Test
    void aTighterSpecificationThanTheTypeKeepsIsNotMet() {
        isCaught(queue(() -> ourQueue(2), 1));
        isCaught(channel(() -> ourChannel(3), 1));
        isCaught(semaphore(() -> ourSemaphore(2), 1));
        isCaught(lock(() -> ourSemaphore(2)));
    }

    // ------------------------------------------------------------------------------------------------ broken twins

    /** A queue without bound that hands an item to its getter by a promise. Right, but for what is overridden. */
    private static class HandingQueue implements Items {
        final ArrayDeque<Integer> items = new ArrayDeque<>();
        final ArrayDeque<Promise<Integer, RuntimeException>> getters = new ArrayDeque<>();

        @Override
        public void put(int item) {
            items.add(item);
            hand();
        }

        void hand() {
            while (!items.isEmpty() && !getters.isEmpty()) {
                Promise<Integer, RuntimeException> getter = getters.remove();
                if (!getter.done()) {
                    getter.setResult(items.remove());
                }
            }
        }

        @Override
        public int get() {
            if (!items.isEmpty() && getters.isEmpty()) {
                return items.remove();
            }
            Promise<Integer, RuntimeException> getter = Asyncio.getRunningLoop().createFuture();
            getters.add(getter);
            try {
                return getter.await();
            } catch (dev.rondo.CancelledError e) {
                cancelled(getter);
                throw e;
            }
        }

        void cancelled(Promise<Integer, RuntimeException> getter) {
            getters.remove(getter);
            if (getter.done() && !getter.cancelled()) {
                items.addFirst(getter.result());
                hand();
            }
        }
    }

    @Test
    void aQueueThatLosesTheItemOfACancelledGetterIsCaught() {
        isCaught(queue(
                () -> new HandingQueue() {
                    @Override
                    void cancelled(Promise<Integer, RuntimeException> getter) {
                        getters.remove(getter);
                    }
                },
                0));
    }

    @Test
    void aQueueThatHandsAnItemOutTwiceIsCaught() {
        isCaught(queue(
                () -> new HandingQueue() {
                    @Override
                    public int get() {
                        while (items.isEmpty()) {
                            yieldFor();
                        }
                        int item = items.getFirst();
                        yieldNow(); // somebody else may look as well
                        items.poll();
                        return item;
                    }
                },
                0));
    }

    /** Waits a while for what somebody else does. */
    private static void yieldFor() {
        sleep(Duration.ofMillis(100));
    }

    @Test
    void aLockThatTwoCanHoldIsCaught() {
        boolean[] locked = new boolean[1];
        isCaught(lock(() -> {
            locked[0] = false;
            return permits(
                    () -> {
                        while (locked[0]) {
                            yieldFor();
                        }
                        yieldNow(); // between the look and the leap
                        locked[0] = true;
                    },
                    () -> locked[0] = false);
        }));
        passes(lock(() -> {
            locked[0] = false;
            return permits(
                    () -> {
                        while (locked[0]) {
                            Asyncio.sleep(Duration.ofMillis(1));
                        }
                        locked[0] = true;
                    },
                    () -> locked[0] = false);
        }));
    }

    /** A semaphore that hands a permit to who waits by a promise. */
    private static class HandingSemaphore implements Permits {
        int free;
        final boolean leaks;
        final ArrayDeque<Promise<@Nullable Void, RuntimeException>> waiters = new ArrayDeque<>();

        HandingSemaphore(int free, boolean leaks) {
            this.free = free;
            this.leaks = leaks;
        }

        @Override
        public void acquire() {
            if (free > 0) {
                free--;
                return;
            }
            Promise<@Nullable Void, RuntimeException> waiter =
                    Asyncio.getRunningLoop().createFuture();
            waiters.add(waiter);
            try {
                waiter.await();
            } catch (dev.rondo.CancelledError e) {
                waiters.remove(waiter);
                if (waiter.done() && !waiter.cancelled() && !leaks) {
                    release();
                }
                throw e;
            }
        }

        @Override
        public void release() {
            Promise<@Nullable Void, RuntimeException> waiter = waiters.poll();
            while (waiter != null && waiter.done()) {
                waiter = waiters.poll();
            }
            if (waiter == null) {
                free++;
            } else {
                waiter.setResult(null);
            }
        }
    }

    @Test
    void aSemaphoreThatLeaksThePermitOfACancelledWaiterIsCaughtAndOneThatDoesNotPasses() {
        isCaught(semaphore(() -> new HandingSemaphore(1, true), 1));
        passes(semaphore(() -> new HandingSemaphore(1, false), 1));
    }

    @Test
    void aChannelThatReordersIsCaught() {
        isCaught(channel(
                () -> new HandingQueue() {
                    @Override
                    public void put(int item) {
                        items.addFirst(item);
                        hand();
                    }
                },
                100));
    }
}
