package dev.rondo.parts;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.gather;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.Asyncio;
import dev.rondo.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A lock of the JDK that coroutines and a platform thread need all the time. */
@Tag("heavy")
class SharedLockTest {

    private static final int COROUTINES = 100;
    private static final int BEATS = 200; // for 2 s, and longer where the loop is kept from beating

    private final AtomicBoolean over = new AtomicBoolean();
    private final long[] turns = new long[COROUTINES + 1]; // of each coroutine, and of the thread
    private long counter; // guarded by the lock

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void coroutinesAndAThreadShareALock(boolean fair) throws Exception {
        ReentrantLock lock = new ReentrantLock(fair);
        Thread thread = Thread.ofPlatform().start(() -> takeTurns(lock, COROUTINES, Thread::onSpinWait));
        Asyncio.run(() -> Beat.during(
                () -> {
                    List<Task<?, RuntimeException>> coroutines = new ArrayList<>();
                    for (int i = 0; i < COROUTINES; i++) {
                        int number = i;
                        coroutines.add(createTask(() -> takeTurns(lock, number, Asyncio::yieldNow)));
                    }
                    gather(coroutines);
                },
                beat -> over.set(beat >= BEATS)));
        thread.join();
        long sum = 0;
        for (long of : turns) {
            assertThat(of).as("turns of each").isPositive();
            sum += of;
        }
        assertThat(counter).isEqualTo(sum);
    }

    private void takeTurns(ReentrantLock lock, int number, Runnable between) {
        do {
            lock.lock();
            try {
                counter++;
                turns[number]++;
            } finally {
                lock.unlock();
            }
            between.run();
        } while (!over.get());
    }
}
