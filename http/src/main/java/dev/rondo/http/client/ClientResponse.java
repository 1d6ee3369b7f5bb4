package dev.rondo.http.client;

import dev.rondo.AsyncTimeoutException;
import dev.rondo.Asyncio;
import dev.rondo.http.Cookie;
import dev.rondo.http.Headers;
import dev.rondo.http.HttpException;
import dev.rondo.http.JsonException;
import dev.rondo.http.MultipartReader;
import dev.rondo.http.StatusException;
import dev.rondo.http.Url;
import dev.rondo.http.encoding.Charsets;
import dev.rondo.http.encoding.Json;
import dev.rondo.http.encoding.MediaType;
import dev.rondo.http.encoding.Utf8;
import dev.rondo.http.h1.ResponseHead;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What a server answered: the head is here, the body is read when it is asked for. In aiohttp: {@code ClientResponse}.
 *
 * <pre>{@code
 * try (var response = session.get("https://example.org/")) {
 *     print(response.status(), response.text());
 * }
 * }</pre>
 *
 * <p>It holds a connection until its body has been read or it is closed; so close it, best by {@code try}. For the
 * coroutines of the session's loop, one at a time.
 */
public final class ClientResponse implements AutoCloseable {

    private static final int PIECE_BYTES = 16 * 1024;
    private static final Duration WAIT_FOR_BEGINNING = Duration.ofSeconds(1);

    /** How long a line of {@link #lines()} may be, in bytes. */
    public static final int MAX_LINE_BYTES = 64 * 1024;

    private final ClientRequest request;
    private final List<Hop> history;
    private final String version;
    private final ResponseHead head;
    private final BodyStream content;
    private BodyStream.@Nullable Whole whole; // the body, once read as a whole

    ClientResponse(ClientRequest request, List<Hop> history, String version, ResponseHead head, BodyStream content) {
        this.version = version;
        this.request = request;
        this.history = history;
        this.head = head;
        this.content = content;
    }

    // -------------------------------------------------------------------------------------------------- the head

    /** Returns the status, such as 200; any status that came, 404 and 500 too. In aiohttp: {@code status}. */
    public int status() {
        return head.status();
    }

    /** Returns how it came: {@code "HTTP/2"}, {@code "HTTP/1.1"} or {@code "HTTP/1.0"}. In aiohttp: {@code version}. */
    public String version() {
        return version;
    }

    /** Returns the words behind the status, or the empty string, as HTTP/2 has none. In aiohttp: {@code reason}. */
    public String reason() {
        return head.reason();
    }

    /** Returns whether the status is less than 400. In aiohttp: {@code ok}. */
    public boolean ok() {
        return status() < 400;
    }

    /**
     * Returns this response if its status is less than 400; else reads how its body begins, for a second at most, and
     * closes it. Suspends. In aiohttp: {@code raise_for_status}.
     *
     * @throws StatusException if the status is 400 or more
     */
    public ClientResponse raiseForStatus() throws StatusException {
        if (!ok()) {
            throw failure();
        }
        return this;
    }

    /** Closes it and returns it as a failure. Suspends. */
    StatusException failure() {
        try {
            return new StatusException(status(), reason(), url(), headers(), beginning());
        } finally {
            close();
        }
    }

    private byte[] beginning() {
        var start = ByteBuffer.allocate(StatusException.MAX_BODY_BYTES);
        if (whole != null) {
            return Arrays.copyOf(whole.bytes(), Math.min(whole.length(), start.capacity()));
        }
        if (content.begun() || content.closed()) {
            return new byte[0];
        }
        try {
            Asyncio.timeout(WAIT_FOR_BEGINNING, () -> {
                while (start.hasRemaining() && content.read(start) >= 0) {}
                return true;
            });
        } catch (AsyncTimeoutException | IOException whatCameWillDo) {
            // the status is the failure to tell of
        }
        return Arrays.copyOf(start.array(), start.position());
    }

    /** Returns the method that was asked with, behind all redirects. In aiohttp: {@code method}. */
    public String method() {
        return request.method();
    }

    /**
     * Returns the media type, in lower case and without parameters, or {@code application/octet-stream} if there is
     * none. In aiohttp: {@code content_type}.
     */
    public String contentType() {
        return MediaType.of(headers().get("Content-Type"));
    }

    /**
     * Returns how long the server asks to be left alone, in its Retry-After: what is left of it now if that is a date;
     * null if it does not ask.
     */
    public @Nullable Duration retryAfter() {
        return Retries.retryAfter(headers(), Asyncio.getRunningLoop()::instant);
    }

    /** Returns how long the body is as sent, in bytes, or -1 if the head does not say. aiohttp: content_length. */
    public long contentLength() {
        return content.announcedBytes();
    }

    /** Returns the headers as sent. In aiohttp: {@code headers}. */
    public Headers headers() {
        return head.headers();
    }

    /**
     * Returns the cookies that this answer sets, as sent: the session's jar may have refused some. Those of redirects
     * are in {@link #history}. In aiohttp: {@code cookies}.
     */
    public List<Cookie> cookies() {
        return Cookie.allOf(headers());
    }

    /** Returns the address that answered, behind all redirects. In aiohttp: {@code url}. */
    public Url url() {
        return request.url();
    }

    /** Returns the redirects that led here, the first one first. In aiohttp: {@code history}. */
    public List<Hop> history() {
        return history;
    }

    /**
     * Returns what was really asked, behind all middlewares and redirects: with the session's headers, Host and
     * Content-Type; without those of the framing, Content-Length and Transfer-Encoding. In aiohttp:
     * {@code request_info}.
     */
    public ClientRequest request() {
        return request;
    }

    /**
     * Returns the charset that the Content-Type header names, as browsers read the name, or null if it names none that
     * is known here. In aiohttp: {@code charset}.
     */
    public @Nullable Charset charset() {
        return Charsets.byContentType(headers().get("Content-Type"));
    }

    /**
     * Returns the links of the Link headers (RFC 8288), in order; those that lead nowhere are left out. aiohttp: links.
     */
    public List<Link> links() {
        return headers().all("Link").stream()
                .flatMap(field -> LinkParser.parse(field, url()).stream())
                .toList();
    }

    /** Returns where the first link of that relation leads, such as {@code next}, or null if there is none. */
    public @Nullable Url link(String relation) {
        for (Link link : links()) {
            if (link.is(relation)) {
                return link.url();
            }
        }
        return null;
    }

    /** Gives out the exchange: {@link ResponseBody#takeUpgraded}. */
    Exchange takeUpgraded() {
        return content.takeUpgraded();
    }

    // -------------------------------------------------------------------------------------------------- the body

    /**
     * Returns the body as text, malformed bytes replaced by U+FFFD. The charset is the first that is known here of: the
     * byte order mark, the Content-Type header, what an HTML or XML document says in its first 1024 bytes; what
     * {@code rondo-codings} guesses of a text that is not UTF-8, if the program has it; else UTF-8. Suspends, unless it
     * has been read before; fails as {@link #read}. In aiohttp: {@code text()}.
     */
    public String text() throws HttpException {
        BodyStream.Whole body = whole();
        Charsets.Detected detected =
                Charsets.detect(body.bytes(), body.length(), headers().get("Content-Type"));
        return decoded(body, detected.markBytes(), detected.charset());
    }

    /**
     * Returns the body as text in a charset, whatever the server says; else as {@link #text()}. In aiohttp:
     * {@code text(encoding)}.
     */
    public String text(Charset charset) throws HttpException {
        return decoded(whole(), 0, charset);
    }

    private static String decoded(BodyStream.Whole body, int start, Charset charset) {
        return charset.equals(StandardCharsets.UTF_8)
                ? Utf8.decode(body.bytes(), start, body.length())
                : new String(body.bytes(), start, body.length() - start, charset);
    }

    /**
     * Returns the body, decoded. Suspends, unless it has been read before. In aiohttp: {@code read()}.
     *
     * <p>On a cancel or a failure the connection is closed, and the body cannot be read any further.
     *
     * @return the bytes; the caller must not change them
     * @throws IllegalStateException if this response has been closed, or its {@link #content} has been read from
     * @throws dev.rondo.http.TruncatedBodyException if the connection ends before the body does
     * @throws dev.rondo.http.ConnectionClosedException if the response is closed while this waits
     * @throws dev.rondo.http.TooLargeException if the decoded body is larger than {@link Limits} allow
     * @throws dev.rondo.http.ContentDecodingException if it is not in the coding it claims, or in one not known here
     * @throws dev.rondo.http.HttpTimeoutException if it comes too slowly
     */
    public byte[] read() throws HttpException {
        BodyStream.Whole body = whole();
        if (body.bytes().length != body.length()) {
            body = new BodyStream.Whole(Arrays.copyOf(body.bytes(), body.length()), body.length());
            whole = body;
        }
        return body.bytes();
    }

    private BodyStream.Whole whole() throws HttpException {
        BodyStream.Whole body = whole;
        if (body == null) {
            if (content.begun()) {
                throw new IllegalStateException("content() of this response has been read from: go on with that");
            }
            body = content.readAll();
            whole = body;
        }
        return body;
    }

    /**
     * Returns the body as a value, by Jackson: a record, a map, a class. Suspends, and fails, as {@link #read}. In
     * aiohttp: {@code json()}.
     *
     * @throws JsonException if the Content-Type is not {@code application/json} or {@code application/…+json}, or the
     *     body is not JSON or does not fit
     */
    public <T> T json(Class<T> type) throws HttpException {
        String contentType = contentType();
        if (!contentType.equals("application/json")
                && !(contentType.startsWith("application/") && contentType.endsWith("+json"))) {
            throw new JsonException(
                    this + ": the body is " + contentType + ", not JSON; what it says all the same is in text()", null);
        }
        return Json.read(text(), type);
    }

    /** Returns the body as a tree; else as {@link #json(Class)}. */
    public JsonNode json() throws HttpException {
        return json(JsonNode.class);
    }

    /**
     * Downloads the body to a file, which is there once all of it is: it is written under another name beside it and
     * moved. A file that was there is replaced. Suspends; a failure or a cancel leaves it as it was.
     *
     * @return the number of bytes written
     * @throws IOException if the file cannot be written, or as {@link BodyStream#read}
     */
    public long saveTo(Path target) throws IOException {
        return Download.save(content, target);
    }

    /**
     * Returns the lines of the body, for a plain {@code for}, each without its {@code \n} or {@code \r\n}, in the
     * charset of the Content-Type header, else UTF-8. Each step suspends until the next line is there. What has been
     * read ahead is lost to {@link #content} when the loop is left early. In aiohttp: {@code async for line in
     * response.content}.
     *
     * @throws IllegalArgumentException if a newline is not one byte in that charset, as in UTF-16
     * @throws java.io.UncheckedIOException from each step, for what {@link BodyStream#read} throws, and for a line of
     *     more than {@link #MAX_LINE_BYTES}
     */
    public Iterable<String> lines() {
        return lines(MAX_LINE_BYTES);
    }

    /** Returns the lines of the body, of which each may have so many bytes; else as {@link #lines()}. */
    public Iterable<String> lines(int maxLineBytes) {
        if (maxLineBytes < 1) {
            throw new IllegalArgumentException("lines of at most " + maxLineBytes + " bytes: at least 1");
        }
        Charset named = charset();
        Charset charset = named == null ? StandardCharsets.UTF_8 : named;
        byte[] newline = "\n".getBytes(charset);
        if (newline.length != 1 || newline[0] != '\n') {
            throw new IllegalArgumentException(
                    "lines in " + charset + " cannot be read one by one: use text().lines()");
        }
        return () -> new BodyLines(content, charset, maxLineBytes);
    }

    /**
     * Returns the parts of a multipart body, to be read one by one. Never suspends. In aiohttp:
     * {@code MultipartReader.from_response}.
     *
     * @throws dev.rondo.http.MalformedMessageException if the Content-Type is not {@code multipart/…} with a boundary
     */
    public MultipartReader multipart() throws HttpException {
        String type = headers().get("Content-Type");
        var piece = ByteBuffer.allocate(PIECE_BYTES);
        return new MultipartReader(
                type == null ? "" : type, () -> content.read(piece.clear()) < 0 ? null : piece.flip());
    }

    /** Returns the body as a stream, for what is too large to be held as a whole. In aiohttp: {@code content}. */
    public BodyStream content() {
        return content;
    }

    /**
     * Returns how many bytes of the body have come so far, as sent: less than what {@link #read} gives, if it is
     * compressed.
     */
    public long receivedBytes() {
        return content.receivedBytes();
    }

    /**
     * Gives the connection back: for the next request if the body has been read or its rest is small and here, else it
     * is closed. Does not wait for the server; idempotent. What has been read stays. In aiohttp: {@code release}, the
     * end of {@code async with}.
     */
    @Override
    public void close() {
        content.close();
    }

    @Override
    public String toString() {
        return request + ": " + status() + (reason().isEmpty() ? "" : " " + reason());
    }
}
