package dev.rondo.http;

import dev.rondo.Asyncio;
import dev.rondo.OnCancel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** A file that only its owner may read. */
final class PrivateFile {

    private PrivateFile() {}

    /** Replaces a file as a whole, or makes it. Suspends; a failure or a cancel leaves the old or the new one. */
    static void replace(Path path, byte[] bytes) throws IOException {
        Asyncio.toThread(() -> write(path, bytes), OnCancel.INTERRUPT);
    }

    private static void write(Path path, byte[] bytes) throws IOException {
        Path directory = path.toAbsolutePath().getParent();
        Path part = Files.createTempFile(
                directory, "." + path.getFileName(), ".part"); // for its owner, where that is known
        try {
            try (FileChannel file = FileChannel.open(part, StandardOpenOption.WRITE)) {
                for (ByteBuffer rest = ByteBuffer.wrap(bytes); rest.hasRemaining(); ) {
                    file.write(rest);
                }
                file.force(true);
            }
            Files.move(part, path, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(part);
        }
    }
}
