package dev.rondo.reactor;

import static java.nio.channels.SelectionKey.OP_READ;
import static java.nio.channels.SelectionKey.OP_WRITE;

import java.io.IOException;
import java.nio.channels.Pipe;
import org.jspecify.annotations.Nullable;

/** One end of a pipe that was adopted. Loop thread only. */
final class NioPipe extends NioChannel {

    private final Pipe.@Nullable SourceChannel source;
    private final Pipe.@Nullable SinkChannel sink;

    NioPipe(NioDriver driver, Pipe.SourceChannel source) {
        super(driver, source);
        this.source = source;
        this.sink = null;
    }

    NioPipe(NioDriver driver, Pipe.SinkChannel sink) {
        super(driver, sink);
        this.source = null;
        this.sink = sink;
    }

    @Override
    int interest(Op.OnFd op) {
        return switch (op) {
            case Op.Read _ when source != null -> OP_READ;
            case Op.Write _ when sink != null -> OP_WRITE;
            case Op.Ready ready when ready.direction == Op.Direction.READ -> source != null ? OP_READ : 0;
            case Op.Ready _ -> sink != null ? OP_WRITE : 0;
            default -> 0;
        };
    }

    @Override
    boolean call(Op.OnFd op) throws IOException {
        if (op instanceof Op.Read read && source != null) {
            return ChannelBytes.read(source, read);
        }
        if (op instanceof Op.Write write && sink != null) {
            return ChannelBytes.write(sink, write.buffers());
        }
        throw cannot(op);
    }

    @Override
    String kind() {
        return source != null ? "pipe to read" : "pipe to write";
    }
}
