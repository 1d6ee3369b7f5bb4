package dev.rondo;

import dev.rondo.reactor.Timer;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of a task that can be cancelled by itself, at a deadline or by anybody: the rest of the task goes on.
 * asyncio has nothing like it; trio's and anyio's scopes are its models.
 *
 * <p>Unlike a cancel of a task, which is told once, a cancelled scope is a state: inside it every attempt to suspend
 * throws {@link CancelledError}, however often the code catches that, until the scope is left. It leaves
 * {@link Task#cancelling} alone. What was thrown because of this scope ends at its edge; a cancel of the task, or of a
 * scope around this one, passes through. Where the body was told of both, that of the task goes on, whichever came out
 * last, unless the request was taken back.
 *
 * <p>The scope covers the task that entered it and the children of the task groups that were opened in it. A task that
 * is awaited inside is cancelled as by any cancel of its awaiter; {@link Asyncio#shield} keeps it from that. Coroutines
 * in blocking Java are interrupted, once for each scope.
 *
 * <pre>
 *   NEW ──run──▶ OPEN ──the stretch ends──▶ CLOSED        cancelled is apart from this: it may come before and while
 * </pre>
 *
 * <p>Loop thread only, but may be made anywhere.
 *
 * <pre>{@code
 * String page = CancelScope.moveOnAfter(Duration.ofSeconds(2), () -> fetch(url)).orElse("too slow");
 * }</pre>
 */
public final class CancelScope implements TimedScope {

    private enum State {
        NEW,
        OPEN,
        CLOSED
    }

    private State state = State.NEW;
    private boolean cancelled;
    private @Nullable String reason;
    private boolean shield;
    private boolean expired;
    private @Nullable Duration delay; // to the deadline, from when it was set; null for none
    private @Nullable Timer timer; // while open, unless the deadline is past

    // While open.
    private @Nullable Task<?, ?> task; // that runs the stretch
    private @Nullable CancelScope parent; // the scope around this one
    private final Set<CancelScope> inner = new LinkedHashSet<>(2); // opened in this one, and open
    private final Set<Task<?, ?>> children = new LinkedHashSet<>(2); // of groups opened in this one, unfinished

    /** Makes a scope, to be run once. */
    public CancelScope() {}

    // ------------------------------------------------------------------------------------------------ short forms

    /**
     * Runs {@code body}, and gives it up when {@code delay} has passed. Suspends as the body does. Stands for trio's
     * {@code move_on_after}.
     *
     * @return what became of it
     * @throws X the failure of the body
     * @throws IllegalStateException outside a task
     */
    public static <T extends @Nullable Object, X extends Exception> Result<T> moveOnAfter(
            Duration delay, Coroutine<T, X> body) throws X {
        return new CancelScope().deadlineAfter(delay).run(body);
    }

    /** Runs {@code body}, and gives it up when {@code delay} has passed. */
    public static <X extends Exception> Result<@Nullable Void> moveOnAfter(Duration delay, Action<X> body) throws X {
        return moveOnAfter(delay, body.asCoroutine());
    }

    /**
     * Runs {@code body} and returns its value, or fails when {@code delay} has passed. Suspends as the body does.
     * Stands for trio's {@code fail_after}. Unlike {@link Asyncio#timeout}, a body that catches the cancel and goes on
     * is told again whenever it suspends.
     *
     * @throws X the failure of the body
     * @throws AsyncTimeoutException if the time was over; it carries the scope
     * @throws IllegalStateException outside a task
     */
    public static <T extends @Nullable Object, X extends Exception> T failAfter(Duration delay, Coroutine<T, X> body)
            throws X {
        CancelScope scope = new CancelScope().deadlineAfter(delay);
        Result<T> result = scope.run(body);
        if (result.cancelled()) {
            throw new AsyncTimeoutException("timed out after " + Durations.seconds(delay), scope, null);
        }
        return result.get();
    }

    /** Runs {@code body}, and fails when {@code delay} has passed. */
    public static <X extends Exception> void failAfter(Duration delay, Action<X> body) throws X {
        failAfter(delay, body.asCoroutine());
    }

    /**
     * Runs {@code body} to its end even if a scope around it is cancelled: for cleaning up, in a {@code finally}. Does
     * not hold off {@link Task#cancel}.
     *
     * @throws X the failure of the body
     * @throws IllegalStateException outside a task
     */
    public static <T extends @Nullable Object, X extends Exception> T shielded(Coroutine<T, X> body) throws X {
        return new CancelScope().shield(true).run(body).get();
    }

    /** Runs {@code body} to its end even if a scope around it is cancelled. */
    public static <X extends Exception> void shielded(Action<X> body) throws X {
        shielded(body.asCoroutine());
    }

    /**
     * Runs a wait that has to end of itself, and would else be tried again and again while a scope around it stays
     * cancelled. Costs nothing where there is no scope.
     */
    static void holdOff(Runnable wait) {
        Strand strand = RunningLoops.strandHere();
        if (strand == null || strand.task == null || strand.task.scope == null) {
            wait.run();
        } else {
            shielded(wait::run);
        }
    }

    // ------------------------------------------------------------------------------------------------ running

    /**
     * Runs {@code body} in the calling task and in this scope. Suspends as the body does.
     *
     * @return what became of it
     * @throws X the failure of the body
     * @throws CancelledError if the task, or a scope around this one, was cancelled
     * @throws IllegalStateException if this scope has been entered before, or outside a task
     */
    public <T extends @Nullable Object, X extends Exception> Result<T> run(Coroutine<T, X> body) throws X {
        Task<?, ?> task = Task.running("A cancel scope");
        int cancelsBefore = task.cancelsDelivered();
        enter(task);
        try {
            return new Result<>(false, body.run());
        } catch (Throwable failure) {
            if (!causedByThis(failure, task)) {
                throw failure;
            }
            CancelledError ofTheTask = task.toldSince(cancelsBefore);
            if (ofTheTask != null) {
                throw ofTheTask; // ours may have replaced it, where the body cleaned up
            }
            return new Result<>(true, null);
        } finally {
            leave(task);
        }
    }

    /** Runs {@code body} in the calling task and in this scope. */
    public <X extends Exception> Result<@Nullable Void> run(Action<X> body) throws X {
        return run(body.asCoroutine());
    }

    private void enter(Task<?, ?> task) {
        if (state != State.NEW) {
            throw new IllegalStateException(this + " has already been entered");
        }
        state = State.OPEN;
        this.task = task;
        parent = task.scope;
        if (parent != null) {
            parent.inner.add(this);
        }
        task.scope = this;
        schedule();
    }

    private void leave(Task<?, ?> task) {
        state = State.CLOSED;
        unschedule();
        task.scopeLeft(this, parent);
        if (parent != null) {
            parent.inner.remove(this);
        }
        this.task = null;
        parent = null;
    }

    private boolean causedByThis(Throwable failure, Task<?, ?> task) {
        return failure instanceof CancelledError cancelled
                ? cancelled.scope() == this
                : task.scopeInterrupting(failure) == this;
    }

    // ------------------------------------------------------------------------------------------------ cancelling

    /** Cancels the scope; the same as {@code cancel(null)}. */
    public void cancel() {
        cancel(null);
    }

    /**
     * Cancels the scope, for good: what is suspended inside wakes up with a {@link CancelledError} of this message, and
     * whatever suspends there later gets one too. May be called before the scope is entered. Never suspends. Has no
     * effect when the scope is cancelled or left already.
     */
    public void cancel(@Nullable String reason) {
        if (task != null) {
            task.loop().checkThread();
        }
        if (cancelled || state == State.CLOSED) {
            return;
        }
        cancelled = true;
        this.reason = reason;
        unschedule();
        tellAll();
    }

    /**
     * Sets whether cancels of scopes around this one are kept out of it. Returns this.
     *
     * @param shield false lets those in that have been waiting outside
     */
    public CancelScope shield(boolean shield) {
        this.shield = shield;
        if (!shield) {
            tellAll();
        }
        return this;
    }

    /**
     * Sets the deadline to {@code delay} from now, or, if the scope has not been entered, from then; null for none.
     * Returns this.
     */
    public CancelScope deadlineAfter(@Nullable Duration delay) {
        this.delay = delay;
        unschedule();
        if (state == State.OPEN && !cancelled) {
            schedule();
        }
        return this;
    }

    private void schedule() {
        Duration delay = this.delay;
        if (delay == null || task == null || cancelled) {
            return;
        }
        if (!delay.isPositive()) {
            expire();
            return;
        }
        timer = new Timer(
                task.loop().deadlineNanos(delay), new LoopItem("the deadline of a cancel scope", this::expire));
        task.loop().reactor().schedule(timer);
    }

    private void unschedule() {
        if (timer != null && task != null) {
            task.loop().reactor().unschedule(timer);
            timer = null;
        }
    }

    private void expire() {
        if (state == State.OPEN && !cancelled) {
            expired = true;
            cancel("the deadline of a cancel scope");
        }
    }

    /** Has every task inside, but those behind a shield, look whether it is cancelled now. */
    private void tellAll() {
        if (task != null) {
            task.scopeCancelled();
        }
        for (Task<?, ?> child : List.copyOf(children)) {
            child.scopeCancelled();
        }
        for (CancelScope scope : List.copyOf(inner)) {
            if (!scope.shield) {
                scope.tellAll();
            }
        }
    }

    /** Returns the outermost scope around this one, itself included, whose cancel reaches the inside; or null. */
    @Nullable CancelScope effective() {
        CancelScope effective = null;
        for (CancelScope scope = this; scope != null; scope = scope.shield ? null : scope.parent) {
            if (scope.cancelled) {
                effective = scope;
            }
        }
        return effective;
    }

    /** Returns whether a deadline will cancel the inside. */
    boolean hasDeadline() {
        for (CancelScope scope = this; scope != null; scope = scope.shield ? null : scope.parent) {
            if (scope.timer != null) {
                return true;
            }
        }
        return false;
    }

    void addChild(Task<?, ?> child) {
        children.add(child);
    }

    void removeChild(Task<?, ?> child) {
        children.remove(child);
    }

    // ------------------------------------------------------------------------------------------------ what it is

    /** Returns whether this scope has been cancelled, by its deadline or by a call. */
    public boolean cancelled() {
        return cancelled;
    }

    /** Returns whether it was cancelled by its deadline. */
    @Override
    public boolean expired() {
        return expired;
    }

    @Nullable String reason() {
        return reason;
    }

    @Override
    public String toString() {
        String what = expired ? ", expired" : cancelled ? ", cancelled" : "";
        return "<CancelScope " + state.name().toLowerCase(java.util.Locale.ROOT) + what + (shield ? ", shield" : "")
                + ">";
    }

    /**
     * What became of a stretch that could be given up.
     *
     * @param cancelled whether it was given up because of its scope; it has no value then
     * @param value what it returned; null if it was given up
     */
    public record Result<T extends @Nullable Object>(
            boolean cancelled, @Nullable T value) {

        /**
         * Returns the value.
         *
         * @throws NoSuchElementException if the stretch was given up
         */
        @SuppressWarnings("NullAway") // whether a value may be null is T's to say
        public T get() {
            if (cancelled) {
                throw new NoSuchElementException("the scope was cancelled: there is no value");
            }
            return value;
        }

        /** Returns the value, or {@code other} if the stretch was given up. */
        @SuppressWarnings("NullAway")
        public T orElse(T other) {
            return cancelled ? other : value;
        }
    }
}
