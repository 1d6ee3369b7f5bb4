package dev.rondo;

import java.util.Iterator;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Publishes the items of an {@link Iterable}, in a coroutine for each subscriber: the iterator may suspend. Any thread.
 */
final class IterablePublisher<T> implements Flow.Publisher<T> {

    private final EventLoop loop;
    private final Iterable<? extends T> items;

    IterablePublisher(EventLoop loop, Iterable<? extends T> items) {
        this.loop = loop;
        this.items = items;
    }

    EventLoop loop() {
        return loop;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super T> subscriber) {
        Objects.requireNonNull(subscriber);
        loop.checkOpen();
        new Feed(subscriber).start();
    }

    /** One subscriber's. The loop's thread, but for {@link #request} and {@link #cancel}. */
    private final class Feed implements Flow.Subscription {

        private final Flow.Subscriber<? super T> subscriber;
        private final LoopFuture<@Nullable Void> task = new LoopFuture<>(loop) {
            @Override
            void ended(@Nullable Awaitable<? extends @Nullable Void, ?> source) {
                // Nobody takes the failure, which is the subscriber's own: the loop is to report it.
            }
        };
        private long demand;
        private @Nullable Promise<@Nullable Void, RuntimeException> moreDemand; // what the coroutine waits for
        private @Nullable IllegalArgumentException badRequest;
        private volatile boolean cancelled; // by the subscriber

        Feed(Flow.Subscriber<? super T> subscriber) {
            this.subscriber = subscriber;
        }

        void start() {
            Action<RuntimeException> run = this::run;
            task.start(run.asCoroutine());
        }

        private void run() {
            subscriber.onSubscribe(this);
            try {
                publish();
            } catch (CancelledError e) {
                fail(new CancellationException(e.getMessage()));
                throw e;
            } catch (Throwable failure) {
                fail(failure);
            }
        }

        private void publish() {
            Iterator<? extends T> iterator = items.iterator();
            while (!cancelled && iterator.hasNext()) {
                T item = iterator.next();
                awaitDemand();
                if (cancelled) {
                    return;
                }
                demand--;
                subscriber.onNext(item);
            }
            if (!cancelled) {
                subscriber.onComplete();
            }
        }

        private void awaitDemand() {
            loop.currentStrand().completedInline(); // a long list and much demand are not to hold the loop
            while (demand == 0 && badRequest == null && !cancelled) {
                moreDemand = loop.createFuture();
                moreDemand.await();
            }
            if (badRequest != null) {
                throw badRequest;
            }
        }

        private void fail(Throwable failure) {
            if (!cancelled) {
                subscriber.onError(failure);
            }
        }

        @Override
        public void request(long n) {
            loop.scheduler().deliver(() -> {
                if (n <= 0) {
                    badRequest = new IllegalArgumentException("request of " + n + " items");
                } else {
                    demand = demand + n < 0 ? Long.MAX_VALUE : demand + n;
                }
                if (moreDemand != null) {
                    moreDemand.finish(null);
                    moreDemand = null;
                }
            });
        }

        @Override
        public void cancel() {
            cancelled = true;
            task.cancel(true);
        }
    }
}
