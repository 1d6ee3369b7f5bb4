package dev.rondo.codings;

import dev.rondo.http.encoding.CharsetDetector;
import org.jspecify.annotations.Nullable;
import org.mozilla.universalchardet.UniversalDetector;

/** Guesses charsets as Mozilla once did. */
public final class GuessedCharset implements CharsetDetector {

    /** For {@link java.util.ServiceLoader}. */
    public GuessedCharset() {}

    @Override
    public void load() {
        detect(new byte[] {(byte) 0xef, (byte) 0xf0, (byte) 0xe8, ' '}, 0, 4);
        detect(new byte[] {0x1b, '$', 'B'}, 0, 3);
    }

    @Override
    public @Nullable String detect(byte[] bytes, int offset, int length) {
        var detector = new UniversalDetector();
        detector.handleData(bytes, offset, length);
        detector.dataEnd();
        return detector.getDetectedCharset();
    }
}
