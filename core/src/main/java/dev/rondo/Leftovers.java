package dev.rondo;

import dev.rondo.reactor.IoDriver;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What a loop still has in hand that is no task: for checks at the end of a test. Loop thread, or of a loop at rest.
 */
final class Leftovers {

    private Leftovers() {}

    static List<String> of(EventLoop loop) {
        List<String> left = new ArrayList<>(0);
        Set<Thread> parked = new LinkedHashSet<>(loop.scheduler().parked());
        for (Runnable scheduled : loop.reactor().scheduled()) {
            if (scheduled != loop.failures()) {
                left.add("scheduled: " + scheduled);
            }
        }
        for (Strand callback : loop.callbackRunner().suspended()) {
            left.add("a callback that is suspended" + where(Stacks.of(callback.thread())));
            parked.remove(callback.thread());
        }
        for (Coroutine<?, ?> work : loop.workers().inFlight()) {
            left.add("work that an executor has in hand: " + Names.ofCode(work));
        }
        for (Task<?, ?> task : loop.tasks()) {
            parked.remove(task.strand().thread());
        }
        for (Thread thread : parked) {
            String name = thread.getName().isEmpty() ? "without a name" : thread.getName();
            left.add("a virtual thread of the loop that is parked, " + name + where(Stacks.of(thread)));
        }
        IoDriver driver = loop.driver();
        if (driver.inFlight() > 0) {
            left.add("operations of the driver in flight: " + driver.inFlight());
        }
        if (driver.openCount() > 0) {
            left.add("sockets and files that are open: " + driver.openCount());
        }
        return left;
    }

    private static String where(List<StackTraceElement> frames) {
        StringBuilder text = new StringBuilder();
        Stacks.append(text, "    ", frames);
        return text.toString();
    }
}
