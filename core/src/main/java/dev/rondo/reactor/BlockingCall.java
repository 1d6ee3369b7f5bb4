package dev.rondo.reactor;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A call that a thread of the {@link NioDriver} makes. Its result is claimed by one of two: the loop thread for the
 * operation, or, where nobody waits any more, whoever finds it by the cleaner.
 */
final class BlockingCall<T extends @Nullable Object> {

    private final NioDriver driver;
    private final Op.Blocking<T> op;

    // Shared with the thread that makes the call: it sets the result and then looks whether somebody waits; we say that
    // nobody waits and then look at the result: one of the two sees the other.
    private final AtomicReference<@Nullable T> unclaimed = new AtomicReference<>();
    private volatile boolean abandoned;

    private final AtomicBoolean claimed = new AtomicBoolean(); // by the thread, or by who takes it back

    BlockingCall(NioDriver driver, Op.Blocking<T> op) {
        this.driver = driver;
        this.op = op;
    }

    /** Makes the call, on a thread that may block; returns what is left to do for the loop thread. */
    Runnable run() {
        if (abandoned || !claimed.compareAndSet(false, true)) {
            return () -> {};
        }
        try {
            unclaimed.set(op.call.call());
            if (abandoned) {
                clean();
            }
            return () -> over(null);
        } catch (Throwable e) {
            return () -> over(NioFd.asIOException("the blocking call failed", e));
        }
    }

    private void over(@Nullable IOException failure) {
        if (!abandoned) {
            op.result = unclaimed.getAndSet(null);
            op.finish(failure);
            driver.callOver(op);
        }
    }

    /** Takes the call back; returns false if a thread has begun to make it. */
    boolean takeBack() {
        return claimed.compareAndSet(false, true);
    }

    /** Nobody waits any more. */
    void abandon() {
        abandoned = true;
        if (unclaimed.get() != null) {
            driver.workUnheard(this::clean);
        }
    }

    private void clean() {
        clean(op, unclaimed.getAndSet(null));
    }

    /** Gives the operation's cleaner a result that nobody will take. On a thread that may block. */
    static <T extends @Nullable Object> void clean(Op.Blocking<T> op, @Nullable T result) {
        if (result != null) {
            try {
                op.cleaner.accept(result);
            } catch (Throwable e) { // whatever it is, the thread goes on with what others have to do
                // Nobody is left who could do something about it.
            }
        }
    }
}
