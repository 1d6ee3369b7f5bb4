package dev.rondo;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the loop knows of a failure that it could give to nobody: the argument of an exception handler.
 *
 * @param message what went wrong, in words
 * @param exception the failure itself, if there is one
 * @param details what had to do with it, by asyncio's names: {@code task}, {@code future}, {@code handle} …; in debug
 *     mode {@code source_traceback}, the frames that made it, innermost first, as a {@code List<StackTraceElement>}; in
 *     a report of a deadlock {@code deadlock}, the tasks of the cycle as a {@code List<Task>}
 */
public record ExceptionContext(String message, @Nullable Throwable exception, Map<String, Object> details) {

    /** Makes a context without details. */
    public ExceptionContext(String message, @Nullable Throwable exception) {
        this(message, exception, Map.of());
    }

    /** Returns a context about one thing, with the place where it was made, if that is known. */
    static ExceptionContext about(
            String key,
            Object subject,
            @Nullable List<StackTraceElement> createdAt,
            String message,
            @Nullable Throwable exception) {
        Map<String, Object> details = new LinkedHashMap<>();
        details.put(key, subject);
        if (createdAt != null) {
            details.put("source_traceback", createdAt);
        }
        return new ExceptionContext(message, exception, Collections.unmodifiableMap(details));
    }
}
