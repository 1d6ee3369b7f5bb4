package dev.rondo;

import org.jspecify.annotations.Nullable;

/** Blocking calls of the JDK, made in a strand: they suspend it, and a cancel ends them by an interrupt. */
final class Blocking {

    /** A call that an interrupt ends. */
    @FunctionalInterface
    interface Call<T extends @Nullable Object, X extends Exception> {
        T run() throws X, InterruptedException;
    }

    private Blocking() {}

    /**
     * Makes the call in this strand. The interrupt of a cancel leaves as {@link CancelledError}; anybody else's does
     * not disturb the call, and is there again afterwards.
     */
    static <T extends @Nullable Object, X extends Exception> T call(Strand strand, Call<T, X> call) throws X {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return call.run();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt(); // the task looks there for whether its cancel was taken
                    strand.throwIfCancelled();
                    Thread.interrupted();
                    if (strand.loop.isClosed()) { // a callback's strand has no task to be cancelled
                        throw new CancelledError("the event loop is closed");
                    }
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
