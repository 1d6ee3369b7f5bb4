package dev.rondo;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The unfinished tasks of a loop, oldest first: held strongly, so that none can vanish. A list threaded through the
 * tasks, in which adding and removing cost a few stores. Loop thread only, but for {@link #copyForAnyThread}.
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

    /** Returns a copy, which the loop makes if it runs on another thread than the caller's. Any thread. */
    List<Task<?, ?>> copyForAnyThread(EventLoop loop) {
        if (loop.isHere() || !loop.isRunning()) {
            return copy();
        }
        CompletableFuture<List<Task<?, ?>>> answer = new CompletableFuture<>();
        loop.reactor().post(() -> answer.complete(copy()));
        boolean interrupted = false;
        while (true) {
            try {
                List<Task<?, ?>> tasks = answer.get(10, TimeUnit.MILLISECONDS);
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
                return tasks;
            } catch (TimeoutException e) {
                if (!loop.isRunning()) {
                    answer.complete(copy()); // it has stopped, and may never run again
                }
            } catch (InterruptedException e) {
                interrupted = true;
            } catch (ExecutionException e) {
                throw new AssertionError(e);
            }
        }
    }

    List<Task<?, ?>> copy() {
        List<Task<?, ?>> copy = new ArrayList<>(size);
        for (Task<?, ?> task = first; task != null; task = task.next) {
            copy.add(task);
        }
        return copy;
    }
}
