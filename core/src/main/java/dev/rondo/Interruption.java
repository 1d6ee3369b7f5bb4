package dev.rondo;

import org.jspecify.annotations.Nullable;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * Ctrl-C while a main task runs: the first cancels it, the second leaves the loop at once, the third ends the program.
 * In force until closed; the handler that was there before is put back.
 */
final class Interruption implements AutoCloseable {

    private static final Signal INTERRUPT = new Signal("INT");

    private final EventLoop loop;
    private final Task<?, ?> task;
    private @Nullable SignalHandler before; // null where we handle nothing
    private volatile int count; // written by the JVM's signal thread, one signal at a time

    private Interruption(EventLoop loop, Task<?, ?> task) {
        this.loop = loop;
        this.task = task;
    }

    static Interruption of(EventLoop loop, Task<?, ?> task, boolean handle) {
        Interruption interruption = new Interruption(loop, task);
        if (handle) {
            interruption.install();
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

    private void install() {
        try {
            SignalHandler before = Signal.handle(INTERRUPT, signal -> interrupted());
            if (before == SignalHandler.SIG_IGN || isTheProgramsOwn(before)) {
                Signal.handle(INTERRUPT, before); // it was started so as not to hear of it, or hears of it itself
            } else {
                this.before = before;
            }
        } catch (IllegalArgumentException e) {
            // -Xrs, or a platform without this signal: Ctrl-C does what it does there.
        }
    }

    /** The JVM's own handlers, and what stands for them here, are of the same package as the interface. */
    private static boolean isTheProgramsOwn(SignalHandler handler) {
        return handler.getClass().getPackage() != SignalHandler.class.getPackage();
    }

    /** Somebody has pressed Ctrl-C. Called one at a time. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one signal thread
    void interrupted() {
        count++;
        if (count > 2) {
            Runtime.getRuntime().exit(130); // the loop does not answer
        }
        boolean first = count == 1;
        loop.scheduler().post(() -> {
            if (first && !task.done()) {
                task.cancel("interrupted from the keyboard");
            } else {
                loop.ready(new LoopItem(
                        "Ctrl-C",
                        () -> loop.escape(new KeyboardInterrupt()))); // an item: a loop that has none goes to sleep
            }
        });
    }

    boolean happened() {
        return count > 0;
    }

    @Override
    public void close() {
        if (before != null) {
            Signal.handle(INTERRUPT, before);
        }
    }
}
