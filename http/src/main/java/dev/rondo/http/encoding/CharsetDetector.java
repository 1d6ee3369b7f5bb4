package dev.rondo.http.encoding;

import org.jspecify.annotations.Nullable;

/**
 * Guesses the charset of a text that does not say it. A module brings one as a service, found by
 * {@link java.util.ServiceLoader}, with a public constructor without arguments. Thread-safe.
 */
public interface CharsetDetector {

    /** Loads what it needs. Called once in a JVM, and never on a loop's thread: it may block. */
    default void load() {}

    /**
     * Guesses. Never suspends.
     *
     * @return the charset's name, or null if nothing fits
     */
    @Nullable String detect(byte[] bytes, int offset, int length);
}
