package dev.rondo.http.server;

import dev.rondo.http.Headers;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Handler} answers: a value; its {@code with…} methods return changed copies. In aiohttp:
 * {@code web.Response} and {@code web.StreamResponse}.
 *
 * @param status such as 200
 * @param headers without those that frame the body: the server adds them
 * @param body all of it, or null if {@code stream} writes it
 * @param stream what writes the body piece by piece, or null
 */
public record Response(
        int status,
        Headers headers,
        byte @Nullable [] body,
        @Nullable StreamedBody stream) {

    /** Checks status and body. */
    public Response {
        if (status < 200 || status > 999) {
            throw new IllegalArgumentException("no answer may have status " + status + ": 200 to 999");
        }
        if ((body == null) == (stream == null)) {
            throw new IllegalArgumentException("a response has either a body or a stream that writes it");
        }
    }

    /** Returns a response with status 200 and a text as its body. */
    public static Response text(String text) {
        return of("text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
    }

    /** Returns a response with status 200 and a page as its body. */
    public static Response html(String page) {
        return of("text/html; charset=utf-8", page.getBytes(StandardCharsets.UTF_8));
    }

    /** Returns a response with status 200; the body must not be changed any more. */
    public static Response of(String contentType, byte[] body) {
        return new Response(200, Headers.of("Content-Type", contentType), body, null);
    }

    /** Returns a response with status 200 whose body is written piece by piece, its length not being known before. */
    public static Response stream(String contentType, StreamedBody stream) {
        return new Response(200, Headers.of("Content-Type", contentType), null, stream);
    }

    /** Returns a response with a status and no body. */
    public static Response empty(int status) {
        return new Response(status, Headers.EMPTY, new byte[0], null);
    }

    /** Returns a response that sends the client elsewhere, with status 302. In aiohttp: {@code HTTPFound}. */
    public static Response redirect(String location) {
        return empty(302).withHeader("Location", location);
    }

    /** Returns a copy with another status. */
    public Response withStatus(int newStatus) {
        return new Response(newStatus, headers, body, stream);
    }

    /** Returns a copy with one header of that name. */
    public Response withHeader(String name, String value) {
        return new Response(status, headers.with(name, value), body, stream);
    }
}
