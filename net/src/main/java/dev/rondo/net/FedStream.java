package dev.rondo.net;

import dev.rondo.Asyncio;
import dev.rondo.Promise;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A stream to read that the program feeds itself: for tests, and for a protocol of callbacks that wants a
 * {@link StreamReader}. Belongs to one loop; what feeds never suspends and may be called by callbacks. Stands for
 * {@code feed_data}, {@code feed_eof} and {@code set_exception} of {@code asyncio.StreamReader}.
 *
 * <pre>{@code
 * var fed = new FedStream();
 * fed.feedData("one\ntwo\n".getBytes(UTF_8));
 * fed.feedEof();
 * for (String line : fed.reader().lines()) { … }
 * }</pre>
 *
 * <p>Nothing holds back who feeds it: {@link #size} tells how much waits.
 */
public final class FedStream implements ByteStream {

    private static final SocketAddress UNNAMED = UnixDomainSocketAddress.of("");

    private final Deque<ByteBuffer> fed = new ArrayDeque<>();
    private final StreamReader reader;
    private boolean ended;
    private boolean open = true;
    private @Nullable IOException failure;
    private @Nullable Promise<@Nullable Void, RuntimeException> more; // of the read that waits

    /** Makes a stream whose reader has the default limit. */
    public FedStream() {
        this(StreamReader.DEFAULT_LIMIT);
    }

    /** Makes a stream whose reader has a limit, as {@link StreamReader#StreamReader(ByteStream, int)} says. */
    public FedStream(int limit) {
        reader = new StreamReader(this, limit);
    }

    /** Returns the reader of this stream; always the same. */
    public StreamReader reader() {
        return reader;
    }

    // ------------------------------------------------------------------------------------------------ feeding

    /**
     * Gives bytes to whoever reads.
     *
     * @param data copied
     * @throws IllegalStateException after {@link #feedEof}
     */
    public void feedData(byte[] data) {
        if (ended) {
            throw new IllegalStateException("feedData after feedEof");
        }
        if (data.length > 0) {
            fed.add(ByteBuffer.wrap(data.clone()));
            wake();
        }
    }

    /** Ends the stream once all that was fed is read. Idempotent. */
    public void feedEof() {
        ended = true;
        wake();
    }

    /** Has the read that waits, and all that come, fail with this; also if bytes are left. */
    public void setException(IOException failure) {
        this.failure = Objects.requireNonNull(failure, "a stream fails with an exception, and not with null");
        reader.fail(failure);
        wake();
    }

    /** Returns how many bytes were fed and not read. */
    public int size() {
        return reader.buffered() + fed.stream().mapToInt(ByteBuffer::remaining).sum();
    }

    private void wake() {
        if (more != null && !more.done()) {
            more.setResult(null);
        }
    }

    // ------------------------------------------------------------------------------------------------ reading

    @Override
    public int read(ByteBuffer dst) throws IOException {
        SocketStream.ensureRoom(dst);
        if (!open) {
            throw new ClosedChannelException();
        }
        if (more != null) {
            throw new IllegalStateException("another coroutine is already reading from this stream");
        }
        awaitMore();
        if (failure != null) {
            throw failure;
        }
        ByteBuffer first = fed.peekFirst();
        if (first == null) {
            return -1;
        }
        int count = Math.min(first.remaining(), dst.remaining());
        dst.put(first.slice(first.position(), count));
        first.position(first.position() + count);
        if (!first.hasRemaining()) {
            fed.removeFirst();
        }
        return count;
    }

    private void awaitMore() throws IOException {
        while (fed.isEmpty() && !ended && failure == null) {
            Promise<@Nullable Void, RuntimeException> more =
                    Asyncio.getRunningLoop().createFuture();
            this.more = more;
            try {
                more.await();
            } finally {
                this.more = null;
            }
            if (!open) {
                throw new AsynchronousCloseException();
            }
        }
    }

    @Override
    public boolean quiet() {
        return open && fed.isEmpty() && !ended && failure == null;
    }

    // ------------------------------------------------------------------------------------------------ not writing

    /** Refuses: there is nobody to write to. */
    @Override
    public void write(ByteBuffer... src) {
        throw new NonWritableChannelException();
    }

    /** Does nothing: nothing can be written in any case. */
    @Override
    public void shutdownOutput() {}

    @Override
    public SocketAddress localAddress() {
        return UNNAMED;
    }

    @Override
    public SocketAddress remoteAddress() {
        return UNNAMED;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() {
        open = false;
        fed.clear();
        wake();
    }

    @Override
    public String toString() {
        return "FedStream[" + size() + " bytes" + (ended ? ", eof" : "") + (open ? "" : ", closed") + "]";
    }
}
