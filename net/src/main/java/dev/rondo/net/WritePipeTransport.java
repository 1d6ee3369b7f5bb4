package dev.rondo.net;

import dev.rondo.Context;
import dev.rondo.EventLoop;
import dev.rondo.reactor.Fd;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The end to write of a pipe, which has no half to close: to end the sending direction closes it. */
final class WritePipeTransport extends PipeTransport implements WriteLoop.Owner {

    private static final Logger LOG = LoggerFactory.getLogger(WritePipeTransport.class);

    private static final int WRITES_BEFORE_WARNING = 5; // asyncio's figure

    private final WriteBuffer buffer;
    private final WriteLoop writer;
    private int writesInVain; // since it was closed

    /** Makes one; {@link #start} begins. */
    WritePipeTransport(EventLoop loop, Context context, Fd fd, StreamProtocol protocol, @Nullable Object pipe) {
        super(loop, context, fd, protocol, pipe);
        this.buffer = new WriteBuffer(loop, context, this);
        this.writer = new WriteLoop(loop, context, fd, buffer, this);
    }

    // ------------------------------------------------------------------------------------------------ writing

    @Override
    public void write(ByteBuffer data) {
        if (mayWrite(data.remaining())) {
            writer.write(data.duplicate());
        }
    }

    @Override
    public void writeLines(List<ByteBuffer> data) {
        List<ByteBuffer> own = new ArrayList<>(data.size());
        for (ByteBuffer line : data) {
            own.add(line.duplicate());
        }
        if (mayWrite(data.size())) {
            writer.writeAll(own);
        }
    }

    /** Returns whether there is something to write, and somebody to write it to. */
    private boolean mayWrite(int amount) {
        if (amount == 0) {
            return false;
        }
        if (closing && ++writesInVain >= WRITES_BEFORE_WARNING) {
            LOG.warn("{}: nothing is written any more, it is closed or nobody reads it", this);
        }
        return !closing;
    }

    @Override
    public void writeEof() {
        close();
    }

    @Override
    public boolean canWriteEof() {
        return true;
    }

    @Override
    public void flushed() {
        if (closing) {
            lose(null);
        }
    }

    @Override
    public void writeFailed(IOException failure) {
        if (loop.debug()) {
            LOG.debug("{}: Fatal write error on pipe transport", this, failure);
        }
        lose(failure);
    }

    // ------------------------------------------------------------------------------------------------ the end

    @Override
    public void close() {
        if (!closing) {
            closing = true;
            if (writer.isIdle()) {
                lose(null);
            }
        }
    }

    @Override
    void stop() {
        writer.stop();
    }

    // ------------------------------------------------------------------------------------------------ what it is

    @Override
    public void setWriteBufferLimits(int high, int low) {
        buffer.setLimits(high, low);
    }

    @Override
    public int getWriteBufferSize() {
        return buffer.size();
    }

    @Override
    public WriteBufferLimits getWriteBufferLimits() {
        return buffer.limits();
    }

    @Override
    public String toString() {
        return "WritePipeTransport[" + fd + state() + ", " + buffer.size() + " bytes to write]";
    }
}
