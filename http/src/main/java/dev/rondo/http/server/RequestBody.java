package dev.rondo.http.server;

import dev.rondo.http.HttpException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The body of a request, as its connection gives it. */
interface RequestBody {

    /** Returns the next piece, good until the next call, or null at the end. Suspends. */
    @Nullable ByteBuffer next() throws HttpException;

    /** Returns the length that was announced, in bytes, or -1. */
    long announcedBytes();

    /** How much may be read as a whole, in bytes. */
    int maxBytes();

    /** Frees what it holds besides what the connection does; idempotent. */
    default void close() {}

    /** A body that is here. */
    static RequestBody of(byte[] bytes) {
        return new RequestBody() {
            private boolean given;

            @Override
            public @Nullable ByteBuffer next() {
                if (given || bytes.length == 0) {
                    return null;
                }
                given = true;
                return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
            }

            @Override
            public long announcedBytes() {
                return bytes.length;
            }

            @Override
            public int maxBytes() {
                return Integer.MAX_VALUE;
            }
        };
    }
}
