package dev.rondo.bench.core;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.getRunningLoop;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.yieldNow;

import dev.rondo.AsyncQueue;
import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import dev.rondo.Promise;
import dev.rondo.Task;
import dev.rondo.TaskCancelledException;
import dev.rondo.TimerHandle;
import dev.rondo.net.ByteStream;
import dev.rondo.net.Listener;
import dev.rondo.net.Net;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * What is measured, on Rondo. Each method does {@code count} operations in the calling coroutine, and returns how many
 * there were. The peers' programs do the same, line by line where their language lets them.
 *
 * <p>One object belongs to one loop: its timers stay outstanding from call to call.
 */
final class CoreOps {

    static final int ALIVE = 1_000; // tasks at a time
    static final int OUTSTANDING = 100_000; // timers
    private static final int TIMERS_PER_TURN = 1_000; // asyncio clears cancelled ones away once a turn
    private static final int RANDOM_NUMBERS = 1 << 16;
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration MILLISECOND = Duration.ofMillis(1);
    private static final Runnable NOTHING = () -> {};

    private final List<TimerHandle> timers = new ArrayList<>();
    private final int[] timersToCancel =
            new SplittableRandom(1).ints(RANDOM_NUMBERS, 0, OUTSTANDING).toArray();

    /** Does the operations that {@code name} stands for; the coroutine must be on this object's loop. */
    int run(String name, int count) throws IOException {
        return switch (name) {
            case "switch" -> switches(count);
            case "switch-io" -> switchesBesideSocket(count);
            case "spawn" -> spawns(count);
            case "callSoon" -> callbacks(count);
            case "timer-newest" -> newestTimers(count);
            case "timer-random" -> randomTimers(count);
            case "queue" -> handOffs(count);
            case "sleeps" -> sleeps(count);
            default -> throw new IllegalArgumentException("no such operation: " + name);
        };
    }

    /** Two tasks that give way to each other. */
    int switches(int count) {
        Task<Integer, RuntimeException> ping = createTask(() -> yields(count / 2));
        Task<Integer, RuntimeException> pong = createTask(() -> yields(count / 2));
        return ping.await() + pong.await();
    }

    private static int yields(int count) {
        int done = 0;
        while (done < count) {
            yieldNow();
            done++;
        }
        return done;
    }

    /** The same while a third waits for a connection that never comes, so that the loop must look for it. */
    int switchesBesideSocket(int count) throws IOException {
        try (Listener listener = Net.listen("127.0.0.1", 0)) {
            Task<ByteStream, IOException> idle = createTask(listener::accept);
            int done = switches(count);
            idle.cancel();
            try (ByteStream unexpected = idle.await()) {
                throw new IllegalStateException("somebody connected: " + unexpected);
            } catch (TaskCancelledException cancelled) {
                return done;
            }
        }
    }

    /** Tasks that give way once, all {@link #ALIVE} of them made before the first is awaited. */
    int spawns(int count) {
        List<Task<@Nullable Void, RuntimeException>> tasks = new ArrayList<>(ALIVE);
        int done = 0;
        while (done < count) {
            for (int i = 0; i < ALIVE; i++) {
                tasks.add(createTask(Asyncio::yieldNow));
            }
            for (var task : tasks) {
                task.await();
                done++;
            }
            tasks.clear();
        }
        return done;
    }

    /** A callback that schedules itself. */
    int callbacks(int count) {
        EventLoop loop = getRunningLoop();
        Promise<Integer, RuntimeException> end = loop.createFuture();
        loop.callSoon(new Chain(loop, count, end));
        return end.await();
    }

    private static final class Chain implements Runnable {

        private final EventLoop loop;
        private final int count;
        private final Promise<Integer, ?> end;
        private int done;

        Chain(EventLoop loop, int count, Promise<Integer, ?> end) {
            this.loop = loop;
            this.count = count;
            this.end = end;
        }

        @Override
        public void run() {
            if (++done == count) {
                end.setResult(done);
            } else {
                loop.callSoon(this);
            }
        }
    }

    /** Timers that are cancelled as soon as they are made. */
    int newestTimers(int count) {
        EventLoop loop = getRunningLoop();
        makeTimers(loop);
        int done = 0;
        while (done < count) {
            loop.callLater(HOUR, NOTHING).cancel();
            if (++done % TIMERS_PER_TURN == 0) {
                yieldNow();
            }
        }
        return done;
    }

    /** Timers that each take the place of an old one, any, which is cancelled. */
    int randomTimers(int count) {
        EventLoop loop = getRunningLoop();
        makeTimers(loop);
        int done = 0;
        while (done < count) {
            int which = timersToCancel[done % RANDOM_NUMBERS];
            timers.get(which).cancel();
            timers.set(which, loop.callLater(HOUR, NOTHING));
            if (++done % TIMERS_PER_TURN == 0) {
                yieldNow();
            }
        }
        return done;
    }

    private void makeTimers(EventLoop loop) {
        while (timers.size() < OUTSTANDING) {
            timers.add(loop.callLater(HOUR, NOTHING));
        }
    }

    /** Items that one task hands to another, with room for one between them. */
    int handOffs(int count) {
        AsyncQueue<Integer> queue = new AsyncQueue<>(1);
        Task<@Nullable Void, RuntimeException> producer = createTask(() -> {
            for (int i = 0; i < count; i++) {
                queue.put(1);
            }
        });
        int done = 0;
        while (done < count) {
            done += queue.get();
        }
        producer.await();
        return done;
    }

    /** Tasks that each sleep for a millisecond, gathered. */
    int sleeps(int count) {
        List<Task<@Nullable Void, RuntimeException>> tasks = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            tasks.add(createTask(() -> sleep(MILLISECOND)));
        }
        return gather(tasks).size();
    }
}
