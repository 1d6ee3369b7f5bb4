package dev.rondo.http.server;

import dev.rondo.Asyncio;
import dev.rondo.http.Body;
import dev.rondo.http.Headers;
import dev.rondo.http.encoding.Codings;
import dev.rondo.http.encoding.HttpDate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Serves the files below a directory: whole or in part, and only to those who do not have them yet. Files are looked up
 * and read off the loop. In aiohttp: {@code web.static}.
 *
 * <pre>{@code
 * app.mount("/assets", StaticFiles.of(Path.of("www")).withIndex("index.html"));
 * }</pre>
 *
 * <p>Nothing outside of the directory is served, by whatever name: a symbolic link that leads out is not there. What is
 * neither a file nor a directory with an index is not there either. Where a browser takes it and a file of the same
 * name and {@code .br}, {@code .zst} or {@code .gz} is there, that one is sent. A value: its {@code with…} methods
 * return changed copies.
 */
public final class StaticFiles implements Handler {

    private static final Pattern ESCAPED_SLASH = Pattern.compile("%(2f|5c)", Pattern.CASE_INSENSITIVE);

    /** Content codings and the ends of the names of files that are in them, the best first. */
    private static final List<Map.Entry<String, String>> PACKED =
            List.of(Map.entry("br", ".br"), Map.entry("zstd", ".zst"), Map.entry("gzip", ".gz"));

    private final Path root;
    private final @Nullable String index;
    private final @Nullable String cacheControl;

    private StaticFiles(Path root, @Nullable String index, @Nullable String cacheControl) {
        this.root = root;
        this.index = index;
        this.cacheControl = cacheControl;
    }

    /** Serves the files below {@code root}; it is looked up with each request. */
    public static StaticFiles of(Path root) {
        return new StaticFiles(root, null, null);
    }

    /** Serves the file of that name in place of a directory; else a directory is not there. */
    public StaticFiles withIndex(String name) {
        return new StaticFiles(root, name, cacheControl);
    }

    /** Sends a Cache-Control header with each file, such as {@code max-age=3600}. */
    public StaticFiles withCacheControl(String value) {
        return new StaticFiles(root, index, value);
    }

    /** What was found: a file, or a directory that wants a slash. */
    private record Found(
            Path path,
            long size,
            Instant modified,
            @Nullable String coding) {

        /** Returns what changes whenever the file does. */
        String tag() {
            long nanos = modified.getEpochSecond() * 1_000_000_000 + modified.getNano();
            return "\"" + Long.toHexString(size) + "-" + Long.toHexString(nanos) + (coding == null ? "" : "-" + coding)
                    + "\"";
        }

        Instant modifiedSecond() {
            return modified.truncatedTo(ChronoUnit.SECONDS);
        }
    }

    @Override
    public Response handle(Request request) throws IOException {
        if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
            throw new HttpError(
                    Response.text("405 Method Not Allowed\n").withStatus(405).withHeader("Allow", "GET, HEAD"));
        }
        String routed = request.routedPath();
        String encoded = routed == null ? request.rawPath() : routed;
        if (ESCAPED_SLASH.matcher(encoded).find()) { // to all that looks at the path before, it is part of a name
            throw new HttpError(404, "404 Not Found");
        }
        String path = Paths.decoded(encoded);
        String accepted = request.header("Accept-Encoding");
        Found found = Asyncio.toThread(() -> find(path, accepted));
        if (found == null) {
            throw new HttpError(404, "404 Not Found");
        }
        if (found.size() < 0) { // a directory
            String query = request.rawQuery();
            String here = request.rawPath().replaceFirst("^/+", "/"); // "//name/" would be another host
            return Response.redirect(301, here + "/" + (query.isEmpty() ? "" : "?" + query));
        }
        return answer(request, found, cacheControl);
    }

    /** Sends one file, wherever it is: {@link Response#file}. */
    static Response file(Request request, Path file) {
        BasicFileAttributes attributes = Asyncio.toThread(() -> attributes(file));
        if (attributes == null || !attributes.isRegularFile()) {
            throw new HttpError(404, "404 Not Found");
        }
        Found found =
                new Found(file, attributes.size(), attributes.lastModifiedTime().toInstant(), null);
        return answer(request, found, null);
    }

    // ------------------------------------------------------------------------------------- off the loop: what is there

    private @Nullable Found find(String path, @Nullable String accepted) {
        Path file = below(path);
        if (file == null) {
            return null;
        }
        BasicFileAttributes attributes = attributes(file);
        if (attributes != null && attributes.isDirectory() && index != null) {
            if (!path.endsWith("/")) {
                return leadsOut(file) ? null : new Found(file, -1, Instant.EPOCH, null);
            }
            file = file.resolve(index);
            attributes = attributes(file);
        } else if (path.endsWith("/")) {
            return null;
        }
        if (attributes == null || !attributes.isRegularFile() || leadsOut(file)) {
            return null;
        }
        for (Map.Entry<String, String> packed : PACKED) {
            if (Codings.accepts(accepted, packed.getKey())) {
                Path sibling = file.resolveSibling(file.getFileName() + packed.getValue());
                BasicFileAttributes of = attributes(sibling);
                if (of != null && of.isRegularFile() && !leadsOut(sibling)) {
                    return new Found(sibling, of.size(), of.lastModifiedTime().toInstant(), packed.getKey());
                }
            }
        }
        return new Found(file, attributes.size(), attributes.lastModifiedTime().toInstant(), null);
    }

    /** Returns the file that a path stands for, or null if no file may have that name. */
    private @Nullable Path below(String path) {
        Path file = root;
        for (String name : path.split("/")) {
            if (name.equals("..") || name.indexOf('\\') >= 0 || name.indexOf('\0') >= 0) {
                return null;
            }
            if (!name.isEmpty() && !name.equals(".")) {
                try {
                    file = file.resolve(name);
                } catch (InvalidPathException noName) {
                    return null;
                }
            }
        }
        return file.normalize().startsWith(root.normalize()) ? file : null;
    }

    private static @Nullable BasicFileAttributes attributes(Path file) {
        try {
            return Files.readAttributes(file, BasicFileAttributes.class);
        } catch (IOException notThere) {
            return null;
        }
    }

    /** Also true of a file that is gone by now. */
    private boolean leadsOut(Path file) {
        try {
            return !file.toRealPath().startsWith(root.toRealPath());
        } catch (IOException gone) {
            return true;
        }
    }

    // --------------------------------------------------------------------------------------------------- the answer

    private static Response answer(Request request, Found found, @Nullable String cacheControl) {
        Headers.Builder common = Headers.builder()
                .add("ETag", found.tag())
                .add("Last-Modified", HttpDate.format(found.modified()))
                .add("Accept-Ranges", "bytes")
                .add("Vary", "Accept-Encoding");
        if (cacheControl != null) {
            common.add("Cache-Control", cacheControl);
        }
        Headers headers = common.build();
        int status = condition(request, found);
        if (status != 0) {
            return new Response(status, headers, Body.EMPTY);
        }
        if (found.coding() != null) {
            headers = headers.with("Content-Encoding", found.coding());
        }
        String name = String.valueOf(found.path().getFileName());
        String type = ContentTypes.of(found.coding() == null ? name : name.substring(0, name.lastIndexOf('.')));
        String ranges = request.method().equals("GET") ? request.header("Range") : null; // RFC 9110 §14.2
        ByteRange range = ranges == null || !mayBePart(request, found) ? null : ByteRange.parse(ranges, found.size());
        if (range == null) {
            return new Response(200, headers, Body.filePart(found.path(), type, 0, found.size()));
        }
        if (range.length() == 0) {
            return new Response(416, headers.with("Content-Range", "bytes */" + found.size()), Body.EMPTY);
        }
        headers = headers.with("Content-Range", "bytes " + range.first() + "-" + range.last() + "/" + found.size());
        return new Response(206, headers, Body.filePart(found.path(), type, range.first(), range.length()));
    }

    /** Returns 304 or 412 if the client's conditions ask for it, else 0, in the order of RFC 9110 §13.2.2. */
    private static int condition(Request request, Found found) {
        String match = request.header("If-Match");
        Instant unmodified = HttpDate.parse(request.header("If-Unmodified-Since"));
        if (match != null
                ? !names(match, found.tag(), false)
                : unmodified != null && found.modifiedSecond().isAfter(unmodified)) {
            return 412;
        }
        String none = request.header("If-None-Match");
        Instant modified = HttpDate.parse(request.header("If-Modified-Since"));
        if (none != null
                ? names(none, found.tag(), true)
                : modified != null && !found.modifiedSecond().isAfter(modified)) {
            return 304;
        }
        return 0;
    }

    private static boolean mayBePart(Request request, Found found) {
        String validator = request.header("If-Range");
        if (validator == null || validator.equals(found.tag())) {
            return true;
        }
        Instant date = HttpDate.parse(validator);
        return date != null && date.equals(found.modifiedSecond());
    }

    /** Returns whether a list of tags has this one. */
    private static boolean names(String tags, String tag, boolean weakly) {
        for (String each : tags.split(",")) {
            String stripped = each.strip();
            if (stripped.equals("*") || stripped.equals(tag) || (weakly && stripped.equals("W/" + tag))) {
                return true;
            }
        }
        return false;
    }

    @Override
    public String toString() {
        return "StaticFiles[" + root + "]";
    }
}
