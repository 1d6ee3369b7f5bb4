package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.timeout;
import static dev.rondo.Asyncio.yieldNow;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.spec.Spec;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AsyncQueueTest extends QueueTestCase {

    // ------------------------------------------------------------------------------------------------ what it is

    @Test
    @Spec("Q-1")
    void knowsHowMuchIsInIt() {
        AsyncQueue<String> queue = new AsyncQueue<>(2);
        assertThat(queue.maxsize()).isEqualTo(2);
        assertThat(queue.empty()).isTrue();
        assertThat(queue.full()).isFalse();
        queue.putNowait("a");
        assertThat(queue.qsize()).isEqualTo(1);
        assertThat(queue.empty()).isFalse();
        assertThat(queue.full()).isFalse();
        queue.putNowait("b");
        assertThat(queue.full()).isTrue();
        assertThat(queue.getNowait()).isEqualTo("a");
        assertThat(queue.getNowait()).isEqualTo("b");
        assertThat(queue.empty()).isTrue();
    }

    @Test
    @Spec("Q-1")
    void ofSizeZeroOrLessIsNeverFull() {
        for (AsyncQueue<Integer> queue :
                List.of(new AsyncQueue<Integer>(), new AsyncQueue<Integer>(0), new AsyncQueue<Integer>(-3))) {
            IntStream.range(0, 1000).forEach(queue::putNowait);
            assertThat(queue.full()).isFalse();
            assertThat(queue.qsize()).isEqualTo(1000);
        }
        assertThat(new AsyncQueue<>().maxsize()).isZero();
        assertThat(new AsyncQueue<>(-3).maxsize()).isEqualTo(-3);
    }

    @Test
    void holdsNoNull() {
        AsyncQueue<String> queue = new AsyncQueue<>();
        assertThatNullPointerException().isThrownBy(() -> queue.putNowait(null)).withMessage("item");
        run(() -> assertThatNullPointerException()
                .isThrownBy(() -> queue.put(null))
                .withMessage("item"));
        assertThat(queue.empty()).isTrue();
        assertThatIllegalArgumentException().isThrownBy(queue::taskDone);
    }

    @Test
    void saysWhatIsInItAndWhoWaits() {
        assertThat(new AsyncQueue<>()).hasToString("<AsyncQueue maxsize=0>");
        run(() -> {
            AsyncQueue<Integer> queue = new AsyncQueue<>(1);
            Task<?, RuntimeException> taker = taker("taker", queue);
            yieldNow();
            assertThat(queue).hasToString("<AsyncQueue maxsize=1 getters[1]>");
            queue.putNowait(1);
            Task<?, RuntimeException> putter = putter(queue, 2);
            taker.await();
            queue.taskDone();
            putter.await();
            Task<?, RuntimeException> another = putter(queue, 3);
            yieldNow();
            assertThat(queue).hasToString("<AsyncQueue maxsize=1 queue=[2] putters[1] tasks=1>");
            queue.shutdown();
            assertThatExceptionOfType(QueueShutDownException.class).isThrownBy(another::await);
            assertThat(queue).hasToString("<AsyncQueue maxsize=1 queue=[2] tasks=1 shutdown>");
        });
        AsyncQueue<Integer> many = new AsyncLifoQueue<>();
        IntStream.range(0, 1000).forEach(many::putNowait);
        assertThat(many.toString()).startsWith("<AsyncLifoQueue ").contains(", … 990 more] tasks=1000");
    }

    // ------------------------------------------------------------------------------------------------ put and get

    @Test
    @Spec("Q-2")
    void whatNeedsNoWaitingLetsNobodyElseRun() {
        run(() -> {
            AsyncQueue<Integer> queue = new AsyncQueue<>(2);
            Task<?, RuntimeException> other = createTask(() -> {
                log.add("other");
            });
            queue.put(1);
            queue.put(2);
            log.add("got " + queue.get());
            log.add("got " + queue.get());
            other.await();
        });
        assertThat(log).containsExactly("got 1", "got 2", "other");
    }

    @Test
    @Spec("Q-2")
    void itemsComeOutInTheOrderInWhichTheyWentIn() {
        run(() -> {
            AsyncQueue<Integer> queue = new AsyncQueue<>();
            for (int item : new int[] {1, 3, 2}) {
                queue.put(item);
            }
            assertThat(List.of(queue.get(), queue.get(), queue.get())).containsExactly(1, 3, 2);
        });
    }

    @Test
    @Spec("Q-1")
    @Spec("Q-2")
    void aPutterWaitsWhileTheQueueIsFull() {
        run(() -> {
            AsyncQueue<Integer> queue = new AsyncQueue<>(2);
            Task<?, RuntimeException> putter = createTask(() -> {
                for (int i = 0; i < 3; i++) {
                    queue.put(i);
                    log.add("put " + i);
                }
            });
            yieldNow();
            yieldNow();
            assertThat(log).containsExactly("put 0", "put 1");
            assertThat(queue.get()).isEqualTo(0);
            yieldNow();
            assertThat(log).containsExactly("put 0", "put 1", "put 2");
            assertThat(queue.get()).isEqualTo(1);
            assertThat(queue.get()).isEqualTo(2);
            assertThat(putter.done()).isTrue();
        });
    }

    @Test
    @Spec("Q-2")
    void aGetterWaitsForACallbackThatPuts() {
        run(() -> {
            AsyncQueue<Integer> queue = new AsyncQueue<>();
            loop.callLater(SECOND, () -> queue.putNowait(1));
            assertThat(queue.get()).isEqualTo(1);
            assertThat(clock.elapsed()).isEqualTo(SECOND);
        });
    }

    @Test
    @Spec("Q-2")
    void aPutterWaitsForACallbackThatTakes() {
        run(() -> {
            AsyncQueue<Integer> queue = new AsyncQueue<>(1);
            queue.put(1);
            loop.callLater(SECOND, queue::getNowait);
            queue.put(2);
            assertThat(clock.elapsed()).isEqualTo(SECOND);
            assertThat(queue.getNowait()).isEqualTo(2);
        });
    }

    @Test
    @Spec("Q-2")
    void waitersAreServedFirstComeFirstServed() {
        run(() -> {
            AsyncQueue<Integer> queue = new AsyncQueue<>(1);
            var takers = List.of(taker("a", queue), taker("b", queue), taker("c", queue));
            yieldNow();
            queue.put(1);
            queue.put(2);
            queue.put(3);
            gather(takers);
            assertThat(log).containsExactly("a 1", "b 2", "c 3");
            log.clear();
            queue.put(0);
            var putters = List.of(putter(queue, 1), putter(queue, 2), putter(queue, 3));
            for (int i = 0; i < 4; i++) {
                assertThat(queue.get()).isEqualTo(i);
            }
            gather(putters);
            assertThat(log).containsExactly("put 1", "put 2", "put 3");
        });
    }

    @Test
    @Spec("Q-2")
    void aGetterWhoseItemIsTakenAwayWaitsAgainAtTheBack() {
        run(() -> {
            AsyncQueue<Integer> queue = new AsyncQueue<>();
            var takers = List.of(taker("a", queue), taker("b", queue));
            yieldNow();
            queue.putNowait(0); // wakes a …
            assertThat(queue.getNowait()).isEqualTo(0); // … in vain
            yieldNow();
            queue.putNowait(1);
            queue.putNowait(2);
            gather(takers);
        });
        assertThat(log).containsExactly("b 1", "a 2");
    }

    @Test
    @Spec("Q-2")
    void aPutterWhoseRoomIsTakenAwayWaitsAgainAtTheBack() {
        run(() -> {
            AsyncQueue<Integer> queue = new AsyncQueue<>(1);
            queue.putNowait(0);
            var putters = List.of(putter(queue, 1), putter(queue, 2));
            yieldNow();
            assertThat(queue.getNowait()).isEqualTo(0); // wakes the first …
            queue.putNowait(9); // … in vain
            yieldNow();
            assertThat(List.of(queue.get(), queue.get(), queue.get())).containsExactly(9, 2, 1);
            gather(putters);
        });
    }

    @Test
    @Spec("Q-2")
    void oneProducerAndOneConsumerShareAQueueOfOne() {
        run(() -> {
            AsyncQueue<Integer> queue = new AsyncQueue<>(1);
            Task<?, RuntimeException> producer = createTask(() -> {
                for (int i = 0; i < 100; i++) {
                    queue.put(i);
                }
            });
            for (int i = 0; i < 100; i++) {
                assertThat(queue.get()).isEqualTo(i);
            }
            producer.await();
        });
    }

    @Test
    @Spec("Q-2")
    void allPuttersGetInThoughTheQueueIsEmptiedAtOnce() {
        run(() -> {
            AsyncQueue<Integer> queue = new AsyncQueue<>(2);
            List<Task<?, RuntimeException>> tasks = new ArrayList<>();
            tasks.add(createTask(() -> {
                yieldNow();
                for (int size = queue.qsize(); size > 0; size--) {
                    queue.getNowait();
                }
            }));
            for (int i = 0; i < 4; i++) {
                tasks.add(putter(queue, i));
            }
            gather(tasks);
            assertThat(queue.qsize()).isEqualTo(2);
        });
        assertThat(log).containsExactly("put 0", "put 1", "put 2", "put 3");
    }

    @Test
    @Spec("Q-3")
    @Spec("D-10")
    void whatWouldHaveToWaitFails() {
        AsyncQueue<Integer> queue = new AsyncQueue<>(1);
        assertThatExceptionOfType(QueueEmptyException.class).isThrownBy(queue::getNowait);
        queue.putNowait(1);
        assertThatExceptionOfType(QueueFullException.class).isThrownBy(() -> queue.putNowait(2));
        assertThat(queue.qsize()).isEqualTo(1);
        assertThat(queue.getNowait()).isEqualTo(1);
        assertThat(IllegalStateException.class)
                .isAssignableFrom(QueueEmptyException.class)
                .isAssignableFrom(QueueFullException.class)
                .isAssignableFrom(QueueShutDownException.class);
    }

    @Test
    void aCallbackMayWaitToo() {
        run(() -> {
            AsyncQueue<String> queue = new AsyncQueue<>();
            loop.callSoon(() -> log.add(queue.get()));
            sleep(SECOND);
            queue.put("item");
            yieldNow();
        });
        assertThat(log).containsExactly("item");
    }

    // ------------------------------------------------------------------------------------------------ other orders

    @Test
    @Spec("Q-7")
    void lastInFirstOut() {
        run(() -> {
            AsyncQueue<Integer> queue = new AsyncLifoQueue<>();
            for (int item : new int[] {1, 3, 2}) {
                queue.put(item);
            }
            assertThat(List.of(queue.get(), queue.get(), queue.get())).containsExactly(2, 3, 1);
        });
    }

    @Test
    @Spec("Q-7")
    void leastFirst() {
        run(() -> {
            AsyncQueue<Integer> queue = new AsyncPriorityQueue<>();
            for (int item : new int[] {1, 3, 2}) {
                queue.put(item);
            }
            assertThat(List.of(queue.get(), queue.get(), queue.get())).containsExactly(1, 2, 3);
        });
    }

    @Test
    @Spec("Q-7")
    void leastByAnOrderOfOnesOwn() {
        AsyncQueue<String> queue = new AsyncPriorityQueue<>(Comparator.comparing(String::length));
        List.of("three", "1", "two").forEach(queue::putNowait);
        assertThat(List.of(queue.getNowait(), queue.getNowait(), queue.getNowait()))
                .containsExactly("1", "two", "three");
        AsyncQueue<Integer> bounded = new AsyncPriorityQueue<>(1, Comparator.reverseOrder());
        bounded.putNowait(1);
        assertThat(bounded.full()).isTrue();
    }

    @Test
    @Spec("Q-7")
    void itemsThatDoNotCompareAreRefused() {
        AsyncQueue<Object> queue = new AsyncPriorityQueue<>();
        assertThatExceptionOfType(ClassCastException.class).isThrownBy(() -> queue.putNowait(new Object()));
        assertThat(queue.empty()).isTrue();
        assertThatIllegalArgumentException().isThrownBy(queue::taskDone);
    }

    @Test
    @Spec("Q-7")
    void anyOrderThatAQueueOfJavaCanHave() {
        class Latest extends AsyncQueue<String> { // keeps the newest item only
            Latest() {
                super(0, new ArrayDeque<>() {
                    @Override
                    public boolean add(String item) {
                        clear();
                        return super.add(item);
                    }
                });
            }
        }
        Latest latest = new Latest();
        latest.putNowait("old");
        latest.putNowait("new");
        assertThat(latest.getNowait()).isEqualTo("new");
        assertThat(latest.empty()).isTrue();
        assertThat(latest.toString()).startsWith("<Latest ");
    }

    // ------------------------------------------------------------------------------------------------ iteration

    @Test
    @Spec("Q-8")
    void iterationTakesItemsUntilTheQueueIsShutDownAndEmpty() {
        run(() -> {
            AsyncQueue<Integer> queue = new AsyncQueue<>(1);
            createTask(() -> {
                for (int i = 0; i < 3; i++) {
                    sleep(SECOND);
                    queue.put(i);
                }
                queue.put(3);
                queue.shutdown();
            });
            for (int item : queue) {
                log.add(item + " at " + clock.elapsed().toSeconds());
            }
        });
        assertThat(log).containsExactly("0 at 1", "1 at 2", "2 at 3", "3 at 3");
    }

    @Test
    @Spec("Q-8")
    void severalMayIterateAndEachItemGoesToOne() {
        run(() -> {
            AsyncQueue<Integer> queue = new AsyncQueue<>();
            List<Task<?, RuntimeException>> tasks = new ArrayList<>();
            for (String name : List.of("a", "b")) {
                tasks.add(createTask(() -> {
                    for (int item : queue) {
                        log.add(name + item);
                        yieldNow();
                    }
                }));
            }
            yieldNow();
            IntStream.range(0, 2).forEach(queue::putNowait);
            yieldNow();
            IntStream.range(2, 4).forEach(queue::putNowait);
            queue.shutdown();
            gather(tasks);
        });
        assertThat(log).containsExactly("a0", "b1", "a2", "b3");
    }

    @Test
    @Spec("Q-8")
    void aCancelledIterationLosesNoItem() {
        run(() -> {
            AsyncQueue<Integer> queue = new AsyncQueue<>();
            Task<?, RuntimeException> task = createTask(() -> {
                for (int item : queue) {
                    log.add("lost " + item);
                }
            });
            yieldNow();
            queue.putNowait(1);
            task.cancel();
            awaitCancelled(task);
            Iterator<Integer> items = queue.iterator();
            assertThat(items.hasNext()).isTrue();
            assertThat(items.hasNext()).isTrue();
            assertThat(queue.qsize()).isEqualTo(1); // it only looked
            assertThat(items.next()).isEqualTo(1);
            queue.shutdown();
            assertThat(items.hasNext()).isFalse();
            assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(items::next);
        });
        assertThat(log).isEmpty();
    }

    // ------------------------------------------------------------------------------------------------ loops, threads

    @Test
    void itIsFilledBeforeThereIsALoop() {
        AsyncQueue<String> queue = new AsyncQueue<>();
        queue.putNowait("early");
        run(() -> assertThat(queue.get()).isEqualTo("early"));
    }

    @Test
    void itBelongsToTheLoopOnWhichSomebodyWaitedFirst() {
        AsyncQueue<String> queue = new AsyncQueue<>();
        run(() -> assertThatExceptionOfType(AsyncTimeoutException.class)
                .isThrownBy(() -> timeout(SECOND, () -> queue.get())));
        try (EventLoop other = EventLoop.builder().clock(clock).build()) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> other.runUntilComplete(() -> queue.get()))
                    .withMessageContaining("<AsyncQueue maxsize=0>")
                    .withMessageEndingWith("is bound to a different event loop");
        }
    }

    @Test
    void anotherThreadIsToldWhatToDoAndChangesNothing() {
        run(() -> {
            AsyncQueue<String> queue = new AsyncQueue<>(1);
            Task<?, RuntimeException> taker = taker("taker", queue);
            yieldNow();
            for (Action<RuntimeException> use :
                    List.<Action<RuntimeException>>of(() -> queue.putNowait("x"), queue::getNowait, queue::shutdown)) {
                assertThatThrownBy(() -> onAnotherThread(() -> {
                            use.run();
                            return null;
                        }))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("callSoonThreadsafe");
            }
            assertThat(queue).hasToString("<AsyncQueue maxsize=1 getters[1]>");
            queue.put("a");
            taker.await();
        });
    }

    @Test
    void whoWaitsOutsideACoroutineIsToldWhatToDo() {
        AsyncQueue<String> queue = new AsyncQueue<>();
        assertThatIllegalStateException()
                .isThrownBy(queue::get)
                .withMessageContaining("<AsyncQueue maxsize=0>")
                .withMessageContaining("Asyncio.run");
    }

    // ------------------------------------------------------------------------------------------------ who could help

    @Test
    void whoPutBeforeCouldEndTheWaitOfAGetter() {
        run(() -> {
            AsyncQueue<Integer> queue = new AsyncQueue<>();
            Task<?, RuntimeException> producer = createTask(() -> {
                queue.put(1);
                sleep(SECOND);
            });
            Task<?, RuntimeException> consumer = createTask(() -> {
                queue.get();
                queue.get();
            });
            yieldNow();
            yieldNow();
            assertThat(wakersOf(consumer)).containsOnly(producer);
            producer.await();
            assertThat(wakersOf(consumer)).isNull(); // all that put before have ended: who knows
            consumer.cancel();
        });
    }

    @Test
    void whoTookBeforeCouldEndTheWaitOfAPutterOrJoiner() {
        run(() -> {
            AsyncQueue<Integer> queue = new AsyncQueue<>(1);
            Task<?, RuntimeException> consumer = createTask(() -> {
                queue.get();
                sleep(SECOND);
            });
            yieldNow();
            Task<?, RuntimeException> putter = createTask(() -> {
                queue.put(1);
                queue.put(2);
                queue.put(3);
            });
            Task<?, RuntimeException> joiner = createTask(() -> {
                yieldNow();
                queue.join();
            });
            for (int i = 0; i < 5; i++) {
                yieldNow();
            }
            assertThat(wakersOf(putter)).containsOnly(consumer);
            assertThat(wakersOf(joiner)).containsOnly(consumer);
            putter.cancel();
            joiner.cancel();
            consumer.await();
        });
    }

    @Test
    void whereACallbackPutOnceAnybodyCouldEndTheWait() {
        run(() -> {
            AsyncQueue<Integer> queue = new AsyncQueue<>();
            queue.put(1);
            loop.callSoon(() -> queue.putNowait(2));
            Task<?, RuntimeException> consumer = createTask(() -> {
                for (int item : queue) {
                    log.add("got " + item);
                }
            });
            yieldNow();
            yieldNow();
            queue.put(3);
            yieldNow();
            assertThat(log).containsExactly("got 1", "got 2", "got 3");
            assertThat(wakersOf(consumer)).isNull();
            consumer.cancel();
        });
    }

    @Test
    void manyThatPutOnceAreNotHeldForEver() {
        run(() -> {
            AsyncQueue<Integer> queue = new AsyncQueue<>();
            for (int i = 0; i < 200; i++) {
                int item = i;
                createTask(() -> queue.put(item)).await();
            }
            queue.put(200);
            Task<?, RuntimeException> consumer = createTask(() -> {
                for (int item : queue) {
                    log.add("got " + item);
                }
            });
            yieldNow();
            assertThat(wakersOf(consumer)).isNull(); // there may be more like those that have ended
            assertThat(queue.seenPutting()).isLessThanOrEqualTo(16);
            consumer.cancel();
        });
        assertThat(log).hasSize(201);
    }

    private static List<Task<?, ?>> wakersOf(Task<?, ?> task) {
        var wakers = requireNonNull(task.strand().waitingFor()).wakers();
        return wakers == null ? null : new ArrayList<>(wakers);
    }
}
