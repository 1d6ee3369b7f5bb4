package dev.rondo.http;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The date of Expires, read in whatever form it comes (RFC 6265bis §5.1.1); it is written as {@code HttpDate} does. */
final class CookieDate {

    private static final String MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec";
    private static final Pattern DELIMITERS = Pattern.compile("[\\x09\\x20-\\x2F\\x3B-\\x40\\x5B-\\x60\\x7B-\\x7E]+");
    private static final Pattern TIME = Pattern.compile("(\\d{1,2}):(\\d{1,2}):(\\d{1,2})(?:\\D.*)?");
    private static final Pattern DAY = Pattern.compile("(\\d{1,2})(?:\\D.*)?");
    private static final Pattern YEAR = Pattern.compile("(\\d{2,4})(?:\\D.*)?");

    private CookieDate() {}

    /** Returns the date, or null if it is none: in any order, the first token that can be a time, a day, and so on. */
    static @Nullable Instant parse(String text) {
        Matcher time = null;
        int day = -1;
        int month = -1;
        int year = -1;
        for (String token : DELIMITERS.split(text)) {
            Matcher matcher;
            if (time == null && (matcher = TIME.matcher(token)).matches()) {
                time = matcher;
            } else if (day < 0 && (matcher = DAY.matcher(token)).matches()) {
                day = Integer.parseInt(matcher.group(1));
            } else if (month < 0 && monthOf(token) > 0) {
                month = monthOf(token);
            } else if (year < 0 && (matcher = YEAR.matcher(token)).matches()) {
                year = Integer.parseInt(matcher.group(1));
            }
        }
        if (time == null || day < 0 || month < 0 || year < 0) {
            return null;
        }
        int whole = year >= 100 ? year : year + (year >= 70 ? 1900 : 2000);
        if (whole < 1601) {
            return null;
        }
        try {
            return LocalDateTime.of(whole, month, day, number(time, 1), number(time, 2), number(time, 3))
                    .toInstant(ZoneOffset.UTC);
        } catch (DateTimeException noSuchDate) {
            return null;
        }
    }

    private static int number(Matcher time, int group) {
        return Integer.parseInt(time.group(group));
    }

    /** Returns 1 to 12, or 0 if it does not begin as an English month does. */
    private static int monthOf(String token) {
        int at = token.length() < 3 ? -1 : MONTHS.indexOf(token.substring(0, 3).toLowerCase(Locale.ROOT));
        return at >= 0 && at % 3 == 0 ? at / 3 + 1 : 0;
    }
}
