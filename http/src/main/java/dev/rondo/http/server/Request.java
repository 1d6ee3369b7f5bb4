package dev.rondo.http.server;

import dev.rondo.http.Cookie;
import dev.rondo.http.Form;
import dev.rondo.http.Headers;
import dev.rondo.http.HttpException;
import dev.rondo.http.MultipartReader;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
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

    /** Returns the cookies that the client sent: {@link Cookie#sentWith}. In aiohttp: {@code cookies}. */
    public Map<String, String> cookies() {
        return Cookie.sentWith(headers);
    }

    /** Returns the value of a cookie, or null if the client did not send it. */
    public @Nullable String cookie(String name) {
        return cookies().get(name);
    }

    /**
     * Returns the body as a form, urlencoded or multipart without files; all else has {@link #multipart}. In aiohttp:
     * {@code post()}.
     *
     * @throws dev.rondo.http.MalformedMessageException if it is no form
     * @throws dev.rondo.http.TooLargeException if it has more than {@link Form#MAX_FIELDS} fields, or a file
     */
    public Form form() throws HttpException {
        String type = headers.get("Content-Type");
        String media = type == null ? "" : type.split(";", 2)[0].strip();
        return media.equalsIgnoreCase("application/x-www-form-urlencoded")
                ? Form.parse(text())
                : Form.read(multipart(), body.length);
    }

    /**
     * Returns the parts of a multipart body, to be read one by one. In aiohttp: {@code multipart()}.
     *
     * @throws dev.rondo.http.MalformedMessageException if the Content-Type is not {@code multipart/…} with a boundary
     */
    public MultipartReader multipart() throws HttpException {
        String type = headers.get("Content-Type");
        Iterator<ByteBuffer> pieces = List.of(ByteBuffer.wrap(body)).iterator();
        return new MultipartReader(type == null ? "" : type, () -> pieces.hasNext() ? pieces.next() : null);
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
