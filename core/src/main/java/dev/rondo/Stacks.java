package dev.rondo;

import java.security.CodeSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The lines of a stack that say something to who wrote the program: without what suspends and what runs coroutines. */
final class Stacks {

    private static final @Nullable CodeSource OUR_SOURCE =
            EventLoop.class.getProtectionDomain().getCodeSource();
    private static final Map<String, Boolean> OURS = new ConcurrentHashMap<>(); // by name of class

    private Stacks() {}

    /** Returns where a thread is, innermost first; nothing if it has not begun or has ended. Any thread. */
    static List<StackTraceElement> of(@Nullable Thread thread) {
        return thread == null ? List.of() : withoutMachinery(thread.getStackTrace());
    }

    /** Cuts our own frames, and the JDK's that carry a virtual thread, off both ends. */
    static List<StackTraceElement> withoutMachinery(StackTraceElement[] stack) {
        int begin = 0;
        int end = stack.length;
        while (begin < end && isMachinery(stack[begin])) {
            begin++;
        }
        while (begin < end && isMachinery(stack[end - 1])) {
            end--;
        }
        return List.of(Arrays.copyOfRange(stack, begin, end));
    }

    /**
     * Returns {@code limit} frames of the innermost; all if there are no more, and if it is negative, so many of the
     * outermost.
     */
    static List<StackTraceElement> limited(List<StackTraceElement> frames, int limit) {
        int size = frames.size();
        int shown = (int) Math.min(size, Math.abs((long) limit));
        return List.copyOf(limit < 0 ? frames.subList(size - shown, size) : frames.subList(0, shown));
    }

    static boolean isMachinery(StackTraceElement frame) {
        String type = frame.getClassName();
        return switch (type) {
            case "java.lang.VirtualThread" -> true;
            case "java.lang.Thread" ->
                frame.getMethodName().equals("yield") || frame.getMethodName().equals("getStackTrace");
            default -> type.startsWith("jdk.internal.vm.") || isOurs(type);
        };
    }

    /** Returns whether a class is one of this module, and not of a program whose package begins as ours do. */
    private static boolean isOurs(String type) {
        if (!type.startsWith("dev.rondo.")) {
            return false;
        }
        Boolean known = OURS.get(type);
        if (known == null) {
            known = comesFromOurSource(type);
            OURS.put(type, known);
        }
        return known;
    }

    private static boolean comesFromOurSource(String type) {
        try {
            Class<?> found = Class.forName(type, false, EventLoop.class.getClassLoader());
            return Objects.equals(found.getProtectionDomain().getCodeSource(), OUR_SOURCE);
        } catch (ClassNotFoundException | LinkageError e) {
            return false;
        }
    }

    /** Appends the frames, innermost first, each on a line of its own and as IDEs recognise it. */
    static void append(StringBuilder text, String indent, List<StackTraceElement> frames) {
        for (StackTraceElement frame : frames) {
            text.append('\n').append(indent).append("at ").append(frame);
        }
    }
}
