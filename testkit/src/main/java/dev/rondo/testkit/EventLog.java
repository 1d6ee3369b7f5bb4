package dev.rondo.testkit;

import java.util.ArrayList;
import java.util.List;

/** What happened in a run, in its order. */
final class EventLog {

    private final List<String> lines = new ArrayList<>();

    void add(long nanos, String what) {
        lines.add(String.format("%d.%09d  %s", nanos / 1_000_000_000, nanos % 1_000_000_000, what));
    }

    List<String> lines() {
        return lines;
    }
}
