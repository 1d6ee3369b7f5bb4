package dev.rondo.net;

import java.io.EOFException;

/** The stream ended before all that was asked for had come. (asyncio: {@code IncompleteReadError}.) */
public final class IncompleteReadException extends EOFException {

    private static final long serialVersionUID = 1L;

    private final byte[] partial;
    private final int expected;

    /**
     * Makes an exception.
     *
     * @param partial what came before the end
     * @param expected how many bytes were asked for, or -1 if that was not a number
     */
    public IncompleteReadException(byte[] partial, int expected) {
        super(partial.length + " bytes read on a total of " + (expected < 0 ? "undefined" : expected)
                + " expected bytes");
        this.partial = partial;
        this.expected = expected;
    }

    /** Returns what came before the end; it is not in the reader any more. */
    public byte[] partial() {
        return partial.clone();
    }

    /** Returns how many bytes were asked for, or -1 if that was not a number. */
    public int expected() {
        return expected;
    }
}
