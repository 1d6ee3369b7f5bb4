package dev.rondo.scrape.crawl;

import dev.rondo.AsyncTimeoutException;
import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import dev.rondo.http.ConnectFailedException;
import dev.rondo.http.ConnectionClosedException;
import dev.rondo.http.Headers;
import dev.rondo.http.HttpException;
import dev.rondo.http.HttpTimeoutException;
import dev.rondo.http.InvalidUrlException;
import dev.rondo.http.StatusException;
import dev.rondo.http.TruncatedBodyException;
import dev.rondo.http.client.ClientRequest;
import dev.rondo.http.client.ClientResponse;
import dev.rondo.http.client.ClientSession;
import dev.rondo.scrape.frontier.Found;
import dev.rondo.scrape.frontier.Known;
import dev.rondo.scrape.robots.AddressGuard;
import dev.rondo.scrape.text.Reasons;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks for one address of a crawl: redirects are not followed, failures are part of the answer. The loop's. */
final class Fetcher {

    private static final Logger LOG = LoggerFactory.getLogger(Fetcher.class);

    /** What a server answers that can soon be otherwise. */
    private static final Set<Integer> PASSING = Set.of(408, 429, 500, 502, 503, 504);

    private static final byte[] NOTHING = {};

    private final EventLoop loop = Asyncio.getRunningLoop();
    private final ClientSession session;
    private final Duration timeout;

    /**
     * @param page the page, without its links
     * @param passing whether it failed in a way that may not last
     * @param retryAfter how long the server wants to be left alone
     */
    record Fetched(CrawledPage page, boolean passing, Duration retryAfter) {}

    Fetcher(ClientSession session, Duration timeout) {
        this.session = session;
        this.timeout = timeout;
    }

    /**
     * Asks for an address, conditionally if an earlier crawl has its validators. Suspends. A failure is told by the
     * page's {@link CrawledPage#error}, never thrown; a cancel gives it up.
     */
    Fetched fetch(Found found, @Nullable Known known) {
        Instant time = loop.instant();
        long began = loop.time().toNanos();
        var answer = new Answer();
        String error = null;
        boolean passing = false;
        try {
            ClientRequest request = request(found, known);
            Asyncio.timeout(timeout.isZero() ? null : timeout, () -> answer.read(request));
            error = answer.status >= 400 ? Reasons.of(new StatusException(answer.status, answer.reason)) : null;
            passing = PASSING.contains(answer.status);
        } catch (AsyncTimeoutException e) {
            error = Reasons.timedOut(timeout);
            passing = true;
        } catch (HttpException | RuntimeException e) {
            LOG.debug("{} failed", found.url(), e);
            error = Reasons.of(e);
            passing = passes(e);
        }
        double seconds = (loop.time().toNanos() - began) / 1e9;
        byte[] body = answer.body;
        Known unchanged = answer.status == 304 ? known : null;
        CrawledPage page = new CrawledPage(
                found.url(),
                null,
                answer.status,
                found.depth(),
                found.referrer().isEmpty() ? null : found.referrer(),
                unchanged == null ? answer.headers : withType(answer.headers, unchanged.contentType()),
                body == null ? NOTHING : body,
                unchanged != null ? unchanged.sha256() : body == null ? null : sha256(body),
                time,
                seconds,
                unchanged == null ? List.of() : unchanged.links(),
                List.of(),
                error);
        return new Fetched(page, passing, answer.retryAfter);
    }

    /** The answer that something has not changed says nothing of what it is. */
    private static Headers withType(Headers headers, @Nullable String contentType) {
        return contentType == null ? headers : headers.withDefaults(Headers.of("Content-Type", contentType));
    }

    private static ClientRequest request(Found found, @Nullable Known known) throws InvalidUrlException {
        ClientRequest request = ClientRequest.of("GET", found.url()).withoutRedirects();
        if (known != null && known.etag() != null) {
            request = request.withHeader("If-None-Match", known.etag());
        }
        if (known != null && known.modified() != null) {
            request = request.withHeader("If-Modified-Since", known.modified());
        }
        return request;
    }

    private static boolean passes(Exception failure) {
        return switch (failure) {
            case ConnectFailedException connect ->
                !(connect.getCause() instanceof SSLException)
                        && !(connect.getCause() instanceof AddressGuard.RefusedException);
            case ConnectionClosedException _, HttpTimeoutException _, TruncatedBodyException _ -> true;
            default -> false;
        };
    }

    private static String sha256(byte[] body) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has it", e);
        }
    }

    /** As much of an answer as has come. */
    private final class Answer {
        int status;
        String reason = "";
        Headers headers = Headers.EMPTY;
        Duration retryAfter = Duration.ZERO;
        byte @Nullable [] body;

        void read(ClientRequest request) throws HttpException {
            try (ClientResponse response = session.request(request)) {
                status = response.status();
                reason = response.reason();
                headers = response.headers();
                retryAfter = Objects.requireNonNullElse(response.retryAfter(), Duration.ZERO);
                body = response.read();
            }
        }
    }
}
