import dev.rondo.codings.BrotliCoding;
import dev.rondo.codings.GuessedCharset;
import dev.rondo.codings.ZstdCoding;
import dev.rondo.http.encoding.CharsetDetector;
import dev.rondo.http.encoding.ContentCoding;

/** The content codings br and zstd, and a charset detector: a program that has this module offers them to servers. */
module dev.rondo.codings {
    requires dev.rondo.http;
    requires com.aayushatharva.brotli4j;
    requires com.github.luben.zstd_jni;
    requires com.github.albfernandez.juniversalchardet;
    requires dec;
    requires static org.jspecify;

    provides ContentCoding with
            BrotliCoding,
            ZstdCoding;
    provides CharsetDetector with
            GuessedCharset;
}
