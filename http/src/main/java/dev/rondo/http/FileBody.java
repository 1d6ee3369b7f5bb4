package dev.rondo.http;

import dev.rondo.net.AsyncFile;
import java.io.EOFException;
import java.io.IOException;
import java.net.URLConnection;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A file, or a part of one, read piece by piece while it is sent. */
record FileBody(Path path, @Nullable String contentType, long first, long length) implements Body {

    private static final int PIECE_BYTES = 64 * 1024;

    static FileBody of(Path path) throws IOException {
        try (AsyncFile file = AsyncFile.open(path)) {
            return new FileBody(path, URLConnection.guessContentTypeFromName(path.toString()), 0, file.size());
        }
    }

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
                long left = first + length - at;
                piece.clear().limit((int) Math.min(left, piece.capacity()));
                if (file.readAt(at, piece) < 0) {
                    throw new EOFException(
                            path + " has shrunk while it was sent: " + left + " of " + length + " bytes are missing");
                }
                at += piece.flip().remaining();
                out.write(piece);
            }
        }
    }

    @Override
    public String toString() {
        return "Body[" + path + ", " + length + " bytes]";
    }
}
