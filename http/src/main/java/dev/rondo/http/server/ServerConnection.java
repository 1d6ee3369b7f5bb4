package dev.rondo.http.server;

import dev.rondo.AsyncTimeoutException;
import dev.rondo.Asyncio;
import dev.rondo.Coroutine;
import dev.rondo.EventLoop;
import dev.rondo.ExceptionContext;
import dev.rondo.http.Body;
import dev.rondo.http.HttpException;
import dev.rondo.http.MalformedMessageException;
import dev.rondo.http.TooLargeException;
import dev.rondo.http.h1.BodyWriter;
import dev.rondo.http.h1.BufferPool;
import dev.rondo.http.h1.HeadLimits;
import dev.rondo.http.h1.Http1Connection;
import dev.rondo.http.h1.MessageWriter;
import dev.rondo.http.h1.RequestHead;
import dev.rondo.http.h1.RequestParser;
import dev.rondo.http.h1.ResponseHead;
import dev.rondo.net.ByteStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One connection of a server: a method for each phase of a request. */
final class ServerConnection {

    // How long, and for how much, to listen to a client whose request has been refused; nginx: 5 s of silence, 30 s in
    // all.
    private static final Duration LINGER = Duration.ofSeconds(2);
    private static final long LINGER_BYTES = 64L * 1024 * 1024;

    private final EventLoop loop;
    private final Handler handler;
    private final ServerOptions options;
    private final Http1Connection<RequestHead> http;
    private final MessageWriter writer = new MessageWriter();

    ServerConnection(EventLoop loop, ByteStream stream, Handler handler, ServerOptions options, BufferPool buffers) {
        this.loop = loop;
        this.handler = handler;
        this.options = options;
        this.http = new Http1Connection<>(
                stream, new RequestParser(new HeadLimits(options.headerBytes(), options.headerCount())), buffers);
    }

    /** Serves requests until client or server want no more. */
    void run() {
        try (http) {
            boolean goOn = true;
            while (goOn) {
                goOn = serveOne();
            }
        } catch (HttpException gone) {
            // The client hung up or was too slow: nobody is left to be told.
        }
    }

    /** Serves one request; returns whether another may follow. */
    private boolean serveOne() throws HttpException {
        Incoming incoming = readRequest();
        if (incoming.refusal() != null) {
            refuse(incoming.head(), incoming.refusal());
            return false;
        }
        Request request = incoming.request();
        if (request == null) {
            return false; // no request came: the client has closed the connection, or has been idle for too long
        }
        Response response = dispatch(request);
        boolean keepAlive = http.finish();
        return write(incoming.head(), response, keepAlive);
    }

    // ------------------------------------------------------------------------------------------------- reading

    /** What came: a request, or the refusal of one, or nothing. */
    private record Incoming(
            @Nullable RequestHead head,
            @Nullable Request request,
            @Nullable Response refusal) {}

    private Incoming readRequest() throws HttpException {
        RequestHead[] head = new RequestHead[1];
        try {
            if (!within(options.keepAlive(), http::awaitMessage)) {
                return new Incoming(null, null, null);
            }
            return within(options.requestTime(), () -> {
                head[0] = http.readHead();
                return new Incoming(
                        head[0],
                        new Request(head[0].method(), head[0].target(), head[0].headers(), readBody(head[0])),
                        null);
            });
        } catch (AsyncTimeoutException tooSlow) {
            return new Incoming(
                    head[0], null, http.bytesRead() == 0 ? null : refusal(408, "the request took too long to come in"));
        } catch (TooLargeException e) {
            return new Incoming(head[0], null, refusal(head[0] == null ? 431 : 413, e.getMessage()));
        } catch (MalformedMessageException e) {
            return new Incoming(head[0], null, refusal(400, e.getMessage()));
        }
    }

    private static <T> T within(Duration limit, Coroutine<T, HttpException> body) throws HttpException {
        return limit.isZero() ? body.run() : Asyncio.timeout(limit, body);
    }

    private byte[] readBody(RequestHead head) throws HttpException {
        if (http.bodyEnded()) {
            return new byte[0];
        }
        if (http.announcedBytes() > options.bodyBytes()) {
            throw tooLarge();
        }
        if (head.http11() && head.headers().hasToken("Expect", "100-continue")) {
            http.write(ByteBuffer.wrap("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
        }
        var body = new ByteArrayOutputStream();
        for (ByteBuffer piece; (piece = http.readContent()) != null; ) {
            if (body.size() + piece.remaining() > options.bodyBytes()) {
                throw tooLarge();
            }
            var bytes = new byte[piece.remaining()];
            piece.get(bytes);
            body.writeBytes(bytes);
        }
        return body.toByteArray();
    }

    private TooLargeException tooLarge() {
        return new TooLargeException("a body of more than " + options.bodyBytes() + " bytes");
    }

    private void refuse(@Nullable RequestHead head, Response refusal) throws HttpException {
        write(head, refusal, false);
        try {
            Asyncio.timeout(LINGER, () -> http.linger(LINGER_BYTES));
        } catch (AsyncTimeoutException dawdles) {
            // long enough for the refusal to have been read
        }
    }

    private static Response refusal(int status, @Nullable String reason) {
        return Response.text(reason + "\n").withStatus(status);
    }

    // ------------------------------------------------------------------------------------------------ dispatching

    private Response dispatch(Request request) {
        try {
            Response response = handler.handle(request);
            if (response == null) {
                throw new IllegalStateException("the handler returned null");
            }
            return response;
        } catch (Exception e) {
            report("the handler of " + request + " failed", e);
            return Response.text("500 Internal Server Error\n").withStatus(500);
        }
    }

    private void report(String message, Exception failure) {
        loop.callExceptionHandler(new ExceptionContext(message, failure, Map.of()));
    }

    // ---------------------------------------------------------------------------------------------------- writing

    /** Writes a response; returns whether another request may follow. */
    private boolean write(@Nullable RequestHead asked, Response response, boolean keepAlive) throws HttpException {
        boolean toHead = asked != null && asked.method().equals("HEAD");
        boolean http11 = asked == null || asked.http11();
        var head = new ResponseHead(response.status(), "", http11, response.headers());
        Body body = head.hasNoBody(false) ? Body.EMPTY : response.body();
        ByteBuffer whole = body.whole();
        try {
            if (whole != null) {
                http.write(writer.response(head, toHead, keepAlive, whole)); // to HEAD too: for its length
            } else {
                http.write(writer.response(head, toHead, keepAlive, body.length()));
                if (!toHead) {
                    BodyWriter.write(body, this::write);
                    http.write(writer.end());
                }
            }
        } catch (HttpException clientGone) {
            throw clientGone;
        } catch (Exception e) {
            report("the body of the response to " + (asked == null ? "a request" : asked.target()) + " failed", e);
            return false; // the head is sent: only a closed connection can tell now
        }
        return writer.persistent();
    }

    private void write(ByteBuffer piece) throws HttpException {
        try {
            http.write(writer.content(piece));
        } catch (HttpException clientGone) {
            throw clientGone;
        } catch (IOException e) {
            throw new HttpException("cannot write a piece of the body: " + e.getMessage(), e);
        }
    }
}
