package dev.rondo.http;

import dev.rondo.net.AsyncFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Reads a multipart body part by part, none of which is held in memory. In aiohttp: {@code MultipartReader}.
 *
 * <pre>{@code
 * MultipartReader parts = request.multipart();
 * for (MultipartReader.Part part; (part = parts.next()) != null; ) {
 *     if (part.fileName() != null) {
 *         part.saveTo(uploads.resolve(newName()), 100_000_000);
 *     }
 * }
 * }</pre>
 *
 * <p>Bounded: it holds one piece of a part, 16 KiB or the headers of a part, whichever is more; both the size of
 * headers and the number of parts have limits, and that of a part is the caller's to set. Lines end with CRLF; a
 * Content-Transfer-Encoding, which HTTP does not know, is left as it is. For one coroutine at a time.
 */
public final class MultipartReader {

    /** How many parts a body may have, unless said otherwise. */
    public static final int MAX_PARTS = 1000;

    /** How large the headers of one part may be, unless said otherwise. */
    public static final int MAX_HEADER_BYTES = 8 * 1024;

    private static final int BUFFER_BYTES = 16 * 1024;
    private static final int MAX_BOUNDARY_CHARS = 70; // RFC 2046 §5.1.1
    private static final int MAX_PADDING_BYTES = 64;
    private static final int NO_DELIMITER = -1;
    private static final int NEEDS_MORE = -2;

    /** Where a body comes from. */
    @FunctionalInterface
    public interface Source {

        /**
         * Returns the next piece, which need stay as it is only until the next call, or null at the end. May suspend.
         */
        @Nullable ByteBuffer next() throws HttpException;
    }

    //            delimiter                  blank line
    //   CONTENT ───────────▶ HEADERS ───────────────────▶ CONTENT      (what precedes the first delimiter: a part
    //      │                                                            that nobody sees)
    //      └── closing delimiter ──▶ ENDED
    private enum State {
        CONTENT,
        HEADERS,
        ENDED
    }

    private final Source source;
    private final int maxParts;
    private final int maxHeaderBytes;
    private final byte[] delimiter; // begins with the CRLF before it
    private final byte[] buffer;
    private int start; // of what has not been used yet
    private int limit;
    private @Nullable ByteBuffer piece; // what the buffer had no room for

    /**
     * How many bytes at {@code start} are a line end that is no content, but may be the beginning of a delimiter: the
     * blank line behind headers, when there is no content at all, and a line end made up before the very first byte.
     */
    private int notContent = 2;

    private State state = State.CONTENT;
    private int parts;
    private @Nullable Part current;

    /**
     * Makes a reader with the default limits.
     *
     * @param contentType the Content-Type header of the body
     * @throws MalformedMessageException if that is not {@code multipart/…} with a boundary
     */
    public MultipartReader(String contentType, Source source) throws MalformedMessageException {
        this(contentType, source, MAX_PARTS, MAX_HEADER_BYTES);
    }

    /**
     * Makes a reader with limits of its own.
     *
     * @throws MalformedMessageException if the content type is not {@code multipart/…} with a boundary
     */
    public MultipartReader(String contentType, Source source, int maxParts, int maxHeaderBytes)
            throws MalformedMessageException {
        var type = new HeaderParams(contentType);
        String boundary = type.raw("boundary");
        if (!type.value().startsWith("multipart/")) {
            throw new MalformedMessageException("\"" + contentType + "\" is not multipart", null);
        }
        if (boundary == null || boundary.isEmpty() || boundary.length() > MAX_BOUNDARY_CHARS) {
            throw new MalformedMessageException(
                    "\"" + contentType + "\" has no boundary of 1 to " + MAX_BOUNDARY_CHARS + " characters", null);
        }
        this.source = source;
        this.maxParts = maxParts;
        this.maxHeaderBytes = maxHeaderBytes;
        delimiter = ("\r\n--" + boundary).getBytes(StandardCharsets.ISO_8859_1);
        buffer = new byte[Math.max(BUFFER_BYTES, maxHeaderBytes + 4)];
        buffer[0] = '\r';
        buffer[1] = '\n';
        limit = 2;
    }

    /**
     * Returns the next part, or null behind the last one; what is left of the part before is skipped, and that part can
     * be read no more. Suspends. What follows the last part is not read.
     *
     * @throws MalformedMessageException if the body ends before its closing boundary, or a part's headers are none
     * @throws TooLargeException if there are too many parts, or a part's headers are too large
     * @throws HttpException as the source does
     */
    public @Nullable Part next() throws HttpException {
        current = null;
        while (content() != null) {}
        if (state == State.ENDED) {
            return null;
        }
        if (parts == maxParts) {
            throw new TooLargeException("a multipart body of more than " + maxParts + " parts");
        }
        var part = new Part(headers());
        parts++;
        current = part;
        return part;
    }

    // ------------------------------------------------------------------------------------------------------ content

    /** Returns the next piece of content, a part of the buffer, or null at the end of the part. */
    private @Nullable ByteBuffer content() throws HttpException {
        while (state == State.CONTENT) {
            int hit = delimiterFrom(start);
            int behind = hit == limit ? NEEDS_MORE : behindDelimiter(hit);
            while (behind == NO_DELIMITER) {
                hit = delimiterFrom(hit + 1);
                behind = hit == limit ? NEEDS_MORE : behindDelimiter(hit);
            }
            int from = start + notContent;
            if (hit > from) {
                start = hit;
                notContent = 0;
                return ByteBuffer.wrap(buffer, from, hit - from).slice();
            }
            if (behind == NEEDS_MORE) {
                fill();
            } else {
                state = buffer[behind] == '-' ? State.ENDED : State.HEADERS;
                start = behind;
                notContent = 0;
            }
        }
        return null;
    }

    /**
     * Returns where a delimiter begins, or what may become one with the bytes to come; {@code limit} if there is none.
     */
    private int delimiterFrom(int from) {
        for (int i = from; i < limit; i++) {
            if (buffer[i] == '\r') {
                int length = Math.min(delimiter.length, limit - i);
                int same = 1;
                while (same < length && buffer[i + same] == delimiter[same]) {
                    same++;
                }
                if (same == length) {
                    return i;
                }
            }
        }
        return limit;
    }

    /**
     * Returns where the rest of the line begins behind the delimiter at {@code hit}, white space left out: two hyphens
     * or a line end. A line that goes on in another way only begins as the delimiter does: that of an inner multipart.
     */
    private int behindDelimiter(int hit) {
        int i = hit + delimiter.length;
        int last = i + MAX_PADDING_BYTES;
        if (i + 1 < limit && buffer[i] == '-' && buffer[i + 1] == '-') {
            return i;
        }
        if (i + 1 == limit && buffer[i] == '-') {
            return NEEDS_MORE;
        }
        while (i < limit && i < last && (buffer[i] == ' ' || buffer[i] == '\t')) {
            i++;
        }
        if (i < limit && buffer[i] != '\r') {
            return NO_DELIMITER;
        }
        if (i + 1 >= limit) {
            return NEEDS_MORE;
        }
        return buffer[i + 1] == '\n' ? i : NO_DELIMITER;
    }

    /** Gets at least one byte more. */
    private void fill() throws HttpException {
        while (piece == null || !piece.hasRemaining()) {
            piece = source.next();
            if (piece == null) {
                throw new MalformedMessageException("a multipart body that ends before its closing boundary", null);
            }
        }
        System.arraycopy(buffer, start, buffer, 0, limit - start);
        limit -= start;
        start = 0;
        int count = Math.min(piece.remaining(), buffer.length - limit);
        piece.get(buffer, limit, count);
        limit += count;
    }

    // ------------------------------------------------------------------------------------------------------ headers

    /** Reads headers, from the line end behind the delimiter to the blank line, which stays where it is. */
    private Headers headers() throws HttpException {
        int searched = 0;
        int end;
        while ((end = blankLineFrom(start + searched)) < 0) {
            if (limit - start > maxHeaderBytes) {
                throw tooLargeHeaders();
            }
            searched = Math.max(0, limit - start - 3);
            fill();
        }
        if (end - start > maxHeaderBytes) {
            throw tooLargeHeaders();
        }
        Headers headers = end == start
                ? Headers.EMPTY
                : parsed(new String(buffer, start + 2, end - start - 2, StandardCharsets.ISO_8859_1));
        start = end + 2;
        notContent = 2;
        state = State.CONTENT;
        return headers;
    }

    private int blankLineFrom(int from) {
        for (int i = from; i + 3 < limit; i++) {
            if (buffer[i] == '\r' && buffer[i + 1] == '\n' && buffer[i + 2] == '\r' && buffer[i + 3] == '\n') {
                return i;
            }
        }
        return -1;
    }

    private static Headers parsed(String text) throws MalformedMessageException {
        Headers.Builder headers = Headers.builder();
        for (String line : text.replaceAll("\r\n[ \t]+", " ").split("\r\n", -1)) {
            int colon = line.indexOf(':');
            if (colon < 0) {
                throw new MalformedMessageException("a part with a header without a colon: " + line, null);
            }
            try {
                headers.add(
                        line.substring(0, colon).stripTrailing(),
                        line.substring(colon + 1).strip());
            } catch (IllegalArgumentException e) {
                throw new MalformedMessageException("a part with a malformed header: " + e.getMessage(), e);
            }
        }
        return headers.build();
    }

    private TooLargeException tooLargeHeaders() {
        return new TooLargeException("a part with headers of more than " + maxHeaderBytes + " bytes");
    }

    // --------------------------------------------------------------------------------------------------------- part

    /** A part, to be read before the next one is asked for. In aiohttp: {@code BodyPartReader}. */
    public final class Part implements Source {

        private final Headers headers;
        private final HeaderParams disposition;
        private final HeaderParams type;

        private Part(Headers headers) {
            this.headers = headers;
            String dispositionHeader = headers.get("Content-Disposition");
            String typeHeader = headers.get("Content-Type");
            disposition = new HeaderParams(dispositionHeader == null ? "" : dispositionHeader);
            type = new HeaderParams(typeHeader == null ? "text/plain" : typeHeader);
        }

        /** Returns its headers. */
        public Headers headers() {
            return headers;
        }

        /** Returns the name of the form's field, or null if it is none. In aiohttp: {@code name}. */
        public @Nullable String name() {
            return disposition.text("name");
        }

        /**
         * Returns the file's name as the peer sent it, or null if this is no file. It may be any text, {@code ../..}
         * too: never make a path of it. In aiohttp: {@code filename}.
         */
        public @Nullable String fileName() {
            return disposition.text("filename");
        }

        /** Returns its media type, in lower case and without parameters; {@code text/plain} if it does not say. */
        public String contentType() {
            return type.value();
        }

        /** Returns the charset that its type names, if it is known here, else UTF-8. */
        public Charset charset() {
            return type.charset();
        }

        /**
         * Returns the next piece of it, which stays as it is only until more is read, or null at its end. Suspends.
         *
         * @throws IllegalStateException if the next part has been asked for
         * @throws MalformedMessageException if the body ends before its closing boundary
         */
        @Override
        public @Nullable ByteBuffer next() throws HttpException {
            if (current != this) {
                throw new IllegalStateException("this part is over, for the next one has been asked for");
            }
            return content();
        }

        /**
         * Reads the rest of it. Suspends; fails as {@link #next()}.
         *
         * @throws TooLargeException if that is more than {@code maxBytes}
         */
        public byte[] read(int maxBytes) throws HttpException {
            var bytes = new ByteArrayOutputStream();
            for (ByteBuffer next; (next = next()) != null; ) {
                ensureWithin(maxBytes, (long) bytes.size() + next.remaining());
                bytes.write(buffer, next.arrayOffset(), next.remaining());
            }
            return bytes.toByteArray();
        }

        /** Reads the rest of it as text, malformed bytes replaced by U+FFFD; else as {@link #read}. */
        public String text(int maxBytes) throws HttpException {
            return new String(read(maxBytes), charset());
        }

        /**
         * Writes the rest of it to a new file. Suspends; fails as {@link #next()}. After a failure or a cancel there is
         * no file; an empty one at most, if the cancel came while it was made.
         *
         * @return how many bytes there were
         * @throws TooLargeException if that is more than {@code maxBytes}
         * @throws java.nio.file.FileAlreadyExistsException if there is such a file
         */
        public long saveTo(Path target, long maxBytes) throws IOException {
            boolean made = false;
            boolean done = false;
            try (AsyncFile file = AsyncFile.open(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                made = true;
                long length = 0;
                for (ByteBuffer next; (next = next()) != null; ) {
                    length += next.remaining();
                    ensureWithin(maxBytes, length);
                    file.write(next);
                }
                done = true;
                return length;
            } finally {
                if (made && !done) {
                    delete(target);
                }
            }
        }

        private static void delete(Path target) {
            try {
                AsyncFile.delete(target);
            } catch (IOException worthNoMention) {
                // beside the failure that is on its way
            }
        }

        private void ensureWithin(long maxBytes, long length) throws TooLargeException {
            if (length > maxBytes) {
                throw new TooLargeException("a part of more than " + maxBytes + " bytes");
            }
        }

        /** Returns its headers in a line. */
        @Override
        public String toString() {
            return "Part" + headers.toString().lines().toList();
        }
    }
}
