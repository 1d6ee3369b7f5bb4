package dev.rondo.net;

import dev.rondo.EventLoop;
import dev.rondo.Promise;
import dev.rondo.TimerHandle;
import dev.rondo.reactor.Fd;
import dev.rondo.reactor.Op;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A TCP connection: each call is one operation of the driver.
 *
 * <p>The look-ahead behind {@link #quiet}:
 *
 * <pre>
 *   none ──quiet()──▶ IN FLIGHT ──bytes, end, failure──▶ OVER ──read() takes it──▶ none
 *    ▲                    │                                ▲
 *    └──── cancelled ── read() asks for it back ── too late ┘
 * </pre>
 */
final class SocketStream implements ByteStream, LastWords {

    private static final Duration LINGER =
            Duration.ofSeconds(1); // for the last words of a stream whose peer does not read
    private static final int LOOK_AHEAD_BYTES = 512; // all that an idle TLS connection may be sent at once: two tickets

    private static final SocketAddress UNNAMED = UnixDomainSocketAddress.of("");

    private final EventLoop loop;
    private final Fd fd;
    private final SocketAddress localAddress;
    private final SocketAddress remoteAddress;
    private final Op.Read read; // used for every read, so that reading allocates nothing
    private final Op.Write write;
    private boolean open = true; // the descriptor may outlive this by its last words

    private Op.@Nullable Read lookAhead;
    private @Nullable Promise<@Nullable Void, RuntimeException> lookAheadOver; // of the reader that waits for its end

    SocketStream(EventLoop loop, Fd fd) {
        this.loop = loop;
        this.fd = fd;
        this.localAddress = named(fd.localAddress());
        this.remoteAddress = named(fd.remoteAddress());
        this.read = new Op.Read(fd);
        this.write = new Op.Write(fd);
    }

    /** Returns what only a socket that is not what it should be lacks. */
    static <T> T known(@Nullable T value) {
        return Objects.requireNonNull(value, "the driver gave a socket without address");
    }

    /** Returns an address; the empty one of a Unix socket that has none, such as a client's. */
    private static SocketAddress named(@Nullable SocketAddress address) {
        return address != null ? address : UNNAMED;
    }

    /** Returns whether a coroutine waits for this operation. */
    static boolean busy(Op op) {
        return op.state() == Op.State.IN_FLIGHT || op.state() == Op.State.CANCELLING;
    }

    // ------------------------------------------------------------------------------------------------ reading

    @Override
    public int read(ByteBuffer dst) throws IOException {
        ensureRoom(dst);
        ensureOpen();
        ensureNobodyReads();
        if (lookAhead != null) {
            int count = readAhead(lookAhead, dst);
            if (count != 0) {
                return count;
            }
        }
        loop.perform(read.into(dst));
        if (read.cancelled()) {
            throw new AsynchronousCloseException();
        }
        return read.count;
    }

    static void ensureRoom(ByteBuffer dst) {
        if (!dst.hasRemaining()) {
            throw new IllegalArgumentException("the buffer to read into has no room: " + dst);
        }
        if (dst.isReadOnly()) {
            throw new IllegalArgumentException("the buffer to read into is read-only: " + dst);
        }
    }

    private void ensureNobodyReads() {
        if (busy(read) || lookAheadOver != null) {
            throw new IllegalStateException("another coroutine is already reading from this stream");
        }
    }

    /** Takes what the look-ahead read; 0 if it could be taken back before anything came. */
    private int readAhead(Op.Read ahead, ByteBuffer dst) throws IOException {
        loop.driver().cancel(ahead);
        if (!ahead.isDone()) {
            awaitEnd();
        }
        if (ahead.failure() == null && ahead.count > 0) {
            ByteBuffer stash = ahead.buffer();
            int count = Math.min(stash.position(), dst.remaining());
            stash.flip();
            dst.put(stash.duplicate().limit(count));
            stash.position(count).compact();
            if (stash.position() == 0) {
                lookAhead = null;
            }
            return count;
        }
        lookAhead = null;
        if (ahead.failure() != null) {
            throw ahead.failure();
        }
        return ahead.cancelled() ? 0 : -1;
    }

    /** Waits until the driver gives the look-ahead back. After a cancel the next read waits for it. */
    private void awaitEnd() {
        Promise<@Nullable Void, RuntimeException> over = loop.createFuture();
        lookAheadOver = over;
        try {
            over.await();
        } finally {
            lookAheadOver = null;
        }
    }

    @Override
    public boolean quiet() {
        if (!open) {
            return false;
        }
        ensureNobodyReads();
        if (lookAhead == null || lookAhead.cancelled()) {
            Op.Read ahead = new Op.Read(fd).into(ByteBuffer.allocate(LOOK_AHEAD_BYTES));
            ahead.onDone(() -> {
                if (lookAheadOver != null && !lookAheadOver.done()) {
                    lookAheadOver.setResult(null);
                }
            });
            lookAhead = ahead;
            loop.driver().submit(ahead);
        }
        return !lookAhead.isDone();
    }

    // ------------------------------------------------------------------------------------------------ writing

    @Override
    public void write(ByteBuffer... src) throws IOException {
        ensureOpen();
        if (busy(write)) {
            throw new IllegalStateException("another coroutine is already writing to this stream");
        }
        loop.perform(write.from(src));
    }

    @Override
    public void shutdownOutput() throws IOException {
        ensureOpen();
        fd.shutdownOutput();
    }

    // ------------------------------------------------------------------------------------------------ closing

    private void ensureOpen() throws ClosedChannelException {
        if (!open) {
            throw new ClosedChannelException();
        }
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() {
        if (open) {
            open = false;
            fd.close();
        }
    }

    @Override
    public void closeWith(ByteBuffer lastWords) {
        if (!open || !fd.isOpen() || busy(write) || !lastWords.hasRemaining()) {
            close();
            return;
        }
        open = false;
        loop.driver().cancel(read);
        Op.Write last = new Op.Write(fd).from(lastWords);
        TimerHandle patience = loop.callLater(LINGER, fd::close);
        last.onDone(() -> closeAfter(patience));
        loop.driver().submit(last);
        if (last.isDone()) {
            closeAfter(patience);
        }
    }

    private void closeAfter(TimerHandle patience) {
        patience.cancel();
        fd.close();
    }

    // ------------------------------------------------------------------------------------------------ what it is

    @Override
    public SocketAddress localAddress() {
        return localAddress;
    }

    @Override
    public SocketAddress remoteAddress() {
        return remoteAddress;
    }

    @Override
    public String toString() {
        return "SocketStream[" + localAddress + " to " + remoteAddress + (open ? "" : ", closed") + "]";
    }
}
