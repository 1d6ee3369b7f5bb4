package dev.rondo.scrape.url;

import dev.rondo.http.InvalidUrlException;
import dev.rondo.http.Url;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Brings addresses to one spelling, so that a crawl asks for each page once: read as browsers read them ({@link Url}),
 * then
 *
 * <ul>
 *   <li>an IPv4 address in any notation becomes four decimal numbers, an IPv6 address its shortest form
 *   <li>an escape of a letter, digit or one of {@code -._~} becomes that character, the others upper case
 *   <li>user and fragment are dropped
 * </ul>
 *
 * The order of a query stays, and so does a slash at the end of a path: servers may tell them apart. It does not
 * change, and may be used on any thread.
 *
 * @param sortsQuery whether the parameters of a query are brought in order
 * @param dropsTracking whether parameters are dropped that say where a reader came from: {@code utm_source}
 * @param dropsSessions whether session numbers are dropped: {@code ;jsessionid=}, {@code PHPSESSID}
 */
public record Canonicalizer(boolean sortsQuery, boolean dropsTracking, boolean dropsSessions) {

    /** Changes nothing that could make another page of it. */
    public static final Canonicalizer DEFAULT = new Canonicalizer(false, false, false);

    private static final Pattern TRACKING = Pattern.compile(
            "(?i)(utm_[^=]*|gclid|dclid|gbraid|wbraid|fbclid|msclkid|yclid|igshid|mc_[ce]id|_ga|_gl|ref_src)(=.*)?");
    private static final Pattern SESSION = Pattern.compile("(?i)(phpsessid|jsessionid|aspsessionid[^=]*|sid)(=.*)?");
    private static final Pattern PATH_SESSION = Pattern.compile("(?i);jsessionid=[^/;]*");

    /** What may stand anywhere in a path as it is; a dot only where it cannot be a segment of dots. */
    private static final boolean[] PLAIN = plain("-._~!$&'()*+,;=@");

    private static final boolean[] PLAIN_QUERY = plain("-._~!$&'()*+,;=@/:?[]");

    private static boolean[] plain(String more) {
        var plain = new boolean[128];
        for (char c = '0'; c <= 'z'; c++) {
            plain[c] = Character.isLetterOrDigit(c);
        }
        for (char c : more.toCharArray()) {
            plain[c] = true;
        }
        return plain;
    }

    // ---------------------------------------------------------------------------------------------------- reading

    /** Reads an address; returns null if it is none of http or https. */
    public @Nullable PageUrl parse(String address) {
        try {
            return canonical(Url.parse(address));
        } catch (InvalidUrlException e) {
            return null;
        }
    }

    /**
     * Reads what a page refers to.
     *
     * @return the address; null if it is none of http or https, such as {@code mailto:} and {@code javascript:}, or
     *     none that can be asked for
     */
    public @Nullable PageUrl resolve(PageUrl base, String reference) {
        PageUrl plain = resolvePlain(base, reference);
        if (plain != null) {
            return plain;
        }
        try {
            return canonical(Url.parse(base.text()).resolve(withoutOwnScheme(base, reference)));
        } catch (InvalidUrlException e) {
            return null;
        }
    }

    /** A browser takes {@code http:a} for {@code a} on a page of http. */
    private static String withoutOwnScheme(PageUrl base, String reference) {
        String text = reference.strip();
        String scheme = base.scheme() + ":";
        boolean own = text.regionMatches(true, 0, scheme, 0, scheme.length());
        boolean slash = text.startsWith("//", scheme.length()) || text.startsWith("\\", scheme.length());
        return own && !slash ? text.substring(scheme.length()) : reference;
    }

    /**
     * The most frequent by far, without a detour: a relative path, perhaps with {@code ../} in front, of characters
     * that need no care. Returns null if it is anything else.
     */
    private @Nullable PageUrl resolvePlain(PageUrl base, String reference) {
        if (sortsQuery || dropsTracking || dropsSessions) {
            return null;
        }
        int end = reference.indexOf('#');
        end = end < 0 ? reference.length() : end;
        if (end == 0) {
            return reference.isEmpty() || reference.charAt(0) == '#' ? base : null;
        }
        int start = 0;
        int kept = base.lastSegment(); // of the base's path
        if (reference.charAt(0) == '/') {
            kept = base.pathStart();
        } else {
            while (reference.startsWith("../", start)) {
                start += 3;
                kept = Math.max(base.pathStart() + 1, base.text().lastIndexOf('/', kept - 2) + 1);
            }
        }
        for (int i = start; i < end; i++) {
            char c = reference.charAt(i);
            if (c == '?') {
                return i > start && isPlain(reference, i + 1, end, PLAIN_QUERY)
                        ? join(base, kept, reference, start, end)
                        : null;
            } else if (c == '/') {
                if (i + 1 < end && (reference.charAt(i + 1) == '/' || reference.charAt(i + 1) == '.')) {
                    return null;
                }
            } else if (c >= PLAIN.length || !PLAIN[c] || (c == '.' && i == start)) {
                return null;
            }
        }
        return join(base, kept, reference, start, end);
    }

    private static boolean isPlain(String text, int start, int end, boolean[] plain) {
        for (int i = start; i < end; i++) {
            char c = text.charAt(i);
            if (c >= plain.length || !plain[c]) {
                return false;
            }
        }
        return true;
    }

    private static PageUrl join(PageUrl base, int kept, String reference, int start, int end) {
        return new PageUrl(new StringBuilder(kept + end - start)
                .append(base.text(), 0, kept)
                .append(reference, start, end)
                .toString());
    }

    // -------------------------------------------------------------------------------------------------- one spelling

    private @Nullable PageUrl canonical(Url url) {
        String host = Hosts.canonical(url.host());
        if (host == null) {
            return null;
        }
        String path = normalEscapes(url.path());
        String query = url.query() == null ? null : normalEscapes(url.query());
        if (dropsSessions) {
            path = PATH_SESSION.matcher(path).replaceAll("");
        }
        if (query != null && (sortsQuery || dropsTracking || dropsSessions)) {
            query = chosen(query);
        }
        String port = url.authority().equals(url.host()) ? "" : ":" + url.port();
        return new PageUrl(url.scheme() + "://" + host + port + path + (query == null ? "" : "?" + query));
    }

    /** Escapes that need not be are undone; the others are in upper case. */
    private static String normalEscapes(String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        var out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '%') { // Url has seen to it that two digits follow
                out.append(c);
                continue;
            }
            int value = Integer.parseInt(text, i + 1, i + 3, 16);
            if (value < 128 && (Character.isLetterOrDigit(value) || "-._~".indexOf(value) >= 0)) {
                out.append((char) value);
            } else {
                out.append('%')
                        .append(Character.toUpperCase(text.charAt(i + 1)))
                        .append(Character.toUpperCase(text.charAt(i + 2)));
            }
            i += 2;
        }
        return out.toString();
    }

    private @Nullable String chosen(String query) {
        List<String> parameters = new ArrayList<>(Arrays.asList(query.split("&")));
        parameters.removeIf(each -> (dropsTracking && TRACKING.matcher(each).matches())
                || (dropsSessions && SESSION.matcher(each).matches()));
        if (sortsQuery) {
            parameters.sort(Comparator.naturalOrder());
        }
        return parameters.isEmpty() ? null : String.join("&", parameters);
    }
}
