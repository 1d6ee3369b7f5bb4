package dev.rondo.http.websocket;

import dev.rondo.http.h1.WaitLimit;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What is agreed on for a {@link WebSocket}, at either end: a value; its {@code with…} methods return changed copies.
 * {@link Duration#ZERO} stands for no limit. In aiohttp: the arguments of {@code ws_connect} and
 * {@code WebSocketResponse}.
 *
 * @param protocols what may be spoken over it, the best first: a client asks for these, a server takes the first of the
 *     client's that is among them. None by default. In aiohttp: {@code protocols}
 * @param maxMessageBytes how large a message may be that comes, inflated; 4 MiB by default, 0 for no limit. In aiohttp:
 *     {@code max_msg_size}
 * @param compress whether messages are deflated if the other end agrees (RFC 7692); so by default. It takes about 300
 *     KiB for each connection over which messages go both ways. In aiohttp: {@code compress}, which a client does not
 *     by default
 * @param heartbeat how long nothing may come before a ping is sent. If nothing comes for half as long after that while
 *     somebody receives, the peer is taken for dead and the connection closed. None by default. In aiohttp:
 *     {@code heartbeat}
 * @param closeTime how long the goodbye may take, the peer's answer to it included; 10 seconds by default. In aiohttp:
 *     {@code ws_close}
 * @param origins which values of the header Origin a server takes; browsers send it, and others need not. Null, the
 *     default, for the host that the request was sent to and no other: else any web page could have a visitor's browser
 *     speak here with the visitor's cookies. aiohttp takes all
 */
public record WebSocketOptions(
        List<String> protocols,
        int maxMessageBytes,
        boolean compress,
        Duration heartbeat,
        Duration closeTime,
        @Nullable Predicate<String> origins) {

    /** 4 MiB, deflated, no heartbeat, 10 seconds for the goodbye. */
    public static final WebSocketOptions DEFAULT =
            new WebSocketOptions(List.of(), 4 * 1024 * 1024, true, Duration.ZERO, Duration.ofSeconds(10), null);

    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

    /** Checks them. */
    public WebSocketOptions {
        protocols = List.copyOf(protocols);
        for (String protocol : protocols) {
            if (!TOKEN.matcher(protocol).matches()) {
                throw new IllegalArgumentException("\"" + protocol + "\" is no name of a protocol: no token");
            }
        }
        if (maxMessageBytes < 0) {
            throw new IllegalArgumentException("maxMessageBytes " + maxMessageBytes + " is negative; 0 is no limit");
        }
        if (heartbeat.isNegative() || closeTime.isNegative()) {
            throw new IllegalArgumentException(
                    "heartbeat " + heartbeat + " or closeTime " + closeTime + " is negative; zero stands for none");
        }
        heartbeat = WaitLimit.bounded(heartbeat);
        closeTime = WaitLimit.bounded(closeTime);
    }

    /** Returns a copy with other protocols, the best first. */
    public WebSocketOptions withProtocols(String... names) {
        return new WebSocketOptions(List.of(names), maxMessageBytes, compress, heartbeat, closeTime, origins);
    }

    /** Returns a copy with another limit on what comes; 0 for none. */
    public WebSocketOptions withMaxMessageBytes(int limit) {
        return new WebSocketOptions(protocols, limit, compress, heartbeat, closeTime, origins);
    }

    /** Returns a copy that deflates or does not. */
    public WebSocketOptions withCompress(boolean deflate) {
        return new WebSocketOptions(protocols, maxMessageBytes, deflate, heartbeat, closeTime, origins);
    }

    /** Returns a copy with another heartbeat; zero for none. */
    public WebSocketOptions withHeartbeat(Duration interval) {
        return new WebSocketOptions(protocols, maxMessageBytes, compress, interval, closeTime, origins);
    }

    /** Returns a copy with another limit on the goodbye. */
    public WebSocketOptions withCloseTime(Duration limit) {
        return new WebSocketOptions(protocols, maxMessageBytes, compress, heartbeat, limit, origins);
    }

    /** Returns a copy for a server that takes these values of Origin, such as {@code "https://example.org"}. */
    public WebSocketOptions withOrigins(Predicate<String> allowed) {
        return new WebSocketOptions(protocols, maxMessageBytes, compress, heartbeat, closeTime, allowed);
    }
}
