package dev.rondo.scrape;

import dev.rondo.http.ConnectFailedException;
import dev.rondo.http.ConnectionClosedException;
import dev.rondo.http.HttpException;
import dev.rondo.http.StatusException;
import dev.rondo.http.TooLargeException;
import dev.rondo.http.TooManyRedirectsException;
import dev.rondo.http.TruncatedBodyException;
import java.net.SocketException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Says in one short line why a page failed: {@code connection refused}, {@code HTTP 404 Not Found}. */
final class Reasons {

    private static final int LONGEST = 200; // servers have a say in some of these

    private Reasons() {}

    /** The page took too long. */
    static String timedOut(Duration limit) {
        return "timed out after " + Human.exactly(limit);
    }

    /** Anything else. */
    static String of(Throwable failure) {
        return oneLine(
                switch (failure) {
                    case StatusException status -> named(status).replaceFirst("^status", "HTTP");
                    case TruncatedBodyException truncated -> truncated(truncated);
                    case ConnectFailedException connect -> connectFailed(connect);
                    case ConnectionClosedException closed -> closed(closed);
                    case TooManyRedirectsException redirects -> withoutDetails(redirects);
                    case TooLargeException large -> withoutDetails(large);
                    default -> named(failure);
                });
    }

    private static String truncated(TruncatedBodyException truncated) {
        String received = Human.number(truncated.receivedBytes());
        return truncated.expectedBytes() < 0
                ? "connection closed after " + received + " bytes, in the middle of the body"
                : "connection closed after " + received + " of " + Human.number(truncated.expectedBytes()) + " bytes";
    }

    private static String connectFailed(ConnectFailedException failure) {
        Throwable cause = failure.getCause();
        if (cause instanceof SSLException) {
            Throwable deepest = cause;
            for (Throwable next; (next = deepest.getCause()) != null; ) {
                deepest = next;
            }
            return "TLS handshake failed: " + deepest.getMessage();
        }
        Set<String> eachAddress = new LinkedHashSet<>();
        if (cause instanceof SocketException) {
            for (Throwable each : cause.getSuppressed()) {
                eachAddress.add(lastPart(each.getMessage()));
            }
        }
        return eachAddress.isEmpty() ? named(failure) : String.join("; ", eachAddress);
    }

    private static String closed(ConnectionClosedException failure) {
        Throwable cause = failure.getCause();
        boolean reset = cause != null && String.valueOf(cause.getMessage()).startsWith("Connection reset");
        return reset ? "connection reset" : named(failure);
    }

    /** What comes behind the first colon is for programmers: the path of the redirects, the option to change. */
    private static String withoutDetails(HttpException failure) {
        String message = named(failure);
        int end = message.indexOf(": ");
        return end < 0 ? message : message.substring(0, end);
    }

    private static String named(Throwable failure) {
        String message = failure.getMessage();
        if (message == null || message.isBlank()) {
            return failure.getClass().getSimpleName();
        }
        return failure instanceof HttpException ? message : failure.getClass().getSimpleName() + ": " + message;
    }

    /** Of {@code "connect to host/1.2.3.4:80: Connection refused"} the part that says why. */
    private static String lastPart(@Nullable String message) {
        if (message == null || message.isEmpty()) {
            return "cannot connect";
        }
        String part = message.substring(message.lastIndexOf(": ") + 1).strip();
        return part.substring(0, 1).toLowerCase(Locale.ROOT) + part.substring(1);
    }

    private static String oneLine(String text) {
        String line = Human.printable(text).strip();
        return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "...";
    }
}
