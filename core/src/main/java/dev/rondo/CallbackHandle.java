package dev.rondo;

import dev.rondo.reactor.UserCode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A callback of the user in the ready queue. Loop thread only. */
sealed class CallbackHandle implements Handle, UserCode permits TimerCallbackHandle, ThreadsafeHandle, DoneCallback {

    final EventLoop loop;
    final @Nullable List<StackTraceElement> createdAt; // in debug mode
    private final Context context;
    private @Nullable Runnable callback; // null once cancelled
    private boolean cancelled;

    CallbackHandle(EventLoop loop, Runnable callback, Context context) {
        this.loop = loop;
        this.callback = callback;
        this.context = context;
        this.createdAt = CreationSite.in(loop);
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
        boolean debug = loop.debug();
        if (debug) {
            loop.slowItems().callbackBegins(this);
        }
        try {
            callback.run();
        } catch (Throwable failure) {
            if (EventLoop.escapes(failure)) {
                loop.escape(failure);
            } else {
                loop.callExceptionHandler(ExceptionContext.about(
                        "handle", this, createdAt, "Exception in callback " + Names.ofValue(name()), failure));
            }
        } finally {
            strand.context = before;
            if (debug) {
                loop.slowItems().ends(this);
            }
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

    /** Returns whose code it runs. */
    Object code() {
        return callback == null ? this : callback;
    }

    /** Returns what the handle is called in messages. */
    final String name() {
        return Names.ofCode(code());
    }

    @Override
    public String toString() {
        return "<Handle " + (cancelled ? "cancelled" : name()) + CreationSite.suffix(createdAt) + ">";
    }
}
