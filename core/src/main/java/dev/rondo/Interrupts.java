package dev.rondo;

import java.io.InterruptedIOException;
import java.net.SocketException;
import java.nio.channels.ClosedByInterruptException;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Knows the faces that an interrupt has when it comes back out of blocking Java code. */
final class Interrupts {

    private Interrupts() {}

    /** Returns whether an interrupt is anywhere among the causes: libraries wrap it. */
    static boolean shownBy(Throwable failure) {
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        for (@Nullable Throwable cause = failure; cause != null && seen.add(cause); cause = cause.getCause()) {
            if (cause instanceof InterruptedException
                    || cause instanceof ClosedByInterruptException
                    || (cause instanceof InterruptedIOException && !(cause instanceof java.net.SocketTimeoutException))
                    || (cause instanceof SocketException && "Closed by interrupt".equals(cause.getMessage()))) {
                return true;
            }
        }
        return false;
    }
}
