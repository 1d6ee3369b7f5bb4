package dev.rondo.http.client;

import dev.rondo.Asyncio;
import dev.rondo.http.ConnectFailedException;
import dev.rondo.http.ConnectTimeoutException;
import dev.rondo.http.ConnectionClosedException;
import dev.rondo.http.HttpException;
import dev.rondo.http.ReadTimeoutException;
import dev.rondo.http.TruncatedBodyException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The events that a server sends as they happen ({@code text/event-stream}); where the connection ends it comes again,
 * and tells the server the last event it has seen. In browsers: {@code EventSource}; aiohttp has none.
 *
 * <pre>{@code
 * try (var events = session.eventSource("https://example.org/prices")) {
 *     for (ServerSentEvent event; (event = events.next()) != null; ) {
 *         print(event.type(), event.data());
 *     }
 * }
 * }</pre>
 *
 * <p>For the coroutines of the session's loop, one at a time.
 */
public final class EventSource implements AutoCloseable {

    /** An event may be so large, in bytes; one that is larger is a {@code TooLargeException}. */
    public static final int MAX_EVENT_BYTES = 1024 * 1024;

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(3);
    private static final Duration MAX_PAUSE = Duration.ofMinutes(1);

    private final ClientSession session;
    private final ClientRequest request;
    private final ByteBuffer piece = ByteBuffer.allocate(16 * 1024);
    private EventStreamParser parser = new EventStreamParser("", MAX_EVENT_BYTES);
    private @Nullable ClientResponse response; // null while not connected
    private Duration pause = FIRST_PAUSE; // the server's word, or ours
    private int failures; // since the last event
    private boolean begun;
    private boolean ended;

    EventSource(ClientSession session, ClientRequest request) {
        this.session = session;
        this.request = request;
    }

    /**
     * Returns the next event. Suspends while there is none, and connects where that is needed: at once for the first
     * time, then after the pause the server asked for, else 3 seconds, doubled with each failure, up to a minute. A
     * cancel closes the connection; the next call opens another.
     *
     * @return null if the server has said that there is no more (204), or this has been closed
     * @throws dev.rondo.http.StatusException if it answers with another status than 200
     * @throws HttpException if what it answers is no stream of events; or if there is no connection the first time
     */
    public @Nullable ServerSentEvent next() throws HttpException {
        while (!ended) {
            ServerSentEvent event = parser.poll();
            if (event != null) {
                failures = 0;
                return event;
            }
            try {
                if (response == null) {
                    connect();
                } else if (!readPiece(response)) {
                    disconnect();
                }
            } catch (HttpException failure) {
                disconnect();
                if (!begun || !passing(failure)) {
                    throw failure;
                }
            }
        }
        return null;
    }

    private static boolean passing(HttpException failure) {
        return failure instanceof ConnectFailedException
                || failure instanceof ConnectTimeoutException
                || failure instanceof ConnectionClosedException
                || failure instanceof ReadTimeoutException
                || failure instanceof TruncatedBodyException;
    }

    private void connect() throws HttpException {
        if (begun) {
            Asyncio.sleep(nextPause());
        }
        String lastId = parser.lastId();
        ClientResponse answer =
                session.request(lastId.isEmpty() ? request : request.withHeader("Last-Event-ID", lastId));
        if (answer.status() == 204) {
            answer.close();
            ended = true;
        } else if (answer.status() != 200) {
            throw answer.failure();
        } else if (!answer.contentType().equals("text/event-stream")) {
            answer.close();
            throw new HttpException(answer + ": " + answer.contentType() + " is no text/event-stream");
        } else {
            answer.content().liftLimits();
            response = answer;
            begun = true;
            parser = new EventStreamParser(lastId, MAX_EVENT_BYTES); // half an event is none
        }
    }

    private Duration nextPause() {
        Duration doubled = pause.multipliedBy(1L << Math.min(failures++, 10));
        return doubled.compareTo(MAX_PAUSE) > 0 ? MAX_PAUSE : doubled;
    }

    private boolean readPiece(ClientResponse from) throws HttpException {
        boolean read = false;
        try {
            int count = from.content().read(piece.clear());
            if (count >= 0) {
                parser.feed(piece.flip());
            }
            if (parser.retryMillis() >= 0) {
                Duration wanted = Duration.ofMillis(parser.retryMillis());
                pause = wanted.compareTo(MAX_PAUSE) > 0 ? MAX_PAUSE : wanted;
            }
            read = true;
            return count >= 0;
        } finally {
            if (!read) {
                disconnect();
            }
        }
    }

    private void disconnect() {
        ClientResponse last = response;
        response = null;
        if (last != null) {
            last.close();
        }
    }

    /** Closes the connection; what has come and not been taken is dropped. Never suspends; idempotent. */
    @Override
    public void close() {
        ended = true;
        disconnect();
    }
}
