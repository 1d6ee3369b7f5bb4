package dev.rondo.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.Charset;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Lines, exact lengths and everything up to a separator, from a {@link ByteStream}. Belongs to one loop; one coroutine
 * at a time reads. Stands for {@code asyncio.StreamReader}.
 *
 * <p>It reads from the stream only while somebody waits for more than it holds, so a peer that sends faster than this
 * program reads is held back by TCP itself.
 *
 * <p>All methods that read suspend until they have what they were asked for, can be called by coroutines only, and fail
 * with {@link IllegalStateException} while another coroutine is reading, and with the stream's {@link IOException} once
 * the connection broke, even if bytes are left that came before. A connection that this side has closed ends: a read
 * that waits meets the end of the stream. On cancel no byte is lost: what has come is given to the next read.
 */
public final class StreamReader {

    /** How long a line may be, unless said otherwise; asyncio's figure. */
    public static final int DEFAULT_LIMIT = 64 * 1024;

    // The buffer follows what comes: small at first, since most connections are idle; twice as large behind a read that
    // filled it, half as large behind a row of reads that hardly used it.
    private static final int FIRST_CAPACITY = 512;
    private static final int MOST_KEPT = 64 * 1024;
    private static final int FEW_BYTES = 8; // an eighth of the buffer, or less
    private static final int MANY_READS = 16;
    private static final byte[] NEWLINE = {'\n'};

    private ByteStream stream; // another one once TLS has begun
    private final int limit;
    private byte[] buffer = new byte[FIRST_CAPACITY]; // what was received and not taken: start to end
    private int start;
    private int end;
    private boolean filled; // the last read had no room left
    private int smallReads; // in a row
    private boolean ended; // the stream has
    private boolean reading;
    private @Nullable IOException exception; // for all reads to come
    private @Nullable StreamWriter writer; // of the same connection, which counts as dropped when it is

    /** Makes a reader with the default limit. */
    public StreamReader(ByteStream stream) {
        this(stream, DEFAULT_LIMIT);
    }

    /**
     * Makes a reader.
     *
     * @param limit how many bytes a line, or what stands before a separator, may have
     */
    public StreamReader(ByteStream stream, int limit) {
        ensureLimit(limit);
        this.stream = stream;
        this.limit = limit;
    }

    static void ensureLimit(int limit) {
        if (limit <= 0) {
            throw new IllegalArgumentException("limit must be positive, not " + limit);
        }
    }

    // ------------------------------------------------------------------------------------------------ any bytes

    /**
     * Returns up to {@code n} bytes as soon as there is one; none at the end of the stream, or if {@code n} is 0. A
     * negative {@code n} reads until the end, as {@link #readAll} does.
     */
    public byte[] read(int n) throws IOException {
        if (n < 0) {
            return readAll();
        }
        ensureReadable("read");
        if (n == 0) {
            return new byte[0];
        }
        if (buffered() == 0) {
            fill();
        }
        return take(Math.min(n, buffered()));
    }

    /** Returns everything up to the end of the stream. Not bound by the limit. */
    public byte[] readAll() throws IOException {
        awaitEnd();
        return take(buffered());
    }

    /** Waits for the end of the stream. Everything stays in the buffer, so that a cancel loses nothing. */
    void awaitEnd() throws IOException {
        ensureReadable("read");
        while (fill()) {
            // there is more
        }
    }

    /**
     * Returns exactly {@code n} bytes. Not bound by the limit.
     *
     * @throws IncompleteReadException if the stream ends before; what came is in it, and not in this reader any more
     * @throws IllegalArgumentException if {@code n} is negative
     */
    public byte[] readExactly(int n) throws IOException {
        if (n < 0) {
            throw new IllegalArgumentException("readExactly size can not be less than zero: " + n);
        }
        ensureReadable("readExactly");
        while (buffered() < n) {
            if (!fill()) {
                throw new IncompleteReadException(take(buffered()), n);
            }
        }
        return take(n);
    }

    // ------------------------------------------------------------------------------------------------ separators

    /**
     * Returns the next line, its {@code \n} included; at the end of the stream what is left, and then nothing.
     *
     * @throws LimitOverrunException if the line is longer than the limit; it is dropped if its end has come already,
     *     otherwise all that has come is. (asyncio: a {@code ValueError}. Here it is an {@code IOException}, for the
     *     line is the peer's doing.)
     */
    public byte[] readLine() throws IOException {
        try {
            return readUntil(NEWLINE);
        } catch (IncompleteReadException e) {
            return e.partial();
        } catch (LimitOverrunException e) {
            boolean endOfLineIsHere = e.consumed() < buffered() && buffer[start + e.consumed()] == '\n';
            drop(endOfLineIsHere ? e.consumed() + 1 : buffered());
            throw e;
        }
    }

    /** Returns the next line as text; otherwise as {@link #readLine()}, and empty at the end of the stream. */
    public String readLine(Charset charset) throws IOException {
        return new String(readLine(), charset);
    }

    /**
     * Returns the lines that are still to come, for a plain {@code for}: as text in UTF-8, each without its {@code \n}
     * or {@code \r\n}. Each step suspends until the next line is there; to leave the loop early loses nothing.
     * (asyncio: {@code async for line in reader}, which keeps the line ends.)
     *
     * @throws java.io.UncheckedIOException from each step, for what {@link #readLine()} throws
     */
    public Iterable<String> lines() {
        return () -> new ReaderLines(this);
    }

    /**
     * Returns everything up to a separator, that one included. Of several separators the one that ends first counts.
     *
     * @throws IncompleteReadException if the stream ends before; what came is in it, and not in this reader any more
     * @throws LimitOverrunException if more than the limit stands before the separator, or has come without one; it all
     *     stays in this reader
     * @throws IllegalArgumentException if there is no separator, or an empty one
     */
    public byte[] readUntil(byte[]... separators) throws IOException {
        int shortest = Integer.MAX_VALUE;
        int longest = 0;
        for (byte[] separator : separators) {
            shortest = Math.min(shortest, separator.length);
            longest = Math.max(longest, separator.length);
        }
        if (separators.length == 0 || shortest == 0) {
            throw new IllegalArgumentException("there must be a separator, and it must have at least one byte");
        }
        ensureReadable("readUntil");
        int searched = 0; // no separator begins before this
        for (; ; ) {
            Match match = buffered() - searched >= shortest ? find(separators, searched) : null;
            if (match != null) {
                if (match.begin > limit) {
                    throw new LimitOverrunException(
                            "Separator is found, but chunk is longer than limit (" + limit + ")", match.begin);
                }
                return take(match.end);
            }
            searched = Math.max(searched, buffered() + 1 - longest);
            if (searched > limit) {
                throw new LimitOverrunException(
                        "Separator is not found, and chunk exceed the limit (" + limit + ")", searched);
            }
            if (!fill()) {
                throw new IncompleteReadException(take(buffered()), -1);
            }
        }
    }

    /** Where a separator stands among the buffered bytes. */
    private record Match(int begin, int end) {}

    private @Nullable Match find(byte[][] separators, int from) {
        Match first = null;
        for (byte[] separator : separators) {
            int begin = indexOf(separator, from);
            if (begin >= 0 && (first == null || begin + separator.length < first.end)) {
                first = new Match(begin, begin + separator.length);
            }
        }
        return first;
    }

    private int indexOf(byte[] separator, int from) {
        int last = end - separator.length;
        for (int i = start + from; i <= last; i++) {
            if (buffer[i] == separator[0]
                    && Arrays.equals(buffer, i, i + separator.length, separator, 0, separator.length)) {
                return i - start;
            }
        }
        return -1;
    }

    /**
     * Returns the stream under this; bytes that are buffered here are not there any more. Who has asked for it looks
     * after it: see {@link StreamWriter#stream}.
     */
    public ByteStream stream() {
        return writer != null ? writer.stream() : stream;
    }

    /** Keeps the writer of the same connection as long as this can be used. */
    void keep(StreamWriter writer) {
        this.writer = writer;
    }

    /**
     * Returns whether the end of the stream has been met, or this side has closed it, and nothing is left to read.
     * Never suspends. Stands for {@code at_eof}.
     */
    public boolean atEof() {
        return (ended || !stream.isOpen()) && buffered() == 0;
    }

    /** Returns what broke the connection, as far as a read has met it, or null. Stands for {@code exception}. */
    public @Nullable IOException exception() {
        return exception;
    }

    /** Has all reads that begin from now on fail. */
    void fail(IOException failure) {
        exception = failure;
    }

    // ------------------------------------------------------------------------------------------------ another stream

    /** Gives away what is buffered, and refuses to read until {@link #endReplacing}. */
    byte[] beginReplacing() {
        ensureNobodyReads("startTls");
        reading = true;
        return take(buffered());
    }

    /** Reads from {@code next} from now on. */
    void endReplacing(ByteStream next) {
        stream = next;
        reading = false;
    }

    // ------------------------------------------------------------------------------------------------ the buffer

    int buffered() {
        return end - start;
    }

    private byte[] take(int n) {
        byte[] taken = Arrays.copyOfRange(buffer, start, start + n);
        drop(n);
        return taken;
    }

    private void drop(int n) {
        start += n;
        if (start == end) {
            start = 0;
            end = 0;
            if (buffer.length > MOST_KEPT) {
                buffer = new byte[MOST_KEPT]; // one long message is no reason to hold so much for ever
            }
        }
    }

    private void ensureNobodyReads(String who) {
        if (reading) {
            throw new IllegalStateException(
                    who + "() called while another coroutine is already waiting for incoming data");
        }
    }

    private void ensureReadable(String who) throws IOException {
        ensureNobodyReads(who);
        if (exception != null) {
            throw exception;
        }
    }

    /** Waits for more bytes; returns false at the end of the stream. */
    private boolean fill() throws IOException {
        if (ended) {
            return false;
        }
        makeRoom();
        ByteBuffer free = ByteBuffer.wrap(buffer, end, buffer.length - end);
        reading = true;
        try {
            ended = stream.read(free) < 0;
        } catch (ClosedChannelException e) {
            if (stream.isOpen()) {
                throw e;
            }
            ended = true;
        } catch (IOException e) {
            exception = e;
            throw e;
        } finally {
            reading = false;
            noteUse(free.position() - end, free.hasRemaining());
            end = free.position(); // after a cancel as well: what came is here
        }
        return !ended;
    }

    private void noteUse(int count, boolean roomLeft) {
        filled = !roomLeft;
        smallReads = count < buffer.length / FEW_BYTES ? smallReads + 1 : 0;
    }

    /** Makes the buffer larger or smaller while nothing is in it. */
    private void fit() {
        if (filled && buffer.length < MOST_KEPT) {
            buffer = new byte[buffer.length * 2];
        } else if (smallReads >= MANY_READS && buffer.length > FIRST_CAPACITY) {
            buffer = new byte[buffer.length / 2];
            smallReads = 0;
        }
    }

    /** Sees to it that half of the buffer is free, or as much as a stream gives at once. */
    private void makeRoom() {
        if (buffered() == 0) {
            fit();
        }
        int wanted = Math.min(Math.max(buffered(), FIRST_CAPACITY / 2), DEFAULT_LIMIT);
        if (buffer.length - end >= wanted) {
            return;
        }
        byte[] target = buffer.length - buffered() >= wanted ? buffer : new byte[larger(wanted)];
        System.arraycopy(buffer, start, target, 0, buffered());
        end = buffered();
        start = 0;
        buffer = target;
    }

    private int larger(int wanted) {
        if (buffer.length > Integer.MAX_VALUE - 8 - wanted) {
            throw new OutOfMemoryError("a StreamReader cannot hold more than 2 GiB");
        }
        return (int) Math.min(Integer.MAX_VALUE - 8, Math.max(buffer.length * 2L, buffered() + (long) wanted));
    }

    @Override
    public String toString() {
        return "StreamReader[" + buffered() + " buffered" + (ended ? ", eof" : "") + " of " + stream + "]";
    }
}
