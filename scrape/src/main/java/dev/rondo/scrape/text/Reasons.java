package dev.rondo.scrape.text;

import dev.rondo.http.ConnectFailedException;
import dev.rondo.http.ConnectionClosedException;
import dev.rondo.http.ContentDecodingException;
import dev.rondo.http.HttpException;
import dev.rondo.http.RedirectException;
import dev.rondo.http.StatusException;
import dev.rondo.http.TooLargeException;
import dev.rondo.http.TooManyRedirectsException;
import dev.rondo.http.TruncatedBodyException;
import java.net.SocketException;
import java.security.cert.CertificateExpiredException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Says in one short line why a page failed: {@code connection refused}, {@code HTTP 404 Not Found}. */
public final class Reasons {

    private static final int LONGEST = 200; // servers have a say in some of these

    private static final Pattern BYTES = Pattern.compile("\\b(\\d{1,18}) bytes");
    private static final long MEBIBYTE = 1024 * 1024;

    private Reasons() {}

    /** The page took too long. */
    public static String timedOut(Duration limit) {
        return "timed out after " + Human.exactly(limit);
    }

    /** Anything else. */
    public static String of(Throwable failure) {
        return oneLine(
                switch (failure) {
                    case StatusException status -> named(status).replaceFirst("^status", "HTTP");
                    case TruncatedBodyException truncated -> truncated(truncated);
                    case ConnectFailedException connect -> connectFailed(connect);
                    case ConnectionClosedException closed -> closed(closed);
                    case TooManyRedirectsException redirects -> withoutDetails(redirects);
                    case TooLargeException large -> readable(withoutDetails(large));
                    case RedirectException redirect ->
                        named(redirect).replaceFirst("^status (\\d+) from \\S+", "HTTP $1"); // the URL is on the line
                    case ContentDecodingException coding ->
                        named(coding).replaceFirst("(?s): ask for .*", ""); // that is for programmers
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
            return handshakeFailed(cause);
        }
        if (isReset(cause) && named(failure).startsWith("TLS handshake")) {
            return "connection reset during the TLS handshake";
        }
        Set<String> eachAddress = new LinkedHashSet<>();
        if (cause instanceof SocketException) {
            for (Throwable each : cause.getSuppressed()) {
                eachAddress.add(lastPart(each.getMessage()));
            }
        }
        return eachAddress.isEmpty() ? named(failure) : String.join("; ", eachAddress);
    }

    private static String handshakeFailed(Throwable cause) {
        Throwable deepest = cause;
        for (Throwable next; (next = deepest.getCause()) != null; ) {
            deepest = next;
        }
        String message = String.valueOf(deepest.getMessage());
        if (isReset(deepest)) {
            return "connection reset during the TLS handshake";
        } else if (deepest instanceof CertificateExpiredException) {
            return "certificate expired";
        } else if (message.contains("unable to find valid certification path")) {
            return "certificate not trusted";
        } else if (message.toLowerCase(Locale.ROOT).contains("unrecognized ssl message")) {
            return "the server does not speak TLS";
        }
        return "TLS handshake failed: " + message;
    }

    private static String closed(ConnectionClosedException failure) {
        return isReset(failure.getCause()) ? "connection reset" : named(failure);
    }

    private static boolean isReset(@Nullable Throwable cause) {
        return cause != null && String.valueOf(cause.getMessage()).startsWith("Connection reset");
    }

    /** {@code "64 MiB"} for {@code "67108864 bytes"}, {@code "65,536 bytes"} for {@code "65536 bytes"}. */
    private static String readable(String message) {
        return BYTES.matcher(message).replaceAll(found -> {
            long bytes = Long.parseLong(found.group(1));
            return bytes % MEBIBYTE == 0 ? bytes / MEBIBYTE + " MiB" : Human.number(bytes) + " bytes";
        });
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
