package dev.rondo.net;

import dev.rondo.reactor.Fd;
import dev.rondo.reactor.Op;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.NonReadableChannelException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A part of a file on its way through a socket: sent by the system, or read and written in blocks. */
final class SocketFile {

    /** Through what it goes. */
    interface Way {

        /**
         * Performs an operation on the socket, for which nobody else sends meanwhile. Suspends.
         *
         * @throws UnsupportedOperationException before all else, if the system cannot send a file here
         */
        void transfer(Function<Fd, Op.Transfer> maker) throws IOException;

        /** Returns how many bytes to read for one block. */
        int bytesPerBlock();

        /** Writes a block, whose position moves behind what was taken. Suspends while it is too much. */
        void write(ByteBuffer block) throws IOException;
    }

    private final SourceFile file;
    private final long offset;
    private final long count;
    private Op.@Nullable Transfer transfer;
    private long sent;

    SocketFile(SourceFile file, long offset, long count) {
        if (offset < 0) {
            throw new IllegalArgumentException("offset must not be negative: " + offset);
        }
        if (count < 1) {
            throw new IllegalArgumentException("count must be positive, not " + count);
        }
        this.file = file;
        this.offset = offset;
        this.count = Math.min(count, Long.MAX_VALUE - offset);
    }

    /** Sends it, and returns how much there was. Suspends. */
    long send(Way way, boolean fallback) throws IOException {
        file.begin();
        try {
            sendBySystem(way);
            return sent;
        } catch (UnsupportedOperationException e) {
            if (!fallback) {
                throw new SendfileNotAvailableException(
                        "the system cannot send this file here: allow the fallback, which reads and writes it", e);
            }
            sendBlocks(way);
            return sent;
        } catch (IOException e) {
            throw withReason(e);
        } finally {
            file.end(offset + sent, sent > 0);
        }
    }

    private IOException withReason(IOException failure) {
        if (failure.getCause() instanceof NonReadableChannelException) {
            throw new IllegalArgumentException("the file was not opened to be read: " + file, failure);
        }
        return failure;
    }

    private void sendBySystem(Way way) throws IOException {
        Fd source = file.borrow();
        try {
            way.transfer(target -> {
                transfer = new Op.Transfer(target, source, offset, count);
                return transfer;
            });
        } finally {
            sent = transfer == null ? 0 : transfer.transferred;
            file.giveBack(source);
        }
    }

    private void sendBlocks(Way way) throws IOException {
        while (sent < count) {
            // A thread may be reading still after a cancel: the block is not used again then.
            ByteBuffer block = ByteBuffer.allocate((int) Math.min(count - sent, way.bytesPerBlock()));
            try {
                file.readAt(offset + sent, block);
            } catch (IOException e) {
                throw withReason(e);
            }
            if (block.flip().limit() == 0) {
                return; // the end
            }
            try {
                way.write(block);
            } finally {
                sent += block.position();
            }
        }
    }
}
