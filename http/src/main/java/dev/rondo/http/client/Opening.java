package dev.rondo.http.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.rondo.AsyncEvent;
import dev.rondo.Asyncio;
import dev.rondo.CancelledError;
import dev.rondo.Task;
import dev.rondo.http.ConnectFailedException;
import dev.rondo.http.FingerprintException;
import dev.rondo.http.HttpException;
import dev.rondo.http.ProxyException;
import org.jspecify.annotations.Nullable;

/**
 * A connection in the making that may turn out to speak HTTP/2, and so to be for all who want one now. It belongs to a
 * task of its own: each of those who wait has its own limits, and may be cancelled; with the last of them it ends.
 *
 * <pre>
 *   waits for a slot ──▶ connects ──▶ done: the first to come takes the exchange, the others look again
 *        └────────────────┴── fails: all are told
 *        └────────────────┴── nobody waits any more: is cancelled, or gives back what nobody took
 * </pre>
 */
final class Opening {

    private final ConnectionPool pool;
    private final Http2Pool shared;
    private final Origin origin;
    private final AsyncEvent slotTaken = new AsyncEvent();
    private final AsyncEvent done = new AsyncEvent();
    private final Task<?, ?> task;
    private boolean hasSlot; // and no exchange that has it
    private int waiting;
    private @Nullable Exchange exchange; // until somebody takes it
    private @Nullable Throwable failure;

    /**
     * Begins it.
     *
     * @param hasSlot whether a slot was taken for it
     */
    Opening(ConnectionPool pool, Http2Pool shared, Origin origin, boolean hasSlot) {
        this.pool = pool;
        this.shared = shared;
        this.origin = origin;
        this.hasSlot = hasSlot;
        if (hasSlot) {
            slotTaken.set();
        }
        this.task = Asyncio.createTask(this::run, "connecting to " + origin);
        task.addDoneCallback(_ -> ended()); // a task that is cancelled soon enough does not even begin
    }

    private void run() {
        try {
            if (!hasSlot) {
                pool.slots().acquire(origin);
                hasSlot = true;
                slotTaken.set();
            }
            exchange = pool.open(origin);
            hasSlot = false;
        } catch (CancelledError nobodyWaits) {
            throw nobodyWaits;
        } catch (Throwable told) {
            failure = told;
        }
    }

    private void ended() {
        if (hasSlot) {
            hasSlot = false;
            pool.releaseSlot(origin);
        }
        shared.forget(origin, this);
        slotTaken.set();
        done.set();
        if (waiting == 0) {
            discard();
        }
    }

    /**
     * Waits for it. Suspends.
     *
     * @param first whether it was begun for this request
     * @return the exchange, if the caller is the one to get it; else null, and there may be a connection to be shared
     */
    @Nullable Exchange await(Deadline deadline, Traces traces, boolean first) throws HttpException {
        waiting++;
        try {
            if (!slotTaken.isSet()) {
                traces.tell(Tracing::queued);
                try {
                    deadline.waitingForPool(origin, slotTaken::await);
                } finally {
                    traces.tell(Tracing::dequeued);
                }
            }
            if (first) {
                traces.tell(Tracing::connecting);
            }
            deadline.connectingWith(origin, done::await);
            return take(traces, first);
        } finally {
            if (--waiting == 0) {
                leave();
            }
        }
    }

    private @Nullable Exchange take(Traces traces, boolean first) throws HttpException {
        switch (failure) {
            case null -> {}
            case ConnectFailedException told ->
                throw new ConnectFailedException(String.valueOf(told.getMessage()), told.getCause());
            case ProxyException told ->
                throw new ProxyException(
                        String.valueOf(told.getMessage()),
                        told.status(),
                        told.body().getBytes(UTF_8),
                        told);
            case FingerprintException told ->
                throw new FingerprintException(String.valueOf(told.getMessage()), told.shown());
            case HttpException told -> throw new HttpException(String.valueOf(told.getMessage()), told);
            case Throwable told -> throw new IllegalStateException(told.getMessage(), told);
        }
        if (first) {
            traces.tell(Tracing::connected);
        }
        Exchange taken = exchange;
        exchange = null;
        return taken;
    }

    /** Leaves nothing open behind the last one. Suspends for as long as a cancel takes. */
    private void leave() {
        if (done.isSet()) {
            discard();
        } else {
            shared.forget(origin, this);
            task.cancel();
            done.await();
        }
    }

    private void discard() {
        if (exchange != null) {
            exchange.discard();
            exchange = null;
        }
    }
}
