package dev.rondo.http;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A body of several parts, each with headers of its own (RFC 2046, RFC 7578). In aiohttp: {@code FormData} with files,
 * and {@code MultipartWriter}.
 *
 * <pre>{@code
 * session.post(url, Multipart.form().field("title", "Rondo").file("score", Path.of("score.pdf")).build());
 * }</pre>
 *
 * <p>Its length is known if that of every part is, and it can be sent again if every part can. Files are not held in
 * memory. As free as its parts are to be used more than once, and from any thread.
 */
public final class Multipart implements Body {

    private static final SecureRandom RANDOM = new SecureRandom();

    /** The boundary before a part and its headers, as they are sent; and what follows them. */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares parts
    private record Piece(byte[] head, Body body) {}

    private final String contentType;
    private final List<Piece> pieces;
    private final byte[] end;

    private Multipart(String contentType, List<Piece> pieces, byte[] end) {
        this.contentType = contentType;
        this.pieces = pieces;
        this.end = end;
    }

    /** Returns a builder of {@code multipart/form-data}, which is what a form with files is sent as. */
    public static Builder form() {
        return new Builder("form-data");
    }

    /**
     * Returns a builder of another kind, such as {@code "mixed"}.
     *
     * @throws IllegalArgumentException if the kind is no token
     */
    public static Builder of(String subtype) {
        FieldRules.ensureToken("media type", subtype);
        return new Builder(subtype);
    }

    @Override
    public String contentType() {
        return contentType;
    }

    @Override
    public long length() {
        long length = end.length;
        for (Piece piece : pieces) {
            long body = piece.body.length();
            if (body < 0) {
                return -1;
            }
            length += piece.head.length + body;
        }
        return length;
    }

    @Override
    public boolean repeatable() {
        return pieces.stream().allMatch(piece -> piece.body.repeatable());
    }

    @Override
    public void writeTo(Sink out) throws Exception {
        for (Piece piece : pieces) {
            out.write(piece.head);
            piece.body.writeTo(out);
        }
        out.write(end);
    }

    /** Returns how many parts it has, and of how many bytes. */
    @Override
    public String toString() {
        return "Body[" + pieces.size() + " parts, " + (length() < 0 ? "made while they are sent" : length() + " bytes")
                + "]";
    }

    /** Collects the parts. For one thread at a time; it builds once. */
    public static final class Builder {

        private final String subtype;
        private final String boundary;
        private final List<Piece> pieces = new ArrayList<>();

        private Builder(String subtype) {
            this.subtype = subtype;
            var random = new byte[16]; // so that nobody can guess it and put one into a part
            RANDOM.nextBytes(random);
            boundary = "rondo-" + HexFormat.of().formatHex(random);
        }

        /** Adds a text of a form, in UTF-8. In aiohttp: {@code add_field}. */
        public Builder field(String name, String value) {
            return named(name, null, Body.of(value.getBytes(StandardCharsets.UTF_8)));
        }

        /** Adds all texts of a form. */
        public Builder fields(Form form) {
            form.forEach(this::field);
            return this;
        }

        /** Adds a value of a form, with its type; without a file name a server takes it for no file. */
        public Builder field(String name, Body value) {
            return named(name, null, value);
        }

        /**
         * Adds a file under its own name: {@link Body#file}.
         *
         * @throws IOException if there is no such file; suspends to see that
         */
        public Builder file(String name, Path path) throws IOException {
            return file(name, String.valueOf(path.getFileName()), Body.file(path));
        }

        /**
         * Adds what a server takes for a file. Quotes and line ends in its name are sent as {@code %22}, {@code %0D}
         * and {@code %0A}, as browsers do, and the rest of it as UTF-8.
         */
        public Builder file(String name, String fileName, Body content) {
            return named(name, fileName, content);
        }

        private Builder named(String name, @Nullable String fileName, Body body) {
            String disposition = "form-data; name=\"" + escaped(name) + '"'
                    + (fileName == null ? "" : "; filename=\"" + escaped(fileName) + '"');
            String type = body.contentType();
            if (type == null && fileName != null) {
                type = "application/octet-stream";
            }
            return add("Content-Disposition: " + disposition + "\r\n" + typeLine(type), body);
        }

        /** Returns a name as it may stand between quotes (HTML standard, "multipart/form-data encoding algorithm"). */
        private static String escaped(String name) {
            return name.replace("\r", "%0D")
                    .replace("\n", "%0A")
                    .replace("\"", "%22")
                    .replace("\0", "%00");
        }

        /**
         * Adds a part with these headers, and the body's Content-Type unless they have one. In aiohttp: {@code append}.
         */
        public Builder part(Headers headers, Body body) {
            var lines = new StringBuilder();
            headers.forEach((name, value) ->
                    lines.append(name).append(": ").append(value).append("\r\n"));
            return add(lines + (headers.contains("Content-Type") ? "" : typeLine(body.contentType())), body);
        }

        private static String typeLine(@Nullable String type) {
            if (type == null) {
                return "";
            }
            FieldRules.ensureValue("Content-Type", type);
            return "Content-Type: " + type + "\r\n";
        }

        private Builder add(String headers, Body body) {
            String head = delimiter() + "\r\n" + headers + "\r\n";
            pieces.add(new Piece(head.getBytes(StandardCharsets.UTF_8), body));
            return this;
        }

        /** Returns the boundary, behind the end of the line that the part before it may not have ended. */
        private String delimiter() {
            return (pieces.isEmpty() ? "--" : "\r\n--") + boundary;
        }

        /** Makes the body; of no parts it is an end alone. */
        public Multipart build() {
            byte[] end = (delimiter() + "--\r\n").getBytes(StandardCharsets.US_ASCII);
            return new Multipart("multipart/" + subtype + "; boundary=" + boundary, List.copyOf(pieces), end);
        }
    }
}
