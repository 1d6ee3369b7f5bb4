package dev.rondo.net;

import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import dev.rondo.reactor.Fd;
import dev.rondo.reactor.Op;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Files, read while the loop goes on. All methods suspend, can be called by coroutines only, and leave no file open,
 * after a failure or a cancel neither. (asyncio leaves files to {@code to_thread}.)
 *
 * <p>Meant for files that are always ready. The system call itself cannot be interrupted: opening or reading a FIFO
 * that nobody writes to, or a file of a mount that hangs, keeps the caller waiting until the call returns, after a
 * cancel or a timeout as well, and occupies one of the loop's four file threads for so long. Four of these, and no
 * other file is read.
 */
public final class AsyncFile {

    private static final int BYTES_PER_READ = 256 * 1024;

    private AsyncFile() {}

    /** Returns the text of a file in UTF-8; what is not UTF-8 becomes U+FFFD. Fails as {@link #readAllBytes}. */
    public static String readString(Path path) throws IOException {
        return readString(path, StandardCharsets.UTF_8);
    }

    /**
     * Returns the text of a file; what the charset does not know becomes its replacement. Fails as
     * {@link #readAllBytes}.
     */
    public static String readString(Path path, Charset charset) throws IOException {
        return new String(readAllBytes(path), charset);
    }

    /**
     * Returns the bytes of a file.
     *
     * @throws java.nio.file.NoSuchFileException if it is not there
     * @throws java.nio.file.AccessDeniedException if it must not be read
     * @throws IOException if it cannot be read, or has more bytes than an array can hold
     */
    public static byte[] readAllBytes(Path path) throws IOException {
        EventLoop loop = Asyncio.getRunningLoop();
        Op.Open open = new Op.Open(path, Set.of(StandardOpenOption.READ));
        try {
            loop.perform(open);
            return readAll(loop, path, SocketStream.known(open.opened));
        } finally {
            if (open.opened != null) { // a cancel may have come when it was open already
                open.opened.close();
            }
        }
    }

    private static byte[] readAll(EventLoop loop, Path path, Fd file) throws IOException {
        List<ByteBuffer> pieces = new ArrayList<>();
        long total = 0;
        for (; ; ) {
            ByteBuffer piece = ByteBuffer.allocate(BYTES_PER_READ);
            Op.ReadAt read = new Op.ReadAt(file, piece, total);
            loop.perform(read);
            if (read.count < 0) {
                return join(pieces, (int) total);
            }
            pieces.add(piece.flip());
            total += read.count;
            if (total > Integer.MAX_VALUE - 8) {
                throw new IOException(
                        path + " has more than 2 GiB, which is more than one array holds: read it in parts");
            }
        }
    }

    private static byte[] join(List<ByteBuffer> pieces, int total) {
        ByteBuffer all = ByteBuffer.allocate(total);
        pieces.forEach(all::put);
        return all.array();
    }
}
