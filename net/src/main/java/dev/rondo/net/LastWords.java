package dev.rondo.net;

import java.nio.ByteBuffer;

/** A stream that can still say something while it closes, so that closing never has to wait. */
interface LastWords {

    /**
     * Closes as {@link ByteStream#close} does, and sends {@code lastWords} first if the system takes them within a
     * moment. The buffer belongs to the stream from now on.
     */
    void closeWith(ByteBuffer lastWords);
}
