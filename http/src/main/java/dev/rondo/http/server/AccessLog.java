package dev.rondo.http.server;

import dev.rondo.http.Headers;
import dev.rondo.http.encoding.Json;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Hears of each request that was answered. It runs in the coroutine of the connection, on the loop's thread: it must
 * not block. A logger with an appender of its own thread is right, and so is a queue that a coroutine empties into a
 * file. In aiohttp: {@code AbstractAccessLogger}.
 */
@FunctionalInterface
public interface AccessLog {

    /**
     * What was asked and answered.
     *
     * @param when the answer had been sent
     * @param remote who asked; null if the connection did not tell
     * @param method such as {@code GET}
     * @param target path and query, as sent
     * @param version such as {@code HTTP/1.1}
     * @param headers of the request
     * @param status of the answer
     * @param bytes of the answer's body and its framing, as sent
     * @param time from the request's head to the answer's last byte
     */
    record Entry(
            Instant when,
            @Nullable SocketAddress remote,
            String method,
            String target,
            String version,
            Headers headers,
            int status,
            long bytes,
            Duration time) {}

    /** Notes a request. */
    void log(Entry entry);

    /**
     * Returns a log of lines as Apache's "combined" format has them, in UTC; quotes, backslashes and control characters
     * that a client sent are escaped, so that it cannot forge lines.
     */
    static AccessLog combined(Consumer<String> lines) {
        return entry -> lines.accept("%s - - [%s] \"%s %s %s\" %d %d \"%s\" \"%s\""
                .formatted(
                        host(entry.remote()),
                        CombinedTime.FORMAT.format(entry.when().atOffset(ZoneOffset.UTC)),
                        escaped(entry.method()),
                        escaped(entry.target()),
                        entry.version(),
                        entry.status(),
                        entry.bytes(),
                        escaped(entry.headers().get("Referer")),
                        escaped(entry.headers().get("User-Agent"))));
    }

    /** Returns a log of lines that are JSON objects. */
    static AccessLog jsonLines(Consumer<String> lines) {
        return entry -> {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("time", entry.when().toString());
            object.put("remote", host(entry.remote()));
            object.put("method", entry.method());
            object.put("target", entry.target());
            object.put("version", entry.version());
            object.put("status", entry.status());
            object.put("bytes", entry.bytes());
            object.put("seconds", entry.time().toNanos() / 1e9);
            putIfSent(object, "referrer", entry.headers().get("Referer"));
            putIfSent(object, "userAgent", entry.headers().get("User-Agent"));
            lines.accept(new String(Json.write(object), StandardCharsets.UTF_8));
        };
    }

    private static void putIfSent(Map<String, Object> object, String name, @Nullable String value) {
        if (value != null) {
            object.put(name, value);
        }
    }

    private static String host(@Nullable SocketAddress remote) {
        return remote instanceof InetSocketAddress inet ? inet.getAddress().getHostAddress() : "-";
    }

    private static String escaped(@Nullable String text) {
        if (text == null) {
            return "-";
        }
        var safe = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                safe.append('\\').append(c);
            } else if (c < ' ' || c >= 0x7f) {
                safe.append("\\x%02x".formatted((int) c));
            } else {
                safe.append(c);
            }
        }
        return safe.toString();
    }

    /** The time of the combined format. */
    final class CombinedTime {

        private static final DateTimeFormatter FORMAT =
                DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ROOT);

        private CombinedTime() {}
    }
}
