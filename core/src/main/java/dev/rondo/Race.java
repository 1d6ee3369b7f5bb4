package dev.rondo;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Coroutines of which one decides: the others are then cancelled, and waited for. What fails among those on the way out
 * is suppressed in the failure that is thrown; where a value is returned, the loop's exception handler gets it.
 */
final class Race<T extends @Nullable Object, X extends Exception> {

    private final TaskGroup group = new TaskGroup(GroupPolicy.waitAll());
    private final List<Task<? extends T, ? extends X>> losers = new ArrayList<>(); // that ended before the winner
    private @Nullable Task<? extends T, ? extends X> winner;

    private Race() {}

    /** Returns the value of the first that ends, or throws its failure. */
    static <T extends @Nullable Object, X extends Exception> T first(
            Collection<? extends Coroutine<? extends T, ? extends X>> coroutines) throws X {
        Race<T, X> race = new Race<>();
        TaskGroupException failures = race.run(coroutines, any -> true);
        Task<? extends T, ? extends X> winner = race.winner;
        if (failures != null && (winner == null || winner.peekFailure() != null)) {
            throw failures.<X>unwrapped(winner == null ? null : winner.peekFailure());
        }
        race.report(failures);
        return Objects.requireNonNull(winner).result();
    }

    /** Returns the value of the first that has one. */
    static <T extends @Nullable Object> T firstSuccess(
            Collection<? extends Coroutine<? extends T, ? extends Exception>> coroutines) {
        Race<T, Exception> race = new Race<>();
        TaskGroupException failures = race.run(coroutines, Race::succeeded);
        if (race.winner == null) {
            if (race.losers.size() < coroutines.size()) {
                throw Objects.requireNonNull(failures); // the caller was cancelled, and then something failed
            }
            throw new TaskGroupException(
                    "none of the coroutines has succeeded",
                    race.losers.stream().map(Race::failureOf).toList());
        }
        race.report(failures);
        try {
            return race.winner.result();
        } catch (Exception e) {
            throw new AssertionError(e); // it has succeeded
        }
    }

    /**
     * Runs the coroutines until one decides and all have ended; returns what failed on the way, or null.
     *
     * @throws IllegalArgumentException if there are none
     */
    private @Nullable TaskGroupException run(
            Collection<? extends Coroutine<? extends T, ? extends X>> coroutines, Predicate<Task<?, ?>> decides) {
        if (coroutines.isEmpty()) {
            throw new IllegalArgumentException("a race needs at least one coroutine: none would ever win");
        }
        try {
            group.run(group -> {
                List<Task<? extends T, ? extends X>> tasks = new ArrayList<>(coroutines.size());
                for (var coroutine : coroutines) {
                    tasks.add(group.createTask(coroutine));
                }
                for (var task : Asyncio.asCompleted(tasks)) {
                    if (decides.test(task)) {
                        winner = task;
                        group.cancel("another was first");
                        return;
                    }
                    losers.add(task);
                }
            });
            return null;
        } catch (TaskGroupException failures) {
            return failures;
        }
    }

    private static boolean succeeded(Task<?, ?> task) {
        return !task.cancelled() && task.peekFailure() == null;
    }

    private static Throwable failureOf(Task<?, ?> loser) {
        Throwable failure = loser.peekFailure();
        return failure != null ? failure : loser.cancellation();
    }

    /** A value is returned: gives to the handler what failed, but for those that had lost before. */
    private void report(@Nullable TaskGroupException failures) {
        if (failures != null) {
            List<Throwable> known = losers.stream().map(Race::failureOf).toList();
            for (Throwable failure : failures.causes()) {
                if (!known.contains(failure)) {
                    EventLoop.running()
                            .callExceptionHandler(new ExceptionContext(
                                    "a coroutine that lost a race has failed", failure, Map.of("task_group", group)));
                }
            }
        }
    }
}
