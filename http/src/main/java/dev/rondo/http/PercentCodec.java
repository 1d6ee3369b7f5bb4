package dev.rondo.http;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Percent-encoding of what may not stand in an address as it is, always as UTF-8. */
final class PercentCodec {

    /** What stays as it is: RFC 3986's {@code pchar} and what the part allows beside it. */
    static final boolean[] PATH = allowing("/:@");

    static final boolean[] QUERY = allowing("/:@?[]");
    static final boolean[] FRAGMENT = allowing("/:@?");

    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private PercentCodec() {}

    private static boolean[] allowing(String more) {
        var allowed = new boolean[128];
        for (char c = '0'; c <= 'z'; c++) {
            allowed[c] = Character.isLetterOrDigit(c);
        }
        for (char c : ("-._~!$&'()*+,;=" + more).toCharArray()) {
            allowed[c] = true;
        }
        return allowed;
    }

    /**
     * Encodes what {@code allowed} does not name; escapes that are there already stay, a lone {@code %} becomes %25.
     */
    static String encode(String text, boolean[] allowed) {
        int i = 0;
        while (i < text.length() && (stays(text.charAt(i), allowed) || isEscape(text, i))) {
            i++;
        }
        if (i == text.length()) {
            return text;
        }
        var out = new StringBuilder(text.length() + 16).append(text, 0, i);
        while (i < text.length()) {
            char c = text.charAt(i);
            if (stays(c, allowed) || isEscape(text, i)) {
                out.append(c);
                i++;
            } else {
                int codePoint = text.codePointAt(i); // a lone surrogate comes out as '?'
                for (byte b : Character.toString(codePoint).getBytes(StandardCharsets.UTF_8)) {
                    HEX.toHexDigits(out.append('%'), b);
                }
                i += Character.charCount(codePoint);
            }
        }
        return out.toString();
    }

    /** Decodes every escape; what is no escape stays, and so do bytes that are not UTF-8, as U+FFFD. */
    static String decode(String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        byte[] in = text.getBytes(StandardCharsets.UTF_8);
        var out = new byte[in.length];
        int length = 0;
        for (int i = 0; i < in.length; i++) {
            if (in[i] == '%' && i + 2 < in.length && isHex((char) in[i + 1]) && isHex((char) in[i + 2])) {
                out[length++] = (byte) (HexFormat.fromHexDigit(in[i + 1]) << 4 | HexFormat.fromHexDigit(in[i + 2]));
                i += 2;
            } else {
                out[length++] = in[i];
            }
        }
        return new String(out, 0, length, StandardCharsets.UTF_8);
    }

    private static boolean stays(char c, boolean[] allowed) {
        return c < allowed.length && allowed[c];
    }

    private static boolean isEscape(String text, int i) {
        return text.charAt(i) == '%' && i + 2 < text.length() && isHex(text.charAt(i + 1)) && isHex(text.charAt(i + 2));
    }

    private static boolean isHex(char c) {
        return HexFormat.isHexDigit(c);
    }
}
