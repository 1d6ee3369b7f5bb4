package dev.rondo.http.server;

import dev.rondo.http.Body;
import dev.rondo.http.Cookie;
import dev.rondo.http.Headers;
import dev.rondo.http.websocket.ServerHandshake;
import dev.rondo.http.websocket.WebSocketHandler;
import dev.rondo.http.websocket.WebSocketOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Handler} answers: a value; its {@code with…} methods return changed copies. In aiohttp:
 * {@code web.Response} and {@code web.StreamResponse}.
 *
 * @param status such as 200
 * @param headers without those that frame the body, which the server adds; without a Content-Type or a Content-Encoding
 *     it adds the body's
 * @param body which may be made while it is sent
 * @param upgrade what the connection goes on with, or null, as for every status but 101
 */
public record Response(
        int status, Headers headers, Body body, @Nullable Upgrade upgrade) {

    /** Checks the status. */
    public Response {
        if (upgrade == null ? status < 200 || status > 999 : status != 101) {
            throw new IllegalArgumentException("no answer may have status " + status + ": 200 to 999");
        }
        String contentType = body.contentType();
        if (contentType != null && !headers.contains("Content-Type")) {
            headers = headers.with("Content-Type", contentType);
        }
        String contentEncoding = body.contentEncoding();
        if (contentEncoding != null && !headers.contains("Content-Encoding")) {
            headers = headers.with("Content-Encoding", contentEncoding);
        }
    }

    /** Returns an answer behind which the connection goes on with HTTP. */
    public Response(int status, Headers headers, Body body) {
        this(status, headers, body, null);
    }

    /** Returns a response with status 200 and a text as its body. */
    public static Response text(String text) {
        return of(Body.text(text));
    }

    /** Returns a response with status 200 and a page as its body. */
    public static Response html(String page) {
        return of("text/html; charset=utf-8", page.getBytes(StandardCharsets.UTF_8));
    }

    /** Returns a response with status 200 and a value as JSON: {@link Body#json}. In aiohttp: {@code json_response}. */
    public static Response json(Object value) {
        return of(Body.json(value));
    }

    /** Returns a response with status 200; the array must not be changed any more. */
    public static Response of(String contentType, byte[] body) {
        return of(Body.of(contentType, body));
    }

    /** Returns a response with status 200. */
    public static Response of(Body body) {
        return new Response(200, Headers.EMPTY, body);
    }

    /** Returns a response with status 200 whose body is written piece by piece, its length not being known before. */
    public static Response stream(String contentType, Body.Writing writing) {
        return of(Body.stream(contentType, writing));
    }

    /**
     * Returns a file, of the type that its name says, as {@link StaticFiles} sends it: with an ETag, and the part or
     * the answer 304 that the request asks for. Suspends. In aiohttp: {@code web.FileResponse}.
     *
     * @throws HttpError with status 404, if there is no such file
     */
    public static Response file(Request request, Path path) {
        return StaticFiles.file(request, path);
    }

    /**
     * Returns a response of server-sent events. A comment goes out every 15 seconds, so that nothing in between takes
     * the connection for dead. In aiohttp: package aiohttp-sse.
     *
     * <pre>{@code
     * Response.events(events -> {
     *     for (var news : channel) {
     *         events.send(news);
     *     }
     * })
     * }</pre>
     */
    public static Response events(EventSender.Sending sending) {
        return stream("text/event-stream", out -> EventSender.run(sending, out))
                .withHeader("Cache-Control", "no-cache");
    }

    /** Returns a response with a status and no body. */
    public static Response empty(int status) {
        return new Response(status, Headers.EMPTY, Body.EMPTY);
    }

    /** Returns a response that sends the client elsewhere, with status 302. In aiohttp: {@code HTTPFound}. */
    public static Response redirect(String location) {
        return redirect(302, location);
    }

    /** Returns a response that sends the client elsewhere, with status 301, 302, 303, 307 or 308. */
    public static Response redirect(int status, String location) {
        return empty(status).withHeader("Location", location);
    }

    /**
     * Returns the answer that opens a WebSocket, and has {@code handler} speak there once it is sent; or the one that
     * says what is wrong, with status 400, 403 or 426. In aiohttp: {@code web.WebSocketResponse}.
     *
     * <pre>{@code
     * Response.webSocket(request, socket -> {
     *     for (var message : socket) {
     *         socket.sendStr("hello");
     *     }
     * })
     * }</pre>
     */
    public static Response webSocket(Request request, WebSocketHandler handler) {
        return webSocket(request, WebSocketOptions.DEFAULT, handler);
    }

    /** Returns the answer that opens a WebSocket, as {@link #webSocket(Request, WebSocketHandler)}. */
    public static Response webSocket(Request request, WebSocketOptions options, WebSocketHandler handler) {
        boolean http11 = request.version().equals("HTTP/1.1");
        var handshake = ServerHandshake.answer(request.method(), http11, request.headers(), options);
        return handshake.status() == 101
                ? upgrade(handshake.headers(), new WebSocketUpgrade(handshake, handler))
                : new Response(handshake.status(), handshake.headers(), Body.text(handshake.reason() + "\n"));
    }

    /**
     * Returns the answer with status 101, behind which the connection goes on with another protocol. Only for a request
     * that asks for it, by HTTP/1.1 and without a body: the client gets status 400 else.
     *
     * @param headers Connection and Upgrade among them
     */
    public static Response upgrade(Headers headers, Upgrade upgrade) {
        return new Response(101, headers, Body.EMPTY, upgrade);
    }

    /** Returns a copy with another status. */
    public Response withStatus(int newStatus) {
        return new Response(newStatus, headers, body, upgrade);
    }

    /** Returns a copy with another body; the Content-Type stays. */
    public Response withBody(Body newBody) {
        return new Response(status, headers, newBody, upgrade);
    }

    /** Returns a copy with one header of that name. */
    public Response withHeader(String name, String value) {
        return new Response(status, headers.with(name, value), body, upgrade);
    }

    /**
     * Returns a copy that sets a cookie, in place of one of the same name, domain and path. Without a path it is for
     * all paths. In aiohttp: {@code set_cookie}.
     */
    public Response withCookie(Cookie cookie) {
        Headers all = headersWith(cookie.path() == null ? cookie.withPath("/") : cookie);
        return new Response(status, all, body, upgrade);
    }

    private Headers headersWith(Cookie cookie) {
        Headers.Builder all = Headers.builder();
        headers.forEach((name, value) -> {
            Cookie other = name.equalsIgnoreCase("Set-Cookie") ? Cookie.parse(value) : null;
            boolean replaced = other != null
                    && other.name().equals(cookie.name())
                    && Objects.equals(other.domain(), cookie.domain())
                    && Objects.equals(other.path(), cookie.path());
            if (!replaced) {
                all.add(name, value);
            }
        });
        return all.add("Set-Cookie", cookie.toSetCookie()).build();
    }

    /**
     * Returns a copy that takes away the cookie of that name that was set for all paths of this host. Another one:
     * {@code withCookie(cookie.withMaxAge(Duration.ZERO))}. In aiohttp: {@code del_cookie}.
     */
    public Response withoutCookie(String name) {
        return withCookie(Cookie.of(name, "").withMaxAge(Duration.ZERO).withExpires(Instant.EPOCH));
    }
}
