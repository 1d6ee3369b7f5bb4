package dev.rondo.http.client;

import dev.rondo.net.AsyncFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;

/** Saves a body as a file that is never half there. */
final class Download {

    private static final int PIECE_BYTES = 64 * 1024;
    private static final AtomicLong NUMBERS = new AtomicLong(); // loops of several threads may save beside each other

    private Download() {}

    static long save(BodyStream content, Path target) throws IOException {
        String name =
                "." + target.getFileName() + "." + ProcessHandle.current().pid() + "-" + NUMBERS.incrementAndGet();
        Path part = target.resolveSibling(name + ".part");
        boolean made = false;
        boolean moved = false;
        try {
            long length;
            try (AsyncFile file = AsyncFile.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                made = true;
                length = copy(content, file);
                file.sync(true);
            }
            AsyncFile.move(part, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            moved = true;
            return length;
        } finally {
            if (made && !moved) {
                delete(part);
            }
        }
    }

    private static long copy(BodyStream content, AsyncFile file) throws IOException {
        var piece = ByteBuffer.allocate(PIECE_BYTES);
        long length = 0;
        while (content.read(piece.clear()) >= 0) {
            length += piece.flip().remaining();
            file.write(piece);
        }
        return length;
    }

    private static void delete(Path part) {
        try {
            AsyncFile.delete(part);
        } catch (IOException worthNoMention) {
            // beside the failure that is on its way
        }
    }
}
