package dev.rondo;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Where tasks, promises and handles were made: what debug mode keeps, and reports show. */
final class CreationSite {

    private static final int FRAMES = 10;
    private static final StackWalker WALKER = StackWalker.getInstance();

    private CreationSite() {}

    /** Returns the frames that led here, innermost first; null unless the loop is in debug mode. */
    static @Nullable List<StackTraceElement> in(EventLoop loop) {
        return loop.debug() ? WALKER.walk(CreationSite::ofUser) : null;
    }

    private static List<StackTraceElement> ofUser(Stream<StackWalker.StackFrame> frames) {
        return frames.map(StackWalker.StackFrame::toStackTraceElement)
                .filter(frame -> !Stacks.isMachinery(frame))
                .limit(FRAMES)
                .toList();
    }

    /** Returns the frames as a report shows them: outermost first. */
    static String describe(String what, List<?> frames) {
        StringBuilder text = new StringBuilder(what).append(" created at (most recent call last):");
        for (Object frame : frames.reversed()) {
            text.append("\n    at ").append(frame);
        }
        return text.toString();
    }

    /** Returns {@code " created at Main.java:12"}, or nothing where it is not known. */
    static String suffix(@Nullable List<StackTraceElement> frames) {
        if (frames == null || frames.isEmpty()) {
            return "";
        }
        StackTraceElement where = frames.getFirst();
        return " created at " + where.getFileName() + ":" + where.getLineNumber();
    }
}
