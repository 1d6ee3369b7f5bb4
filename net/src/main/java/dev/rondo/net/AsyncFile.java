package dev.rondo.net;

import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import dev.rondo.reactor.Fd;
import dev.rondo.reactor.Op;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An open file, and what is done with whole files and directories, while the loop goes on. (asyncio leaves files to
 * {@code to_thread}; Python's users take {@code aiofiles} or {@code trio.Path}.)
 *
 * <p>Belongs to one loop. Unless said otherwise a method suspends, and can be called by coroutines only. One coroutine
 * at a time uses the position: a second gets an {@link IllegalStateException}; {@link #readAt} and {@link #writeAt} use
 * none, and any number may be in flight.
 *
 * <p>Meant for files that are always ready. The system call itself cannot be interrupted: after a cancel or a timeout
 * the caller waits until a call that has begun returns, and then knows what was done; one that has not begun is not
 * made. Opening or reading a FIFO that nobody writes to, or a file of a mount that hangs, occupies one of the loop's
 * four file threads for so long. Four of these, and no other file is read.
 *
 * <p>The static methods leave no file open, after a failure or a cancel neither.
 */
public final class AsyncFile implements AutoCloseable {

    private static final int BYTES_PER_READ = 256 * 1024;

    private final EventLoop loop;
    private final Path path;
    private final Fd fd;
    private long position;
    private boolean positionInUse; // by a coroutine that waits

    private AsyncFile(EventLoop loop, Path path, Fd fd) {
        this.loop = loop;
        this.path = path;
        this.fd = fd;
    }

    /**
     * Opens a file, with its position at the start. After a cancel it is not open; it may have been created.
     *
     * @param options as for {@link java.nio.channels.FileChannel#open}; none to read
     * @throws java.nio.file.NoSuchFileException if it is not there, and not to be created
     * @throws java.nio.file.FileAlreadyExistsException if it is there, and to be created
     * @throws java.nio.file.AccessDeniedException if it must not be opened
     */
    public static AsyncFile open(Path path, OpenOption... options) throws IOException {
        EventLoop loop = Asyncio.getRunningLoop();
        Set<OpenOption> all =
                new LinkedHashSet<>(options.length == 0 ? List.of(StandardOpenOption.READ) : List.of(options));
        Op.Open open = new Op.Open(path, all);
        AsyncFile file = null;
        try {
            loop.perform(open);
            file = new AsyncFile(loop, path, SocketStream.known(open.opened));
            return file;
        } finally {
            if (file == null && open.opened != null) { // a cancel came when it was open already
                open.opened.close();
            }
        }
    }

    // ------------------------------------------------------------------------------------------------ at the position

    /**
     * Reads at least one byte into {@code dst} from its position on; perhaps less than there is room for, and than
     * there is. Both positions move by as much, after a cancel too.
     *
     * @return the number of bytes read, or -1 at the end of the file
     * @throws IllegalArgumentException if {@code dst} has no room or is read-only
     * @throws java.nio.channels.ClosedChannelException if the file is closed, or is closed while this waits
     */
    public int read(ByteBuffer dst) throws IOException {
        SocketStream.ensureRoom(dst);
        beginAtPosition();
        int before = dst.position();
        try {
            return readAt(position, dst);
        } finally {
            endAtPosition(dst.position() - before);
        }
    }

    /**
     * Returns the next {@code n} bytes, fewer only where the file ends; a negative {@code n} reads until the end. After
     * a cancel or a failure the position has not moved.
     */
    public byte[] read(int n) throws IOException {
        return readUpTo(n < 0 ? Long.MAX_VALUE : n);
    }

    /** Returns everything from the position to the end. After a cancel or a failure the position has not moved. */
    public byte[] readAll() throws IOException {
        return readUpTo(Long.MAX_VALUE);
    }

    private byte[] readUpTo(long most) throws IOException {
        beginAtPosition();
        long total = 0;
        boolean complete = false;
        try {
            List<ByteBuffer> pieces = new ArrayList<>();
            while (total < most) {
                ByteBuffer piece = ByteBuffer.allocate((int) Math.min(BYTES_PER_READ, most - total));
                if (readAt(position + total, piece) < 0) {
                    break;
                }
                pieces.add(piece.flip());
                total += piece.remaining();
                if (total > Integer.MAX_VALUE - 8) {
                    throw new IOException(
                            path + " has more than 2 GiB, which is more than one array holds: read it in parts");
                }
            }
            byte[] all = join(pieces, (int) total);
            complete = true;
            return all;
        } finally {
            endAtPosition(complete ? total : 0);
        }
    }

    private static byte[] join(List<ByteBuffer> pieces, int total) {
        ByteBuffer all = ByteBuffer.allocate(total);
        pieces.forEach(all::put);
        return all.array();
    }

    /** Returns the lines from the position on, as UTF-8; see {@link #lines(Charset)}. */
    public Iterable<String> lines() {
        return lines(StandardCharsets.UTF_8);
    }

    /**
     * Returns the lines from the position on, for a plain {@code for}: each without its {@code \n} or {@code \r\n}, and
     * as long as it may be; what the charset does not know becomes its replacement. Each step suspends if it has to.
     * The position is behind the last line that was given, so to leave the loop early loses nothing; who moves it goes
     * on from there. Does not suspend itself.
     *
     * @throws IllegalArgumentException if a line feed is not one byte in this charset, as in UTF-16
     * @throws java.io.UncheckedIOException from each step, if the file cannot be read
     */
    public Iterable<String> lines(Charset charset) {
        FileLines.ensureFit(charset);
        return () -> new FileLines(this, charset);
    }

    /**
     * Writes all that remains in the buffers, in order, and moves the position and theirs. To the end of the file, if
     * it was opened to append: the position then counts what was written. After a cancel or a failure, the positions
     * tell how much was written; after a cancel, each buffer was or was not.
     *
     * @throws java.nio.channels.ClosedChannelException if the file is closed, or is closed while this waits
     * @throws IOException if it was not opened to write, or the device is full
     */
    public void write(ByteBuffer... src) throws IOException {
        beginAtPosition();
        long written = 0;
        try {
            for (ByteBuffer buffer : src) {
                int before = buffer.position();
                try {
                    writeAt(position + written, buffer);
                } finally {
                    written += buffer.position() - before;
                }
            }
        } finally {
            endAtPosition(written);
        }
    }

    /** Writes all of an array; otherwise as {@link #write(ByteBuffer...)}. */
    public void write(byte[] bytes) throws IOException {
        write(ByteBuffer.wrap(bytes));
    }

    /**
     * Writes a text in UTF-8; otherwise as {@link #write(ByteBuffer...)}.
     *
     * @throws java.nio.charset.CharacterCodingException if it has half of a surrogate pair
     */
    public void write(String text) throws IOException {
        write(encoded(text, StandardCharsets.UTF_8));
    }

    /** Reads at a place, for who gives it away later and moves the position then. */
    int readAhead(long position, ByteBuffer dst) throws IOException {
        beginAtPosition();
        try {
            return readAt(position, dst);
        } finally {
            endAtPosition(0);
        }
    }

    private void beginAtPosition() {
        ensurePositionFree();
        positionInUse = true;
    }

    private void endAtPosition(long moved) {
        positionInUse = false;
        position += moved;
    }

    private void ensurePositionFree() {
        if (positionInUse) {
            throw new IllegalStateException("another coroutine is reading or writing at the position of " + path
                    + ": use readAt and writeAt, or open the file twice");
        }
    }

    /** Returns this as a file of which a part is sent. */
    SourceFile asSource() {
        return new SourceFile() {

            @Override
            public void begin() {
                beginAtPosition();
            }

            @Override
            public Fd borrow() {
                return fd;
            }

            @Override
            public void giveBack(Fd borrowed) {}

            @Override
            public void readAt(long position, ByteBuffer block) throws IOException {
                AsyncFile.this.readAt(position, block);
            }

            @Override
            public void end(long position, boolean moved) {
                endAtPosition(moved ? position - AsyncFile.this.position : 0);
            }

            @Override
            public String toString() {
                return path.toString();
            }
        };
    }

    /** Returns where the next read or write begins, in bytes from the start. Never suspends. */
    public long position() {
        return position;
    }

    /**
     * Has the next read or write begin elsewhere; past the end too, where a read finds the end and a write leaves a gap
     * of zeros. Never suspends.
     *
     * @throws IllegalArgumentException if it is negative
     * @throws IllegalStateException if a coroutine is reading or writing at the position
     */
    public void position(long position) {
        ensureNotNegative(position);
        ensurePositionFree();
        this.position = position;
    }

    // ------------------------------------------------------------------------------------------------ at any place

    /**
     * Reads at least one byte from a place in the file, and leaves the position alone; otherwise as
     * {@link #read(ByteBuffer)}.
     */
    public int readAt(long position, ByteBuffer dst) throws IOException {
        ensureNotNegative(position);
        SocketStream.ensureRoom(dst);
        Op.ReadAt read = new Op.ReadAt(fd, dst, position);
        loop.perform(read);
        return read.count;
    }

    /**
     * Writes all that remains in a buffer to a place in the file, and leaves the position alone. To the end, whatever
     * the place, if it was opened to append. After a cancel it was written or not, and the buffer's position tells.
     */
    public void writeAt(long position, ByteBuffer src) throws IOException {
        ensureNotNegative(position);
        loop.perform(new Op.WriteAt(fd, src, position));
    }

    private static void ensureNotNegative(long position) {
        if (position < 0) {
            throw new IllegalArgumentException("a position in a file cannot be negative: " + position);
        }
    }

    // ------------------------------------------------------------------------------------------------ the file itself

    /** Returns how many bytes the file has. */
    public long size() throws IOException {
        Op.Size size = new Op.Size(fd);
        loop.perform(size);
        return size.size;
    }

    /**
     * Cuts the file off, or makes it longer by zeros; the position stays where it is. After a cancel this was done or
     * not.
     *
     * @throws IllegalArgumentException if the size is negative
     * @throws IOException if the file was not opened to write, or was opened to append and would become longer
     */
    public void truncate(long size) throws IOException {
        loop.perform(new Op.SetSize(fd, size));
    }

    /**
     * Waits until what was written is on the device.
     *
     * @param metadata whether what the system knows about the file, such as its times, must be there too
     */
    public void sync(boolean metadata) throws IOException {
        loop.perform(new Op.Sync(fd, metadata));
    }

    /** Returns the path that the file was opened by. Never suspends. */
    public Path path() {
        return path;
    }

    /** Returns whether {@link #close} has not been called. Never suspends. */
    public boolean isOpen() {
        return fd.isOpen();
    }

    /**
     * Closes. Never suspends, never throws, idempotent: a thread of the loop lets the file go. Coroutines that read or
     * write get an {@link java.nio.channels.AsynchronousCloseException}, and what they had begun is still done.
     */
    @Override
    public void close() {
        fd.close();
    }

    @Override
    public String toString() {
        return "AsyncFile[" + path + ", position " + position + (isOpen() ? "" : ", closed") + "]";
    }

    // ------------------------------------------------------------------------------------------------ whole files

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
        try (AsyncFile file = open(path)) {
            return file.readAll();
        }
    }

    /** Returns the lines of a file in UTF-8, as {@link #lines()} has them. Fails as {@link #readAllBytes}. */
    public static List<String> readLines(Path path) throws IOException {
        return readLines(path, StandardCharsets.UTF_8);
    }

    /** Returns the lines of a file, as {@link #lines(Charset)} has them. Fails as {@link #readAllBytes}. */
    public static List<String> readLines(Path path, Charset charset) throws IOException {
        FileLines.ensureFit(charset);
        try (AsyncFile file = open(path)) {
            List<String> lines = new ArrayList<>();
            FileLines all = new FileLines(file, charset);
            for (String line; (line = all.readLine()) != null; ) {
                lines.add(line);
            }
            return lines;
        }
    }

    /**
     * Writes a file, which is created, or loses what it had. After a failure part of it may stand there: see
     * {@link #writeAtomically}.
     *
     * @throws java.nio.file.NoSuchFileException if its directory is not there
     */
    public static void write(Path path, byte[] bytes) throws IOException {
        perform(() -> Files.write(path, bytes));
    }

    /**
     * Writes a file in UTF-8; otherwise as {@link #write(Path, byte[])}.
     *
     * @throws java.nio.charset.CharacterCodingException if the text has half of a surrogate pair; nothing is written
     */
    public static void writeString(Path path, String text) throws IOException {
        writeString(path, text, StandardCharsets.UTF_8);
    }

    /**
     * Writes a file; otherwise as {@link #write(Path, byte[])}.
     *
     * @throws java.nio.charset.CharacterCodingException if the charset has not all of its characters; nothing is
     *     written
     */
    public static void writeString(Path path, String text, Charset charset) throws IOException {
        write(path, bytes(text, charset));
    }

    /** Writes to the end of a file, which is created if it is not there. */
    public static void append(Path path, byte[] bytes) throws IOException {
        perform(() -> Files.write(path, bytes, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
    }

    /**
     * Writes a text in UTF-8 to the end of a file, which is created if it is not there.
     *
     * @throws java.nio.charset.CharacterCodingException if it has half of a surrogate pair; nothing is written
     */
    public static void appendString(Path path, String text) throws IOException {
        append(path, bytes(text, StandardCharsets.UTF_8));
    }

    /**
     * Replaces a file by another, or creates it, so that at any time it is there whole, the old or the new, after a
     * power cut as well: what is written goes to a temporary file beside it, then to the device, then to its place. A
     * symbolic link is followed; the new file has the old one's permissions, as far as the system lets it, and
     * otherwise those of any new file. After a failure or a cancel no temporary file is left, and the old or the new
     * one stands there.
     *
     * @throws java.nio.file.NoSuchFileException if its directory is not there
     * @throws java.nio.file.AtomicMoveNotSupportedException if the file system cannot do this
     */
    public static void writeAtomically(Path path, byte[] bytes) throws IOException {
        perform(() -> Replacement.write(path, bytes));
    }

    /** Replaces a file by a text in UTF-8; otherwise as {@link #writeAtomically(Path, byte[])}. */
    public static void writeAtomically(Path path, String text) throws IOException {
        writeAtomically(path, bytes(text, StandardCharsets.UTF_8));
    }

    private static byte[] bytes(String text, Charset charset) throws IOException {
        ByteBuffer encoded = encoded(text, charset);
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        return bytes;
    }

    private static ByteBuffer encoded(String text, Charset charset) throws IOException {
        return charset.newEncoder().encode(CharBuffer.wrap(text));
    }

    // ------------------------------------------------------------------------------------------------ paths

    /** Returns whether something is there; false too where that cannot be found out. */
    public static boolean exists(Path path) throws IOException {
        return perform(() -> Files.exists(path));
    }

    /**
     * Returns how many bytes a file has.
     *
     * @throws java.nio.file.NoSuchFileException if it is not there
     */
    public static long size(Path path) throws IOException {
        return perform(() -> Files.size(path));
    }

    /**
     * Deletes a file, or a directory with nothing in it.
     *
     * @throws java.nio.file.NoSuchFileException if it is not there
     * @throws java.nio.file.DirectoryNotEmptyException if it is a directory with something in it
     */
    public static void delete(Path path) throws IOException {
        perform(() -> {
            Files.delete(path);
            return null;
        });
    }

    /** Creates a directory, and those it is in; what is there already stays. */
    public static void createDirectories(Path path) throws IOException {
        perform(() -> Files.createDirectories(path));
    }

    /** Moves or renames a file; see {@link Files#move}. */
    public static void move(Path source, Path target, CopyOption... options) throws IOException {
        perform(() -> Files.move(source, target, options));
    }

    /** Copies a file; see {@link Files#copy(Path, Path, CopyOption...)}. After a failure part of it may be there. */
    public static void copy(Path source, Path target, CopyOption... options) throws IOException {
        perform(() -> Files.copy(source, target, options));
    }

    /**
     * Returns what is in a directory, sorted.
     *
     * @throws java.nio.file.NotDirectoryException if it is none
     * @throws java.nio.file.NoSuchFileException if it is not there
     */
    public static List<Path> list(Path directory) throws IOException {
        try (Directory all = Directory.open(directory)) {
            return all.rest().sorted().toList();
        }
    }

    /**
     * Opens a directory, for a plain {@code for} over what is in it, in no order: for directories that are too long to
     * be held at once. A step suspends if it has to; a cancel loses nothing. It must be closed, which never suspends,
     * and the loop ends there.
     *
     * @throws java.nio.file.NotDirectoryException if it is none
     * @throws java.nio.file.NoSuchFileException if it is not there
     * @throws java.nio.file.DirectoryIteratorException from each step, if it cannot be read
     */
    public static DirectoryStream<Path> newDirectoryStream(Path directory) throws IOException {
        return Directory.open(directory);
    }

    /** Makes a call on one of the threads for files; after a cancel, one that has begun is waited for. */
    private static <T extends @Nullable Object> T perform(Op.Call<T> call) throws IOException {
        Op.Blocking<T> op = Op.Blocking.toTheEnd(call);
        Asyncio.getRunningLoop().perform(op);
        return result(op);
    }

    @SuppressWarnings("NullAway") // null is what a call of this type may return
    private static <T extends @Nullable Object> T result(Op.Blocking<T> op) {
        return op.result;
    }
}
