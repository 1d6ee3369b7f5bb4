package dev.rondo;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The tasks that have been seen at one end of a queue: those that can be expected to come again, for the deadlock
 * report. Where anybody else came too, a callback or a thread, nothing can be said. Loop thread only.
 */
final class SeenTasks {

    private static final int FIRST_PURGE = 16;

    private final Set<Task<?, ?>> tasks = new HashSet<>();
    private @Nullable Task<?, ?> last; // mostly the same comes again: that must cost nothing
    private boolean others;
    private int purgeAt = FIRST_PURGE;

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
            others = true;
            tasks.clear();
        } else {
            add(last);
        }
    }

    private void add(Task<?, ?> task) {
        if (tasks.add(task) && tasks.size() >= purgeAt) {
            tasks.removeIf(Task::done);
            purgeAt = Math.max(FIRST_PURGE, 2 * tasks.size());
        }
    }

    /** Returns those that are not done, or null if there is none, or others came too. */
    @Nullable Collection<? extends Task<?, ?>> unfinished() {
        List<Task<?, ?>> unfinished = new ArrayList<>(tasks);
        unfinished.removeIf(Task::done);
        return unfinished.isEmpty() ? null : unfinished;
    }

    int size() {
        return tasks.size();
    }
}
