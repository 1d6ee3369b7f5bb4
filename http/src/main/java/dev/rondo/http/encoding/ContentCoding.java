package dev.rondo.http.encoding;

/**
 * A content coding (RFC 9110 §8.4.1): what makes decoders and encoders. gzip and deflate are here; a module brings
 * others as services, found by {@link java.util.ServiceLoader}, with a public constructor without arguments.
 *
 * <p>Thread-safe; what it makes is for one coroutine at a time.
 */
public interface ContentCoding {

    /** Returns its name as headers say it, in lower case: {@code gzip}. */
    String name();

    /**
     * Loads what it needs, such as a native library. Called once in a JVM, before anything else but {@link #name}, and
     * never on a loop's thread: it may block.
     *
     * @return false if it does not work on this machine; then it is left out, and not offered to servers
     */
    default boolean load() {
        return true;
    }

    /** Returns a decoder at the start of a body; to be closed. Allocates nothing outside the heap before it is used. */
    ContentDecoder decoder();

    /** Returns whether there is an {@link #encoder()}; asked once it is loaded. */
    default boolean encodes() {
        return true;
    }

    /**
     * Returns an encoder at the start of a body, set for what is compressed while it is sent; to be closed.
     *
     * @throws UnsupportedOperationException if it can only be decoded
     */
    ContentEncoder encoder();
}
