package dev.rondo.codings;

import com.github.luben.zstd.util.Native;
import dev.rondo.http.encoding.ContentCoding;
import dev.rondo.http.encoding.ContentDecoder;
import dev.rondo.http.encoding.ContentEncoder;

/** The zstd coding (RFC 8878), with windows of at most 8 MiB (RFC 9659). */
public final class ZstdCoding implements ContentCoding {

    /** For {@link java.util.ServiceLoader}. */
    public ZstdCoding() {}

    @Override
    public String name() {
        return "zstd";
    }

    @Override
    public boolean load() {
        try {
            Native.load();
            return true;
        } catch (LinkageError noneForThisMachine) {
            return false;
        }
    }

    @Override
    public ContentDecoder decoder() {
        return new ZstdDecoder();
    }

    @Override
    public ContentEncoder encoder() {
        return new ZstdEncoder();
    }
}
