package dev.rondo.http.client;

import dev.rondo.http.TooLargeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Finds the events in a stream of bytes, however it is cut (HTML Standard §9.2.6). One for each connection. */
final class EventStreamParser {

    private static final int MAX_DIGITS = 9; // of milliseconds: eleven days, and no overflow

    private final int maxEventBytes;
    private final ArrayDeque<ServerSentEvent> events = new ArrayDeque<>(); // of one piece fed
    private byte[] line = new byte[256];
    private int lineBytes;
    private boolean afterReturn; // a line feed that comes now belongs to it
    private boolean firstLine = true;

    private final StringBuilder data = new StringBuilder();
    private String type = "";
    private String id; // of the event that is being read
    private String lastId; // of what has been read whole: what a reconnect tells the server
    private long retryMillis = -1;

    EventStreamParser(String lastId, int maxEventBytes) {
        this.id = lastId;
        this.lastId = lastId;
        this.maxEventBytes = maxEventBytes;
    }

    /** Takes all of a piece. */
    void feed(ByteBuffer piece) throws TooLargeException {
        while (piece.hasRemaining()) {
            byte b = piece.get();
            boolean secondHalf = afterReturn && b == '\n';
            afterReturn = b == '\r';
            if (b == '\r' || (b == '\n' && !secondHalf)) {
                endLine();
            } else if (!secondHalf) {
                add(b);
            }
        }
    }

    private void add(byte b) throws TooLargeException {
        if (lineBytes + data.length() >= maxEventBytes) {
            throw new TooLargeException("an event of more than " + maxEventBytes + " bytes");
        }
        if (lineBytes == line.length) {
            line = Arrays.copyOf(line, line.length * 2);
        }
        line[lineBytes++] = b;
    }

    private void endLine() {
        String text = new String(line, 0, lineBytes, StandardCharsets.UTF_8);
        lineBytes = 0;
        if (firstLine && text.startsWith("\uFEFF")) {
            text = text.substring(1);
        }
        firstLine = false;
        if (text.isEmpty()) {
            endEvent();
            return;
        }
        int colon = text.indexOf(':');
        String field = colon < 0 ? text : text.substring(0, colon);
        String value = colon < 0 ? "" : text.substring(colon + 1);
        take(field, value.startsWith(" ") ? value.substring(1) : value);
    }

    private void take(String field, String value) {
        switch (field) {
            case "data" -> data.append(value).append('\n');
            case "event" -> type = value;
            case "id" -> id = value.indexOf('\0') < 0 ? value : id;
            case "retry" -> {
                boolean digits = !value.isEmpty() && value.chars().allMatch(c -> c >= '0' && c <= '9');
                if (digits) {
                    retryMillis = value.length() > MAX_DIGITS ? Integer.MAX_VALUE : Long.parseLong(value);
                }
            }
            default -> {} // a comment, or what a later standard may bring
        }
    }

    private void endEvent() {
        lastId = id;
        if (!data.isEmpty()) {
            data.setLength(data.length() - 1);
            events.add(new ServerSentEvent(type.isEmpty() ? "message" : type, data.toString(), id));
        }
        data.setLength(0);
        type = "";
    }

    /** Returns the next event of what has been fed, or null. */
    @Nullable ServerSentEvent poll() {
        return events.poll();
    }

    String lastId() {
        return lastId;
    }

    /** Returns how long the server wants a client to wait before it comes again, or -1. */
    long retryMillis() {
        return retryMillis;
    }
}
