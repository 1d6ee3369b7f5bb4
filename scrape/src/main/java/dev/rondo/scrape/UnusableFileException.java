package dev.rondo.scrape;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A file that was named cannot be used; nothing has been fetched. */
final class UnusableFileException extends IOException {
    UnusableFileException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
