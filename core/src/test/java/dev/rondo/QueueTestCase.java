package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;

/** Tasks that put and take, for the tests of queues. */
abstract class QueueTestCase extends LoopTestCase {

    static final Duration SECOND = Duration.ofSeconds(1);

    /** A task that takes one item, logs it under a name, and so says in which order the takers were served. */
    <T> Task<?, RuntimeException> taker(String name, AsyncQueue<T> queue) {
        return createTask(() -> {
            log.add(name + " " + queue.get());
        });
    }

    <T> Task<?, RuntimeException> putter(AsyncQueue<T> queue, T item) {
        return createTask(() -> {
            queue.put(item);
            log.add("put " + item);
        });
    }

    static void awaitCancelled(Task<?, ?> task) {
        assertThatExceptionOfType(TaskCancelledException.class).isThrownBy(task::await);
        assertThat(task.cancelled()).isTrue();
    }
}
