package dev.rondo;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Ctrl-C (SIGINT) or a request to end (SIGTERM) while a main task runs: the first cancels it, the second leaves the
 * loop at once, the third ends the program. In force until closed; the handlers that were there before are put back.
 */
final class Interruption implements AutoCloseable {

    private final EventLoop loop;
    private final Task<?, ?> task;
    private final Runnable onInterrupt = () -> interrupted(Signal.INT);
    private final Runnable onTerminate = () -> interrupted(Signal.TERM);

    /** How many have come, and the last. */
    private record Heard(int count, Signal last) {}

    private final AtomicReference<@Nullable Heard> heard = new AtomicReference<>(); // written by threads of the JVM

    private Interruption(EventLoop loop, Task<?, ?> task) {
        this.loop = loop;
        this.task = task;
    }

    static Interruption of(EventLoop loop, Task<?, ?> task, boolean handle) {
        Interruption interruption = new Interruption(loop, task);
        if (handle) {
            Signals.addDefault(Signal.INT, interruption.onInterrupt);
            Signals.addDefault(Signal.TERM, interruption.onTerminate);
        }
        return interruption;
    }

    /** Returns whether the caller is the thread that called the program's main: known by its name and group alone. */
    static boolean onMainThread() {
        Thread thread = Thread.currentThread();
        ThreadGroup group = thread.getThreadGroup();
        return thread.getName().equals("main")
                && group != null
                && group.getName().equals("main");
    }

    /** A signal has come. */
    void interrupted(Signal signal) {
        Heard now = heard.updateAndGet(before -> new Heard(before == null ? 1 : before.count + 1, signal));
        KeyboardInterrupt interrupt = new KeyboardInterrupt(signal);
        if (now == null || now.count > 2) {
            Runtime.getRuntime().exit(interrupt.exitCode()); // the loop does not answer
            return;
        }
        loop.scheduler().post(() -> {
            if (now.count == 1 && !task.done()) {
                task.cancel(interrupt.getMessage());
            } else {
                loop.ready(new LoopItem(
                        signal == Signal.INT ? "Ctrl-C" : signal.toString(),
                        () -> loop.escape(interrupt))); // an item: a loop that has none goes to sleep
            }
        });
    }

    /** Returns the last signal that came, or null. */
    @Nullable Signal happened() {
        Heard heard = this.heard.get();
        return heard == null ? null : heard.last;
    }

    @Override
    public void close() {
        Signals.remove(Signal.INT, onInterrupt);
        Signals.remove(Signal.TERM, onTerminate);
    }
}
