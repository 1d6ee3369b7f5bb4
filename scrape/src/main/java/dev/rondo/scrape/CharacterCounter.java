package dev.rondo.scrape;

import dev.rondo.http.encoding.Utf8;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Counts the characters of a text that comes in pieces, in Unicode code points, as Python's {@code len} does; malformed
 * bytes count as the U+FFFD that stands for them. Keeps none of the text.
 */
final class CharacterCounter {

    private final CharsetDecoder decoder;
    private final CharBuffer chars = CharBuffer.allocate(8 * 1024);
    private final boolean utf8;
    private long count;

    CharacterCounter(Charset charset) {
        utf8 = charset.equals(StandardCharsets.UTF_8);
        decoder = charset.newDecoder()
                .onMalformedInput(CodingErrorAction.REPLACE)
                .onUnmappableCharacter(CodingErrorAction.REPLACE);
    }

    /** Counts what is in the buffer; leaves the bytes of a character there whose rest has not come yet. */
    void add(ByteBuffer bytes) {
        decode(bytes, false);
    }

    /** Counts the last bytes, and returns the count. */
    long finish(ByteBuffer bytes) {
        decode(bytes, true);
        while (decoder.flush(chars).isOverflow()) {
            countAndClear();
        }
        countAndClear();
        return count;
    }

    private void decode(ByteBuffer bytes, boolean last) {
        if (utf8) {
            count += Utf8.countWellFormed(bytes); // and the decoder gets what is left: malformed, or not all there yet
        }
        while (decoder.decode(bytes, chars, last).isOverflow()) {
            countAndClear();
        }
        countAndClear();
    }

    private void countAndClear() {
        char[] decoded = chars.array();
        int length = chars.position();
        int secondHalves = 0; // of code points beyond the basic plane; a decoder makes no half ones
        for (int i = 0; i < length; i++) {
            if (Character.isLowSurrogate(decoded[i])) {
                secondHalves++;
            }
        }
        count += length - secondHalves;
        chars.clear();
    }
}
