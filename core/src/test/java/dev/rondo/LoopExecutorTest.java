package dev.rondo;

import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** An executor whose tasks are coroutines. */
class LoopExecutorTest extends LoopTestCase {

    private final ExecutorService executor = loop.executor();
    private final Promise<String, RuntimeException> never = loop.createFuture();

    private Callable<String> taskThatYields(String value) {
        return () -> {
            assertThat(Asyncio.currentTask()).isNotNull();
            log.add(value + " begins");
            yieldNow();
            log.add(value + " ends");
            return value;
        };
    }

    @Test
    void tasksAreCoroutinesOfTheLoop() throws Exception {
        run(() -> {
            List<Future<String>> futures = onAnotherThread(
                    () -> List.of(executor.submit(taskThatYields("one")), executor.submit(taskThatYields("two"))));
            for (Future<String> future : futures) {
                log.add("got " + future.get());
            }
        });
        assertThat(log).startsWith("one begins").contains("two ends", "got one").endsWith("got two");
        assertThat(log.indexOf("two begins")).isLessThan(log.indexOf("two ends"));
    }

    @Test
    void invokeAllFromAPlatformThread() throws Exception {
        run(() -> {
            List<Future<String>> futures = onAnotherThread(
                    () -> executor.invokeAll(List.of(taskThatYields("one"), taskThatYields("two"), () -> {
                        throw new IOException("three");
                    })));
            assertThat(futures).allMatch(Future::isDone);
            assertThat(futures.get(0).resultNow()).isEqualTo("one");
            assertThat(futures.get(1).resultNow()).isEqualTo("two");
            assertThat(futures.get(2).exceptionNow()).hasMessage("three");
            sleep(Duration.ofHours(1));
        });
        assertThat(reported).isEmpty();
    }

    @Test
    void invokeAllFromACoroutineSuspendsIt() throws Exception {
        run(() -> {
            List<Future<String>> futures = executor.invokeAll(List.of(taskThatYields("one"), taskThatYields("two")));
            assertThat(futures).extracting(Future::resultNow).containsExactly("one", "two");
        });
        assertThat(log).containsExactly("one begins", "two begins", "one ends", "two ends");
    }

    @Test
    void invokeAnyReturnsTheFirstAndCancelsTheRest() throws Exception {
        run(() -> {
            String first = onAnotherThread(() -> executor.invokeAny(List.of(
                    () -> {
                        throw new IOException();
                    },
                    () -> {
                        try {
                            return never.await();
                        } finally {
                            log.add("cancelled");
                        }
                    },
                    taskThatYields("first"))));
            assertThat(first).isEqualTo("first");
            yieldNow();
            yieldNow();
            assertThat(Asyncio.allTasks()).hasSize(1);
        });
        assertThat(log).containsExactly("first begins", "first ends", "cancelled");
    }

    @Test
    void invokeAnyWhereNoneSucceeds() throws Exception {
        IOException failure = new IOException();
        run(() -> {
            assertThatThrownBy(() -> executor.invokeAny(List.of(() -> {
                        throw failure;
                    })))
                    .isInstanceOf(ExecutionException.class)
                    .hasCause(failure);
            assertThatThrownBy(() ->
                            onAnotherThread(() -> executor.invokeAny(List.of(never::await), 1, TimeUnit.MILLISECONDS)))
                    .isInstanceOf(TimeoutException.class);
        });
        assertThatThrownBy(() -> executor.invokeAny(List.of())).isInstanceOf(IllegalArgumentException.class);
        never.cancel();
    }

    @Test
    void aCancelledFutureCancelsItsTask() throws Exception {
        run(() -> {
            Promise<String, RuntimeException> started = loop.createFuture();
            Future<?> future = onAnotherThread(() -> executor.submit(() -> {
                started.setResult("started");
                try {
                    sleep(Duration.ofHours(1));
                } catch (CancelledError e) {
                    log.add("cancelled");
                    throw e;
                }
            }));
            started.await();
            future.cancel(true);
            assertThatThrownBy(future::get).isInstanceOf(CancellationException.class);
            yieldNow();
            yieldNow();
        });
        assertThat(log).containsExactly("cancelled");
        assertThat(clock.elapsed()).isZero();
    }

    @Test
    void aFailureOfExecuteIsReported() {
        IllegalStateException failure = new IllegalStateException();
        run(() -> {
            executor.execute(() -> {
                throw failure;
            });
            executor.submit(() -> {
                throw new IllegalStateException("that somebody holds");
            });
            sleep(Duration.ofHours(1));
        });
        assertThat(reported).extracting(ExceptionContext::exception).containsExactly(failure);
    }

    @Test
    void aCompletionServiceWorksWithItAndItsFuturesCanBeCancelled() throws Exception {
        run(() -> {
            ExecutorCompletionService<String> service = new ExecutorCompletionService<>(executor);
            service.submit(taskThatYields("one"));
            assertThat(service.take().get()).isEqualTo("one");
            service.submit(() -> {
                throw new IOException("two");
            });
            assertThat(service.take().exceptionNow()).hasMessage("two");
            Future<String> third = service.submit(never::await);
            yieldNow();
            yieldNow();
            third.cancel(true);
            assertThat(service.take()).isSameAs(third);
            assertThat(Asyncio.allTasks()).hasSize(1);
        });
    }

    @Test
    void aClosedExecutorHasFinishedItsTasks() throws Exception {
        run(() -> onAnotherThread(() -> {
            try (executor) {
                executor.execute(() -> {
                    yieldNow();
                    log.add("task ends");
                });
                assertThat(executor.isTerminated()).isFalse();
            }
            log.add("closed");
            assertThat(executor.isShutdown()).isTrue();
            assertThat(executor.isTerminated()).isTrue();
            assertThatThrownBy(() -> executor.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
            return null;
        }));
        assertThat(log).containsExactly("task ends", "closed");
    }

    @Test
    void anExecutorIsNotTerminatedBeforeItsCancelledTasksHaveEnded() throws Exception {
        Promise<Void, RuntimeException> mayEnd = loop.createFuture();
        run(() -> {
            Future<?> future = executor.submit(() -> {
                try {
                    never.await();
                } finally {
                    mayEnd.await();
                }
            });
            yieldNow();
            assertThat(executor.shutdownNow()).isEmpty();
            assertThat(future.isCancelled()).isTrue();
            yieldNow();
            yieldNow();
            assertThat(executor.isTerminated()).isFalse();
            mayEnd.setResult(null);
            assertThat(executor.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
        });
    }

    @Test
    void anExecutorIsTerminatedWhenItsLoopHasClosed() throws Exception {
        Future<?> begun = executor.submit(() -> sleep(Duration.ofHours(1)));
        run(Asyncio::yieldNow);
        Future<?> tooLate = executor.submit(() -> log.add("never"));
        loop.close();
        for (Future<?> future : List.of(begun, tooLate)) {
            assertThatThrownBy(() -> future.get(20, TimeUnit.SECONDS)).isInstanceOf(CancellationException.class);
        }
        assertThatThrownBy(() -> executor.execute(() -> {}))
                .isInstanceOf(RejectedExecutionException.class)
                .hasMessage("the event loop is closed");
        executor.shutdown();
        assertThat(executor.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
        assertThat(log).isEmpty();
    }

    @Test
    void anExecutorIsTerminatedThoughATaskCouldNotBeMade() throws Exception {
        TaskFactory broken = new TaskFactory() {
            @Override
            public <T, X extends Exception> Task<T, X> createTask(
                    EventLoop loop, Coroutine<T, X> coroutine, TaskOptions options) {
                throw new IllegalArgumentException("no tasks today");
            }
        };
        run(() -> {
            loop.setTaskFactory(broken);
            Future<String> future = executor.submit(taskThatYields("one"));
            assertThatThrownBy(future::get).hasRootCauseMessage("no tasks today");
            executor.shutdown();
            assertThat(executor.isTerminated()).isTrue();
        });
    }

    @Test
    void eachExecutorIsShutDownByItself() throws Exception {
        run(() -> {
            Asyncio.executor().close();
            assertThat(executor.submit(() -> "value").get()).isEqualTo("value");
        });
    }

    // ------------------------------------------------------------------------------------------------ the thread
    // factory

    @Test
    void threadsOfTheFactoryRunOnTheLoopsThreadOneAtATime() throws Exception {
        int[] counter = {0};
        String loopThread = Thread.currentThread().getName();
        run(() -> onAnotherThread(() -> {
            try (ExecutorService threads = Executors.newThreadPerTaskExecutor(loop.threadFactory())) {
                for (int i = 0; i < 100; i++) {
                    threads.submit(() -> {
                        for (int n = 0; n < 100; n++) {
                            int before = counter[0];
                            assertThat(Thread.currentThread().toString()).endsWith("@" + loopThread);
                            counter[0] = before + 1;
                            Thread.yield();
                        }
                        return null;
                    });
                }
            }
            return null;
        }));
        assertThat(counter[0]).isEqualTo(10_000);
    }

    @Test
    void aThreadOfTheFactoryIsNoTaskAndUsesTheDoors() throws Exception {
        Promise<String, RuntimeException> promise = loop.createFuture();
        run(() -> {
            Thread thread = loop.threadFactory().newThread(() -> {
                assertThatThrownBy(promise::await).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(() -> loop.createTask(() -> {}))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("callSoonThreadsafe");
                loop.callSoonThreadsafe(() -> promise.setResult("through the door"));
            });
            thread.start();
            assertThat(promise.await()).isEqualTo("through the door");
            thread.join();
        });
    }

    @Test
    void virtualTimeStandsStillWhileSuchAThreadWaits() throws Exception {
        Thread loopThread = Thread.currentThread();
        CountDownLatch idle = new CountDownLatch(1);
        run(() -> {
            Promise<Duration, RuntimeException> seen = loop.createFuture();
            loop.threadFactory()
                    .newThread(() -> {
                        try {
                            idle.await();
                        } catch (InterruptedException e) {
                            throw new IllegalStateException(e);
                        }
                        Duration now = clock.elapsed();
                        loop.callSoonThreadsafe(() -> seen.setResult(now));
                    })
                    .start();
            Asyncio.createTask(() -> sleep(Duration.ofHours(5)));
            Thread.ofPlatform().start(() -> {
                while (loopThread.getState() != Thread.State.WAITING) {
                    Thread.onSpinWait();
                }
                idle.countDown();
            });
            assertThat(seen.await()).isZero();
            sleep(Duration.ofHours(6)); // would never end if the thread still counted
        });
        assertThat(clock.elapsed()).isEqualTo(Duration.ofHours(6));
    }

    @Test
    void aThreadThatOutlivesItsLoopRunsToItsEnd() throws Exception {
        CountDownLatch mayEnd = new CountDownLatch(1);
        List<String> ends = new ArrayList<>();
        Thread thread = loop.threadFactory().newThread(() -> {
            try {
                mayEnd.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            ends.add(Thread.currentThread().toString());
        });
        Thread tooLate = loop.threadFactory()
                .newThread(() -> ends.add(Thread.currentThread().toString()));
        run(() -> {
            thread.start();
            yieldNow();
        });
        loop.close();
        mayEnd.countDown();
        thread.join();
        tooLate.start();
        tooLate.join();
        assertThat(ends).hasSize(2).allMatch(name -> name.endsWith("@rondo-stragglers"));
    }
}
