package dev.rondo.reactor;

import static java.nio.channels.SelectionKey.OP_CONNECT;
import static java.nio.channels.SelectionKey.OP_READ;
import static java.nio.channels.SelectionKey.OP_WRITE;

import java.io.IOException;
import java.net.ConnectException;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * A TCP or Unix connection. Loop thread only, but for the piece of a file that a thread of the driver sends.
 *
 * <pre>
 *   a Transfer:   call() ──lent──▶ a thread sends a piece ──▶ back ──all, end, failure, cancel──▶ over
 *                   ▲                                          │
 *                   └───────── writable, or nobody blocks ─────┘
 * </pre>
 */
final class NioStream extends NioChannel {

    /** How much of a file a thread sends before the loop is asked again. */
    private static final long BYTES_PER_PIECE = 4 << 20;

    private final SocketChannel channel;
    private boolean lent; // a thread sends a piece of a file

    // Shared with that thread: it says that it is done and then looks whether to close the channel; we say that it is
    // to be closed and then look whether it is done: one of the two sees the other.
    private volatile boolean done;
    private volatile boolean abandoned; // the driver was closed, and nobody hears the thread any more

    NioStream(NioDriver driver, SocketChannel channel) {
        super(driver, channel);
        this.channel = channel;
    }

    static NioStream open(NioDriver driver, ProtocolFamily family) throws IOException {
        try {
            return open(driver, SocketChannel.open(family));
        } catch (UnsupportedOperationException e) {
            throw new IOException("this system has no stream sockets of family " + family, e);
        }
    }

    /** Takes a channel that is ours alone: new, or just accepted. */
    static NioStream open(NioDriver driver, SocketChannel channel) throws IOException {
        return new NioStream(driver, prepared(channel, StandardSocketOptions.TCP_NODELAY));
    }

    // ------------------------------------------------------------------------------------------------ operations

    @Override
    int interest(Op.OnFd op) {
        return switch (op) {
            case Op.Read _ -> OP_READ;
            case Op.Write _, Op.Transfer _ -> OP_WRITE;
            case Op.Connect _ -> OP_CONNECT;
            case Op.Ready ready when ready.direction == Op.Direction.READ -> OP_READ;
            case Op.Ready _ -> channel.isConnectionPending() ? OP_CONNECT : OP_WRITE;
            default -> 0;
        };
    }

    @Override
    boolean call(Op.OnFd op) throws IOException {
        return switch (op) {
            case Op.Read read -> ChannelBytes.read(channel, read);
            case Op.Write write -> ChannelBytes.write(channel, write.buffers());
            case Op.Connect connect -> connect(connect.address);
            case Op.Transfer transfer -> transfer(transfer);
            default -> throw cannot(op);
        };
    }

    private boolean connect(SocketAddress address) throws IOException {
        try {
            return channel.isConnectionPending() ? channel.finishConnect() : channel.connect(address);
        } catch (IllegalArgumentException e) {
            throw badAddress("connect to", address, e);
        } catch (SocketException e) {
            if (!(e instanceof ConnectException) && !(address instanceof UnixDomainSocketAddress)) {
                throw e;
            }
            ConnectException named = new ConnectException("connect to " + address + ": " + e.getMessage());
            named.initCause(e);
            throw named;
        }
    }

    // ------------------------------------------------------------------------------------------------ files

    /** What a thread has sent of a piece, and why it stopped short. */
    private record Sent(
            long bytes, boolean endOfFile, @Nullable IOException failure) {}

    @Override
    boolean lent() {
        return lent;
    }

    /** Has a thread send the next piece, for what is not in memory has to come from the disk. */
    private boolean transfer(Op.Transfer op) throws IOException {
        long piece = Math.min(op.count - op.transferred, BYTES_PER_PIECE);
        if (piece == 0) {
            return true;
        }
        NioFile file = NioFile.of(op.file, driver);
        FileChannel source = file.lend();
        long position = op.position + op.transferred;
        lent = true;
        done = false;
        driver.work(() -> {
            Sent sent = send(source, position, piece);
            done = true;
            if (abandoned) {
                closeQuietly();
            }
            return () -> sent(op, file, piece, sent);
        });
        return false;
    }

    private Sent send(FileChannel source, long position, long piece) {
        long sent = 0;
        try {
            while (sent < piece) {
                long count = source.transferTo(position + sent, piece - sent, channel);
                if (count == 0) {
                    return new Sent(sent, position + sent >= source.size(), null); // the end, or it would block
                }
                sent += count;
            }
            return new Sent(sent, false, null);
        } catch (Throwable e) {
            return new Sent(sent, false, NioFd.asIOException("cannot send the file", e));
        }
    }

    private void sent(Op.Transfer op, NioFile file, long piece, Sent sent) {
        lent = false;
        file.giveBack();
        op.transferred += sent.bytes;
        if (!isOpen()) {
            op.finish(new AsynchronousCloseException());
        } else if (sent.failure != null || sent.endOfFile || op.transferred == op.count) {
            op.finish(sent.failure);
        } else if (op.state() == Op.State.CANCELLING) {
            op.finishCancelled();
        } else if (sent.bytes == piece) {
            sendNext(op);
            return;
        }
        giveBack(op.isDone());
    }

    private void sendNext(Op.Transfer op) {
        try {
            transfer(op);
        } catch (IOException e) {
            op.finish(e);
            giveBack(true);
        }
    }

    // ------------------------------------------------------------------------------------------------ the socket

    @Override
    public void shutdownOutput() throws IOException {
        ensureSendsNoFile();
        channel.shutdownOutput();
    }

    @Override
    public void closeNow() {
        abandoned = true;
        if (!lent || done) {
            super.closeNow();
        }
    }

    @Override
    String kind() {
        return "socket";
    }
}
