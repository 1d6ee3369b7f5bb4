package dev.rondo.http.websocket;

import dev.rondo.http.Headers;
import dev.rondo.net.ByteStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A server's side of the opening handshake (RFC 6455 §4.2); does no I/O. What a handler wants is
 * {@code Response.webSocket}; this is for those who bring their own HTTP.
 */
public final class ServerHandshake {

    private final WebSocketOptions options;
    private final int status;
    private final String reason;
    private final Headers headers;
    private final @Nullable String protocol;
    private final Extensions.@Nullable Deflate deflate;

    private ServerHandshake(WebSocketOptions options, int status, String reason, Headers headers) {
        this.options = options;
        this.status = status;
        this.reason = reason;
        this.headers = headers;
        this.protocol = null;
        this.deflate = null;
    }

    private ServerHandshake(WebSocketOptions options, String key, Headers asked) {
        this.options = options;
        this.status = 101;
        this.reason = "Switching Protocols";
        this.protocol = chosen(asked, options.protocols());
        this.deflate = options.compress() ? Extensions.answer(asked.all(Extensions.HEADER)) : null;
        Headers.Builder answer = Headers.builder()
                .add("Upgrade", "websocket")
                .add("Connection", "Upgrade")
                .add("Sec-WebSocket-Accept", WebSocketKey.accept(key));
        if (protocol != null) {
            answer.add("Sec-WebSocket-Protocol", protocol);
        }
        if (deflate != null) {
            answer.add(Extensions.HEADER, deflate.header());
        }
        this.headers = answer.build();
    }

    /**
     * Looks at a request and makes the answer to it.
     *
     * @param http11 whether it came by HTTP/1.1
     */
    public static ServerHandshake answer(String method, boolean http11, Headers asked, WebSocketOptions options) {
        if (!method.equals("GET")
                || !http11
                || !asked.hasToken("Connection", "upgrade")
                || !asked.hasToken("Upgrade", "websocket")) {
            return refused(options, 400, "only a WebSocket can be opened here");
        }
        if (!"13".equals(asked.get("Sec-WebSocket-Version"))) {
            var version = Headers.of("Sec-WebSocket-Version", "13");
            return new ServerHandshake(options, 426, "WebSockets are spoken in version 13 here", version);
        }
        List<String> keys = asked.all("Sec-WebSocket-Key");
        if (keys.size() != 1 || !isKey(keys.getFirst())) {
            return refused(options, 400, "Sec-WebSocket-Key has to be 16 bytes in base64");
        }
        for (String origin : asked.all("Origin")) {
            Predicate<String> allowed = options.origins();
            if (allowed == null ? !isSameHost(origin, asked.get("Host")) : !allowed.test(origin)) {
                return refused(options, 403, "no WebSocket for pages of " + origin);
            }
        }
        return new ServerHandshake(options, keys.getFirst(), asked);
    }

    private static ServerHandshake refused(WebSocketOptions options, int status, String reason) {
        return new ServerHandshake(options, status, reason, Headers.EMPTY);
    }

    private static boolean isKey(String key) {
        try {
            return key.length() == 24 && Base64.getDecoder().decode(key).length == 16;
        } catch (IllegalArgumentException notBase64) {
            return false;
        }
    }

    private static boolean isSameHost(String origin, @Nullable String host) {
        try {
            URI uri = new URI(origin);
            String theirs = uri.getRawAuthority();
            return theirs != null && host != null && withPort(theirs, uri).equals(withPort(host, uri));
        } catch (URISyntaxException none) {
            return false;
        }
    }

    /** Returns host and port; a Host without a port is at that of the scheme. */
    private static String withPort(String authority, URI origin) {
        String lower = authority.toLowerCase(Locale.ROOT);
        boolean hasPort = lower.lastIndexOf(':') > lower.lastIndexOf(']');
        return hasPort ? lower : lower + ("https".equalsIgnoreCase(origin.getScheme()) ? ":443" : ":80");
    }

    private static @Nullable String chosen(Headers asked, List<String> known) {
        for (String header : asked.all("Sec-WebSocket-Protocol")) {
            for (String each : header.split(",")) {
                if (known.contains(each.strip())) {
                    return each.strip();
                }
            }
        }
        return null;
    }

    /** Returns 101 if the socket may be opened, else a status of 400 or more. */
    public int status() {
        return status;
    }

    /** Returns why not, for people. */
    public String reason() {
        return reason;
    }

    /** Returns the headers to answer with. */
    public Headers headers() {
        return headers;
    }

    /**
     * Opens the socket, once the answer is sent.
     *
     * @param stream which belongs to the socket from now on
     * @param begun what has come behind the request
     * @throws IllegalStateException if the request was refused
     */
    public WebSocket open(ByteStream stream, ByteBuffer begun) {
        if (status != 101) {
            throw new IllegalStateException("the handshake was refused: " + reason);
        }
        var deflating = deflate == null ? null : new PerMessageDeflate(deflate.serverKeeps(), deflate.clientKeeps());
        return new WebSocket(stream, begun, false, options, protocol, deflating, () -> {});
    }
}
