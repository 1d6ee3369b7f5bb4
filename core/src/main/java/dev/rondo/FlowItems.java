package dev.rondo;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Flow.Publisher} publishes, for one coroutine's {@code for} loop, which suspends until the next item is
 * there. Made by {@link Asyncio#iterate}; to be closed, which ends the subscription.
 *
 * <pre>{@code
 * try (var lines = iterate(publisher)) {
 *     for (String line : lines) {
 *         handle(line);
 *     }
 * }
 * }</pre>
 *
 * <p>No more is requested than was said when it was made, and more only when more than half of that has been taken: a
 * publisher is never ahead of the loop by more. A failure of the publisher is thrown as the cause of a
 * {@link CompletionException}, after the items that came before it. A cancel of the coroutine that waits loses nothing.
 * The iteration can be begun once.
 *
 * @param <T> the type of the items
 */
public final class FlowItems<T> implements Iterable<T>, AutoCloseable {

    private final EventLoop loop;
    private final int most; // that may be here, or on their way
    private final boolean elsewhere; // what publishes is not of this loop
    private final ArrayDeque<T> items = new ArrayDeque<>();
    private long requested; // and not here yet
    private Flow.@Nullable Subscription subscription; // null until the publisher gives it
    private boolean ended;
    private @Nullable Throwable failure;
    private @Nullable Promise<@Nullable Void, RuntimeException> more; // what the consumer waits for
    private boolean iterating;

    FlowItems(EventLoop loop, Flow.Publisher<? extends T> publisher, int most) {
        if (most < 1) {
            throw new IllegalArgumentException("at least 1 item must be requested at a time, not " + most);
        }
        this.loop = loop;
        this.most = most;
        this.elsewhere = !(publisher instanceof IterablePublisher<?> ours && ours.loop() == loop);
        publisher.subscribe(new Inlet());
    }

    /** The publisher's side: any thread. */
    private final class Inlet implements Flow.Subscriber<T> {

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            Objects.requireNonNull(subscription);
            loop.scheduler().deliver(() -> subscribed(subscription));
        }

        @Override
        public void onNext(T item) {
            Objects.requireNonNull(item);
            loop.scheduler().deliver(() -> arrived(item));
        }

        @Override
        public void onError(Throwable failure) {
            Objects.requireNonNull(failure);
            loop.scheduler().deliver(() -> end(failure));
        }

        @Override
        public void onComplete() {
            loop.scheduler().deliver(() -> end(null));
        }
    }

    private void subscribed(Flow.Subscription subscription) {
        if (ended || this.subscription != null) { // closed already, or a publisher that subscribes us twice
            loop.ready(new CallbackHandle(loop, subscription::cancel, new Context()));
        } else {
            this.subscription = subscription;
            wakeConsumer();
        }
    }

    private void arrived(T item) {
        requested--;
        if (!ended) {
            items.add(item);
            wakeConsumer();
        }
    }

    private void end(@Nullable Throwable failure) {
        if (!ended) {
            ended = true;
            this.failure = failure;
            wakeConsumer();
        }
    }

    private void wakeConsumer() {
        if (more != null) {
            more.finish(null);
            more = null;
        }
    }

    // ------------------------------------------------------------------------------------------------ the consumer

    /**
     * Begins the iteration. In a coroutine of the loop.
     *
     * @throws IllegalStateException the second time
     */
    @Override
    public Iterator<T> iterator() {
        if (iterating) {
            throw new IllegalStateException("the items of a subscription can be iterated over once");
        }
        iterating = true;
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return awaitNext();
            }

            @Override
            public T next() {
                if (!awaitNext()) {
                    throw new NoSuchElementException();
                }
                T item = items.remove();
                requestMore();
                return item;
            }
        };
    }

    private boolean awaitNext() {
        while (items.isEmpty() && !ended) {
            requestMore();
            if (items.isEmpty() && !ended) { // it may all have come within that call
                awaitMore();
            }
        }
        if (items.isEmpty() && failure != null) {
            throw new CompletionException(failure);
        }
        return !items.isEmpty();
    }

    private void awaitMore() {
        if (this.more != null) {
            throw new IllegalStateException("another coroutine is already waiting for the next item");
        }
        Promise<@Nullable Void, RuntimeException> more = loop.createFuture();
        this.more = more;
        loop.reactor().outsideWork(elsewhere ? 1 : 0);
        try {
            more.await();
        } finally {
            loop.reactor().outsideWork(elsewhere ? -1 : 0);
            this.more = null;
        }
    }

    private void requestMore() {
        long due = most - requested - items.size();
        if (subscription != null && !ended && due > most / 2) {
            requested += due;
            subscription.request(due);
        }
    }

    /**
     * Ends the subscription; the items that are left are dropped, and whoever waits for the next hears that there is
     * none. Idempotent. Does not suspend.
     */
    @Override
    public void close() {
        boolean ended = this.ended;
        end(null);
        failure = null;
        items.clear();
        if (!ended && subscription != null) {
            subscription.cancel();
        }
    }
}
