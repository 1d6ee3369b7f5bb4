package dev.rondo.http.server;

import dev.rondo.AsyncTimeoutException;
import dev.rondo.Asyncio;
import dev.rondo.Coroutine;
import dev.rondo.EventLoop;
import dev.rondo.Task;
import dev.rondo.http.Body;
import dev.rondo.http.Headers;
import dev.rondo.http.HttpException;
import dev.rondo.http.MalformedMessageException;
import dev.rondo.http.TooLargeException;
import dev.rondo.http.h1.BodyWriter;
import dev.rondo.http.h1.Http1Connection;
import dev.rondo.http.h1.MessageWriter;
import dev.rondo.http.h1.Pieces;
import dev.rondo.http.h1.RequestHead;
import dev.rondo.http.h1.RequestParser;
import dev.rondo.http.h1.ResponseHead;
import dev.rondo.net.ByteStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 connection of a server: a method for each phase of a request. Requests are answered one after the other;
 * while one is, the next ones wait in the read buffer, and behind it in the system.
 *
 * <pre>
 *   awaitRequest ──▶ readHead ──▶ dispatch (the handler reads the body) ──▶ endOfBody ──▶ write ──▶ awaitRequest …
 *                       └─ refuse                                                           └─ linger
 * </pre>
 */
final class ServerConnection implements HttpServer.Connection {

    // How long, and for how much, to listen to a client whose request has been refused; nginx: 5 s of silence, 30 s in
    // all.
    private static final Duration LINGER = Duration.ofSeconds(2);
    private static final long LINGER_BYTES = 64L * 1024 * 1024;

    /** How much of a body that nobody wanted is read for the sake of the connection. */
    private static final int DRAIN_BYTES = 64 * 1024;

    /** What the log is told of, where no head could be read. */
    private static final RequestHead UNREAD = new RequestHead("-", "-", true, Headers.EMPTY);

    private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final EventLoop loop;
    private final ServerOptions options;
    private final HttpServer.Shared shared;
    private final Peer peer;
    private final RequestParser parser;
    private final Http1Connection<RequestHead> http;
    private final Watchdog watchdog;
    private final MessageWriter writer = new MessageWriter();

    private boolean idle; // between two requests
    private boolean stopping; // no request after the present one
    private long sentBytes; // of the present answer
    private int requests; // so far
    private @Nullable Upgrade upgraded; // while something else than HTTP is spoken here

    // Of cancelOnDisconnect.
    private @Nullable Task<Boolean, RuntimeException> watcher; // reads on while a handler runs
    private @Nullable Task<?, ?> handling; // whom to cancel; while a handler runs

    ServerConnection(HttpServer.Shared shared, ByteStream stream) {
        this.loop = shared.loop();
        this.options = shared.options();
        this.shared = shared;
        this.peer = new Peer(stream.remoteAddress(), options.sslContext() != null);
        this.parser = new RequestParser(options.headLimits());
        this.http = new Http1Connection<>(stream, parser, shared.buffers());
        this.watchdog = new Watchdog(loop, http::close);
    }

    /** Serves requests until client or server want no more. */
    @Override
    public void run() {
        try (http;
                watchdog) {
            boolean goOn = true;
            while (goOn) {
                goOn = serveOne();
            }
        } catch (HttpException gone) {
            // The client hung up or was too slow: nobody is left to be told.
        } finally {
            if (watcher != null) {
                watcher.cancel();
            }
        }
    }

    /** Takes no request after the present one, and goes at once if there is none. Never suspends. */
    @Override
    public void stop() {
        stopping = true;
        if (idle) {
            http.close();
        }
        if (upgraded != null) {
            upgraded.stop();
        }
    }

    /** Tells a client that there are too many of them. */
    void turnAway() {
        try (http;
                watchdog) {
            write(
                    null,
                    Response.text("503 Service Unavailable\n").withStatus(503).withHeader("Retry-After", "1"),
                    false);
        } catch (HttpException gone) {
            // it need not be told
        }
    }

    /** Serves one request; returns whether another may follow. */
    private boolean serveOne() throws HttpException {
        Incoming incoming = awaitRequest() ? readHead() : null;
        if (incoming == null) {
            return false;
        }
        RequestHead head = incoming.head;
        Request request = new Request(head, version(head), peer, incoming, options.decodedRequests());
        requests++;
        try {
            return answer(request, incoming);
        } finally {
            request.release();
        }
    }

    private boolean answer(Request request, Incoming incoming) throws HttpException {
        RequestHead head = incoming.head;
        long began = loop.time().toNanos();
        sentBytes = 0;
        Response response = handle(request);
        if (response == null) {
            return false;
        }
        Upgrade upgrade = response.upgrade();
        if (upgrade != null && !mayUpgrade(incoming)) {
            upgrade = null;
            response = Dispatcher.refusal(400, "no other protocol can follow this request");
        }
        boolean goOn = false;
        try {
            if (upgrade != null) {
                run(upgrade, head, response);
            } else {
                goOn = write(head, response, incoming.end() && !stopping && requests < options.requestsPerConnection());
            }
        } finally {
            note(head, response.status(), began);
        }
        if (upgrade == null && !goOn && !incoming.ended()) {
            linger();
        }
        return goOn;
    }

    private static String version(RequestHead head) {
        return head.http11() ? "HTTP/1.1" : "HTTP/1.0";
    }

    private boolean mayUpgrade(Incoming incoming) throws HttpException {
        return incoming.announcedBytes == 0 && asksToUpgrade(incoming.head) && !stopping;
    }

    private static boolean asksToUpgrade(RequestHead head) {
        return head.http11() && head.headers().hasToken("Connection", "upgrade");
    }

    /** Switches to another protocol, and speaks it to its end. */
    private void run(Upgrade upgrade, RequestHead head, Response response) throws HttpException {
        send(MessageWriter.switching(response.headers()));
        Http1Connection.Detached detached = http.detach();
        upgraded = upgrade;
        try (ByteStream stream = detached.stream()) {
            upgrade.run(stream, detached.begun());
        } catch (Exception e) {
            shared.dispatcher().report("what followed " + head.method() + " " + head.target() + " failed", e);
        } finally {
            upgraded = null;
        }
    }

    private void note(RequestHead head, int status, long beganNanos) {
        shared.dispatcher().note(head, version(head), peer, status, sentBytes, beganNanos);
    }

    // ------------------------------------------------------------------------------------------------- the head

    private boolean awaitRequest() throws HttpException {
        idle = !http.hasBuffered();
        watchdog.begin(options.keepAlive());
        try {
            return watcher == null ? http.awaitMessage() : watcher.await();
        } finally {
            watcher = null;
            watchdog.end();
            idle = false;
        }
    }

    /** Returns the request, of which the head has come; null if it was refused. */
    private @Nullable Incoming readHead() throws HttpException {
        try {
            RequestHead head = http.headIfHere();
            if (head == null) {
                head = within(options.requestTime(), http::readHead);
            }
            String expected = head.headers().get("Expect");
            if (expected != null && head.http11() && !expected.equalsIgnoreCase("100-continue")) {
                refuse(head, 417, "nothing is known here that Expect could ask for but 100-continue");
                return null;
            }
            return new Incoming(head);
        } catch (AsyncTimeoutException tooSlow) {
            refuse(UNREAD, 408, "the request took too long to come in");
        } catch (TooLargeException e) {
            refuse(UNREAD, parser.hasFirstLine() ? 431 : 414, e.getMessage());
        } catch (MalformedMessageException e) {
            refuse(UNREAD, 400, e.getMessage());
        }
        return null;
    }

    private static <T> T within(Duration limit, Coroutine<T, HttpException> body) throws HttpException {
        return limit.isZero() ? body.run() : Asyncio.timeout(limit, body);
    }

    private void refuse(RequestHead head, int status, @Nullable String reason) throws HttpException {
        long began = loop.time().toNanos();
        sentBytes = 0;
        try {
            write(null, Dispatcher.refusal(status, reason), false);
        } finally {
            note(head, status, began);
        }
        linger();
    }

    private void linger() throws HttpException {
        try {
            Asyncio.timeout(LINGER, () -> http.linger(LINGER_BYTES));
        } catch (AsyncTimeoutException dawdles) {
            // long enough for the answer to have been read
        }
    }

    // ------------------------------------------------------------------------------------------------- the body

    /** The present request, and its body as it comes. */
    private final class Incoming implements RequestBody {

        private final RequestHead head;
        private final long announcedBytes;
        private boolean awaited; // the client sends it when it is told to go on
        private boolean finished; // another request may follow, as far as reading goes
        private final BodyRate rate = new BodyRate(loop, options);

        Incoming(RequestHead head) throws HttpException {
            this.head = head;
            announcedBytes = http.bodyEnded() ? 0 : http.announcedBytes();
            awaited = head.http11() && head.headers().contains("Expect");
        }

        @Override
        public @Nullable ByteBuffer next() throws HttpException {
            if (finished || http.bodyEnded()) {
                watch();
                return null;
            }
            if (awaited && !http.hasContent()) {
                writeInTime(ByteBuffer.wrap(CONTINUE));
            }
            awaited = false;
            ByteBuffer piece = http.hasContent() ? http.readContent() : rate.await(http::readContent);
            if (piece == null) {
                watch();
            } else {
                rate.came(piece);
            }
            return piece;
        }

        @Override
        public long announcedBytes() {
            return announcedBytes;
        }

        @Override
        public int maxBytes() {
            return options.bodyBytes();
        }

        /** Throws the rest away if that is quickly done; returns whether another request may follow. */
        boolean end() {
            if (!finished) {
                finished = !awaited && http.drain(DRAIN_BYTES) && http.finish();
            }
            return finished;
        }

        /** Returns whether the client has nothing more to send of it. */
        boolean ended() throws HttpException {
            return finished || awaited || http.bodyEnded();
        }

        /** Looks for the client's end while its request is handled, now that all of it was read. */
        void watch() {
            if (handling != null && watcher == null && !http.hasBuffered()) {
                end();
                watcher = Asyncio.createTask(ServerConnection.this::awaitNext);
            }
        }
    }

    // ------------------------------------------------------------------------------------------------- handling

    private @Nullable Response handle(Request request) throws HttpException {
        if (!options.cancelOnDisconnect() || asksToUpgrade(request.head())) { // then what comes next is not HTTP
            return shared.dispatcher().dispatch(request);
        }
        handling = Asyncio.currentTask();
        try {
            if (http.bodyEnded()) {
                request.readPiece(); // there is none, and now the client is watched
            }
            return shared.dispatcher().dispatch(request);
        } finally {
            handling = null;
        }
    }

    /** Waits for the next request while the present one is handled; returns whether it comes. */
    private boolean awaitNext() {
        boolean comes = false;
        try {
            comes = http.awaitMessage();
        } catch (HttpException broken) {
            // which is one way to hang up
        }
        if (!comes && handling != null) {
            handling.cancel();
        }
        return comes;
    }

    // ---------------------------------------------------------------------------------------------------- writing

    /** Writes a response; returns whether another request may follow. */
    private boolean write(@Nullable RequestHead asked, Response response, boolean keepAlive) throws HttpException {
        boolean toHead = asked != null && asked.method().equals("HEAD");
        boolean http11 = asked == null || asked.http11();
        var head = new ResponseHead(response.status(), "", http11, shared.date().addTo(response.headers()));
        Body body = head.hasNoBody(false) ? Body.EMPTY : response.body();
        ByteBuffer whole = body.whole();
        try {
            if (whole != null) {
                send(writer.response(head, toHead, keepAlive, whole)); // to HEAD too: for its length
            } else {
                send(writer.response(head, toHead, keepAlive, body.length()));
                if (!toHead) {
                    BodyWriter.write(body, this::writePiece);
                    send(writer.end());
                }
            }
        } catch (HttpException clientGone) {
            throw clientGone;
        } catch (Exception e) {
            shared.dispatcher()
                    .report(
                            "the body of the response to " + (asked == null ? "a request" : asked.target()) + " failed",
                            e);
            return false; // the head is sent: only a closed connection can tell now
        }
        return writer.persistent();
    }

    private void writePiece(ByteBuffer piece) throws HttpException {
        try {
            send(writer.content(piece));
        } catch (HttpException clientGone) {
            throw clientGone;
        } catch (IOException e) {
            throw new HttpException("cannot write a piece of the body: " + e.getMessage(), e);
        }
    }

    private void send(ByteBuffer... bytes) throws HttpException {
        long length = length(bytes);
        if (length <= Pieces.BYTES) {
            writeInTime(bytes);
            sentBytes += length;
            return;
        }
        for (ByteBuffer each : bytes) {
            while (each.hasRemaining()) {
                ByteBuffer piece = Pieces.take(each);
                int count = piece.remaining();
                writeInTime(piece);
                sentBytes += count;
            }
        }
    }

    private static long length(ByteBuffer... bytes) {
        long length = 0;
        for (ByteBuffer each : bytes) {
            length += each.remaining();
        }
        return length;
    }

    private void writeInTime(ByteBuffer... bytes) throws HttpException {
        watchdog.begin(options.writeTime());
        http.write(bytes);
        watchdog.end();
    }

    @Override
    public String toString() {
        return "connection from " + peer.remote();
    }
}
