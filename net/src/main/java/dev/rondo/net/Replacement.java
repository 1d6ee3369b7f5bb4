package dev.rondo.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.concurrent.atomic.AtomicLong;

/** Replaces a file so that there is never half of one. On a thread that may block. */
final class Replacement {

    private static final AtomicLong COUNT = new AtomicLong(); // any thread's
    private static final int BYTES_PER_WRITE = 256 * 1024;

    private Replacement() {}

    /** Writes a temporary file, has it reach the device, moves it to its place, and has that reach the device. */
    static Path write(Path path, byte[] bytes) throws IOException {
        Path target = Files.exists(path) ? path.toRealPath() : path.toAbsolutePath(); // a link is not what is replaced
        Path temporary = null;
        try {
            temporary = writeBeside(target, bytes);
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
            temporary = null;
        } finally {
            if (temporary != null) {
                Files.deleteIfExists(temporary);
            }
        }
        syncDirectory(target.resolveSibling(""));
        return target;
    }

    private static Path writeBeside(Path target, byte[] bytes) throws IOException {
        for (; ; ) {
            Path temporary = target.resolveSibling("." + target.getFileName() + "."
                    + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet() + ".tmp");
            try (FileChannel channel =
                    FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                fill(channel, target, temporary, bytes);
                return temporary;
            } catch (FileAlreadyExistsException e) {
                // Somebody has taken this name: another.
            } catch (Throwable e) {
                Files.deleteIfExists(temporary);
                throw e;
            }
        }
    }

    private static void fill(FileChannel channel, Path target, Path temporary, byte[] bytes) throws IOException {
        PosixFileAttributeView old = Files.getFileAttributeView(target, PosixFileAttributeView.class);
        PosixFileAttributeView own = Files.getFileAttributeView(temporary, PosixFileAttributeView.class);
        if (old != null && own != null && Files.exists(target)) {
            own.setPermissions(old.readAttributes().permissions()); // before anything secret is in it
        }
        for (int at = 0; at < bytes.length; ) { // NIO copies all it is given at once
            at += channel.write(ByteBuffer.wrap(bytes, at, Math.min(BYTES_PER_WRITE, bytes.length - at)));
        }
        channel.force(true);
    }

    /** Has the name reach the device, where the system lets a directory be opened. */
    private static void syncDirectory(Path directory) {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            // Windows for one, which has the name there without it.
        }
    }
}
