package dev.rondo.net;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Another stream, read and written one byte at a time. */
final class DrippingStream extends StreamOver {

    DrippingStream(ByteStream inner) {
        super(inner);
    }

    @Override
    public int read(ByteBuffer dst) throws IOException {
        ByteBuffer drop = ByteBuffer.allocate(1);
        try {
            return inner.read(drop);
        } finally {
            dst.put(drop.flip());
        }
    }

    @Override
    public void write(ByteBuffer... src) throws IOException {
        for (ByteBuffer buffer : src) {
            while (buffer.hasRemaining()) {
                ByteBuffer drop = buffer.slice(buffer.position(), 1);
                try {
                    inner.write(drop);
                } finally {
                    buffer.position(buffer.position() + drop.position());
                }
            }
        }
    }
}
