package dev.rondo.net;

import java.io.IOException;

/** A separator was not found within the reader's limit. (asyncio: {@code LimitOverrunError}.) */
public final class LimitOverrunException extends IOException {

    private static final long serialVersionUID = 1L;

    private final int consumed;

    /** Makes an exception; {@code consumed} is how many bytes can be read without taking anything of a separator. */
    public LimitOverrunException(String message, int consumed) {
        super(message);
        this.consumed = consumed;
    }

    /** Returns how many bytes can be read without taking anything of a separator. */
    public int consumed() {
        return consumed;
    }
}
