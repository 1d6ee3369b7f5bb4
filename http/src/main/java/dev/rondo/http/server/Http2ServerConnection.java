package dev.rondo.http.server;

import dev.rondo.AsyncTimeoutException;
import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import dev.rondo.Task;
import dev.rondo.http.Body;
import dev.rondo.http.Headers;
import dev.rondo.http.HttpException;
import dev.rondo.http.WriteTimeoutException;
import dev.rondo.http.h1.BodyWriter;
import dev.rondo.http.h1.Pieces;
import dev.rondo.http.h1.RequestHead;
import dev.rondo.http.h1.ResponseHead;
import dev.rondo.http.h2.ErrorCode;
import dev.rondo.http.h2.Http2Connection;
import dev.rondo.http.h2.Http2Options;
import dev.rondo.http.h2.Http2Stream;
import dev.rondo.net.ByteStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One HTTP/2 connection of a server: its requests are handled at the same time, a coroutine for each. */
final class Http2ServerConnection implements HttpServer.Connection {

    private static final String VERSION = "HTTP/2";

    private static final ResponseHead CONTINUE = new ResponseHead(100, "", true, Headers.EMPTY);

    private final EventLoop loop;
    private final ServerOptions options;
    private final HttpServer.Shared shared;
    private final Peer peer;
    private final Http2Connection http;
    private final Watchdog watchdog; // while no request is handled
    private int handling; // requests

    /** Begins it. Suspends the first time, to initialise classes. */
    Http2ServerConnection(HttpServer.Shared shared, ByteStream stream) {
        this.loop = shared.loop();
        this.options = shared.options();
        this.shared = shared;
        this.peer = new Peer(stream.remoteAddress(), true);
        this.watchdog = new Watchdog(loop, this::stop);
        var limits = options.headLimits();
        this.http = Http2Connection.server(
                stream, Http2Options.SERVER.withHeaders(limits.bytes(), limits.fields()), this::serve);
    }

    /** Waits until client or server want no more. */
    @Override
    public void run() {
        try (http;
                watchdog) {
            watchdog.begin(options.keepAlive());
            http.awaitClosed();
        }
    }

    /** Takes no new requests, and ends with the last of those that came. Never suspends. */
    @Override
    public void stop() {
        loop.createTask(() -> {
            http.shutdown();
            return null;
        });
    }

    private void serve(Http2Stream stream) throws IOException {
        if (handling++ == 0) {
            watchdog.end();
        }
        try {
            answer(stream);
        } finally {
            if (--handling == 0) {
                watchdog.begin(options.keepAlive());
            }
        }
    }

    private void answer(Http2Stream stream) throws IOException {
        long began = loop.time().toNanos();
        RequestHead head = stream.request();
        if (options.cancelOnDisconnect()) {
            Task<?, ?> handler = Objects.requireNonNull(Asyncio.currentTask());
            stream.onResetByPeer(handler::cancel);
        }
        Request request = new Request(head, VERSION, peer, new Incoming(stream), options.decodedRequests());
        try {
            answer(stream, request, began);
        } finally {
            request.release();
        }
    }

    private void answer(Http2Stream stream, Request request, long began) throws IOException {
        RequestHead head = request.head();
        Response response = shared.dispatcher().dispatch(request);
        if (response == null) {
            stream.reset(ErrorCode.CANCEL);
            return;
        }
        if (response.upgrade() != null) {
            response = Dispatcher.refusal(400, "no other protocol can follow a request over HTTP/2");
        }
        var answer = new Answer(stream, response, head.method().equals("HEAD"));
        try {
            answer.write();
        } finally {
            shared.dispatcher().note(head, VERSION, peer, response.status(), answer.sentBytes, began);
        }
        if (!stream.bodyEnded()) {
            stream.reset(ErrorCode.NO_ERROR); // the rest of the request is not wanted (RFC 9113 §8.1)
        }
    }

    /** The body of a request, as it comes. */
    private final class Incoming implements RequestBody {

        private final Http2Stream stream;
        private final BodyRate rate = new BodyRate(loop, options);
        private boolean awaited; // the client sends it when it is told to go on

        Incoming(Http2Stream stream) {
            this.stream = stream;
            this.awaited = stream.request().headers().hasToken("Expect", "100-continue");
        }

        @Override
        public @Nullable ByteBuffer next() throws HttpException {
            if (awaited && !stream.bodyEnded()) {
                awaited = false;
                stream.sendHead(CONTINUE, false);
            }
            ByteBuffer piece = stream.bodyEnded() ? null : rate.await(stream::readContent);
            if (piece != null) {
                rate.came(piece);
            }
            return piece;
        }

        @Override
        public long announcedBytes() {
            return stream.announcedBytes();
        }

        @Override
        public int maxBytes() {
            return options.bodyBytes();
        }
    }

    /** The answer to one request. */
    private final class Answer {

        private final Http2Stream stream;
        private final Response response;
        private final boolean toHead;
        private long sentBytes;

        Answer(Http2Stream stream, Response response, boolean toHead) {
            this.stream = stream;
            this.response = response;
            this.toHead = toHead;
        }

        void write() throws IOException {
            Headers headers = shared.date().addTo(response.headers());
            boolean bodiless = new ResponseHead(response.status(), "", true, headers).hasNoBody(false);
            Body body = bodiless ? Body.EMPTY : response.body();
            if (!bodiless && body.length() >= 0) {
                headers = headers.with("Content-Length", Long.toString(body.length()));
            }
            boolean none = toHead || body.length() == 0;
            var head = new ResponseHead(response.status(), "", true, headers);
            limited(() -> stream.sendHead(head, none));
            if (none) {
                return;
            }
            try {
                ByteBuffer whole = body.whole();
                if (whole != null) {
                    send(whole, true);
                } else {
                    BodyWriter.write(body, piece -> send(piece, false));
                    limited(stream::end);
                }
            } catch (HttpException clientGone) {
                throw clientGone;
            } catch (Exception e) {
                shared.dispatcher()
                        .report(
                                "the body of the response to "
                                        + stream.request().target() + " failed",
                                e);
                stream.reset(ErrorCode.INTERNAL_ERROR);
            }
        }

        private void send(ByteBuffer content, boolean end) throws HttpException {
            while (content.hasRemaining()) {
                ByteBuffer piece = Pieces.take(content);
                sentBytes += piece.remaining();
                boolean last = end && !content.hasRemaining();
                limited(() -> stream.write(piece, last));
            }
        }

        private interface Write {
            void run() throws HttpException;
        }

        private void limited(Write write) throws HttpException {
            if (options.writeTime().isZero()) {
                write.run();
                return;
            }
            try {
                Asyncio.timeout(options.writeTime(), () -> {
                    write.run();
                    return true;
                });
            } catch (AsyncTimeoutException tooSlow) {
                stream.reset(ErrorCode.CANCEL);
                throw new WriteTimeoutException("the client took nothing for " + options.writeTime());
            }
        }
    }

    @Override
    public String toString() {
        return "HTTP/2 connection from " + peer.remote();
    }
}
