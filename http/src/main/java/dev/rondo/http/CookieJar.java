package dev.rondo.http;

import dev.rondo.Asyncio;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The cookies that servers have set, and which of them goes where (RFC 6265bis). In aiohttp: {@code CookieJar}.
 *
 * <pre>{@code
 * var jar = new CookieJar();
 * jar.load(file);
 * try (var session = ClientSession.builder().cookies(jar).build()) {
 *     session.get("https://example.org/").close();
 * }
 * jar.save(file);
 * }</pre>
 *
 * <p>It refuses what a browser refuses: cookies for another's domain, for a public suffix such as {@code co.uk}, for an
 * IP address, secure ones that came by http, and {@code __Host-} and {@code __Secure-} names without what they promise.
 * Nothing lives longer than 400 days. It is bounded: a cookie to 4096 bytes and a path of 1024, a domain to
 * {@value #DEFAULT_PER_DOMAIN} cookies and all domains to {@value #DEFAULT_TOTAL}, unless the builder is told
 * otherwise; those go first that have expired, then those not used for longest.
 *
 * <p>Any number of sessions of one loop may share it; it is not for several threads at a time. Nothing suspends unless
 * it says so.
 */
public final class CookieJar {

    static final int DEFAULT_PER_DOMAIN = 150;
    static final int DEFAULT_TOTAL = 3000;

    private static final Duration MAX_LIFE = Duration.ofDays(400);

    /** What makes a cookie another one: RFC 6265bis §5.7. */
    private record Key(String name, String path, boolean hostOnly) {}

    /** A cookie in the jar. Its cookie has domain and path, and its age is in {@code expires}: null is never. */
    private static final class Kept {

        final Cookie cookie;
        final boolean hostOnly;
        final long created; // a number that grows, not a time: many come within one tick of the clock
        long used;

        Kept(Cookie cookie, boolean hostOnly, long created, long used) {
            this.cookie = cookie;
            this.hostOnly = hostOnly;
            this.created = created;
            this.used = used;
        }

        Key key() {
            return new Key(cookie.name(), path(), hostOnly);
        }

        String path() {
            return cookie.path() == null ? "/" : cookie.path();
        }

        boolean expired(Instant now) {
            return cookie.expires() != null && !cookie.expires().isAfter(now);
        }
    }

    private final InstantSource clock;
    private final boolean ipAddresses;
    private final Set<String> secureOrigins;
    private final int perDomain;
    private final int total; // 0: takes nothing
    private final Map<String, LinkedHashMap<Key, Kept>> domains = new HashMap<>(); // none of them is empty
    private int size;
    private long counter;

    /** Makes an empty jar with all defaults. */
    public CookieJar() {
        this(builder());
    }

    private CookieJar(Builder builder) {
        clock = builder.clock == null ? clockHere() : builder.clock;
        ipAddresses = builder.ipAddresses;
        secureOrigins = Set.copyOf(builder.secureOrigins);
        perDomain = builder.perDomain;
        total = builder.total;
    }

    private static InstantSource clockHere() {
        try {
            return Asyncio.getRunningLoop()::instant;
        } catch (IllegalStateException noLoopHere) {
            return InstantSource.system();
        }
    }

    /** Returns a builder with all defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** Returns a jar that takes nothing and has nothing. In aiohttp: {@code DummyCookieJar}. */
    public static CookieJar none() {
        var builder = builder();
        builder.total = 0;
        return new CookieJar(builder);
    }

    // ------------------------------------------------------------------------------------------------- taking in

    /**
     * Takes the cookies that a response sets, those aside that are to be refused. Suspends the first time that one is
     * for a whole domain, while another thread loads the list of public suffixes; a cancel leaves the jar as it was. In
     * aiohttp: {@code update_cookies_from_headers}.
     *
     * @param from the address that answered
     * @param headers the response's
     */
    public void update(Url from, Headers headers) {
        if (total == 0 || !headers.contains("Set-Cookie")) {
            return;
        }
        List<Cookie> cookies = Cookie.allOf(headers);
        for (Cookie cookie : cookies) {
            if (needsSuffixes(from, cookie)) {
                PublicSuffixes.load();
                break;
            }
        }
        for (Cookie cookie : cookies) {
            take(from, cookie);
        }
    }

    /**
     * Takes a cookie as if the server at {@code from} had set it; one that has expired takes that of the same name,
     * domain and path away. Suspends as {@link #update} does. In aiohttp: {@code update_cookies}.
     *
     * @return whether it was not refused
     */
    public boolean add(Url from, Cookie cookie) {
        if (needsSuffixes(from, cookie)) {
            PublicSuffixes.load();
        }
        return take(from, cookie);
    }

    /** Returns whether {@link #take} will look into the list of public suffixes, which takes long to load. */
    private boolean needsSuffixes(Url from, Cookie cookie) {
        String domain = total == 0 ? null : CookieRules.domain(cookie);
        return domain != null && isShareable(domain) && CookieRules.domainMatches(from.host(), domain);
    }

    /** Returns whether there can be hosts below it. */
    private static boolean isShareable(String domain) {
        return domain.indexOf('.') >= 0 && !CookieRules.isIpAddress(domain);
    }

    private boolean take(Url from, Cookie cookie) {
        String host = from.host();
        if (total == 0 || (CookieRules.isIpAddress(host) && !ipAddresses)) {
            return false;
        }
        String domain = CookieRules.domain(cookie);
        if (!CookieRules.keepsPromises(cookie)) {
            return false;
        }
        if (domain != null && !CookieRules.domainMatches(host, domain)) {
            return false;
        }
        if (domain != null && (!isShareable(domain) || PublicSuffixes.contains(domain))) {
            if (!domain.equals(host)) {
                return false;
            }
            domain = null;
        }
        boolean secureOrigin = isSecure(from);
        if (!secureOrigin && cookie.secure()) {
            return false;
        }
        if (cookie.sameSite() == Cookie.SameSite.NONE && !cookie.secure()) {
            return false;
        }
        String path =
                cookie.path() != null && cookie.path().startsWith("/") ? cookie.path() : CookieRules.defaultPath(from);
        if (path.length() > CookieText.MAX_ATTRIBUTE_BYTES) {
            return false; // that of the address, which a redirect can make as long as a header
        }
        String where = domain == null ? host : domain;
        if (!secureOrigin && wouldHideSecure(cookie.name(), where, path)) {
            return false;
        }
        store(where, path, domain == null, cookie);
        return true;
    }

    private boolean isSecure(Url url) {
        return url.secure() || secureOrigins.contains(url.authority());
    }

    /** What comes by http may be forged: it must not stand before what came by https. */
    private boolean wouldHideSecure(String name, String domain, String path) {
        for (var entry : domains.entrySet()) {
            if (CookieRules.domainMatches(domain, entry.getKey())
                    || CookieRules.domainMatches(entry.getKey(), domain)) {
                for (Kept kept : entry.getValue().values()) {
                    if (kept.cookie.secure()
                            && kept.cookie.name().equals(name)
                            && CookieRules.pathMatches(path, kept.path())) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    // ------------------------------------------------------------------------------------------------- what it has

    /**
     * Returns the cookies for a request, in the order in which they are sent: longer paths first, then older ones. In
     * aiohttp: {@code filter_cookies}.
     */
    public List<Cookie> cookies(Url to) {
        if (size == 0) {
            return List.of();
        }
        Instant now = clock.instant();
        var found = new ArrayList<Kept>();
        boolean address = CookieRules.isIpAddress(to.host());
        for (String domain = to.host(); ; domain = domain.substring(domain.indexOf('.') + 1)) {
            collect(to, domain, now, found);
            if (address || domain.indexOf('.') < 0) {
                break;
            }
        }
        found.sort(
                Comparator.comparingInt((Kept kept) -> -kept.path().length()).thenComparingLong(kept -> kept.created));
        return found.stream().map(kept -> kept.cookie).toList();
    }

    private void collect(Url to, String domain, Instant now, List<Kept> found) {
        LinkedHashMap<Key, Kept> those = domains.get(domain);
        if (those == null) {
            return;
        }
        boolean exact = domain.equals(to.host());
        for (Kept kept : those.values()) {
            if ((exact || !kept.hostOnly)
                    && !kept.expired(now)
                    && (!kept.cookie.secure() || isSecure(to))
                    && CookieRules.pathMatches(to.path(), kept.path())) {
                kept.used = ++counter;
                found.add(kept);
            }
        }
    }

    /** Returns what the Cookie header of a request says, or null if there is no cookie for it. */
    public @Nullable String header(Url to) {
        List<Cookie> cookies = cookies(to);
        return cookies.isEmpty() ? null : cookies.stream().map(Cookie::toPair).collect(Collectors.joining("; "));
    }

    /** Returns all cookies that have not expired, with domain and path, in the order in which they came. */
    public List<Cookie> all() {
        return unexpired().stream().map(kept -> kept.cookie).toList();
    }

    private List<Kept> unexpired() {
        removeExpired();
        var all = new ArrayList<Kept>(size);
        domains.values().forEach(those -> all.addAll(those.values()));
        all.sort(Comparator.comparingLong(kept -> kept.created));
        return all;
    }

    /** Returns how many cookies there are that have not expired. */
    public int size() {
        removeExpired();
        return size;
    }

    // ------------------------------------------------------------------------------------------------- taking out

    /** Takes all cookies out. In aiohttp: {@code clear}. */
    public void clear() {
        domains.clear();
        size = 0;
    }

    /** Takes those out that {@code which} picks; it sees them as {@link #all} does. In aiohttp: {@code clear(pred)}. */
    public void clear(Predicate<Cookie> which) {
        removeIf(kept -> which.test(kept.cookie));
    }

    /** Takes out what is for a host or a domain, or for one below it. In aiohttp: {@code clear_domain}. */
    public void clearDomain(String domain) {
        removeIf(kept -> CookieRules.domainMatches(String.valueOf(kept.cookie.domain()), domain));
    }

    private void removeExpired() {
        Instant now = clock.instant();
        removeIf(kept -> kept.expired(now));
    }

    private void removeIf(Predicate<Kept> which) {
        for (var rest = domains.values().iterator(); rest.hasNext(); ) {
            LinkedHashMap<Key, Kept> those = rest.next();
            int before = those.size();
            those.values().removeIf(which);
            size -= before - those.size();
            if (those.isEmpty()) {
                rest.remove();
            }
        }
    }

    private void remove(Kept kept) {
        String domain = String.valueOf(kept.cookie.domain());
        LinkedHashMap<Key, Kept> those = domains.get(domain);
        if (those != null && those.remove(kept.key()) != null) {
            size--;
            if (those.isEmpty()) {
                domains.remove(domain);
            }
        }
    }

    // ---------------------------------------------------------------------------------------------------- storing

    private void store(String domain, String path, boolean hostOnly, Cookie cookie) {
        Instant now = clock.instant();
        LinkedHashMap<Key, Kept> those = domains.get(domain);
        Kept old = those == null ? null : those.get(new Key(cookie.name(), path, hostOnly));
        long created = old == null ? ++counter : old.created;
        var kept = new Kept(resolved(cookie, domain, path, now), hostOnly, created, ++counter);
        if (kept.expired(now)) {
            if (old != null) {
                remove(old);
            }
            return;
        }
        if (domains.computeIfAbsent(domain, none -> new LinkedHashMap<>()).put(kept.key(), kept) == null) {
            size++;
            evict(domain, now);
        }
    }

    /** Returns the cookie as it is kept: with domain, path and the instant at which it expires. */
    private static Cookie resolved(Cookie cookie, String domain, String path, Instant now) {
        Instant expires = cookie.expires();
        Duration maxAge = cookie.maxAge();
        Instant last = now.plus(MAX_LIFE);
        if (maxAge != null) {
            expires =
                    maxAge.isPositive() ? now.plus(maxAge.compareTo(MAX_LIFE) < 0 ? maxAge : MAX_LIFE) : Instant.EPOCH;
        } else if (expires != null && expires.isAfter(last)) {
            expires = last;
        }
        return new Cookie(
                cookie.name(),
                cookie.value(),
                domain,
                path,
                null,
                expires,
                cookie.secure(),
                cookie.httpOnly(),
                cookie.sameSite(),
                cookie.partitioned());
    }

    private void evict(String domain, Instant now) {
        LinkedHashMap<Key, Kept> those = domains.get(domain);
        if (those != null && those.size() > perDomain) {
            List<Kept> order = new ArrayList<>(those.values());
            order.sort(Comparator.comparing((Kept kept) -> !kept.expired(now))
                    .thenComparing(kept -> kept.cookie.secure())
                    .thenComparingLong(kept -> kept.used));
            order.subList(0, those.size() - perDomain).forEach(this::remove);
        }
        if (size > total) {
            removeIf(kept -> kept.expired(now));
        }
        if (size > total) {
            // A tenth at a time, so that a full jar is not searched for every cookie.
            List<Kept> order = new ArrayList<>(size);
            domains.values().forEach(each -> order.addAll(each.values()));
            order.sort(Comparator.comparingLong(kept -> kept.used));
            order.subList(0, size - (total - total / 10)).forEach(this::remove);
        }
    }

    // ------------------------------------------------------------------------------------------------------- files

    /**
     * Saves all cookies, those too that live only until the client forgets them, in the format of Netscape, which curl
     * and wget read; SameSite and Partitioned have no place in it. The file is replaced at once and as a whole, and
     * only its owner may read it. Suspends, while another thread writes; on a cancel the file is the old or the new.
     */
    public void save(Path path) throws IOException {
        var lines = new StringBuilder(CookieFile.HEADER);
        unexpired().forEach(kept -> CookieFile.append(lines, kept.cookie, kept.hostOnly));
        CookieFile.write(path, lines.toString());
    }

    /**
     * Adds the cookies of a file that {@link #save}, curl or wget wrote; those that have expired are left out, and the
     * limits of this jar hold. Suspends; a failure or a cancel leaves the jar as it was.
     *
     * @throws IOException if it cannot be read, or is no such file: the message names the line
     */
    public void load(Path path) throws IOException {
        List<CookieFile.Line> lines = CookieFile.read(path);
        Instant now = clock.instant();
        for (CookieFile.Line line : lines) {
            Instant expires = line.cookie().expires();
            if (total > 0 && (expires == null || expires.isAfter(now))) {
                store(line.domain(), line.path(), line.hostOnly(), line.cookie());
            }
        }
    }

    /** Returns how many cookies there are, but none of them: they are often secrets. */
    @Override
    public String toString() {
        return "CookieJar[" + size + (size == 1 ? " cookie]" : " cookies]");
    }

    /** The options of a jar. For one thread at a time. */
    public static final class Builder {

        private @Nullable InstantSource clock; // null: see clock()
        private boolean ipAddresses;
        private final Set<String> secureOrigins = new HashSet<>();
        private int perDomain = DEFAULT_PER_DOMAIN;
        private int total = DEFAULT_TOTAL;

        private Builder() {}

        /**
         * Sets what tells whether a cookie has expired. Else: the loop that runs in this thread when the jar is made,
         * or the system.
         */
        public Builder clock(InstantSource source) {
            clock = source;
            return this;
        }

        /** Takes cookies of IP addresses too: for a server on {@code 127.0.0.1}. In aiohttp: {@code unsafe=True}. */
        public Builder allowIpAddresses() {
            ipAddresses = true;
            return this;
        }

        /**
         * Takes an http address for a safe one, such as {@code http://localhost:8080}: secure cookies come and go there
         * too. Host and port count. In aiohttp: {@code treat_as_secure_origin}.
         */
        public Builder treatAsSecure(Url origin) {
            secureOrigins.add(origin.authority());
            return this;
        }

        /** Sets how many cookies one domain may have, at least 1. */
        public Builder maxPerDomain(int count) {
            perDomain = atLeastOne(count);
            return this;
        }

        /** Sets how many cookies there may be, at least 1. */
        public Builder maxTotal(int count) {
            total = atLeastOne(count);
            return this;
        }

        private static int atLeastOne(int count) {
            if (count < 1) {
                throw new IllegalArgumentException("at most " + count + " cookies: at least 1 is needed");
            }
            return count;
        }

        /** Makes the jar. */
        public CookieJar build() {
            return new CookieJar(this);
        }
    }
}
