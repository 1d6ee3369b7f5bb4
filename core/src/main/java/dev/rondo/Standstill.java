package dev.rondo;

import java.time.Duration;

/** Says why virtual time does not jump to the next timer: what may still happen outside the loop before. */
final class Standstill {

    private static final int SHOWN = 20;

    private Standstill() {}

    /** On the loop's thread, while it waits. */
    static void report(EventLoop loop) {
        if (loop.reactor().timerCount() > 0) {
            Report.warningFromElsewhere(describe(loop));
        }
    }

    private static String describe(EventLoop loop) {
        StringBuilder text = new StringBuilder("Virtual time stands still at ").append(loop.time());
        text.append(", and the next timer is due at ")
                .append(Duration.ofNanos(loop.reactor().firstDeadline()));
        text.append(". It cannot jump there while this is going on outside the loop:");
        int shown = 0;
        for (Task<?, ?> task : loop.tasks()) {
            Wait wait = task.strand().waitingFor();
            boolean foreign = task.strand().isForeign();
            if ((foreign || wait instanceof OpWait) && shown++ < SHOWN) {
                text.append("\n  ").append(task.label()).append(" (").append(task.coroutineName());
                text.append(wait == null || foreign ? ") is parked in blocking code" : ") waits for " + wait.label());
                Stacks.append(text, "      ", task.stack());
            }
        }
        for (Strand callback : loop.callbackRunner().suspended()) {
            if (callback.isForeign() && shown++ < SHOWN) {
                text.append("\n  a callback is parked in blocking code");
                Stacks.append(text, "      ", Stacks.of(callback.thread()));
            }
        }
        for (Coroutine<?, ?> work : loop.workers().inFlight()) {
            if (shown++ < SHOWN) {
                text.append("\n  a thread of an executor runs ").append(Names.ofCode(work));
            }
        }
        if (shown > SHOWN) {
            text.append("\n  … and ").append(shown - SHOWN).append(" more");
        }
        if (shown == 0) {
            text.append("\n  ").append(loop.driver().inFlight()).append(" operations of the driver");
        }
        return text.toString();
    }
}
