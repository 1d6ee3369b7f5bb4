package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.newEventLoop;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.spec.Spec;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class PromiseTest extends LoopTestCase {

    private final Promise<String, IOException> promise = loop.createFuture();

    private Consumer<Awaitable<String, IOException>> logsAs(String name) {
        return _ -> log.add(name);
    }

    private void oneTurn() {
        loop.stop();
        loop.runForever();
    }

    @Test
    @Spec("F-1")
    @Spec("F-2")
    @Spec("F-3")
    void pendingItHasNoOutcome() {
        assertThat(promise.done()).isFalse();
        assertThat(promise.cancelled()).isFalse();
        assertThat(promise.loop()).isSameAs(loop);
        assertThatExceptionOfType(InvalidStateException.class)
                .isThrownBy(promise::result)
                .withMessageContaining("Result is not ready");
        assertThatExceptionOfType(InvalidStateException.class)
                .isThrownBy(promise::exception)
                .withMessageContaining("Exception is not set");
    }

    @Test
    @Spec("F-1")
    @Spec("F-2")
    void itKeepsItsValue() throws IOException {
        promise.setResult("value");
        assertThat(promise.done()).isTrue();
        assertThat(promise.result()).isEqualTo("value");
        assertThat(promise.result()).isEqualTo("value");
        assertThat(promise.exception()).isNull();
    }

    @Test
    @Spec("F-2")
    @Spec("F-3")
    void itKeepsItsFailureWhichDoesNotGrow() {
        IOException failure = new IOException();
        StackTraceElement[] trace = failure.getStackTrace();
        promise.setException(failure);
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(promise::result).isSameAs(failure);
            assertThat(promise.exception()).isSameAs(failure);
        }
        assertThat(failure.getStackTrace()).isEqualTo(trace);
        assertThat(failure).hasNoSuppressedExceptions();
    }

    @Test
    @Spec("F-4")
    void itIsDoneOnce() {
        promise.setResult("value");
        assertThatExceptionOfType(InvalidStateException.class).isThrownBy(() -> promise.setResult("again"));
        assertThatExceptionOfType(InvalidStateException.class)
                .isThrownBy(() -> promise.setException(new IOException()));
        assertThat(promise.cancel()).isFalse();
    }

    @Test
    @Spec("F-4")
    void afterAFailureNothingElseCanBeSet() {
        IOException failure = new IOException();
        promise.setException(failure);
        assertThatExceptionOfType(InvalidStateException.class).isThrownBy(() -> promise.setResult("late"));
        assertThatExceptionOfType(InvalidStateException.class)
                .isThrownBy(() -> promise.setException(new IOException()));
        assertThat(promise.exception()).isSameAs(failure);
    }

    @Test
    @Spec("F-1")
    @Spec("F-8")
    void itTellsHowItEndedAndWhoseItIs() {
        Promise<String, IOException> failed = loop.createFuture();
        Promise<String, IOException> cancelled = loop.createFuture();
        promise.setResult("value");
        failed.setException(new IOException());
        cancelled.cancel();
        for (Promise<?, ?> each : List.of(promise, failed, cancelled)) {
            assertThat(each.done()).isTrue();
            assertThat(each.cancelled()).isEqualTo(each == cancelled);
            assertThat(each.loop()).isSameAs(loop);
        }
        assertThat(failed.exception()).isNotNull();
    }

    @Test
    @Spec("F-14")
    void whileTheLoopRunsNoOtherThreadMayChangeIt() throws Exception {
        run(() -> onAnotherThread(() -> {
            List<ThrowingCallable> changes = List.of(
                    () -> promise.setResult("value"),
                    () -> promise.setException(new IOException()),
                    promise::cancel,
                    () -> promise.addDoneCallback(logsAs("callback")),
                    () -> promise.removeDoneCallback(logsAs("callback")),
                    promise::await);
            for (ThrowingCallable change : changes) {
                assertThatIllegalStateException().isThrownBy(change).withMessageContaining("callSoonThreadsafe");
            }
            return null;
        }));
        assertThat(promise.done()).isFalse();
    }

    @Test
    @Spec("F-5")
    void cancelledItIsDoneAtOnce() {
        promise.addDoneCallback(logsAs("callback"));
        assertThat(promise.cancel("why")).isTrue();
        assertThat(promise.cancel("again")).isFalse();
        assertThat(promise.done()).isTrue();
        assertThat(promise.cancelled()).isTrue();
        assertThat(log).isEmpty();
        oneTurn();
        assertThat(log).containsExactly("callback");
        assertThatThrownBy(promise::result)
                .isInstanceOf(TaskCancelledException.class)
                .hasMessageEndingWith(": why");
        assertThatThrownBy(promise::exception).isInstanceOf(TaskCancelledException.class);
        assertThatExceptionOfType(InvalidStateException.class).isThrownBy(() -> promise.setResult("late"));
    }

    @Test
    @Spec("F-6")
    void callbacksRunInTheNextTurnInTheOrderOfRegistration() {
        promise.addDoneCallback(logsAs("first"));
        promise.addDoneCallback(logsAs("second"));
        promise.addDoneCallback(done -> log.add("third with " + done.done()));
        promise.setResult("value");
        assertThat(log).isEmpty();
        oneTurn();
        assertThat(log).containsExactly("first", "second", "third with true");
    }

    @Test
    @Spec("F-6")
    void aCallbackOnWhatIsDoneRunsInTheNextTurnToo() {
        promise.setResult("value");
        promise.addDoneCallback(logsAs("late"));
        assertThat(log).isEmpty();
        oneTurn();
        assertThat(log).containsExactly("late");
    }

    @Test
    @Spec("F-6")
    void aCallbackHasTheContextOfItsRegistration() {
        ContextVar<String> variable = ContextVar.named("v");
        variable.set("registered");
        promise.addDoneCallback(_ -> log.add(variable.get()));
        variable.set("completed");
        Context given = new Context();
        given.run(() -> variable.set("given"));
        promise.addDoneCallback(_ -> log.add(variable.get()), given);
        promise.setResult("value");
        oneTurn();
        assertThat(log).containsExactly("registered", "given");
    }

    @Test
    @Spec("F-6")
    void callbacksAndAwaitersAreServedInOneOrder() {
        run(() -> {
            promise.addDoneCallback(logsAs("callback 1"));
            createTask(() -> {
                promise.await();
                log.add("awaiter");
            });
            yieldNow();
            promise.addDoneCallback(logsAs("callback 2"));
            promise.setResult("value");
            yieldNow();
        });
        assertThat(log).containsExactly("callback 1", "awaiter", "callback 2");
    }

    @Test
    @Spec("F-6")
    @Spec("F-7")
    void theSameCallbackMayBeThereTwiceAndIsRemovedAtOnce() {
        Consumer<Awaitable<String, IOException>> twice = logsAs("twice");
        assertThat(promise.removeDoneCallback(twice)).isZero();
        promise.addDoneCallback(twice);
        assertThat(promise.removeDoneCallback(twice)).isEqualTo(1);
        promise.addDoneCallback(twice);
        promise.addDoneCallback(logsAs("other"));
        promise.addDoneCallback(twice);
        assertThat(promise.removeDoneCallback(twice)).isEqualTo(2);
        promise.setResult("value");
        oneTurn();
        assertThat(log).containsExactly("other");
    }

    @Test
    @Spec("F-7")
    void aCallbackMayAddAndRemoveCallbacks() {
        Consumer<Awaitable<String, IOException>> removed = logsAs("removed too late");
        promise.addDoneCallback(done -> {
            assertThat(done.removeDoneCallback(removed))
                    .as("it is queued already")
                    .isZero();
            done.addDoneCallback(logsAs("added"));
        });
        promise.addDoneCallback(removed);
        promise.setResult("value");
        oneTurn();
        assertThat(log).containsExactly("removed too late");
        oneTurn();
        assertThat(log).containsExactly("removed too late", "added");
    }

    /** Equal to nothing, and changes the promise's callbacks whenever it is asked. */
    private final class Meddler implements Consumer<Awaitable<String, IOException>> {
        private boolean meddled;

        @Override
        public void accept(Awaitable<String, IOException> done) {
            log.add("meddler");
        }

        @Override
        public boolean equals(Object other) {
            if (!meddled) {
                meddled = true;
                promise.addDoneCallback(logsAs("added meanwhile"));
                promise.removeDoneCallback(first);
            }
            return false;
        }

        @Override
        public int hashCode() {
            return 0;
        }
    }

    private final Consumer<Awaitable<String, IOException>> first = logsAs("first");

    @Test
    @Spec("F-7")
    void callbacksMayChangeWhileOneIsLookedFor() {
        promise.addDoneCallback(first);
        promise.addDoneCallback(logsAs("second"));
        assertThat(promise.removeDoneCallback(new Meddler())).isZero();
        promise.setResult("value");
        oneTurn();
        assertThat(log).containsExactly("second", "added meanwhile");
    }

    @Test
    void aFailureOfOneCallbackDoesNotKeepTheOthersFromRunning() {
        promise.addDoneCallback(_ -> {
            throw new IllegalStateException("callback");
        });
        promise.addDoneCallback(logsAs("next"));
        promise.setResult("value");
        oneTurn();
        assertThat(log).containsExactly("next");
        assertThat(reported).hasSize(1);
    }

    @Test
    @Spec("F-9")
    void awaitingWhatIsDoneDoesNotSuspend() throws IOException {
        promise.setResult("value");
        run(() -> {
            loop.callSoon(logs("somebody else"));
            assertThat(promise.await()).isEqualTo("value");
            assertThat(log).isEmpty();
        });
    }

    @Test
    @Spec("F-9")
    void manyMayAwaitIt() throws IOException {
        run(() -> {
            for (int i = 0; i < 3; i++) {
                int n = i;
                createTask(() -> log.add(promise.await() + n));
            }
            yieldNow();
            promise.setResult("value ");
            yieldNow();
        });
        assertThat(log).containsExactly("value 0", "value 1", "value 2");
    }

    @Test
    void aCallbackMayAwaitAndTheLoopGoesOn() {
        run(() -> {
            loop.callSoon(() -> {
                try {
                    log.add(promise.await());
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            loop.callSoon(logs("next callback"));
            yieldNow();
            promise.setResult("value");
            yieldNow();
        });
        assertThat(log).containsExactly("next callback", "value");
    }

    @Test
    @Spec("F-9")
    void outsideACoroutineItCannotBeAwaited() {
        assertThatIllegalStateException()
                .isThrownBy(promise::await)
                .withMessageContaining("only inside a coroutine")
                .withMessageContaining("Asyncio.run");
    }

    @Test
    @Spec("T-3")
    void itCannotBeAwaitedOnAnotherLoop() {
        try (EventLoop other = newEventLoop()) {
            other.runUntilComplete(() -> assertThatIllegalStateException()
                    .isThrownBy(promise::await)
                    .withMessageContaining("attached to a different loop"));
        }
    }

    @Test
    @Spec("F-10")
    void aFailureThatNobodyTakesIsReportedOnceAfterASecond() {
        IOException failure = new IOException("nobody's");
        run(() -> {
            promise.setException(failure);
            sleep(Duration.ofMillis(999));
            assertThat(reported).isEmpty();
            sleep(Duration.ofMillis(2));
            assertThat(reportedMessages()).containsExactly("Promise exception was never retrieved");
            sleep(Duration.ofSeconds(10));
        });
        loop.close();
        assertThat(reported).singleElement().satisfies(context -> {
            assertThat(context.exception()).isSameAs(failure);
            assertThat(context.details()).containsEntry("future", promise);
        });
    }

    @Test
    @Spec("F-10")
    void aFailureThatNobodyTookIsReportedWhenTheLoopCloses() {
        promise.setException(new IOException());
        loop.close();
        assertThat(reportedMessages()).containsExactly("Promise exception was never retrieved");
    }

    @Test
    @Spec("F-10")
    void whoeverAsksForTheFailureHasTakenIt() {
        run(() -> {
            Promise<String, IOException> awaited = loop.createFuture();
            Promise<String, IOException> asked = loop.createFuture();
            Promise<String, IOException> askedForAResult = loop.createFuture();
            Promise<String, IOException> cancelled = loop.createFuture();
            Promise<String, IOException> unseen = loop.createFuture();
            for (Promise<String, IOException> each : List.of(awaited, asked, askedForAResult, cancelled, unseen)) {
                each.setException(new IOException());
            }
            assertThatThrownBy(awaited::await).isInstanceOf(IOException.class);
            assertThat(asked.exception()).isNotNull();
            assertThatThrownBy(askedForAResult::result).isInstanceOf(IOException.class);
            cancelled.cancel();
            sleep(Duration.ofSeconds(2));
            assertThat(reported)
                    .singleElement()
                    .satisfies(context -> assertThat(context.details()).containsEntry("future", unseen));
        });
    }

    @Test
    void doneItHoldsNoCallbacks() {
        WeakReference<Object> callback = withCallback();
        promise.setResult("value");
        oneTurn();
        assertThatItGoes(callback);
        assertThat(promise.done()).isTrue();
    }

    private WeakReference<Object> withCallback() {
        Object big = new Object();
        promise.addDoneCallback(_ -> log.add(big.toString()));
        promise.addDoneCallback(logsAs("another"));
        return new WeakReference<>(big);
    }

    private static void assertThatItGoes(WeakReference<?> reference) {
        for (int i = 0; i < 100 && reference.get() != null; i++) {
            System.gc();
        }
        assertThat(reference.get()).isNull();
    }

    @Test
    void itSaysHowItIs() {
        assertThat(promise).hasToString("<Promise pending>");
        promise.setResult("value");
        assertThat(promise).hasToString("<Promise finished result=value>");
    }

    @Test
    void aPromiseCannotFailWithNothing() {
        Promise<String, RuntimeException> promise = loop.createFuture();
        assertThatIllegalArgumentException().isThrownBy(() -> promise.setException(null));
        assertThat(promise.done()).isFalse();
    }
}
