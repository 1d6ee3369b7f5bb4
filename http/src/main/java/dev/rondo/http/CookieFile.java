package dev.rondo.http;

import dev.rondo.net.AsyncFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The file format of Netscape, curl and wget: a cookie a line, seven columns with tabs between: domain, whether hosts
 * below it get it, path, secure, seconds since 1970 or 0, name, value.
 */
final class CookieFile {

    static final String HEADER = "# Netscape HTTP Cookie File\n\n";

    private static final String HTTP_ONLY = "#HttpOnly_";
    private static final int MAX_BYTES = 64 * 1024 * 1024;

    private CookieFile() {}

    record Line(String domain, String path, boolean hostOnly, Cookie cookie) {}

    static void append(StringBuilder lines, Cookie cookie, boolean hostOnly) {
        Instant expires = cookie.expires();
        lines.append(cookie.httpOnly() ? HTTP_ONLY : "")
                .append(hostOnly ? "" : ".")
                .append(cookie.domain())
                .append(hostOnly ? "\tFALSE\t" : "\tTRUE\t")
                .append(cookie.path())
                .append(cookie.secure() ? "\tTRUE\t" : "\tFALSE\t")
                .append(expires == null ? 0 : Math.max(1, expires.getEpochSecond()))
                .append('\t')
                .append(cookie.name())
                .append('\t')
                .append(cookie.value())
                .append('\n');
    }

    static void write(Path path, String lines) throws IOException {
        // Latin-1, as headers are read: the bytes are those that the server sent.
        PrivateFile.replace(path, lines.getBytes(StandardCharsets.ISO_8859_1));
    }

    static List<Line> read(Path path) throws IOException {
        if (AsyncFile.size(path) > MAX_BYTES) {
            throw new IOException(path + " has more than " + MAX_BYTES + " bytes: that is no file of cookies");
        }
        String text = new String(AsyncFile.readAllBytes(path), StandardCharsets.ISO_8859_1);
        var lines = new ArrayList<Line>();
        int number = 0;
        for (String line : text.split("\r?\n", -1)) {
            number++;
            if (line.startsWith(HTTP_ONLY) || (!line.startsWith("#") && !line.isBlank())) {
                try {
                    lines.add(parse(line));
                } catch (IllegalArgumentException | DateTimeException e) {
                    throw new IOException("line " + number + " of " + path + " is no cookie: " + e.getMessage(), e);
                }
            }
        }
        return lines;
    }

    private static Line parse(String line) {
        boolean httpOnly = line.startsWith(HTTP_ONLY);
        String[] columns = line.substring(httpOnly ? HTTP_ONLY.length() : 0).split("\t", -1);
        if (columns.length != 7) {
            throw new IllegalArgumentException(columns.length + " columns instead of 7");
        }
        String domain = columns[0].toLowerCase(Locale.ROOT);
        domain = domain.startsWith(".") ? domain.substring(1) : domain;
        if (domain.isEmpty() || !columns[2].startsWith("/")) {
            throw new IllegalArgumentException("no domain, or a path that does not begin with /");
        }
        long expires = Long.parseLong(columns[4]);
        var cookie = new Cookie(
                columns[5],
                columns[6],
                domain,
                columns[2],
                null,
                expires == 0 ? null : Instant.ofEpochSecond(expires),
                columns[3].equalsIgnoreCase("TRUE"),
                httpOnly,
                null,
                false);
        return new Line(domain, columns[2], !columns[1].equalsIgnoreCase("TRUE"), cookie);
    }
}
