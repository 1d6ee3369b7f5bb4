package dev.rondo.http;

import dev.rondo.http.encoding.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What is sent with a request or a response: bytes in memory, a file, or pieces that are made while they are sent. In
 * aiohttp: a payload.
 *
 * <pre>{@code
 * session.post(url, Body.text("hello"));
 * Response.of(Body.file(path));
 * Response.of(Body.stream("text/csv", out -> rows.forEach(row -> out.write(row.toCsv()))));
 * }</pre>
 *
 * <p>A value of {@link #of} and {@link #text} may be used from any thread and more than once.
 */
public interface Body {

    /** No bytes at all. */
    Body EMPTY = new BytesBody(null, new byte[0]);

    /** Returns what it is, for the Content-Type header, or null if that is not known. */
    @Nullable String contentType();

    /** Returns the content coding it is in, for the Content-Encoding header, or null if it is in none. */
    default @Nullable String contentEncoding() {
        return null;
    }

    /** Returns how many bytes it has, or -1 if that is known only once they have been sent. */
    long length();

    /** Returns whether it can be sent again: behind a redirect, on another connection, in a retry. */
    boolean repeatable();

    /**
     * Writes all of it to {@code out}. Runs in the coroutine that sends, and may suspend.
     *
     * @throws Exception in which case the connection is given up, so that the other side sees that something is missing
     */
    void writeTo(Sink out) throws Exception;

    /** Returns all of it if it is in memory, else null: what saves it the detour through {@link #writeTo}. */
    default @Nullable ByteBuffer whole() {
        return null;
    }

    // ------------------------------------------------------------------------------------------------ to make one

    /** Returns a body of these bytes, which must not be changed any more, of an unknown type. */
    static Body of(byte[] bytes) {
        return new BytesBody(null, bytes);
    }

    /** Returns a body of these bytes, which must not be changed any more. */
    static Body of(String contentType, byte[] bytes) {
        return new BytesBody(contentType, bytes);
    }

    /** Returns a text in UTF-8, as {@code text/plain}. */
    static Body text(String text) {
        return new BytesBody("text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Returns a value as JSON, made at once, as {@code application/json}: a map, a list, a record, a Jackson tree.
     * Suspends a coroutine the first time, while Jackson is initialised in another thread.
     *
     * @throws IllegalArgumentException if Jackson cannot make JSON of it
     */
    static Body json(Object value) {
        return new BytesBody("application/json", Json.write(value));
    }

    /** Returns a form as {@code application/x-www-form-urlencoded}. With files: {@link Multipart#form}. */
    static Body form(Form form) {
        return new BytesBody("application/x-www-form-urlencoded", form.encoded().getBytes(StandardCharsets.US_ASCII));
    }

    /**
     * Returns a file as it is when it is sent; its type is guessed by its name. It is read piece by piece, by threads
     * of the loop's pool, and is not held in memory.
     *
     * <p>If it shrinks while it is sent the connection is given up; what is added meanwhile is not sent.
     *
     * @throws IOException if there is no such file; suspends to see that
     */
    static Body file(Path path) throws IOException {
        return FileBody.of(path);
    }

    /**
     * Returns a part of a file, or all of one whose length is known already: else as {@link #file}. That it is there is
     * seen when it is sent.
     *
     * @param contentType the value of Content-Type, or null
     * @param first the first byte, counted from 0
     * @param length how many bytes
     */
    static Body filePart(Path path, @Nullable String contentType, long first, long length) {
        if (first < 0 || length < 0) {
            throw new IllegalArgumentException("there are no " + length + " bytes from " + first + " on");
        }
        return new FileBody(path, contentType, first, length);
    }

    /**
     * Returns a body that is made while it is sent, once, of a length that is not known before.
     *
     * @param contentType may be null
     */
    static Body stream(@Nullable String contentType, Writing writing) {
        return new StreamBody(contentType, writing);
    }

    /**
     * Returns this body compressed while it is sent: by {@code gzip} or {@code deflate}, or, if the program has
     * {@code rondo-codings}, {@code br} or {@code zstd}. Its length is not known before, and small pieces wait until
     * they have become a large one, so that it is not for events. Suspends a coroutine the first time. In aiohttp:
     * {@code compress=}.
     *
     * @throws IllegalArgumentException if there is no such coding here, or it can only be decoded
     */
    default Body compressed(String coding) {
        return CompressedBody.of(this, coding);
    }

    /** Makes a body piece by piece. */
    @FunctionalInterface
    interface Writing {

        /** Writes all of the body; as {@link Body#writeTo}. */
        void writeTo(Sink out) throws Exception;
    }

    /** Takes the pieces of a body. For the coroutine that {@link Body#writeTo} runs in. */
    @FunctionalInterface
    interface Sink {

        /**
         * Writes what remains in {@code piece}. Suspends until the system has taken it, so that a slow reader slows the
         * writer down; then the buffer is the caller's again.
         *
         * @throws HttpException if the other side is gone or too slow
         * @throws IllegalStateException if it is more than the {@link Body#length} announced
         */
        void write(ByteBuffer piece) throws HttpException;

        /** Does the same with an array. */
        default void write(byte[] piece) throws HttpException {
            write(ByteBuffer.wrap(piece));
        }

        /** Does the same with a text, in UTF-8. */
        default void write(String piece) throws HttpException {
            write(piece.getBytes(StandardCharsets.UTF_8));
        }
    }
}
