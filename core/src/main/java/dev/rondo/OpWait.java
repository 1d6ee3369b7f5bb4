package dev.rondo;

import dev.rondo.reactor.Op;
import org.jspecify.annotations.Nullable;

/** A strand that waits for the driver. A cancel is only a request: the strand stays until the operation is over. */
final class OpWait extends Wait implements Runnable {

    private final Strand strand;
    private final Op op;
    private boolean abandoned; // the operation may end later, when the strand waits for something else

    OpWait(Strand strand, Op op) {
        this.strand = strand;
        this.op = op;
        op.onDone(this);
    }

    @Override
    public void run() {
        if (!abandoned) {
            strand.wakeUp();
        }
    }

    @Override
    boolean abort(Strand strand, @Nullable String message) {
        strand.loop.driver().cancel(op);
        return true;
    }

    @Override
    public String toString() {
        return op.toString();
    }

    @Override
    void abandon(Strand strand) {
        abandoned = true;
        strand.loop.driver().cancel(op);
    }
}
