package dev.rondo.testkit;

import static java.util.Objects.requireNonNull;

import dev.rondo.EndOfChannelException;
import dev.rondo.QueueEmptyException;
import dev.rondo.QueueFullException;
import dev.rondo.QueueShutDownException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Specifications of what Rondo's own types do, for {@link Linearizability}: also a start for those of yours. */
public final class Models {

    private Models() {}

    /**
     * What a queue or channel holds.
     *
     * @param items first in, first out
     * @param ended whether nothing more is let in
     */
    public record Items(List<Object> items, boolean ended) {

        static final Items NONE = new Items(List.of(), false);

        Items plus(@Nullable Object item) {
            List<Object> more = new ArrayList<>(items);
            more.add(requireNonNull(item, "an item"));
            return new Items(List.copyOf(more), ended);
        }

        Items withoutFirst() {
            return new Items(List.copyOf(items.subList(1, items.size())), ended);
        }

        @Override
        public String toString() {
            return items + (ended ? " and ended" : "");
        }
    }

    /**
     * Returns the specification of an {@link dev.rondo.AsyncQueue}: {@code put(item)}, {@code get()},
     * {@code putNowait(item)}, {@code getNowait()}, {@code shutdown()}.
     *
     * @param maxsize how many items it holds; 0 for any number
     */
    public static Model<Items> queue(int maxsize) {
        return new Model<>() {
            @Override
            public Items initial() {
                return Items.NONE;
            }

            @Override
            public @Nullable Items step(Items queue, History.Operation operation) {
                boolean full = maxsize > 0 && queue.items.size() >= maxsize;
                return switch (operation.name()) {
                    case "put", "putNowait" -> {
                        if (queue.ended) {
                            yield operation.canThrow(QueueShutDownException.class) ? queue : null;
                        }
                        if (full) {
                            yield refuses(operation, "putNowait", QueueFullException.class) ? queue : null;
                        }
                        yield operation.canReturn(null) ? queue.plus(operation.argument(0)) : null;
                    }
                    case "get", "getNowait" -> {
                        if (!queue.items.isEmpty()) {
                            yield operation.canReturn(queue.items.getFirst()) ? queue.withoutFirst() : null;
                        }
                        if (queue.ended) {
                            yield operation.canThrow(QueueShutDownException.class) ? queue : null;
                        }
                        yield refuses(operation, "getNowait", QueueEmptyException.class) ? queue : null;
                    }
                    case "shutdown" -> operation.canReturn(null) ? new Items(queue.items, true) : null;
                    default -> throw unknown("queue", operation);
                };
            }
        };
    }

    private static boolean refuses(History.Operation operation, String name, Class<? extends Throwable> failure) {
        return operation.name().equals(name) && operation.canThrow(failure);
    }

    /**
     * Returns the specification of a {@link dev.rondo.Channel}: {@code send(item)}, {@code receive()}, and
     * {@code close()} of its last sender.
     *
     * @param capacity how many items can wait; 0 is taken for 1, but that a {@code send} may always wait, since that
     *     two calls meet is nothing that an order of calls could say
     */
    public static Model<Items> channel(int capacity) {
        return new Model<>() {
            @Override
            public Items initial() {
                return Items.NONE;
            }

            @Override
            public @Nullable Items step(Items channel, History.Operation operation) {
                boolean full = channel.items.size() >= Math.max(capacity, 1);
                return switch (operation.name()) {
                    case "send" ->
                        !channel.ended && !full && operation.canReturn(null)
                                ? channel.plus(operation.argument(0))
                                : null;
                    case "receive" -> {
                        if (channel.items.isEmpty()) {
                            yield channel.ended && operation.canThrow(EndOfChannelException.class) ? channel : null;
                        }
                        yield operation.canReturn(channel.items.getFirst()) ? channel.withoutFirst() : null;
                    }
                    case "close" -> operation.canReturn(null) ? new Items(channel.items, true) : null;
                    default -> throw unknown("channel", operation);
                };
            }

            @Override
            public boolean mayWait(Items channel, History.Operation operation) {
                return (capacity == 0 && operation.name().equals("send")) || step(channel, operation) == null;
            }
        };
    }

    /** Returns the specification of an {@link dev.rondo.AsyncLock}: {@code acquire()} and {@code release()}. */
    public static Model<Boolean> lock() {
        return new Model<>() {
            @Override
            public Boolean initial() {
                return false;
            }

            @Override
            public @Nullable Boolean step(Boolean locked, History.Operation operation) {
                return switch (operation.name()) {
                    case "acquire" -> !locked && operation.canReturn(null) ? true : null;
                    case "release" -> {
                        if (locked) {
                            yield operation.canReturn(null) ? false : null;
                        }
                        yield operation.canThrow(IllegalStateException.class) ? false : null;
                    }
                    default -> throw unknown("lock", operation);
                };
            }
        };
    }

    /**
     * Returns the specification of an {@link dev.rondo.AsyncSemaphore}: {@code acquire()} and {@code release()}.
     *
     * @param value how many there are to take at first
     */
    public static Model<Integer> semaphore(int value) {
        return new Model<>() {
            @Override
            public Integer initial() {
                return value;
            }

            @Override
            public @Nullable Integer step(Integer free, History.Operation operation) {
                if (!operation.canReturn(null)) {
                    return null;
                }
                return switch (operation.name()) {
                    case "acquire" -> free > 0 ? Integer.valueOf(free - 1) : null;
                    case "release" -> Integer.valueOf(free + 1);
                    default -> throw unknown("semaphore", operation);
                };
            }
        };
    }

    private static IllegalArgumentException unknown(String what, History.Operation operation) {
        return new IllegalArgumentException("a " + what + " has no operation " + operation.name());
    }
}
