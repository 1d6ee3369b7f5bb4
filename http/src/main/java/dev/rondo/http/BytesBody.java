package dev.rondo.http;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A body in memory. Immutable, as long as nobody changes the array. */
@SuppressWarnings("ArrayRecordComponent") // nobody compares bodies
record BytesBody(@Nullable String contentType, byte[] bytes) implements Body {

    @Override
    public long length() {
        return bytes.length;
    }

    @Override
    public boolean repeatable() {
        return true;
    }

    @Override
    public void writeTo(Sink out) throws HttpException {
        out.write(bytes);
    }

    @Override
    public ByteBuffer whole() {
        return ByteBuffer.wrap(bytes);
    }

    @Override
    public String toString() {
        return "Body[" + bytes.length + " bytes]";
    }
}
