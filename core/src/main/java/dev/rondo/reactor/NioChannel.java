package dev.rondo.reactor;

import static java.nio.channels.SelectionKey.OP_ACCEPT;
import static java.nio.channels.SelectionKey.OP_CONNECT;
import static java.nio.channels.SelectionKey.OP_READ;
import static java.nio.channels.SelectionKey.OP_WRITE;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the {@link NioDriver} has that a selector can wait for, with the at most two operations that wait for it. Each
 * kind of channel is a subclass: it says which operations it knows, and makes their system calls. Loop thread only.
 *
 * <pre>
 *   incoming   waits for OP_READ, OP_ACCEPT        OPEN ──close()────▶ owes CLOSE ──poll──▶ gone, channel closed
 *   outgoing   waits for OP_WRITE, OP_CONNECT        └────release()──▶ owes FLUSH ──poll──▶ gone, channel open
 * </pre>
 *
 * <p>Interest in reading stays armed when a read is over, since the next is likely to follow: it is dropped only when
 * the channel is ready and nobody reads. Interest in writing is dropped when the write is over, for a channel is nearly
 * always writable.
 */
abstract sealed class NioChannel implements NioFd permits NioStream, NioListener, NioDatagrams, NioPipe {

    private static final int INCOMING = OP_READ | OP_ACCEPT;
    private static final int OUTGOING = OP_WRITE | OP_CONNECT;

    /** What the next poll has to do about the selector once nobody uses the channel any more. */
    private enum Owed {
        NOTHING,
        /** To close the channel and flush its key. */
        CLOSE,
        /** To flush the key of a channel that was given back. */
        FLUSH
    }

    final NioDriver driver;
    private final SelectableChannel channel;
    private boolean open = true;
    private Op.@Nullable OnFd incoming;
    private Op.@Nullable OnFd outgoing;
    private boolean readable; // the selector said so, and nobody has read since
    private int armed; // what the selector looks for, or will from the next poll on
    private boolean registered; // the driver counts our key among those that the selector has
    private boolean changeQueued; // the next poll calls applyChange()
    private Owed owed = Owed.NOTHING;

    NioChannel(NioDriver driver, SelectableChannel channel) {
        this.driver = driver;
        this.channel = channel;
    }

    @Override
    public final NioDriver driver() {
        return driver;
    }

    /**
     * Prepares a new channel for the driver; closes it if that fails.
     *
     * @param option to be set, where a channel of its family has it; null for none
     */
    static <C extends SelectableChannel & NetworkChannel> C prepared(C channel, @Nullable SocketOption<Boolean> option)
            throws IOException {
        try {
            channel.configureBlocking(false);
            if (option != null && channel.supportedOptions().contains(option)) {
                channel.setOption(option, true);
            }
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    // ------------------------------------------------------------------------------------------------ for the kinds

    /** Returns what the operation waits for while it would block; 0 for an operation that this kind does not know. */
    abstract int interest(Op.OnFd op);

    /** Makes the system call; returns whether the operation is over, and false if it would block. */
    abstract boolean call(Op.OnFd op) throws IOException;

    /** Returns whether a thread of the driver is at the outgoing operation, so that readiness is of no interest. */
    boolean lent() {
        return false;
    }

    /** The thread of the driver is done: the outgoing operation is over, or waits until the channel is writable. */
    final void giveBack(boolean over) {
        if (!over) {
            queueChange();
            return;
        }
        Op op = outgoing;
        outgoing = null;
        if (op != null) {
            driver.over(op);
        }
        if (!open) {
            letGo();
        }
    }

    // ------------------------------------------------------------------------------------------------ operations

    @Override
    public final boolean submit(Op.OnFd op) {
        int interest = interest(op);
        boolean in = (interest & INCOMING) != 0;
        if (interest == 0) {
            throw cannot(op);
        }
        if ((in ? incoming : outgoing) != null) {
            throw new IllegalStateException("another coroutine is already " + doing(op));
        }
        op.begin();
        if (!open || !channel.isOpen()) {
            op.finish(new ClosedChannelException());
            return true;
        }
        if (!waitsFirst(op) && attempt(op)) {
            return true;
        }
        if (in) {
            incoming = op;
        } else {
            outgoing = op;
        }
        if ((armed & interest) == 0) {
            queueChange();
        }
        return false;
    }

    /**
     * Returns whether a system call now would be in vain: every request that was answered has such a read behind it.
     */
    private boolean waitsFirst(Op.OnFd op) {
        return op instanceof Op.Ready || (op instanceof Op.Read read && read.tookAll && !readable);
    }

    private static String doing(Op.OnFd op) {
        return switch (op) {
            case Op.Read _ -> "reading from this stream";
            case Op.Accept _ -> "accepting from this listener";
            case Op.ReceiveFrom _ -> "receiving from this socket";
            case Op.SendTo _ -> "sending through this socket";
            case Op.Ready ready when ready.direction == Op.Direction.READ -> "reading from this, or waiting for it";
            case Op.Ready _ -> "writing to this, or waiting for it";
            default -> "writing to this stream";
        };
    }

    @Override
    public final boolean forget(Op.OnFd op) {
        if (incoming == op) {
            incoming = null;
        } else if (outgoing == op) {
            if (lent()) {
                return false;
            }
            outgoing = null;
            queueChange(); // a connected channel whose OP_CONNECT stays armed makes the selector spin
        }
        return true;
    }

    /** Returns whether the operation is over: it was done, or failed. */
    private boolean attempt(Op.OnFd op) {
        if (op instanceof Op.Read) {
            readable = false;
        }
        try {
            boolean over = op instanceof Op.Ready || call(op);
            if (over) {
                op.finish(null);
            }
            return over;
        } catch (IOException e) {
            if (!channel.isOpen()) {
                keyGone(); // NIO closes a channel by itself if connecting failed
            }
            op.finish(e);
            return true;
        } catch (RuntimeException | OutOfMemoryError e) { // a buffer that is read-only or gone; no memory to copy it to
            op.finish(new IOException(op + " failed: " + e, e));
            return true;
        }
    }

    // ------------------------------------------------------------------------------------------------ readiness

    private void queueChange() {
        if (!changeQueued) {
            changeQueued = true;
            driver.changed(this);
        }
    }

    /** Brings the selector up to date; returns whether it has to let go of a key now cancelled. From poll. */
    final boolean applyChange() {
        changeQueued = false;
        switch (owed) {
            case CLOSE -> {
                settleDebt();
                closeNow();
                return true;
            }
            case FLUSH -> {
                settleDebt();
                return true;
            }
            case NOTHING -> {}
        }
        int wanted = armed & INCOMING;
        if (incoming != null) {
            wanted |= interest(incoming);
        }
        if (outgoing != null && !lent()) {
            wanted |= interest(outgoing);
        }
        return wanted != armed && register(driver.selector(), wanted);
    }

    private void settleDebt() {
        owed = Owed.NOTHING;
        driver.cleanUpEnds();
    }

    private boolean register(Selector selector, int wanted) {
        try {
            SelectionKey key = channel.keyFor(selector);
            if (key == null) {
                channel.register(selector, wanted, this);
                registered = true;
                driver.keyAdded();
            } else if (key.isValid()) {
                key.interestOps(wanted);
            } else if (channel.isOpen()) {
                queueChange(); // adopted again just after it was released: when the old key is gone
                return true;
            } else {
                throw new ClosedChannelException();
            }
            armed = wanted;
        } catch (ClosedChannelException | CancelledKeyException e) {
            endClosed(); // NIO closes a channel by itself if connecting failed
        } catch (IllegalBlockingModeException e) {
            endOperations(new IOException("the channel was made blocking while it was adopted: " + channel, e));
        }
        return false;
    }

    /** The selector found something to do here. From poll. */
    final void ready(SelectionKey key) {
        try {
            ready(key, key.readyOps());
        } catch (CancelledKeyException e) {
            endClosed();
        }
    }

    /** Ends what is in flight if somebody else has closed the channel. From poll. */
    final void endIfClosed() {
        if (!channel.isOpen()) {
            endClosed();
        }
    }

    private void endClosed() {
        keyGone();
        endOperations(new AsynchronousCloseException());
    }

    private void keyGone() {
        if (registered) {
            registered = false;
            driver.keyGone();
        }
    }

    private void ready(SelectionKey key, int ready) {
        Op.OnFd in = incoming;
        if ((ready & INCOMING) != 0) {
            readable = true;
            if (in == null) {
                armed &= ~INCOMING;
            } else if (attempt(in)) {
                incoming = null;
                driver.over(in);
            }
        }
        Op.OnFd out = outgoing;
        if ((ready & OUTGOING) != 0) {
            if (out != null && !lent() && attempt(out)) {
                outgoing = null;
                driver.over(out);
            }
            if (outgoing == null || lent()) {
                armed &= ~OUTGOING;
            }
        }
        if (key.isValid() && key.interestOps() != armed) {
            key.interestOps(armed);
        }
    }

    // ------------------------------------------------------------------------------------------------ the socket

    @Override
    public final @Nullable SocketAddress localAddress() {
        try {
            return channel instanceof NetworkChannel socket ? socket.getLocalAddress() : null;
        } catch (IOException closed) {
            return null;
        }
    }

    @Override
    public final @Nullable SocketAddress remoteAddress() {
        try {
            return switch (channel) {
                case SocketChannel stream -> stream.getRemoteAddress();
                case DatagramChannel datagrams -> datagrams.getRemoteAddress();
                default -> null;
            };
        } catch (IOException closed) {
            return null;
        }
    }

    @Override
    public void bind(SocketAddress address, int backlog) throws IOException {
        if (channel instanceof NetworkChannel socket) {
            withAddress("bind to", address, () -> socket.bind(address));
        } else {
            NioFd.super.bind(address, backlog);
        }
    }

    @Override
    public final Set<SocketOption<?>> supportedOptions() {
        return channel instanceof NetworkChannel socket ? socket.supportedOptions() : Set.of();
    }

    @Override
    public final <T> void setOption(SocketOption<T> option, T value) throws IOException {
        Fd.ensureClosesAtOnce(option, value);
        if (channel instanceof NetworkChannel socket) {
            socket.setOption(option, value);
        } else {
            NioFd.super.setOption(option, value);
        }
    }

    @Override
    public final <T> @Nullable T getOption(SocketOption<T> option) throws IOException {
        return channel instanceof NetworkChannel socket ? socket.getOption(option) : NioFd.super.getOption(option);
    }

    /** Does something with an address that NIO may not like. */
    static void withAddress(String what, SocketAddress address, Op.Call<?> call) throws IOException {
        try {
            call.call();
        } catch (IllegalArgumentException e) {
            throw badAddress(what, address, e);
        }
    }

    /** Makes the error of an address that is not resolved, or of another family than the socket. */
    static IOException badAddress(String what, SocketAddress address, IllegalArgumentException why) {
        return new IOException(
                "cannot " + what + " " + address + ": " + why.getClass().getSimpleName(), why);
    }

    // ------------------------------------------------------------------------------------------------ the end

    @Override
    public final boolean isOpen() {
        return open;
    }

    @Override
    public final void close() {
        if (open) {
            open = false;
            endOperations(new AsynchronousCloseException());
            if (!lent()) {
                letGo();
            }
        }
    }

    private void letGo() {
        driver.adopted.remove(channel);
        if (channel.isRegistered()) {
            owe(Owed.CLOSE); // to the next poll, since the selector is to be touched nowhere else
        } else {
            closeNow();
        }
    }

    private void owe(Owed debt) {
        owed = debt;
        driver.cleanUpBegins();
        queueChange();
    }

    /** Returns whether somebody else has opened the channel, who gets it back. */
    final boolean isAdopted() {
        return driver.adopted.contains(channel);
    }

    @Override
    public final void release() {
        if (!open) {
            return;
        }
        if (!isAdopted()) {
            NioFd.super.release();
        }
        ensureSendsNoFile();
        open = false;
        endOperations(new AsynchronousCloseException());
        driver.adopted.remove(channel);
        driver.gone(this);
        SelectionKey key = driver.keyOf(channel);
        if (key != null) {
            key.cancel(); // at once, for the owner may make the channel blocking now
            keyGone();
            owe(Owed.FLUSH);
        }
    }

    /** Refuses what would have to wait for the thread that sends a file. */
    final void ensureSendsNoFile() {
        if (outgoing instanceof Op.Transfer) {
            throw new IllegalStateException("a file is being sent through " + this + ": cancel that, and wait for it");
        }
    }

    private void endOperations(IOException why) {
        if (incoming != null) {
            incoming.finish(why);
            driver.over(incoming);
            incoming = null;
        }
        if (outgoing != null && !lent()) {
            outgoing.finish(why);
            driver.over(outgoing);
            outgoing = null;
        }
    }

    @Override
    public void closeNow() {
        open = false;
        keyGone();
        driver.gone(this);
        closeQuietly();
    }

    /** Closes the channel itself. Any thread. */
    final void closeQuietly() {
        try {
            channel.close();
        } catch (IOException e) {
            // Whatever the system has to say about it, there is nobody left who could do something about it.
        }
    }

    /** Returns what this is called in an error. */
    abstract String kind();

    @Override
    public final String toString() {
        SocketAddress address = localAddress();
        return kind() + "[" + (address == null ? "" : address + " ") + (open ? "open" : "closed") + "]";
    }
}
