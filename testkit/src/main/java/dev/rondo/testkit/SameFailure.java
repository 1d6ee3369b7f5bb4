package dev.rondo.testkit;

import dev.rondo.EventLoop;
import java.security.CodeSource;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Whether two runs fail in the same way: by the same type of failure, and with the same message or at the same place.
 * Messages hold values, which change as a schedule shrinks; the place stays. A failure that a checker has found has no
 * place, but its message.
 */
final class SameFailure {

    private static final List<String> LIBRARIES =
            List.of("java.", "jdk.", "sun.", "org.junit.", "org.opentest4j.", "org.assertj.", "org.hamcrest.");
    private static final @Nullable CodeSource CORE = sourceOf(EventLoop.class);
    private static final @Nullable CodeSource TESTKIT = sourceOf(SameFailure.class);

    private SameFailure() {}

    static boolean same(@Nullable Throwable one, @Nullable Throwable other) {
        if (one == null || other == null || one.getClass() != other.getClass()) {
            return false;
        }
        if (describe(one).equals(describe(other))) {
            return true;
        }
        if (isStandstill(one) && isStandstill(other)) {
            return true; // who is named as waiting for what changes with the schedule
        }
        StackTraceElement place = place(one);
        return place != null && place.equals(place(other));
    }

    /** As {@link Throwable#toString}, also of one whose message cannot be had: that is code of the user. */
    static String describe(Throwable failure) {
        try {
            return failure.toString();
        } catch (RuntimeException e) {
            return failure.getClass().getName() + " (which has no message, since making it throws "
                    + e.getClass().getName() + ")";
        }
    }

    private static boolean isStandstill(Throwable failure) {
        return failure.getStackTrace().length > 0
                && failure.getStackTrace()[0].getClassName().equals(SimulatedRun.class.getName())
                && describe(failure).contains(": " + SimulatedRun.STANDSTILL);
    }

    /** Returns the innermost frame of the program; null if there is none, or a checker has made the failure. */
    static @Nullable StackTraceElement place(Throwable failure) {
        for (StackTraceElement frame : failure.getStackTrace()) {
            String type = frame.getClassName();
            if (type.equals(SimulatedRun.class.getName())) {
                return null;
            }
            if (LIBRARIES.stream().noneMatch(type::startsWith) && !isOurs(type)) {
                return frame;
            }
        }
        return null;
    }

    /** Returns whether a class is one of Rondo's, and not of a program whose package begins as ours do. */
    static boolean isOurs(String type) {
        if (!type.startsWith("dev.rondo.")) {
            return false;
        }
        try {
            CodeSource source = sourceOf(Class.forName(type, false, SameFailure.class.getClassLoader()));
            return Objects.equals(source, CORE) || Objects.equals(source, TESTKIT);
        } catch (ClassNotFoundException | LinkageError e) {
            return false;
        }
    }

    private static @Nullable CodeSource sourceOf(Class<?> type) {
        return type.getProtectionDomain().getCodeSource();
    }
}
