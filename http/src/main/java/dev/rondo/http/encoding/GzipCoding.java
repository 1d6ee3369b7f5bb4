package dev.rondo.http.encoding;

/** The gzip coding (RFC 1952). */
final class GzipCoding implements ContentCoding {

    @Override
    public String name() {
        return "gzip";
    }

    @Override
    public ContentDecoder decoder() {
        return new GzipDecoder();
    }

    @Override
    public ContentEncoder encoder() {
        return DeflateEncoder.gzip();
    }
}
