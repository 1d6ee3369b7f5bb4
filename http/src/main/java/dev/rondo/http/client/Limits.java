package dev.rondo.http.client;

/**
 * How much a server may send: what goes beyond is a {@code TooLargeException}, and memory stays bounded. Zero stands
 * for no limit on body and ratio.
 *
 * @param headerBytes of status line and headers together. 64 KiB by default; nginx sends at most 4–8 KiB, Node accepts
 *     16 KiB
 * @param headerCount of header fields. 256 by default
 * @param bodyBytes of the body as decoded, also between two codings. 64 MiB by default: larger files are few, and their
 *     readers know of them
 * @param ratio of decoded to received bytes, also between two codings, looked at from the first decoded mebibyte on.
 *     200 by default: text compresses 3 to 20 times, a gzip bomb 1,000 times
 * @param redirects in a row. 10 by default, as in aiohttp
 */
public record Limits(int headerBytes, int headerCount, long bodyBytes, int ratio, int redirects) {

    /** The limits named above. */
    public static final Limits DEFAULT = new Limits(64 * 1024, 256, 64L * 1024 * 1024, 200, 10);

    /** Checks that they can be kept. */
    public Limits {
        if (headerBytes < 256) {
            throw new IllegalArgumentException(
                    "headerBytes " + headerBytes + " is too little for any answer: at least 256");
        }
        if (headerCount < 1) {
            throw new IllegalArgumentException("headerCount < 1: " + headerCount);
        }
        if (bodyBytes < 0) {
            throw new IllegalArgumentException("bodyBytes < 0: " + bodyBytes + "; 0 stands for no limit");
        }
        if (ratio < 0) {
            throw new IllegalArgumentException("ratio < 0: " + ratio + "; 0 stands for no limit");
        }
        if (redirects < 0) {
            throw new IllegalArgumentException("redirects < 0: " + redirects);
        }
    }

    /** Returns a copy with another limit on status line and headers, in bytes. */
    public Limits withHeaderBytes(int bytes) {
        return new Limits(bytes, headerCount, bodyBytes, ratio, redirects);
    }

    /** Returns a copy with another limit on the number of header fields. */
    public Limits withHeaderCount(int count) {
        return new Limits(headerBytes, count, bodyBytes, ratio, redirects);
    }

    /** Returns a copy with another limit on the decoded body, in bytes; 0 for none. */
    public Limits withBodyBytes(long bytes) {
        return new Limits(headerBytes, headerCount, bytes, ratio, redirects);
    }

    /** Returns a copy with another limit on decoded per received bytes; 0 for none. */
    public Limits withRatio(int times) {
        return new Limits(headerBytes, headerCount, bodyBytes, times, redirects);
    }

    /** Returns a copy with another limit on redirects in a row. */
    public Limits withRedirects(int count) {
        return new Limits(headerBytes, headerCount, bodyBytes, ratio, count);
    }
}
