package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.iterate;
import static dev.rondo.Asyncio.publisher;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.toThread;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Publishers of {@code java.util.concurrent.Flow}: a {@code for} loop over one, and one over an iterable. */
class FlowTest extends LoopTestCase {

    /** A publisher in the hands of a test: logs what is asked of it. */
    private final class Source implements Flow.Publisher<String>, Flow.Subscription {
        private Flow.Subscriber<? super String> subscriber;

        @Override
        public void subscribe(Flow.Subscriber<? super String> subscriber) {
            this.subscriber = subscriber;
            subscriber.onSubscribe(this);
        }

        @Override
        public void request(long n) {
            log.add("request " + n);
        }

        @Override
        public void cancel() {
            log.add("cancel");
        }
    }

    private final Source source = new Source();

    @Test
    void noMoreIsRequestedThanHasRoom() {
        run(() -> {
            try (FlowItems<String> items = iterate(source, 4)) {
                Task<?, RuntimeException> consumer = createTask(() -> {
                    for (String item : items) {
                        log.add(item);
                    }
                    log.add("end");
                });
                yieldNow();
                for (String item : List.of("a", "b", "c", "d", "e")) {
                    source.subscriber.onNext(item);
                }
                source.subscriber.onComplete();
                consumer.await();
            }
        });
        assertThat(log).containsExactly("request 4", "a", "b", "c", "d", "e", "end");
    }

    @Test
    void moreIsRequestedWhenMoreThanHalfHasBeenTaken() {
        run(() -> {
            try (FlowItems<String> items = iterate(source, 4)) {
                var iterator = items.iterator();
                createTask(() -> {
                    for (String item : List.of("a", "b", "c", "d")) {
                        source.subscriber.onNext(item);
                    }
                });
                while (log.size() < 6) {
                    log.add(iterator.next());
                }
            }
        });
        assertThat(log).containsExactly("request 4", "a", "b", "request 3", "c", "d", "cancel");
    }

    @Test
    void aLoopThatIsLeftEarlyEndsTheSubscription() {
        run(() -> {
            try (FlowItems<String> items = iterate(source, 1)) {
                createTask(() -> source.subscriber.onNext("a"));
                for (String item : items) {
                    log.add(item);
                    break;
                }
            }
            source.subscriber.onNext("too late");
        });
        assertThat(log).containsExactly("request 1", "request 1", "a", "cancel");
    }

    @Test
    void aFailureComesAfterTheItemsBeforeIt() {
        IOException failure = new IOException();
        run(() -> {
            FlowItems<String> items = iterate(source);
            source.subscriber.onNext("a");
            source.subscriber.onError(failure);
            assertThatThrownBy(() -> items.forEach(log::add))
                    .isInstanceOf(CompletionException.class)
                    .hasCause(failure);
            items.close();
        });
        assertThat(log).containsExactly("a");
    }

    @Test
    void aCancelOfTheConsumerLosesNothing() {
        run(() -> {
            try (FlowItems<String> items = iterate(source, 2)) {
                var iterator = items.iterator();
                Task<?, RuntimeException> consumer = createTask(iterator::next);
                yieldNow();
                consumer.cancel();
                source.subscriber.onNext("a");
                assertThatThrownBy(consumer::await).isInstanceOf(TaskCancelledException.class);
                log.add(iterator.next());
            }
        });
        assertThat(log).startsWith("request 2", "a");
    }

    @Test
    void closingEndsTheWaitForTheNextItem() {
        run(() -> {
            FlowItems<String> items = iterate(source, 2);
            Task<Boolean, RuntimeException> consumer =
                    createTask(() -> items.iterator().hasNext());
            yieldNow();
            items.close();
            assertThat(consumer.await()).isFalse();
        });
        assertThat(log).containsExactly("request 2", "cancel");
    }

    @Test
    void aSecondCoroutineThatWaitsIsRefused() {
        run(() -> {
            try (FlowItems<String> items = iterate(source, 2)) {
                var iterator = items.iterator();
                Task<String, RuntimeException> consumer = createTask(iterator::next);
                yieldNow();
                assertThatThrownBy(iterator::next)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("another coroutine is already waiting");
                source.subscriber.onNext("a");
                assertThat(consumer.await()).isEqualTo("a");
            }
        });
    }

    @Test
    void itIsIteratedOverOnce() {
        run(() -> {
            FlowItems<String> items = iterate(source);
            source.subscriber.onComplete();
            var iterator = items.iterator();
            assertThat(iterator.hasNext()).isFalse();
            assertThatThrownBy(iterator::next).isInstanceOf(NoSuchElementException.class);
            assertThatThrownBy(items::iterator).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> iterate(source, 0)).isInstanceOf(IllegalArgumentException.class);
        });
    }

    @Test
    void aSubscriptionThatComesAfterTheEndIsCancelled() {
        Flow.Subscriber<?>[] subscriber = new Flow.Subscriber<?>[1];
        run(() -> {
            iterate((Flow.Publisher<String>) late -> subscriber[0] = late).close();
            subscriber[0].onSubscribe(source);
            yieldNow();
        });
        assertThat(log).containsExactly("cancel");
    }

    @Test
    void aPublisherOfOtherThreadsIsConsumed() throws Exception {
        List<Integer> seen = new ArrayList<>();
        run(() -> {
            try (SubmissionPublisher<Integer> numbers = new SubmissionPublisher<>();
                    FlowItems<Integer> items = iterate(numbers, 7)) {
                Thread.ofPlatform().start(() -> {
                    IntStream.range(0, 10_000).forEach(numbers::submit); // waits where the consumer is behind
                    numbers.close();
                });
                items.forEach(seen::add);
            }
        });
        assertThat(seen).isEqualTo(IntStream.range(0, 10_000).boxed().toList());
    }

    @Test
    void virtualTimeStandsStillWhileAnotherThreadIsToPublish() throws Exception {
        Thread loopThread = Thread.currentThread();
        run(() -> {
            createTask(() -> sleep(Duration.ofHours(5)));
            try (FlowItems<String> items = iterate(source)) {
                Thread.ofPlatform().start(() -> {
                    while (loopThread.getState() != Thread.State.WAITING) {
                        Thread.onSpinWait();
                    }
                    source.subscriber.onNext(clock.elapsed().toString());
                });
                assertThat(items.iterator().next()).isEqualTo("PT0S");
            }
        });
    }

    // ------------------------------------------------------------------------------------------------ publisher

    /** A subscriber in the hands of a test. */
    private final class Sink implements Flow.Subscriber<Integer> {
        final List<String> events = Collections.synchronizedList(new ArrayList<>());
        final CountDownLatch ended = new CountDownLatch(1);
        volatile Flow.Subscription subscription;

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            this.subscription = subscription;
            events.add("subscribed");
        }

        @Override
        public void onNext(Integer item) {
            events.add("item " + item);
        }

        @Override
        public void onError(Throwable failure) {
            events.add("failure " + failure.getClass().getSimpleName());
            ended.countDown();
        }

        @Override
        public void onComplete() {
            events.add("complete");
            ended.countDown();
        }
    }

    private final Sink sink = new Sink();

    @Test
    void noMoreIsPublishedThanWasRequested() {
        run(() -> {
            publisher(List.of(1, 2, 3)).subscribe(sink);
            yieldNow();
            assertThat(sink.events).containsExactly("subscribed");
            sink.subscription.request(2);
            yieldNow();
            yieldNow();
            assertThat(sink.events).containsExactly("subscribed", "item 1", "item 2");
            sink.subscription.request(Long.MAX_VALUE);
            sink.subscription.request(Long.MAX_VALUE);
            yieldNow();
            yieldNow();
            assertThat(sink.events).endsWith("item 3", "complete");
        });
    }

    @Test
    void theIteratorMaySuspendAndASubscriberMayBeOnAnyThread() throws Exception {
        run(() -> {
            Flow.Publisher<Integer> numbers =
                    publisher(() -> IntStream.range(0, 3).peek(_ -> yieldNow()).iterator());
            toThread(() -> {
                numbers.subscribe(sink);
                while (sink.subscription == null) {
                    Thread.onSpinWait();
                }
                sink.subscription.request(10);
                sink.ended.await();
            });
        });
        assertThat(sink.events).containsExactly("subscribed", "item 0", "item 1", "item 2", "complete");
    }

    @Test
    void aSubscriberThatCancelsHearsNoMore() {
        run(() -> {
            publisher(() -> IntStream.iterate(0, n -> n + 1).iterator()).subscribe(sink);
            yieldNow();
            sink.subscription.request(1);
            yieldNow();
            yieldNow();
            sink.subscription.cancel();
            sink.subscription.request(1);
            yieldNow();
            yieldNow();
            assertThat(Asyncio.allTasks()).hasSize(1);
        });
        assertThat(sink.events).containsExactly("subscribed", "item 0");
    }

    @Test
    void aSubscriberThatCancelsAtOnceIsAskedForNothingEvenWhereTasksStartAtOnce() {
        loop.setTaskFactory(TaskFactory.EAGER);
        Iterable<Integer> source =
                () -> Stream.of(1).peek(item -> log.add("asked")).iterator();
        run(() -> publisher(source).subscribe(new Flow.Subscriber<Integer>() {
            @Override
            public void onSubscribe(Flow.Subscription subscription) {
                subscription.cancel();
            }

            @Override
            public void onNext(Integer item) {
                log.add("item " + item);
            }

            @Override
            public void onError(Throwable failure) {
                log.add("error " + failure);
            }

            @Override
            public void onComplete() {
                log.add("complete");
            }
        }));
        assertThat(log).isEmpty();
    }

    @Test
    void failuresAndBadRequestsEndIt() {
        run(() -> {
            Asyncio.<Integer>publisher(() -> {
                        throw new IllegalStateException();
                    })
                    .subscribe(sink);
            yieldNow();
            publisher(List.of(1)).subscribe(sink);
            yieldNow();
            sink.subscription.request(0);
            yieldNow();
            yieldNow();
            sleep(Duration.ofHours(1));
        });
        assertThat(sink.events)
                .containsExactly(
                        "subscribed",
                        "failure IllegalStateException",
                        "subscribed",
                        "failure IllegalArgumentException");
        assertThat(reported).isEmpty();
    }

    @Test
    void aPublisherThatIsCancelledWithItsLoopTellsItsSubscriber() {
        try (Runner runner = new Runner(() -> loop)) {
            runner.run(() -> {
                publisher(List.of(1)).subscribe(sink);
                yieldNow();
            });
        }
        assertThat(sink.events).containsExactly("subscribed", "failure " + CancellationException.class.getSimpleName());
    }

    @Test
    void muchDemandDoesNotHoldTheLoop() {
        run(() -> {
            publisher(() -> IntStream.iterate(0, n -> n + 1).iterator()).subscribe(sink);
            yieldNow();
            sink.subscription.request(Long.MAX_VALUE);
            yieldNow();
            sink.subscription.cancel();
        });
        assertThat(sink.events).hasSizeLessThan(1000);
    }

    @Test
    void oneIntoTheOther() {
        run(() -> {
            try (FlowItems<Integer> items = iterate(publisher(() -> {
                sleep(Duration.ofHours(1));
                return List.of(1, 2, 3).iterator();
            }))) {
                items.forEach(item -> log.add(item.toString()));
            }
        });
        assertThat(log).containsExactly("1", "2", "3");
        assertThat(clock.elapsed()).isEqualTo(Duration.ofHours(1));
    }
}
