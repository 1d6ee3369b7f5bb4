package dev.rondo;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The unfinished tasks of a loop, oldest first: held strongly, so that none can vanish. A list threaded through the
 * tasks, in which adding and removing cost a few stores. Loop thread only, but for {@link #copyForAnyThread}.
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

    /**
     * Returns {@link #copyWithout} generators, which the loop makes if it runs on another thread than the caller's. Any
     * thread.
     */
    List<Task<?, ?>> copyForAnyThread(EventLoop loop) {
        if (loop.isHere() || !loop.isRunning()) {
            return copyWithout(loop.generators());
        }
        CompletableFuture<List<Task<?, ?>>> answer = new CompletableFuture<>();
        loop.reactor().post(() -> answer.complete(copyWithout(loop.generators())));
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
                    answer.complete(copyWithout(loop.generators())); // it has stopped, and may never run again
                }
            } catch (InterruptedException e) {
                interrupted = true;
            } catch (ExecutionException e) {
                throw new AssertionError(e);
            }
        }
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

    /** Returns a copy without the bodies of generators, which are the tasks of nobody else. */
    List<Task<?, ?>> copyWithout(Generators generators) {
        List<Task<?, ?>> copy = copy();
        if (!generators.isEmpty()) {
            copy.removeIf(generators::own);
        }
        return copy;
    }

    List<Task<?, ?>> copy() {
        List<Task<?, ?>> copy = new ArrayList<>(size);
        for (Task<?, ?> task = first; task != null; task = task.next) {
            copy.add(task);
        }
        return copy;
    }
}
