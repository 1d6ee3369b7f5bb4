package dev.rondo.http.server;

import dev.rondo.EventLoop;
import dev.rondo.http.Headers;
import dev.rondo.http.encoding.HttpDate;

/** The Date of responses, made once a second. One for a server. */
final class DateHeader {

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
            text = HttpDate.format(instant);
        }
        return text;
    }
}
