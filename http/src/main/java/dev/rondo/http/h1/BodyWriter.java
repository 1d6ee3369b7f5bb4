package dev.rondo.http.h1;

import dev.rondo.http.Body;
import dev.rondo.http.HttpException;
import java.nio.ByteBuffer;

/**
 * Writes a body, and holds it to the length that it announced: the head has promised it to the other side, which would
 * take a byte more for the next message, and wait for one that is missing. For one coroutine.
 */
public final class BodyWriter {

    private final Body body;
    private final Body.Sink out;
    private long writtenBytes;

    private BodyWriter(Body body, Body.Sink out) {
        this.body = body;
        this.out = out;
    }

    /**
     * Writes all of {@code body} to {@code out}, which gets no empty pieces. Suspends. After a failure the connection
     * is only good to be closed.
     *
     * @throws IllegalStateException if the body writes more or less than it announced; {@code out} got no byte too many
     * @throws Exception as the body does
     */
    public static void write(Body body, Body.Sink out) throws Exception {
        var writer = new BodyWriter(body, out);
        body.writeTo(writer::piece);
        if (writer.writtenBytes < body.length()) {
            throw new IllegalStateException(
                    body + " announced " + body.length() + " bytes and wrote " + writer.writtenBytes);
        }
    }

    private void piece(ByteBuffer piece) throws HttpException {
        int length = piece.remaining();
        if (body.length() >= 0 && length > body.length() - writtenBytes) {
            throw new IllegalStateException(body + " announced " + body.length() + " bytes and writes more");
        }
        writtenBytes += length;
        if (length > 0) {
            out.write(piece);
        }
    }
}
