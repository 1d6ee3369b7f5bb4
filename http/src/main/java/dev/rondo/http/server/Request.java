package dev.rondo.http.server;

import dev.rondo.http.Cookie;
import dev.rondo.http.Form;
import dev.rondo.http.Headers;
import dev.rondo.http.HttpException;
import dev.rondo.http.InvalidUrlException;
import dev.rondo.http.JsonException;
import dev.rondo.http.MalformedMessageException;
import dev.rondo.http.MultipartReader;
import dev.rondo.http.TooLargeException;
import dev.rondo.http.Url;
import dev.rondo.http.encoding.Charsets;
import dev.rondo.http.encoding.Json;
import dev.rondo.http.encoding.MediaType;
import dev.rondo.http.h1.RequestHead;
import java.io.ByteArrayOutputStream;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.IdentityHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What a client asks for. Its body is read when the handler asks for it, and comes as fast as it is read; methods that
 * read it suspend. Belongs to the coroutine of its handler. In aiohttp: {@code web.Request}.
 */
public final class Request {

    /**
     * The name of a value that middlewares and handlers leave for each other: {@link Request#get(Key)}. In aiohttp:
     * {@code RequestKey}.
     *
     * @param <T> of the value
     */
    public static final class Key<T> {

        private final String name;

        /** Makes a key that is equal to no other. */
        public Key(String name) {
            this.name = name;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private final RequestHead head;
    private final String version;
    private final Peer peer;
    private final boolean decoded; // what was sent compressed
    private RequestBody body;
    private boolean begun;

    private byte @Nullable [] whole; // the body, once it was read as a whole
    private @Nullable HttpException bodyFailure; // why it could not be read
    private boolean inParts; // it is read by a parser, whose failures are the client's fault too
    private @Nullable Form query; // once it was asked for
    private Map<String, String> params = Map.of(); // from the path, by the router
    private @Nullable String routedPath; // what is left of the path below what is mounted
    private @Nullable Map<Key<?>, Object> values; // once there is one

    /** @param decoded whether a body that was sent compressed is given as what it stands for */
    Request(RequestHead head, String version, Peer peer, RequestBody body, boolean decoded) {
        this.head = head;
        this.version = version;
        this.peer = peer;
        this.body = body;
        this.decoded = decoded;
    }

    /** Frees what the body holds. */
    void release() {
        body.close();
    }

    /**
     * Returns a request that nobody sent, to try a handler with. In aiohttp: {@code make_mocked_request}.
     *
     * @param target path and query, percent-encoded
     */
    public static Request of(String method, String target, Headers headers, byte[] body) {
        return new Request(
                new RequestHead(method, target, true, headers), "HTTP/1.1", Peer.NOBODY, RequestBody.of(body), true);
    }

    /** Returns a request without headers and body that nobody sent. */
    public static Request of(String method, String target) {
        return of(method, target, Headers.EMPTY, new byte[0]);
    }

    RequestHead head() {
        return head;
    }

    // ---------------------------------------------------------------------------------------------- what is asked

    /** Returns the method, such as {@code GET}. */
    public String method() {
        return head.method();
    }

    /** Returns path and query as sent, percent-encoded; or a whole address, as a proxy is asked for it. */
    public String target() {
        return head.target();
    }

    /** Returns the path, decoded. In aiohttp: {@code path}. */
    public String path() {
        return Paths.decoded(rawPath());
    }

    /** Returns the path as sent, percent-encoded. In aiohttp: {@code rel_url.raw_path}. */
    public String rawPath() {
        String target = head.target();
        int begin = Paths.beginning(target);
        int mark = target.indexOf('?', begin);
        String path = target.substring(begin, mark < 0 ? target.length() : mark);
        return path.isEmpty() ? "/" : path;
    }

    /** Returns the query, as sent and without its question mark; empty if there is none. */
    public String rawQuery() {
        int mark = head.target().indexOf('?');
        return mark < 0 ? "" : head.target().substring(mark + 1);
    }

    /**
     * Returns the parameters of the query. In aiohttp: {@code query}.
     *
     * @throws HttpError with status 400, if there are more than {@link Form#MAX_FIELDS}
     */
    public Form query() {
        Form parsed = query;
        if (parsed == null) {
            try {
                parsed = Form.parse(rawQuery());
            } catch (TooLargeException tooMany) {
                throw new HttpError(400, "a query of " + tooMany.getMessage());
            }
            query = parsed;
        }
        return parsed;
    }

    /** Returns the value of the first query parameter of that name, decoded, or null. In aiohttp: {@code query.get}. */
    public @Nullable String query(String name) {
        return query().get(name);
    }

    /**
     * Returns what the path has in place of {@code {name}}, decoded. In aiohttp: {@code match_info}.
     *
     * @throws IllegalArgumentException if the route has no such part
     */
    public String param(String name) {
        String value = params.get(name);
        if (value == null) {
            throw new IllegalArgumentException(
                    "the route of " + this + " has no {" + name + "}: there are " + params.keySet());
        }
        return value;
    }

    /** Returns all that the path has in place of names. */
    public Map<String, String> params() {
        return params;
    }

    /** Returns the part of the path that is still to be looked up, in one spelling; null if that is all of it. */
    @Nullable String routedPath() {
        return routedPath;
    }

    void setRoutedPath(String rest) {
        routedPath = rest;
    }

    void setParams(Map<String, String> fromPath) {
        params = fromPath;
    }

    /** Returns the headers, as sent. */
    public Headers headers() {
        return head.headers();
    }

    /** Returns the first header of that name, or null. */
    public @Nullable String header(String name) {
        return head.headers().get(name);
    }

    /** Returns the cookies that the client sent: {@link Cookie#sentWith}. In aiohttp: {@code cookies}. */
    public Map<String, String> cookies() {
        return Cookie.sentWith(headers());
    }

    /** Returns the value of a cookie, or null if the client did not send it. */
    public @Nullable String cookie(String name) {
        return cookies().get(name);
    }

    // ------------------------------------------------------------------------------------------------ who asks, how

    /** Returns the address of the client, or of a proxy in between; null if nobody sent this. In aiohttp: remote. */
    public @Nullable SocketAddress remote() {
        return peer.remote();
    }

    /** Returns whether it came through TLS. In aiohttp: {@code secure}. */
    public boolean secure() {
        return peer.secure();
    }

    /** Returns {@code http} or {@code https}. In aiohttp: {@code scheme}. */
    public String scheme() {
        return secure() ? "https" : "http";
    }

    /** Returns host and port as the client calls them; {@code localhost} if it does not. In aiohttp: {@code host}. */
    public String host() {
        String host = header("Host");
        return host == null || host.isEmpty() ? "localhost" : host;
    }

    /**
     * Returns the whole address. In aiohttp: {@code url}.
     *
     * @throws InvalidUrlException if what the client sent makes none
     */
    public Url url() throws InvalidUrlException {
        return Url.parse(Paths.beginning(target()) > 0 ? target() : scheme() + "://" + host() + target());
    }

    /** Returns {@code HTTP/1.1}, {@code HTTP/1.0} or {@code HTTP/2}. */
    public String version() {
        return version;
    }

    // ---------------------------------------------------------------------------------- values of middlewares

    /** Returns the value that was left under a key, or null. */
    @SuppressWarnings("unchecked") // set() takes no other
    public <T> @Nullable T get(Key<T> key) {
        return values == null ? null : (T) values.get(key);
    }

    /** Leaves a value for whoever handles the request next. */
    public <T> void set(Key<T> key, T value) {
        if (values == null) {
            values = new IdentityHashMap<>();
        }
        values.put(key, value);
    }

    // ----------------------------------------------------------------------------------------------------- the body

    /** Returns what the body is, without parameters and in lower case; {@code application/octet-stream} if unsaid. */
    public String contentType() {
        return MediaType.of(header("Content-Type"));
    }

    /** Returns the length of the body that was announced, in bytes, or -1. */
    public long contentLength() {
        return body.announcedBytes();
    }

    /**
     * Returns the next piece of the body: whatever its length, for nothing is gathered. What was sent with a
     * Content-Encoding comes decoded, unless {@link ServerOptions#withDecodedRequests} says otherwise. Suspends. In
     * aiohttp: {@code content.readany()}.
     *
     * @return a view that is good until the next call, never empty; null at the end
     * @throws MalformedMessageException if what comes is no body: left uncaught, it becomes status 400
     * @throws dev.rondo.http.ContentDecodingException if it is not in the coding that it claims: likewise
     * @throws TooLargeException if it is a bomb: likewise 413
     * @throws HttpError with status 415, if the coding is not known here
     * @throws dev.rondo.http.ReadTimeoutException if it comes too slowly: likewise 408
     * @throws HttpException if the client is gone
     */
    public @Nullable ByteBuffer readPiece() throws HttpException {
        if (!begun && decoded) {
            body = DecodedBody.of(body, header("Content-Encoding"));
        }
        begun = true;
        try {
            return body.next();
        } catch (HttpException failed) {
            bodyFailure = failed;
            throw failed;
        }
    }

    /**
     * Reads what remains of the body; again and again the same. Suspends. In aiohttp: {@code read()}.
     *
     * @throws TooLargeException if it is larger than {@link ServerOptions#withBodyBytes}: left uncaught, it becomes
     *     status 413
     * @throws HttpException as {@link #readPiece} does
     */
    public byte[] read() throws HttpException {
        byte[] bytes = whole;
        if (bytes == null) {
            if (bodyFailure instanceof TooLargeException tooLarge) { // what comes behind is not the whole either
                throw tooLarge;
            }
            bytes = readWhole();
            whole = bytes;
        }
        return bytes;
    }

    private byte[] readWhole() throws HttpException {
        if (body.announcedBytes() > body.maxBytes()) {
            throw tooLarge();
        }
        ByteBuffer piece = readPiece();
        if (piece == null) {
            return new byte[0];
        }
        var bytes =
                new ByteArrayOutputStream((int) Math.max(piece.remaining(), Math.min(body.announcedBytes(), 1 << 16)));
        do {
            if (bytes.size() + piece.remaining() > body.maxBytes()) {
                throw tooLarge();
            }
            var copy = new byte[piece.remaining()];
            piece.get(copy);
            bytes.writeBytes(copy);
        } while ((piece = readPiece()) != null);
        return bytes.toByteArray();
    }

    private TooLargeException tooLarge() {
        var failed = new TooLargeException("a body of more than " + body.maxBytes() + " bytes");
        bodyFailure = failed;
        return failed;
    }

    /** Returns whether a failure of the handler is one of reading the body. */
    boolean failedToRead(Exception failure) {
        boolean badParts = failure instanceof MalformedMessageException || failure instanceof TooLargeException;
        return failure == bodyFailure || (inParts && badParts);
    }

    /**
     * Reads the body as text, in the encoding that Content-Type names, else UTF-8; what is malformed becomes U+FFFD.
     * Suspends; throws what {@link #read} does. In aiohttp: {@code text()}.
     */
    public String text() throws HttpException {
        Charset named = Charsets.byContentType(header("Content-Type"));
        return new String(read(), named == null ? StandardCharsets.UTF_8 : named);
    }

    /**
     * Reads the body as JSON, whatever its Content-Type. Suspends; throws what {@link #read} does. In aiohttp:
     * {@code json()}.
     *
     * @throws HttpError with status 400, if it is none, or none of that type
     */
    public <T> T json(Class<T> type) throws HttpException {
        try {
            return Json.read(text(), type);
        } catch (JsonException bad) {
            throw new HttpError(400, "bad JSON: " + bad.getMessage());
        }
    }

    /** Reads the body as JSON of any kind: {@link #json(Class)}. */
    public JsonNode json() throws HttpException {
        return json(JsonNode.class);
    }

    /**
     * Reads the body as a form, urlencoded or multipart without files; all else has {@link #multipart}. Suspends;
     * throws what {@link #read} does. In aiohttp: {@code post()}.
     *
     * @throws MalformedMessageException if it is no form
     * @throws TooLargeException if it has more than {@link Form#MAX_FIELDS} fields, or a file
     */
    public Form form() throws HttpException {
        inParts = true;
        return contentType().equals("application/x-www-form-urlencoded")
                ? Form.parse(text())
                : Form.read(multipart(), body.maxBytes());
    }

    /**
     * Returns the parts of a multipart body, to be read one by one as they come. In aiohttp: {@code multipart()}.
     *
     * @throws MalformedMessageException if the Content-Type is not {@code multipart/…} with a boundary
     */
    public MultipartReader multipart() throws HttpException {
        inParts = true;
        String type = header("Content-Type");
        return new MultipartReader(type == null ? "" : type, this::readPiece);
    }

    @Override
    public String toString() {
        return method() + " " + target();
    }
}
