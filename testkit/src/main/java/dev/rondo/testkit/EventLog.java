package dev.rondo.testkit;

import dev.rondo.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What happened in a run, in its order. Says the same of two runs that went the same way: what differs by chance is
 * left out, as the hash in the name of an object that has none of its own, the number of a lambda or of a thread.
 */
final class EventLog {

    private static final Pattern HASH = Pattern.compile("(?<=[\\w$;\\])])@[0-9a-f]{1,8}\\b");
    private static final Pattern LAMBDA = Pattern.compile("\\$\\$Lambda(?:[/$][0-9a-fx]+)*");
    private static final Pattern THREAD = Pattern.compile("Thread\\[#\\d+");

    /** Of a run that goes on for ever there may be millions; nobody reads more than the last. */
    private static final int KEPT = 500_000;

    private final List<String> lines = new ArrayList<>();
    private long dropped;

    void add(long nanos, String what) {
        if (lines.size() == 2 * KEPT) {
            lines.subList(0, KEPT).clear();
            dropped += KEPT;
        }
        StringBuilder line = new StringBuilder(what.length() + 16);
        String fraction = Long.toString(nanos % 1_000_000_000);
        line.append(nanos / 1_000_000_000).append('.').append("0".repeat(9 - fraction.length()));
        lines.add(line.append(fraction).append("  ").append(withoutChance(what)).toString());
    }

    /** Returns what an item of the loop, or what a task waits for, is called. */
    static String nameOf(Object item) {
        return item instanceof Task<?, ?> task ? task.name() : String.valueOf(item);
    }

    static String withoutChance(String text) {
        if (text.indexOf('@') < 0 && text.indexOf('#') < 0 && !text.contains("$$Lambda")) {
            return text;
        }
        String lambdas = LAMBDA.matcher(text).replaceAll(".lambda");
        return THREAD.matcher(HASH.matcher(lambdas).replaceAll("")).replaceAll("Thread[");
    }

    /** Returns the last that happened: half a million events or more, and all if there are fewer. */
    List<String> lines() {
        return lines;
    }

    /** Returns how many events there were. */
    long total() {
        return dropped + lines.size();
    }
}
