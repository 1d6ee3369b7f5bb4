package dev.rondo.http.client;

import dev.rondo.http.Headers;
import dev.rondo.http.InvalidUrlException;
import dev.rondo.http.RedirectException;
import dev.rondo.http.TooManyRedirectsException;
import dev.rondo.http.Url;
import dev.rondo.http.h1.ResponseHead;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where the redirects of one request lead (RFC 9110 §15.4): anywhere, as in browsers and aiohttp; from https to http
 * without what is confidential, for that is another origin. Does no I/O.
 */
final class Redirects {

    /** Headers that say who we are: none of another origin's business. */
    private static final List<String> CONFIDENTIAL = List.of("Authorization", "Cookie", "Proxy-Authorization", "Host");

    /** Headers that describe a body: gone with it. */
    private static final List<String> ABOUT_THE_BODY =
            List.of("Content-Type", "Content-Encoding", "Content-Language", "Content-Location", "Expect");

    private final int max;
    private final List<Hop> history = new ArrayList<>(0);
    private final Set<String> asked = new HashSet<>();

    Redirects(int max) {
        this.max = max;
    }

    /**
     * Returns the request that follows from an answer, or null if the answer is no redirect.
     *
     * @throws TooManyRedirectsException if there were too many already, or the same was asked before
     * @throws RedirectException if the answer does not say where to
     */
    @Nullable ClientRequest next(ClientRequest sent, ResponseHead answer) throws RedirectException {
        if (!sent.followRedirects() || !isRedirect(answer.status())) {
            return null;
        }
        asked.add(sent.method() + " " + sent.url().withFragment(null));
        Url target = target(sent.url(), answer);
        ClientRequest next = followed(sent, target, answer.status());
        history.add(new Hop(sent.url(), answer.status(), answer.headers()));
        if (asked.contains(next.method() + " " + target.withFragment(null))) {
            throw new TooManyRedirectsException("redirects in a circle: " + circle(target));
        }
        if (history.size() > max) {
            throw new TooManyRedirectsException(
                    "more than %d redirects, from %s to %s: raise Limits.redirects if that is wanted"
                            .formatted(max, history.getFirst().url(), target));
        }
        return next;
    }

    List<Hop> history() {
        return history.isEmpty() ? List.of() : List.copyOf(history);
    }

    private static boolean isRedirect(int status) {
        return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    }

    // ---------------------------------------------------------------------------------------------------- where to

    private static Url target(Url from, ResponseHead answer) throws RedirectException {
        String location = answer.headers().get("Location");
        if (location == null || location.isBlank()) {
            throw new RedirectException("status " + answer.status() + " from " + from + " without a Location to go to");
        }
        try {
            Url target = from.resolve(asUtf8(location));
            return target.fragment() == null ? target.withFragment(from.fragment()) : target;
        } catch (InvalidUrlException e) {
            var failure = new RedirectException(
                    "status " + answer.status() + " from " + from + " with an unusable Location: " + e.getMessage());
            failure.initCause(e);
            throw failure;
        }
    }

    /** Headers are read as Latin-1, but servers that send a Location unencoded mostly send UTF-8. */
    private static String asUtf8(String latin1) {
        if (latin1.chars().allMatch(c -> c < 0x80)) {
            return latin1;
        }
        try {
            ByteBuffer bytes = ByteBuffer.wrap(latin1.getBytes(StandardCharsets.ISO_8859_1));
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException notUtf8) {
            return latin1;
        }
    }

    // -------------------------------------------------------------------------------------------------- with what

    private static ClientRequest followed(ClientRequest sent, Url target, int status) throws RedirectException {
        // 303 says "go and get"; after 301 and 302 everybody turns a POST into a GET; 307 and 308 forbid just that.
        boolean becomesGet = (status == 303 && !sent.method().equals("HEAD"))
                || (status <= 302 && sent.method().equals("POST"));
        if (!becomesGet && !sent.repeatable()) {
            throw new RedirectException("status " + status + " from " + sent.url() + " asks for the body again, at "
                    + target + ", but it can be sent only once: " + sent.body());
        }
        Headers headers = sent.headers();
        if (becomesGet) {
            headers = without(headers, ABOUT_THE_BODY);
        }
        if (!target.sameOrigin(sent.url())) {
            headers = without(headers, CONFIDENTIAL);
        }
        return new ClientRequest(
                becomesGet ? "GET" : sent.method(),
                target,
                headers,
                becomesGet ? null : sent.body(),
                true,
                sent.timeouts(),
                sent.retry(),
                sent.proxies());
    }

    private static Headers without(Headers headers, List<String> names) {
        Headers rest = headers;
        for (String name : names) {
            rest = rest.without(name);
        }
        return rest;
    }

    /** Returns the way from the first time that {@code again} was asked for to the second. */
    private String circle(Url again) {
        var circle = new StringBuilder();
        for (Hop hop : history) {
            if (!circle.isEmpty() || hop.url().withFragment(null).equals(again.withFragment(null))) {
                circle.append(hop.url()).append(" -> ");
            }
        }
        return circle.append(again).toString();
    }
}
