package dev.rondo.http.client;

import dev.rondo.http.Body;
import dev.rondo.http.HttpException;
import dev.rondo.http.h1.Http1Connection;
import dev.rondo.http.h1.MessageWriter;
import java.nio.ByteBuffer;

/** The body of a request on its way: counts what is written, and frames it if its length was not announced. */
final class RequestBody {

    private static final ByteBuffer LAST_CHUNK = ByteBuffer.allocate(0);

    private final Http1Connection<?> http;
    private final Body body;
    private long writtenBytes;

    RequestBody(Http1Connection<?> http, Body body) {
        this.http = http;
        this.body = body;
    }

    /** Sends all of it. Suspends. After a failure the connection is only good to be closed. */
    void send() throws HttpException {
        try {
            body.writeTo(this::write);
        } catch (HttpException | RuntimeException failed) {
            throw failed;
        } catch (Exception failed) {
            throw new HttpException("the body of the request could not be made: " + failed.getMessage(), failed);
        }
        if (body.length() < 0) {
            http.write(MessageWriter.chunk(LAST_CHUNK));
        } else if (writtenBytes < body.length()) {
            throw new IllegalStateException(body + " announced " + body.length() + " bytes and wrote " + writtenBytes);
        }
    }

    private void write(ByteBuffer piece) throws HttpException {
        int length = piece.remaining();
        if (body.length() >= 0 && length > body.length() - writtenBytes) {
            throw new IllegalStateException(body + " announced " + body.length() + " bytes and writes more");
        }
        writtenBytes += length;
        if (body.length() >= 0) {
            http.write(piece);
        } else if (length > 0) { // an empty chunk would be the last
            http.write(MessageWriter.chunk(piece));
        }
    }
}
