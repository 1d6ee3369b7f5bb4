package dev.rondo.http.server;

import dev.rondo.http.Body;
import dev.rondo.net.AsyncFile;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** A part of a file, read piece by piece while it is sent. */
record FilePart(Path path, String contentType, long first, long length) implements Body {

    private static final int PIECE_BYTES = 64 * 1024;

    @Override
    public boolean repeatable() {
        return true;
    }

    @Override
    public void writeTo(Sink out) throws IOException {
        if (length == 0) {
            return;
        }
        try (AsyncFile file = AsyncFile.open(path)) {
            var piece = ByteBuffer.allocateDirect((int) Math.min(length, PIECE_BYTES));
            for (long at = first; at < first + length; ) {
                piece.clear().limit((int) Math.min(first + length - at, piece.capacity()));
                if (file.readAt(at, piece) < 0) {
                    throw new EOFException(path + " has shrunk while it was sent: it ends at byte " + at);
                }
                at += piece.flip().remaining();
                out.write(piece);
            }
        }
    }
}
