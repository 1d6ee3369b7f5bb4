package dev.rondo.http.server;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;

/** The paths of requests. */
final class Paths {

    private Paths() {}

    /** Returns where in a target its path begins: not at 0 if it is a whole address. */
    static int beginning(String target) {
        if (target.startsWith("/") || target.equals("*")) {
            return 0;
        }
        int authority = target.indexOf("://");
        if (authority < 0) {
            return 0;
        }
        int slash = target.indexOf('/', authority + 3);
        int mark = target.indexOf('?', authority + 3);
        int end = slash >= 0 && (mark < 0 || slash < mark) ? slash : mark;
        return end < 0 ? target.length() : end;
    }

    /** Returns the text that a percent-encoded one stands for; as it is, if its escapes are broken. */
    static String decoded(String encoded) {
        if (encoded.indexOf('%') < 0) {
            return encoded;
        }
        try {
            return URLDecoder.decode(encoded.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException brokenEscape) {
            return encoded;
        }
    }
}
