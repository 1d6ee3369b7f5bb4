package dev.rondo.testkit;

import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import dev.rondo.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** What a test says must always hold, and what must come to hold. Loop thread only. */
final class Conditions {

    static final Duration LONGEST_EVENTUALLY = Duration.ofHours(1);

    private record Condition(String name, BooleanSupplier holds) {}

    // Both may grow while they are gone through: what runs meanwhile is code of the user.
    private final List<Condition> always = new ArrayList<>();
    private final List<Condition> eventually = new ArrayList<>();
    private @Nullable Condition looking; // of always: whose code runs now

    void always(String name, BooleanSupplier holds) {
        always.add(new Condition(name, holds));
    }

    void eventually(String name, BooleanSupplier holds) {
        eventually.add(new Condition(name, holds));
    }

    /** Returns what does not hold that always should, or null if all does. Never throws. */
    @Nullable Throwable broken() {
        if (looking != null) {
            return new AssertionError("always \"" + looking.name
                    + "\": the condition has suspended. It must only look: give it what it needs in a field");
        }
        for (int i = 0; i < always.size(); i++) {
            Condition condition = always.get(i);
            looking = condition;
            try {
                if (!condition.holds.getAsBoolean()) {
                    return new AssertionError("always \"" + condition.name + "\": does not hold");
                }
            } catch (Throwable failure) {
                return threw("always", condition, failure);
            } finally {
                looking = null;
            }
        }
        return null;
    }

    private static AssertionError threw(String kind, Condition condition, Throwable failure) {
        return new AssertionError(kind + " \"" + condition.name + "\": the condition threw " + failure, failure);
    }

    boolean nothingToAwait() {
        return eventually.isEmpty();
    }

    /** Suspends until all has come to hold that eventually should. Looks more and more seldom. */
    void awaitEventually(EventLoop loop) {
        Duration end = loop.time().plus(LONGEST_EVENTUALLY);
        for (int i = 0; i < eventually.size(); i++) {
            Condition condition = eventually.get(i);
            Duration pause = Duration.ofNanos(1);
            while (!holds(condition)) {
                Duration left = end.minus(loop.time());
                if (!left.isPositive()) {
                    throw new AssertionError("eventually \"" + condition.name + "\": does not hold "
                            + LONGEST_EVENTUALLY.toHours() + " h after the test's body has ended." + whoRuns(loop));
                }
                Asyncio.sleep(pause.compareTo(left) < 0 ? pause : left);
                pause = pause.multipliedBy(2);
            }
        }
    }

    private static boolean holds(Condition condition) {
        try {
            return condition.holds.getAsBoolean();
        } catch (Exception | AssertionError failure) {
            throw threw("eventually", condition, failure);
        }
    }

    private static String whoRuns(EventLoop loop) {
        List<Task<?, ?>> others = new ArrayList<>(Asyncio.allTasks(loop));
        others.remove(Asyncio.currentTask());
        return others.isEmpty() ? " No other task is left" : " These tasks still run:" + SimulatedRun.list(others);
    }
}
