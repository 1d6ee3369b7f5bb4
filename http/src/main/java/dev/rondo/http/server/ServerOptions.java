package dev.rondo.http.server;

import dev.rondo.http.h1.WaitLimit;
import java.time.Duration;

/**
 * What a client may ask of a server; zero stands for no limit of time.
 *
 * @param headerBytes of request line and headers; more is status 431. 64 KiB by default
 * @param headerCount of header fields; more is status 431. 128 by default
 * @param bodyBytes of a request's body; more is status 413. 1 MiB by default, as in aiohttp ({@code client_max_size})
 * @param requestTime for a request to come in whole, counted from its first byte; 10 seconds by default
 * @param keepAlive for the next request to begin; 75 seconds by default, as in aiohttp
 */
public record ServerOptions(int headerBytes, int headerCount, int bodyBytes, Duration requestTime, Duration keepAlive) {

    /** The limits named above. */
    public static final ServerOptions DEFAULT =
            new ServerOptions(64 * 1024, 128, 1024 * 1024, Duration.ofSeconds(10), Duration.ofSeconds(75));

    /** Checks that they can be kept; more than 70 years count as 70 years. */
    public ServerOptions {
        if (headerBytes < 256 || headerCount < 1 || bodyBytes < 0) {
            throw new IllegalArgumentException(
                    "headerBytes %d (at least 256), headerCount %d (at least 1), bodyBytes %d (at least 0)"
                            .formatted(headerBytes, headerCount, bodyBytes));
        }
        if (requestTime.isNegative() || keepAlive.isNegative()) {
            throw new IllegalArgumentException("requestTime " + requestTime + " or keepAlive " + keepAlive
                    + " is negative; zero stands for no limit");
        }
        requestTime = WaitLimit.bounded(requestTime);
        keepAlive = WaitLimit.bounded(keepAlive);
    }

    /** Returns a copy with another limit on a request's body, in bytes. */
    public ServerOptions withBodyBytes(int bytes) {
        return new ServerOptions(headerBytes, headerCount, bytes, requestTime, keepAlive);
    }

    /** Returns a copy with another limit on request line and headers, in bytes. */
    public ServerOptions withHeaderBytes(int bytes) {
        return new ServerOptions(bytes, headerCount, bodyBytes, requestTime, keepAlive);
    }

    /** Returns a copy with another limit on the time that a request may take to come in. */
    public ServerOptions withRequestTime(Duration limit) {
        return new ServerOptions(headerBytes, headerCount, bodyBytes, limit, keepAlive);
    }

    /** Returns a copy that waits for the next request for another time. */
    public ServerOptions withKeepAlive(Duration limit) {
        return new ServerOptions(headerBytes, headerCount, bodyBytes, requestTime, limit);
    }
}
