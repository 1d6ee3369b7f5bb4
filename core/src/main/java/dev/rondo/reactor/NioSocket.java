package dev.rondo.reactor;

import static java.nio.channels.SelectionKey.OP_ACCEPT;
import static java.nio.channels.SelectionKey.OP_CONNECT;
import static java.nio.channels.SelectionKey.OP_READ;
import static java.nio.channels.SelectionKey.OP_WRITE;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * A TCP socket or listener of the {@link NioDriver}, with the at most two operations that wait for it. Loop thread
 * only.
 *
 * <pre>
 *   incoming   Read or Accept     waits for OP_READ, OP_ACCEPT
 *   outgoing   Write or Connect   waits for OP_WRITE, OP_CONNECT
 * </pre>
 *
 * <p>Interest in reading stays armed when a read is over, since the next is likely to follow: it is dropped only when
 * the socket is ready and nobody reads. Interest in writing is dropped when the write is over, for a socket is nearly
 * always writable.
 */
final class NioSocket implements NioFd {

    /**
     * How much goes through one system call: NIO copies the whole of a heap buffer before each, however little is
     * taken.
     */
    private static final int BYTES_PER_CALL = 256 * 1024; // asyncio's max_size

    /** How often a write is continued before the loop gets its turn: a peer may read as fast as we can write. */
    private static final int CALLS_PER_TURN = 16;

    private static final int INCOMING = OP_READ | OP_ACCEPT;
    private static final int OUTGOING = OP_WRITE | OP_CONNECT;

    private final NioDriver driver;
    private final SelectableChannel channel;
    private boolean open = true;
    private @Nullable Op incoming;
    private @Nullable Op outgoing;
    private int armed; // what the selector looks for, or will from the next poll on
    private boolean changeQueued; // the next poll calls applyChange()
    private boolean closeOwed; // applyChange() is to close the channel

    private NioSocket(NioDriver driver, SelectableChannel channel) {
        this.driver = driver;
        this.channel = channel;
    }

    static NioSocket connectable(NioDriver driver, ProtocolFamily family) throws IOException {
        try {
            return connection(driver, SocketChannel.open(family));
        } catch (UnsupportedOperationException e) {
            throw new IOException("this system has no sockets of family " + family, e);
        }
    }

    private static NioSocket connection(NioDriver driver, SocketChannel channel) throws IOException {
        try {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            return new NioSocket(driver, channel);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    static NioSocket listening(NioDriver driver, InetSocketAddress address, int backlog) throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open();
        try {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            channel.bind(address, backlog);
            return new NioSocket(driver, channel);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    static NioSocket of(Fd fd) {
        if (fd instanceof NioSocket socket) {
            return socket;
        }
        throw new IllegalArgumentException("not a socket of this driver: " + fd);
    }

    // ------------------------------------------------------------------------------------------------ operations

    /** Begins an operation; returns whether it is over at once. */
    boolean submit(Op op) {
        boolean in = isIncoming(op);
        if ((in ? incoming : outgoing) != null) {
            throw new IllegalStateException(alreadyBusy(op));
        }
        if (op instanceof Op.Read read && !read.buffer().hasRemaining()) {
            throw new IllegalArgumentException("the buffer to read into has no room: " + read.buffer());
        }
        op.begin();
        if (attempt(op)) {
            return true;
        }
        if (in) {
            incoming = op;
        } else {
            outgoing = op;
        }
        if ((armed & interest(op)) == 0) {
            queueChange();
        }
        return false;
    }

    private static boolean isIncoming(Op op) {
        return op instanceof Op.Read || op instanceof Op.Accept;
    }

    private static String alreadyBusy(Op op) {
        return switch (op) {
            case Op.Read _ -> "another coroutine is already reading from this stream";
            case Op.Accept _ -> "another coroutine is already accepting from this listener";
            default -> "another coroutine is already writing to this stream";
        };
    }

    private static int interest(Op op) {
        return switch (op) {
            case Op.Read _ -> OP_READ;
            case Op.Accept _ -> OP_ACCEPT;
            case Op.Connect _ -> OP_CONNECT;
            default -> OP_WRITE;
        };
    }

    /** Takes back an operation that waits here. */
    void forget(Op op) {
        if (incoming == op) {
            incoming = null;
        } else if (outgoing == op) {
            outgoing = null;
        }
    }

    /** Makes the system call; returns whether the operation is over, and false if it would block. */
    private boolean attempt(Op op) {
        try {
            boolean over = switch (op) {
                case Op.Read read -> read(read);
                case Op.Write write -> write(write.buffers());
                case Op.Accept accept -> accept(accept);
                case Op.Connect connect -> connect(connect.address);
                default -> throw new IllegalArgumentException("not an operation on a socket: " + op);
            };
            if (over) {
                op.finish(null);
            }
            return over;
        } catch (IOException e) {
            op.finish(e);
            return true;
        } catch (RuntimeException e) { // a buffer that cannot be written to, or whose memory is gone
            op.finish(new IOException(op + " failed: " + e, e));
            return true;
        }
    }

    private boolean read(Op.Read op) throws IOException {
        ByteBuffer buffer = op.buffer();
        int limit = buffer.limit();
        if (buffer.remaining() > BYTES_PER_CALL && !buffer.isDirect()) {
            buffer.limit(buffer.position() + BYTES_PER_CALL);
        }
        try {
            op.count = stream().read(buffer);
        } finally {
            buffer.limit(limit);
        }
        return op.count != 0;
    }

    private boolean write(ByteBuffer[] buffers) throws IOException {
        SocketChannel stream = stream();
        int calls = 0;
        for (int first = 0; first < buffers.length; ) {
            ByteBuffer buffer = buffers[first];
            if (!buffer.hasRemaining()) {
                first++;
            } else if (calls++ == CALLS_PER_TURN) {
                return false; // as if it would block: the selector finds the socket writable in the next turn
            } else if (write(stream, buffers, first) == 0) {
                return false;
            }
        }
        return true;
    }

    private static long write(SocketChannel stream, ByteBuffer[] buffers, int first) throws IOException {
        int count = atOnce(buffers, first);
        return count == 1 ? write(stream, buffers[first]) : stream.write(buffers, first, count);
    }

    private static int write(SocketChannel stream, ByteBuffer buffer) throws IOException {
        if (buffer.remaining() <= BYTES_PER_CALL) {
            return stream.write(buffer);
        }
        int limit = buffer.limit();
        buffer.limit(buffer.position() + BYTES_PER_CALL);
        try {
            return stream.write(buffer);
        } finally {
            buffer.limit(limit);
        }
    }

    /** Returns how many of the buffers, one at least, go into one call. */
    private static int atOnce(ByteBuffer[] buffers, int first) {
        long bytes = buffers[first].remaining();
        int end = first + 1;
        while (end < buffers.length && (bytes += buffers[end].remaining()) <= BYTES_PER_CALL) {
            end++;
        }
        return end - first;
    }

    private boolean accept(Op.Accept op) throws IOException {
        SocketChannel accepted = ((ServerSocketChannel) channel).accept();
        if (accepted == null) {
            return false;
        }
        op.accepted = driver.opened(connection(driver, accepted));
        return true;
    }

    private boolean connect(InetSocketAddress address) throws IOException {
        SocketChannel stream = stream();
        try {
            return stream.isConnectionPending() ? stream.finishConnect() : stream.connect(address);
        } catch (ConnectException e) {
            ConnectException named = new ConnectException("connect to " + address + ": " + e.getMessage());
            named.initCause(e);
            throw named;
        } catch (IllegalArgumentException e) { // unresolved, or of another family than the socket
            throw new IOException(
                    "cannot connect to " + address + ": " + e.getClass().getSimpleName(), e);
        }
    }

    private SocketChannel stream() throws IOException {
        if (!open) {
            throw new ClosedChannelException();
        }
        return (SocketChannel) channel;
    }

    // ------------------------------------------------------------------------------------------------ readiness

    private void queueChange() {
        if (!changeQueued) {
            changeQueued = true;
            driver.changed(this);
        }
    }

    /** Brings the selector up to date; returns whether it has to let go of a channel now closed. From poll. */
    boolean applyChange() {
        changeQueued = false;
        if (closeOwed) {
            closeOwed = false;
            closeNow();
            driver.cleanUpEnds();
            return true;
        }
        if (incoming != null || outgoing != null) {
            armed |= (incoming != null ? interest(incoming) : 0) | (outgoing != null ? interest(outgoing) : 0);
            register(driver.selector());
        }
        return false;
    }

    private void register(Selector selector) {
        try {
            SelectionKey key = channel.keyFor(selector);
            if (key == null) {
                channel.register(selector, armed, this);
            } else {
                key.interestOps(armed);
            }
        } catch (ClosedChannelException | CancelledKeyException e) {
            endOperations(); // NIO closes a channel by itself where connecting failed
        }
    }

    /** The selector found something to do here. From poll. */
    void ready(SelectionKey key) {
        int ready = key.readyOps();
        Op in = incoming;
        if ((ready & INCOMING) != 0) {
            if (in == null) {
                armed &= ~INCOMING;
            } else if (attempt(in)) {
                incoming = null;
                driver.over(in);
            }
        }
        Op out = outgoing;
        if ((ready & OUTGOING) != 0 && (out == null || attempt(out))) {
            armed &= ~OUTGOING;
            if (out != null) {
                outgoing = null;
                driver.over(out);
            }
        }
        if (key.isValid() && key.interestOps() != armed) {
            key.interestOps(armed);
        }
    }

    // ------------------------------------------------------------------------------------------------ the socket
    // itself

    @Override
    public @Nullable SocketAddress localAddress() {
        try {
            return ((NetworkChannel) channel).getLocalAddress();
        } catch (IOException closed) {
            return null;
        }
    }

    @Override
    public @Nullable SocketAddress remoteAddress() {
        try {
            return channel instanceof SocketChannel stream ? stream.getRemoteAddress() : null;
        } catch (IOException closed) {
            return null;
        }
    }

    @Override
    public <T> void setOption(SocketOption<T> option, T value) throws IOException {
        ((NetworkChannel) channel).setOption(option, value);
    }

    @Override
    public void shutdownOutput() throws IOException {
        stream().shutdownOutput();
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() {
        if (!open) {
            return;
        }
        open = false;
        endOperations();
        if (channel.isRegistered()) {
            closeOwed = true; // by the next poll, since the selector is to be touched nowhere else
            driver.cleanUpBegins();
            queueChange();
        } else {
            closeNow();
        }
    }

    private void endOperations() {
        for (Op op : new @Nullable Op[] {incoming, outgoing}) {
            if (op != null) {
                op.finish(new AsynchronousCloseException());
                driver.over(op);
            }
        }
        incoming = null;
        outgoing = null;
    }

    @Override
    public void closeNow() {
        open = false;
        driver.gone(this);
        try {
            channel.close();
        } catch (IOException e) {
            // Whatever the system has to say about it, there is nobody left who could do something about it.
        }
    }

    @Override
    public String toString() {
        return (channel instanceof ServerSocketChannel ? "listener" : "socket") + "[" + localAddress() + " "
                + (open ? "open" : "closed") + "]";
    }
}
