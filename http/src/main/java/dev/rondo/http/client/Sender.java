package dev.rondo.http.client;

import dev.rondo.Asyncio;
import dev.rondo.http.Body;
import dev.rondo.http.ConnectionClosedException;
import dev.rondo.http.Headers;
import dev.rondo.http.HttpException;
import dev.rondo.http.Url;
import dev.rondo.http.h1.RequestHead;
import dev.rondo.http.h1.ResponseHead;
import java.time.Duration;

/** Sends a request, without a look at redirects, until an answer stands: attempt by attempt. */
final class Sender {

    private final ConnectionPool pool;
    private final boolean retryStale;
    private final Retries retries;

    Sender(ConnectionPool pool, boolean retryStale, Retries retries) {
        this.pool = pool;
        this.retryStale = retryStale;
        this.retries = retries;
    }

    /**
     * An answer.
     *
     * @param sent what was asked, with the headers that were sent
     * @param body to be read or closed
     */
    record Answer(ClientRequest sent, ResponseHead head, ResponseBody body) {}

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
        Origin origin = Origin.of(request.url());
        ClientRequest whole = request.withHeaders(headersOf(request));
        PooledConnection connection = pool.acquire(origin, deadline, traces, false);
        try {
            return exchange(connection, whole, deadline, traces);
        } catch (ConnectionClosedException gone) {
            if (!retryStale || !connection.wentStale() || !request.idempotent() || !request.repeatable()) {
                throw gone;
            }
        }
        return exchange(pool.acquire(origin, deadline, traces, true), whole, deadline, traces);
    }

    private Answer exchange(PooledConnection connection, ClientRequest request, Deadline deadline, Traces traces)
            throws HttpException {
        var head = new RequestHead(request.method(), request.url().target(), true, request.headers());
        boolean answered = false;
        try {
            ResponseHead answer = connection.exchange(head, request, deadline, traces);
            ResponseBody body = new ResponseBody(pool, connection, traces);
            answered = true;
            return new Answer(request, answer, body);
        } finally {
            if (!answered) {
                pool.discard(connection);
            }
        }
    }

    private static Headers headersOf(ClientRequest request) {
        Url url = request.url();
        Headers headers = request.headers();
        Headers.Builder all = Headers.builder();
        if (!headers.contains("Host")) {
            all.add("Host", url.authority()); // RFC 9110 §7.2 wants it first
        }
        all.addAll(headers);
        Body body = request.body();
        String contentType = body == null ? null : body.contentType();
        if (contentType != null && !headers.contains("Content-Type")) {
            all.add("Content-Type", contentType);
        }
        String userInfo = url.userInfo();
        if (userInfo != null && !headers.contains("Authorization")) {
            all.add("Authorization", ClientRequest.basic(userInfo));
        }
        return all.build();
    }
}
