package dev.rondo.http.encoding;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;

/**
 * UTF-8 to text: gives what {@code new String(bytes, UTF_8)} gives, several times faster for pages that are ASCII but
 * for a few quotation marks or accents. There, String's constructor goes on byte by byte from the first such character
 * to the end; this has the runs of ASCII between them copied by the JDK's decoder for ASCII, which handles many bytes
 * at a time.
 */
public final class Utf8 {

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long HIGH_BITS = 0x8080808080808080L;

    /** A run of so many is worth the call of the decoder for ASCII. */
    private static final int RUN_BYTES = 32;

    private Utf8() {}

    /** Returns the text of the bytes from {@code start} to before {@code end}; what is malformed becomes U+FFFD. */
    public static String decode(byte[] bytes, int start, int end) {
        if (asciiEnd(bytes, start, end) == end) {
            return new String(bytes, start, end - start, ISO_8859_1);
        }
        char[] chars = new char[end - start];
        int length = decodeWellFormed(bytes, start, end, chars);
        return length < 0 ? new String(bytes, start, end - start, UTF_8) : new String(chars, 0, length);
    }

    /** Returns the number of chars, or -1 if the bytes are not well-formed. */
    private static int decodeWellFormed(byte[] bytes, int start, int end, char[] chars) {
        CharsetDecoder ascii = US_ASCII.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(bytes, 0, end);
        CharBuffer out = CharBuffer.wrap(chars);
        int i = start;
        int length = 0;
        while (i < end) {
            if (runAhead(bytes, i, end)) {
                ascii.decode(in.position(i), out.position(length), false); // stops at what is not ASCII
                i = in.position();
                length = out.position();
            }
            for (int next = Math.min(end, i + RUN_BYTES); i < next; ) {
                if (bytes[i] >= 0) {
                    chars[length++] = (char) bytes[i++];
                    continue;
                }
                int codePoint = codePointAt(bytes, i, end);
                if (codePoint < 0) {
                    return -1;
                }
                i += byteCount(codePoint);
                if (codePoint < 0x10000) {
                    chars[length++] = (char) codePoint;
                } else {
                    chars[length++] = Character.highSurrogate(codePoint);
                    chars[length++] = Character.lowSurrogate(codePoint);
                }
            }
        }
        return length;
    }

    private static boolean runAhead(byte[] bytes, int i, int end) {
        if (i + RUN_BYTES > end) {
            return false;
        }
        long any = (long) LONGS.get(bytes, i)
                | (long) LONGS.get(bytes, i + 8)
                | (long) LONGS.get(bytes, i + 16)
                | (long) LONGS.get(bytes, i + 24);
        return (any & HIGH_BITS) == 0;
    }

    /**
     * Counts code points up to the first that is malformed or not all there, and moves the buffer's position there.
     *
     * @param bytes with an array
     */
    public static int countWellFormed(ByteBuffer bytes) {
        byte[] array = bytes.array();
        int offset = bytes.arrayOffset();
        int end = offset + bytes.limit();
        int i = offset + bytes.position();
        int count = 0;
        while (i < end) {
            int asciiEnd = asciiEnd(array, i, end);
            count += asciiEnd - i;
            i = asciiEnd;
            while (i < end && array[i] < 0) {
                int codePoint = codePointAt(array, i, end);
                if (codePoint < 0) {
                    bytes.position(i - offset);
                    return count;
                }
                i += byteCount(codePoint);
                count++;
            }
        }
        bytes.position(end - offset);
        return count;
    }

    /** Returns the code point, not ASCII, that begins at {@code i}; -1 if it is malformed or not all there. */
    private static int codePointAt(byte[] bytes, int i, int end) {
        int first = bytes[i];
        if (first >> 5 == -2 && i + 1 < end && continues(bytes[i + 1])) {
            int codePoint = (first & 0x1f) << 6 | bytes[i + 1] & 0x3f;
            return codePoint >= 0x80 ? codePoint : -1;
        }
        if (first >> 4 == -2 && i + 2 < end && continues(bytes[i + 1]) && continues(bytes[i + 2])) {
            int codePoint = (first & 0x0f) << 12 | (bytes[i + 1] & 0x3f) << 6 | bytes[i + 2] & 0x3f;
            return codePoint >= 0x800 && (codePoint & 0xf800) != 0xd800 ? codePoint : -1;
        }
        if (first >> 3 == -2
                && i + 3 < end
                && continues(bytes[i + 1])
                && continues(bytes[i + 2])
                && continues(bytes[i + 3])) {
            int codePoint = (first & 0x07) << 18
                    | (bytes[i + 1] & 0x3f) << 12
                    | (bytes[i + 2] & 0x3f) << 6
                    | bytes[i + 3] & 0x3f;
            return codePoint >= 0x10000 && codePoint <= 0x10ffff ? codePoint : -1;
        }
        return -1;
    }

    private static boolean continues(byte b) {
        return (b & 0xc0) == 0x80;
    }

    private static int byteCount(int codePoint) {
        return codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
    }

    /** Returns where the ASCII ends that begins at {@code start}. */
    private static int asciiEnd(byte[] bytes, int start, int end) {
        int i = start;
        for (; i + Long.BYTES <= end; i += Long.BYTES) {
            long high = (long) LONGS.get(bytes, i) & HIGH_BITS;
            if (high != 0) {
                return i + Long.numberOfTrailingZeros(high) / Byte.SIZE;
            }
        }
        while (i < end && bytes[i] >= 0) {
            i++;
        }
        return i;
    }
}
