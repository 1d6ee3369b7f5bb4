package dev.rondo.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A header's value and what stands behind its semicolons: {@code form-data; name="a"; filename*=UTF-8''b}. */
final class HeaderParams {

    private final String value; // in lower case
    private final Map<String, String> params = new HashMap<>(); // names in lower case; the first of a name counts

    /** Reads a header leniently: what makes no sense is left out. */
    HeaderParams(String header) {
        int semicolon = header.indexOf(';');
        value = (semicolon < 0 ? header : header.substring(0, semicolon))
                .strip()
                .toLowerCase(Locale.ROOT);
        for (int i = semicolon; i >= 0 && i < header.length(); ) {
            i = readParam(header, i + 1);
        }
    }

    /** Reads what begins at {@code start}; returns where the next semicolon is, or the end. */
    private int readParam(String header, int start) {
        int i = start;
        while (i < header.length() && header.charAt(i) != '=' && header.charAt(i) != ';') {
            i++;
        }
        if (i == header.length() || header.charAt(i) == ';') {
            return i; // no value
        }
        String name = header.substring(start, i).strip().toLowerCase(Locale.ROOT);
        i++;
        while (i < header.length() && isBlank(header.charAt(i))) {
            i++;
        }
        var text = new StringBuilder();
        if (i < header.length() && header.charAt(i) == '"') {
            for (i++; i < header.length() && header.charAt(i) != '"'; i++) {
                // A backslash before another character is one: browsers once sent C:\a.txt.
                boolean escape = header.charAt(i) == '\\'
                        && i + 1 < header.length()
                        && "\"\\".indexOf(header.charAt(i + 1)) >= 0;
                text.append(header.charAt(escape ? ++i : i));
            }
            while (i < header.length() && header.charAt(i) != ';') {
                i++;
            }
        } else {
            int begin = i;
            while (i < header.length() && header.charAt(i) != ';') {
                i++;
            }
            text.append(header.substring(begin, i).strip());
        }
        params.putIfAbsent(name, text.toString());
        return i;
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }

    /** Returns what stands before the first semicolon, in lower case. */
    String value() {
        return value;
    }

    /** Returns a parameter as sent, quotes taken off, or null. */
    @Nullable String raw(String name) {
        return params.get(name);
    }

    /**
     * Returns a parameter as text, or null: that of RFC 8187 ({@code name*}) if it is there, else UTF-8 if it can be.
     */
    @Nullable String text(String name) {
        String extended = params.get(name + "*");
        if (extended != null) {
            String[] parts = extended.split("'", 3);
            if (parts.length == 3 && parts[0].equalsIgnoreCase("utf-8")) {
                return PercentCodec.decode(parts[2]);
            }
        }
        String raw = params.get(name);
        return raw == null ? null : asUtf8(raw).replace("%22", "\"");
    }

    /** Returns the parameter {@code charset}, or UTF-8 if there is none that is known here. */
    Charset charset() {
        String name = params.get("charset");
        try {
            return name == null ? StandardCharsets.UTF_8 : Charset.forName(name);
        } catch (IllegalCharsetNameException | UnsupportedCharsetException unknown) {
            return StandardCharsets.UTF_8;
        }
    }

    private static String asUtf8(String latin1) {
        try {
            ByteBuffer bytes = ByteBuffer.wrap(latin1.getBytes(StandardCharsets.ISO_8859_1));
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException notUtf8) {
            return latin1;
        }
    }
}
