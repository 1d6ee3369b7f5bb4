package dev.rondo;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Strand} can be parked on: the half of the waist that a primitive implements. The other half is
 * {@link Strand#park} and {@link Strand#wakeUp}. Its {@code toString} says in messages what is waited for.
 */
abstract class Wait {

    /**
     * Asks for the wait of {@code strand} to end because its task was cancelled. Never called once the strand has been
     * woken.
     *
     * @return true if the strand will be woken because of this, or has been; false if the wait cannot be ended: the
     *     cancel is then delivered when the strand runs next
     */
    abstract boolean abort(Strand strand, @Nullable String message);

    /** Forgets the strand, which could not be suspended or will never run on this loop again. */
    abstract void abandon(Strand strand);

    /** Returns the tasks and promises that are awaited here and are not done: the edges of the await graph. */
    Collection<? extends Awaitable<?, ?>> awaited() {
        return List.of();
    }

    /**
     * Returns the tasks of which one must go on for this wait to end, or null if anybody else could end it too: a
     * timer, the driver, another thread. For the deadlock report, so null where in doubt.
     */
    @Nullable Collection<? extends Task<?, ?>> wakers() {
        return null;
    }

    /** Returns what is waited for, in short and without what that waits for itself. */
    String label() {
        return toString();
    }

    /** Returns the tasks among {@code awaited}, or null if there is a promise, which anybody could set. */
    static @Nullable Collection<? extends Task<?, ?>> tasksOf(Collection<? extends Awaitable<?, ?>> awaited) {
        List<Task<?, ?>> tasks = new ArrayList<>(awaited.size());
        for (Awaitable<?, ?> each : awaited) {
            if (!(each instanceof Task<?, ?> task)) {
                return null;
            }
            tasks.add(task);
        }
        return tasks;
    }
}
