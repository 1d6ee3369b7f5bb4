package dev.rondo.reactor;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * What other threads leave for the loop: the one structure that they share with it. Lock-free; {@link #post} may be
 * called by any thread and never blocks, {@link #drain} by the loop thread alone. Each thread's posts stay in their
 * order.
 */
final class Inbox {

    private static final class Post {
        final Runnable delivery;

        @Nullable Post older; // the loop turns the chain round while it drains

        Post(Runnable delivery, @Nullable Post older) {
            this.delivery = delivery;
            this.older = older;
        }
    }

    private static final VarHandle NEWEST;

    static {
        try {
            NEWEST = MethodHandles.lookup().findVarHandle(Inbox.class, "newest", Post.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile @Nullable Post newest;

    void post(Runnable delivery) {
        Post older;
        do {
            older = newest;
        } while (!NEWEST.compareAndSet(this, older, new Post(delivery, older)));
    }

    boolean isEmpty() {
        return newest == null;
    }

    /** Runs every delivery posted so far, oldest first. Deliveries are the loop's own code and never the user's. */
    void drain() {
        if (newest == null) {
            return;
        }
        Post newer = null;
        Post post = (Post) NEWEST.getAndSet(this, (Post) null);
        while (post != null) {
            Post older = post.older;
            post.older = newer;
            newer = post;
            post = older;
        }
        Throwable broken = null;
        for (Post oldest = newer; oldest != null; oldest = oldest.older) {
            try {
                oldest.delivery.run();
            } catch (Throwable e) { // out of memory, say: those behind it are wake-ups that must not be lost
                broken = e;
            }
        }
        if (broken instanceof Error error) {
            throw error;
        }
        if (broken instanceof RuntimeException unchecked) {
            throw unchecked;
        }
    }
}
