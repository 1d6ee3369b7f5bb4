package dev.rondo.http.client;

import dev.rondo.AsyncEvent;
import dev.rondo.Asyncio;
import dev.rondo.CancelledError;
import dev.rondo.Coroutine;
import dev.rondo.Task;
import dev.rondo.http.Body;
import dev.rondo.http.ConnectionClosedException;
import dev.rondo.http.Headers;
import dev.rondo.http.HttpException;
import dev.rondo.http.HttpTimeoutException;
import dev.rondo.http.MalformedMessageException;
import dev.rondo.http.TooLargeException;
import dev.rondo.http.TruncatedBodyException;
import dev.rondo.http.h1.BodyWriter;
import dev.rondo.http.h1.Http1Connection;
import dev.rondo.http.h1.Pieces;
import dev.rondo.http.h1.RequestHead;
import dev.rondo.http.h1.ResponseHead;
import dev.rondo.http.h1.WaitLimit;
import dev.rondo.http.h2.ErrorCode;
import dev.rondo.http.h2.Http2Exception;
import dev.rondo.http.h2.Http2Stream;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One request over HTTP/2. A large body is sent by a task of its own, so that the server may answer while it comes; the
 * task ends with the exchange at the latest.
 */
final class Http2Exchange implements Exchange {

    private static final String VERSION = "HTTP/2";

    /** Interim answers before the real one: servers send one or two; more is an attempt to keep us busy. */
    private static final int MAX_INFORMATIONAL = 16;

    private static final ByteBuffer END = ByteBuffer.allocate(0);

    private final Http2Link link;
    private final boolean reused; // the connection has answered a request before
    private WaitLimit limit = WaitLimit.NONE;
    private @Nullable Http2Stream stream; // once the head is sent
    private @Nullable ResponseHead head; // of the answer
    private long receivedBytes;
    private boolean notProcessed;
    private boolean ended;

    private @Nullable Task<?, ?> sending; // the body
    private boolean sent;
    private @Nullable Throwable sendFailure; // other than that the server did not want it
    private final AsyncEvent progress = new AsyncEvent(); // set as a head is here, the body is sent, or all has failed

    Http2Exchange(Http2Link link, boolean reused) {
        this.link = link;
        this.reused = reused;
    }

    @Override
    public String version() {
        return VERSION;
    }

    // ------------------------------------------------------------------------------------------------ asking

    @Override
    public ResponseHead ask(ClientRequest request, Deadline deadline, Traces traces) throws HttpException {
        limit = deadline;
        Body body = request.body();
        RequestHead asked = headOf(request, body);
        boolean none = body == null || body.length() == 0;
        Http2Stream opened = translated(() -> limit.writing(() -> link.http().openStream(asked, none)));
        stream = opened;
        traces.tell(tracing -> tracing.headersSent(request));
        if (!none) {
            if (request.headers().hasToken("Expect", "100-continue")) {
                ResponseHead word = readHead(opened, deadline, true);
                if (word.status() != 100) {
                    return answered(word);
                }
            }
            send(opened, body, traces);
        }
        return answered(readHead(opened, deadline, false));
    }

    private ResponseHead answered(ResponseHead answer) {
        head = answer;
        return answer;
    }

    private static RequestHead headOf(ClientRequest request, @Nullable Body body) {
        Headers headers = request.headers().without("Content-Length").without("Proxy-Authorization");
        boolean expected = switch (request.method()) {
            case "POST", "PUT", "PATCH" -> true; // RFC 9110 §8.6
            default -> false;
        };
        long length = body != null ? body.length() : expected ? 0 : -1;
        if (length >= 0) {
            headers = headers.with("Content-Length", Long.toString(length));
        }
        return new RequestHead(request.method(), request.url().target(), true, headers);
    }

    /** Reads the answer, or what comes before it, where the server is to say that it wants the body. */
    private ResponseHead readHead(Http2Stream from, Deadline deadline, boolean untilContinue) throws HttpException {
        for (int i = 0; i <= MAX_INFORMATIONAL; i++) {
            awaitHeadOrSent(from, deadline);
            ResponseHead next = translated(() -> limit.within(from::readHead));
            if (!next.informational() || (untilContinue && next.status() == 100)) {
                return next;
            }
        }
        throw new MalformedMessageException(
                "more than " + MAX_INFORMATIONAL + " informational answers and no real one", null);
    }

    /** The server may be silent while it takes the body: only behind that is its silence limited. */
    private void awaitHeadOrSent(Http2Stream from, Deadline deadline) throws HttpException {
        from.onHeadOrFailure(progress::set);
        while (sending != null && !sent && !from.headIsHere() && !from.failed()) {
            progress.clear();
            translated(() -> deadline.withinTotal(() -> {
                progress.await();
                return true;
            }));
        }
    }

    // ------------------------------------------------------------------------------------------------ the body

    private void send(Http2Stream to, @Nullable Body body, Traces traces) throws HttpException {
        if (body == null) {
            return;
        }
        ByteBuffer whole = body.whole();
        if (whole != null && whole.remaining() <= Pieces.BYTES) {
            try {
                write(to, whole, true, traces);
            } catch (Http2Exception unwanted) {
                // the answer says why, or reading it fails in the same way
            }
            return;
        }
        sending = Asyncio.createTask(() -> sendAll(to, body, traces), "body of an HTTP/2 request");
    }

    private void sendAll(Http2Stream to, Body body, Traces traces) {
        try {
            BodyWriter.write(body, piece -> {
                while (piece.hasRemaining()) {
                    write(to, Pieces.take(piece), false, traces);
                }
            });
            write(to, ByteBuffer.allocate(0), true, traces);
        } catch (Http2Exception unwanted) {
            // as above
        } catch (CancelledError cancelled) {
            sendFailure = cancelled; // by discard(), where nobody looks at it; or by the body itself
            throw cancelled;
        } catch (Throwable failure) {
            sendFailure = failure;
        } finally {
            sent = true;
            if (sendFailure != null) {
                to.reset(ErrorCode.CANCEL);
            }
            progress.set();
        }
    }

    private void write(Http2Stream to, ByteBuffer piece, boolean last, Traces traces) throws HttpException {
        ByteBuffer view = traces.any() ? piece.asReadOnlyBuffer() : piece;
        try {
            limit.writing(() -> {
                to.write(piece, last);
                return true;
            });
        } catch (HttpException failure) {
            if (failure instanceof HttpTimeoutException) {
                link.doubt();
            }
            throw failure;
        } catch (IOException broken) {
            throw new ConnectionClosedException("connection broke while sending: " + broken.getMessage(), broken);
        }
        if (traces.any() && view.hasRemaining()) {
            traces.tell(tracing -> tracing.sent(view.duplicate()));
        }
    }

    // ------------------------------------------------------------------------------------------------ the answer

    private Http2Stream stream() {
        if (stream == null) {
            throw new IllegalStateException("nothing has been asked");
        }
        return stream;
    }

    @Override
    public long announcedBytes() {
        return stream().announcedBytes();
    }

    @Override
    public boolean bodyEnded() {
        return stream().bodyEnded();
    }

    @Override
    public @Nullable ByteBuffer readContent() throws HttpException {
        Http2Stream from = stream();
        ByteBuffer piece = translated(() -> limit.within(() -> {
            ByteBuffer read = from.readContent();
            return read == null ? END : read;
        }));
        receivedBytes += piece.remaining();
        return piece == END ? null : piece;
    }

    @Override
    public boolean drain(int maxBytes) {
        return bodyEnded(); // what is not read costs no connection
    }

    @Override
    public Http1Connection.Detached detach() {
        throw new IllegalStateException("HTTP/2 knows no status 101");
    }

    // ------------------------------------------------------------------------------------------------ failures

    private <T> T translated(Coroutine<T, IOException> step) throws HttpException {
        try {
            return step.run();
        } catch (Http2Exception failed) {
            throw translated(failed);
        } catch (HttpTimeoutException tooSlow) {
            link.doubt();
            throw tooSlow;
        } catch (HttpException failed) {
            throw failed;
        } catch (IOException broken) {
            throw new ConnectionClosedException("connection broke: " + broken.getMessage(), broken);
        }
    }

    /** Returns what HTTP/1.1 would have thrown. */
    private HttpException translated(Http2Exception failed) {
        switch (sendFailure) {
            case null -> {}
            case HttpException own -> {
                return own;
            }
            case RuntimeException own -> throw own;
            case Throwable own -> {
                return new HttpException("the body of the request could not be made: " + own.getMessage(), own);
            }
        }
        notProcessed = failed.notProcessed();
        if (failed.code() == ErrorCode.REFUSED_STREAM && notProcessed) {
            link.refused();
        }
        String message = "HTTP/2: " + failed.getMessage();
        if (ended) {
            return new ConnectionClosedException("this side closed the message while it was being read", failed);
        }
        if (failed.code() == ErrorCode.HTTP_1_1_REQUIRED && !failed.peersFault()) {
            link.requireHttp1();
            notProcessed = true;
        }
        if (failed.peersFault() && head == null && isOfSize(failed)) {
            return new TooLargeException(message + ": raise Limits.headerBytes or headerCount if that is wanted");
        }
        if (failed.peersFault() && failed.code() != ErrorCode.SETTINGS_TIMEOUT) {
            return new MalformedMessageException(message, failed);
        }
        return head == null
                ? new ConnectionClosedException(message, failed)
                : new TruncatedBodyException(announcedBytes(), receivedBytes, failed);
    }

    /** Returns whether a head was too large (which ends the connection), or had too many fields (which does not). */
    private boolean isOfSize(Http2Exception failed) {
        return failed.code() == ErrorCode.REFUSED_STREAM
                || (failed.code() == ErrorCode.ENHANCE_YOUR_CALM && link.http().isOpen());
    }

    @Override
    public boolean notProcessed() {
        return notProcessed;
    }

    @Override
    public boolean leftBehind() {
        return notProcessed && link.leftWithAnswers();
    }

    @Override
    public boolean wentStale() {
        return reused && head == null && !link.http().isOpen();
    }

    // ------------------------------------------------------------------------------------------------ its end

    @Override
    public void finish() {
        discard();
    }

    /** Resets the stream, unless both sides have ended it; the connection stays. */
    @Override
    public void discard() {
        if (ended) {
            return;
        }
        ended = true;
        if (sending != null) {
            sending.cancel();
        }
        if (stream != null) {
            stream.reset(ErrorCode.CANCEL);
        }
        link.end(head != null);
    }
}
