package dev.rondo.http.server;

import dev.rondo.http.h1.HeadLimits;
import dev.rondo.http.h1.WaitLimit;
import dev.rondo.net.ListenOptions;
import dev.rondo.net.TlsOptions;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * How much a client may send and how long it may take, and what else a server does for it: a value; its {@code with…}
 * methods return changed copies. A limit in bytes says which status refuses what is larger; a time of zero is no limit.
 */
public final class ServerOptions {

    /** The limits named below, no TLS, no log. */
    public static final ServerOptions DEFAULT = new ServerOptions();

    // Written before a copy is handed out, and never again.
    private int headerBytes = 64 * 1024;
    private int headerCount = 128;
    private int lineBytes = 8190;
    private int fieldBytes = 8190;
    private int bodyBytes = 1024 * 1024;
    private Duration requestTime = Duration.ofSeconds(10);
    private int bodyRate = 500;
    private Duration keepAlive = Duration.ofSeconds(75);
    private Duration writeTime = Duration.ofSeconds(60);
    private int connections = 10_000;
    private boolean cancelOnDisconnect;
    private @Nullable AccessLog accessLog;
    private ListenOptions listen = ListenOptions.DEFAULT;
    private @Nullable SSLContext sslContext;
    private TlsOptions tls = TlsOptions.DEFAULT;
    private boolean http2 = true;
    private boolean decodedRequests = true;
    private int requestsPerConnection = Integer.MAX_VALUE;

    private ServerOptions() {}

    private ServerOptions(ServerOptions other) {
        headerBytes = other.headerBytes;
        headerCount = other.headerCount;
        lineBytes = other.lineBytes;
        fieldBytes = other.fieldBytes;
        bodyBytes = other.bodyBytes;
        requestTime = other.requestTime;
        bodyRate = other.bodyRate;
        keepAlive = other.keepAlive;
        writeTime = other.writeTime;
        connections = other.connections;
        cancelOnDisconnect = other.cancelOnDisconnect;
        accessLog = other.accessLog;
        listen = other.listen;
        sslContext = other.sslContext;
        tls = other.tls;
        http2 = other.http2;
        decodedRequests = other.decodedRequests;
        requestsPerConnection = other.requestsPerConnection;
    }

    private ServerOptions copy() {
        return new ServerOptions(this);
    }

    // ---------------------------------------------------------------------------------------- how much may be sent

    /** Sets how large request line and header fields may be together, in bytes: 64 KiB; else 431. */
    public ServerOptions withHeaderBytes(int bytes) {
        ensure(bytes >= 256, "headerBytes", bytes, "at least 256");
        ServerOptions copy = copy();
        copy.headerBytes = bytes;
        return copy;
    }

    /** Sets how many header fields a request may have: 128; else 431. */
    public ServerOptions withHeaderCount(int fields) {
        ensure(fields >= 1, "headerCount", fields, "at least 1");
        ServerOptions copy = copy();
        copy.headerCount = fields;
        return copy;
    }

    /** Sets how long the address in a request's first line may be, in bytes: 8190; else 414. */
    public ServerOptions withLineBytes(int bytes) {
        ensure(bytes >= 16, "lineBytes", bytes, "at least 16");
        ServerOptions copy = copy();
        copy.lineBytes = bytes;
        return copy;
    }

    /** Sets how large one header field may be, in bytes: 8190; else 431. */
    public ServerOptions withFieldBytes(int bytes) {
        ensure(bytes >= 16, "fieldBytes", bytes, "at least 16");
        ServerOptions copy = copy();
        copy.fieldBytes = bytes;
        return copy;
    }

    /**
     * Sets how large a body may be that is read as a whole, in bytes: 1 MiB; else 413. What is read piece by piece has
     * no limit but the reader's. In aiohttp: {@code client_max_size}.
     */
    public ServerOptions withBodyBytes(int bytes) {
        ensure(bytes >= 0, "bodyBytes", bytes, "at least 0");
        ServerOptions copy = copy();
        copy.bodyBytes = bytes;
        return copy;
    }

    /** Sets how many clients may be connected: 10,000; those beyond are told 503 and hung up on. */
    public ServerOptions withConnections(int maximum) {
        ensure(maximum >= 1, "connections", maximum, "at least 1");
        ServerOptions copy = copy();
        copy.connections = maximum;
        return copy;
    }

    // ----------------------------------------------------------------------------------------- how long it may take

    /** Sets how long request line and header fields may take to come in, from their first byte on: 10 s; else 408. */
    public ServerOptions withRequestTime(Duration limit) {
        ServerOptions copy = copy();
        copy.requestTime = time("requestTime", limit);
        return copy;
    }

    /**
     * Sets how slowly a body may come while somebody waits for it, in bytes per second: 500, after
     * {@link #withRequestTime} of grace; else 408. However fast it came before, it may not stop for longer than
     * {@link #withKeepAlive}, or that grace if it is longer. Zero is no limit, and neither is there one where that
     * grace is zero.
     */
    public ServerOptions withBodyRate(int bytesPerSecond) {
        ensure(bytesPerSecond >= 0, "bodyRate", bytesPerSecond, "at least 0");
        ServerOptions copy = copy();
        copy.bodyRate = bytesPerSecond;
        return copy;
    }

    /**
     * Sets whether a body that was sent compressed is given to handlers as what it stands for: it is; else with status
     * 415 if its coding is not known. It may grow to 200 times what was sent, else 413.
     */
    public ServerOptions withDecodedRequests(boolean decoded) {
        ServerOptions copy = copy();
        copy.decodedRequests = decoded;
        return copy;
    }

    /**
     * Sets after how many requests a connection of HTTP/1.1 is ended, in order: none by default. In nginx:
     * {@code keepalive_requests}.
     */
    public ServerOptions withRequestsPerConnection(int requests) {
        ensure(requests >= 1, "requestsPerConnection", requests, "at least 1");
        ServerOptions copy = copy();
        copy.requestsPerConnection = requests;
        return copy;
    }

    /** Sets how long a connection may be idle: 75 s. In aiohttp: {@code keepalive_timeout}. */
    public ServerOptions withKeepAlive(Duration limit) {
        ServerOptions copy = copy();
        copy.keepAlive = time("keepAlive", limit);
        return copy;
    }

    /** Sets how long a client may take none of the answer that it is sent: 60 s; then it is hung up on. */
    public ServerOptions withWriteTime(Duration limit) {
        ServerOptions copy = copy();
        copy.writeTime = time("writeTime", limit);
        return copy;
    }

    // --------------------------------------------------------------------------------------------------- the rest

    /**
     * Sets whether a handler is cancelled when its client hangs up; else it runs to its end. A client that only ends
     * its sending direction, as few do, counts as gone. In aiohttp: {@code handler_cancellation}.
     */
    public ServerOptions withCancelOnDisconnect(boolean cancel) {
        ServerOptions copy = copy();
        copy.cancelOnDisconnect = cancel;
        return copy;
    }

    /** Sets who hears of each request that was answered; null for nobody. */
    public ServerOptions withAccessLog(@Nullable AccessLog log) {
        ServerOptions copy = copy();
        copy.accessLog = log;
        return copy;
    }

    /** Sets how it listens: backlog, address family, sharing of the port. */
    public ServerOptions withListen(ListenOptions options) {
        ServerOptions copy = copy();
        copy.listen = options;
        return copy;
    }

    /** Has it speak TLS, with the certificate of {@code context}. */
    public ServerOptions withTls(SSLContext context) {
        return withTls(context, TlsOptions.DEFAULT);
    }

    /**
     * Has it speak TLS, with options: time limits, client certificates. Unless they name protocols, clients may choose
     * between HTTP/2 and HTTP/1.1.
     */
    public ServerOptions withTls(SSLContext context, TlsOptions options) {
        ServerOptions copy = copy();
        copy.sslContext = context;
        copy.tls = options;
        return copy;
    }

    /** Sets whether HTTP/2 is offered to clients that come through TLS; it is. */
    public ServerOptions withHttp2(boolean offered) {
        ServerOptions copy = copy();
        copy.http2 = offered;
        return copy;
    }

    private static void ensure(boolean good, String name, int value, String wanted) {
        if (!good) {
            throw new IllegalArgumentException(name + " is " + value + ": " + wanted);
        }
    }

    private static Duration time(String name, Duration limit) {
        if (limit.isNegative()) {
            throw new IllegalArgumentException(name + " " + limit + " is negative; zero stands for no limit");
        }
        return WaitLimit.bounded(limit);
    }

    // ---------------------------------------------------------------------------------------------- for the server

    HeadLimits headLimits() {
        return new HeadLimits(headerBytes, headerCount, lineBytes, fieldBytes);
    }

    int bodyBytes() {
        return bodyBytes;
    }

    Duration requestTime() {
        return requestTime;
    }

    int bodyRate() {
        return bodyRate;
    }

    boolean decodedRequests() {
        return decodedRequests;
    }

    int requestsPerConnection() {
        return requestsPerConnection;
    }

    Duration keepAlive() {
        return keepAlive;
    }

    Duration writeTime() {
        return writeTime;
    }

    int connections() {
        return connections;
    }

    boolean cancelOnDisconnect() {
        return cancelOnDisconnect;
    }

    @Nullable AccessLog accessLog() {
        return accessLog;
    }

    ListenOptions listen() {
        return listen;
    }

    @Nullable SSLContext sslContext() {
        return sslContext;
    }

    TlsOptions tls() {
        return http2 && tls.applicationProtocols().isEmpty() ? tls.withApplicationProtocols("h2", "http/1.1") : tls;
    }
}
