package dev.rondo.http.encoding;

import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which charset a body is in. The first of these that names one known here: its byte order mark, the Content-Type
 * header, what an HTML or XML document says in its first 1024 bytes; if it is a text that is not UTF-8, and the program
 * has a {@link CharsetDetector}, what that guesses; else UTF-8.
 */
public final class Charsets {

    /** How much of the start of a document {@link #detect} looks at: where the HTML standard has it say its charset. */
    public static final int PREFIX_BYTES = 1024;

    private static final Pattern META =
            Pattern.compile("<meta\\s[^>]*?charset\\s*=\\s*[\"']?\\s*([A-Za-z0-9_:.+-]+)", Pattern.CASE_INSENSITIVE);
    private static final Pattern XML_DECLARATION =
            Pattern.compile("^\\s*<\\?xml\\s[^>]*?encoding\\s*=\\s*[\"']([A-Za-z0-9_:.+-]+)[\"']");

    /** Names that stand for a larger charset on the web, as browsers read them (WHATWG Encoding Standard §4.2). */
    private static final Map<String, String> READ_AS = Map.of(
            "iso-8859-1", "windows-1252",
            "latin1", "windows-1252",
            "us-ascii", "windows-1252",
            "ascii", "windows-1252",
            "gb2312", "GBK",
            "shift_jis", "windows-31j",
            "euc-kr", "x-windows-949",
            "ks_c_5601-1987", "x-windows-949",
            "iso-8859-9", "windows-1254",
            "utf8", "UTF-8");

    /** How much a detector looks at, from where it is no ASCII any more: a text says soon what it is. */
    private static final int GUESSED_FROM_BYTES = 16 * 1024;

    private static final int ESCAPE = 0x1b; // ISO-2022-JP is ASCII with these

    private Charsets() {}

    /** A charset, and how many bytes of the body are its byte order mark. */
    public record Detected(Charset charset, int markBytes) {}

    /**
     * Finds the charset of the first {@code length} bytes, which may be the start of a longer text. Suspends as
     * {@link Codings#initialise}.
     *
     * @param contentType the value of the Content-Type header, or null
     */
    public static Detected detect(byte[] bytes, int length, @Nullable String contentType) {
        Detected marked = byMark(bytes, length);
        if (marked != null) {
            return marked;
        }
        Charset charset = byContentType(contentType);
        if (charset == null && isMarkup(contentType)) {
            charset = byDocument(bytes, length);
        }
        if (charset == null && isText(contentType)) {
            charset = byGuess(bytes, length);
        }
        return new Detected(charset == null ? StandardCharsets.UTF_8 : charset, 0);
    }

    private static @Nullable Detected byMark(byte[] bytes, int length) {
        int first = length > 0 ? bytes[0] & 0xff : 0;
        int second = length > 1 ? bytes[1] & 0xff : 0;
        if (first == 0xef && second == 0xbb && length > 2 && (bytes[2] & 0xff) == 0xbf) {
            return new Detected(StandardCharsets.UTF_8, 3);
        } else if (first == 0xfe && second == 0xff) {
            return new Detected(StandardCharsets.UTF_16BE, 2);
        } else if (first == 0xff && second == 0xfe) {
            return new Detected(StandardCharsets.UTF_16LE, 2);
        }
        return null;
    }

    /** Returns the charset that a Content-Type names, or null if it names none that is known here. */
    public static @Nullable Charset byContentType(@Nullable String contentType) {
        if (contentType == null) {
            return null;
        }
        int parameter = indexOfIgnoringCase(contentType, "charset=");
        if (parameter < 0) {
            return null;
        }
        String value = contentType.substring(parameter + "charset=".length());
        int end = value.indexOf(';');
        value = end < 0 ? value : value.substring(0, end);
        return byName(value.replace("\"", "").replace("'", "").strip());
    }

    private static int indexOfIgnoringCase(String text, String part) {
        for (int i = 0; i + part.length() <= text.length(); i++) {
            if (text.regionMatches(true, i, part, 0, part.length())) {
                return i;
            }
        }
        return -1;
    }

    private static boolean isMarkup(@Nullable String contentType) {
        if (contentType == null) {
            return true; // nothing said: the document may know
        }
        String type = contentType.toLowerCase(Locale.ROOT);
        return type.startsWith("text/html") || type.contains("xml");
    }

    private static @Nullable Charset byDocument(byte[] bytes, int length) {
        String start = new String(bytes, 0, Math.min(length, PREFIX_BYTES), StandardCharsets.ISO_8859_1);
        for (Pattern pattern : new Pattern[] {XML_DECLARATION, META}) {
            Matcher matcher = pattern.matcher(start);
            while (matcher.find()) {
                Charset charset = byName(matcher.group(1));
                if (charset != null) {
                    // What could be read as ASCII up to here is not UTF-16, whatever it says.
                    return charset.name().startsWith("UTF-16") ? StandardCharsets.UTF_8 : charset;
                }
            }
        }
        return null;
    }

    private static boolean isText(@Nullable String contentType) {
        return contentType == null
                || isMarkup(contentType)
                || contentType.regionMatches(true, 0, "text/", 0, "text/".length());
    }

    /** Returns null for what can be UTF-8: hardly any text in another charset can. */
    private static @Nullable Charset byGuess(byte[] bytes, int length) {
        CharsetDetector detector = Codings.detector();
        int start = 0;
        while (detector != null && start < length && bytes[start] >= 0 && bytes[start] != ESCAPE) {
            start++;
        }
        if (detector == null || start == length) {
            return null;
        }
        int looked = Math.min(length - start, GUESSED_FROM_BYTES);
        boolean utf8 = bytes[start] != ESCAPE && beginsAsUtf8(ByteBuffer.wrap(bytes, start, looked));
        String guess = utf8 ? null : detector.detect(bytes, start, looked);
        return guess == null ? null : byName(guess);
    }

    /** Returns whether it is UTF-8, but for a character that is cut off at the end. */
    private static boolean beginsAsUtf8(ByteBuffer text) {
        Utf8.countWellFormed(text);
        int rest = text.remaining();
        if (rest == 0) {
            return true;
        }
        int lead = text.get() & 0xff;
        boolean cut = rest < (lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0);
        while (cut && text.hasRemaining()) {
            cut = (text.get() & 0xc0) == 0x80;
        }
        return cut;
    }

    private static @Nullable Charset byName(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.equals("utf-8")) {
            return StandardCharsets.UTF_8;
        }
        try {
            return Charset.forName(READ_AS.getOrDefault(lower, lower));
        } catch (IllegalCharsetNameException | UnsupportedCharsetException unknown) {
            return null;
        }
    }
}
