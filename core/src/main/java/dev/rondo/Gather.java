package dev.rondo;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Waits for several to be done, or for the first that fails. The others then go on, and a failure of theirs is nobody's
 * any more. One that collects outcomes waits for all, however they end.
 */
final class Gather<T extends @Nullable Object, X extends Exception> extends Wait {

    private final List<? extends Awaitable<? extends T, ? extends X>> children;
    private final Strand strand;
    private final boolean collecting;
    private int pending;
    private @Nullable Awaitable<? extends T, ? extends X> broken; // the first that failed or was cancelled

    private Gather(List<? extends Awaitable<? extends T, ? extends X>> children, Strand strand, boolean collecting) {
        this.children = children;
        this.strand = strand;
        this.collecting = collecting;
        this.pending = children.size();
    }

    /** Suspends the strand until all are done, and returns their values in order. */
    static <T extends @Nullable Object, X extends Exception> List<T> await(
            List<? extends Awaitable<? extends T, ? extends X>> children, Strand strand) throws X {
        Gather<T, X> gather = new Gather<>(children, strand, false);
        gather.await();
        return gather.values();
    }

    /** Suspends the strand until all are done, and returns how each ended, in order. */
    static <T extends @Nullable Object> List<Outcome<T>> awaitOutcomes(
            List<? extends Awaitable<? extends T, ?>> children, Strand strand) {
        new Gather<>(children, strand, true).await();
        List<Outcome<T>> outcomes = new ArrayList<>(children.size());
        for (Awaitable<? extends T, ?> child : children) {
            @SuppressWarnings("unchecked") // an outcome never changes: one of a subtype will do
            Outcome<T> outcome = (Outcome<T>) child.outcome();
            outcomes.add(outcome);
        }
        return outcomes;
    }

    private void await() {
        for (var child : children) {
            if (child.done()) {
                childDone(child);
            } else {
                child.whenDone(() -> childDone(child));
            }
        }
        if (pending == 0 || broken != null) {
            return;
        }
        if (strand.park(this)) {
            throwIfEndedByCancel();
        }
        strand.throwIfCancelled();
    }

    private void childDone(Awaitable<? extends T, ? extends X> child) {
        pending--;
        boolean bad = child.cancelled() || child.peekFailure() != null;
        if (broken == null && bad && !collecting) {
            broken = child; // its failure counts as seen when it is thrown: a cancel may come between
            strand.wakeUp();
            return;
        }
        child.markRetrieved();
        if (broken == null && pending == 0) {
            strand.wakeUp();
        }
    }

    /** After an accepted cancel: a child that failed for a reason of its own is what the caller gets to see. */
    private void throwIfEndedByCancel() {
        if (broken == null) {
            throw strand.throwAborted();
        }
        if (broken.cancelled()) {
            throw strand.throwAborted(broken.cancelMessage());
        }
    }

    private List<T> values() throws X {
        if (broken != null) {
            broken.result(); // throws
        }
        List<T> values = new ArrayList<>(children.size());
        for (var child : children) {
            values.add(child.result());
        }
        return values;
    }

    @Override
    boolean abort(Strand strand, @Nullable String message) {
        boolean accepted = false;
        for (var child : children) {
            accepted |= child.cancel(message);
        }
        return accepted;
    }

    @Override
    Collection<Awaitable<?, ?>> awaited() {
        List<Awaitable<?, ?>> awaited = new ArrayList<>(pending);
        for (var child : children) {
            if (!child.done()) {
                awaited.add(child);
            }
        }
        return awaited;
    }

    @Override
    @Nullable Collection<? extends Task<?, ?>> wakers() {
        return tasksOf(awaited());
    }

    @Override
    public String toString() {
        return "gather of " + children.size() + ", " + pending + " pending";
    }

    @Override
    void abandon(Strand strand) {
        broken = children.getFirst(); // later results find somebody before them, and wake nobody
    }
}
