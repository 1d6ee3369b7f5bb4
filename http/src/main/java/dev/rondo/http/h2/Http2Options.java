package dev.rondo.http.h2;

import java.time.Duration;

/**
 * What a peer may ask of an HTTP/2 connection, and how much is read ahead.
 *
 * @param headerListBytes of one head, as HPACK counts: names, values and 32 for each field. 64 KiB by default
 * @param headerCount of fields in one head; 128 by default
 * @param tableBytes of the table that HPACK keeps for the peer; 4096 by default
 * @param maxStreams at a time. In a server a stream counts until its coroutine has ended, whether it was reset or not.
 *     100 by default
 * @param streamWindow how many bytes of a body may wait here unread; 1 MiB in a client, 256 KiB in a server
 * @param connectionWindow the same for all bodies of a connection together; 32 MiB in a client, 8 MiB in a server
 * @param queuedAnswers how many answers to SETTINGS, PING and errors may wait for a peer that does not read; 1000 by
 *     default
 * @param eventsPerSecond how often a peer may do what costs it little: settings, pings, resets, empty frames, frames of
 *     unknown kinds and errors together. 200 by default
 * @param settingsTime how long the peer may take to acknowledge our settings; 10 seconds by default
 */
public record Http2Options(
        int headerListBytes,
        int headerCount,
        int tableBytes,
        int maxStreams,
        int streamWindow,
        int connectionWindow,
        int queuedAnswers,
        int eventsPerSecond,
        Duration settingsTime) {

    private static final int LEAST_CONNECTION_WINDOW = 65_535; // what it begins with; it can only be raised

    /** The limits named above for a client. */
    public static final Http2Options CLIENT = new Http2Options(
            64 * 1024, 128, 4096, 100, 1024 * 1024, 32 * 1024 * 1024, 1000, 200, Duration.ofSeconds(10));

    /** The limits named above for a server. */
    public static final Http2Options SERVER =
            new Http2Options(64 * 1024, 128, 4096, 100, 256 * 1024, 8 * 1024 * 1024, 1000, 200, Duration.ofSeconds(10));

    /** Checks that they can be kept. */
    public Http2Options {
        ensureAtLeast(256, headerListBytes, "headerListBytes");
        ensureAtLeast(1, headerCount, "headerCount");
        ensureAtLeast(0, tableBytes, "tableBytes");
        ensureAtLeast(1, maxStreams, "maxStreams");
        ensureAtLeast(1, streamWindow, "streamWindow");
        ensureAtLeast(LEAST_CONNECTION_WINDOW, connectionWindow, "connectionWindow");
        ensureAtLeast(1, queuedAnswers, "queuedAnswers");
        ensureAtLeast(1, eventsPerSecond, "eventsPerSecond");
        if (!settingsTime.isPositive()) {
            throw new IllegalArgumentException("settingsTime must be positive, not " + settingsTime);
        }
    }

    private static void ensureAtLeast(int least, int value, String name) {
        if (value < least) {
            throw new IllegalArgumentException(name + " must be at least " + least + ", not " + value);
        }
    }

    /** Returns a copy with other windows, in bytes. */
    public Http2Options withWindows(int stream, int connection) {
        return new Http2Options(
                headerListBytes,
                headerCount,
                tableBytes,
                maxStreams,
                stream,
                connection,
                queuedAnswers,
                eventsPerSecond,
                settingsTime);
    }

    /** Returns a copy with another limit on concurrent streams. */
    public Http2Options withMaxStreams(int streams) {
        return new Http2Options(
                headerListBytes,
                headerCount,
                tableBytes,
                streams,
                streamWindow,
                connectionWindow,
                queuedAnswers,
                eventsPerSecond,
                settingsTime);
    }

    /** Returns a copy with other limits on a head. */
    public Http2Options withHeaders(int listBytes, int count) {
        return new Http2Options(
                listBytes,
                count,
                tableBytes,
                maxStreams,
                streamWindow,
                connectionWindow,
                queuedAnswers,
                eventsPerSecond,
                settingsTime);
    }

    /** Returns a copy with other limits on floods. */
    public Http2Options withFloodLimits(int answers, int events) {
        return new Http2Options(
                headerListBytes,
                headerCount,
                tableBytes,
                maxStreams,
                streamWindow,
                connectionWindow,
                answers,
                events,
                settingsTime);
    }
}
