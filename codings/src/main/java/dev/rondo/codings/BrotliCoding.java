package dev.rondo.codings;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import dev.rondo.http.encoding.ContentCoding;
import dev.rondo.http.encoding.ContentDecoder;
import dev.rondo.http.encoding.ContentEncoder;

/** The br coding (RFC 7932): native, or, where that does not load, for decoding alone. */
public final class BrotliCoding implements ContentCoding {

    private volatile boolean loaded; // the native library

    /** For {@link java.util.ServiceLoader}. */
    public BrotliCoding() {}

    @Override
    public String name() {
        return "br";
    }

    @Override
    public boolean load() {
        loaded = Brotli4jLoader.isAvailable();
        return true;
    }

    @Override
    public ContentDecoder decoder() {
        return loaded ? new BrotliDecoder() : new PlainBrotliDecoder();
    }

    @Override
    public boolean encodes() {
        return loaded;
    }

    @Override
    public ContentEncoder encoder() {
        if (!loaded) {
            throw new UnsupportedOperationException("br can only be decoded on this machine");
        }
        return new BrotliEncoder();
    }
}
