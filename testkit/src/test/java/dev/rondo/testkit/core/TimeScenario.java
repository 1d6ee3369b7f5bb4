package dev.rondo.testkit.core;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.currentTask;
import static dev.rondo.Asyncio.getRunningLoop;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.timeout;
import static dev.rondo.Asyncio.waitAny;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.testkit.core.Scenarios.aWhile;
import static dev.rondo.testkit.core.Scenarios.awaitCancel;
import static dev.rondo.testkit.core.Scenarios.isNotCancelled;
import static dev.rondo.testkit.core.Scenarios.wasCancelled;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.AsyncEvent;
import dev.rondo.AsyncTimeoutException;
import dev.rondo.CancelScope;
import dev.rondo.CancelledError;
import dev.rondo.Task;
import dev.rondo.TimerHandle;
import dev.rondo.testkit.Sim;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Sleeps, timeouts and scopes end when they should, and a cancel of the task is never taken for theirs. */
public final class TimeScenario {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private TimeScenario() {}

    /** Sleepers wake, and callbacks run, at the very time they were to, one of them being cancelled. */
    public static void punctual(Sim sim) throws Exception {
        List<Task<?, ?>> sleepers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Duration delay = Duration.ofNanos(1_000_000 + 300_000L * sim.choose(5, "how long"));
            sleepers.add(createTask(() -> {
                sleep(delay);
                isNotCancelled();
                assertThat(sim.elapsed()).as("when a sleeper wakes").isEqualTo(delay);
                sleep(SECOND);
                assertThat(sim.elapsed()).as("when it wakes again").isEqualTo(delay.plus(SECOND));
            }));
        }
        Duration later = Duration.ofNanos(1_700_000);
        TimerHandle call = getRunningLoop()
                .callLater(
                        later,
                        () -> assertThat(sim.elapsed()).as("when it is called").isEqualTo(later));
        if (sim.choose(2, "cancel the sleeper when it is about to wake") == 1) {
            sleep(Duration.ofNanos(1_300_000));
        }
        aWhile(sim, 2);
        sleepers.get(2).cancel();
        if (sim.choose(2, "cancel the call") == 1) {
            call.cancel();
        }
        assertThat(wasCancelled(sleepers.get(2))).isTrue();
        sleepers.get(0).await();
        sleepers.get(1).await();
        sleep(SECOND);
    }

    /** A sleeper is cancelled in the instant in which it would wake, and sleeps again. */
    public static void sleepsAgain(Sim sim) throws Exception {
        Task<?, ?> victim = createTask(() -> {
            try {
                sleep(SECOND);
            } finally {
                sleep(SECOND);
                assertThat(sim.elapsed()).as("when it wakes").isEqualTo(SECOND.multipliedBy(2));
            }
        });
        Task<?, ?> canceller = createTask(() -> {
            sleep(SECOND);
            victim.cancel();
        });
        wasCancelled(victim);
        canceller.await();
    }

    /** A task that is being cancelled has timeouts of its own where it cleans up. */
    public static void timeoutInCleanup(Sim sim) throws Exception {
        Task<?, ?> victim = createTask(() -> {
            try {
                awaitCancel();
            } finally {
                assertThatThrownBy(() -> timeout(SECOND, new AsyncEvent()::await))
                        .isInstanceOf(AsyncTimeoutException.class);
                yieldNow();
            }
        });
        yieldNow();
        aWhile(sim, 1);
        victim.cancel();
        assertThat(wasCancelled(victim)).isTrue();
    }

    /** What ends before its time leaves no timer behind. */
    public static void inGoodTime(Sim sim) throws Exception {
        timeout(SECOND, () -> aWhile(sim, 2));
        CancelScope.moveOnAfter(SECOND, () -> aWhile(sim, 2));
        Task<?, ?> sleeper = createTask(() -> sleep(SECOND));
        waitAny(List.of(createTask(() -> aWhile(sim, 2)), sleeper), SECOND);
        sleeper.cancel();
        wasCancelled(sleeper);
        getRunningLoop().callLater(SECOND, () -> {}).cancel();
        assertThat(sim.elapsed()).isZero();
    }

    /** A task cancels itself, and awaits one that hears of it and goes on all the same: it goes on as well. */
    public static void childSwallowsCancel(Sim sim) {
        Task<Integer, RuntimeException> child = createTask(() -> {
            try {
                new AsyncEvent().await();
            } catch (CancelledError e) {
                yieldNow();
            }
            return 5;
        });
        yieldNow();
        yieldNow();
        Task<?, ?> parent = createTask(() -> {
            while (!child.toString().contains("wait_for")) {
                yieldNow();
            }
            requireNonNull(currentTask()).cancel();
            assertThat(child.await()).isEqualTo(5);
            sleep(SECOND);
            assertThat(requireNonNull(currentTask()).uncancel()).isZero();
        });
        try {
            parent.await();
        } catch (Exception e) {
            throw new AssertionError("the cancel was swallowed, and came all the same", e);
        }
    }

    /** A task cancels itself, and hears of that where it suspends next, and once. */
    public static void cancelsItself(Sim sim) throws Exception {
        int how = sim.choose(3, "in a timeout");
        Task<?, ?> victim = createTask(() -> {
            requireNonNull(currentTask()).cancel();
            try {
                if (how == 1) {
                    timeout(SECOND, Scenarios::awaitCancel);
                } else if (how == 2) {
                    timeout(SECOND, () -> {
                        try {
                            awaitCancel();
                        } catch (CancelledError e) {
                            new AsyncEvent().await(); // what ends this is the timeout, and it is not its alone
                        }
                    });
                } else {
                    awaitCancel();
                }
            } finally {
                yieldNow();
                sleep(SECOND);
            }
        });
        boolean cancelled = wasCancelled(victim);
        assertThat(cancelled).isTrue();
        assertThat(sim.elapsed()).as("with what it took to clean up").isEqualTo(SECOND.multipliedBy(how == 2 ? 2 : 1));
    }

    /** A task cancels itself and takes that back before it hears of it: it goes on. */
    public static void cancelTakenBack(Sim sim) throws Exception {
        Task<?, ?> task = createTask(() -> {
            Task<?, ?> self = requireNonNull(currentTask());
            self.cancel();
            self.uncancel();
            aWhile(sim, 2);
            sleep(SECOND);
        });
        assertThat(wasCancelled(task)).isFalse();
    }

    /** In a cleanup several deadlines come in one instant, that of a scope among them: none leaves a cancel behind. */
    public static void deadlinesInCleanup(Sim sim) throws Exception {
        boolean[] cleanedUp = {false};
        Task<?, ?> victim = createTask(() -> {
            try {
                new AsyncEvent().await();
            } finally {
                try {
                    timeout(
                            SECOND,
                            () -> CancelScope.moveOnAfter(SECOND, () -> timeout(SECOND, new AsyncEvent()::await)));
                } catch (AsyncTimeoutException e) {
                    // if it was before the scope
                }
                yieldNow();
                sleep(SECOND);
                cleanedUp[0] = true;
            }
        });
        yieldNow();
        sleep(SECOND);
        victim.cancel();
        assertThat(wasCancelled(victim)).isTrue();
        assertThat(cleanedUp[0]).as("cleaned up").isTrue();
    }

    /** What waits for a scope inside another is ended by that which ends first, and each takes its own. */
    public static void scopeInScope(Sim sim) throws Exception {
        CancelScope outer = new CancelScope();
        CancelScope inner = new CancelScope();
        Task<?, ?> canceller = createTask(() -> {
            aWhile(sim, 2);
            (sim.choose(2, "which") == 0 ? outer : inner).cancel();
        });
        boolean[] between = {false};
        CancelScope.Result<?> result = outer.run(() -> {
            CancelScope.Result<?> in = inner.run(() -> new AsyncEvent().await());
            assertThat(in.cancelled()).isTrue();
            assertThat(inner.cancelled()).as("which ended it").isTrue();
            yieldNow();
            between[0] = true;
        });
        assertThat(result.cancelled()).isEqualTo(outer.cancelled()).isEqualTo(!between[0]);
        canceller.await();
        assertThatThrownBy(() -> CancelScope.moveOnAfter(SECOND, () -> {
                    throw new IllegalStateException("planned");
                }))
                .hasMessage("planned");
    }

    /** A timeout comes at its time, and leaves no cancel behind. */
    public static void timeoutComes(Sim sim) {
        assertThatThrownBy(() -> timeout(SECOND, () -> {
                    aWhile(sim, 2);
                    new AsyncEvent().await();
                }))
                .isInstanceOf(AsyncTimeoutException.class);
        assertThat(sim.elapsed()).isEqualTo(SECOND);
        isNotCancelled();
        yieldNow();
    }

    /** What is waited for comes in the same instant as the timeout: one of the two is true, and neither is left. */
    public static void timeoutMayCome(Sim sim) {
        AsyncEvent event = new AsyncEvent();
        Task<?, ?> setter = createTask(() -> {
            sleep(SECOND);
            aWhile(sim, 2);
            event.set();
        });
        try {
            timeout(SECOND, event::await);
            assertThat(event.isSet()).isTrue();
        } catch (AsyncTimeoutException e) {
            assertThat(e.getCause()).isNotNull();
        }
        isNotCancelled();
        yieldNow();
        event.await();
        setter.cancel();
    }

    /** A timeout inside another: each is told as its own. */
    public static void timeoutInTimeout(Sim sim) {
        boolean[] inner = {false};
        assertThatThrownBy(() -> timeout(Duration.ofMillis(1500), () -> {
                    try {
                        timeout(SECOND, new AsyncEvent()::await);
                    } catch (AsyncTimeoutException e) {
                        inner[0] = true;
                    }
                    aWhile(sim, 1);
                    new AsyncEvent().await();
                }))
                .isInstanceOf(AsyncTimeoutException.class);
        assertThat(inner[0]).isTrue();
        isNotCancelled();
        yieldNow();
    }

    /** The task is cancelled in the instant of its timeout: it is cancelled, whatever becomes of the timeout. */
    public static void timeoutAndCancel(Sim sim) throws Exception {
        cancelAtTheDeadline(sim, () -> {
            try {
                timeout(SECOND, new AsyncEvent()::await);
            } catch (AsyncTimeoutException e) {
                yieldNow();
            }
            awaitCancel();
        });
    }

    /** The task is cancelled in the instant in which a scope ends: it is cancelled, whatever becomes of the scope. */
    public static void scopeAndCancel(Sim sim) throws Exception {
        cancelAtTheDeadline(sim, () -> {
            CancelScope.moveOnAfter(SECOND, () -> {
                try {
                    new AsyncEvent().await();
                } finally {
                    yieldNow(); // here the cancel of the scope may come in place of the task's
                }
            });
            awaitCancel();
        });
    }

    /** A scope ends all that is in it at its deadline, what is shielded excepted, and leaves nothing behind. */
    public static void scopeEnds(Sim sim) {
        boolean[] cleanedUp = {false};
        CancelScope.Result<?> result = CancelScope.moveOnAfter(SECOND, () -> {
            try {
                aWhile(sim, 1);
                dev.rondo.Asyncio.taskGroup(group -> {
                    group.createTask(new AsyncEvent()::await);
                    group.createTask(() -> aWhile(sim, 2));
                });
            } finally {
                CancelScope.shielded(() -> {
                    sleep(SECOND);
                    cleanedUp[0] = true;
                });
            }
        });
        assertThat(result.cancelled()).isTrue();
        assertThat(cleanedUp[0]).as("behind the shield").isTrue();
        assertThat(sim.elapsed()).isEqualTo(SECOND.multipliedBy(2));
        isNotCancelled();
        yieldNow();
    }

    private static void cancelAtTheDeadline(Sim sim, dev.rondo.Action<RuntimeException> body) throws Exception {
        Task<?, ?> task = createTask(body, "victim");
        Task<?, ?> canceller = createTask(() -> {
            sleep(SECOND);
            aWhile(sim, 3);
            task.cancel();
        });
        assertThat(wasCancelled(task)).as("the task was cancelled").isTrue();
        canceller.await();
    }
}
