package dev.rondo.testkit.core;

import dev.rondo.EventLoop;
import java.util.ArrayList;
import java.util.List;

/** What a loop promises to whoever runs it: not for a simulation, which runs one itself. */
public final class LoopScenario {

    private LoopScenario() {}

    /** A loop that is stopped ends the turn first; returns what it has run. */
    public static String stop() {
        List<String> ran = new ArrayList<>();
        try (EventLoop loop = EventLoop.builder().build()) {
            loop.callSoon(() -> ran.add("a"));
            loop.callSoon(() -> {
                ran.add("stop");
                loop.stop();
                loop.callSoon(() -> ran.add("the next turn"));
            });
            loop.callSoon(() -> ran.add("b"));
            loop.callSoon(() -> ran.add("c"));
            loop.runForever();
        }
        return String.join(", ", ran);
    }
}
