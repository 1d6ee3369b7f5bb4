package dev.rondo.http.server;

import dev.rondo.http.encoding.MediaType;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** What files are, by the ends of their names: those of the web. */
final class ContentTypes {

    private static final String TABLE = """
            html htm text/html; charset=utf-8
            css text/css; charset=utf-8
            js mjs text/javascript; charset=utf-8
            txt log text/plain; charset=utf-8
            md text/markdown; charset=utf-8
            csv text/csv; charset=utf-8
            json map application/json
            xml application/xml
            xhtml application/xhtml+xml
            svg image/svg+xml
            png image/png
            jpg jpeg image/jpeg
            gif image/gif
            webp image/webp
            avif image/avif
            ico image/vnd.microsoft.icon
            woff font/woff
            woff2 font/woff2
            ttf font/ttf
            otf font/otf
            mp3 audio/mpeg
            ogg audio/ogg
            mp4 video/mp4
            webm video/webm
            wasm application/wasm
            pdf application/pdf
            zip application/zip
            gz application/gzip
            webmanifest application/manifest+json
            """;

    private static final Map<String, String> BY_END = new HashMap<>();

    static {
        for (String line : TABLE.lines().toList()) {
            int slash = line.indexOf('/');
            int type = line.lastIndexOf(' ', slash) + 1;
            for (String end : line.substring(0, type).strip().split(" ")) {
                BY_END.put(end, line.substring(type));
            }
        }
    }

    private ContentTypes() {}

    /** Returns the type of a file of that name. */
    static String of(String name) {
        return BY_END.getOrDefault(
                name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT), MediaType.UNKNOWN);
    }
}
