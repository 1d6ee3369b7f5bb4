package dev.rondo;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** What a loop does with failures that it can give to nobody: asks the handler that was set, or logs them. */
final class ExceptionHandling {

    private final EventLoop loop;

    private final ArrayDeque<Runnable> pending = new ArrayDeque<>(); // a callback is queued for each, in this order

    @Nullable BiConsumer<EventLoop, ExceptionContext> handler; // the user's, or null; EventLoop's to set

    ExceptionHandling(EventLoop loop) {
        this.loop = loop;
    }

    /** Has {@link #handle} called where code of the user may run: in the next turn. On the loop's thread. */
    void handleLater(ExceptionContext context) {
        later(() -> handle(context), contextOf(context, new Context()));
    }

    /**
     * Has a report made in the next turn; or when the loop closes, if that comes first. The bare thread must not make
     * it, and neither must what is posted: handlers are code of the user, and so are the appenders of a log.
     */
    void later(Runnable report, Context context) {
        if (!loop.isClosed()) {
            pending.add(report);
            loop.ready(new CallbackHandle(loop, this::reportNext, context));
        }
    }

    private void reportNext() {
        Runnable report = pending.poll();
        if (report != null) {
            report.run();
        }
    }

    /** Makes the reports that no turn will make any more. */
    void reportPending() {
        while (!pending.isEmpty()) {
            reportNext();
        }
    }

    /** Calls the handler, in the context of what failed. Runs code of the user, so never on the bare loop thread. */
    void handle(ExceptionContext context) {
        BiConsumer<EventLoop, ExceptionContext> handler = this.handler;
        if (handler == null) {
            log(context);
            return;
        }
        Strand strand = loop.strandHere();
        Context before = strand == null ? null : strand.context;
        try {
            if (strand != null) {
                strand.context = contextOf(context, strand.context);
            }
            handler.accept(loop, context);
        } catch (Throwable failure) {
            if (EventLoop.escapes(failure) && loop.isHere()) {
                loop.escape(failure);
                return;
            }
            if (loop.observer != null && !loop.isClosed()) {
                loop.observer.handlerFailed(failure);
            }
            if (failure != context.exception()) {
                failure.addSuppressed(
                        context.exception() != null ? context.exception() : new Throwable(context.message()));
            }
            log(new ExceptionContext("Unhandled error in exception handler", failure, Map.of("context", context)));
        } finally {
            if (strand != null && before != null) {
                strand.context = before;
            }
        }
    }

    /** Returns the context variables of what the failure is about. */
    static Context contextOf(ExceptionContext context, Context otherwise) {
        for (String key : List.of("task", "future")) {
            if (context.details().get(key) instanceof Task<?, ?> task) {
                return task.context();
            }
        }
        return context.details().get("handle") instanceof Handle handle ? handle.context() : otherwise;
    }

    /** Logs a failure with all that had to do with it. */
    void log(ExceptionContext context) {
        try {
            Report.error(describe(context), context.exception());
        } catch (Throwable failure) { // of an appender
            if (EventLoop.escapes(failure) && loop.isHere()) {
                loop.escape(failure);
                return;
            }
            failure.addSuppressed(new Throwable(context.message(), context.exception()));
            Report.error("Exception in default exception handler", failure);
        }
    }

    private String describe(ExceptionContext context) {
        Map<String, Object> details = new TreeMap<>(context.details());
        StringBuilder text = new StringBuilder(context.message());
        List<StackTraceElement> callback = loop.isHere() ? loop.slowItems().callbackCreatedAt() : null;
        if (callback != null && !details.containsKey("source_traceback")) {
            details.put("handle_traceback", callback);
        }
        details.forEach(
                (key, value) -> text.append('\n').append(key).append(": ").append(describe(key, value)));
        return text.toString();
    }

    private static String describe(String key, Object value) {
        if (value instanceof List<?> frames) {
            switch (key) {
                case "source_traceback":
                    return CreationSite.describe("Object", frames);
                case "handle_traceback":
                    return CreationSite.describe("Handle", frames);
                default:
            }
        }
        return Names.ofValue(value);
    }
}
