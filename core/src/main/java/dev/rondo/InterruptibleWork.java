package dev.rondo;

import org.jspecify.annotations.Nullable;

/** A strand that waits for work in another thread, and interrupts that thread if it is cancelled. Loop thread only. */
final class InterruptibleWork<T extends @Nullable Object, X extends Exception> extends Wait {

    private final Strand strand;
    private final Coroutine<T, X> work;
    private Workers.@Nullable Job job;
    private @Nullable T value;
    private @Nullable Throwable failure;
    private @Nullable String cancelMessage;
    private boolean abandoned;

    private InterruptibleWork(Strand strand, Coroutine<T, X> work) {
        this.strand = strand;
        this.work = work;
    }

    /** Has the work done by the loop's pool, and suspends until it has ended. */
    static <T extends @Nullable Object, X extends Exception> T run(Strand strand, Coroutine<T, X> work) throws X {
        InterruptibleWork<T, X> wait = new InterruptibleWork<>(strand, work);
        wait.job = strand.loop.workers().submit(null, work, wait::perform);
        boolean cancelled = strand.park(wait);
        return wait.outcome(cancelled);
    }

    /** In the worker. */
    private Runnable perform() {
        try {
            T value = work.run();
            return () -> ended(value, null);
        } catch (Throwable failure) {
            return () -> ended(null, failure);
        }
    }

    private void ended(@Nullable T value, @Nullable Throwable failure) {
        this.value = value;
        this.failure = failure;
        if (!abandoned) {
            strand.wakeUp();
        }
    }

    @SuppressWarnings({"NullAway", "unchecked"}) // whether a value may be null is T's to say; the failure is the work's
    private T outcome(boolean cancelled) throws X {
        if (cancelled && (failure == null || Interrupts.shownBy(failure))) {
            throw strand.throwAborted(cancelMessage);
        }
        if (!cancelled) { // or else the failure is the answer to the cancel; a scope's would come again, and hide it
            strand.throwIfCancelled();
        }
        if (failure != null) {
            InterruptibleWork.<X>rethrow(failure);
        }
        return value;
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <X extends Throwable> void rethrow(Throwable failure) throws X {
        throw (X) failure;
    }

    @Override
    boolean abort(Strand strand, @Nullable String message) {
        cancelMessage = message;
        if (takeBackOrInterrupt()) {
            strand.wakeUp();
        }
        return true;
    }

    private boolean takeBackOrInterrupt() {
        if (job == null || job.takeBack()) {
            return true;
        }
        job.interrupt();
        return false;
    }

    @Override
    void abandon(Strand strand) {
        abandoned = true;
        takeBackOrInterrupt();
    }

    @Override
    public String toString() {
        return "work in another thread (" + Names.ofCode(work) + ")";
    }
}
