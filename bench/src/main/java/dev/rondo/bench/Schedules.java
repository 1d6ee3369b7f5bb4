package dev.rondo.bench;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.yieldNow;

import dev.rondo.EventLoop;
import dev.rondo.Task;
import dev.rondo.testkit.Explorer;
import dev.rondo.time.VirtualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How many schedules a second the test kit tries, and how fast virtual time passes, for {@code schedules.sh}.
 *
 * <p>Argument: how many rounds. Prints a line for each: operation, how many, seconds.
 */
final class Schedules {

    private static final int SCHEDULES = 200_000;
    private static final int SLEEPERS = 1_000;
    private static final int SLEEPS = 1_000_000;

    private Schedules() {}

    static void main(String[] args) {
        int rounds = Integer.parseInt(args[0]);
        for (int round = 0; round < rounds; round++) {
            print("loop", SCHEDULES, Schedules::loops);
            print("random", SCHEDULES, () -> Explorer.random(SCHEDULES).check(_ -> threeCoroutines()));
            print("sleeps", SLEEPS, Schedules::sleeps);
        }
    }

    private static void print(String operation, int count, Runnable work) {
        long begin = System.nanoTime();
        work.run();
        double seconds = (System.nanoTime() - begin) / 1e9;
        IO.println(String.format(Locale.ROOT, "%s %d %.6f", operation, count, seconds));
    }

    /** The same program without the kit: a loop for each run, in the plain order. */
    private static void loops() {
        for (int i = 0; i < SCHEDULES; i++) {
            try (EventLoop loop = EventLoop.builder().clock(new VirtualClock()).build()) {
                loop.runUntilComplete(Schedules::threeCoroutines);
            }
        }
    }

    private static void threeCoroutines() {
        Task<?, RuntimeException> first = createTask(Schedules::threeSteps);
        Task<?, RuntimeException> second = createTask(Schedules::threeSteps);
        Task<?, RuntimeException> third = createTask(Schedules::threeSteps);
        first.await();
        second.await();
        third.await();
    }

    private static void threeSteps() {
        for (int step = 0; step < 3; step++) {
            yieldNow();
        }
    }

    /** A million sleeps of an hour, by a thousand coroutines. */
    private static void sleeps() {
        Explorer.random(1).check(_ -> {
            List<Task<?, RuntimeException>> sleepers = new ArrayList<>();
            for (int i = 0; i < SLEEPERS; i++) {
                sleepers.add(createTask(() -> {
                    for (int n = 0; n < SLEEPS / SLEEPERS; n++) {
                        sleep(Duration.ofHours(1));
                    }
                }));
            }
            for (Task<?, RuntimeException> sleeper : sleepers) {
                sleeper.await();
            }
        });
    }
}
