package dev.rondo;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * What belongs to the loop on which somebody first had to wait for it: the locks, the queues and their like. Until then
 * it may be made and used anywhere, before any loop exists.
 */
abstract class LoopBound {

    private @Nullable EventLoop loop; // set by the first that has to wait, and for good

    LoopBound() {}

    /** Notes that a strand of {@code loop} has to wait for this. */
    final void bind(EventLoop loop) {
        if (this.loop == null) {
            this.loop = loop;
        } else if (this.loop != loop) {
            throw new IllegalStateException(this + " is bound to a different event loop");
        }
    }

    /** Fails unless the caller may wake those who wait for this. */
    final void checkThread() {
        if (loop != null) {
            loop.checkThread();
        }
    }

    /** Returns whether this will never again be waited for: its loop is closed. */
    final boolean isLoopClosed() {
        return loop != null && loop.isClosed();
    }

    /** Describes this in asyncio's form: the state, and how many in {@code list} have not gone on. */
    final String describe(String state, WaitList list) {
        int waiters = list.waiting() + list.woken();
        return "<" + getClass().getSimpleName() + " [" + state + (waiters == 0 ? "" : ", waiters:" + waiters) + "]>";
    }

    /** Returns who must go on for a wait in {@code list} to end: see {@link Wait#wakers}. */
    @Nullable Collection<? extends Task<?, ?>> wakers(WaitList list) {
        return null;
    }
}
