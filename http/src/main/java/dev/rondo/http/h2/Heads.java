package dev.rondo.http.h2;

import dev.rondo.http.Headers;
import dev.rondo.http.h1.RequestHead;
import dev.rondo.http.h1.ResponseHead;
import java.util.Locale;
import java.util.Set;
import java.util.StringJoiner;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.MetaData;
import org.jspecify.annotations.Nullable;

/** Makes our heads of Jetty's, by the letter of RFC 9113 §8. */
final class Heads {

    /** What speaks of the connection, which is not HTTP/1.1's here. */
    private static final Set<String> OF_CONNECTION =
            Set.of("connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "http2-settings");

    private Heads() {}

    /** What came is no HTTP: a stream error. */
    static final class Malformed extends Exception {
        Malformed(String message) {
            super(message, null, false, false);
        }
    }

    /** Returns whether a field may not be sent in HTTP/2. */
    static boolean isOfConnection(String lowerCaseName) {
        return OF_CONNECTION.contains(lowerCaseName);
    }

    static RequestHead request(MetaData.Request request) throws Malformed {
        boolean connect = request.getMethod().equals("CONNECT");
        String authority = authority(request);
        String target = connect ? authority : request.getHttpURI().getPathQuery();
        if (target == null) {
            throw new Malformed("a request without a target");
        }
        if (!connect && !target.startsWith("/") && !target.equals("*")) {
            throw new Malformed("the target \"" + target + "\" does not begin with a slash");
        }
        ensureNoBlanks(target);
        Headers fields = headers(request.getHttpFields());
        if (authority != null) {
            ensureNoBlanks(authority);
            String host = fields.get("Host");
            if (host != null && !host.equalsIgnoreCase(authority)) {
                throw new Malformed("Host is \"" + host + "\" and :authority \"" + authority + "\"");
            }
            fields = Headers.builder()
                    .add("host", authority)
                    .addAll(fields.without("Host"))
                    .build();
        }
        ensureToken(request.getMethod());
        return new RequestHead(request.getMethod(), target, true, fields);
    }

    private static @Nullable String authority(MetaData.Request request) {
        String authority = request.getHttpURI().getAuthority();
        return authority == null || authority.isEmpty() ? null : authority;
    }

    static ResponseHead response(MetaData.Response response) throws Malformed {
        int status = response.getStatus();
        if (status < 100 || status > 999 || status == 101) {
            throw new Malformed("a response of status " + status);
        }
        return new ResponseHead(status, "", true, headers(response.getHttpFields()));
    }

    /** Returns the fields of a head or of trailers. */
    static Headers headers(HttpFields fields) throws Malformed {
        var headers = Headers.builder();
        StringJoiner cookies = new StringJoiner("; "); // may come in pieces (§8.2.3)
        int cookieFields = 0;
        for (HttpField field : fields) {
            String name = field.getName();
            String value = field.getValue() == null ? "" : field.getValue();
            String lowerCase = name.toLowerCase(Locale.ROOT);
            if (isOfConnection(lowerCase)) {
                throw new Malformed("the field " + name + ", which HTTP/2 does not have");
            }
            if (lowerCase.equals("te") && !value.equalsIgnoreCase("trailers")) {
                throw new Malformed("TE is \"" + value + "\"");
            }
            if (lowerCase.equals("cookie")) {
                cookies.add(value);
                cookieFields++;
            } else {
                add(headers, name, value);
            }
        }
        if (cookieFields > 0) {
            add(headers, "cookie", cookies.toString());
        }
        return headers.build();
    }

    private static void add(Headers.Builder headers, String name, String value) throws Malformed {
        try {
            headers.add(name, value);
        } catch (IllegalArgumentException e) {
            throw new Malformed(String.valueOf(e.getMessage()));
        }
    }

    /** Returns the announced length of the body, or -1. */
    static long contentLength(Headers headers) throws Malformed {
        long length = -1;
        for (String value : headers.all("Content-Length")) {
            long next = number(value);
            if (next < 0 || (length >= 0 && next != length)) {
                throw new Malformed("Content-Length is \"" + value + "\"");
            }
            length = next;
        }
        return length;
    }

    private static long number(String digits) {
        if (digits.isEmpty() || digits.length() > 18) {
            return -1;
        }
        long number = 0;
        for (int i = 0; i < digits.length(); i++) {
            char c = digits.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            number = number * 10 + (c - '0');
        }
        return number;
    }

    private static void ensureNoBlanks(String text) throws Malformed {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) <= ' ' || text.charAt(i) == 0x7f) {
                throw new Malformed("a blank or control character in \"" + text + "\"");
            }
        }
    }

    private static void ensureToken(String method) throws Malformed {
        add(Headers.builder(), method, ""); // names of fields are tokens, too
    }
}
