package dev.rondo.net;

import dev.rondo.EventLoop;
import dev.rondo.reactor.Fd;
import dev.rondo.reactor.Op;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** A part of a file on its way through a socket, both the user's. */
final class SocketFile {

    private static final int BYTES_PER_BLOCK = 256 * 1024; // asyncio's figure

    private final EventLoop loop;
    private final SocketChannel socket;
    private final FileChannel file;
    private final long offset;
    private final long count;
    private Op.@Nullable Transfer transfer;
    private long sent;

    SocketFile(EventLoop loop, SocketChannel socket, FileChannel file, long offset, long count) {
        if (offset < 0) {
            throw new IllegalArgumentException("offset must not be negative: " + offset);
        }
        if (count < 1) {
            throw new IllegalArgumentException("count must be positive, not " + count);
        }
        this.loop = loop;
        this.socket = socket;
        this.file = file;
        this.offset = offset;
        this.count = Math.min(count, Long.MAX_VALUE - offset);
    }

    /** Sends it, and returns how much there was. Suspends. */
    long send(boolean fallback) throws IOException {
        try {
            if (!sendBySystem(fallback)) {
                sendBlocks();
            }
            return sent;
        } catch (IOException e) {
            if (e.getCause() instanceof NonReadableChannelException) {
                throw new IllegalArgumentException("the file was not opened to be read: " + file, e);
            }
            throw e;
        } finally {
            moveFile();
        }
    }

    /** Has the system send it; returns false if it cannot. */
    private boolean sendBySystem(boolean fallback) throws IOException {
        Fd source;
        try {
            source = loop.driver().adopt(file);
        } catch (UnsupportedOperationException e) {
            if (!fallback) {
                throw new SendfileNotAvailableException(
                        "the system cannot send this file: allow the fallback, which reads and writes it", e);
            }
            return false;
        }
        try {
            loop.perform(socket, Op.Direction.WRITE, target -> {
                transfer = new Op.Transfer(target, source, offset, count);
                return transfer;
            });
        } finally {
            sent = transfer == null ? 0 : transfer.transferred;
            source.release();
        }
        return true;
    }

    private void sendBlocks() throws IOException {
        while (sent < count) {
            // A thread may be reading still after a cancel: the block is not used again then.
            ByteBuffer block = ByteBuffer.allocate((int) Math.min(count - sent, BYTES_PER_BLOCK));
            long position = offset + sent;
            Op.Blocking<Integer> read = new Op.Blocking<>(() -> file.read(block, position));
            loop.perform(read);
            if (block.flip().limit() == 0) {
                return; // the end
            }
            try {
                Sockets.sockSendAll(socket, block);
            } finally {
                sent += block.position();
            }
        }
    }

    private void moveFile() throws IOException {
        if (sent > 0) {
            try {
                file.position(offset + sent);
            } catch (ClosedChannelException e) {
                // Whoever has closed it does not care where it is.
            }
        }
    }
}
