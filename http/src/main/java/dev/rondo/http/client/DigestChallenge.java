package dev.rondo.http.client;

import dev.rondo.http.Headers;
import dev.rondo.http.InvalidUrlException;
import dev.rondo.http.Url;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A server's wish for Digest authentication (RFC 7616 §3.3), and how it is answered (§3.4). Does no I/O.
 *
 * @param algorithm as the server wrote it, or null if it did not: MD5
 * @param qop {@code auth}, or null if the server named none (RFC 2069)
 * @param stale whether the answer before was good, but to a nonce that is too old
 * @param userhash whether the user's name is to be sent as a hash
 * @param domain where the same answer holds; empty for the whole origin
 */
record DigestChallenge(
        String realm,
        String nonce,
        @Nullable String opaque,
        @Nullable String algorithm,
        @Nullable String qop,
        boolean stale,
        boolean userhash,
        List<Url> domain) {

    /** What Java calls them; the later the stronger. */
    private static final List<String> HASHES = List.of("MD5", "SHA-256", "SHA-512/256");

    /** Returns the strongest of the challenges that can be answered here, or null. */
    static @Nullable DigestChallenge strongest(Headers headers, Url url) {
        DigestChallenge best = null;
        for (String field : headers.all("WWW-Authenticate")) {
            for (AuthChallenge offered : AuthChallenge.parse(field)) {
                DigestChallenge challenge = of(offered, url);
                if (challenge != null && (best == null || challenge.strength() > best.strength())) {
                    best = challenge;
                }
            }
        }
        return best;
    }

    private static @Nullable DigestChallenge of(AuthChallenge offered, Url url) {
        Map<String, String> params = offered.params();
        String realm = params.get("realm");
        String nonce = params.get("nonce");
        if (!offered.scheme().equals("digest") || realm == null || nonce == null || nonce.isEmpty()) {
            return null;
        }
        String qops = params.get("qop");
        String qop = qops == null || qops.isBlank() ? null : hasAuth(qops) ? "auth" : "";
        var challenge = new DigestChallenge(
                realm,
                nonce,
                params.get("opaque"),
                params.get("algorithm"),
                qop,
                "true".equalsIgnoreCase(params.get("stale")),
                "true".equalsIgnoreCase(params.get("userhash")),
                domain(params.get("domain"), url));
        return challenge.strength() < 0 || "".equals(qop) ? null : challenge;
    }

    private static boolean hasAuth(String qops) {
        for (String qop : qops.split(",", -1)) {
            if (qop.strip().equalsIgnoreCase("auth")) {
                return true;
            }
        }
        return false;
    }

    private static List<Url> domain(@Nullable String uris, Url url) {
        var domain = new ArrayList<Url>(0);
        for (String uri : uris == null ? new String[0] : uris.strip().split("\\s+", -1)) {
            try {
                if (!uri.isEmpty()) {
                    domain.add(url.resolve(uri));
                }
            } catch (InvalidUrlException leadsNowhere) {
                // is left out
            }
        }
        return domain;
    }

    /** Returns the index of the hash, or -1 if it is not known here. */
    private int strength() {
        String name = algorithm == null ? "MD5" : algorithm.toUpperCase(Locale.ROOT);
        String hash = name.endsWith("-SESS") ? name.substring(0, name.length() - 5) : name;
        return HASHES.indexOf(hash.equals("SHA-512-256") ? "SHA-512/256" : hash);
    }

    private boolean session() {
        return algorithm != null && algorithm.toUpperCase(Locale.ROOT).endsWith("-SESS");
    }

    /** Returns whether an answer may be sent to an address of this origin before it is asked for. */
    boolean covers(Url url) {
        if (domain.isEmpty()) {
            return true;
        }
        for (Url space : domain) {
            String path = space.path();
            boolean below = url.path().equals(path) || url.path().startsWith(path.endsWith("/") ? path : path + "/");
            if (space.sameOrigin(url) && below) {
                return true;
            }
        }
        return false;
    }

    // --------------------------------------------------------------------------------------------------- answering

    /**
     * Returns the Authorization header.
     *
     * @param uri the target of the request line
     * @param count how many requests have carried this nonce, this one included
     */
    String answer(String user, String password, String method, String uri, String cnonce, int count) {
        String nc = String.format(Locale.ROOT, "%08x", count);
        String name = asRead(user);
        String secret = hash(name + ":" + realm + ":" + asRead(password));
        if (session()) {
            secret = hash(secret + ":" + nonce + ":" + cnonce);
        }
        String asked = hash(method + ":" + uri);
        String response = qop == null
                ? hash(secret + ":" + nonce + ":" + asked)
                : hash(secret + ":" + nonce + ":" + nc + ":" + cnonce + ":" + qop + ":" + asked);
        var header = new StringBuilder("Digest username=").append(quoted(userhash ? hash(name + ":" + realm) : name));
        header.append(", realm=").append(quoted(realm));
        header.append(", nonce=").append(quoted(nonce));
        header.append(", uri=").append(quoted(uri));
        header.append(", response=").append(quoted(response));
        if (opaque != null) {
            header.append(", opaque=").append(quoted(opaque));
        }
        if (algorithm != null) {
            header.append(", algorithm=").append(algorithm);
        }
        if (qop != null) {
            header.append(", qop=").append(qop).append(", nc=").append(nc);
        }
        if (qop != null || session()) {
            header.append(", cnonce=").append(quoted(cnonce));
        }
        if (userhash) {
            header.append(", userhash=true");
        }
        return header.toString();
    }

    private String hash(String text) {
        try {
            MessageDigest hash = MessageDigest.getInstance(HASHES.get(strength()));
            return HexFormat.of().formatHex(hash.digest(text.getBytes(StandardCharsets.ISO_8859_1)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no " + HASHES.get(strength()), e);
        }
    }

    /** Headers are read and written as Latin-1, whatever their bytes mean: so stands UTF-8 next to them. */
    private static String asRead(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
