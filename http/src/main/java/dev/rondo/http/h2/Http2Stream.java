package dev.rondo.http.h2;

import dev.rondo.AsyncEvent;
import dev.rondo.CancelledError;
import dev.rondo.http.Headers;
import dev.rondo.http.h1.RequestHead;
import dev.rondo.http.h1.ResponseHead;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer on an {@link Http2Connection}, from either end.
 *
 * <pre>
 *   OPEN ──this side ends──▶ half closed (local) ──the peer ends──▶ CLOSED
 *     ├────the peer ends───▶ half closed (remote) ─this side ends─▶ CLOSED
 *     └────reset by either, or the connection ends: {@code failure}─▶ CLOSED
 * </pre>
 *
 * <p>One coroutine may read while another writes. A coroutine that is cancelled in here resets this stream, and no
 * other: the connection stays good. Loop thread only.
 */
public final class Http2Stream {

    private static final int LEAST_CHUNK = 1024; // so that frames of one byte cost not much more than they bring
    private static final int MAX_INTERIM = 10; // answers with a status below 200 that nobody has read

    private final Http2Connection connection;
    final int id;
    private final @Nullable RequestHead request; // in a server
    final Turns windowTurns;
    private final AsyncEvent arrived = new AsyncEvent();

    // sending
    int sendWindow;
    boolean headSent; // the final one
    boolean localEnded;

    // receiving
    private final Deque<ResponseHead> heads = new ArrayDeque<>();
    private final Deque<ByteBuffer> chunks = new ArrayDeque<>(); // each filled up to its position
    int receiveWindow;
    private int consumed; // and not yet given back
    boolean headReceived; // the final one
    boolean remoteEnded;
    boolean toHead; // the answer has no body, whatever its length
    long announced = -1;
    private long received;
    private @Nullable Headers trailers;

    private @Nullable Http2Exception failure;
    private boolean unwanted; // the rest of the request: the answer is here without it
    private @Nullable Runnable resetByPeer; // whom to tell
    private @Nullable Runnable headOrFailure; // whom to tell

    Http2Stream(Http2Connection connection, int id, @Nullable RequestHead request, int sendWindow, int receiveWindow) {
        this.connection = connection;
        this.id = id;
        this.request = request;
        this.sendWindow = sendWindow;
        this.receiveWindow = receiveWindow;
        this.windowTurns = new Turns(connection.loop, () -> this.sendWindow > 0);
    }

    /** Returns its number. */
    public int id() {
        return id;
    }

    /**
     * Returns the request, in a server.
     *
     * @throws IllegalStateException in a client
     */
    public RequestHead request() {
        if (request == null) {
            throw new IllegalStateException("a client sends the request: openStream");
        }
        return request;
    }

    // ------------------------------------------------------------------------------------------------ reading

    /**
     * Reads the next head of the answer, in a client; informational ones come first. Suspends.
     *
     * @throws Http2Exception if the stream was reset, or its connection has ended
     */
    public ResponseHead readHead() throws Http2Exception {
        return resettingOnCancel(() -> {
            while (heads.isEmpty()) {
                ensureGood();
                if (remoteEnded) {
                    throw new IllegalStateException("the head has been read");
                }
                awaitArrival();
            }
            return heads.removeFirst();
        });
    }

    /**
     * Reads the next piece of the body. Suspends if none is there. What is read is made room for: a slow reader holds
     * back its own stream.
     *
     * @return the caller's to keep, never empty; or null at the end of the body
     * @throws Http2Exception if the stream was reset, or its connection has ended
     */
    public @Nullable ByteBuffer readContent() throws Http2Exception {
        return resettingOnCancel(() -> {
            while (chunks.isEmpty()) {
                ensureGood();
                if (remoteEnded) {
                    return null;
                }
                awaitArrival();
            }
            ByteBuffer chunk = chunks.removeFirst().flip();
            giveBack(chunk.remaining());
            return chunk;
        });
    }

    /** Returns the fields behind the body, or null if there are none or the body has not ended. Never suspends. */
    public @Nullable Headers trailers() {
        return trailers;
    }

    /** Returns whether all of the body has been read. Never suspends. */
    public boolean bodyEnded() {
        return remoteEnded && chunks.isEmpty();
    }

    /** Returns the length of the body that the head announced, in bytes; 0 if none comes, -1 if it is not known. */
    public long announcedBytes() {
        return announced < 0 && bodyEnded() ? 0 : announced;
    }

    private void awaitArrival() {
        arrived.clear();
        arrived.await();
    }

    private void giveBack(int bytes) {
        connection.giveBack(bytes);
        consumed += bytes;
        if (!remoteEnded && failure == null && consumed >= Math.max(1, connection.options.streamWindow() / 2)) {
            connection.windowUpdate(id, consumed);
            receiveWindow += consumed;
            consumed = 0;
        }
    }

    // ------------------------------------------------------------------------------------------------ writing

    /**
     * Sends the head of the answer, in a server; informational ones first. Suspends while too much waits to be sent.
     *
     * @throws Http2Exception if the stream was reset, or its connection has ended
     */
    public void sendHead(ResponseHead head, boolean endOfMessage) throws Http2Exception {
        if (request == null || headSent) {
            throw new IllegalStateException(request == null ? "a client sends no response" : "the head is sent");
        }
        if (head.informational() && endOfMessage) {
            throw new IllegalArgumentException("status " + head.status() + " cannot end a message");
        }
        resettingOnCancel(() -> {
            connection.awaitRoom(this);
            connection.sendHead(this, HeadEncoder.fields(head), endOfMessage);
            return true;
        });
        headSent = !head.informational();
    }

    /**
     * Sends a piece of the body. Suspends while the peer has no room for it, or too much waits to be sent; what remains
     * in {@code content} is nothing then.
     *
     * @throws Http2Exception if the stream was reset, or its connection has ended
     */
    public void write(ByteBuffer content) throws Http2Exception {
        write(content, false);
    }

    /** Ends the message. Suspends as {@link #write(ByteBuffer)} does. */
    public void end() throws Http2Exception {
        write(ByteBuffer.allocate(0), true);
    }

    /** Sends a piece of the body, and ends the message with it if {@code end}. */
    public void write(ByteBuffer content, boolean end) throws Http2Exception {
        if (!headSent || (localEnded && !unwanted)) {
            throw new IllegalStateException(localEnded ? "the message has ended" : "a message begins with its head");
        }
        resettingOnCancel(() -> {
            connection.sendContent(this, content, end);
            return true;
        });
    }

    // ------------------------------------------------------------------------------------------------ its end

    /**
     * Ends this stream at once, both ways; a stream that has ended is left as it is. Never suspends.
     *
     * @param code of {@link ErrorCode}
     */
    public void reset(int code) {
        if (failure == null && !(localEnded && bodyEnded())) {
            boolean wasOpen = !(localEnded && remoteEnded);
            fail(new Http2Exception("this side reset the stream: " + ErrorCode.name(code), code, false, null));
            if (wasOpen) {
                connection.resetStream(this, code);
            }
        }
    }

    /** Has {@code told} called when the peer resets this stream; in the loop, and not later than that. */
    public void onResetByPeer(Runnable told) {
        resetByPeer = told;
    }

    void wasResetByPeer() {
        if (resetByPeer != null) {
            resetByPeer.run();
        }
    }

    private interface Step<T extends @Nullable Object> {
        T run() throws Http2Exception;
    }

    private <T extends @Nullable Object> T resettingOnCancel(Step<T> step) throws Http2Exception {
        try {
            return step.run();
        } catch (CancelledError e) {
            reset(ErrorCode.CANCEL);
            throw e;
        }
    }

    /** Has {@code told} called when a head of the answer comes, and when the stream fails; in the loop. */
    public void onHeadOrFailure(Runnable told) {
        headOrFailure = told;
    }

    private void tellOfHeadOrFailure() {
        if (headOrFailure != null) {
            headOrFailure.run();
        }
    }

    /** Returns whether a head of the answer has come that nobody has read. Never suspends. */
    public boolean headIsHere() {
        return !heads.isEmpty();
    }

    void ensureGood() throws Http2Exception {
        if (failure != null) {
            throw failure.again();
        }
    }

    void ensureWanted() throws Http2Exception {
        ensureGood();
        if (unwanted) {
            throw new Http2Exception(
                    "the peer has answered without the rest of the request", ErrorCode.NO_ERROR, false, null);
        }
    }

    /** Returns whether it was reset by either side, or its connection has ended. Never suspends. */
    public boolean failed() {
        return failure != null;
    }

    boolean closed() {
        return failure != null || (localEnded && remoteEnded);
    }

    // ------------------------------------------------------------------------------------- told by the connection

    void fail(Http2Exception why) {
        if (failure == null) {
            failure = why;
            int dropped = 0;
            for (ByteBuffer chunk : chunks) {
                dropped += chunk.position();
            }
            chunks.clear();
            connection.giveBack(dropped);
            arrived.set();
            windowTurns.wakeAll();
            tellOfHeadOrFailure();
        }
    }

    /** Notes that the peer wants no more of the request; the answer, which is all here, stands (RFC 9113 §8.1). */
    void answeredEarly() {
        unwanted = true;
        localEnded = true;
        windowTurns.wakeAll();
    }

    /** Returns false if there are too many. */
    boolean headCame(ResponseHead head) {
        headReceived = !head.informational();
        heads.add(head);
        arrived.set();
        tellOfHeadOrFailure();
        return heads.size() <= MAX_INTERIM;
    }

    /** Takes content that the window has room for; returns false if it is more than was announced. */
    boolean contentCame(ByteBuffer content) {
        received += content.remaining();
        ByteBuffer last = chunks.peekLast();
        if (last == null || last.remaining() < content.remaining()) {
            last = ByteBuffer.allocate(Math.max(LEAST_CHUNK, content.remaining()));
            if (content.hasRemaining()) {
                chunks.add(last);
            }
        }
        last.put(content);
        arrived.set();
        return announced < 0 || toHead || received <= announced;
    }

    /** Counts what padding took of the window. */
    void paddingCame(int bytes) {
        giveBack(bytes);
    }

    /** Returns false if less has come than was announced. */
    boolean endCame(@Nullable Headers withTrailers) {
        trailers = withTrailers;
        remoteEnded = true;
        arrived.set();
        return announced < 0 || received == announced || (toHead && received == 0);
    }
}
