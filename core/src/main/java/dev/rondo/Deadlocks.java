package dev.rondo;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Looks for tasks that wait for one another in a ring, and reports each ring once. Changes nothing: a task of the ring
 * can be cancelled, and then the others go on.
 *
 * <p>Only waits that say who could end them count ({@link Wait#wakers}), and each as if any one of those could: what a
 * timer, the driver or another thread might still end is never reported. Nothing is kept while tasks run. A look goes
 * through all unfinished tasks, so that the next has to wait in proportion to what the last one took.
 *
 * <p>Loop thread only.
 */
final class Deadlocks {

    /** A look may take one part in so many of the loop's time. */
    private static final int SHARE = 200;

    private static final int TASKS_SHOWN = 20;
    private static final int FRAMES_SHOWN = 20;

    private final EventLoop loop;
    private final Set<Task<?, ?>> reported = new HashSet<>(); // in a ring that was reported, and still stuck
    private long nextLookNanos;
    private long itemsAtLastLook = -1; // the watchdog reads it

    Deadlocks(EventLoop loop) {
        this.loop = loop;
    }

    /** Returns how many items the loop had run when we last looked. Any thread. */
    long itemsAtLastLook() {
        return itemsAtLastLook;
    }

    /** Looks, unless the last look was too dear for the next to come already. */
    void look() {
        long begin = loop.reactor().nanos();
        if (itemsAtLastLook >= 0 && begin - nextLookNanos < 0) {
            return;
        }
        itemsAtLastLook = loop.reactor().itemsTaken();
        Map<Task<?, ?>, Collection<? extends Task<?, ?>>> stuck = stuck();
        reported.retainAll(stuck.keySet());
        for (List<Task<?, ?>> ring : rings(stuck)) {
            if (reported.addAll(ring)) {
                report(ring, stuck.size());
            }
        }
        long end = loop.reactor().nanos(); // of a virtual clock the same, so that there each look takes place
        nextLookNanos = end + SHARE * (end - begin);
    }

    // ------------------------------------------------------------------------------------------------ the search

    /** Returns the tasks none of which can go on unless another of them does, each with those it waits for. */
    private Map<Task<?, ?>, Collection<? extends Task<?, ?>>> stuck() {
        Map<Task<?, ?>, Collection<? extends Task<?, ?>>> stuck = new LinkedHashMap<>();
        for (Task<?, ?> task : loop.tasks()) {
            Collection<? extends Task<?, ?>> wakers = wakers(task);
            if (wakers != null && !wakers.isEmpty()) {
                stuck.put(task, wakers);
            }
        }
        Map<Task<?, ?>, List<Task<?, ?>>> waiters = new HashMap<>();
        ArrayDeque<Task<?, ?>> free = new ArrayDeque<>();
        stuck.forEach((task, wakers) -> {
            for (Task<?, ?> waker : wakers) {
                if (!stuck.containsKey(waker)) {
                    free.add(task);
                    break;
                }
                waiters.computeIfAbsent(waker, _ -> new ArrayList<>(1)).add(task);
            }
        });
        for (Task<?, ?> task; (task = free.poll()) != null; ) {
            if (stuck.remove(task) != null) {
                free.addAll(waiters.getOrDefault(task, List.of()));
            }
        }
        return stuck;
    }

    private static @Nullable Collection<? extends Task<?, ?>> wakers(Task<?, ?> task) {
        Wait wait = task.strand().waitingFor();
        return wait == null || task.hasDeadline() ? null : wait.wakers();
    }

    /** Returns a ring for each group of stuck tasks: what one comes to that always follows the first waker. */
    private static List<List<Task<?, ?>>> rings(Map<Task<?, ?>, Collection<? extends Task<?, ?>>> stuck) {
        List<List<Task<?, ?>>> rings = new ArrayList<>();
        Set<Task<?, ?>> seen = new HashSet<>();
        for (Task<?, ?> begin : stuck.keySet()) {
            Map<Task<?, ?>, Integer> path = new LinkedHashMap<>(); // with the place of each
            Task<?, ?> task = begin;
            while (seen.add(task)) {
                path.put(task, path.size());
                task = first(stuck, task);
            }
            Integer place = path.get(task);
            if (place != null) {
                rings.add(List.copyOf(new ArrayList<>(path.keySet()).subList(place, path.size())));
            }
        }
        return rings;
    }

    private static Task<?, ?> first(Map<Task<?, ?>, Collection<? extends Task<?, ?>>> stuck, Task<?, ?> task) {
        Collection<? extends Task<?, ?>> wakers = stuck.get(task);
        if (wakers == null) {
            throw new IllegalStateException(task + " is not stuck");
        }
        return wakers.iterator().next();
    }

    // ------------------------------------------------------------------------------------------------ the report

    private void report(List<Task<?, ?>> ring, int stuck) {
        StringBuilder text = new StringBuilder("Deadlock: ");
        if (ring.size() == 1) {
            text.append(ring.getFirst().label()).append(" waits for itself");
        } else {
            text.append(ring.size()).append(" tasks wait for one another in a ring");
        }
        if (stuck > ring.size()) {
            text.append(", ").append(stuck).append(" tasks in all cannot go on");
        }
        text.append(". Unless one of them is cancelled they will wait for ever:");
        ring.stream().limit(TASKS_SHOWN).forEach(task -> {
            text.append("\n  ").append(task.label()).append(" (").append(task.coroutineName());
            text.append(") waits for ").append(waitOf(task));
            Stacks.append(text, "      ", task.stack(FRAMES_SHOWN));
        });
        if (ring.size() > TASKS_SHOWN) {
            text.append("\n  … and ").append(ring.size() - TASKS_SHOWN).append(" more");
        }
        loop.exceptionHandling().handleLater(ExceptionContext.about("deadlock", ring, null, text.toString(), null));
    }

    private static String waitOf(Task<?, ?> task) {
        Wait wait = task.strand().waitingFor();
        if (wait == null) {
            return "nothing";
        }
        Collection<? extends Task<?, ?>> wakers = wait.wakers();
        String whom = wakers == null || wakers.isEmpty() || wait instanceof Task<?, ?>
                ? ""
                : ", which needs " + wakers.iterator().next().label();
        return wait.label() + whom;
    }
}
