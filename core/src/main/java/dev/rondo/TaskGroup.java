package dev.rondo;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tasks that end before the block does that has started them. The block is the body that is given to {@link #run}, or
 * to {@link Asyncio#taskGroup}; when the body has ended, the calling task waits for the tasks that it left behind.
 * Stands for {@code asyncio.TaskGroup}.
 *
 * <pre>{@code
 * Page page = taskGroup(group -> {
 *     Task<User, IOException> user = group.createTask(() -> fetchUser());
 *     Task<News, IOException> news = group.createTask(() -> fetchNews());
 *     return new Page(user.await(), news.await());
 * });
 * }</pre>
 *
 * <p>If a task fails, or the body, all the others are cancelled, the body too, where it is suspended; when all have
 * ended, {@link TaskGroupException} is thrown with every failure. {@link GroupPolicy} has other ways. A task that is
 * cancelled, by whomever, has not failed; one that awaits what somebody else has cancelled, and lets that escape, has.
 * If the task that runs the group is cancelled, so are the tasks in it, and the {@link CancelledError} goes on when
 * they have ended; if something has failed as well, that is thrown, and the error comes where the caller suspends next.
 *
 * <pre>
 *   NEW ──run──▶ OPEN ──body ends──▶ LEAVING ──no task is left──▶ FINISHED
 *                  └───────────┬────────┘
 *                         aborting: a failure, a cancel: everything is cancelled, and nothing new is started
 * </pre>
 *
 * <p>Loop thread only, once it runs; any coroutine or callback of the loop may start tasks in it.
 */
public final class TaskGroup {

    private static final String ABORTED = "something else in the task group has failed";

    private enum State {
        NEW,
        OPEN,
        LEAVING,
        FINISHED
    }

    private final GroupPolicy policy;
    private final Set<Task<?, ?>> children = new LinkedHashSet<>(); // those whose end has not been dealt with
    private final List<Throwable> failures = new ArrayList<>();
    private State state = State.NEW;
    private boolean aborting;
    private boolean cancelled; // by cancel(), not by a failure or by whoever runs it
    private @Nullable String cancelReason;
    private @Nullable Entered entered; // while it runs
    private @Nullable Strand leaver; // parked until there are no children

    /** What is known while the group runs. */
    private record Entered(
            EventLoop loop,
            Strand strand,
            Task<?, ?> parent,
            OwnCancel cancel,
            @Nullable CancelScope scope, // in which the group was opened: its children are in it too
            @Nullable Slots slots) {}

    /** Makes a group that fails fast. */
    public TaskGroup() {
        this(GroupPolicy.failFast());
    }

    /** Makes a group with a policy. */
    public TaskGroup(GroupPolicy policy) {
        this.policy = policy;
    }

    // ------------------------------------------------------------------------------------------------ the block

    /**
     * Runs {@code body} in the calling task, waits for all tasks of the group, and returns the body's value. A group
     * runs once. Suspends.
     *
     * @return the value of the body; null if {@link #cancel} ended the body before it had one
     * @throws TaskGroupException if anything has failed
     * @throws CancelledError if the calling task was asked to cancel, and nothing has failed
     * @throws IllegalStateException outside a task, or if the group has been run before
     */
    @SuppressWarnings("NullAway") // there is no value where cancel() cut the body short, and the contract says so
    public <T extends @Nullable Object> T run(AsyncFunction<TaskGroup, T, ?> body) {
        Entered here = enter();
        T value = null;
        Throwable failure = null;
        try {
            value = body.apply(this);
        } catch (Throwable e) {
            failure = e;
        }
        state = State.LEAVING;
        try {
            leave(here, failure);
        } catch (Throwable e) {
            if (!children.isEmpty()) { // they cannot be waited for: the loop is closed, or the caller cannot suspend
                abort(ABORTED);
                if (failure != null && failure != e) {
                    e.addSuppressed(failure);
                }
            }
            throw e;
        } finally {
            state = State.FINISHED;
            entered = null; // a group that somebody keeps holds nothing of what it was
            failures.clear();
        }
        return value;
    }

    /** Runs {@code body} in the calling task, and waits for all tasks of the group. */
    public void run(AsyncConsumer<TaskGroup, ?> body) {
        AsyncFunction<TaskGroup, @Nullable Void, Exception> function = group -> {
            body.accept(group);
            return null;
        };
        run(function);
    }

    private Entered enter() {
        if (state != State.NEW) {
            throw new IllegalStateException(this + " has already been entered: make another");
        }
        EventLoop loop = EventLoop.running();
        Strand strand = loop.currentStrand();
        Task<?, ?> parent = strand.task;
        if (parent == null) {
            throw new IllegalStateException(
                    this + " cannot determine the parent task: a group runs inside a task, and this is a callback");
        }
        Slots slots = policy.maxConcurrency == 0 ? null : new Slots(policy.maxConcurrency, this);
        Entered here = new Entered(loop, strand, parent, new OwnCancel(parent), parent.scope, slots);
        entered = here;
        state = State.OPEN;
        if (cancelled) {
            aborting = true;
            here.cancel.request(cancelReason);
        }
        return here;
    }

    /** The body has ended: waits for the children, and throws what there is to throw. */
    private void leave(Entered here, @Nullable Throwable failure) {
        CancelledError cancel = failure == null ? null : cancelShownBy(failure, here.parent);
        if (cancel != null) {
            abort(cancel);
        } else if (failure != null && (policy.bodyFailureAborts || EventLoop.escapes(failure))) {
            abort(ABORTED);
        }
        boolean bodyFailed = failure != null && cancel == null;

        CancelledError last = null;
        while (!children.isEmpty()) {
            leaver = here.strand;
            try {
                if (cancel == null && last == null) {
                    here.strand.parkOrThrow(new Leaving());
                } else {
                    CancelScope.holdOff(() -> here.strand.parkOrThrow(new Leaving())); // it has told us already
                }
            } catch (CancelledError e) {
                if (here.loop.isClosed()) {
                    throw e;
                }
                last = e;
                if (!aborting) {
                    cancel = e;
                    abort(e);
                } else if (cancel != null && cancel.scope() != null && e.scope() == null) {
                    cancel = e; // of the task itself: that counts before, and goes on behind shields
                    cancelChildren(e.getMessage());
                }
            }
        }

        if (bodyFailed && !failures.contains(failure)) {
            failures.add(failure);
        }
        here.cancel.takeBack();
        boolean cancelledByOthers = here.cancel.byOthers();
        if (here.cancel.requested()) {
            cancel = !cancelledByOthers ? null : cancel != null ? cancel : last;
        }
        if (!failures.isEmpty()) {
            if (cancelledByOthers) {
                here.cancel.redeliver(cancel == null ? null : cancel.getMessage());
            }
            throwEscaping(here.loop);
            throw new TaskGroupException("unhandled errors in a TaskGroup", failures);
        }
        if (cancel != null) {
            throw cancel;
        }
    }

    private static @Nullable CancelledError cancelShownBy(Throwable failure, Task<?, ?> task) {
        if (failure instanceof CancelledError cancel) {
            return cancel;
        }
        CancelScope scope = task.scopeInterrupting(failure);
        if (scope == null && !task.endedByInterrupt(failure)) {
            return null;
        }
        CancelledError cancel = new CancelledError("interrupted in blocking code", scope);
        cancel.initCause(failure);
        return cancel;
    }

    /** If there is a failure that nothing may hold back, throws it, and reports the others. */
    private void throwEscaping(EventLoop loop) {
        for (Throwable failure : failures) {
            if (failure instanceof Error escaping && EventLoop.escapes(failure)) {
                for (Throwable other : failures) {
                    if (other != escaping) {
                        loop.callExceptionHandler(new ExceptionContext(
                                "TaskGroup task exception was not propagated because the TaskGroup is left with "
                                        + escaping,
                                other,
                                Map.of("task_group", this)));
                    }
                }
                throw escaping;
            }
        }
    }

    /** The wait of the task that runs the group for the last of the others. */
    private final class Leaving extends Wait {

        @Override
        boolean abort(Strand strand, @Nullable String message) {
            wakeLeaver();
            return true;
        }

        @Override
        void abandon(Strand strand) {
            leaver = null;
        }

        @Override
        Collection<? extends Awaitable<?, ?>> awaited() {
            return children.stream().filter(child -> !child.done()).toList();
        }

        @Override
        @Nullable Collection<? extends Task<?, ?>> wakers() {
            return members();
        }

        @Override
        public String toString() {
            return TaskGroup.this.toString();
        }
    }

    private void wakeLeaver() {
        Strand strand = leaver;
        if (strand != null) {
            leaver = null;
            strand.wakeUp();
        }
    }

    // ------------------------------------------------------------------------------------------------ children

    /**
     * Starts a coroutine as a task of the group; its first step is in the next turn, or when the policy has a place for
     * it. Does not suspend. Stands for {@code TaskGroup.create_task}.
     *
     * @throws IllegalStateException if the group does not run, or is shutting down: then the coroutine never runs. Or
     *     if called by another thread than the loop's
     */
    public <T extends @Nullable Object, X extends Exception> Task<T, X> createTask(Coroutine<T, X> coroutine) {
        return createTask(coroutine, null, Context.copyCurrent());
    }

    /** Starts an action as a task of the group. */
    public <X extends Exception> Task<@Nullable Void, X> createTask(Action<X> action) {
        return createTask(action.asCoroutine());
    }

    /** Starts a coroutine as a task of the group, with a name. */
    public <T extends @Nullable Object, X extends Exception> Task<T, X> createTask(
            Coroutine<T, X> coroutine, String name) {
        return createTask(coroutine, name, Context.copyCurrent());
    }

    /** Starts an action as a task of the group, with a name. */
    public <X extends Exception> Task<@Nullable Void, X> createTask(Action<X> action, String name) {
        return createTask(action.asCoroutine(), name);
    }

    /**
     * Starts a coroutine as a task of the group.
     *
     * @param name the task's name, or null for {@code Task-N}
     * @param context what the task's context variables are kept in: itself, not a copy
     */
    public <T extends @Nullable Object, X extends Exception> Task<T, X> createTask(
            Coroutine<T, X> coroutine, @Nullable String name, Context context) {
        return createTask(coroutine, new TaskOptions(name, context, null));
    }

    /** Starts a coroutine as a task of the group, made as {@code options} say. */
    public <T extends @Nullable Object, X extends Exception> Task<T, X> createTask(
            Coroutine<T, X> coroutine, TaskOptions options) {
        Task<T, X> child = newChild(coroutine, options);
        whenDone(child, () -> childDone(child));
        return child;
    }

    /**
     * Starts a coroutine as a task of the group, suspends until it says {@code ready.started(value)}, and returns that
     * value; the task then goes on. For what must be up before others may use it:
     *
     * <pre>{@code
     * int port = group.start(ready -> {
     *     Server server = listen();
     *     ready.started(server.port());
     *     server.serveForever();
     * });
     * }</pre>
     *
     * <p>Until then the caller has the task's outcome as if it awaited it: a failure is thrown here and is none of the
     * group's, and a cancel of the caller is passed on to the task.
     *
     * @throws X the failure of the task, if it fails before it is ready
     * @throws TaskCancelledException if somebody else cancels the task before it is ready
     * @throws CancelledError if the calling task was asked to cancel
     * @throws IllegalStateException if the task returns without being ready; and as {@link #createTask}
     */
    public <V extends @Nullable Object, X extends Exception> V start(AsyncConsumer<? super Ready<V>, X> body) throws X {
        return Startup.await(this, body);
    }

    /** Says that a task that was given to {@link TaskGroup#start} is up. */
    public interface Ready<V extends @Nullable Object> {

        /**
         * Has {@code start} return {@code value}. Does not suspend.
         *
         * @throws IllegalStateException if called a second time, or by another thread than the loop's
         */
        void started(V value);
    }

    /** The one place where a child is made: whatever it inherits from the group, it is given here. */
    <T extends @Nullable Object, X extends Exception> Task<T, X> newChild(
            Coroutine<T, X> coroutine, TaskOptions options) {
        Entered here = entered;
        if (here == null) {
            throw new IllegalStateException(
                    this + (state == State.NEW ? " has not been entered: run(…) enters it" : " is finished"));
        }
        here.loop.checkThread();
        if (state == State.LEAVING && children.isEmpty()) {
            throw new IllegalStateException(this + " is finished");
        }
        if (aborting) {
            throw new IllegalStateException(this + " is shutting down");
        }
        Coroutine<T, X> body = here.slots == null ? coroutine : inSlot(here.slots, coroutine);
        Task<T, X> child = here.loop.createTaskIn(here.scope, body, options);
        children.add(child);
        if (aborting) {
            child.cancel(ABORTED); // it has started at once, and its first stretch ended the group
        }
        return child;
    }

    private static <T extends @Nullable Object, X extends Exception> Coroutine<T, X> inSlot(
            Slots slots, Coroutine<T, X> coroutine) {
        return () -> {
            slots.takeUntilDone();
            return coroutine.run();
        };
    }

    /** Has {@code then} run in a turn after the child's end; where a handler may be called, as a callback. */
    void whenDone(Task<?, ?> child, Runnable then) {
        child.whenDone(policy.handler == null ? then : new CallbackHandle(child.loop, then, child.context()));
    }

    /** A child has ended: deals with its failure, and lets it go. */
    void childDone(Task<?, ?> child) {
        Throwable failure = child.peekFailure();
        if (failure == null && policy.cancelledIsFailure && child.cancelled() && !aborting) {
            failure = child.cancellation();
        }
        if (failure != null && state != State.FINISHED) { // else nobody is left to take it, and the loop reports it
            child.markRetrieved();
            childFailed(child, failure);
        }
        letGo(child);
    }

    void letGo(Task<?, ?> child) {
        children.remove(child);
        if (children.isEmpty()) {
            wakeLeaver();
        }
    }

    private void childFailed(Task<?, ?> child, Throwable failure) {
        Throwable unhandled = failure;
        if (policy.handler != null && !EventLoop.escapes(failure)) {
            try {
                policy.handler.accept(child, failure);
                return;
            } catch (Throwable e) {
                if (e != failure) {
                    e.addSuppressed(failure);
                }
                unhandled = e;
            }
        }
        failures.add(unhandled);
        if ((policy.failureAborts || EventLoop.escapes(unhandled)) && !aborting) {
            abort(ABORTED);
            if (entered != null) {
                entered.cancel.request(ABORTED);
            }
        }
    }

    // ------------------------------------------------------------------------------------------------ cancelling

    /** Ends the group early; the same as {@code cancel(null)}. */
    public void cancel() {
        cancel(null);
    }

    /**
     * Ends the group early: cancels its tasks, and its body where it suspends next, and refuses new tasks. {@link #run}
     * then returns without a {@link CancelledError}, and throws only what fails on the way out. A task that calls this
     * for its own group is cancelled too, even if it suspends no more: what it returns is lost.
     *
     * <p>May be called before the group runs: the body then runs up to where it suspends. Does nothing if the group is
     * shutting down or finished. Does not suspend. Stands for {@code TaskGroup.cancel}.
     *
     * @param reason the message of the {@code CancelledError}s, or null
     * @throws IllegalStateException if called by another thread than that of the loop it runs on
     */
    public void cancel(@Nullable String reason) {
        if (state == State.NEW && !cancelled) {
            cancelled = true;
            cancelReason = reason;
        }
        Entered here = entered;
        if (here == null) {
            return;
        }
        here.loop.checkThread();
        if (aborting || (state == State.LEAVING && children.isEmpty())) {
            return;
        }
        cancelled = true;
        cancelReason = reason;
        abort(reason);
        here.cancel.request(reason);
    }

    /** Returns whether {@link #cancel} has ended the group, or is to: not a failure, nor a cancel of who runs it. */
    public boolean cancelled() {
        return cancelled;
    }

    /** Returns the reason that was given to {@link #cancel}, or null. */
    public @Nullable String cancelReason() {
        return cancelReason;
    }

    /**
     * Who runs the group is cancelled. By a scope around the group? Then its children have heard of that themselves.
     */
    private void abort(CancelledError cancel) {
        if (cancel.scope() != null) {
            aborting = true;
        } else {
            abort(cancel.getMessage());
        }
    }

    private void abort(@Nullable String message) {
        if (!aborting) {
            aborting = true;
            cancelChildren(message);
        }
    }

    private void cancelChildren(@Nullable String message) {
        for (Task<?, ?> child : children) {
            if (!child.done()) {
                child.cancel(message);
            }
        }
    }

    // ------------------------------------------------------------------------------------------------ what it is

    /**
     * Returns the unfinished tasks of which one must go on for anything in the group to change: the one that runs it,
     * and its children. Null if it could be something else: a child has ended, and a handler has still to deal with it.
     */
    @Nullable Collection<? extends Task<?, ?>> members() {
        List<Task<?, ?>> members = new ArrayList<>(children.size() + 1);
        for (Task<?, ?> child : children) {
            if (child.done()) {
                return null;
            }
            members.add(child);
        }
        if (entered != null && !entered.parent.done()) {
            members.add(entered.parent);
        }
        return members;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("<TaskGroup");
        if (!children.isEmpty()) {
            text.append(" tasks=").append(children.size());
        }
        if (!failures.isEmpty()) {
            text.append(" errors=").append(failures.size());
        }
        if (aborting) {
            text.append(" cancelling");
        } else if (state != State.NEW) {
            text.append(" entered");
        }
        return text.append('>').toString();
    }
}
