package dev.rondo.http.websocket;

import dev.rondo.Asyncio;
import dev.rondo.http.Headers;
import dev.rondo.http.MalformedMessageException;
import dev.rondo.net.ByteStream;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A client's side of the opening handshake (RFC 6455 §4.1); does no I/O. What a program wants is
 * {@code session.webSocket}; this is for those who bring their own HTTP.
 */
public final class ClientHandshake {

    private final WebSocketOptions options;
    private final String key;

    /**
     * Makes a handshake with a key of its own.
     *
     * @throws IllegalStateException if no loop is running in this thread
     */
    public ClientHandshake(WebSocketOptions options) {
        this.options = options;
        this.key = WebSocketKey.make(WebSocketKey.random(Asyncio.getRunningLoop()));
    }

    /** Returns the headers to ask with, beside Host. */
    public Headers headers() {
        Headers.Builder asked = Headers.builder()
                .add("Upgrade", "websocket")
                .add("Connection", "Upgrade")
                .add("Sec-WebSocket-Key", key)
                .add("Sec-WebSocket-Version", "13");
        if (!options.protocols().isEmpty()) {
            asked.add("Sec-WebSocket-Protocol", String.join(", ", options.protocols()));
        }
        if (options.compress()) {
            asked.add(Extensions.HEADER, Extensions.OFFER);
        }
        return asked.build();
    }

    /** What was agreed on. */
    private record Agreement(@Nullable String protocol, Extensions.@Nullable Deflate deflate) {}

    private Agreement agreement(Headers answer) throws MalformedMessageException {
        if (!answer.hasToken("Upgrade", "websocket") || !answer.hasToken("Connection", "upgrade")) {
            throw bad("it switched to another protocol: Upgrade: " + answer.get("Upgrade"));
        }
        List<String> accepts = answer.all("Sec-WebSocket-Accept");
        if (accepts.size() != 1 || !accepts.getFirst().equals(WebSocketKey.accept(key))) {
            throw bad("Sec-WebSocket-Accept does not fit the key: " + accepts);
        }
        List<String> protocols = answer.all("Sec-WebSocket-Protocol");
        if (protocols.size() > 1 || !options.protocols().containsAll(protocols)) {
            throw bad("it chose " + protocols + " of the protocols " + options.protocols());
        }
        try {
            return new Agreement(
                    protocols.isEmpty() ? null : protocols.getFirst(),
                    Extensions.agreed(answer.all(Extensions.HEADER), options.compress()));
        } catch (IllegalArgumentException notAgreed) {
            throw bad(String.valueOf(notAgreed.getMessage()));
        }
    }

    private static MalformedMessageException bad(String what) {
        return new MalformedMessageException("the server's WebSocket handshake is wrong: " + what, null);
    }

    /**
     * Opens the socket.
     *
     * @param answer the headers that came with status 101
     * @param stream which belongs to the socket from now on, unless this fails
     * @param begun what has come behind the answer
     * @param onEnd is run when the stream has been closed
     * @throws MalformedMessageException if the headers do not fit what was asked
     */
    public WebSocket open(Headers answer, ByteStream stream, ByteBuffer begun, Runnable onEnd)
            throws MalformedMessageException {
        Agreement agreed = agreement(answer);
        Extensions.Deflate deflate = agreed.deflate;
        var deflating = deflate == null ? null : new PerMessageDeflate(deflate.clientKeeps(), deflate.serverKeeps());
        return new WebSocket(stream, begun, true, options, agreed.protocol, deflating, onEnd);
    }
}
