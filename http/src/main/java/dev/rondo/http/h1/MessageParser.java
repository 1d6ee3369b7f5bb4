package dev.rondo.http.h1;

import dev.rondo.http.HttpException;
import java.nio.ByteBuffer;

/**
 * Turns bytes into messages, one event at a time; does no I/O.
 *
 * <pre>
 *   next:  NEED_BYTES*  HEAD  (NEED_BYTES | CONTENT)*  END      then reset(), for the next message
 * </pre>
 *
 * <p>Nothing is parsed ahead: bytes behind the event stay in the buffer until the next call. A failure is final.
 *
 * @param <H> {@link RequestHead} or {@link ResponseHead}
 */
public interface MessageParser<H> {

    /** What {@link #next} found. */
    enum Event {
        /** Nothing more in these bytes: all of them have been taken. */
        NEED_BYTES,
        /** A head is complete: {@link #head}. */
        HEAD,
        /** A piece of the body: {@link #content}. */
        CONTENT,
        /** The message is complete. What remains in the buffer belongs to the next one. */
        END
    }

    /**
     * Takes bytes from {@code in} up to the next event.
     *
     * @throws dev.rondo.http.MalformedMessageException if this is not HTTP/1.1
     * @throws dev.rondo.http.TooLargeException if the head is larger than its limits
     */
    Event next(ByteBuffer in) throws HttpException;

    /**
     * Tells that no byte will follow, all those before having been taken; returns END if the message may end so.
     *
     * @throws dev.rondo.http.ConnectionClosedException if the head is not complete
     * @throws dev.rondo.http.TruncatedBodyException if the body is not
     */
    Event endOfInput() throws HttpException;

    /** Returns the head of the present message; from HEAD to {@link #reset}. */
    H head();

    /**
     * Returns the piece of the body just found: a view of the bytes given to {@link #next}, good until the next call.
     */
    ByteBuffer content();

    /**
     * Returns the length that the head announces, in bytes, or -1 if the body is chunked or ends with the connection.
     */
    long announcedBytes();

    /** Returns how many bytes of the body have been found so far, as sent. */
    long receivedBytes();

    /** Returns whether another message may follow the present one. */
    boolean persistent();

    /** Gets ready for the next message, after END. */
    void reset();
}
