package dev.rondo;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The tasks that have been seen at one end of a queue: those that can be expected to come again, for the deadlock
 * report. Where anybody else came too, a callback or a thread, nothing can be said, nor where one has ended: others
 * like it may come. Loop thread only.
 */
final class SeenTasks {

    private static final int FIRST_CHECK = 16; // whether one that is held here has ended

    private final Set<Task<?, ?>> tasks = new HashSet<>();
    private @Nullable Task<?, ?> last; // mostly the same comes again: that must cost nothing
    private boolean others;
    private int checkAt = FIRST_CHECK;

    /** Returns whether the caller is the one that was noted last. */
    boolean lastIsHere() {
        return last != null && last.strand().isCurrentThread();
    }

    /** Notes who calls. */
    void note() {
        if (others) {
            return;
        }
        Strand strand = RunningLoops.strandHere();
        last = strand == null ? null : strand.task;
        if (last == null) {
            giveUp();
        } else if (tasks.add(last) && tasks.size() >= checkAt) {
            checkAt = 2 * checkAt;
            giveUpIfOneHasEnded();
        }
    }

    private void giveUpIfOneHasEnded() {
        for (Task<?, ?> task : tasks) {
            if (task.done()) {
                giveUp();
                return;
            }
        }
    }

    private void giveUp() {
        others = true;
        last = null;
        tasks.clear();
    }

    /** Returns all who ever came, none of which has ended; or null if there is none, or others came too. */
    @Nullable Collection<? extends Task<?, ?>> all() {
        giveUpIfOneHasEnded();
        return tasks.isEmpty() ? null : Task.inOrder(tasks);
    }

    int size() {
        return tasks.size();
    }
}
