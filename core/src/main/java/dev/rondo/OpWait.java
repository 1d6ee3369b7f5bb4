package dev.rondo;

import dev.rondo.reactor.Op;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A strand that waits for the driver. A cancel is only a request: the strand stays until the operation is over. */
final class OpWait extends Wait implements Runnable {

    private final Strand strand;
    private final Op op;
    private boolean abandoned; // the operation may end later, when the strand waits for something else

    private OpWait(Strand strand, Op op) {
        this.strand = strand;
        this.op = op;
        op.onDone(this);
    }

    /** Hands the operation to the driver and suspends the strand until it is over. */
    static void perform(Op op, Strand strand) throws IOException {
        OpWait wait = new OpWait(strand, op);
        strand.loop.driver().submit(op);
        if (op.isDone()) {
            strand.completedInline();
        } else {
            strand.parkOrThrow(wait);
        }
        IOException failure = op.failure();
        if (failure != null) {
            failure.setStackTrace(new Throwable().getStackTrace()); // of who asked, not of the loop that found out
            throw failure;
        }
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
