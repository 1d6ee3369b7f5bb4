package dev.rondo.reactor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * A file of the {@link NioDriver}, whose worker threads do all that may block. Loop thread only, but for what a worker
 * runs.
 *
 * <p>A worker at work cannot be stopped, and it uses the buffer of its operation: an operation is over when the worker
 * says so, after a cancel as well, and a file is closed when no worker is left in it. What no worker has begun is taken
 * back by a cancel.
 */
final class NioFile implements NioFd {

    private final NioDriver driver;
    private final boolean adopted; // somebody else has opened it, and gets it back
    private final boolean appending; // of one of ours: every write goes to the end, wherever it is meant to go
    private final ReadWriteLock length = new ReentrantReadWriteLock(); // the workers': to grow is to write a zero
    private int users; // the workers that have the channel in hand
    private boolean open = true;
    private boolean released;

    // Shared with the worker that opens the file: it sets the channel and then looks whether to close it; we say that
    // it is to be closed and then look at the channel: one of the two sees the other.
    private volatile @Nullable FileChannel channel;
    private volatile boolean abandoned; // the driver was closed, and nobody hears the worker any more

    private NioFile(NioDriver driver, boolean appending) {
        this.driver = driver;
        this.adopted = false;
        this.appending = appending;
    }

    private NioFile(NioDriver driver, FileChannel channel) {
        this.driver = driver;
        this.adopted = true;
        this.appending = false;
        this.channel = channel;
    }

    static NioFile adopt(NioDriver driver, FileChannel channel) {
        if (channel.getClass().getModule() != FileChannel.class.getModule()) {
            throw new UnsupportedOperationException("the file is of no file system of this machine: " + channel);
        }
        return new NioFile(driver, channel);
    }

    static NioFile of(Fd fd, NioDriver driver) {
        if (fd instanceof NioFile file && file.driver == driver) {
            return file;
        }
        throw new IllegalArgumentException("not a file of this driver: " + fd);
    }

    @Override
    public NioDriver driver() {
        return driver;
    }

    // ------------------------------------------------------------------------------------------------ operations

    /** Begins to open a file; returns whether that is over at once, which it never is. */
    static boolean open(NioDriver driver, Op.Open op) {
        op.begin();
        NioFile file = driver.opened(new NioFile(driver, op.options.contains(StandardOpenOption.APPEND)));
        driver.work(op, () -> file.tryToOpen(op), () -> driver.gone(file));
        return false;
    }

    /** By a worker. */
    private Runnable tryToOpen(Op.Open op) {
        try {
            openChannel(op);
            return () -> opened(op);
        } catch (Throwable e) {
            return () -> notOpened(op, e);
        }
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
            op.finish(NioFd.asIOException("cannot open " + op.path, failure));
        }
        driver.over(op);
    }

    @Override
    public boolean submit(Op.OnFd op) {
        if (!(op instanceof Op.OnFile job)) {
            throw cannot(op);
        }
        op.begin();
        if (!open) {
            op.finish(new ClosedChannelException());
            return true;
        }
        FileChannel channel = channel();
        users++;
        driver.work(
                job,
                () -> {
                    IOException failure = attempt(job, channel);
                    return () -> over(job, failure);
                },
                this::giveBack);
        return false;
    }

    @Override
    public boolean forget(Op.OnFd op) {
        return driver.takeBack(op);
    }

    /** By a worker. */
    private @Nullable IOException attempt(Op.OnFile op, FileChannel channel) {
        try {
            switch (op) {
                case Op.ReadAt read -> read.count = read(channel, read.buffer, read.position);
                case Op.WriteAt write -> {
                    length.readLock().lock();
                    try {
                        write(channel, write.buffer, write.position);
                    } finally {
                        length.readLock().unlock();
                    }
                }
                case Op.Sync sync -> channel.force(sync.metadata);
                case Op.Size size -> size.size = channel.size();
                case Op.SetSize change -> {
                    length.writeLock().lock();
                    try {
                        setSize(channel, change.size);
                    } finally {
                        length.writeLock().unlock();
                    }
                }
            }
            return null;
        } catch (Throwable e) { // OutOfMemoryError for one: NIO copies through a buffer of its own
            return NioFd.asIOException(op.getClass().getSimpleName() + " of a file failed", e);
        }
    }

    private static int read(FileChannel channel, ByteBuffer buffer, long position) throws IOException {
        int limit = buffer.limit();
        try {
            if (!buffer.isDirect()) { // NIO reads into as much memory of its own, and keeps it for the thread's next
                buffer.limit(Math.min(limit, buffer.position() + ChannelBytes.BYTES_PER_CALL));
            }
            return channel.read(buffer, position);
        } finally {
            buffer.limit(limit);
        }
    }

    private static void write(FileChannel channel, ByteBuffer buffer, long position) throws IOException {
        int limit = buffer.limit();
        try {
            for (long at = position; buffer.position() < limit; ) {
                buffer.limit(Math.min(limit, buffer.position() + ChannelBytes.BYTES_PER_CALL));
                at += channel.write(buffer, at);
            }
        } finally {
            buffer.limit(limit);
        }
    }

    private void setSize(FileChannel channel, long size) throws IOException {
        if (size > channel.size()) {
            if (appending) {
                throw new IOException("a file that was opened to append cannot be made longer by zeros, to " + size);
            }
            channel.write(ByteBuffer.allocate(1), size - 1); // what is between reads as zeros
        } else {
            channel.truncate(size);
        }
    }

    private void over(Op.OnFile op, @Nullable IOException failure) {
        op.finish(open ? failure : new AsynchronousCloseException());
        driver.over(op);
        giveBack();
    }

    /** Returns the channel to a worker that will use it until {@link #giveBack}: the file is not closed before. */
    FileChannel lend() throws IOException {
        if (!open) {
            throw new ClosedChannelException();
        }
        users++;
        return channel();
    }

    /** A worker does not use the channel any more. */
    void giveBack() {
        users--;
        if (!open && users == 0 && !released) {
            closeByWorker();
        }
    }

    private FileChannel channel() {
        return Objects.requireNonNull(channel, "a file that is not open yet");
    }

    // ------------------------------------------------------------------------------------------------ the file itself

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() {
        if (open) {
            open = false;
            driver.cleanUpBegins();
            if (users == 0) {
                closeByWorker();
            }
        }
    }

    @Override
    public void release() {
        if (!open) {
            return;
        }
        if (!adopted) {
            NioFd.super.release();
        }
        open = false;
        released = true;
        driver.gone(this);
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
        boolean givenBack = adopted && open;
        open = false;
        abandoned = true;
        if (!givenBack) {
            driver.workUnheard(this::closeChannel);
        }
    }

    private void closeChannel() {
        FileChannel channel = this.channel;
        if (channel == null) {
            return;
        }
        try {
            channel.close();
        } catch (IOException e) {
            // What was written was written by then; Op.Sync is for who needs to know that it is on the device.
        }
    }

    @Override
    public String toString() {
        return "file[" + (open ? "open" : "closed") + "]";
    }
}
