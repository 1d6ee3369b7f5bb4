package dev.rondo.http.h2;

import java.io.IOException;

/** What a server does with a request: runs as a coroutine of its own. */
@FunctionalInterface
public interface StreamHandler {

    /**
     * Reads the request's body as far as it likes, and answers. If it returns before the answer has been ended, or
     * throws, the stream is reset; what it throws is reported to the loop, unless it is the stream's own failure.
     * Cancelled if the connection ends.
     */
    void handle(Http2Stream stream) throws IOException;
}
