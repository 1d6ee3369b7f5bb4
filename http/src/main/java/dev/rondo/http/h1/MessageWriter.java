package dev.rondo.http.h1;

import dev.rondo.http.Body;
import dev.rondo.http.Headers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpGenerator;
import org.eclipse.jetty.http.HttpGenerator.Result;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.MetaData;
import org.jspecify.annotations.Nullable;

/**
 * Turns messages into bytes; does no I/O. How the body is framed is decided here, whatever the headers given say of it;
 * for responses by Jetty's generator, which knows what the Connection header then has to say.
 *
 * <p>What each call returns is to be written, in order, before the next call: the buffers are used again.
 */
public final class MessageWriter {

    private static final int HEAD_BYTES = 4 * 1024;
    private static final int MAX_HEAD_BYTES = 1024 * 1024;
    private static final int CHUNK_LINE_BYTES = 16; // CR LF, eight hex digits, CR LF
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final HttpGenerator generator = new HttpGenerator();
    private ByteBuffer headBytes = flushed(HEAD_BYTES);
    private final ByteBuffer chunkLine = flushed(CHUNK_LINE_BYTES);
    private MetaData.@Nullable Response response; // the present one

    /** Jetty's "flush mode": nothing in it, position and limit 0. */
    private static ByteBuffer flushed(int capacity) {
        return ByteBuffer.allocate(capacity).flip();
    }

    // -------------------------------------------------------------------------------------------------- messages

    /**
     * Writes the head of a request. Not by Jetty, whose URI type refuses targets that servers accept.
     *
     * @param body what will follow, its pieces as {@link #chunk} frames them if its length is not known; or null
     */
    public static ByteBuffer request(RequestHead head, @Nullable Body body) {
        var text = new StringBuilder(512);
        text.append(head.method()).append(' ').append(head.target()).append(" HTTP/1.1\r\n");
        head.headers().forEach((name, value) -> {
            if (!framesTheBody(name)) {
                text.append(name).append(": ").append(value).append("\r\n");
            }
        });
        if (body != null && body.length() < 0) {
            text.append("Transfer-Encoding: chunked\r\n");
        } else if (body != null || bodyExpected(head.method())) {
            text.append("Content-Length: ")
                    .append(body == null ? 0 : body.length())
                    .append("\r\n");
        }
        return ascii(text.append("\r\n"));
    }

    /** Writes the answer behind which the connection goes on with another protocol; not by Jetty, as it has no body. */
    public static ByteBuffer switching(Headers headers) {
        var text = new StringBuilder("HTTP/1.1 101 Switching Protocols\r\n");
        headers.forEach((name, value) -> {
            if (!framesTheBody(name)) {
                text.append(name).append(": ").append(value).append("\r\n");
            }
        });
        return ascii(text.append("\r\n"));
    }

    /** Frames a piece of a request's body whose length was not announced; the empty piece ends the body. */
    public static ByteBuffer[] chunk(ByteBuffer piece) {
        ByteBuffer size = ascii(Integer.toHexString(piece.remaining()) + "\r\n");
        return new ByteBuffer[] {size, piece, ascii("\r\n")};
    }

    private static ByteBuffer ascii(CharSequence text) {
        return ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.ISO_8859_1));
    }

    private static boolean bodyExpected(String method) {
        return method.equals("POST") || method.equals("PUT") || method.equals("PATCH"); // RFC 9110 §8.6
    }

    private static boolean framesTheBody(String name) {
        return name.equalsIgnoreCase("Content-Length") || name.equalsIgnoreCase("Transfer-Encoding");
    }

    /**
     * Writes a whole response.
     *
     * @param toHeadRequest whether it answers a HEAD request: the body counts, but is not written
     * @param keepAlive whether another message may follow
     */
    public ByteBuffer[] response(ResponseHead head, boolean toHeadRequest, boolean keepAlive, ByteBuffer body)
            throws IOException {
        return begin(head, toHeadRequest, keepAlive, -1, body, true);
    }

    /**
     * Begins a response whose body follows by {@link #content} and {@link #end}, unless it answers a HEAD request.
     *
     * @param length of the body, in bytes, or -1 if it is not known
     */
    public ByteBuffer[] response(ResponseHead head, boolean toHeadRequest, boolean keepAlive, long length)
            throws IOException {
        return begin(head, toHeadRequest, keepAlive, length, NOTHING, false);
    }

    private ByteBuffer[] begin(
            ResponseHead head, boolean toHeadRequest, boolean keepAlive, long length, ByteBuffer content, boolean last)
            throws IOException {
        generator.reset();
        generator.setPersistent(keepAlive);
        response = new MetaData.Response(
                head.status(),
                head.reason().isEmpty() ? null : head.reason(),
                head.http11() ? HttpVersion.HTTP_1_1 : HttpVersion.HTTP_1_0,
                jettyFields(head.headers()),
                length);
        while (generator.generateResponse(response, toHeadRequest, headBytes, null, content, last)
                == Result.HEADER_OVERFLOW) {
            growHead();
        }
        if (toHeadRequest || !content.hasRemaining()) {
            return new ByteBuffer[] {headBytes};
        }
        if (content.remaining()
                <= headBytes.capacity() - headBytes.limit()) { // one buffer is cheaper to write than two
            int end = headBytes.limit();
            headBytes.limit(end + content.remaining()).put(end, content, content.position(), content.remaining());
            content.position(content.limit());
            return new ByteBuffer[] {headBytes};
        }
        return new ByteBuffer[] {headBytes, content};
    }

    /**
     * Goes on with the body of the response that {@link #response} began.
     *
     * @param content the next piece; not empty
     */
    public ByteBuffer[] content(ByteBuffer content) throws IOException {
        Result result = generator.generateResponse(response, false, null, chunkLine, content, false);
        ByteBuffer line = generator.isChunking() ? chunkLine : NOTHING;
        return result == Result.FLUSH ? new ByteBuffer[] {line, content} : new ByteBuffer[] {};
    }

    /** Ends the message: returns the last chunk, if there has to be one. Call it once all else has been written. */
    public ByteBuffer[] end() throws IOException {
        for (; ; ) {
            switch (generator.generateResponse(response, false, null, chunkLine, null, true)) {
                case FLUSH -> {
                    return new ByteBuffer[] {chunkLine};
                }
                case CONTINUE -> {} // it moved on without bytes
                default -> {
                    return new ByteBuffer[] {};
                }
            }
        }
    }

    /** Returns whether another message may follow the present one on this connection. */
    public boolean persistent() {
        return generator.isPersistent();
    }

    // ------------------------------------------------------------------------------------------------ to Jetty's types

    private void growHead() {
        int capacity = headBytes.capacity() * 2;
        if (capacity > MAX_HEAD_BYTES) {
            throw new IllegalArgumentException("headers of more than " + MAX_HEAD_BYTES + " bytes cannot be sent");
        }
        headBytes = flushed(capacity);
    }

    private static HttpFields jettyFields(Headers headers) {
        HttpFields.Mutable fields = HttpFields.build();
        headers.forEach((name, value) -> {
            if (!framesTheBody(name)) {
                fields.add(name, value);
            }
        });
        return fields;
    }
}
