package dev.rondo;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Waits for several to be done, or for the first that fails. The others then go on, and a failure of theirs is nobody's
 * any more.
 */
final class Gather<T extends @Nullable Object, X extends Exception> extends Wait {

    private final List<? extends Awaitable<? extends T, ? extends X>> children;
    private final Strand strand;
    private int pending;
    private @Nullable Awaitable<? extends T, ? extends X> broken; // the first that failed or was cancelled

    private Gather(List<? extends Awaitable<? extends T, ? extends X>> children, Strand strand) {
        this.children = children;
        this.strand = strand;
        this.pending = children.size();
    }

    /** Suspends the strand until all are done, and returns their values in order. */
    static <T extends @Nullable Object, X extends Exception> List<T> await(
            List<? extends Awaitable<? extends T, ? extends X>> children, Strand strand) throws X {
        if (children.isEmpty()) {
            return List.of();
        }
        Gather<T, X> gather = new Gather<>(children, strand);
        for (var child : children) {
            if (child.done()) {
                gather.childDone(child);
            } else {
                child.whenDone(() -> gather.childDone(child));
            }
        }
        if (gather.pending == 0 || gather.broken != null) {
            return gather.values();
        }
        boolean cancelAccepted = strand.park(gather);
        if (cancelAccepted && gather.endedByCancel()) {
            throw strand.throwCancelled(gather.cancelMessageOfChild());
        }
        strand.throwIfCancelled();
        return gather.values();
    }

    private void childDone(Awaitable<? extends T, ? extends X> child) {
        pending--;
        boolean first = broken == null;
        if (child.cancelled() || child.peekFailure() != null) {
            child.markRetrieved();
            if (first) {
                broken = child;
                strand.wakeUp();
            }
        } else if (first && pending == 0) {
            strand.wakeUp();
        }
    }

    /** After an accepted cancel: a child that failed for a reason of its own is what the caller gets to see. */
    private boolean endedByCancel() {
        return broken == null || broken.cancelled();
    }

    private @Nullable String cancelMessageOfChild() {
        return broken == null ? null : broken.cancelMessage();
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
