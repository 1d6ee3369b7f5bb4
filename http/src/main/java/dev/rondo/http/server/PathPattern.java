package dev.rondo.http.server;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * A path with names in it: {@code /users/{id:[0-9]+}/files/{path:.*}}. It is held against the path as it was sent, in
 * one spelling; so {@code %2F} is never a slash. A name without expression stands for anything but a slash.
 */
final class PathPattern {

    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
    private static final String NO_SLASH = "[^/]+";
    private static final String UNRESERVED = "-._~!$&'()*+,;=:@/";

    private final String text;
    private final String prefix; // in one spelling; all of it if there are no names
    private final List<String> names = new ArrayList<>();
    private final List<String> parts = new ArrayList<>(); // literals; a name follows each but the last
    private final @Nullable Pattern regex; // null if there are no names

    private PathPattern(String text) {
        this.text = text;
        var whole = new StringBuilder();
        int at = 0;
        for (int open; (open = text.indexOf('{', at)) >= 0; ) {
            int close = closing(text, open);
            String inside = text.substring(open + 1, close);
            int colon = inside.indexOf(':');
            String name = colon < 0 ? inside : inside.substring(0, colon);
            if (!NAME.matcher(name).matches() || names.contains(name)) {
                throw bad(text, "{" + name + "} is no name of its own");
            }
            literal(text.substring(at, open), whole);
            names.add(name);
            whole.append('(')
                    .append(expression(text, colon < 0 ? NO_SLASH : inside.substring(colon + 1)))
                    .append(')');
            at = close + 1;
        }
        literal(text.substring(at), whole);
        this.prefix = parts.getFirst();
        this.regex = names.isEmpty() ? null : Pattern.compile(whole.toString());
    }

    /**
     * Reads a pattern.
     *
     * @throws IllegalArgumentException if it is none
     */
    static PathPattern parse(String text) {
        if (!text.startsWith("/")) {
            throw bad(text, "it begins with a slash");
        }
        return new PathPattern(text);
    }

    private void literal(String literal, StringBuilder whole) {
        if (literal.indexOf('}') >= 0 || literal.indexOf('?') >= 0 || literal.indexOf('#') >= 0) {
            throw bad(text, "there is a }, ? or # in it");
        }
        String spelt = spelling(literal);
        parts.add(spelt);
        whole.append(Pattern.quote(spelt));
    }

    /** Finds the brace that closes the one at {@code open}; expressions may have braces in pairs. */
    private static int closing(String text, int open) {
        int depth = 0;
        for (int i = open; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                i++;
            } else if (c == '{') {
                depth++;
            } else if (c == '}' && --depth == 0) {
                return i;
            }
        }
        throw bad(text, "a { is not closed");
    }

    /** Returns an expression whose groups do not count. */
    private static String expression(String text, String given) {
        try {
            if (Pattern.compile(given).matcher("").groupCount() > 0) {
                throw bad(text, "groups in an expression are written (?:…)");
            }
        } catch (PatternSyntaxException e) {
            throw bad(text, e.getDescription());
        }
        return given;
    }

    private static IllegalArgumentException bad(String text, String why) {
        return new IllegalArgumentException("\"" + text + "\" is no pattern of a path: " + why);
    }

    /**
     * Returns the one spelling of a path that is compared: escaped is what must be, in upper case, and nothing else.
     */
    static String spelling(String path) {
        int first = firstToSpell(path);
        if (first == path.length()) {
            return path;
        }
        var spelt = new StringBuilder(path.length() + 16).append(path, 0, first);
        byte[] rest = path.substring(first).getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < rest.length; i++) {
            int b = rest[i] & 0xff;
            boolean escape = b == '%' && i + 2 < rest.length && hex(rest[i + 1]) >= 0 && hex(rest[i + 2]) >= 0;
            if (escape) {
                b = hex(rest[i + 1]) << 4 | hex(rest[i + 2]);
                i += 2;
            }
            if (plain(b) && !(escape && b == '/')) {
                spelt.append((char) b);
            } else {
                spelt.append("%%%02X".formatted(b));
            }
        }
        return spelt.toString();
    }

    private static int firstToSpell(String path) {
        int i = 0;
        while (i < path.length() && plain(path.charAt(i))) {
            i++;
        }
        return i;
    }

    private static boolean plain(int c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || (c < 0x80 && UNRESERVED.indexOf(c) >= 0);
    }

    private static int hex(byte b) {
        return Character.digit(b, 16);
    }

    // ------------------------------------------------------------------------------------------------- matching

    boolean isLiteral() {
        return regex == null;
    }

    /** Returns the path before the first name, in the one spelling. */
    String prefix() {
        return prefix;
    }

    /** Returns what a path, in the one spelling, has in place of the names, decoded; null if it does not match. */
    @Nullable Map<String, String> match(String path) {
        if (regex == null) {
            return path.equals(prefix) ? Map.of() : null;
        }
        if (!path.startsWith(prefix)) {
            return null;
        }
        Matcher matcher = regex.matcher(path);
        if (!matcher.matches()) {
            return null;
        }
        Map<String, String> values = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            values.put(names.get(i), Paths.decoded(matcher.group(i + 1)));
        }
        return values;
    }

    /** Returns a path with values in place of the names, encoded. */
    String path(Map<String, String> values) {
        if (!values.keySet().equals(Set.copyOf(names))) {
            throw new IllegalArgumentException(text + " needs values for " + names + ", not " + values.keySet());
        }
        var path = new StringBuilder(parts.getFirst());
        for (int i = 0; i < names.size(); i++) {
            String value = values.get(names.get(i));
            path.append(URLEncoder.encode(String.valueOf(value), StandardCharsets.UTF_8)
                    .replace("+", "%20"));
            path.append(parts.get(i + 1));
        }
        return path.toString();
    }

    @Override
    public String toString() {
        return text;
    }
}
