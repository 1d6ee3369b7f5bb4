package dev.rondo;

import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.helpers.NOPLogger;

/** What a loop does with failures that it can give to nobody: asks the handler that was set, or logs them. */
final class ExceptionHandling {

    private static final Logger LOG = LoggerFactory.getLogger(EventLoop.class);

    private final EventLoop loop;

    @Nullable BiConsumer<EventLoop, ExceptionContext> handler; // the user's, or null; EventLoop's to set

    ExceptionHandling(EventLoop loop) {
        this.loop = loop;
    }

    /** Calls the handler. Runs code of the user, so never on the bare loop thread. */
    void handle(ExceptionContext context) {
        BiConsumer<EventLoop, ExceptionContext> handler = this.handler;
        if (handler == null) {
            log(context);
            return;
        }
        try {
            handler.accept(loop, context);
        } catch (Throwable failure) {
            if (EventLoop.escapes(failure) && loop.isHere()) {
                loop.escape(failure);
                return;
            }
            if (failure != context.exception()) {
                failure.addSuppressed(
                        context.exception() != null ? context.exception() : new Throwable(context.message()));
            }
            log(new ExceptionContext("Unhandled error in exception handler", failure));
        }
    }

    /**
     * Logs a failure with all that had to do with it; prints it where the program has no log, so that it does not
     * vanish.
     */
    void log(ExceptionContext context) {
        StringBuilder text = new StringBuilder(context.message());
        context.details().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(detail ->
                        text.append('\n').append(detail.getKey()).append(": ").append(detail.getValue()));
        if (LOG instanceof NOPLogger) {
            System.err.println(text);
            if (context.exception() != null) {
                context.exception().printStackTrace();
            }
        } else {
            LOG.error(text.toString(), context.exception());
        }
    }
}
