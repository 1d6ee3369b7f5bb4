package dev.rondo.http;

import crawlercommons.domains.EffectiveTldFinder;
import dev.rondo.http.encoding.FirstUse;

/**
 * Below which names anybody may have a domain: {@code com}, {@code co.uk}, {@code github.io}. Nobody may set a cookie
 * for all of one. The list of publicsuffix.org, as crawler-commons brings it.
 */
final class PublicSuffixes {

    private static volatile boolean loaded; // true once and for all; any thread

    private PublicSuffixes() {}

    /** Returns when the list is there. The first time it is read, for nearly half a second: as {@link FirstUse#run}. */
    static void load() {
        if (!loaded) {
            FirstUse.run(Once::run);
        }
    }

    /** Returns whether {@code domain}, in lower case and punycode, is one. The list must be there. */
    static boolean contains(String domain) {
        if (domain.indexOf('.') < 0) {
            return true; // known or not: nobody owns all below it
        }
        EffectiveTldFinder.EffectiveTLD rule = EffectiveTldFinder.getEffectiveTLD(domain, false);
        if (rule == null || rule.isException()) {
            return false;
        }
        return EffectiveTldFinder.getAssignedDomain(domain, true, false) == null;
    }

    /** The JVM initialises a class once, and has other threads wait meanwhile. */
    private static final class Once {

        static {
            if (!EffectiveTldFinder.getInstance().isConfigured()) {
                throw new ExceptionInInitializerError("the list of public suffixes cannot be read");
            }
            loaded = true;
        }

        static void run() {}
    }
}
