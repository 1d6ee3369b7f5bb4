package dev.rondo.net;

import dev.rondo.Awaitable;
import dev.rondo.EventLoop;
import dev.rondo.Promise;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The long computations of an engine, one after the other on a thread of {@link NetThreads#CRYPTO}. Loop thread only.
 *
 * <p>The engine hands a computation out once and goes no further without it. So a cancel ends the waiting and never
 * takes the computation back: whoever goes on with the stream waits for it again.
 */
final class TlsComputing {

    private final EventLoop loop;
    private final SSLEngine engine;
    private boolean handingOver; // a computation, to a thread
    private @Nullable Awaitable<@Nullable Void, RuntimeException> computation; // until somebody has seen how it went

    TlsComputing(EventLoop loop, SSLEngine engine) {
        this.loop = loop;
        this.engine = engine;
    }

    /** Runs what the engine wants computed, or waits for what is being computed; both directions may. Suspends. */
    void compute() throws SSLException {
        Awaitable<@Nullable Void, RuntimeException> work = computation;
        if (work == null) {
            computation = work = begin();
        }
        if (!work.done()) {
            awaitEnd(work);
        }
        if (computation == work) {
            computation = null; // else another coroutine, that waited as well, has begun the next
        }
        work.result();
    }

    private Awaitable<@Nullable Void, RuntimeException> begin() throws SSLException {
        Runnable task = engine.getDelegatedTask();
        if (task == null) {
            throw new SSLException("the TLS engine waits for a computation that it does not hand out");
        }
        handingOver = true;
        try {
            return loop.runInExecutor(NetThreads.CRYPTO, () -> {
                task.run();
                return null;
            });
        } finally {
            handingOver = false;
        }
    }

    /** Waits for a promise of its own: awaiting the work itself would let a cancel take it back. */
    private void awaitEnd(Awaitable<@Nullable Void, RuntimeException> work) {
        Promise<@Nullable Void, RuntimeException> over = loop.createFuture();
        work.addDoneCallback(_ -> {
            if (!over.done()) {
                over.setResult(null);
            }
        });
        over.await();
    }

    /** Returns whether there is a computation whose end nobody has seen yet. */
    boolean isPending() {
        return computation != null;
    }

    /** Returns whether a thread works with the engine, or is about to, and holds its lock. */
    boolean holdsEngine() {
        return handingOver || (computation != null && !computation.done());
    }
}
