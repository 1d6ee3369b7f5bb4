package dev.rondo.http.h1;

import dev.rondo.http.ConnectionClosedException;
import dev.rondo.http.HttpException;
import dev.rondo.http.TruncatedBodyException;
import dev.rondo.http.h1.MessageParser.Event;
import dev.rondo.net.ByteStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 on one byte stream, from either end: moves bytes between the stream and the parser.
 *
 * <pre>
 *            readHead            readContent…            finish
 *   IDLE ───────────────▶ BODY ───────────────▶ ENDED ───────────▶ IDLE
 *     └───────────────────┴──────────────────────┴── close, detach, or any failure ──▶ CLOSED
 * </pre>
 *
 * <p>For one coroutine at a time. After a failure or a cancel the connection is only good for {@link #close}: nobody
 * knows what of the message is still to come.
 *
 * @param <H> the head of what is read: of responses in a client, of requests in a server
 */
public final class Http1Connection<H> implements AutoCloseable {

    /** Most requests fit: one read is enough for them. For those that do not, it is one read more. */
    private static final int FIRST_BYTES = 512;

    private enum State {
        IDLE,
        BODY,
        ENDED,
        CLOSED
    }

    private final ByteStream stream;
    private final MessageParser<H> parser;
    private final BufferPool buffers;
    private State state = State.IDLE;
    private WaitLimit limit = WaitLimit.NONE;

    private @Nullable ByteBuffer in; // bytes read and not yet parsed; null while idle
    private @Nullable Event ahead; // found while looking whether the body is empty
    private long bytesRead; // of this message
    private boolean reading; // the stream has the buffer
    private @Nullable ByteBuffer firstBytes; // of the next message, while a server waits for it without a pooled buffer

    /** Makes the connection; it owns {@code stream} from now on. */
    public Http1Connection(ByteStream stream, MessageParser<H> parser, BufferPool buffers) {
        this.stream = stream;
        this.parser = parser;
        this.buffers = buffers;
    }

    /** Sets the limit for each wait from now on. */
    public void limitWaits(WaitLimit newLimit) {
        limit = newLimit;
    }

    // --------------------------------------------------------------------------------------------------- reading

    /**
     * Waits for the first byte of the next message, without a buffer of the pool; while the present one, which has
     * ended, is being answered or after that. Suspends.
     *
     * @return false if the peer has closed the connection instead
     * @throws HttpException if the connection broke
     */
    public boolean awaitMessage() throws HttpException {
        if (state != State.ENDED) {
            ensure(State.IDLE, "awaitMessage");
        }
        if (hasBuffered()) {
            return true;
        }
        releaseBuffer();
        if (firstBytes == null) {
            firstBytes = ByteBuffer.allocate(FIRST_BYTES);
        }
        if (!fill(firstBytes)) {
            return false;
        }
        in = buffers.acquire();
        in.clear().put(firstBytes).flip();
        return true;
    }

    /**
     * Reads the next head. Suspends.
     *
     * @throws ConnectionClosedException if the peer closed or reset the connection before the head was complete
     * @throws HttpException if what comes is no HTTP, is too large or comes too slowly
     */
    public H readHead() throws HttpException {
        ensure(State.IDLE, "readHead");
        if (in == null) {
            in = buffers.acquire();
        }
        if (nextEvent() != Event.HEAD) {
            throw new IllegalStateException("a message begins with its head");
        }
        state = State.BODY;
        return parser.head();
    }

    /** Returns the next head if all of it has come, or null. Never suspends. Throws what {@link #readHead} does. */
    public @Nullable H headIfHere() throws HttpException {
        ensure(State.IDLE, "headIfHere");
        if (in == null || !in.hasRemaining() || parser.next(in) != Event.HEAD) {
            return null;
        }
        state = State.BODY;
        return parser.head();
    }

    /** Returns whether a piece of the body has come: {@link #readContent} would not wait. Never suspends. */
    public boolean hasContent() throws HttpException {
        return !bodyEnded() && ahead != null;
    }

    /**
     * Returns whether the body, as far as one can tell without reading on, has ended: true for a message without a
     * body. Never suspends.
     */
    public boolean bodyEnded() throws HttpException {
        if (state == State.BODY && ahead == null && in != null) {
            Event event = parser.next(in);
            if (event == Event.END) {
                state = State.ENDED;
            } else if (event != Event.NEED_BYTES) {
                ahead = event;
            }
        }
        return state == State.ENDED;
    }

    /**
     * Reads the next piece of the body, as sent. Suspends if none is there.
     *
     * @return a view of the read buffer, never empty, good until the next call; or null at the end of the body
     * @throws TruncatedBodyException if the connection ends before the body does
     * @throws HttpException if what comes is no HTTP, or comes too slowly
     */
    public @Nullable ByteBuffer readContent() throws HttpException {
        while (state != State.ENDED) {
            ensure(State.BODY, "readContent");
            if (nextEvent() == Event.END) {
                state = State.ENDED;
            } else if (parser.content().hasRemaining()) {
                return parser.content();
            }
        }
        return null;
    }

    /**
     * Throws away what of the body is here already. Never waits for the peer, whatever the {@link WaitLimit}; may be
     * called while another coroutine reads, and then does nothing.
     *
     * @param maxBytes how much to take from the stream before giving up, framing included
     * @return whether the body has ended; if not, the connection is only good for {@link #close}
     */
    public boolean drain(int maxBytes) {
        try {
            int taken = 0;
            while (state == State.BODY && !reading && taken <= maxBytes) {
                Event event = ahead != null ? ahead : parser.next(buffer());
                ahead = null;
                if (event == Event.NEED_BYTES) {
                    if (stream.quiet()) {
                        return false;
                    }
                    int count = takeWhatIsHere();
                    if (count < 0) {
                        return false; // nothing can follow, whether the body may end so or not
                    }
                    taken += count;
                } else if (event == Event.END) {
                    state = State.ENDED;
                }
            }
        } catch (IOException brokenRest) {
            return false; // nobody wanted it
        }
        return state == State.ENDED;
    }

    /** Reads from a stream that is not quiet, and so without waiting; returns -1 at its end. */
    private int takeWhatIsHere() throws IOException {
        ByteBuffer buffer = buffer().clear();
        try {
            return stream.read(buffer);
        } finally {
            buffer.flip();
        }
    }

    private Event nextEvent() throws HttpException {
        if (ahead != null) {
            Event event = ahead;
            ahead = null;
            return event;
        }
        for (; ; ) {
            Event event = parser.next(buffer());
            if (event == Event.NEED_BYTES && !fill()) {
                event = parser.endOfInput();
            }
            if (event != Event.NEED_BYTES) {
                return event;
            }
        }
    }

    /** Reads more, all before having been parsed; returns false at the end of the stream. */
    private boolean fill() throws HttpException {
        return fill(buffer());
    }

    private boolean fill(ByteBuffer buffer) throws HttpException {
        buffer.clear();
        int count = -1;
        reading = true;
        try {
            count = limit.within(() -> stream.read(buffer));
            if (state == State.CLOSED) { // between the arrival of the bytes and this coroutine's turn
                throw closedWhileRead(null);
            }
        } catch (HttpException tooSlowOrClosed) {
            throw tooSlowOrClosed;
        } catch (IOException broken) {
            if (state == State.CLOSED) {
                throw closedWhileRead(broken);
            }
            throw state == State.BODY
                    ? new TruncatedBodyException(parser.announcedBytes(), parser.receivedBytes(), broken)
                    : new ConnectionClosedException(
                            "connection broke before the answer: " + broken.getMessage(), broken);
        } finally {
            reading = false;
            buffer.flip();
        }
        bytesRead += Math.max(count, 0);
        return count >= 0;
    }

    private static ConnectionClosedException closedWhileRead(@Nullable IOException cause) {
        return new ConnectionClosedException("this side closed the message while it was being read", cause);
    }

    private ByteBuffer buffer() {
        if (in == null) {
            throw new IllegalStateException("no message is being read");
        }
        return in;
    }

    /** Returns how many bytes of the present message have come, its head included. */
    public long bytesRead() {
        return bytesRead;
    }

    /** Returns the length that the head announced, in bytes, or -1. */
    public long announcedBytes() {
        return parser.announcedBytes();
    }

    // --------------------------------------------------------------------------------------------------- writing

    /**
     * Writes what remains in the buffers. Suspends.
     *
     * @throws ConnectionClosedException if the connection broke
     * @throws HttpException if it takes too long
     */
    public void write(ByteBuffer... bytes) throws HttpException {
        try {
            limit.writing(() -> {
                stream.write(bytes);
                return true;
            });
        } catch (HttpException tooSlow) {
            throw tooSlow;
        } catch (IOException broken) {
            throw new ConnectionClosedException("connection broke while sending: " + broken.getMessage(), broken);
        }
    }

    // --------------------------------------------------------------------------------------------- between two

    /** Ends the message just read: if another may follow gets ready for it and returns true, else returns false. */
    public boolean finish() {
        if (state != State.ENDED || !parser.persistent()) {
            return false;
        }
        parser.reset();
        state = State.IDLE;
        bytesRead = 0;
        limit = WaitLimit.NONE;
        return true;
    }

    /** Ends an informational response, behind which the real one follows; returns false if its body has not ended. */
    public boolean finishInterim() {
        if (state != State.ENDED) {
            return false;
        }
        parser.reset();
        state = State.IDLE;
        return true;
    }

    /** Returns whether bytes have come that belong to the next message. */
    public boolean hasBuffered() {
        return in != null && in.hasRemaining();
    }

    /**
     * Gives the read buffer back while nothing is expected, and returns whether that is right: false if the peer has
     * closed the connection or sent what nobody asked for. Never suspends.
     */
    public boolean rest() {
        if (state != State.IDLE || hasBuffered()) {
            return false;
        }
        releaseBuffer();
        return stream.quiet();
    }

    private void releaseBuffer() {
        if (in != null) {
            buffers.release(in);
            in = null;
        }
    }

    /**
     * Ends the sending direction and reads on, for nothing but this: closing while the peer still sends would reset the
     * connection, and could take with it the last answer that the peer has not read yet. Suspends until the peer is
     * done; then it is time for {@link #close}.
     *
     * @param maxBytes how much to read at most
     */
    public void linger(long maxBytes) throws HttpException {
        try {
            stream.shutdownOutput();
        } catch (IOException gone) {
            return;
        }
        long read = bytesRead;
        boolean more = true;
        while (more && bytesRead - read < maxBytes) {
            more = fill();
        }
    }

    /**
     * A stream that speaks another protocol from now on.
     *
     * @param begun what has come of that already, writable
     */
    public record Detached(ByteStream stream, ByteBuffer begun) {}

    /**
     * Gives the stream away, behind a head with status 101 or a request that asks for such: it is the caller's, and
     * {@link #close} does not touch it any more. Never suspends.
     *
     * @throws IllegalStateException if this is closed, or a coroutine reads
     */
    public Detached detach() {
        if (state == State.CLOSED || reading) {
            throw new IllegalStateException("detach while " + (reading ? "a coroutine reads" : state));
        }
        ByteBuffer begun = ByteBuffer.allocate(hasBuffered() ? buffer().remaining() : 0);
        if (hasBuffered()) {
            begun.put(buffer()).flip();
        }
        state = State.CLOSED;
        releaseBuffer();
        return new Detached(stream, begun);
    }

    /** Closes the stream. Never suspends; idempotent. */
    @Override
    public void close() {
        if (state != State.CLOSED) {
            state = State.CLOSED;
            stream.close();
            if (reading) {
                in = null; // closed under a reader: its buffer may still be written to, so nobody else gets it
            }
            releaseBuffer();
        }
    }

    private void ensure(State expected, String call) {
        if (state != expected) {
            throw new IllegalStateException(call + " while " + state + ", not " + expected);
        }
    }
}
