package dev.rondo;

import static dev.rondo.Asyncio.currentTask;
import static dev.rondo.Asyncio.sleep;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** What the tests of task groups share. */
abstract class TaskGroupTestCase extends LoopTestCase {

    static final Duration LONG = Duration.ofHours(1);

    static Duration seconds(int n) {
        return Duration.ofSeconds(n);
    }

    static Task<?, ?> self() {
        return requireNonNull(currentTask());
    }

    static Coroutine<Integer, RuntimeException> after(int seconds) {
        return () -> {
            sleep(seconds(seconds));
            return seconds;
        };
    }

    static Action<IOException> failsAfter(int seconds, String message) {
        return () -> {
            sleep(seconds(seconds));
            throw new IOException(message);
        };
    }

    /** Sleeps for long; says so if it is cancelled. */
    final Action<RuntimeException> sleeper(String name) {
        return () -> {
            try {
                sleep(LONG);
                log.add(name + " slept");
            } catch (CancelledError e) {
                log.add(name + " cancelled");
                throw e;
            }
        };
    }

    static TaskGroupException groupFailure(Action<?> action) {
        return assertThatExceptionOfType(TaskGroupException.class)
                .isThrownBy(action::run)
                .actual();
    }

    static List<String> messages(TaskGroupException e) {
        return e.causes().stream().map(Throwable::getMessage).toList();
    }

    static void awaitCancelled(Task<?, ?> task) {
        assertThatExceptionOfType(TaskCancelledException.class).isThrownBy(task::await);
        assertThat(task.cancelled()).isTrue();
    }
}
