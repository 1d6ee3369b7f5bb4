package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.currentTask;
import static dev.rondo.Asyncio.ensureFuture;
import static dev.rondo.Asyncio.newEventLoop;
import static dev.rondo.Asyncio.setEventLoop;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rondo.spec.Spec;
import org.junit.jupiter.api.Test;

class EnsureFutureTest extends LoopTestCase {

    @Test
    @Spec("T-15")
    void whatIsAFutureIsReturnedAsItIs() {
        run(() -> {
            Promise<String, RuntimeException> promise = loop.createFuture();
            Task<String, RuntimeException> task = createTask(() -> "value");
            assertThat(ensureFuture(promise)).isSameAs(promise);
            assertThat(ensureFuture(promise, loop)).isSameAs(promise);
            assertThat(ensureFuture(task).await()).isEqualTo("value");
            assertThat(ensureFuture(task, loop)).isSameAs(task);
        });
    }

    @Test
    @Spec("T-15")
    void whatBelongsToAnotherLoopIsRefused() {
        try (EventLoop other = newEventLoop()) {
            Promise<String, RuntimeException> promise = loop.createFuture();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ensureFuture(promise, other))
                    .withMessageContaining("belongs to a different loop");
            assertThat(ensureFuture(promise)).isSameAs(promise);
        }
    }

    @Test
    @Spec("T-15")
    void aCoroutineBecomesATask() {
        run(() -> {
            Task<Task<?, ?>, RuntimeException> task = ensureFuture(() -> currentTask());
            assertThat(task.done()).isFalse();
            assertThat(task.await()).isSameAs(task);
        });
        Task<String, RuntimeException> given = ensureFuture(() -> "on that loop", loop);
        assertThat(given.loop()).isSameAs(loop);
        assertThat(loop.runUntilComplete(given)).isEqualTo("on that loop");
    }

    @Test
    @Spec("T-15")
    void whereNoLoopRunsItIsTheThreadsOwn() {
        setEventLoop(loop);
        try {
            Task<String, RuntimeException> task = ensureFuture(() -> "value");
            assertThat(task.loop()).isSameAs(loop);
            assertThat(loop.runUntilComplete(task)).isEqualTo("value");
        } finally {
            setEventLoop(null);
        }
    }
}
