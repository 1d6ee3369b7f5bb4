package dev.rondo.http.server;

import dev.rondo.http.encoding.Codings;
import dev.rondo.http.encoding.ContentCoding;
import dev.rondo.http.encoding.MediaType;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Compresses answers, where the client takes it and it is worth it: texts of a kilobyte or more. By gzip, or by br or
 * zstd where the program has {@code rondo-codings} and the client prefers them. In aiohttp: {@code enable_compression}.
 *
 * <pre>{@code
 * app.middleware(new Compression());
 * }</pre>
 *
 * <p>Parts of files, answers that have a coding already or are not to be transformed, and server-sent events are left
 * as they are. A page that shows a secret beside what a stranger sent should not be compressed: its length tells of the
 * secret.
 */
public final class Compression implements Middleware {

    private static final long LEAST_BYTES = 1024;

    @Override
    public Response handle(Request request, Handler next) throws Exception {
        Response response = next.handle(request);
        if (!isWorthIt(response)) {
            return response;
        }
        Response varied = response.withHeader("Vary", varying(response.headers().get("Vary")));
        ContentCoding coding = Codings.preferred(request.header("Accept-Encoding"));
        if (coding == null) {
            return varied;
        }
        String tag = response.headers().get("ETag");
        if (tag != null && !tag.startsWith("W/")) {
            varied = varied.withHeader("ETag", "W/" + tag); // other bytes than those it stood for
        }
        return varied.withBody(response.body().compressed(coding.name()));
    }

    private static boolean isWorthIt(Response response) {
        long length = response.body().length();
        return response.status() == 200
                && response.upgrade() == null
                && (length < 0 || length >= LEAST_BYTES)
                && !response.headers().contains("Content-Encoding")
                && !response.headers().hasToken("Cache-Control", "no-transform")
                && isText(response.headers().get("Content-Type"));
    }

    private static boolean isText(@Nullable String contentType) {
        String type = MediaType.of(contentType);
        return (type.startsWith("text/") && !type.equals("text/event-stream"))
                || type.equals("application/json")
                || type.equals("application/javascript")
                || type.endsWith("+json")
                || type.endsWith("xml");
    }

    private static String varying(@Nullable String before) {
        if (before == null) {
            return "Accept-Encoding";
        }
        return before.toLowerCase(Locale.ROOT).contains("accept-encoding") ? before : before + ", Accept-Encoding";
    }
}
