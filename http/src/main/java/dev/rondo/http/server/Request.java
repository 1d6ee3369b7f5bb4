package dev.rondo.http.server;

import dev.rondo.http.Headers;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What a client asked for, body included. In aiohttp: {@code web.Request}.
 *
 * @param method such as {@code GET}
 * @param target path and query as sent, percent-encoded
 * @param headers as sent
 * @param body its bytes; none is an empty array
 */
public record Request(String method, String target, Headers headers, byte[] body) {

    /** Returns the path, percent-encoded. In aiohttp: {@code rel_url.raw_path}. */
    public String path() {
        int mark = target.indexOf('?');
        return mark < 0 ? target : target.substring(0, mark);
    }

    /** Returns the value of the first query parameter of that name, decoded, or null. In aiohttp: {@code query.get}. */
    public @Nullable String query(String name) {
        int mark = target.indexOf('?');
        if (mark < 0) {
            return null;
        }
        for (String pair : target.substring(mark + 1).split("&", -1)) {
            int equals = pair.indexOf('=');
            if (decoded(equals < 0 ? pair : pair.substring(0, equals)).equals(name)) {
                return equals < 0 ? "" : decoded(pair.substring(equals + 1));
            }
        }
        return null;
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException brokenEscape) {
            return text;
        }
    }

    /** Returns the body as UTF-8 text, malformed bytes replaced by U+FFFD. In aiohttp: {@code text()}. */
    public String text() {
        return new String(body, StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return method + " " + target;
    }
}
