package dev.rondo.net;

import dev.rondo.AsyncEvent;
import dev.rondo.Asyncio;
import dev.rondo.CancelledError;
import dev.rondo.EventLoop;
import dev.rondo.Promise;
import dev.rondo.TaskOptions;
import dev.rondo.TimerHandle;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is behind a {@link StreamWriter}: what waits to be written, in order, and how it ends. Loop thread only.
 *
 * <p>Whose turn it is to write. Coroutines write their own bytes, without a copy; bytes that were copied wait in chunks
 * and are sent by a task, the flusher, that lives as long as chunks are first in the queue:
 *
 * <pre>
 *   nobody's ──write()──▶ a coroutine's ──done──▶ the next one's in the queue, or nobody's
 *      └─────writeNow()─▶ the flusher's ──no chunk is next──▶ the same
 * </pre>
 *
 * <p>How it ends. A connection that breaks while OPEN, {@code broken}, stays so until somebody closes it: what the peer
 * said before can still be read.
 *
 * <pre>
 *   OPEN ──close() while copied bytes wait──▶ FLUSHING ──all sent, lost, out of patience, abort()──▶ CLOSED
 *     └────close() while none do, abort()──────────────────────────────────────────────────────▶ CLOSED
 * </pre>
 *
 * <p>The writer knows this and not the other way round, so that a writer can be dropped while this is at work.
 */
final class Outbox {

    /** How long a peer may take nothing of what waits when it is closed: as long as it has for TLS's goodbye. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** How much goes to the stream at a time: so often is it known how much is left. */
    private static final int BATCH = 64 * 1024;

    private static final TaskOptions FLUSHER =
            TaskOptions.named("StreamWriter flusher").eagerStart(true);

    private static final int LEAST_CHUNK = 16 * 1024; // where more is likely to follow

    private enum State {
        OPEN,
        FLUSHING,
        CLOSED
    }

    /** What waits for its turn. */
    private sealed interface Waiting {}

    /** A coroutine; it is told whether it may write, or nobody may any more. */
    private record Turn(Promise<Boolean, RuntimeException> come) implements Waiting {}

    /** Bytes for the flusher. */
    private record Copied(Chunk chunk) implements Waiting {}

    final EventLoop loop = Asyncio.getRunningLoop();
    private ByteStream stream; // another one after replace()
    private final Runnable onClosed;
    private final WaterMarks marks = new WaterMarks();
    private final Deque<Waiting> queue = new ArrayDeque<>(1); // seldom more
    private final AsyncEvent lost = new AsyncEvent(); // CLOSED, or broken
    private State state = State.OPEN;
    private boolean taken; // it is somebody's turn: while false the queue is empty
    private boolean flushing; // and it is the flusher's
    private boolean ended; // by writeEof
    private @Nullable IOException broken;
    private @Nullable TimerHandle patience; // while FLUSHING
    private long steps; // forward: those of the flusher, and whole messages
    private long stepsSeen; // when patience was last looked after

    /** Makes one that runs {@code onClosed} when it has closed the stream. */
    Outbox(ByteStream stream, Runnable onClosed) {
        this.stream = stream;
        this.onClosed = onClosed;
    }

    // ------------------------------------------------------------------------------------------------ turns

    /** Suspends until the turn is the caller's, who passes it on. */
    private void takeTurn() throws IOException {
        ensureOpen();
        if (!taken) {
            taken = true;
            return;
        }
        Turn turn = new Turn(loop.createFuture());
        queue.add(turn);
        boolean come;
        try {
            come = turn.come.await();
        } catch (CancelledError e) {
            if (!queue.remove(turn) && turn.come.done() && !turn.come.cancelled() && turn.come.result()) {
                passTurn(); // it came at the same moment
            }
            throw e;
        }
        if (!come) {
            throw broken != null ? broken : new AsynchronousCloseException();
        }
    }

    private void passTurn() {
        for (Waiting next; (next = queue.peekFirst()) != null; ) {
            if (next instanceof Copied) {
                startFlusher();
                return;
            }
            queue.removeFirst();
            if (tell(next, true)) {
                return;
            }
        }
        taken = false;
    }

    private static boolean tell(Waiting waiting, boolean come) {
        if (waiting instanceof Turn turn && !turn.come.done()) {
            turn.come.setResult(come);
            return true;
        }
        return false;
    }

    /** Turns all coroutines away that wait for their turn. */
    private void turnAway() {
        List.copyOf(queue).stream().filter(Turn.class::isInstance).forEach(turn -> {
            queue.remove(turn);
            tell(turn, false);
        });
    }

    // ------------------------------------------------------------------------------------------------ coroutines

    void write(ByteBuffer... data) throws IOException {
        takeTurn();
        try {
            writeWhole(data);
        } finally {
            passTurn();
        }
    }

    private void writeWhole(ByteBuffer[] data) throws IOException {
        long before = remaining(data);
        try {
            stream.write(data);
            steps++;
        } catch (CancelledError e) {
            if (remaining(data) != before) {
                sendOn(data);
            }
            throw e;
        } catch (ClosedChannelException e) {
            if (!stream.isOpen()) {
                closeNow(); // somebody has closed the stream itself
            }
            throw e;
        } catch (Throwable e) {
            if (e instanceof IOException || remaining(data) != before) {
                lose(e);
            }
            throw e;
        }
    }

    /**
     * Has the rest of a message sent before all others. Even if there is none: TLS has taken the bytes, and may not
     * have sent them.
     */
    private void sendOn(ByteBuffer[] rest) {
        if (lost.isSet() || loop.isClosed()) {
            return;
        }
        Chunk chunk = new Chunk(Math.toIntExact(remaining(rest)));
        chunk.add(rest);
        queue.addFirst(new Copied(chunk));
        marks.add(chunk.size());
    }

    /** Makes another stream of the one under this: TLS of TCP, say. Closes it if that fails. */
    @FunctionalInterface
    interface Upgrade<T extends ByteStream> {
        T start(ByteStream plain) throws IOException;
    }

    /**
     * Puts another stream in the place of this one's, after all that was written; what is written meanwhile waits, and
     * goes to the other. Suspends. Closes this if it fails.
     */
    <T extends ByteStream> T replace(Upgrade<T> upgrade) throws IOException {
        takeTurn();
        try {
            T next = upgrade.start(stream);
            stream = next;
            return next;
        } finally {
            if (!stream.isOpen()) {
                closeNow();
            }
            passTurn();
        }
    }

    private static long remaining(ByteBuffer[] buffers) {
        long bytes = 0;
        for (ByteBuffer buffer : buffers) {
            bytes += buffer.remaining();
        }
        return bytes;
    }

    void writeEof() throws IOException {
        if (state != State.OPEN) {
            return;
        }
        boolean before = ended;
        ended = true; // for writeNow, from now on
        boolean done = false;
        try {
            takeTurn();
            try {
                stream.shutdownOutput();
                done = true;
            } finally {
                passTurn();
            }
        } finally {
            ended = before || done;
        }
    }

    // ------------------------------------------------------------------------------------------------ copied bytes

    void writeNow(ByteBuffer... data) {
        if (ended) {
            throw new IllegalStateException("Cannot call writeNow() after writeEof()");
        }
        long count = remaining(data);
        if (count == 0 || isClosing()) {
            return; // drain() and waitClosed() tell
        }
        chunkFor(Math.toIntExact(count)).add(data);
        marks.add(count);
        if (!taken) {
            taken = true;
            startFlusher();
        }
    }

    private Chunk chunkFor(int count) {
        if (queue.peekLast() instanceof Copied(Chunk last) && last.room() >= count) {
            return last;
        }
        Chunk chunk = new Chunk(taken ? Math.max(count, LEAST_CHUNK) : count);
        queue.add(new Copied(chunk));
        return chunk;
    }

    boolean tryWrite(ByteBuffer... data) {
        if (isClosing() || marks.isAboveHigh()) {
            return false;
        }
        writeNow(data);
        return true;
    }

    /** Gives the turn to the flusher, which begins at once: what the system takes is sent when this returns. */
    private void startFlusher() {
        if (loop.isClosed()) {
            return; // nothing is sent any more
        }
        flushing = true;
        loop.createTask(this::flush, FLUSHER);
    }

    private @Nullable Void flush() {
        try {
            while (queue.peekFirst() instanceof Copied(Chunk next)) {
                queue.removeFirst(); // so that nobody adds to it
                send(next);
            }
        } catch (IOException e) {
            lose(e);
        } catch (Throwable e) {
            lose(e);
            throw e;
        } finally {
            flushing = false;
            passTurn();
        }
        if (state == State.FLUSHING) {
            closeNow();
        }
        return null;
    }

    private void send(Chunk chunk) throws IOException {
        do {
            int count = Math.min(BATCH, chunk.size());
            stream.write(chunk.next(count));
            if (lost.isSet()) {
                return;
            }
            chunk.sent(count);
            steps++;
            marks.add(-count);
        } while (chunk.size() > 0);
    }

    // ------------------------------------------------------------------------------------------------ flow control

    /** Suspends while too much waits. */
    void drain() throws IOException {
        if (isClosing()) {
            Asyncio.yieldNow(); // so that who writes and drains over and over lets the others run
        }
        ensureNotBroken();
        if (state == State.CLOSED || !stream.isOpen()) {
            throw new SocketException("Connection lost");
        }
        marks.await();
        ensureNotBroken();
    }

    WaterMarks marks() {
        return marks;
    }

    private void ensureOpen() throws IOException {
        ensureNotBroken();
        if (state != State.OPEN) {
            throw new ClosedChannelException();
        }
    }

    private void ensureNotBroken() throws IOException {
        if (broken != null) {
            throw broken;
        }
    }

    // ------------------------------------------------------------------------------------------------ its end

    ByteStream stream() {
        return stream;
    }

    boolean isClosing() {
        return state != State.OPEN || broken != null || !stream.isOpen();
    }

    /** Notes that nothing can be written any more, and drops what was to be. */
    private void lose(Throwable failure) {
        if (failure instanceof ClosedChannelException && !stream.isOpen()) {
            closeNow(); // somebody has closed the stream itself
        } else if (broken == null && state != State.CLOSED) {
            broken =
                    failure instanceof IOException e ? e : new IOException("sending was given up: " + failure, failure);
            drop();
            if (state == State.FLUSHING) {
                closeNow();
            }
            lost.set();
        }
    }

    private void drop() {
        turnAway();
        queue.clear();
        marks.clear();
    }

    void close() {
        if (state != State.OPEN) {
            return;
        }
        if (!stream.isOpen() || (!flushing && marks.size() == 0)) {
            closeNow();
            return;
        }
        state = State.FLUSHING;
        turnAway();
        beginPatience();
    }

    private void beginPatience() {
        stepsSeen = steps;
        patience = loop.callLater(PATIENCE, () -> {
            if (steps == stepsSeen) {
                lose(new IOException("closed with " + marks.size() + " bytes unsent: the peer has taken nothing for "
                        + PATIENCE.toSeconds() + " s"));
            } else {
                beginPatience();
            }
        });
    }

    /** Closes at once; idempotent. */
    void closeNow() {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        if (patience != null) {
            patience.cancel();
        }
        drop();
        stream.close();
        onClosed.run();
        lost.set();
    }

    /** Suspends until the stream is closed, or broken; throws what broke it. */
    void awaitClosed() throws IOException {
        if (stream.isOpen()) {
            lost.await();
        }
        ensureNotBroken();
    }

    @Override
    public String toString() {
        return stream
                + (marks.size() == 0 ? "" : ", " + marks.size() + " bytes to send")
                + (state == State.FLUSHING ? ", closing" : "");
    }
}
