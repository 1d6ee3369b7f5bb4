package dev.rondo.scrape.url;

import crawlercommons.domains.EffectiveTldFinder;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;

/** Which addresses belong to a crawl. */
@FunctionalInterface
public interface Scope {

    /** Returns whether an address belongs to it. Called for each link: must not block or suspend. */
    boolean contains(PageUrl url);

    /** Those on the hosts and ports of {@code starts}, by http and https: not on {@code www.} if they are without. */
    static Scope host(PageUrl... starts) {
        Set<String> authorities = new HashSet<>();
        for (PageUrl start : starts) {
            authorities.add(start.authority());
        }
        return url -> onOne(authorities, url);
    }

    /** Returns whether an address is on one of these hosts and ports, of which there are few. */
    static boolean onOne(Set<String> authorities, PageUrl url) {
        for (String authority : authorities) {
            if (url.isOn(authority)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Those on the registrable domains of {@code starts} and all below: {@code docs.example.org} with
     * {@code example.org}.
     */
    static Scope domain(PageUrl... starts) {
        Set<String> domains = new HashSet<>();
        for (PageUrl start : starts) {
            String domain = EffectiveTldFinder.getAssignedDomain(start.host(), true, false);
            domains.add(domain == null ? start.host() : domain);
        }
        return url -> {
            String host = url.host();
            for (int i = 0; i >= 0; i = host.indexOf('.', i) + 1 == 0 ? -1 : host.indexOf('.', i) + 1) {
                if (domains.contains(host.substring(i))) {
                    return true;
                }
            }
            return false;
        };
    }

    /** Those that begin as one of {@code starts} does up to the last slash of its path: wget's {@code --no-parent}. */
    static Scope prefix(PageUrl... starts) {
        String[] prefixes = new String[starts.length];
        for (int i = 0; i < starts.length; i++) {
            prefixes[i] = starts[i].text().substring(0, starts[i].lastSegment());
        }
        return url -> {
            for (String prefix : prefixes) {
                if (url.text().startsWith(prefix)) {
                    return true;
                }
            }
            return false;
        };
    }

    /** Those in which the pattern is found. */
    static Scope matching(Pattern pattern) {
        return url -> pattern.matcher(url.text()).find();
    }

    /** Those that are in both. */
    default Scope and(Scope other) {
        return url -> contains(url) && other.contains(url);
    }

    /** Those that are in this one and not in the other. */
    default Scope without(Scope other) {
        return url -> contains(url) && !other.contains(url);
    }
}
