package dev.rondo;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Applies a function to each item of a source, so many at a time. An item is not asked for before there is a place for
 * it.
 */
final class MapConcurrent<A extends @Nullable Object, T extends @Nullable Object, X extends Exception>
        extends LoopBound {

    private final TaskGroup group;
    private final Slots slots; // of what is under way: asked for, and its result not handed out
    private final ArrayDeque<Result<T>> results = new ArrayDeque<>(); // in the order in which they came
    private final WaitList arrived = new WaitList(this, () -> {});
    private int pending; // items whose result is not handed out
    private boolean exhausted; // the source

    private record Result<T extends @Nullable Object>(T value) {}

    private MapConcurrent(TaskGroup group, int limit) {
        this.group = group;
        this.slots = new Slots(limit, group);
    }

    /** Returns the results in the order of the items. */
    @SuppressWarnings("NullAway") // each has been set
    static <A extends @Nullable Object, T extends @Nullable Object, X extends Exception> List<T> ordered(
            Iterable<? extends A> source, int limit, AsyncFunction<? super A, ? extends T, ? extends X> function)
            throws X {
        Slots.checkLimit("limit", limit);
        List<@Nullable T> results = new ArrayList<>();
        GatherOrCancel.<X>allOrNothing(group -> {
            Slots slots = new Slots(limit, group);
            Iterator<? extends A> items = source.iterator();
            for (slots.take(); items.hasNext(); slots.take()) {
                A item = items.next();
                int index = results.size();
                results.add(null);
                group.createTask(() -> {
                            results.set(index, function.apply(item));
                        })
                        .whenDone(slots::release);
            }
        });
        return results;
    }

    /** Hands each result to {@code consumer}, in the calling task, as it comes. */
    static <A extends @Nullable Object, T extends @Nullable Object, X extends Exception> void unordered(
            Iterable<? extends A> source,
            int limit,
            AsyncFunction<? super A, ? extends T, ? extends X> function,
            AsyncConsumer<? super T, ? extends X> consumer)
            throws X {
        Slots.checkLimit("limit", limit);
        GatherOrCancel.<X>allOrNothing(group -> {
            MapConcurrent<A, T, X> map = new MapConcurrent<>(group, limit);
            group.createTask(() -> map.feed(source.iterator(), function)); // apart, so that no result waits for an item
            map.handOut(consumer);
        });
    }

    private void feed(Iterator<? extends A> items, AsyncFunction<? super A, ? extends T, ? extends X> function) {
        for (slots.take(); items.hasNext(); slots.take()) {
            A item = items.next();
            pending++;
            group.createTask(() -> {
                results.add(new Result<>(function.apply(item)));
                arrived.wakeFirst();
            });
        }
        exhausted = true;
        arrived.wakeFirst();
    }

    private void handOut(AsyncConsumer<? super T, ? extends X> consumer) throws X {
        while (!exhausted || pending > 0) {
            Result<T> result = results.poll();
            if (result == null) {
                arrived.await();
            } else {
                consumer.accept(result.value);
                pending--;
                slots.release();
            }
        }
    }

    @Override
    @Nullable Collection<? extends Task<?, ?>> wakers(WaitList list) {
        return group.members();
    }

    @Override
    public String toString() {
        return "a result of mapConcurrent";
    }
}
