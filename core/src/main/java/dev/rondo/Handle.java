package dev.rondo;

/** A callback that is scheduled to run once, and can be cancelled until it does. Stands for {@code asyncio.Handle}. */
public sealed interface Handle permits TimerHandle, CallbackHandle {

    /** Keeps the callback from running, and lets go of it. Idempotent; has no effect on a callback that has begun. */
    void cancel();

    /** Returns whether {@link #cancel} was called. */
    boolean cancelled();

    /** Returns the context that the callback runs in. */
    Context context();
}
