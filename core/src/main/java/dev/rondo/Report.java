package dev.rondo;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.helpers.NOPLogger;

/**
 * The log of the loops; standard error where the program has none, so that nothing vanishes. Appenders are code of the
 * user: never called on the bare loop thread.
 */
final class Report {

    private static final Logger LOG = LoggerFactory.getLogger(EventLoop.class);

    private Report() {}

    static void error(String text, @Nullable Throwable failure) {
        if (LOG instanceof NOPLogger) {
            print(text, failure);
        } else {
            LOG.error(text, failure);
        }
    }

    static void warning(String text) {
        if (LOG instanceof NOPLogger) {
            print(text, null);
        } else {
            LOG.warn(text);
        }
    }

    /**
     * Logs from a thread made for it: for who must not wait, since a coroutine that cannot go on may hold a lock of the
     * log.
     */
    static void warningFromElsewhere(String text) {
        Thread.ofPlatform().daemon().name("rondo-report").start(() -> warning(text));
    }

    private static void print(String text, @Nullable Throwable failure) {
        System.err.println(text);
        if (failure != null) {
            failure.printStackTrace();
        }
    }
}
