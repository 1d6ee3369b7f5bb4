package dev.rondo.http.server;

import org.jspecify.annotations.Nullable;

/**
 * A part of a file that a client asks for (RFC 9110 §14).
 *
 * @param first byte, counted from 0
 * @param length in bytes; 0 if the file does not reach there
 */
record ByteRange(long first, long length) {

    private static final int MOST_DIGITS = 18; // which a long holds

    long last() {
        return first + length - 1;
    }

    /** Reads a Range header; null if it is none, or asks for several parts: the whole is an answer to both. */
    static @Nullable ByteRange parse(String header, long size) {
        if (!header.startsWith("bytes=")) {
            return null;
        }
        String range = header.substring("bytes=".length()).strip();
        int dash = range.indexOf('-');
        if (dash < 0) {
            return null;
        }
        String from = range.substring(0, dash);
        String to = range.substring(dash + 1);
        boolean good = isNumber(from) && isNumber(to) && !(from.isEmpty() && to.isEmpty());
        if (!good) {
            return null;
        }
        if (from.isEmpty()) { // the last so many
            long length = Math.min(Long.parseLong(to), size);
            return new ByteRange(size - length, length);
        }
        long first = Long.parseLong(from);
        long last = to.isEmpty() ? Long.MAX_VALUE : Long.parseLong(to);
        if (last < first) {
            return null;
        }
        return first >= size ? new ByteRange(0, 0) : new ByteRange(first, Math.min(last, size - 1) - first + 1);
    }

    /** Returns whether it is a number, or nothing. */
    private static boolean isNumber(String text) {
        return text.length() <= MOST_DIGITS && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }
}
