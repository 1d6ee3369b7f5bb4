package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.newEventLoop;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.rondo.spec.Spec;
import org.junit.jupiter.api.Test;

class EventTest extends LoopTestCase {

    private final AsyncEvent event = new AsyncEvent();

    private Task<?, ?> waiter(String name) {
        return createTask(
                () -> {
                    event.await();
                    log.add(name);
                },
                name);
    }

    @Test
    @Spec("K-4")
    void setWakesAllInTheOrderInWhichTheyCame() {
        run(() -> {
            Task<?, ?> first = waiter("first");
            Task<?, ?> second = waiter("second");
            yieldNow();
            assertThat(log).isEmpty();
            Task<?, ?> third = waiter("third");
            event.set();
            yieldNow();
            assertThat(log).as("the third finds it set when it begins").containsExactly("third", "first", "second");
            assertThat(first.done() && second.done() && third.done()).isTrue();
        });
    }

    @Test
    @Spec("K-4")
    void waitingForWhatIsSetLetsNobodyRun() {
        run(() -> {
            event.set();
            loop.callSoon(logs("another"));
            event.await();
            assertThat(log).isEmpty();
        });
    }

    @Test
    @Spec("K-4")
    void clearTakesTheFlagBack() {
        run(() -> {
            assertThat(event.isSet()).isFalse();
            event.set();
            assertThat(event.isSet()).isTrue();
            event.clear();
            assertThat(event.isSet()).isFalse();
            Task<?, ?> waiter = waiter("waiter");
            yieldNow();
            assertThat(waiter.done()).isFalse();
        });
    }

    @Test
    @Spec("K-4")
    void whoWaitedWhenItWasSetGoesOnThoughItWasClearedBeforeItRan() {
        run(() -> {
            waiter("first");
            waiter("second");
            yieldNow();
            event.set();
            event.clear();
            Task<?, ?> late = waiter("late");
            yieldNow();
            assertThat(log).containsExactly("first", "second");
            assertThat(late.done()).isFalse();
        });
    }

    @Test
    @Spec("K-4")
    void settingItAgainDoesNothing() {
        run(() -> {
            waiter("waiter");
            yieldNow();
            event.set();
            event.set();
            event.clear();
            event.set();
            assertThat(event).hasToString("<AsyncEvent [set, waiters:1]>");
            yieldNow();
            yieldNow();
            assertThat(log).containsExactly("waiter");
            assertThat(event).hasToString("<AsyncEvent [set]>");
        });
    }

    @Test
    @Spec("K-4")
    void aCancelledWaiterLeaves() {
        run(() -> {
            Task<?, ?> waiter = waiter("waiter");
            loop.callSoon(waiter::cancel);
            yieldNow();
            yieldNow();
            assertThat(waiter.cancelled()).isTrue();
            assertThat(event).hasToString("<AsyncEvent [unset]>");
        });
        assertThat(log).isEmpty();
    }

    @Test
    @Spec("C-2")
    void aCancelAfterSetWinsUnlessItIsTakenBack() {
        run(() -> {
            Task<?, ?> cancelled = waiter("cancelled");
            Task<?, ?> spared = waiter("spared");
            yieldNow();
            event.set();
            cancelled.cancel();
            spared.cancel();
            spared.uncancel();
            yieldNow();
            assertThat(cancelled.cancelled()).isTrue();
            assertThat(log).containsExactly("spared");
        });
    }

    @Test
    @Spec("K-4")
    void itCanBeUsedWithoutALoop() {
        event.set();
        event.await();
        event.clear();
        assertThatIllegalStateException()
                .isThrownBy(event::await)
                .withMessageContaining("<AsyncEvent [unset]> can be called only inside a coroutine");
        assertThat(event).hasToString("<AsyncEvent [unset]>");
    }

    @Test
    @Spec("K-4")
    void itBelongsToTheLoopOnWhichSomebodyFirstWaited() {
        run(() -> {
            waiter("waiter");
            yieldNow();
        });
        try (EventLoop other = newEventLoop()) {
            other.runUntilComplete(() -> assertThatIllegalStateException()
                    .isThrownBy(event::await)
                    .withMessage("<AsyncEvent [unset, waiters:1]> is bound to a different event loop"));
        }
    }

    @Test
    void anotherThreadCannotSetItWhileTheLoopRunsButMayPostIt() throws Exception {
        run(() -> {
            Task<?, ?> waiter = waiter("waiter");
            yieldNow();
            onAnotherThread(() -> {
                assertThatIllegalStateException()
                        .isThrownBy(event::set)
                        .withMessageContaining("loop.callSoonThreadsafe");
                assertThatIllegalStateException().isThrownBy(event::clear);
                return loop.callSoonThreadsafe(event::set);
            });
            waiter.await();
        });
        assertThat(log).containsExactly("waiter");
    }

    @Test
    @Spec("K-4")
    void itSaysItsStateAndHowManyWait() {
        run(() -> {
            assertThat(event).hasToString("<AsyncEvent [unset]>");
            waiter("waiter");
            yieldNow();
            assertThat(event).hasToString("<AsyncEvent [unset, waiters:1]>");
            event.set();
            yieldNow();
            assertThat(event).hasToString("<AsyncEvent [set]>");
        });
    }
}
