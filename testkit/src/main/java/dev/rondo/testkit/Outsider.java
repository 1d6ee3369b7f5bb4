package dev.rondo.testkit;

import dev.rondo.Task;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A thread that is no part of the simulation and has stepped in: when it does is nobody's choice, so that the run
 * cannot be had again. What it has done, and what to use instead.
 *
 * @param task what it has released from blocking code; null if it has posted something to the loop
 */
record Outsider(Thread thread, @Nullable Task<?, ?> task) {

    private static final String PARK = LockSupport.class.getName();

    static final String FROM_ANOTHER_THREAD = "What comes from another thread (callSoonThreadsafe, a CompletableFuture"
            + " that it completes) comes at another time in each run: have a coroutine of the loop do it, or toThread, or"
            + " mark the test @RealIo";

    /** Who wakes virtual threads from {@code Thread.sleep} and all other waits with a time limit. */
    private static final String UNPARKER = "VirtualThread-unparker";

    /** Who wakes those that have waited to enter {@code synchronized}. */
    private static final String UNBLOCKER = "VirtualThread-unblocker";

    /** Returns the message of the failure. Before the task goes on, while its stack is that of the call that parked. */
    String describe() {
        String name = thread.getName().isEmpty() ? "a virtual thread without a name" : "\"" + thread.getName() + "\"";
        if (task == null) {
            return "a thread outside the simulation, " + name + ", has something for the loop to do. " + instead();
        }
        StringBuilder text = new StringBuilder(task.name())
                .append(" was resumed by a thread outside the simulation, ")
                .append(name)
                .append(". It was parked here:");
        List<StackTraceElement> stack = task.stack();
        append(text, stack);
        return text.append('\n').append(insteadOf(stack)).toString();
    }

    private String instead() {
        return switch (thread.getName()) {
            case UNPARKER ->
                "A virtual thread that was started on the loop has slept, or waited with a time limit, in real time:"
                        + " use createTask and Asyncio.sleep or timeout, which take virtual time";
            case UNBLOCKER ->
                "A virtual thread that was started on the loop has waited to enter synchronized code, and the JDK"
                        + " resumes it when it likes: use a ReentrantLock, or an AsyncLock";
            default -> FROM_ANOTHER_THREAD;
        };
    }

    static void append(StringBuilder text, List<StackTraceElement> stack) {
        int end = stack.size();
        while (end > 0 && callsTheTest(stack.get(end - 1).getClassName())) {
            end--;
        }
        for (StackTraceElement frame : stack.subList(0, end)) {
            text.append("\n      at ").append(frame);
        }
    }

    /** How a test method is called differs from one run to the next, and tells nobody anything. */
    private static boolean callsTheTest(String type) {
        return type.startsWith("org.junit.")
                || type.startsWith("java.lang.reflect.")
                || type.startsWith("jdk.internal.reflect.")
                || SameFailure.isOurs(type);
    }

    /** Returns what to use instead of the blocking call at the top of a stack. */
    static String insteadOf(List<StackTraceElement> stack) {
        for (StackTraceElement frame : stack) {
            String call = frame.getClassName() + "." + frame.getMethodName();
            if (call.equals("java.lang.Thread.sleep") || call.equals("java.util.concurrent.TimeUnit.sleep")) {
                return "Thread.sleep takes real time: use Asyncio.sleep, which takes virtual time";
            }
            if (call.equals("java.lang.Object.wait")) {
                return "From Object.wait the JDK resumes a coroutine when it likes: use an AsyncCondition, or a Condition"
                        + " of a ReentrantLock without a time limit";
            }
            if (call.equals("java.lang.Thread.join")) {
                return "A plain thread is none of the simulation: start a task with createTask and await it, or use"
                        + " toThread";
            }
            if (call.startsWith("sun.nio.") || call.startsWith("java.net.") || call.startsWith("java.io.")) {
                return "Real I/O takes real time: use the simulated network, or mark the test @RealIo";
            }
            if (call.startsWith("java.util.concurrent.CompletableFuture.")
                    || call.startsWith("java.util.concurrent.FutureTask.")) {
                return "A future that another thread completes comes at another time in each run: have a coroutine"
                        + " complete it, or toThread, or mark the test @RealIo";
            }
            if (!call.startsWith("java.") && !call.startsWith("jdk.")) {
                break; // the user's own code: what it called is above
            }
        }
        if (stack.stream().noneMatch(frame -> frame.getClassName().equals(PARK))) {
            return "It waited to enter synchronized code, where the JDK resumes it when it likes: use a ReentrantLock,"
                    + " or an AsyncLock. Or somebody else has it: no coroutine of this run";
        }
        return "Only a coroutine of the same run may release it, and without a time limit: use Asyncio's timeout for"
                + " that, and toThread for what a thread shall do";
    }
}
