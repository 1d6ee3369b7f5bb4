package dev.rondo.net;

import java.util.List;

/**
 * What a {@link Server#shutdown} came to.
 *
 * @param cutOff the connections that were still open when the time was over, and were closed then; empty if all had
 *     ended in order
 * @param cancelled the handlers, by the names of their tasks, that were still running then, and were cancelled; empty
 *     if all had ended
 * @param stillRunning those of them that went on all the same; empty if all have ended
 */
public record ShutdownReport(List<String> cutOff, List<String> cancelled, List<String> stillRunning) {

    /** Returns whether every connection was closed, and every handler had ended, before the time was over. */
    public boolean inOrder() {
        return cutOff.isEmpty() && cancelled.isEmpty();
    }
}
