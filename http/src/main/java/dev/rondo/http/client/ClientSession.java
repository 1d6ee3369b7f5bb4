package dev.rondo.http.client;

import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import dev.rondo.http.Body;
import dev.rondo.http.ConnectionClosedException;
import dev.rondo.http.CookieJar;
import dev.rondo.http.Headers;
import dev.rondo.http.HttpException;
import dev.rondo.http.StatusException;
import dev.rondo.http.Url;
import dev.rondo.http.encoding.Codings;
import dev.rondo.http.h1.HeadLimits;
import dev.rondo.http.h1.Http1Connection;
import dev.rondo.http.h1.JettyClasses;
import dev.rondo.http.h1.ResponseHead;
import dev.rondo.http.websocket.ClientHandshake;
import dev.rondo.http.websocket.WebSocket;
import dev.rondo.http.websocket.WebSocketOptions;
import dev.rondo.net.ConnectOptions;
import dev.rondo.net.TlsOptions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Asks HTTP servers, over connections that it keeps for the next request. In aiohttp: {@code ClientSession}.
 *
 * <pre>{@code
 * try (var session = new ClientSession()) {
 *     try (var response = session.get("https://example.org/")) {
 *         print(response.text());
 *     }
 * }
 * }</pre>
 *
 * <p>Any number of coroutines may ask at the same time. All belong to the loop the session was made in.
 */
public final class ClientSession implements AutoCloseable {

    private final EventLoop loop;
    private final Headers defaultHeaders;
    private final Timeouts timeouts;
    private final Limits limits;
    private final boolean insecure;
    private final ConnectionPool pool;
    private final @Nullable Url baseUrl;
    private final @Nullable Predicate<ClientResponse> failures; // null: every answer is one
    private final Sender sender;
    private final List<Middleware> middlewares; // the outermost first
    private final List<Function<ClientRequest, Tracing>> tracings;
    private final Traces untraced;

    /**
     * Makes a session with all defaults. Suspends the first time, while classes are initialised in another thread.
     *
     * @throws IllegalStateException if no loop is running in this thread
     */
    public ClientSession() {
        this(builder());
    }

    private ClientSession(Builder builder) {
        JettyClasses.initialise();
        String codings = Codings.acceptEncoding(); // suspends the first time
        loop = Asyncio.getRunningLoop();
        defaultHeaders = builder.headers.withDefaults(
                Headers.of("User-Agent", "rondo", "Accept", "*/*", "Accept-Encoding", codings));
        timeouts = builder.timeouts;
        limits = builder.limits;
        var headLimits = new HeadLimits(limits.headerBytes(), limits.headerCount());
        var tls = new ClientTls(
                builder.sslContext,
                builder.tlsOptions,
                builder.http2,
                builder.pins,
                builder.clientKeys,
                builder.insecure);
        insecure = tls.insecure();
        var connector = new Connector(builder.connect, tls, headLimits);
        pool = new ConnectionPool(loop, builder.pool, headLimits, connector);
        baseUrl = builder.baseUrl;
        failures = builder.failures;
        sender = new Sender(
                pool,
                builder.pool.retryStale(),
                new Retries(builder.retry, () -> loop.random().nextDouble(), loop::instant),
                builder.cookies == null ? new CookieJar() : builder.cookies,
                builder.proxies);
        middlewares = List.copyOf(builder.middlewares);
        tracings = List.copyOf(builder.tracings);
        untraced = Traces.none(loop);
    }

    /** Returns a builder with all defaults. */
    public static Builder builder() {
        return new Builder();
    }

    // ------------------------------------------------------------------------------------------------ what to ask

    /** Asks with GET: {@link #request(ClientRequest)}. Suspends. In aiohttp: {@code session.get}. */
    public ClientResponse get(String url) throws HttpException {
        return request(to("GET", url));
    }

    /**
     * Asks with HEAD: {@link #request(ClientRequest)}. Suspends. In aiohttp: {@code session.head}, which follows no
     * redirects.
     */
    public ClientResponse head(String url) throws HttpException {
        return request(to("HEAD", url));
    }

    /** Asks with OPTIONS: {@link #request(ClientRequest)}. Suspends. In aiohttp: {@code session.options}. */
    public ClientResponse options(String url) throws HttpException {
        return request(to("OPTIONS", url));
    }

    /** Asks with POST: {@link #request(ClientRequest)}. Suspends. In aiohttp: {@code session.post}. */
    public ClientResponse post(String url, Body body) throws HttpException {
        return request(to("POST", url).withBody(body));
    }

    /** Asks with PUT: {@link #request(ClientRequest)}. Suspends. In aiohttp: {@code session.put}. */
    public ClientResponse put(String url, Body body) throws HttpException {
        return request(to("PUT", url).withBody(body));
    }

    /** Asks with PATCH: {@link #request(ClientRequest)}. Suspends. In aiohttp: {@code session.patch}. */
    public ClientResponse patch(String url, Body body) throws HttpException {
        return request(to("PATCH", url).withBody(body));
    }

    /** Asks with DELETE: {@link #request(ClientRequest)}. Suspends. In aiohttp: {@code session.delete}. */
    public ClientResponse delete(String url) throws HttpException {
        return request(to("DELETE", url));
    }

    /** Asks with any method: {@link #request(ClientRequest)}. Suspends. In aiohttp: {@code session.request}. */
    public ClientResponse request(String method, String url) throws HttpException {
        return request(to(method, url));
    }

    /**
     * Returns a request without body to an address, which may be relative to the session's base URL. Never suspends.
     *
     * @throws dev.rondo.http.InvalidUrlException if it cannot be asked for: see {@link Url#parse}
     */
    public ClientRequest to(String method, String url) throws HttpException {
        return ClientRequest.of(method, baseUrl == null ? Url.parse(url) : baseUrl.resolve(url));
    }

    /**
     * Returns the events that a server sends at this address; nothing is asked before {@link EventSource#next}. The
     * session's total time limit does not hold for it. Never suspends.
     *
     * @throws dev.rondo.http.InvalidUrlException as {@link #to}
     */
    public EventSource eventSource(String url) throws HttpException {
        return new EventSource(
                this,
                to("GET", url)
                        .withHeader("Accept", "text/event-stream")
                        .withHeader("Cache-Control", "no-store")
                        .withTimeouts(timeouts.withTotal(Duration.ZERO)));
    }

    /** Opens a WebSocket: {@link #webSocket(ClientRequest, WebSocketOptions)}. In aiohttp: {@code ws_connect}. */
    public WebSocket webSocket(String url) throws HttpException {
        return webSocket(url, WebSocketOptions.DEFAULT);
    }

    /**
     * Opens a WebSocket at an address of scheme ws, wss, http or https, which may be relative to the session's base
     * URL: {@link #webSocket(ClientRequest, WebSocketOptions)}.
     */
    public WebSocket webSocket(String url, WebSocketOptions options) throws HttpException {
        boolean ws = url.regionMatches(true, 0, "ws:", 0, 3) || url.regionMatches(true, 0, "wss:", 0, 4);
        return webSocket(to("GET", ws ? "http" + url.substring(2) : url), options);
    }

    /**
     * Asks for a WebSocket, as {@link #request(ClientRequest)} asks: with cookies, middlewares and redirects. Suspends;
     * the session's limits of time hold until the socket is open, and not after that. Its connection is one of its own,
     * which counts in the pool until the socket is closed; so close it.
     *
     * @param request with method GET
     * @throws dev.rondo.http.StatusException if the server answers with a status of 400 or more
     * @throws dev.rondo.http.MalformedMessageException if its handshake is wrong
     * @throws HttpException if it answers with another status than 101, and as {@link #request(ClientRequest)}
     */
    public WebSocket webSocket(ClientRequest request, WebSocketOptions options) throws HttpException {
        var handshake = new ClientHandshake(options);
        ClientResponse response =
                request(request.withHeaders(handshake.headers().withDefaults(request.headers())));
        if (!response.ok()) {
            throw response.failure();
        }
        try (response) {
            if (response.status() != 101) {
                throw new HttpException(response + ": no WebSocket was opened");
            }
            Exchange exchange = response.takeUpgraded();
            Http1Connection.Detached detached = exchange.detach();
            boolean opened = false;
            try {
                WebSocket socket =
                        handshake.open(response.headers(), detached.stream(), detached.begun(), exchange::discard);
                opened = true;
                return socket;
            } finally {
                if (!opened) {
                    detached.stream().close();
                    exchange.discard();
                }
            }
        }
    }

    /**
     * Asks, follows redirects, and returns once the head of the answer is here; its body has not been read. Any status
     * is an answer: see {@link ClientResponse#raiseForStatus}; and so is one in a content coding that is not known
     * here, as long as its body is not read. Suspends.
     *
     * <p>If the server closed a connection that had been kept before it read the request, an idempotent request is sent
     * once more, on a new one ({@link PoolOptions#retryStale}); what else is, {@link RetryPolicy} says. On a cancel the
     * connection is closed, or over HTTP/2 the stream is reset, and its place in the pool is free. Whatever the method,
     * a request is sent again, up to three times, that a server of HTTP/2 says it has not looked at; and over HTTP/2
     * the body of a request is sent by a task of its own, for the answer may come before it has gone.
     *
     * @return the answer; to be closed
     * @throws IllegalStateException if the session is closed, or this is not a coroutine of its loop
     * @throws dev.rondo.http.ConnectFailedException if there is no connection to be had
     * @throws dev.rondo.http.ProxyException if the proxy leads nowhere
     * @throws ConnectionClosedException if the server goes away without an answer
     * @throws dev.rondo.http.MalformedMessageException if what it sends is not HTTP
     * @throws dev.rondo.http.TooLargeException if its headers are larger than {@link Limits} allow
     * @throws dev.rondo.http.RedirectException if it redirects in a circle, too often, or nowhere
     * @throws dev.rondo.http.HttpTimeoutException if one of the {@link Timeouts} is over
     * @throws dev.rondo.http.StatusException if the session was told so: {@link Builder#raiseForStatus()}
     */
    public ClientResponse request(ClientRequest request) throws HttpException {
        pool.ensureOpen();
        // The defaults become part of the request here, so that a redirect elsewhere strips what is confidential of
        // them too.
        ClientRequest whole = request.withHeaders(request.headers().withDefaults(defaultHeaders));
        Traces traces = untraced.begin(tracings, whole);
        try {
            ClientResponse response = judged(through(0, whole, new Deadline(loop, timeoutsOf(whole)), traces));
            traces.tell(tracing -> tracing.ended(response));
            return response;
        } catch (Throwable failure) {
            traces.tell(tracing -> tracing.failed(failure));
            throw failure;
        }
    }

    private Timeouts timeoutsOf(ClientRequest request) {
        Timeouts own = request.timeouts();
        return own == null ? timeouts : own;
    }

    /** Returns the response, or throws what it is for this session. Suspends. */
    private ClientResponse judged(ClientResponse response) throws StatusException {
        boolean judged = false;
        try {
            boolean failed = failures != null && failures.test(response);
            judged = true;
            if (!failed) {
                return response;
            }
        } finally {
            if (!judged) {
                response.close();
            }
        }
        throw response.failure();
    }

    private ClientResponse through(int index, ClientRequest request, Deadline deadline, Traces traces)
            throws HttpException {
        return index == middlewares.size()
                ? follow(request, deadline.with(timeoutsOf(request)), traces)
                : middlewares.get(index).handle(request, next -> through(index + 1, next, deadline, traces));
    }

    private ClientResponse follow(ClientRequest request, Deadline deadline, Traces traces) throws HttpException {
        var redirects = new Redirects(limits.redirects());
        ClientRequest hop = request;
        for (; ; ) {
            Sender.Answer answer = sender.send(hop, deadline, traces);
            ClientRequest next = null;
            boolean judged = false;
            try {
                next = redirects.next(hop, answer.head());
                judged = true;
            } finally {
                if (!judged) {
                    answer.body().close();
                }
            }
            if (next == null) {
                return response(redirects, answer);
            }
            answer.body().close();
            if (traces.any()) {
                ClientRequest following = next;
                Hop last = redirects.history().getLast();
                traces.tell(tracing -> tracing.redirected(last, following));
            }
            hop = next;
        }
    }

    private ClientResponse response(Redirects redirects, Sender.Answer answer) {
        ResponseHead head = answer.head();
        ClientRequest sent = answer.sent();
        List<String> codings = head.hasNoBody(sent.method().equals("HEAD"))
                ? List.of()
                : head.headers().all("Content-Encoding");
        String all = codings.isEmpty() ? null : String.join(",", codings);
        return new ClientResponse(
                sent, redirects.history(), answer.version(), head, new BodyStream(answer.body(), all, limits));
    }

    // --------------------------------------------------------------------------------------------------- the end

    /** Returns whether {@link #close} has been called. In aiohttp: {@code closed}. */
    public boolean closed() {
        return pool.closed();
    }

    /**
     * Closes the session: idle connections at once, those in use when their response is closed. Later requests throw
     * {@link IllegalStateException}. Never suspends; idempotent. In aiohttp: {@code close}, the end of {@code async
     * with}.
     */
    @Override
    public void close() {
        pool.close();
    }

    /** Returns how many connections are in use, how many are idle, and how many requests wait. */
    @Override
    public String toString() {
        return "ClientSession[" + (insecure ? "insecure, " : "") + (closed() ? "closed, " : "") + pool + "]";
    }

    /** The options of a session, a record for each concern. For one thread at a time. */
    public static final class Builder {

        private Headers headers = Headers.EMPTY;
        private Timeouts timeouts = Timeouts.DEFAULT;
        private Limits limits = Limits.DEFAULT;
        private ConnectOptions connect = ConnectOptions.DEFAULT;
        private PoolOptions pool = PoolOptions.DEFAULT;
        private @Nullable SSLContext sslContext;
        private TlsOptions tlsOptions = TlsOptions.DEFAULT;
        private final Map<String, Set<Fingerprint>> pins = new HashMap<>();
        private KeyManager @Nullable [] clientKeys;
        private boolean insecure;
        private boolean http2 = true;
        private Proxies proxies = Proxies.NONE;
        private @Nullable Url baseUrl;
        private @Nullable Predicate<ClientResponse> failures;
        private RetryPolicy retry = RetryPolicy.NONE;
        private @Nullable CookieJar cookies; // null: one of the session's own
        private final List<Middleware> middlewares = new ArrayList<>();
        private final List<Function<ClientRequest, Tracing>> tracings = new ArrayList<>();

        private Builder() {}

        /**
         * Sets headers for every request that does not set them itself. Else: User-Agent, Accept and Accept-Encoding.
         */
        public Builder headers(Headers defaults) {
            headers = defaults;
            return this;
        }

        /** Sets what relative addresses start from: {@link Url#resolve}. In aiohttp: {@code base_url}. */
        public Builder baseUrl(Url base) {
            baseUrl = base;
            return this;
        }

        /** Makes every answer of 400 or more a failure. In aiohttp: {@code raise_for_status=True}. */
        public Builder raiseForStatus() {
            return raiseForStatus(response -> !response.ok());
        }

        /** Makes the answers a failure that {@code isFailure} picks. It runs in the coroutine that asks. */
        public Builder raiseForStatus(Predicate<ClientResponse> isFailure) {
            failures = isFailure;
            return this;
        }

        /**
         * Sets which requests are sent again; none by default, {@link RetryPolicy#NONE}. A request may bring its own.
         */
        public Builder retry(RetryPolicy policy) {
            retry = policy;
            return this;
        }

        /**
         * Sets what keeps the cookies: one jar for several sessions of a loop, one that was loaded, or
         * {@link CookieJar#none}. Else the session has a jar of its own. In aiohttp: {@code cookie_jar}.
         */
        public Builder cookies(CookieJar jar) {
            cookies = jar;
            return this;
        }

        /** Adds a middleware, inside of those added before. In aiohttp: {@code middlewares}. */
        public Builder middleware(Middleware middleware) {
            middlewares.add(middleware);
            return this;
        }

        /**
         * Adds what makes a {@link Tracing} when a request begins: {@code request -> new Stopwatch(request)}. It gets
         * the request as asked, with the session's default headers. In aiohttp: {@code trace_configs}.
         */
        public Builder tracing(Function<ClientRequest, Tracing> maker) {
            tracings.add(maker);
            return this;
        }

        /**
         * Sets how long the parts of a request may take; {@link Timeouts#DEFAULT} by default. aiohttp: {@code timeout}.
         */
        public Builder timeouts(Timeouts options) {
            timeouts = options;
            return this;
        }

        /** Sets how much a server may send; {@link Limits#DEFAULT} by default. */
        public Builder limits(Limits options) {
            limits = options;
            return this;
        }

        /**
         * Sets how many connections are kept; {@link PoolOptions#DEFAULT} by default. In aiohttp: {@code connector}.
         */
        public Builder pool(PoolOptions options) {
            pool = options;
            return this;
        }

        /**
         * Sets how connections are made: which resolver is asked for addresses, from which address of this machine,
         * IPv4 or IPv6 alone. To a proxy as well. In aiohttp: {@code TCPConnector(resolver=…, local_addr=…, family=…)}.
         */
        public Builder connect(ConnectOptions options) {
            connect = options;
            return this;
        }

        /** Sets what TLS trusts, and with which certificate it answers. Else: Java's default. aiohttp: {@code ssl}. */
        public Builder sslContext(SSLContext context) {
            sslContext = context;
            return this;
        }

        /**
         * Sets what TLS trusts, with which certificate it answers, and how it is spoken on each connection. Protocols
         * to agree on (ALPN) are chosen by {@link #http2}, unless the options name some; a server's name in them holds
         * for all servers. aiohttp: {@code ssl}, {@code server_hostname}.
         */
        public Builder tls(SSLContext context, TlsOptions options) {
            sslContext = context;
            tlsOptions = options;
            return this;
        }

        /**
         * Answers servers that want to know who asks by a certificate of {@code keys}, and trusts whom Java trusts.
         * With another trust make an {@link #sslContext}, which holds both.
         *
         * @param keys private keys with the certificates of this side
         * @param password of the keys
         * @throws IllegalArgumentException if they cannot be read with it
         */
        public Builder clientCertificates(KeyStore keys, char[] password) {
            try {
                KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
                managers.init(keys, password);
                clientKeys = managers.getKeyManagers();
                return this;
            } catch (GeneralSecurityException e) {
                throw new IllegalArgumentException("no keys to be used: " + e.getMessage(), e);
            }
        }

        /**
         * Takes of a host no other certificate than one of these, its own and not that of who issued it; it must be
         * trusted besides. Any other is a {@link dev.rondo.http.FingerprintException} before anything is sent to it.
         * Hosts that are not named are asked as ever; redirects lead to them too. In aiohttp:
         * {@code ssl=Fingerprint(…)}, which wants no other trust.
         *
         * @param host as in {@link Url#host}, with any port
         */
        public Builder pin(String host, Fingerprint... anyOf) {
            if (anyOf.length == 0) {
                throw new IllegalArgumentException("no fingerprint for " + host);
            }
            pins.put(host.toLowerCase(Locale.ROOT), Set.of(anyOf));
            return this;
        }

        /**
         * <b>Dangerous: switches the security of https off.</b> Every certificate of every server is taken, whoever
         * issued it, for whatever host, expired or not: <b>anybody on the way can read and change all that is asked and
         * answered</b>, passwords and cookies included. For tests against servers of one's own; a certificate that is
         * known is better trusted by an {@link #sslContext}. What is {@linkplain #pin pinned} is still checked. The
         * session's {@link ClientSession#toString} begins with the word. In aiohttp: {@code ssl=False}.
         */
        public Builder insecure() {
            insecure = true;
            return this;
        }

        /**
         * Sends every request through a proxy that brings none of its own. What a proxy answers to a request of http,
         * which it reads itself, is the answer; if it does not lead to a server of https, that is a
         * {@link dev.rondo.http.ProxyException}. In aiohttp: {@code proxy}.
         */
        public Builder proxy(Proxy proxy) {
            return proxies(Proxies.always(proxy));
        }

        /**
         * Sets which requests go through which proxy, {@link Proxies#fromEnvironment} say; none do by default. In
         * aiohttp: {@code trust_env}.
         */
        public Builder proxies(Proxies rules) {
            proxies = rules;
            return this;
        }

        /**
         * Sets whether servers of https are offered HTTP/2 (ALPN). By default they are, and who takes it gets all
         * requests at the same time over one connection, up to the server's limit.
         */
        public Builder http2(boolean offered) {
            http2 = offered;
            return this;
        }

        /**
         * Makes the session, in the loop that runs in this thread. Suspends the first time, as the constructor does.
         *
         * @throws IllegalStateException if none does
         * @throws IllegalArgumentException if {@link #insecure} or {@link #clientCertificates} meet a context
         */
        public ClientSession build() {
            return new ClientSession(this);
        }
    }
}
