package dev.rondo.testkit.core;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.currentTask;
import static dev.rondo.Asyncio.getRunningLoop;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.timeout;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.testkit.core.Scenarios.aWhile;
import static dev.rondo.testkit.core.Scenarios.wasCancelled;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.AsyncEvent;
import dev.rondo.AsyncTimeoutException;
import dev.rondo.CancelScope;
import dev.rondo.Task;
import dev.rondo.TimerHandle;
import dev.rondo.testkit.Sim;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

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
                assertThat(sim.elapsed()).as("when a sleeper wakes").isEqualTo(delay);
            }));
        }
        Duration later = Duration.ofNanos(1_700_000);
        TimerHandle call = getRunningLoop()
                .callLater(
                        later,
                        () -> assertThat(sim.elapsed()).as("when it is called").isEqualTo(later));
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

    /** A timeout comes at its time, and leaves no cancel behind. */
    public static void timeoutComes(Sim sim) {
        assertThatThrownBy(() -> timeout(SECOND, () -> {
                    aWhile(sim, 2);
                    new AsyncEvent().await();
                }))
                .isInstanceOf(AsyncTimeoutException.class);
        assertThat(sim.elapsed()).isEqualTo(SECOND);
        isNotCancelled();
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
    }

    /** The task is cancelled in the instant of its timeout: it is cancelled, whatever becomes of the timeout. */
    public static void timeoutAndCancel(Sim sim) throws Exception {
        cancelAtTheDeadline(sim, () -> {
            try {
                timeout(SECOND, new AsyncEvent()::await);
            } catch (AsyncTimeoutException e) {
                yieldNow();
            }
            new AsyncEvent().await(); // only a cancel ends this
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
            new AsyncEvent().await(); // only a cancel ends this
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

    private static void isNotCancelled() {
        assertThat(Objects.requireNonNull(currentTask()).cancelling())
                .as("requests to cancel that are left")
                .isZero();
        yieldNow();
    }
}
