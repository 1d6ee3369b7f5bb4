package dev.rondo.net;

import dev.rondo.reactor.HearsOfClose;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/**
 * {@code System.in} for one loop, which may give it up while it waits: what a user types then is there for the next
 * that reads, and neither the stream nor a thread is closed in the middle. One daemon thread reads for all, when asked
 * to.
 */
final class StandardInput extends InputStream implements HearsOfClose {

    private static final Source SOURCE = new Source();

    private volatile boolean closed; // set by any thread: whoever waits here takes nothing any more

    /** What all of them share. Guarded by itself. */
    private static final class Source {
        private final byte[] bytes = new byte[64 * 1024]; // the thread's while it reads
        private int from; // of the bytes that are there
        private int to;
        private boolean started; // the thread
        private boolean wanted; // by somebody: the thread is to read, or does
        private boolean atEnd;
        private @Nullable IOException failure;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] dst, int offset, int length) throws IOException {
        synchronized (SOURCE) {
            while (SOURCE.from == SOURCE.to && !SOURCE.atEnd && SOURCE.failure == null && !closed) {
                askForMore();
                await();
            }
            if (closed) {
                throw new ClosedChannelException();
            }
            if (SOURCE.from < SOURCE.to) {
                int count = Math.min(length, SOURCE.to - SOURCE.from);
                System.arraycopy(SOURCE.bytes, SOURCE.from, dst, offset, count);
                SOURCE.from += count;
                return count;
            }
            return end();
        }
    }

    /** Tells of the end, or of a failure: each once, for a terminal goes on after it, and so does who sets another. */
    private static int end() throws IOException {
        IOException failure = SOURCE.failure;
        SOURCE.failure = null;
        SOURCE.atEnd = false;
        if (failure != null) {
            throw failure;
        }
        return -1;
    }

    private static void await() throws IOException {
        try {
            SOURCE.wait();
        } catch (InterruptedException e) {
            throw new IOException("interrupted while standard input was read", e);
        }
    }

    private static void askForMore() {
        SOURCE.wanted = true;
        if (!SOURCE.started) {
            SOURCE.started = true;
            Thread.ofPlatform()
                    .daemon()
                    .name("rondo-stdin")
                    .inheritInheritableThreadLocals(false)
                    .start(StandardInput::readForAll);
        }
        SOURCE.notifyAll();
    }

    private static void readForAll() {
        for (; ; ) {
            int count = 0;
            IOException failure = null;
            try {
                awaitDemand();
                count = System.in.read(SOURCE.bytes, 0, SOURCE.bytes.length);
            } catch (IOException e) {
                failure = e;
            } catch (RuntimeException e) { // the program has set a stream of its own
                failure = new IOException("cannot read standard input: " + e, e);
            }
            synchronized (SOURCE) {
                SOURCE.from = 0;
                SOURCE.to = Math.max(count, 0);
                SOURCE.atEnd = count < 0;
                SOURCE.failure = failure;
                SOURCE.wanted = false;
                SOURCE.notifyAll();
            }
        }
    }

    private static void awaitDemand() throws IOException {
        synchronized (SOURCE) {
            while (!SOURCE.wanted) {
                await();
            }
        }
    }

    /** From now on what comes is for others, also if the thread that waits here hears of it first. */
    @Override
    public void closeBegins() {
        closed = true;
    }

    /** Ends a read that waits; nothing else is closed. */
    @Override
    public void close() {
        closed = true;
        synchronized (SOURCE) {
            SOURCE.notifyAll();
        }
    }
}
