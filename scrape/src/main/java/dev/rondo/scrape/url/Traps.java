package dev.rondo.scrape.url;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Tells addresses that are one of endlessly many: calendars, links that grow by a piece at each step, every order of
 * some parameters, a session in the path. It counts, so each address is to be shown to it once. For one crawl and one
 * thread at a time.
 */
public final class Traps {

    private static final int MOST_COUNTERS = 100_000;

    /** What says that it is a session. */
    private static final Pattern SESSION = Pattern.compile(
            "(?i)(;jsessionid=|/\\(s\\(|[/;?&](?:sid|session|sessionid|phpsessid)[=_-])[0-9a-z._-]{8,}");

    /** What is a number of some kind. */
    private static final Pattern NUMBER = Pattern.compile("(?i)(?<![0-9a-z])[0-9a-f]{16,}(?![0-9a-z])|[0-9]+");

    private static final Pattern DATE = Pattern.compile("(?<![0-9])(?:19|20)[0-9]{2}[-/](?:0?[1-9]|1[0-2])(?![0-9])");

    private final TrapLimits limits;
    private final Map<String, Integer> patterns = new HashMap<>();
    private final Map<String, Integer> paths = new HashMap<>();

    /** With the usual limits. */
    public Traps() {
        this(TrapLimits.DEFAULT);
    }

    /** With these limits. */
    public Traps(TrapLimits limits) {
        this.limits = limits;
    }

    /** Returns why an address looks like a trap, in one line; null if it does not. */
    public @Nullable String check(PageUrl url, int depth) {
        String text = url.text();
        if (depth > limits.depth()) {
            return "trap: more than " + limits.depth() + " links away from the start";
        }
        if (text.length() > limits.length()) {
            return "trap: longer than " + limits.length() + " characters";
        }
        String path = url.path();
        String segments = segments(path);
        if (segments != null) {
            return segments;
        }
        String query = url.query();
        if (query != null && count(paths, url.origin() + path) > limits.queries()) {
            return "trap: more than " + limits.queries() + " queries of " + url.origin() + path;
        }
        return pattern(url.origin(), query == null ? path : path + "?" + query);
    }

    private @Nullable String segments(String path) {
        int count = 0;
        for (int i = 0; i >= 0; i = path.indexOf('/', i + 1)) {
            count++;
        }
        if (count > limits.segments()) {
            return "trap: more than " + limits.segments() + " segments in the path";
        }
        if (count <= limits.repeated()) {
            return null;
        }
        Map<String, Integer> times = new HashMap<>();
        for (String segment : path.substring(1).split("/")) {
            if (!segment.isEmpty() && times.merge(segment, 1, Integer::sum) > limits.repeated()) {
                return "trap: a segment of the path more than " + limits.repeated() + " times";
            }
        }
        return null;
    }

    private @Nullable String pattern(String origin, String target) {
        boolean digits = target.chars().anyMatch(c -> c >= '0' && c <= '9');
        if (!digits) {
            return null;
        }
        String masked = SESSION.matcher(target).replaceAll("$1<session>");
        String shape = origin + NUMBER.matcher(masked).replaceAll("#");
        int count = count(patterns, shape);
        if (masked.contains("<session>")) {
            return count > 1 ? "trap: the same address but for a session: " + shape : null;
        }
        if (count > limits.dates() && DATE.matcher(target).find()) {
            return "trap: more than " + limits.dates() + " dates in " + shape;
        }
        return count <= limits.pattern() ? null : "trap: more than " + limits.pattern() + " addresses like " + shape;
    }

    private static int count(Map<String, Integer> counters, String name) {
        String counted = counters.size() < MOST_COUNTERS || counters.containsKey(name) ? name : "";
        return counted.isEmpty() ? 0 : counters.merge(counted, 1, Integer::sum);
    }
}
