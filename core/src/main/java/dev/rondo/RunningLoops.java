package dev.rondo;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The loops that run now, so that static methods find the one they are called on. Any thread.
 *
 * <p>There are few, so looking at each is cheaper than a thread-local. What is looked at belongs to the loop's thread,
 * and reading it from another is a race; but the only answer that can be true is the caller's own thread, which reads
 * its own.
 */
final class RunningLoops {

    private static volatile EventLoop[] loops = {};

    private RunningLoops() {}

    static synchronized void add(EventLoop loop) {
        EventLoop[] more = Arrays.copyOf(loops, loops.length + 1);
        more[loops.length] = loop;
        loops = more;
        Watchdog.wakeUp();
    }

    static synchronized void remove(EventLoop loop) {
        loops = Arrays.stream(loops).filter(other -> other != loop).toArray(EventLoop[]::new);
    }

    /** Returns the loops that run now; not to be changed. */
    static EventLoop[] all() {
        return loops;
    }

    /** Returns the loop whose thread, coroutine or callback the caller is, or null. */
    static @Nullable EventLoop here() {
        for (EventLoop loop : loops) {
            if (loop.isHere()) {
                return loop;
            }
        }
        return null;
    }

    /** Returns the strand that the caller is, or null. */
    static @Nullable Strand strandHere() {
        for (EventLoop loop : loops) {
            Strand strand = loop.strandHere();
            if (strand != null) {
                return strand;
            }
        }
        return null;
    }
}
