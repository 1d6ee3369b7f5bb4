package dev.rondo.net;

import dev.rondo.Context;
import dev.rondo.EventLoop;
import dev.rondo.reactor.Fd;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The end to read of a pipe: after the end of the stream it closes itself, whatever the protocol says. */
final class ReadPipeTransport extends PipeTransport implements ReadLoop.Owner {

    private static final Logger LOG = LoggerFactory.getLogger(ReadPipeTransport.class);

    private static final String HUNG_UP = "Input/output error"; // EIO: what a terminal gives once its program has gone

    private final ReadLoop reader;

    /**
     * Makes one; {@link #start} begins.
     *
     * @param readiness whether the descriptor can say that it is ready
     */
    ReadPipeTransport(
            EventLoop loop, Context context, Fd fd, boolean readiness, StreamProtocol protocol, @Nullable Object pipe) {
        super(loop, context, fd, protocol, pipe);
        this.reader = new ReadLoop(loop, context, fd, readiness, this);
    }

    @Override
    void start() {
        super.start();
        loop.callSoon(reader::proceed, context);
    }

    @Override
    public void ended() {
        closing = true;
        try {
            tell(
                    "Exception in callback protocol.eof_received()",
                    () -> getProtocol().eofReceived());
        } finally {
            lose(null);
        }
    }

    @Override
    public void failed(Throwable failure, String message) {
        boolean hungUp = failure instanceof IOException && Objects.equals(failure.getMessage(), HUNG_UP);
        if (!hungUp) {
            UserCalls.report(loop, message, failure, this);
        } else if (loop.debug()) {
            LOG.debug("{}: {}", this, message, failure);
        }
        lose(failure);
    }

    @Override
    void stop() {
        reader.stop();
    }

    @Override
    public void close() {
        lose(null);
    }

    @Override
    public void pauseReading() {
        if (!closing) {
            reader.pause();
        }
    }

    @Override
    public void resumeReading() {
        if (!closing) {
            reader.resume();
        }
    }

    @Override
    public boolean isReading() {
        return reader.isReading();
    }

    @Override
    public String toString() {
        return "ReadPipeTransport[" + fd + state() + (isReading() ? ", reading" : "") + "]";
    }
}
