package dev.rondo.http.client;

import dev.rondo.http.InvalidUrlException;
import dev.rondo.http.Url;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads a Link header as leniently as RFC 8288 (appendix B.2) does: what makes no sense is left out. */
final class LinkParser {

    private final String text;
    private final Url base;
    private int at;

    private LinkParser(String text, Url base) {
        this.text = text;
        this.base = base;
    }

    /** Returns the links of one field. */
    static List<Link> parse(String field, Url base) {
        return new LinkParser(field, base).links();
    }

    private List<Link> links() {
        var links = new ArrayList<Link>(2);
        while (at < text.length()) {
            skip(" \t,");
            if (at == text.length() || text.charAt(at) != '<') {
                break;
            }
            int end = text.indexOf('>', at);
            if (end < 0) {
                break;
            }
            Url target = resolved(text.substring(at + 1, end).strip());
            at = end + 1;
            Map<String, String> params = params();
            if (target != null) {
                links.add(new Link(target, params));
            }
            skipPast(',');
        }
        return links;
    }

    private @Nullable Url resolved(String reference) {
        try {
            return base.resolve(reference);
        } catch (InvalidUrlException leadsNowhere) {
            return null;
        }
    }

    private Map<String, String> params() {
        var params = new LinkedHashMap<String, String>();
        for (skip(" \t"); at < text.length() && text.charAt(at) == ';'; skip(" \t")) {
            at++;
            skip(" \t");
            String name = until("=;,").strip().toLowerCase(Locale.ROOT);
            String value = "";
            if (at < text.length() && text.charAt(at) == '=') {
                at++;
                skip(" \t");
                value = at < text.length() && text.charAt(at) == '"'
                        ? quoted()
                        : until(";,").strip();
            }
            if (!name.isEmpty()) {
                params.putIfAbsent(name, value);
            }
        }
        return params;
    }

    private String quoted() {
        var value = new StringBuilder();
        for (at++; at < text.length() && text.charAt(at) != '"'; at++) {
            if (text.charAt(at) == '\\' && at + 1 < text.length()) {
                at++;
            }
            value.append(text.charAt(at));
        }
        at = Math.min(at + 1, text.length());
        return value.toString();
    }

    private String until(String ends) {
        int start = at;
        while (at < text.length() && ends.indexOf(text.charAt(at)) < 0) {
            at++;
        }
        return text.substring(start, at);
    }

    private void skip(String chars) {
        while (at < text.length() && chars.indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private void skipPast(char c) {
        while (at < text.length() && text.charAt(at) != c) {
            at++;
        }
        at = Math.min(at + 1, text.length());
    }
}
