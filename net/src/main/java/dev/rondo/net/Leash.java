package dev.rondo.net;

import dev.rondo.EventLoop;
import dev.rondo.ExceptionContext;
import java.lang.ref.Cleaner;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Closes a connection whose reader and writer the program has dropped without closing it: nobody else can, and its peer
 * would wait for ever. In debug mode the loop's exception handler is told, and where the connection was made.
 *
 * <p>When that happens is the garbage collector's to say: this is a net under the program, not a way to close.
 */
final class Leash implements Runnable {

    private static final Cleaner CLEANER = Cleaner.create();

    private @Nullable Outbox outbox; // set once, before there is a second thread
    private @Nullable List<StackTraceElement> createdAt; // the same; null unless in debug mode
    private Cleaner.@Nullable Cleanable cleanable; // null once released; loop thread only
    private volatile boolean released;

    /** Has {@code outbox} closed when {@code writer} is dropped. */
    void attach(StreamWriter writer, Outbox outbox) {
        this.outbox = outbox;
        if (outbox.loop.debug()) {
            createdAt = List.of(new Throwable().getStackTrace());
        }
        cleanable = CLEANER.register(writer, this);
    }

    /** Lets go: the connection is closed, or somebody else looks after it. */
    void release() {
        released = true;
        if (cleanable != null) {
            cleanable.clean();
            cleanable = null;
        }
    }

    /** Runs on the cleaner's thread, which must leave the connection alone, and a loop that is closed as well. */
    @Override
    public void run() {
        if (released || outbox == null) {
            return;
        }
        EventLoop loop = outbox.loop;
        try {
            if (!loop.isClosed()) {
                loop.callSoonThreadsafe(this::closeDropped);
            }
        } catch (IllegalStateException closed) {
            // in between; it has closed its sockets itself
        }
    }

    private void closeDropped() {
        if (outbox == null) {
            return;
        }
        if (createdAt != null && !outbox.isClosing()) {
            Map<String, Object> details = new LinkedHashMap<>();
            details.put("transport", outbox.stream());
            details.put("source_traceback", createdAt);
            outbox.loop.callExceptionHandler(
                    new ExceptionContext("unclosed connection: its reader and writer were dropped", null, details));
        }
        outbox.close();
    }
}
