package dev.rondo;

import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * A coroutine that makes items one by one, for a plain {@code for} loop. Made by {@link Asyncio#generate}; stands for
 * an asynchronous generator.
 *
 * <pre>{@code
 * try (Generator<String, IOException> lines = generate(out -> {
 *     while (more()) {
 *         out.emit(readLine());
 *     }
 * })) {
 *     for (String line : lines) {
 *         handle(line);
 *     }
 * }
 * }</pre>
 *
 * <pre>
 *   NEW ──asked for an item──▶ RUNNING ──emit()──▶ HOLDING, until the item is taken and the next is asked for
 *    │                          │  ▲                  │
 *    │                          │  └──────asked───────┤
 *    └───────────close()────────┴──the body ends, ────┴──▶ ENDED
 *                                  close() cancels it
 * </pre>
 *
 * <p>The body is a task of its own, which starts when the first item is asked for, in a copy of the context of whoever
 * asks, and runs only while one is asked for. A cancel of the consumer in {@link #next} or {@link #hasNext} leaves it
 * alone: what it emits then is there for the next {@code next()}. {@link #close} ends it, so use it in {@code try}; one
 * that is left open is closed when {@link Asyncio#run} ends. For the coroutines of one loop, one at a time.
 *
 * @param <T> the type of the items
 * @param <X> the checked exception that the body may throw; {@code RuntimeException} where there is none
 */
public final class Generator<T extends @Nullable Object, X extends Exception> implements Iterable<T>, AutoCloseable {

    /**
     * What makes the items.
     *
     * @param <T> the type of the items
     * @param <X> the checked exception that it may throw
     */
    @FunctionalInterface
    public interface Body<T extends @Nullable Object, X extends Exception> {

        /** Emits the items, and returns after the last. */
        void run(Output<T> out) throws X;
    }

    /**
     * Where the items go.
     *
     * @param <T> the type of the items
     */
    public interface Output<T extends @Nullable Object> {

        /**
         * Hands an item out, and suspends until the next is asked for. Stands for {@code yield}.
         *
         * @throws CancelledError if the generator is closed instead
         * @throws IllegalStateException if it was closed before, or if called by any other than the body itself: where
         *     several coroutines make items, use a {@link Channel}
         */
        void emit(T item);
    }

    private final Body<T, X> body;
    private @Nullable Task<?, X> task; // null until the first item is asked for
    private @Nullable Strand producer; // the task's, once it runs
    private boolean producerWaits; // in emit()
    private @Nullable Strand consumer; // waits in hasNext()
    private @Nullable T item;
    private boolean hasItem;
    private boolean closed;
    private boolean failureTaken; // whoever asked for an item, or closed, has been told how the body ended

    Generator(Body<T, X> body) {
        this.body = body;
    }

    // ------------------------------------------------------------------------------------------------ the consumer

    /**
     * Returns whether there is another item; suspends until the body emits it, or ends.
     *
     * @throws X the failure of the body, once; after that there are no more items
     * @throws TaskCancelledException if somebody cancelled the body's task, once
     * @throws IllegalStateException outside a coroutine or callback of its loop, in the body itself, or while another
     *     asks
     */
    public boolean hasNext() throws X {
        while (!hasItem) {
            if (closed) {
                return false;
            }
            if (task != null && task.done()) {
                endOf(task);
                return false;
            }
            ask();
        }
        return true;
    }

    /**
     * Returns the next item; suspends until the body emits it. If this throws a {@link CancelledError}, no item is
     * lost. Stands for {@code anext()}.
     *
     * @throws X the failure of the body, once
     * @throws NoSuchElementException if there are no more items
     */
    @SuppressWarnings("NullAway") // whether an item may be null is T's to say
    public T next() throws X {
        if (!hasNext()) {
            throw new NoSuchElementException("the generator has ended");
        }
        T next = item;
        item = null;
        hasItem = false;
        return next;
    }

    /**
     * Returns a view of this for {@code for} loops, which go on where the last one stopped. A checked exception of the
     * body comes out of it inside a {@link CompletionException}; {@link #hasNext} and {@link #next} have it as it is.
     */
    @Override
    public Iterator<T> iterator() {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                try {
                    return Generator.this.hasNext();
                } catch (Exception e) {
                    throw unchecked(e);
                }
            }

            @Override
            public T next() {
                try {
                    return Generator.this.next();
                } catch (Exception e) {
                    throw unchecked(e);
                }
            }
        };
    }

    private static RuntimeException unchecked(Exception failure) {
        return failure instanceof RuntimeException unchecked ? unchecked : new CompletionException(failure);
    }

    /** Has the body make the next item, and suspends until it has, or has ended, or closing has begun. */
    private void ask() {
        Strand strand = EventLoop.running().currentStrand();
        checkNotInBody(strand);
        if (consumer != null) {
            throw new IllegalStateException("another coroutine is already waiting for the next item of this generator");
        }
        Task<?, X> task = this.task;
        if (task == null) {
            task = start(strand.loop); // an eager one may have emitted the item by now, and waits to be asked for more
        } else if (task.loop() != strand.loop) {
            throw new IllegalStateException(this + " belongs to a different loop");
        } else if (producerWaits && producer != null) {
            producerWaits = false;
            producer.wakeUp();
        }
        if (!hasItem && !task.done()) {
            consumer = strand;
            strand.parkOrThrow(new Arrival());
        }
    }

    private Task<?, X> start(EventLoop loop) {
        Action<X> run = this::runBody;
        Task<@Nullable Void, X> task = loop.createTask(run.asCoroutine(), "generator", Context.copyCurrent());
        this.task = task;
        loop.generators().add(task, this);
        task.whenDone(this::bodyEnded);
        return task;
    }

    private void bodyEnded() {
        if (task != null) {
            task.loop().generators().remove(task);
        }
        wakeConsumer();
    }

    private void wakeConsumer() {
        Strand strand = consumer;
        if (strand != null) {
            consumer = null;
            strand.wakeUp();
        }
    }

    /** Tells the caller how the body ended, unless somebody was told. */
    private void endOf(Task<?, X> task) throws X {
        if (!failureTaken) {
            failureTaken = true;
            task.result();
        }
    }

    private void checkNotInBody(@Nullable Strand strand) {
        if (strand != null && strand == producer) {
            throw new IllegalStateException("the body of a generator cannot ask for its own items, nor close it");
        }
    }

    // ------------------------------------------------------------------------------------------------ the body

    private void runBody() throws X {
        producer = EventLoop.running().currentStrand();
        body.run(this::emit);
    }

    private void emit(T item) {
        Strand strand = RunningLoops.strandHere();
        if (strand == null || strand != producer) {
            throw new IllegalStateException("emit() can be called only by the body of the generator itself;"
                    + " where several coroutines make items, use a Channel");
        }
        if (closed) {
            throw new IllegalStateException("the generator is closed, and takes no more items:"
                    + " let the CancelledError of the emit() before end the body");
        }
        this.item = item;
        hasItem = true;
        wakeConsumer();
        producerWaits = true;
        strand.parkOrThrow(new Emission());
    }

    // ------------------------------------------------------------------------------------------------ the end

    /**
     * Ends the generator: cancels the body where it is suspended, and suspends until it has ended, its {@code finally}
     * blocks included. A body that has not begun never will. Does nothing if it has ended. Stands for {@code aclose()}.
     *
     * <p>If the caller is cancelled while it waits, the body is cancelled once more, and has ended when this throws.
     *
     * @throws X the failure of the body, if nobody was told yet
     * @throws IllegalStateException if it has to wait outside the coroutines and callbacks of its loop
     */
    @Override
    public void close() throws X {
        checkNotInBody(RunningLoops.strandHere());
        beginClosing();
        Task<?, X> task = this.task;
        if (task == null || failureTaken) {
            return;
        }
        try {
            task.await();
        } catch (TaskCancelledException e) {
            if (e.awaitable() != task) {
                throw e;
            }
        } finally {
            failureTaken = task.done();
        }
    }

    /** Asks the body to end. */
    void beginClosing() {
        if (!closed) {
            closed = true;
            item = null;
            hasItem = false;
            if (task != null) {
                task.cancel("the generator is closed");
            }
        }
    }

    @Override
    public String toString() {
        Task<?, X> task = this.task;
        boolean ended = task == null ? closed : task.done();
        String state = ended ? "ended" : closed ? "closing" : task == null ? "new" : hasItem ? "holding" : "running";
        return "<Generator " + state + ">";
    }

    /** The consumer's wait for the next item; a cancel leaves the body alone. */
    private final class Arrival extends Wait {
        @Override
        boolean abort(Strand strand, @Nullable String message) {
            wakeConsumer();
            return true;
        }

        @Override
        void abandon(Strand strand) {
            consumer = null;
        }

        @Override
        Collection<? extends Awaitable<?, ?>> awaited() {
            return task == null || task.done() ? List.of() : List.of(task);
        }

        @Override
        @Nullable Collection<? extends Task<?, ?>> wakers() {
            return tasksOf(awaited());
        }

        @Override
        public String toString() {
            return "the next item of " + Generator.this;
        }
    }

    /** The body's wait until the next item is asked for. */
    private final class Emission extends Wait {
        @Override
        boolean abort(Strand strand, @Nullable String message) {
            producerWaits = false;
            strand.wakeUp();
            return true;
        }

        @Override
        void abandon(Strand strand) {
            producerWaits = false;
        }

        @Override
        public String toString() {
            return "emit of a generator";
        }
    }
}
