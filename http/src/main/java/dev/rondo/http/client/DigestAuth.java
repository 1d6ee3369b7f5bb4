package dev.rondo.http.client;

import dev.rondo.http.HttpException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Says who asks by Digest authentication (RFC 7616): a request that is answered by 401 and a challenge is sent once
 * more with the answer to it, and later ones to that origin carry theirs from the start. In aiohttp:
 * {@code DigestAuthMiddleware}.
 *
 * <pre>{@code
 * var session = ClientSession.builder().middleware(new DigestAuth("user", "secret")).build();
 * }</pre>
 *
 * <p>Knows MD5, SHA-256 and SHA-512-256, each with and without {@code -sess}, and {@code qop=auth}; of several
 * challenges the strongest counts. One that has {@code qop=auth-int} alone is not answered, for it would need the whole
 * body beforehand; the 401 is the answer then, as it is where the password is wrong. So it is where the body can be
 * sent only once.
 *
 * <p>Redirects are inside of it: the credentials go to the origin of the request, and not to where that redirects. For
 * one session; keeps challenges of at most {@value #MAX_ORIGINS} origins.
 */
public final class DigestAuth implements Middleware {

    /** Of so many origins the challenge is kept; that of the one used least recently gives way. */
    static final int MAX_ORIGINS = 100;

    private static final SecureRandom RANDOM = new SecureRandom();

    private final String user;
    private final String password;
    private final Supplier<String> nonces;
    private final Map<Origin, Answering> known = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Origin, Answering> eldest) {
            return size() > MAX_ORIGINS;
        }
    };

    /** A challenge that is being answered, and how often it was. */
    private static final class Answering {

        final DigestChallenge challenge;
        final String cnonce; // one for all answers: -sess says so, and the others do not mind
        int count;

        Answering(DigestChallenge challenge, String cnonce) {
            this.challenge = challenge;
            this.cnonce = cnonce;
        }
    }

    /**
     * Makes it for a user, to be known by password to every server that challenges.
     *
     * @throws IllegalArgumentException if the user's name is empty or has a colon
     */
    public DigestAuth(String user, String password) {
        this(user, password, DigestAuth::randomNonce);
    }

    /** Makes it with what draws our part of an answer. */
    DigestAuth(String user, String password, Supplier<String> nonces) {
        if (user.isEmpty() || user.indexOf(':') >= 0) {
            throw new IllegalArgumentException("the user's name \"" + user + "\" is empty or has a colon in it");
        }
        this.user = user;
        this.password = password;
        this.nonces = nonces;
    }

    private static String randomNonce() {
        var bytes = new byte[16];
        RANDOM.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    @Override
    public ClientResponse handle(ClientRequest request, Next next) throws HttpException {
        if (request.headers().contains("Authorization")) {
            return next.send(request);
        }
        Origin origin = Origin.of(request.url());
        Answering before = known.get(origin);
        boolean preemptive = before != null && before.challenge.covers(request.url());
        ClientResponse first = next.send(preemptive && before != null ? answered(request, before) : request);
        if (first.status() != 401) {
            return first;
        }
        // A challenge of another origin, behind a redirect, is none to us.
        DigestChallenge challenge = challengeOf(first, origin);
        if (challenge == null || !request.repeatable()) {
            return first;
        }
        // Where a redirect led, the answer named the wrong address.
        boolean redirected = !first.history().isEmpty();
        if (preemptive && !redirected && before != null && !isNew(challenge, before.challenge)) {
            known.remove(origin); // the password is wrong
            return first;
        }
        first.close();
        var answering = new Answering(challenge, nonces.get());
        known.put(origin, answering);
        return next.send(answered(redirected ? first.request() : request, answering));
    }

    private static boolean isNew(DigestChallenge challenge, DigestChallenge before) {
        return challenge.stale() || !challenge.nonce().equals(before.nonce());
    }

    private static @Nullable DigestChallenge challengeOf(ClientResponse response, Origin origin) {
        return Origin.of(response.url()).equals(origin)
                ? DigestChallenge.strongest(response.headers(), response.url())
                : null;
    }

    /** Returns the request with an answer in its header: the next one to this challenge. */
    private ClientRequest answered(ClientRequest request, Answering answering) {
        answering.count++;
        String header = answering.challenge.answer(
                user, password, request.method(), request.url().target(), answering.cnonce, answering.count);
        return request.withHeader("Authorization", header);
    }
}
