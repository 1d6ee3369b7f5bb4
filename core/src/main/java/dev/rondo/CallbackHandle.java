package dev.rondo;

import dev.rondo.reactor.UserCode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A callback of the user in the ready queue. Loop thread only. */
sealed class CallbackHandle implements Handle, UserCode permits TimerCallbackHandle, ThreadsafeHandle, DoneCallback {

    final EventLoop loop;
    private final Context context;
    private @Nullable Runnable callback; // null once cancelled
    private boolean cancelled;

    CallbackHandle(EventLoop loop, Runnable callback, Context context) {
        this.loop = loop;
        this.callback = callback;
        this.context = context;
    }

    /** Runs the callback, in the callback runner; a failure goes to the loop's exception handler. */
    @Override
    public void run() {
        Runnable callback = this.callback;
        if (callback == null) {
            return;
        }
        Strand strand = loop.currentStrand();
        Context before = strand.context;
        strand.context = context;
        try {
            callback.run();
        } catch (Throwable failure) {
            if (EventLoop.escapes(failure)) {
                loop.escape(failure);
            } else {
                loop.callExceptionHandler(
                        new ExceptionContext("Exception in callback " + callback, failure, Map.of("handle", this)));
            }
        } finally {
            strand.context = before;
        }
    }

    @Override
    public void cancel() {
        cancelled = true;
        callback = null;
    }

    @Override
    public boolean cancelled() {
        return cancelled;
    }

    @Override
    public Context context() {
        return context;
    }

    @Nullable Runnable callback() {
        return callback;
    }

    @Override
    public String toString() {
        return "<Handle " + (cancelled ? "cancelled" : String.valueOf(callback)) + ">";
    }
}
