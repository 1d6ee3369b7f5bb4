package dev.rondo.reactor;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A file of the {@link NioDriver}, whose worker threads do all that may block. Loop thread only, but for what a worker
 * runs.
 *
 * <p>A worker at work cannot be stopped, and it fills the buffer of its operation: an operation is over when the worker
 * says so, after a cancel as well, and a file is closed when no worker is left in it.
 */
final class NioFile implements NioFd {

    private final NioDriver driver;
    private int reads; // in the hands of workers
    private boolean open = true;

    // Shared with the worker that opens the file: it sets the channel and then looks whether to close it; we say that
    // it is to be closed and then look at the channel: one of the two sees the other.
    private volatile @Nullable FileChannel channel;
    private volatile boolean abandoned; // the driver was closed, and nobody hears the worker any more

    private NioFile(NioDriver driver) {
        this.driver = driver;
    }

    static NioFile of(Fd fd) {
        if (fd instanceof NioFile file) {
            return file;
        }
        throw new IllegalArgumentException("not a file of this driver: " + fd);
    }

    // ------------------------------------------------------------------------------------------------ operations

    /** Begins to open a file; returns whether that is over at once, which it never is. */
    static boolean open(NioDriver driver, Op.Open op) {
        op.begin();
        NioFile file = driver.opened(new NioFile(driver));
        driver.work(() -> {
            try {
                file.openChannel(op);
                return () -> file.opened(op);
            } catch (Throwable e) {
                return () -> file.notOpened(op, e);
            }
        });
        return false;
    }

    private void openChannel(Op.Open op) throws IOException {
        channel = FileChannel.open(op.path, op.options);
        if (abandoned) {
            closeChannel();
        }
    }

    private void opened(Op.Open op) {
        if (op.state() == Op.State.CANCELLING) {
            close(); // nobody will come for it
            op.finishCancelled();
        } else {
            op.opened = this;
            op.finish(null);
        }
        driver.over(op);
    }

    private void notOpened(Op.Open op, Throwable failure) {
        driver.gone(this);
        if (op.state() == Op.State.CANCELLING) {
            op.finishCancelled();
        } else {
            op.finish(asIOException("cannot open " + op.path, failure));
        }
        driver.over(op);
    }

    /** Begins to read; returns whether that is over at once. */
    boolean submit(Op.ReadAt op) {
        if (!op.buffer.hasRemaining()) {
            throw new IllegalArgumentException("the buffer to read into has no room: " + op.buffer);
        }
        op.begin();
        if (!open) {
            op.finish(new ClosedChannelException());
            return true;
        }
        FileChannel channel = Objects.requireNonNull(this.channel, "a file that is not open yet");
        reads++;
        driver.work(() -> {
            try {
                int count = channel.read(op.buffer, op.position);
                return () -> read(op, count, null);
            } catch (Throwable e) { // OutOfMemoryError for one: NIO copies through a buffer of its own
                return () -> read(op, 0, asIOException("cannot read at " + op.position, e));
            }
        });
        return false;
    }

    private void read(Op.ReadAt op, int count, @Nullable IOException failure) {
        reads--;
        op.count = count;
        op.finish(open ? failure : new AsynchronousCloseException());
        driver.over(op);
        if (!open && reads == 0) {
            closeByWorker();
        }
    }

    private static IOException asIOException(String what, Throwable failure) {
        return failure instanceof IOException e ? e : new IOException(what + ": " + failure, failure);
    }

    // ------------------------------------------------------------------------------------------------ the file itself

    @Override
    public @Nullable SocketAddress localAddress() {
        return null;
    }

    @Override
    public @Nullable SocketAddress remoteAddress() {
        return null;
    }

    @Override
    public <T> void setOption(SocketOption<T> option, T value) throws IOException {
        throw new IOException("a file has no socket option " + option.name());
    }

    @Override
    public void shutdownOutput() throws IOException {
        throw new IOException("a file has no sending direction to shut down");
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() {
        if (open) {
            open = false;
            driver.cleanUpBegins();
            if (reads == 0) {
                closeByWorker();
            }
        }
    }

    private void closeByWorker() {
        driver.work(() -> {
            closeChannel();
            return () -> {
                driver.gone(this);
                driver.cleanUpEnds();
            };
        });
    }

    @Override
    public void closeNow() {
        open = false;
        abandoned = true;
        driver.workUnheard(this::closeChannel);
    }

    private void closeChannel() {
        FileChannel channel = this.channel;
        if (channel == null) {
            return;
        }
        try {
            channel.close();
        } catch (IOException e) {
            // It was only read: nothing is lost, and nobody is left who could do something about it.
        }
    }

    @Override
    public String toString() {
        return "file[" + (open ? "open" : "closed") + "]";
    }
}
