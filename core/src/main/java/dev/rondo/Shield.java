package dev.rondo;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A wait that a cancel ends without reaching what is waited for. */
final class Shield extends Wait implements Runnable {

    private final Awaitable<?, ?> inner;
    private final Strand strand;
    private boolean over;

    private Shield(Awaitable<?, ?> inner, Strand strand) {
        this.inner = inner;
        this.strand = strand;
    }

    /** Suspends the strand until {@code inner} is done, and returns its value. */
    static <T extends @Nullable Object, X extends Exception> T await(Awaitable<T, X> inner, Strand strand) throws X {
        inner.checkBelongsTo(strand.loop);
        if (!inner.done()) {
            Shield shield = new Shield(inner, strand);
            inner.whenDone(shield);
            strand.parkOrThrow(shield);
        }
        return inner.result();
    }

    /** What is waited for is done; the strand is woken a turn later, as in asyncio. */
    @Override
    public void run() {
        if (!over) {
            over = true;
            strand.wakeUp();
        }
    }

    @Override
    boolean abort(Strand strand, @Nullable String message) {
        abandon(strand);
        if (!inner.done()) {
            ReportOfFailure report = new ReportOfFailure(inner);
            inner.forget(report); // there may have been others who left it so: one report will do
            inner.whenDone(report);
        }
        strand.wakeUp();
        return true;
    }

    @Override
    void abandon(Strand strand) {
        over = true;
        inner.forget(this);
    }

    @Override
    Collection<Awaitable<?, ?>> awaited() {
        return List.of(inner);
    }

    @Override
    @Nullable Collection<? extends Task<?, ?>> wakers() {
        return tasksOf(awaited());
    }

    @Override
    public String toString() {
        return "shielded " + inner.label();
    }

    /** Tells of a failure that comes after the one who waited for it was cancelled. */
    private record ReportOfFailure(Awaitable<?, ?> inner) implements Runnable {
        @Override
        public void run() {
            Throwable failure = inner.peekFailure();
            if (failure != null) {
                inner.markRetrieved();
                String message = failure.getClass().getSimpleName() + " exception in shielded future";
                inner.loop.callExceptionHandler(new ExceptionContext(message, failure, Map.of("future", inner)));
            }
        }
    }
}
