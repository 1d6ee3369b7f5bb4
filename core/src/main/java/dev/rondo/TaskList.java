package dev.rondo;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * The unfinished tasks of a loop, oldest first: held strongly, so that none can vanish. A list threaded through the
 * tasks, in which adding and removing cost a few stores. Loop thread only.
 */
final class TaskList implements Iterable<Task<?, ?>> {

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

    /** Goes through the tasks, which must not begin or end meanwhile. */
    @Override
    public Iterator<Task<?, ?>> iterator() {
        return new Iterator<>() {
            private @Nullable Task<?, ?> upcoming = first;

            @Override
            public boolean hasNext() {
                return upcoming != null;
            }

            @Override
            public Task<?, ?> next() {
                Task<?, ?> task = upcoming;
                if (task == null) {
                    throw new NoSuchElementException();
                }
                upcoming = task.next;
                return task;
            }
        };
    }

    List<Task<?, ?>> copy() {
        List<Task<?, ?>> copy = new ArrayList<>(size);
        for (Task<?, ?> task = first; task != null; task = task.next) {
            copy.add(task);
        }
        return copy;
    }
}
