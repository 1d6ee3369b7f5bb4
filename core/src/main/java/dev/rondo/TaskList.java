package dev.rondo;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The unfinished tasks of a loop, oldest first: held strongly, so that none can vanish. A list threaded through the
 * tasks, in which adding and removing cost a few stores. Loop thread only.
 */
final class TaskList {

    private @Nullable Task<?, ?> first;
    private @Nullable Task<?, ?> last;
    private int size;

    void add(Task<?, ?> task) {
        task.previous = last;
        if (last == null) {
            first = task;
        } else {
            last.next = task;
        }
        last = task;
        size++;
    }

    void remove(Task<?, ?> task) {
        Task<?, ?> previous = task.previous;
        Task<?, ?> next = task.next;
        if (previous == null) {
            first = next;
        } else {
            previous.next = next;
        }
        if (next == null) {
            last = previous;
        } else {
            next.previous = previous;
        }
        task.previous = null;
        task.next = null;
        size--;
    }

    int size() {
        return size;
    }

    List<Task<?, ?>> copy() {
        List<Task<?, ?>> copy = new ArrayList<>(size);
        for (Task<?, ?> task = first; task != null; task = task.next) {
            copy.add(task);
        }
        return copy;
    }
}
