package dev.rondo.http;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How cookies are written in headers (RFC 6265bis §4, §5.6). */
final class CookieText {

    /** Name and value together; what is longer is ignored (§5.6). */
    static final int MAX_BYTES = 4096;

    /** The value of an attribute; what is longer is ignored. */
    static final int MAX_ATTRIBUTE_BYTES = 1024;

    private CookieText() {}

    // ----------------------------------------------------------------------------------------------------- rules

    /** Throws if {@code text} could end the cookie, or the header. */
    static void ensureSafe(String what, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (isControl(c) || c == ';' || c > 0xff) {
                throw new IllegalArgumentException(
                        "the %s of a cookie has character U+%04X at index %d".formatted(what, (int) c, i));
            }
        }
    }

    static void ensureName(String name) {
        FieldRules.ensureToken("cookie", name);
    }

    static void ensureValue(String name, String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c <= ' ' || c >= 0x7f || "\",;\\".indexOf(c) >= 0) {
                throw new IllegalArgumentException(
                        "the value of cookie %s has character U+%04X at index %d: encode it first"
                                .formatted(name, (int) c, i));
            }
        }
    }

    private static boolean isControl(char c) {
        return c < ' ' || c == 0x7f;
    }

    // -------------------------------------------------------------------------------------------------- Set-Cookie

    static @Nullable Cookie parse(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((isControl(c) && c != '\t') || c > 0xff) {
                return null;
            }
        }
        String[] parts = text.split(";", -1);
        int equals = parts[0].indexOf('=');
        String name = equals < 0 ? "" : parts[0].substring(0, equals).strip();
        String value = parts[0].substring(equals + 1).strip();
        if ((name.isEmpty() && value.isEmpty())
                || name.length() + value.length() > MAX_BYTES
                || hasTab(name)
                || hasTab(value)) {
            return null;
        }
        var attributes = new Attributes();
        for (int i = 1; i < parts.length; i++) {
            int at = parts[i].indexOf('=');
            String key = (at < 0 ? parts[i] : parts[i].substring(0, at)).strip();
            String said = at < 0 ? "" : parts[i].substring(at + 1).strip();
            if (said.length() <= MAX_ATTRIBUTE_BYTES && !hasTab(said)) {
                attributes.take(key.toLowerCase(Locale.ROOT), said);
            }
        }
        return new Cookie(
                name,
                value,
                attributes.domain,
                attributes.path,
                attributes.maxAge,
                attributes.expires,
                attributes.secure,
                attributes.httpOnly,
                attributes.sameSite,
                attributes.partitioned);
    }

    private static boolean hasTab(String text) {
        return text.indexOf('\t') >= 0;
    }

    /** The last one of a kind counts, even if it takes back what came before. */
    private static final class Attributes {

        private @Nullable String domain;
        private @Nullable String path;
        private @Nullable Duration maxAge;
        private @Nullable Instant expires;
        private boolean secure;
        private boolean httpOnly;
        private Cookie.@Nullable SameSite sameSite;
        private boolean partitioned;

        void take(String name, String value) {
            switch (name) {
                case "domain" -> domain = value.isEmpty() ? null : value;
                case "path" -> path = value.startsWith("/") ? value : null;
                case "max-age" -> {
                    Duration said = seconds(value);
                    maxAge = said == null ? maxAge : said;
                }
                case "expires" -> {
                    Instant said = CookieDate.parse(value);
                    expires = said == null ? expires : said;
                }
                case "secure" -> secure = true;
                case "httponly" -> httpOnly = true;
                case "samesite" ->
                    sameSite = switch (value.toLowerCase(Locale.ROOT)) {
                        case "strict" -> Cookie.SameSite.STRICT;
                        case "lax" -> Cookie.SameSite.LAX;
                        case "none" -> Cookie.SameSite.NONE;
                        default -> null;
                    };
                case "partitioned" -> partitioned = true;
                default -> {} // none of ours
            }
        }

        private static @Nullable Duration seconds(String text) {
            boolean negative = text.startsWith("-");
            String digits = negative ? text.substring(1) : text;
            if (digits.isEmpty() || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
                return null;
            }
            String significant = digits.replaceFirst("^0+(?=.)", "");
            long seconds = significant.length() > 10 ? 10_000_000_000L : Long.parseLong(significant); // 300 years
            return Duration.ofSeconds(negative ? -seconds : seconds);
        }
    }

    // ------------------------------------------------------------------------------------------------------ Cookie

    static Map<String, String> pairs(List<String> headers) {
        var pairs = new LinkedHashMap<String, String>();
        for (String header : headers) {
            for (String pair : header.split(";", -1)) {
                int equals = pair.indexOf('=');
                if (equals >= 0) {
                    String name = pair.substring(0, equals).strip();
                    if (!name.isEmpty()) {
                        pairs.putIfAbsent(
                                name, unquoted(pair.substring(equals + 1).strip()));
                    }
                }
            }
        }
        return pairs;
    }

    private static String unquoted(String value) {
        boolean quoted = value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"");
        return quoted ? value.substring(1, value.length() - 1) : value;
    }
}
