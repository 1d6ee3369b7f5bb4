package dev.rondo;

import dev.rondo.time.Clock;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** What keeps a loop from going on: the item that has its thread. Made and asked by the watchdog. */
final class StuckItem {

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private static final Clock CLOCK = Clock.system();
    private static final long PATIENCE_NANOS = 2_000_000_000;

    private final EventLoop loop;
    private final Thread loopThread;
    private final long beganNanos;
    private final long cpuNanos;

    StuckItem(EventLoop loop, Thread loopThread) {
        this.loop = loop;
        this.loopThread = loopThread;
        this.beganNanos = CLOCK.nanos();
        this.cpuNanos = cpuNanos();
    }

    private long cpuNanos() {
        return THREADS.isThreadCpuTimeSupported() ? THREADS.getThreadCpuTime(loopThread.threadId()) : -1;
    }

    /**
     * Returns whether it can be told by now what the item does. A thread that is about to compute and gets no processor
     * looks like one in a system call, but for the native method on top of its stack.
     */
    boolean canBeTold() {
        if (loopThread.getState() != Thread.State.RUNNABLE || computes()) {
            return true;
        }
        Strand strand = loop.mounted();
        Thread thread = strand == null ? null : strand.thread();
        StackTraceElement[] stack = (thread == null ? loopThread : thread).getStackTrace();
        return (stack.length > 0 && stack[0].isNativeMethod()) || CLOCK.nanos() - beganNanos > PATIENCE_NANOS;
    }

    /** Describes the item, that has been running for so long. */
    String describe(long stuckNanos) {
        Strand strand = loop.mounted();
        Thread thread = strand == null ? null : strand.thread();
        Thread.State state = loopThread.getState();
        Object blocker = thread == null ? null : LockSupport.getBlocker(thread);
        List<StackTraceElement> stack = thread == null ? List.of(loopThread.getStackTrace()) : Stacks.of(thread);
        String initialised = classBeingInitialised(stack);

        StringBuilder text = new StringBuilder("The event loop on thread ").append(loopThread.getName());
        text.append(" has not gone on for ").append(stuckNanos / 1_000_000).append(" ms, because ");
        text.append(strand != null ? nameOf(strand) : nameOfBare(stack)).append(' ');
        switch (state) {
            case BLOCKED, WAITING, TIMED_WAITING -> pinned(text, state, blocker, initialised);
            default -> {
                if (computes()) {
                    text.append("is computing. Nothing else runs until it suspends or ends.")
                            .append(" Move the work to toThread(() -> …), or call yieldNow() now and then.");
                } else {
                    text.append("is in a blocking system call or native method. Nothing else runs until it returns.")
                            .append(" Use AsyncFile or Net, or move the call to toThread(() -> …).");
                }
            }
        }
        Stacks.append(text, "    ", stack);
        return text.toString();
    }

    private static String nameOf(Strand strand) {
        return strand.task == null ? "a callback" : strand.label() + " (" + strand.task.coroutineName() + ")";
    }

    /** Returns what the loop's thread runs that is no strand: of a virtual thread that it carries we have no stack. */
    private static String nameOfBare(List<StackTraceElement> stack) {
        boolean child =
                stack.stream().anyMatch(frame -> frame.getClassName().equals(LoopScheduler.ChildStep.class.getName()));
        return child ? "a virtual thread that was started inside a coroutine" : "the loop itself";
    }

    private static void pinned(
            StringBuilder text, Thread.State state, @Nullable Object blocker, @Nullable String initialised) {
        text.append(state == Thread.State.BLOCKED ? "waits for a monitor" : "is parked");
        if (blocker != null) {
            text.append(" on ").append(blocker.getClass().getName());
        }
        text.append(" where it cannot be suspended: ")
                .append(
                        initialised == null
                                ? "a native method or a static initialiser is on its stack."
                                : "in the static initialiser of " + initialised + ".")
                .append(" Nothing else runs until it goes on; if it waits for another coroutine of this loop, that is")
                .append(" never. ")
                .append(
                        initialised == null
                                ? "Move the call to toThread(() -> …)."
                                : "Initialise the class first, off the loop: toThread(() -> Class.forName(\""
                                        + initialised + "\")).");
    }

    private static @Nullable String classBeingInitialised(List<StackTraceElement> stack) {
        for (StackTraceElement frame : stack) {
            if (frame.getMethodName().equals("<clinit>")) {
                return frame.getClassName();
            }
        }
        return null;
    }

    /**
     * Returns whether the thread has computed since we were made: a little will do, since other programs compute too.
     */
    private boolean computes() {
        long passed = CLOCK.nanos() - beganNanos;
        return cpuNanos < 0 || cpuNanos() - cpuNanos >= passed / 50;
    }
}
