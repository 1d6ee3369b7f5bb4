package dev.rondo.http.h1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.http.HttpException;
import dev.rondo.http.h1.MessageParser.Event;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Drives a parser over bytes cut into slices, and notes what it finds: one line per event, pieces of a body put
 * together.
 */
final class Events {

    private final MessageParser<?> parser;
    private final List<String> log = new ArrayList<>();
    private final StringBuilder body = new StringBuilder();
    private boolean closing; // whatever follows is not looked at

    private Events(MessageParser<?> parser) {
        this.parser = parser;
    }

    /** Parses all messages of {@code wire}, which then ends. */
    static List<String> of(MessageParser<?> parser, String wire, int sliceBytes) {
        var events = new Events(parser);
        try {
            events.parse(wire.getBytes(StandardCharsets.ISO_8859_1), sliceBytes);
        } catch (HttpException e) {
            events.log.add(e.getClass().getSimpleName() + ": " + e.getMessage());
        }
        return events.log;
    }

    private void parse(byte[] wire, int sliceBytes) throws HttpException {
        boolean midMessage = false;
        ByteBuffer buffer = ByteBuffer.allocateDirect(Math.max(sliceBytes, 1)).limit(0); // one buffer, used again
        int next = 0;
        for (; ; ) {
            if (closing) {
                return;
            }
            if (!midMessage && !buffer.hasRemaining() && next == wire.length) {
                return;
            }
            Event event = parser.next(buffer);
            if (event == Event.NEED_BYTES && next == wire.length) {
                event = parser.endOfInput();
                assertThat(event).isNotEqualTo(Event.NEED_BYTES);
            }
            if (event == Event.NEED_BYTES) {
                int count = Math.min(sliceBytes, wire.length - next);
                buffer.clear().put(wire, next, count).flip();
                next += count;
                midMessage = true;
            } else {
                midMessage = note(event);
            }
        }
    }

    /** Notes an event; returns whether the message goes on. */
    private boolean note(Event event) {
        switch (event) {
            case HEAD -> log.add(describe(parser.head()));
            case CONTENT -> body.append(StandardCharsets.ISO_8859_1.decode(parser.content()));
            default -> {
                log.add("END " + (parser.persistent() ? "keep" : "close") + " [" + body + "]");
                body.setLength(0);
                closing = !parser.persistent();
                parser.reset();
                return false;
            }
        }
        return true;
    }

    private static String describe(Object head) {
        return switch (head) {
            case ResponseHead r ->
                "HEAD " + r.status() + " " + r.reason() + (r.http11() ? "" : " (1.0)") + " "
                        + r.headers().toString().strip().replace("\n", "; ");
            case RequestHead r ->
                "HEAD " + r.method() + " " + r.target() + (r.http11() ? "" : " (1.0)") + " "
                        + r.headers().toString().strip().replace("\n", "; ");
            default -> throw new AssertionError(head);
        };
    }
}
