package dev.rondo.http.client;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One challenge of a WWW-Authenticate header (RFC 9110 §11.6.1).
 *
 * @param scheme in lower case
 * @param params names in lower case; of several the first
 */
record AuthChallenge(String scheme, Map<String, String> params) {

    /** Returns the challenges of one field: several, and their parameters, are all divided by commas. */
    static List<AuthChallenge> parse(String field) {
        return new Reader(field).challenges();
    }

    private static final class Reader {

        private final String text;
        private int at;

        Reader(String text) {
            this.text = text;
        }

        List<AuthChallenge> challenges() {
            var challenges = new ArrayList<AuthChallenge>(1);
            Map<String, String> params = new LinkedHashMap<>();
            while (at < text.length()) {
                skip(" \t,");
                String word = until(" \t,=");
                skip(" \t");
                if (word.isEmpty()) {
                    at++; // an equals sign that nothing stands before
                } else if (at < text.length() && text.charAt(at) == '=') {
                    at++;
                    skip(" \t");
                    boolean quoted = at < text.length() && text.charAt(at) == '"';
                    params.putIfAbsent(word.toLowerCase(Locale.ROOT), quoted ? quoted() : until(" \t,"));
                } else {
                    params = new LinkedHashMap<>();
                    challenges.add(new AuthChallenge(word.toLowerCase(Locale.ROOT), params));
                }
            }
            return challenges;
        }

        private String quoted() {
            var value = new StringBuilder();
            for (at++; at < text.length() && text.charAt(at) != '"'; at++) {
                if (text.charAt(at) == '\\' && at + 1 < text.length()) {
                    at++;
                }
                value.append(text.charAt(at));
            }
            at++;
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
    }
}
