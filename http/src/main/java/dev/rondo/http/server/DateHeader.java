package dev.rondo.http.server;

import dev.rondo.EventLoop;
import dev.rondo.http.Headers;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The Date of responses, made once a second. One for a server. */
final class DateHeader {

    private static final DateTimeFormatter FORMAT =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT);

    private final EventLoop loop;
    private long second = Long.MIN_VALUE;
    private String text = "";

    DateHeader(EventLoop loop) {
        this.loop = loop;
    }

    /** Returns the headers with a Date, theirs if they have one. */
    Headers addTo(Headers headers) {
        return headers.contains("Date") ? headers : headers.with("Date", now());
    }

    private String now() {
        var instant = loop.instant();
        if (instant.getEpochSecond() != second) {
            second = instant.getEpochSecond();
            text = FORMAT.format(instant.atOffset(ZoneOffset.UTC));
        }
        return text;
    }
}
