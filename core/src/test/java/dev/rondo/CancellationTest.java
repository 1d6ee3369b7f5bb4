package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.currentTask;
import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.timeout;
import static dev.rondo.Asyncio.yieldNow;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.spec.Spec;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class CancellationTest extends LoopTestCase {

    private static final Duration LONG = Duration.ofHours(10);

    private static Task<?, ?> self() {
        return requireNonNull(currentTask());
    }

    /** Awaits a task that is expected to end cancelled, by somebody else's wish. */
    private static void awaitCancelled(Task<?, ?> task) {
        assertThatExceptionOfType(TaskCancelledException.class)
                .isThrownBy(task::await)
                .satisfies(e -> assertThat((Object) e.awaitable()).isSameAs(task));
        assertThat(task.cancelled()).isTrue();
    }

    // ------------------------------------------------------------------------------------------------ §4.1

    @Test
    @Spec("C-1")
    void cancelledBeforeItsFirstStepATaskNeverRuns() throws Exception {
        run(() -> {
            Task<?, ?> task = createTask(() -> log.add("ran"));
            assertThat(task.cancel()).isTrue();
            awaitCancelled(task);
            assertThat(task.thread()).isNotNull();
        });
        assertThat(log).isEmpty();
    }

    @Test
    @Spec("C-2")
    void aCancelBetweenWakeUpAndResumptionWinsOverTheValue() throws Exception {
        run(() -> {
            Promise<String, RuntimeException> promise = loop.createFuture();
            Task<?, ?> task = createTask(() -> {
                try {
                    return promise.await();
                } catch (CancelledError e) {
                    log.add("cancelled");
                    throw e;
                }
            });
            yieldNow();
            promise.setResult("lost");
            assertThat(task.cancel()).isTrue();
            awaitCancelled(task);
        });
        assertThat(log).containsExactly("cancelled");
    }

    @Test
    @Spec("C-2")
    void aCancelThatIsTakenBackBeforeResumptionLeavesTheValue() throws Exception {
        run(() -> {
            Promise<String, RuntimeException> promise = loop.createFuture();
            Task<String, RuntimeException> task = createTask(promise::await);
            yieldNow();
            promise.setResult("kept");
            task.cancel();
            assertThat(task.uncancel()).isZero();
            assertThat(task.await()).isEqualTo("kept");
        });
    }

    @Test
    @Spec("C-3")
    void aTaskThatCancelsItselfAndReturnsIsCancelled() throws Exception {
        run(() -> {
            Task<?, ?> task = createTask(() -> {
                self().cancel("by myself");
                return 5;
            });
            assertThatThrownBy(task::await)
                    .isInstanceOf(TaskCancelledException.class)
                    .hasMessageContaining("by myself");
            assertThat(task.cancelled()).isTrue();
            assertThat(task.cancelling()).isEqualTo(1);
        });
    }

    @Test
    @Spec("C-4")
    void aTaskThatTakesItsOwnCancelBackReturnsNormally() throws Exception {
        run(() -> {
            Task<Integer, RuntimeException> task = createTask(() -> {
                self().cancel();
                assertThat(self().uncancel()).isZero();
                assertThat(self().uncancel()).isZero();
                yieldNow();
                return 5;
            });
            assertThat(task.await()).isEqualTo(5);
            assertThat(task.uncancel()).isZero();
            assertThat(task.done()).isTrue();
        });
    }

    @Test
    @Spec("C-5")
    void aTaskThatCancelsItselfAndThrowsHasFailed() throws Exception {
        run(() -> {
            Task<?, IOException> task = createTask(() -> {
                self().cancel();
                throw new IOException("own failure");
            });
            assertThatThrownBy(task::await).isInstanceOf(IOException.class);
            assertThat(task.cancelled()).isFalse();
        });
    }

    @Test
    @Spec("C-6")
    void aPendingCancelComesAtTheFirstRealSuspension() throws Exception {
        run(() -> {
            Task<?, ?> task = createTask(() -> {
                self().cancel("pending");
                Promise<String, RuntimeException> done = loop.createFuture();
                done.setResult("no suspension");
                log.add(done.await());
                try {
                    yieldNow();
                } catch (CancelledError e) {
                    log.add(e.getMessage());
                    throw e;
                }
            });
            awaitCancelled(task);
        });
        assertThat(log).containsExactly("no suspension", "pending");
    }

    @Test
    @Spec("C-7")
    void aCancelIsDeliveredOnce() throws Exception {
        run(() -> {
            Task<String, RuntimeException> task = createTask(() -> {
                try {
                    sleep(LONG);
                } catch (CancelledError e) {
                    log.add("swallowed");
                }
                yieldNow();
                sleep(Duration.ofSeconds(1));
                return "went on";
            });
            yieldNow();
            task.cancel();
            assertThat(task.await()).isEqualTo("went on");
            assertThat(task.cancelled()).isFalse();
            assertThat(task.cancelling()).isEqualTo(1);
        });
        assertThat(log).containsExactly("swallowed");
    }

    @Test
    @Spec("C-8")
    void twoCancelsBeforeItRunsAgainAreDeliveredAsTheFirst() throws Exception {
        run(() -> {
            Task<?, ?> task = createTask(() -> {
                try {
                    sleep(LONG);
                } catch (CancelledError e) {
                    log.add(e.getMessage());
                }
                yieldNow();
                log.add("not again");
            });
            yieldNow();
            task.cancel("m1");
            task.cancel("m2");
            assertThat(task.cancelling()).isEqualTo(2);
            task.await();
        });
        assertThat(log).containsExactly("m1", "not again");
    }

    @Test
    @Spec("C-9")
    void aCancelGoesThroughToTheInnermost() throws Exception {
        Promise<String, RuntimeException> leaf = loop.createFuture();
        run(() -> {
            Task<?, ?> inner = createTask(() -> {
                try {
                    return leaf.await();
                } catch (CancelledError e) {
                    log.add("inner " + e.getMessage());
                    throw e;
                }
            });
            Task<?, ?> outer = createTask(() -> {
                try {
                    inner.await();
                } catch (CancelledError e) {
                    log.add("outer " + e.getMessage());
                    throw e;
                }
            });
            yieldNow();
            outer.cancel("m");
            assertThat(leaf.cancelled()).as("at once").isTrue();
            awaitCancelled(outer);
            assertThat(inner.cancelled()).isTrue();
            assertThat(inner.cancelling()).isEqualTo(1);
        });
        assertThat(log).containsExactly("inner m", "outer m");
    }

    @Test
    @Spec("C-9")
    void aTaskThatCancelsItselfAndThenAwaitsAnotherCancelsThat() throws Exception {
        run(() -> {
            Task<?, ?> inner = createTask(() -> sleep(LONG));
            Task<?, ?> outer = createTask(() -> {
                self().cancel();
                inner.await();
            });
            awaitCancelled(outer);
            assertThat(inner.cancelled()).isTrue();
        });
        assertThat(clock.elapsed()).isZero();
    }

    @Test
    @Spec("C-9b")
    void whatSomebodyElseCancelledIsAFailureForWhoeverAwaitsIt() throws Exception {
        run(() -> {
            Promise<String, RuntimeException> promise = loop.createFuture();
            Task<?, ?> inner = createTask(() -> sleep(LONG));
            Task<?, ?> awaitsPromise = createTask(promise::await);
            Task<?, ?> awaitsTask = createTask(() -> inner.await());
            yieldNow();
            promise.cancel("of the promise");
            inner.cancel("of the task");
            assertThatThrownBy(awaitsPromise::await)
                    .isInstanceOf(TaskCancelledException.class)
                    .hasMessageContaining("of the promise");
            assertThatThrownBy(awaitsTask::await)
                    .isInstanceOf(TaskCancelledException.class)
                    .hasMessageContaining("of the task");
            assertThat(awaitsPromise.cancelled()).isFalse();
            assertThat(awaitsTask.cancelled()).isFalse();
            assertThat(awaitsTask.exception()).isInstanceOf(TaskCancelledException.class);
            assertThat(awaitsTask.cancelling()).isZero();
        });
    }

    @Test
    @Spec("C-9b")
    void aTaskThatIsCancelledTooGetsTheErrorOfItsOwn() throws Exception {
        run(() -> {
            Promise<String, RuntimeException> promise = loop.createFuture();
            Task<?, ?> task = createTask(promise::await);
            yieldNow();
            promise.cancel("promise");
            task.cancel("task");
            awaitCancelled(task);
        });
    }

    @Test
    @Spec("C-10")
    void ifTheInnerSwallowsTheCancelTheOuterGetsItsValue() throws Exception {
        run(() -> {
            Task<String, RuntimeException> inner = createTask(() -> {
                try {
                    sleep(LONG);
                } catch (CancelledError e) {
                    return "ignored";
                }
                return "slept";
            });
            Task<String, RuntimeException> outer = createTask(inner::await);
            yieldNow();
            outer.cancel();
            assertThat(outer.await()).isEqualTo("ignored");
            assertThat(outer.cancelled()).isFalse();
            assertThat(outer.cancelling()).isEqualTo(1);
        });
    }

    @Test
    @Spec("C-11")
    void aCancelledErrorOfItsOwnCancelsATask() throws Exception {
        run(() -> {
            Task<?, ?> task = createTask(() -> {
                throw new CancelledError("x");
            });
            assertThatThrownBy(task::await)
                    .isInstanceOf(TaskCancelledException.class)
                    .hasMessageContaining("x");
            assertThat(task.cancelled()).isTrue();
            assertThat(task.cancelling()).isZero();
        });
    }

    @Test
    @Spec("C-12")
    void cancellingADoneTaskDoesNothingButTakeItsFailure() throws Exception {
        run(() -> {
            Task<?, ?> task = createTask(() -> {
                throw new IllegalStateException("nobody's");
            });
            yieldNow();
            assertThat(task.cancel()).isFalse();
            assertThat(task.cancelled()).isFalse();
            sleep(Duration.ofSeconds(10));
        });
        assertThat(reported).isEmpty();
    }

    @Test
    @Spec("C-13")
    void theMessageTravels() throws Exception {
        run(() -> {
            Task<?, ?> with = createTask(() -> sleep(LONG));
            Task<?, ?> without = createTask(() -> {
                try {
                    sleep(LONG);
                } catch (CancelledError e) {
                    log.add("message: " + e.getMessage());
                    throw e;
                }
            });
            yieldNow();
            with.cancel("why");
            without.cancel();
            assertThatThrownBy(with::await).hasMessageEndingWith(": why");
            assertThatThrownBy(with::result)
                    .isInstanceOf(TaskCancelledException.class)
                    .hasMessageEndingWith(": why");
            assertThatThrownBy(with::exception)
                    .isInstanceOf(TaskCancelledException.class)
                    .hasMessageEndingWith(": why");
            assertThatThrownBy(without::await).hasMessageEndingWith("was cancelled");
        });
        assertThat(log).containsExactly("message: null");
    }

    @Test
    @Spec("C-14")
    void requestsAreCountedDownToZeroAndNoFurther() throws Exception {
        run(() -> {
            Task<?, ?> task = createTask(() -> {
                self().cancel();
                self().cancel();
                assertThat(self().cancelling()).isEqualTo(2);
                assertThat(self().uncancel()).isEqualTo(1);
                assertThatThrownBy(Asyncio::yieldNow).isInstanceOf(CancelledError.class);
                assertThat(self().uncancel()).isZero();
                assertThat(self().uncancel()).isZero();
                yieldNow();
            });
            task.await();
        });
    }

    @Test
    @Spec("C-14")
    void aBlockTakesBackItsOwnRequestAndNoOther() throws Exception {
        run(() -> {
            Task<?, ?> task = createTask(() -> {
                self().cancel("from outside");
                assertThatThrownBy(Asyncio::yieldNow).isInstanceOf(CancelledError.class);
                assertThatExceptionOfType(AsyncTimeoutException.class)
                        .as("the cancel before the block does not count")
                        .isThrownBy(() -> timeout(Duration.ofSeconds(1), () -> sleep(LONG)));
                assertThat(self().cancelling()).isEqualTo(1);
                assertThatThrownBy(() -> timeout(Duration.ofSeconds(1), () -> {
                            self().cancel("within the block");
                            sleep(LONG);
                        }))
                        .as("the block's own has not come")
                        .isInstanceOf(CancelledError.class);
                assertThat(self().cancelling()).isEqualTo(2);
            });
            task.await();
        });
        assertThat(clock.elapsed()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    @Spec("C-15")
    void cancellingATaskThatGathersCancelsAll() throws Exception {
        run(() -> {
            Task<?, ?> gathering = createTask(() -> gather(child("one"), child("two")));
            yieldNow();
            yieldNow();
            gathering.cancel("m");
            awaitCancelled(gathering);
        });
        assertThat(log).containsExactly("one m", "two m");
    }

    private Action<RuntimeException> child(String name) {
        return () -> {
            try {
                sleep(LONG);
            } catch (CancelledError e) {
                log.add(name + " " + e.getMessage());
                throw e;
            }
        };
    }

    @Test
    @Spec("C-16")
    void aFailureThatAnswersACancelKeepsItAsItsCause() throws Exception {
        run(() -> {
            Task<?, ?> task = createTask(() -> {
                try {
                    sleep(LONG);
                } catch (CancelledError e) {
                    throw new IllegalStateException("clean-up failed", e);
                }
            });
            yieldNow();
            task.cancel("m");
            assertThatThrownBy(task::await)
                    .isInstanceOf(IllegalStateException.class)
                    .hasCauseInstanceOf(CancelledError.class);
        });
    }

    @Test
    void onlyTheLoopsThreadMayCancel() throws Exception {
        run(() -> {
            Task<?, ?> task = createTask(() -> sleep(Duration.ofSeconds(1)));
            onAnotherThread(() -> assertThatIllegalStateException().isThrownBy(task::cancel));
            task.await();
        });
    }

    @Test
    void aCancelledSleepLeavesNoTimer() throws Exception {
        run(() -> {
            Task<?, ?> task = createTask(() -> sleep(LONG));
            yieldNow();
            task.cancel();
            awaitCancelled(task);
            assertThat(loop.reactor().timerCount()).isZero();
        });
    }

    @Test
    void catchingExceptionsDoesNotCatchACancel() throws Exception {
        run(() -> {
            Task<?, ?> task = createTask(() -> {
                try {
                    sleep(LONG);
                } catch (Exception e) {
                    log.add("caught " + e);
                } finally {
                    log.add("finally");
                }
            });
            yieldNow();
            task.cancel();
            awaitCancelled(task);
        });
        assertThat(log).containsExactly("finally");
    }

    // ------------------------------------------------------------------------------------------------ foreign code

    /** What becomes of a cancel while the task is parked in blocking code that is not Rondo's. */
    @Nested
    class InForeignCode {

        private final BlockingQueue<String> queue = new ArrayBlockingQueue<>(1);

        private Task<?, ?> cancelledWhileParked(Action<?> body) {
            Task<?, ?> task = createTask(body);
            awaitForeign(task);
            assertThat(task.cancel("m")).isTrue();
            return task;
        }

        @Test
        void itIsInterrupted() throws Exception {
            run(() -> {
                Task<?, ?> task = cancelledWhileParked(queue::take);
                assertThatThrownBy(task::await)
                        .isInstanceOf(TaskCancelledException.class)
                        .hasMessageEndingWith(": m");
                assertThat(task.cancelled()).isTrue();
            });
        }

        @Test
        void itIsInterruptedOnceForEachRequest() throws Exception {
            run(() -> {
                Task<?, ?> task = createTask(() -> {
                    for (String item = null; item == null; ) {
                        try {
                            item = queue.take();
                        } catch (InterruptedException e) {
                            log.add("interrupted");
                        }
                    }
                });
                awaitForeign(task);
                task.cancel();
                task.cancel();
                yieldNow();
                yieldNow();
                awaitForeign(task);
                assertThat(log).containsExactly("interrupted");
                task.cancel();
                yieldNow();
                awaitForeign(task);
                assertThat(log).containsExactly("interrupted", "interrupted");
                queue.add("item");
                task.await();
            });
        }

        @Test
        void anInterruptThatIsSwallowedIsACancelThatIsSwallowed() throws Exception {
            run(() -> {
                Task<?, ?> task = cancelledWhileParked(() -> {
                    try {
                        queue.take();
                    } catch (InterruptedException e) {
                        log.add("swallowed");
                    }
                    yieldNow();
                    sleep(Duration.ofSeconds(1));
                    log.add("went on");
                });
                task.await();
                assertThat(task.cancelled()).isFalse();
            });
            assertThat(log).containsExactly("swallowed", "went on");
        }

        @Test
        void anInterruptThatIsPassedOnIsACancelAtTheNextSuspension() throws Exception {
            run(() -> {
                Task<?, ?> task = cancelledWhileParked(() -> {
                    try {
                        queue.take();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    sleep(LONG);
                });
                awaitCancelled(task);
            });
            assertThat(clock.elapsed()).isZero();
        }

        @Test
        void itsFinallyBlocksMayAwait() throws Exception {
            run(() -> {
                Task<?, ?> task = cancelledWhileParked(() -> {
                    try {
                        queue.take();
                    } finally {
                        sleep(Duration.ofSeconds(1));
                        log.add("cleaned up");
                    }
                });
                awaitCancelled(task);
            });
            assertThat(log).containsExactly("cleaned up");
        }

        @Test
        void whereAnInterruptDoesNothingTheCancelComesAtTheNextSuspension() throws Exception {
            ReentrantLock lock = new ReentrantLock();
            run(() -> {
                lock.lock();
                Task<?, ?> task = cancelledWhileParked(() -> {
                    lock.lock();
                    try {
                        log.add("got the lock");
                        sleep(LONG);
                    } finally {
                        lock.unlock();
                        queue.put("cleaned up"); // would throw if the interrupt were not over
                    }
                });
                yieldNow();
                assertThat(task.done()).isFalse();
                lock.unlock();
                awaitCancelled(task);
            });
            log.add(queue.poll());
            assertThat(log).containsExactly("got the lock", "cleaned up");
        }

        @Test
        void whereAnInterruptDoesNothingAndNothingFollowsTheTaskIsCancelledAllTheSame() throws Exception {
            run(() -> {
                Task<?, ?> task = cancelledWhileParked(() -> LockSupport.park(this));
                awaitCancelled(task);
            });
        }

        @Test
        void aCancelThatComesBeforeItParksInterruptsItWhenItDoes() throws Exception {
            run(() -> {
                Task<?, ?> task = createTask(() -> {
                    Thread.yield();
                    queue.take();
                });
                yieldNow();
                task.cancel();
                awaitCancelled(task);
            });
        }

        @Test
        void aTaskThatCancelsItselfIsInterruptedWhereItParks() throws Exception {
            run(() -> {
                Task<?, ?> task = createTask(() -> {
                    self().cancel();
                    queue.take();
                });
                awaitCancelled(task);
            });
        }

        @Test
        void anInterruptThatALibraryWrappedCountsAsCancelled() throws Exception {
            run(() -> {
                for (Exception wrapped : List.of(
                        new IllegalStateException(new IOException(new InterruptedException())),
                        new UncheckedIOException(new ClosedByInterruptException()),
                        new IOException(new InterruptedIOException()),
                        new IllegalStateException(new SocketException("Closed by interrupt")))) {
                    Task<?, ?> task = cancelledWhileParked(() -> {
                        try {
                            queue.take();
                        } catch (InterruptedException e) {
                            throw wrapped;
                        }
                    });
                    awaitCancelled(task);
                }
            });
        }

        @Test
        @Spec("C-5")
        void anyOtherFailureIsAFailure() throws Exception {
            run(() -> {
                for (Exception other : List.of(
                        new IOException("disk full"),
                        new SocketException("Connection reset"),
                        new SocketTimeoutException("Read timed out"))) {
                    Task<?, ?> task = cancelledWhileParked(() -> {
                        try {
                            queue.take();
                        } catch (InterruptedException e) {
                            throw other;
                        }
                    });
                    assertThatThrownBy(task::await).isSameAs(other);
                    assertThat(task.cancelled()).isFalse();
                }
            });
        }

        @Test
        void withoutACancelAnInterruptIsAFailure() throws Exception {
            run(() -> {
                Task<?, InterruptedException> task = createTask(() -> {
                    Thread.currentThread().interrupt();
                    queue.take();
                });
                assertThatThrownBy(task::await).isInstanceOf(InterruptedException.class);
                assertThat(task.cancelled()).isFalse();
            });
        }

        @Test
        void aReadOfASocketIsReleased() throws Exception {
            try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                    Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
                    SocketChannel channel = SocketChannel.open(server.getLocalSocketAddress())) {
                run(() -> {
                    awaitCancelled(
                            cancelledWhileParked(() -> client.getInputStream().read()));
                    awaitCancelled(cancelledWhileParked(() -> channel.read(ByteBuffer.allocate(1))));
                });
            }
        }
    }

    @Test
    void anInterruptOfItsOwnDoesNotDisturbATask() throws Exception {
        run(() -> {
            Thread.currentThread().interrupt();
            yieldNow();
            sleep(Duration.ofSeconds(1));
            Promise<String, RuntimeException> promise = loop.createFuture();
            loop.callLater(Duration.ofSeconds(1), () -> promise.setResult("value"));
            assertThat(promise.await()).isEqualTo("value");
            assertThat(Thread.interrupted()).as("still set").isTrue();
        });
        assertThat(clock.elapsed()).isEqualTo(Duration.ofSeconds(2));
    }

    // ------------------------------------------------------------------------------------------------ chains

    @Test
    void aChainOfAwaitsMayBeLongerThanAStackIsDeep() throws Exception {
        run(() -> {
            Task<?, ?> leaf = createTask(() -> sleep(LONG));
            Task<?, ?> head = leaf;
            for (int i = 0; i < 100_000; i++) {
                Task<?, ?> next = head;
                head = createTask(() -> next.await());
            }
            yieldNow();
            head.cancel("from the top");
            awaitCancelled(head);
            assertThat(leaf.cancelled()).isTrue();
            assertThat(leaf.cancelMessage()).isEqualTo("from the top");
        });
    }

    @Test
    void aRingOfTasksThatAwaitOneAnotherCanBeCancelled() throws Exception {
        run(() -> {
            List<Task<?, ?>> ring = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                int next = (i + 1) % 3;
                ring.add(createTask(() -> {
                    yieldNow(); // until all are there
                    ring.get(next).await();
                }));
            }
            Task<?, ?> outside = createTask(() -> ring.getFirst().await());
            yieldNow();
            yieldNow();
            outside.cancel();
            awaitCancelled(outside);
            assertThat(ring).allSatisfy(task -> assertThat(task.done()).isTrue());
        });
    }

    @Test
    void aRingThatGoesThroughAGatherCanBeCancelled() throws Exception {
        run(() -> {
            List<Task<?, ?>> ring = new ArrayList<>();
            ring.add(createTask(() -> {
                gather(List.of(ring.get(1), ring.get(2)));
            }));
            ring.add(createTask(() -> ring.getFirst().await()));
            ring.add(createTask(() -> {
                gather(List.of(ring.getFirst()));
            }));
            yieldNow();
            ring.getFirst().cancel();
            for (int i = 0; i < 10; i++) {
                yieldNow();
            }
            assertThat(ring).allSatisfy(task -> assertThat(task.done()).isTrue());
        });
    }
}
