package dev.rondo;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Looks into failures. */
final class Failures {

    private Failures() {}

    /** Returns whether a failure, or any that it carries as cause or as suppressed, is of the type. */
    static boolean contain(Throwable failure, Class<? extends Throwable> type) {
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        ArrayDeque<Throwable> open = new ArrayDeque<>();
        for (@Nullable Throwable next = failure; next != null; next = open.poll()) {
            if (!seen.add(next)) {
                continue;
            }
            if (type.isInstance(next)) {
                return true;
            }
            if (next.getCause() != null) {
                open.add(next.getCause());
            }
            Collections.addAll(open, next.getSuppressed());
        }
        return false;
    }
}
