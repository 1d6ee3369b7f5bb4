package dev.rondo;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the loop knows of a failure that it could give to nobody: the argument of an exception handler.
 *
 * @param message what went wrong, in words
 * @param exception the failure itself, if there is one
 * @param details what had to do with it, by asyncio's names: {@code task}, {@code future}, {@code handle} …
 */
public record ExceptionContext(String message, @Nullable Throwable exception, Map<String, Object> details) {

    /** Makes a context without details. */
    public ExceptionContext(String message, @Nullable Throwable exception) {
        this(message, exception, Map.of());
    }
}
