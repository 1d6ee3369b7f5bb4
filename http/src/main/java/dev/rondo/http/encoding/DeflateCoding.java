package dev.rondo.http.encoding;

/** The deflate coding: sent in the zlib format (RFC 1950), as it should be, and understood without it. */
final class DeflateCoding implements ContentCoding {

    @Override
    public String name() {
        return "deflate";
    }

    @Override
    public ContentDecoder decoder() {
        return new DeflateDecoder();
    }

    @Override
    public ContentEncoder encoder() {
        return DeflateEncoder.zlib();
    }
}
