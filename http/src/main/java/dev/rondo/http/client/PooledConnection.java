package dev.rondo.http.client;

import dev.rondo.http.Body;
import dev.rondo.http.ConnectionClosedException;
import dev.rondo.http.Headers;
import dev.rondo.http.HttpException;
import dev.rondo.http.MalformedMessageException;
import dev.rondo.http.h1.BodyWriter;
import dev.rondo.http.h1.BufferPool;
import dev.rondo.http.h1.HeadLimits;
import dev.rondo.http.h1.Http1Connection;
import dev.rondo.http.h1.MessageWriter;
import dev.rondo.http.h1.Pieces;
import dev.rondo.http.h1.RequestHead;
import dev.rondo.http.h1.ResponseHead;
import dev.rondo.http.h1.ResponseParser;
import dev.rondo.http.h1.WaitLimit;
import dev.rondo.net.ByteStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A connection of the pool that speaks HTTP/1.1: asks one thing at a time. */
final class PooledConnection implements KeptConnection, Exchange {

    /** Interim answers before the real one: servers send one or two; more is an attempt to keep us busy. */
    private static final int MAX_INFORMATIONAL = 16;

    private static final ByteBuffer LAST_CHUNK = ByteBuffer.allocate(0);

    private final ConnectionPool pool;
    private final Origin origin;
    private final @Nullable Proxy forwardedBy; // null: requests go to the origin itself
    private final ResponseParser parser;
    private final Http1Connection<ResponseHead> http;
    private boolean reused; // has answered a request before the present one
    private boolean askedToClose;
    private boolean askedToUpgrade;
    private boolean http11 = true; // what the server speaks
    private boolean inUse; // and to be given back
    private long idleSinceNanos;

    /**
     * Makes it.
     *
     * @param forwardedBy the proxy at the other end, which reads the requests; null if it is the origin
     */
    PooledConnection(
            ConnectionPool pool,
            Origin origin,
            @Nullable Proxy forwardedBy,
            ByteStream stream,
            HeadLimits limits,
            BufferPool buffers) {
        this.forwardedBy = forwardedBy;
        this.pool = pool;
        this.origin = origin;
        this.parser = new ResponseParser(limits);
        this.http = new Http1Connection<>(stream, parser, buffers);
    }

    @Override
    public Origin origin() {
        return origin;
    }

    /** Begins the next exchange. */
    Exchange begin() {
        inUse = true;
        return this;
    }

    // ----------------------------------------------------------------------------------------------- one exchange

    @Override
    public ResponseHead ask(ClientRequest request, Deadline deadline, Traces traces) throws HttpException {
        var head = new RequestHead(request.method(), target(request), true, headers(request));
        ResponseHead answer = exchange(head, request, deadline, traces);
        http11 = answer.http11();
        return answer;
    }

    private String target(ClientRequest request) {
        // A proxy that forwards needs the whole address (RFC 9112 §3.2.2).
        return forwardedBy == null
                ? request.url().target()
                : "http://" + request.url().authority() + request.url().target();
    }

    /** Who we are to the proxy is for the proxy that reads the request, and for nobody behind a tunnel. */
    private Headers headers(ClientRequest request) {
        if (forwardedBy == null) {
            return request.headers().without("Proxy-Authorization");
        }
        String authorization = forwardedBy.authorization();
        return authorization == null ? request.headers() : request.headers().with("Proxy-Authorization", authorization);
    }

    private ResponseHead exchange(RequestHead request, ClientRequest whole, WaitLimit limit, Traces traces)
            throws HttpException {
        http.limitWaits(limit);
        parser.expectNoBody(request.method().equals("HEAD"));
        askedToClose = request.headers().hasToken("Connection", "close");
        askedToUpgrade = request.headers().hasToken("Connection", "upgrade");
        ByteBuffer head = MessageWriter.request(request, whole.body());
        boolean asksFirst = whole.body() != null && request.headers().hasToken("Expect", "100-continue");
        if (asksFirst) {
            sendHead(head, whole, traces);
            ResponseHead word = readHead(true);
            if (word.status() != 100) {
                askedToClose = true; // the server may wait for the body all the same
                return word;
            }
        }
        ConnectionClosedException unsent = send(asksFirst ? null : head, whole, traces);
        try {
            return readHead(false);
        } catch (ConnectionClosedException noAnswer) {
            throw unsent != null ? unsent : noAnswer;
        }
    }

    private void sendHead(ByteBuffer head, ClientRequest asked, Traces traces) throws HttpException {
        http.write(head);
        traces.tell(tracing -> tracing.headersSent(asked));
    }

    /**
     * Sends; a failure is given back, for a server may refuse a body it does not want and still say why.
     *
     * @param head null if it has been sent
     */
    private @Nullable ConnectionClosedException send(@Nullable ByteBuffer head, ClientRequest asked, Traces traces)
            throws HttpException {
        Body body = asked.body();
        try {
            ByteBuffer whole = body == null ? null : body.whole();
            if (whole != null) {
                sendWhole(head, whole, asked, traces);
            } else {
                if (head != null) {
                    sendHead(head, asked, traces);
                }
                if (body != null) {
                    sendPieces(body, traces);
                }
            }
            return null;
        } catch (ConnectionClosedException broken) {
            if (body == null) {
                throw broken;
            }
            askedToClose = true;
            return broken;
        }
    }

    private void sendPieces(Body body, Traces traces) throws HttpException {
        boolean chunked = body.length() < 0;
        try {
            BodyWriter.write(body, piece -> {
                ByteBuffer view = traces.any() ? piece.asReadOnlyBuffer() : piece;
                if (chunked) {
                    http.write(MessageWriter.chunk(piece));
                } else {
                    http.write(piece);
                }
                traces.tell(tracing -> tracing.sent(view.duplicate()));
            });
        } catch (HttpException | RuntimeException failed) {
            throw failed;
        } catch (Exception failed) {
            throw new HttpException("the body of the request could not be made: " + failed.getMessage(), failed);
        }
        if (chunked) {
            http.write(MessageWriter.chunk(LAST_CHUNK));
        }
    }

    /** Sends piece by piece, so that the limit on a write is one on the server's silence, and not on a large body. */
    private void sendWhole(@Nullable ByteBuffer head, ByteBuffer whole, ClientRequest asked, Traces traces)
            throws HttpException {
        ByteBuffer first = Pieces.take(whole);
        if (head == null) {
            http.write(first);
        } else {
            http.write(head, first);
            traces.tell(tracing -> tracing.headersSent(asked));
        }
        tellSent(first, traces);
        while (whole.hasRemaining()) {
            ByteBuffer piece = Pieces.take(whole);
            http.write(piece);
            tellSent(piece, traces);
        }
    }

    private static void tellSent(ByteBuffer written, Traces traces) {
        if (traces.any() && written.capacity() > 0) {
            traces.tell(tracing -> tracing.sent(written.asReadOnlyBuffer().rewind()));
        }
    }

    /** Reads the answer, or what comes before it, where the server is to say that it wants the body. */
    private ResponseHead readHead(boolean untilContinue) throws HttpException {
        for (int i = 0; i <= MAX_INFORMATIONAL; i++) {
            ResponseHead head = http.readHead();
            if (!head.informational()) {
                return head;
            }
            if (head.status() == 101 && askedToUpgrade) {
                return head;
            }
            if (head.status() == 101) {
                throw new MalformedMessageException(
                        "the server switched protocols (101), which nobody asked for", null);
            }
            if (http.readContent() != null || !http.finishInterim()) {
                throw new MalformedMessageException("an informational answer with a body: " + head.status(), null);
            }
            if (untilContinue && head.status() == 100) {
                return head;
            }
        }
        throw new MalformedMessageException(
                "more than " + MAX_INFORMATIONAL + " informational answers and no real one", null);
    }

    @Override
    public String version() {
        return http11 ? "HTTP/1.1" : "HTTP/1.0";
    }

    @Override
    public boolean notProcessed() {
        return false; // HTTP/1.1 has no words for that
    }

    @Override
    public boolean leftBehind() {
        return false;
    }

    @Override
    public boolean wentStale() {
        return reused && http.bytesRead() == 0;
    }

    @Override
    public long announcedBytes() {
        return http.announcedBytes();
    }

    @Override
    public boolean bodyEnded() throws HttpException {
        return http.bodyEnded();
    }

    @Override
    public @Nullable ByteBuffer readContent() throws HttpException {
        return http.readContent();
    }

    @Override
    public boolean drain(int maxBytes) {
        return http.drain(maxBytes);
    }

    @Override
    public Http1Connection.Detached detach() {
        return http.detach();
    }

    @Override
    public void finish() {
        if (inUse) {
            inUse = false;
            pool.release(this);
        }
    }

    @Override
    public void discard() {
        if (inUse) {
            inUse = false;
            pool.discard(this);
        }
    }

    // --------------------------------------------------------------------------------------------- between two

    /** Ends the exchange; returns whether another can follow, and the server has not hung up. Never suspends. */
    boolean rest(long nowNanos) {
        reused = true;
        idleSinceNanos = nowNanos;
        return !askedToClose && http.finish() && http.rest();
    }

    @Override
    public boolean quiet() {
        return http.rest();
    }

    @Override
    public long idleSinceNanos() {
        return idleSinceNanos;
    }

    @Override
    public void close() {
        http.close();
    }

    @Override
    public String toString() {
        return "connection to " + origin;
    }
}
