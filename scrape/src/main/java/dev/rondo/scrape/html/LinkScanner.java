package dev.rondo.scrape.html;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jsoup.parser.Parser;
import org.jspecify.annotations.Nullable;

/**
 * Finds the links of HTML pages in one pass over their bytes, without making a tree of them: more than ten times as
 * fast. It takes tags for tags where a browser does, whatever the page is like: not in comments, scripts and styles,
 * nor in the values of attributes.
 *
 * <p>It remembers references that it met lately, since the pages of a site share most of theirs. For one thread at a
 * time.
 */
public final class LinkScanner {

    private static final int REMEMBERED = 4096; // a power of two
    private static final int LONGEST_NAME = 10;
    private static final Pattern REFRESH =
            Pattern.compile("(?i)\\s*\\d*(?:\\.\\d*)?\\s*[;,]?\\s*(?:url\\s*=\\s*)?[\"']?([^\"']*).*");

    private final int most;
    private final @Nullable String[] remembered = new String[REMEMBERED];

    // Of the page that is being scanned.
    private byte[] page = {};
    private int at;
    private int end;
    private Charset charset = StandardCharsets.UTF_8;

    // Of the tag: where the values of the attributes lie that are asked for, or -1.
    private final Value href = new Value();
    private final Value src = new Value();
    private final Value name = new Value();
    private final Value httpEquiv = new Value();
    private final Value content = new Value();

    private static final class Value {
        int start;
        int end = -1;

        boolean there() {
            return end >= 0;
        }
    }

    /**
     * Makes a scanner.
     *
     * @param most how many links of a page it looks for; what is behind them is passed over
     */
    public LinkScanner(int most) {
        this.most = most;
    }

    /**
     * Finds the links of a page.
     *
     * @param bytes the page, from {@code from} up to, not including, {@code to}
     * @param encoding the charset it is in
     */
    public PageLinks scan(byte[] bytes, int from, int to, Charset encoding) {
        if (likeAscii(encoding)) {
            page = bytes;
            at = from;
            end = to;
            charset = encoding;
        } else {
            page = new String(bytes, from, to - from, encoding).getBytes(StandardCharsets.UTF_8);
            at = 0;
            end = page.length;
            charset = StandardCharsets.UTF_8;
        }
        try {
            return scan();
        } finally {
            page = new byte[0];
        }
    }

    private static boolean likeAscii(Charset encoding) {
        String name = encoding.name();
        return !name.startsWith("UTF-16")
                && !name.startsWith("UTF-32")
                && !name.startsWith("ISO-2022")
                && !name.startsWith("x-UTF-16");
    }

    private PageLinks scan() {
        List<String> references = new ArrayList<>();
        inSvg = false;
        String base = null;
        String refresh = null;
        boolean nofollow = false;
        while (references.size() < most && findTag()) {
            switch (tagName()) {
                case "a", "area" -> add(references, href);
                case "frame" -> add(references, src);
                case "iframe" -> {
                    add(references, src);
                    skipTo(tagName); // what stands in it is for browsers that know no frames
                }
                case "svg" -> inSvg = !selfClosed;
                case "base" -> base = base == null && href.there() ? text(href) : base;
                case "meta" -> {
                    if (is(httpEquiv, "refresh") && content.there() && refresh == null) {
                        refresh = target(text(content));
                    }
                    nofollow |= is(name, "robots") && content.there() && asksNofollow(text(content));
                }
                case "script", "style", "textarea", "title", "xmp", "noembed", "noframes" -> {
                    if (!(inSvg && selfClosed)) { // elsewhere the slash says nothing
                        skipTo(tagName);
                    }
                }
                default -> {}
            }
        }
        return new PageLinks(references, base, refresh, nofollow);
    }

    private void add(List<String> references, Value value) {
        if (value.there()) {
            references.add(text(value));
        }
    }

    private static boolean asksNofollow(String directives) {
        String lower = directives.toLowerCase(Locale.ROOT);
        return lower.contains("nofollow")
                || Arrays.asList(lower.split("[\\s,]+")).contains("none");
    }

    private static @Nullable String target(String refresh) {
        Matcher matcher = REFRESH.matcher(refresh);
        String target = matcher.matches() ? matcher.group(1).strip() : "";
        return target.isEmpty() ? null : target;
    }

    // -------------------------------------------------------------------------------------------------------- tags

    private String tagName = "";
    private boolean selfClosed; // the tag
    private boolean inSvg;

    private String tagName() {
        return tagName;
    }

    /** Goes behind the next start tag that may be asked for, and keeps its name and attributes; false at the end. */
    private boolean findTag() {
        while (at < end) {
            if (page[at++] != '<' || at == end) {
                continue;
            }
            int c = page[at];
            if (isLetter(c)) {
                tagName = readName();
                if (tagName.isEmpty()) {
                    skipTag();
                } else if (attributes()) {
                    return true;
                }
            } else if (c == '!') {
                skipDeclaration();
            } else if (c == '/' || c == '?') {
                boolean endTag = c == '/' && at + 1 < end && isLetter(page[at + 1]);
                if (endTag) {
                    at++;
                    inSvg &= !matches(at, "svg");
                    skipTag();
                } else {
                    skipBehind('>');
                }
            }
        }
        return false;
    }

    /** Reads the name of a tag; one that nobody asks for comes out as some other. */
    private String readName() {
        int start = at;
        while (at < end && !isSpace(page[at]) && page[at] != '/' && page[at] != '>') {
            at++;
        }
        int length = at - start;
        return switch (page[start] | 0x20) {
            case 'a' -> length == 1 ? "a" : named(start, length, "area");
            case 'b' -> named(start, length, "base");
            case 'f' -> named(start, length, "frame");
            case 'i' -> named(start, length, "iframe");
            case 'm' -> named(start, length, "meta");
            case 'n' -> length == 7 ? named(start, length, "noembed") : named(start, length, "noframes");
            case 's' ->
                length == 3
                        ? named(start, length, "svg")
                        : length == 6 ? named(start, length, "script") : named(start, length, "style");
            case 't' -> length == 5 ? named(start, length, "title") : named(start, length, "textarea");
            case 'x' -> named(start, length, "xmp");
            default -> "";
        };
    }

    private String named(int start, int length, String candidate) {
        return length == candidate.length() && length <= LONGEST_NAME && matches(start, candidate) ? candidate : "";
    }

    private boolean matches(int start, String lowerCase) {
        if (start + lowerCase.length() > end) {
            return false;
        }
        for (int i = 0; i < lowerCase.length(); i++) {
            int c = page[start + i];
            if ((c >= 'A' && c <= 'Z' ? c | 0x20 : c) != lowerCase.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Reads what stands behind the name, up to and with the {@code >}; returns false if the page ends in it. */
    private boolean attributes() {
        href.end = src.end = name.end = httpEquiv.end = content.end = -1;
        while (at < end) {
            int c = page[at];
            if (c == '>') {
                selfClosed = page[at - 1] == '/';
                at++;
                return true;
            } else if (isSpace(c) || c == '/') {
                at++;
            } else if (!attribute()) {
                return false;
            }
        }
        return false;
    }

    /** To behind the end of a tag whose attributes nobody asks for: a {@code >} in quotes is none. */
    private void skipTag() {
        boolean named = false; // what an equals sign would be behind
        for (; at < end; at++) {
            int c = page[at];
            if (c == '>') {
                at++;
                return;
            } else if (c == '=' && named) {
                named = false;
                at++;
                skipSpaces();
                if (at < end && (page[at] == '"' || page[at] == '\'')) {
                    int quote = page[at++];
                    while (at < end && page[at] != quote) {
                        at++;
                    }
                } else {
                    while (at < end && !isSpace(page[at]) && page[at] != '>') {
                        at++;
                    }
                    at--;
                }
            } else if (c == '/') {
                named = false;
            } else if (!isSpace(c)) {
                named = true;
            }
        }
    }

    private boolean attribute() {
        int start = at++; // the first may be a "="
        while (at < end && !isSpace(page[at]) && page[at] != '/' && page[at] != '>' && page[at] != '=') {
            at++;
        }
        Value value = wanted(start, at - start);
        skipSpaces();
        int from = at;
        int to = at;
        if (at < end && page[at] == '=') {
            at++;
            skipSpaces();
            if (at == end) {
                return false;
            }
            int quote = page[at];
            if (quote == '"' || quote == '\'') {
                from = ++at;
                while (at < end && page[at] != quote) {
                    at++;
                }
                to = at;
                if (at++ >= end) {
                    return false;
                }
            } else {
                from = at;
                while (at < end && !isSpace(page[at]) && page[at] != '>') {
                    at++;
                }
                to = at;
            }
        }
        if (value != null && !value.there()) { // the first of the same name counts
            value.start = from;
            value.end = to;
        }
        return true;
    }

    private @Nullable Value wanted(int start, int length) {
        return switch (length) {
            case 3 -> matches(start, "src") ? src : null;
            case 4 -> matches(start, "href") ? href : matches(start, "name") ? name : null;
            case 7 -> matches(start, "content") ? content : null;
            case 10 -> matches(start, "http-equiv") ? httpEquiv : null;
            default -> null;
        };
    }

    // ------------------------------------------------------------------------------------------- what is passed over

    /** Behind {@code <!}: a comment, or a declaration. */
    private void skipDeclaration() {
        at++;
        if (!(at + 1 < end && page[at] == '-' && page[at + 1] == '-')) {
            skipBehind('>');
            return;
        }
        at += 2;
        if (at < end && page[at] == '>') { // <!--> is all of a comment
            at++;
            return;
        }
        if (at + 1 < end && page[at] == '-' && page[at + 1] == '>') {
            at += 2;
            return;
        }
        for (; at + 2 < end; at++) {
            if (page[at] == '-' && page[at + 1] == '-') {
                if (page[at + 2] == '>') {
                    at += 3;
                    return;
                }
                if (page[at + 2] == '!' && at + 3 < end && page[at + 3] == '>') {
                    at += 4;
                    return;
                }
            }
        }
        at = end;
    }

    /** To the end tag of this name: what is before it is text. */
    private void skipTo(String element) {
        for (; at + element.length() + 2 < end; at++) {
            if (page[at] == '<' && page[at + 1] == '/' && matches(at + 2, element)) {
                int behind = page[at + 2 + element.length()];
                if (isSpace(behind) || behind == '/' || behind == '>') {
                    return;
                }
            }
        }
        at = end;
    }

    private void skipBehind(char c) {
        while (at < end && page[at] != c) {
            at++;
        }
        at++;
    }

    private void skipSpaces() {
        while (at < end && isSpace(page[at])) {
            at++;
        }
    }

    // ------------------------------------------------------------------------------------------------------ values

    private boolean is(Value value, String lowerCase) {
        return value.there() && value.end - value.start == lowerCase.length() && matches(value.start, lowerCase);
    }

    private String text(Value value) {
        int start = value.start;
        int stop = value.end;
        while (start < stop && isSpace(page[start])) {
            start++;
        }
        while (stop > start && isSpace(page[stop - 1])) {
            stop--;
        }
        int hash = 0;
        boolean ascii = true;
        boolean references = false;
        for (int i = start; i < stop; i++) {
            byte b = page[i];
            ascii &= b >= 0;
            references |= b == '&';
            hash = 31 * hash + b;
        }
        if (!ascii || references) {
            String text = new String(page, start, stop - start, charset);
            return references ? Parser.unescapeEntities(text, true) : text;
        }
        int slot = (hash ^ hash >>> 12) & REMEMBERED - 1;
        String known = remembered[slot];
        if (known != null && known.hashCode() == hash && same(known, start, stop)) {
            return known;
        }
        String text = new String(page, start, stop - start, StandardCharsets.ISO_8859_1);
        remembered[slot] = text;
        return text;
    }

    private boolean same(String known, int start, int stop) {
        if (known.length() != stop - start) {
            return false;
        }
        for (int i = start; i < stop; i++) {
            if (known.charAt(i - start) != page[i]) {
                return false;
            }
        }
        return true;
    }

    private static boolean isLetter(int c) {
        return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
    }

    private static boolean isSpace(int c) {
        return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f';
    }
}
