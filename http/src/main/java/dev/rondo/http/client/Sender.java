package dev.rondo.http.client;

import dev.rondo.Asyncio;
import dev.rondo.http.Body;
import dev.rondo.http.ConnectionClosedException;
import dev.rondo.http.Cookie;
import dev.rondo.http.CookieJar;
import dev.rondo.http.Headers;
import dev.rondo.http.HttpException;
import dev.rondo.http.Url;
import dev.rondo.http.h1.ResponseHead;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Sends a request, without a look at redirects, until an answer stands: attempt by attempt. */
final class Sender {

    /** How often a request is sent again that a server did not look at: it may say so for ever. */
    private static final int MAX_UNPROCESSED = 3;

    private final ConnectionPool pool;
    private final boolean retryStale;
    private final Retries retries;
    private final CookieJar cookies;
    private final Proxies proxies;

    Sender(ConnectionPool pool, boolean retryStale, Retries retries, CookieJar cookies, Proxies proxies) {
        this.proxies = proxies;
        this.pool = pool;
        this.retryStale = retryStale;
        this.retries = retries;
        this.cookies = cookies;
    }

    /**
     * An answer.
     *
     * @param sent what was asked, with the headers that were sent
     * @param version of HTTP, as {@link ClientResponse#version} has it
     * @param body to be read or closed
     */
    record Answer(ClientRequest sent, String version, ResponseHead head, ResponseBody body) {}

    /** Sends. Suspends; fails as {@link ClientSession#request(ClientRequest)}. */
    Answer send(ClientRequest request, Deadline deadline, Traces traces) throws HttpException {
        for (int attempt = 1; ; attempt++) {
            Duration pause;
            try {
                Answer answer = attempt(request, deadline, traces);
                pause = retries.afterAnswer(request, attempt, answer.head(), deadline.left());
                if (pause == null) {
                    return answer;
                }
                answer.body().close();
            } catch (HttpException failure) {
                pause = retries.afterFailure(request, attempt, failure, deadline.left());
                if (pause == null) {
                    throw failure;
                }
            }
            if (traces.any()) {
                int failed = attempt;
                Duration until = pause;
                traces.tell(tracing -> tracing.retried(failed, until));
            }
            Asyncio.sleep(pause);
            pool.ensureOpen();
        }
    }

    private Answer attempt(ClientRequest request, Deadline deadline, Traces traces) throws HttpException {
        Proxies rules = request.proxies();
        Origin origin = Origin.of(request.url(), (rules == null ? proxies : rules).forUrl(request.url()));
        ClientRequest whole = request.withHeaders(headersOf(request));
        boolean upgrades = request.headers().hasToken("Connection", "upgrade");
        ConnectionPool.Wanted wanted = upgrades ? ConnectionPool.Wanted.NEW_HTTP1 : ConnectionPool.Wanted.ANY;
        boolean wasStale = false;
        for (int unprocessed = 0; ; ) {
            Exchange exchange = pool.acquire(origin, deadline, traces, wanted);
            try {
                return ask(exchange, whole, deadline, traces);
            } catch (ConnectionClosedException gone) {
                if (request.repeatable() && exchange.leftBehind()) {
                    // each connection takes some, until there are none
                } else if (request.repeatable() && exchange.notProcessed() && unprocessed < MAX_UNPROCESSED) {
                    unprocessed++;
                } else if (retryStale
                        && !wasStale
                        && exchange.wentStale()
                        && request.idempotent()
                        && request.repeatable()) {
                    wasStale = true;
                    wanted = ConnectionPool.Wanted.NEW;
                } else {
                    throw gone;
                }
            }
        }
    }

    private Answer ask(Exchange exchange, ClientRequest request, Deadline deadline, Traces traces)
            throws HttpException {
        boolean answered = false;
        try {
            ResponseHead answer = exchange.ask(request, deadline, traces);
            cookies.update(request.url(), answer.headers());
            ResponseBody body = new ResponseBody(exchange, answer.status() == 101, traces);
            answered = true;
            return new Answer(request, exchange.version(), answer, body);
        } finally {
            if (!answered) {
                exchange.discard();
            }
        }
    }

    private Headers headersOf(ClientRequest request) {
        Url url = request.url();
        Headers headers = request.headers();
        Headers.Builder all = Headers.builder();
        if (!headers.contains("Host")) {
            all.add("Host", url.authority()); // RFC 9110 §7.2 wants it first
        }
        String cookie = cookieHeader(request);
        all.addAll(cookie == null ? headers : headers.without("Cookie"));
        if (cookie != null) {
            all.add("Cookie", cookie);
        }
        Body body = request.body();
        String contentType = body == null ? null : body.contentType();
        if (contentType != null && !headers.contains("Content-Type")) {
            all.add("Content-Type", contentType);
        }
        String contentEncoding = body == null ? null : body.contentEncoding();
        if (contentEncoding != null && !headers.contains("Content-Encoding")) {
            all.add("Content-Encoding", contentEncoding);
        }
        String userInfo = url.userInfo();
        if (userInfo != null && !headers.contains("Authorization")) {
            all.add("Authorization", ClientRequest.basic(userInfo));
        }
        return all.build();
    }

    /** Returns the request's own cookies, and those of the jar whose names are not among them; or null for none. */
    private @Nullable String cookieHeader(ClientRequest request) {
        List<String> own = request.headers().all("Cookie");
        if (own.isEmpty()) {
            return cookies.header(request.url());
        }
        Map<String, String> taken = Cookie.sentWith(request.headers());
        var all = new ArrayList<>(own);
        for (Cookie cookie : cookies.cookies(request.url())) {
            if (!taken.containsKey(cookie.name())) {
                all.add(cookie.toPair());
            }
        }
        return String.join("; ", all);
    }
}
