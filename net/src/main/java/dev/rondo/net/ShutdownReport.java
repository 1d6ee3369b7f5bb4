package dev.rondo.net;

import java.util.List;

/**
 * What a {@link Server#shutdown} came to.
 *
 * @param cutOff the connections that were still open when the time was over, and were closed then; empty if all had
 *     ended in order
 * @param stillRunning the handlers that have not ended although they were cancelled; empty if all have
 */
public record ShutdownReport(List<String> cutOff, List<String> stillRunning) {

    /** Returns whether every connection had ended before the time was over. */
    public boolean inOrder() {
        return cutOff.isEmpty() && stillRunning.isEmpty();
    }
}
