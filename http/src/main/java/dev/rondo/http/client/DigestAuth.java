package dev.rondo.http.client;

import dev.rondo.http.HttpException;
import dev.rondo.http.Url;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Says to one server who asks, by Digest authentication (RFC 7616): a request that is answered by 401 and a challenge
 * is sent once more with the answer to it, and later ones carry theirs from the start. In aiohttp:
 * {@code DigestAuthMiddleware}.
 *
 * <pre>{@code
 * var auth = new DigestAuth("https://example.org", "user", "secret");
 * var session = ClientSession.builder().middleware(auth).build();
 * }</pre>
 *
 * <p>Only that origin is answered: what another learns of the password might do to guess it. Redirects are inside of
 * this; a challenge of another origin behind one is left alone, whatever {@code domain} says.
 *
 * <p>Knows MD5, SHA-256 and SHA-512-256, each with and without {@code -sess}, and {@code qop=auth}; of several
 * challenges the strongest counts. One that has {@code qop=auth-int} alone is not answered, for it would need the whole
 * body beforehand; the 401 is the answer then, as it is where the password is wrong, and where the body can be sent
 * only once. For one session.
 */
public final class DigestAuth implements Middleware {

    private static final SecureRandom RANDOM = new SecureRandom();

    private final Origin origin;
    private final String user;
    private final String password;
    private final Supplier<String> nonces;
    private @Nullable Answering known; // the last challenge, unless it led to nothing

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
     * Makes it for a user of a server.
     *
     * @param server an address of it: scheme, host and port count
     * @throws dev.rondo.http.InvalidUrlException if that is no address
     * @throws IllegalArgumentException if the user's name is empty or has a colon
     */
    public DigestAuth(String server, String user, String password) throws HttpException {
        this(server, user, password, DigestAuth::randomNonce);
    }

    /** Makes it with what draws our part of an answer. */
    DigestAuth(String server, String user, String password, Supplier<String> nonces) throws HttpException {
        if (user.isEmpty() || user.indexOf(':') >= 0) {
            throw new IllegalArgumentException("the user's name \"" + user + "\" is empty or has a colon in it");
        }
        this.origin = Origin.of(Url.parse(server));
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
        if (!Origin.of(request.url()).equals(origin) || request.headers().contains("Authorization")) {
            return next.send(request);
        }
        Answering before = known != null && known.challenge.covers(request.url()) ? known : null;
        ClientResponse first = next.send(before == null ? request : answered(request, before));
        if (first.status() != 401 || !Origin.of(first.url()).equals(origin) || !request.repeatable()) {
            return first;
        }
        DigestChallenge challenge = DigestChallenge.strongest(first.headers(), first.url());
        if (challenge == null) {
            return first;
        }
        boolean redirected = !first.history().isEmpty(); // and the answer, if there was one, named the wrong address
        if (before != null && !redirected && !isNew(challenge, before.challenge)) {
            known = null; // the password is wrong
            return first;
        }
        first.close();
        var answering = new Answering(challenge, nonces.get());
        known = answering;
        return next.send(answered(redirected ? first.request() : request, answering));
    }

    private static boolean isNew(DigestChallenge challenge, DigestChallenge before) {
        return challenge.stale() || !challenge.nonce().equals(before.nonce());
    }

    /** Returns the request with an answer in its header: the next one to this challenge. */
    private ClientRequest answered(ClientRequest request, Answering answering) {
        answering.count++;
        String header = answering.challenge.answer(
                user, password, request.method(), request.url().target(), answering.cnonce, answering.count);
        return request.withHeader("Authorization", header);
    }
}
