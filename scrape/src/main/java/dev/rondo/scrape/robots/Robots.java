package dev.rondo.scrape.robots;

import crawlercommons.robots.SimpleRobotRules;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one origin asks of a crawler in its robots.txt (RFC 9309). It does not change. */
public final class Robots {

    private static final Duration LONGEST_DELAY = Duration.ofSeconds(30);

    /** Of an origin that asks nothing. */
    public static final Robots ALL_ALLOWED =
            new Robots(new SimpleRobotRules(SimpleRobotRules.RobotRulesMode.ALLOW_ALL), "all is allowed", false);

    private final SimpleRobotRules rules;
    private final String reason;
    private final boolean unreachable;

    Robots(SimpleRobotRules rules, String reason, boolean unreachable) {
        this.rules = rules;
        this.reason = reason;
        this.unreachable = unreachable;
    }

    /** Of an origin that cannot say what it asks: nothing is allowed. */
    static Robots unreachable(String why) {
        return new Robots(new SimpleRobotRules(SimpleRobotRules.RobotRulesMode.ALLOW_NONE), why, true);
    }

    /** Returns whether it could not be read, so that nothing is allowed. */
    public boolean unreachable() {
        return unreachable;
    }

    /** Returns whether an address of this origin may be asked for. */
    public boolean allows(String url) {
        return rules.isAllowAll() || rules.isAllowed(url);
    }

    /** Returns why an address is not allowed, for a report. */
    public String reason() {
        return reason;
    }

    /** Returns how long to wait between two requests, half a minute at most; null if it does not say. */
    public @Nullable Duration crawlDelay() {
        long millis = rules.getCrawlDelay();
        if (millis <= 0) {
            return null;
        }
        Duration asked = Duration.ofMillis(millis);
        return asked.compareTo(LONGEST_DELAY) > 0 ? LONGEST_DELAY : asked;
    }

    /** Returns the addresses of the sitemaps that it names, as they stand there. */
    public List<String> sitemaps() {
        return rules.getSitemaps();
    }

    @Override
    public String toString() {
        return "Robots[" + reason + "]";
    }
}
