package dev.rondo.http.server;

import dev.rondo.AsyncLock;
import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import dev.rondo.Hold;
import dev.rondo.Task;
import dev.rondo.http.Body;
import dev.rondo.http.HttpException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;

/**
 * Sends server-sent events to one client: {@link Response#events}. Coroutines may send in turn; each waits while the
 * client does not take what was sent.
 */
public final class EventSender {

    /** What proxies let pass in silence is half a minute, some. */
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(15);

    /** Sends the events of one client. */
    @FunctionalInterface
    public interface Sending {
        /** Sends them, and may suspend; the answer ends with it. Cancelled when the client is found to be gone. */
        void run(EventSender events) throws Exception;
    }

    private final Body.Sink out;
    private final AsyncLock turn = new AsyncLock();
    private final EventLoop loop = Asyncio.getRunningLoop();
    private Duration lastSent = loop.time();

    private EventSender(Body.Sink out) {
        this.out = out;
    }

    static void run(Sending sending, Body.Sink out) throws Exception {
        var events = new EventSender(out);
        Task<?, ?> sender = Objects.requireNonNull(Asyncio.currentTask());
        Task<?, ?> keepAlive = Asyncio.createTask(() -> events.keepAlive(sender));
        try {
            sending.run(events);
        } finally {
            try (Hold _ = events.turn.hold()) { // not in the middle of a comment
                keepAlive.cancel();
            }
        }
    }

    private void keepAlive(Task<?, ?> sender) {
        try {
            while (true) {
                Duration silence = loop.time().minus(lastSent);
                if (silence.compareTo(KEEP_ALIVE) < 0) {
                    Asyncio.sleep(KEEP_ALIVE.minus(silence));
                } else {
                    write(":\n\n");
                }
            }
        } catch (HttpException gone) {
            sender.cancel();
        }
    }

    /** Sends an event of type {@code message}. Suspends. Throws if the client is gone. */
    public void send(String data) throws HttpException {
        write(lines("data", data) + "\n");
    }

    /** Sends an event of a type. Suspends. Throws if the client is gone. */
    public void send(String type, String data) throws HttpException {
        write(line("event", type) + lines("data", data) + "\n");
    }

    /**
     * Sends an event of a type, with an id, which the client tells when it comes back: header {@code Last-Event-ID}.
     * Suspends. Throws if the client is gone.
     */
    public void send(String type, String data, String id) throws HttpException {
        if (id.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a client ignores an id with a NUL");
        }
        write(line("event", type) + line("id", id) + lines("data", data) + "\n");
    }

    /** Tells the client how long to wait before it comes back. Suspends. Throws if the client is gone. */
    public void retry(Duration pause) throws HttpException {
        write("retry: " + pause.toMillis() + "\n\n");
    }

    private void write(String text) throws HttpException {
        try (Hold _ = turn.hold()) {
            out.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
            lastSent = loop.time();
        }
    }

    private static String line(String field, String value) {
        if (value.indexOf('\n') >= 0 || value.indexOf('\r') >= 0) {
            throw new IllegalArgumentException("the " + field + " of an event is one line: \"" + value + "\"");
        }
        return field + ": " + value + "\n";
    }

    private static String lines(String field, String value) {
        var lines = new StringBuilder(value.length() + 16);
        for (String each : value.split("\r\n|\r|\n", -1)) {
            lines.append(field).append(": ").append(each).append('\n');
        }
        return lines.toString();
    }
}
