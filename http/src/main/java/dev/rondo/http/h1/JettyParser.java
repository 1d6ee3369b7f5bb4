package dev.rondo.http.h1;

import dev.rondo.http.ConnectionClosedException;
import dev.rondo.http.Headers;
import dev.rondo.http.HttpException;
import dev.rondo.http.MalformedMessageException;
import dev.rondo.http.TooLargeException;
import dev.rondo.http.TruncatedBodyException;
import java.io.EOFException;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/**
 * What {@link RequestParser} and {@link ResponseParser} share: Jetty's push parser, made to give one event at a time.
 *
 * <p>Jetty calls a handler, and returns at once when the handler says true. So each call below that is an event notes
 * it and says true. Then Jetty must be called again, with an empty buffer if need be, for it also moves on without
 * bytes.
 */
abstract class JettyParser<H> implements MessageParser<H>, HttpParser.HttpHandler {

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final HeadLimits limits;

    // Of the present message.
    private Headers.Builder fields = Headers.builder();
    private @Nullable H head;
    private Headers headers = Headers.EMPTY;
    private boolean http11;

    // From Jetty's callbacks to next().
    private @Nullable Event event;
    private @Nullable ByteBuffer content;
    private @Nullable Throwable failure;
    private @Nullable String refusal; // in our own words
    private boolean tooLarge; // the refusal is about a size
    private boolean inputEnded;

    JettyParser(HeadLimits limits) {
        this.limits = limits;
    }

    abstract HttpParser jetty();

    /** Makes the head out of the first line, which the subclass has noted, and the fields. */
    abstract H makeHead(boolean isHttp11, Headers headers);

    // ------------------------------------------------------------------------------------------ MessageParser

    @Override
    public Event next(ByteBuffer in) throws HttpException {
        for (; ; ) {
            int before = in.remaining();
            boolean handled = parse(in);
            if (event != null) {
                return take();
            }
            if (!handled && !in.hasRemaining()) {
                return Event.NEED_BYTES;
            }
            if (!handled && in.remaining() == before) {
                throw new IllegalStateException("the message is complete: reset() before the next one");
            }
        }
    }

    @Override
    public Event endOfInput() throws HttpException {
        inputEnded = true;
        jetty().atEOF();
        parse(NOTHING);
        return event != null ? take() : Event.NEED_BYTES;
    }

    private boolean parse(ByteBuffer in) throws HttpException {
        boolean handled = false;
        if (failure == null) {
            try {
                handled = jetty().parseNext(in);
            } catch (AssertionError jettys) {
                // With assertions on, Jetty's exceptions refuse the status (-1) that its parser gives to bad responses.
                failure = jettys;
            }
        }
        if (failure != null) {
            throw failed(failure);
        }
        return handled;
    }

    private Event take() {
        Event taken = event;
        event = null;
        if (taken == null) {
            throw new IllegalStateException("no event");
        }
        return taken;
    }

    private HttpException failed(Throwable cause) {
        if (inputEnded) {
            return head == null
                    ? new ConnectionClosedException(closedIn(jetty().getHeaderLength()), null)
                    : new TruncatedBodyException(announcedBytes(), receivedBytes(), null);
        }
        if (fields.size() > limits.fields()) {
            return new TooLargeException("more than " + limits.fields() + " header fields");
        }
        if (tooLarge && refusal != null) {
            return new TooLargeException(refusal);
        }
        if (jetty().getHeaderLength() > limits.bytes()) {
            return new TooLargeException("headers of more than " + limits.bytes() + " bytes");
        }
        return new MalformedMessageException(
                "not HTTP/1.1" + (head == null ? "" : " in the body's framing") + ": " + reason(cause), cause);
    }

    /** Jetty's words, where they tell people something. */
    private String reason(Throwable cause) {
        if (refusal != null) {
            return refusal;
        }
        String jettys = cause instanceof org.eclipse.jetty.http.HttpException bad ? bad.getReason() : null;
        if (jettys == null) {
            return head == null ? "it cannot be parsed" : "bad chunk size"; // the only number there that may overflow
        } else if (!jettys.startsWith("Illegal character")) {
            return jettys;
        } else if (head != null) {
            return "an illegal character between the chunks";
        }
        return (jettys.contains("CNTL") ? "a control character" : "an illegal character") + " in the headers";
    }

    private static String closedIn(int headBytes) {
        return headBytes == 0
                ? "connection closed before any answer"
                : "connection closed in the middle of the headers";
    }

    @Override
    public H head() {
        if (head == null) {
            throw new IllegalStateException("no head yet");
        }
        return head;
    }

    @Override
    public ByteBuffer content() {
        if (content == null) {
            throw new IllegalStateException("no content yet");
        }
        return content;
    }

    @Override
    public long announcedBytes() {
        return jetty().isChunking() ? -1 : jetty().getContentLength();
    }

    @Override
    public long receivedBytes() {
        return jetty().getContentRead();
    }

    @Override
    public boolean persistent() {
        // RFC 9112 §6.1: a length beside a coding may be an attempt at smuggling; nothing may follow.
        boolean ambiguous = headers.contains("Content-Length") && headers.contains("Transfer-Encoding");
        return !ambiguous
                && !jetty().isTerminated()
                && (http11 ? !headers.hasToken("Connection", "close") : headers.hasToken("Connection", "keep-alive"));
    }

    @Override
    public void reset() {
        fields = Headers.builder();
        head = null;
        headers = Headers.EMPTY;
        content = null;
        jetty().reset();
    }

    // ------------------------------------------------------------------------------------- called by Jetty's parser

    void startMessage(HttpVersion version) {
        http11 = version.getVersion() >= HttpVersion.HTTP_1_1.getVersion();
    }

    @Override
    public void parsedHeader(HttpField field) {
        String value = field.getValue();
        fields.add(field.getName(), value == null ? "" : value);
        if (value != null && field.getName().length() + value.length() > limits.fieldBytes()) {
            throw tooLarge("a header field of more than " + limits.fieldBytes() + " bytes");
        }
        if (fields.size() > limits.fields()) {
            throw refused("too many header fields");
        }
    }

    @Override
    public boolean headerComplete() {
        headers = fields.build();
        head = makeHead(http11, headers);
        return found(Event.HEAD);
    }

    @Override
    public boolean content(ByteBuffer bytes) {
        content = bytes;
        return found(Event.CONTENT);
    }

    @Override
    public boolean contentComplete() {
        return false; // the end of the message follows at once, or behind trailers that nobody asked for
    }

    @Override
    public boolean messageComplete() {
        return found(Event.END);
    }

    /** Returns what a callback throws to end the parsing: Jetty takes it for a bad message. */
    IllegalArgumentException refused(String why) {
        refusal = why;
        return new IllegalArgumentException(why);
    }

    /** The same, for what is larger than a limit. */
    IllegalArgumentException tooLarge(String why) {
        tooLarge = true;
        return refused(why);
    }

    HeadLimits limits() {
        return limits;
    }

    private boolean found(Event found) {
        event = found;
        return true;
    }

    @Override
    public void badMessage(org.eclipse.jetty.http.HttpException bad) {
        if (failure == null) {
            failure = (Throwable) bad;
        }
    }

    @Override
    public void earlyEOF() {
        if (failure == null) {
            failure = new EOFException();
        }
    }

    /** Notes what was wrong: Jetty tells a handler no more than "early EOF" once the head is complete. */
    void noteFailure(org.eclipse.jetty.http.HttpException bad) {
        failure = (Throwable) bad;
    }
}
