package dev.rondo;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A coroutine that runs on a loop, concurrently with others. Made by {@link Asyncio#createTask}. Stands for
 * {@code asyncio.Task}.
 *
 * <p>Cancellation is delivered once for each request (edge-triggered) and counted:
 *
 * <pre>
 *   cancel()        requests + 1; then either what the task waits for accepts the cancel and wakes it,
 *                   or it is pending, and delivered where the task suspends or resumes next
 *   delivered       a CancelledError is thrown in the coroutine, once for all that are pending; requests stays
 *   uncancel()      requests - 1; at zero a cancel that was not delivered is forgotten
 *   the body ends   by a CancelledError, or with one still pending: CANCELLED, whatever it returned
 * </pre>
 *
 * <p>A task that is parked in blocking code that is not Rondo's, or parks there with a cancel pending, is interrupted,
 * once for each request. If the interrupt is then what ends the body, the task counts as cancelled. Who catches the
 * exception of the interrupt has had the cancel; who leaves the thread's flag set, or sets it again, gets a
 * {@link CancelledError} where the task suspends next.
 *
 * @param <T> what the coroutine returns
 * @param <X> the checked exception it may throw; {@code RuntimeException} where there is none
 */
public final class Task<T extends @Nullable Object, X extends Exception> extends Awaitable<T, X> {

    /** For all loops of the program, but those that are observed: there the names are the same in every run. */
    static final AtomicLong NUMBERS = new AtomicLong();

    private final long number;
    private @Nullable String name;
    private Object code; // the coroutine; its class alone once it has ended
    private final TaskStrand strand;
    private boolean ofItsMaker;

    private int cancelRequests;
    private int undelivered; // requests of which the coroutine has still to be told, which it is of all at once
    private int deliveries; // times that it was told of such
    private @Nullable String cancelMessage;
    private boolean interruptSent; // it went out as an interrupt: whether that was taken, the thread's flag says
    private boolean interrupted; // at least one of the requests did
    private @Nullable CancelledError told; // the last that the coroutine was given, while the request is not taken back
    private int deadlines; // timeouts that will end what it waits for

    @Nullable CancelScope scope; // the innermost that this is in; at the end, as at the beginning, its group's

    private @Nullable CancelScope interruptedFor; // the scope for whose cancel an interrupt went out
    private boolean interruptedForTaskToo; // since, or on its way then: that counts before the scope

    // The loop's list of unfinished tasks; TaskList's alone.
    @Nullable Task<?, ?> previous;

    @Nullable Task<?, ?> next;

    private Task(
            EventLoop loop,
            Coroutine<T, X> coroutine,
            @Nullable String name,
            Context context,
            @Nullable CancelScope scope) {
        super(loop);
        this.scope = scope;
        if (scope != null) {
            scope.addChild(this);
        }
        this.number = loop.taskNumbers().incrementAndGet();
        this.code = coroutine;
        this.name = name;
        this.strand = new TaskStrand(loop, this, context);
    }

    /**
     * Makes a task and starts it, past the loop's {@link TaskFactory}: what factories are for to call. Everybody else
     * calls {@code createTask}. Stands for the constructor {@code asyncio.Task()}.
     *
     * @throws IllegalArgumentException if the coroutine is null
     * @throws IllegalStateException if the loop is closed, or is not the one that the caller runs on
     */
    public static <T extends @Nullable Object, X extends Exception> Task<T, X> start(
            EventLoop loop, Coroutine<T, X> coroutine, TaskOptions options) {
        loop.checkOpen();
        loop.checkThread();
        if (coroutine == null) {
            throw new IllegalArgumentException("a coroutine was expected, such as () -> fetch(url), and not null");
        }
        Context context = options.context();
        Task<T, X> task = new Task<>(
                loop,
                coroutine,
                options.name(),
                context == null ? Context.copyCurrent() : context,
                loop.takeScopeOfNextTask());
        loop.tasks().add(task);
        if (loop.observer != null) {
            loop.observer.created(task);
        }
        if (Boolean.TRUE.equals(options.eagerStart())) {
            task.strand.startNow();
        } else {
            task.strand.start();
        }
        return task;
    }

    /**
     * Notes that whoever made the task alone waits for it, as {@code gather} does, and nobody else has it: if it is
     * unfinished when the loop closes, that is its maker's story.
     */
    Task<T, X> ofItsMaker() {
        ofItsMaker = true;
        return this;
    }

    boolean isOfItsMaker() {
        return ofItsMaker;
    }

    // ------------------------------------------------------------------------------------------------ the body

    private static final class TaskStrand extends Strand {
        TaskStrand(EventLoop loop, Task<?, ?> task, Context context) {
            super(loop, task, context);
        }

        @Override
        protected void body() {
            if (task != null) { // it is
                task.runBody();
            }
        }
    }

    private void runBody() {
        try {
            throwIfCancelled(); // cancelled before it began: the body never runs
            T value = body().run();
            settleInterrupt();
            if (cancelPending()) {
                ended(finishCancelled(cancelMessage));
            } else {
                boolean swallowed = told != null;
                ended(finish(value));
                if (swallowed) {
                    noteSwallowedCancel();
                }
            }
        } catch (CancelledError e) {
            ended(finishCancelled(e.getMessage()));
        } catch (Throwable failure) {
            CancelScope scope = scopeInterrupting(failure); // around the group that this is in
            if (scope != null) {
                ended(finishCancelled(scope.reason()));
            } else if (endedByInterrupt(failure)) {
                ended(finishCancelled(cancelMessage));
            } else {
                boolean swallowed = keepCancel(failure);
                ended(fail(failure));
                if (swallowed) {
                    noteSwallowedCancel();
                }
                if (EventLoop.escapes(failure)) {
                    loop.escape(failure);
                }
            }
        }
    }

    @SuppressWarnings("unchecked") // the constructor's argument, and runs once
    private Coroutine<? extends T, ? extends X> body() {
        return (Coroutine<? extends T, ? extends X>) code;
    }

    /** A failure that comes after a cancel keeps it, as suppressed; returns false if it had it already. */
    private boolean keepCancel(Throwable failure) {
        CancelledError told = this.told;
        if (told == null || Failures.contain(failure, CancelledError.class)) {
            return false;
        }
        failure.addSuppressed(told);
        return true;
    }

    /** The body has ended otherwise than cancelled: in debug mode says so if it had been told to cancel. */
    private void noteSwallowedCancel() {
        if (loop.debug()) {
            List<StackTraceElement> createdAt = createdAt();
            String text = "CancelledError caught and not re-raised: " + this
                    + (createdAt == null ? "" : "\n" + CreationSite.describe("Object", createdAt));
            // Later: the log may fail, and the task has ended.
            loop.exceptionHandling().later(() -> Report.warning(text), context());
        }
    }

    private void ended(boolean first) {
        assert first : this + " ended twice";
        code = Names.classOf(code);
        told = null;
        loop.tasks().remove(this);
        if (loop.observer != null && !loop.isClosed()) {
            loop.observer.ended(this);
        }
        if (scope != null) {
            scope.removeChild(this);
        }
    }

    // ------------------------------------------------------------------------------------------------ cancellation

    /**
     * {@inheritDoc}
     *
     * <p>Stands for {@code task.cancel(msg)}.
     *
     * @throws IllegalStateException if called by another thread: use {@code loop.callSoonThreadsafe(task::cancel)}
     */
    @Override
    public boolean cancel(@Nullable String message) {
        loop.checkThread();
        if (done()) {
            markRetrieved();
            return false;
        }
        Task<?, ?> last = lastAwaited();
        for (@Nullable Task<?, ?> task = this; task != null && task != last; task = task.awaitedTask()) {
            task.cancelRequests++;
            task.strand.aborted(message, null);
        }
        last.cancelHere(message);
        return true;
    }

    /**
     * Follows the tasks that await one another from this one to the last: by hand, since the chain may be longer than a
     * stack is deep. Where they await one another in a ring, any of them is the last.
     */
    private Task<?, ?> lastAwaited() {
        Task<?, ?> last = this;
        int steps = loop.tasks().size();
        for (Task<?, ?> next; steps > 0 && (next = last.awaitedTask()) != null; steps--) {
            last = next;
        }
        return last;
    }

    private @Nullable Task<?, ?> awaitedTask() {
        return strand.waitingFor() instanceof Task<?, ?> awaited && !awaited.done() ? awaited : null;
    }

    private void cancelHere(@Nullable String message) {
        cancelRequests++;
        if (awaitedTask() != null || strand.isAborting()) {
            strand.leaveWait(); // a ring: none of them will ever end by itself
        } else if (strand.abortWait(message, null)) {
            return;
        }
        undelivered++;
        cancelMessage = message;
        interruptSent = interruptSent && strand.isInterrupted(); // not taken yet: it will do for this request too
        interrupted |= interruptSent;
        interruptedForTaskToo |= interruptSent;
        if (strand.isForeign()) {
            parkedInForeignCode();
        }
    }

    /**
     * Takes one request to cancel back, and returns how many remain. At zero, a cancel that the coroutine has not been
     * told of is forgotten. For code that has turned a cancel into something else, as timeouts do. Stands for
     * {@code task.uncancel()}.
     */
    public int uncancel() {
        loop.checkThread();
        if (cancelRequests > 0) {
            cancelRequests--;
            keepPending(cancelRequests);
            if (cancelRequests == 0) {
                told = null;
            }
        }
        return cancelRequests;
    }

    /**
     * Returns how many requests to cancel there have been, less the ones taken back. Stands for {@code cancelling()}.
     */
    public int cancelling() {
        return cancelRequests;
    }

    /** The strand is parked in code that is not ours: an interrupt is all that can reach it. On the loop thread. */
    void parkedInForeignCode() {
        CancelScope cancelled = cancelledScope();
        boolean underWay = interruptSent && strand.isInterrupted();
        if (cancelPending() && !interruptSent) {
            interrupted = true;
            interruptedForTaskToo = true;
        } else if (cancelled != null && cancelled != interruptedFor && !underWay) {
            interruptedFor = cancelled;
            interruptedForTaskToo = cancelPending();
        } else {
            return;
        }
        interruptSent = true;
        strand.interrupt();
    }

    /**
     * In the task: if the interrupt is not to be seen any more somebody was given its exception, and with it the
     * cancel.
     */
    private void settleInterrupt() {
        if (interruptSent) {
            interruptSent = false;
            boolean taken = !Thread.interrupted(); // cleared, since finally blocks may want to call blocking code
            if (taken && cancelPending()) {
                nothingPending();
                told = new CancelledError(cancelMessage);
            }
        }
    }

    /** Called when the strand parks: a cancel that came while it ran goes to what it waits for now. */
    void deliverPendingCancel() {
        settleInterrupt();
        if (cancelPending()) {
            if (strand.abortWait(cancelMessage, null)) {
                nothingPending();
            }
        } else if (scope != null) {
            scopeCancelled();
        }
    }

    /** Throws the cancel that has still to be delivered, if any. Called in the task. */
    void throwIfCancelled() {
        settleInterrupt();
        if (cancelPending()) {
            throw strand.throwCancelled(cancelMessage);
        }
        CancelScope cancelled = cancelledScope();
        if (cancelled != null) {
            throw new CancelledError(cancelled.reason(), cancelled);
        }
    }

    /** Notes that the coroutine is given this. */
    void told(CancelledError error) {
        told = error;
    }

    /** A cancel has reached the coroutine, or is forgotten. Called in the task, or while it is suspended. */
    void cancelDelivered() {
        nothingPending();
        if (strand.isCurrentThread()) {
            settleInterrupt();
        }
        interrupted &= cancelRequests > 0;
        interruptedForTaskToo &= cancelRequests > 0;
    }

    /** Returns whether there is a cancel that has still to be delivered. */
    boolean cancelPending() {
        return undelivered > 0;
    }

    private void nothingPending() {
        if (undelivered > 0) {
            undelivered = 0;
            deliveries++;
        }
    }

    /** Returns a number that changes when a cancel that is pending no longer is. */
    int deliveries() {
        return deliveries;
    }

    /** Returns how many requests the coroutine has still to be told of. */
    int undelivered() {
        return undelivered;
    }

    /** Of the requests that have still to be delivered, only so many are to be. */
    void keepPending(int most) {
        if (most > 0) {
            undelivered = Math.min(undelivered, most);
        } else {
            cancelDelivered();
        }
    }

    /** Returns {@link #cancelling} without the requests that have still to be delivered. Called in the task. */
    int cancelsDelivered() {
        settleInterrupt();
        return cancelRequests - undelivered;
    }

    /** Returns the last cancel that the coroutine was given, if it has heard of more than {@code before}. */
    @Nullable CancelledError toldSince(int before) {
        return cancelsDelivered() > before ? told : null;
    }

    /** Returns whether this failure is how the interrupt of a cancel shows. */
    boolean endedByInterrupt(Throwable failure) {
        return interrupted && cancelRequests > 0 && Interrupts.shownBy(failure);
    }

    // ------------------------------------------------------------------------------------------------ scopes

    private @Nullable CancelScope cancelledScope() {
        return scope == null ? null : scope.effective();
    }

    /** A scope around this was cancelled, or this has just suspended: wakes it if it is inside a cancelled one. */
    void scopeCancelled() {
        CancelScope cancelled = cancelledScope();
        if (cancelled != null && !strand.abortWait(cancelled.reason(), cancelled) && strand.isForeign()) {
            parkedInForeignCode();
        }
    }

    /**
     * Returns the scope for whose sake the interrupt went out that this failure shows; null if there is none, or it may
     * show a cancel of the task.
     */
    @Nullable CancelScope scopeInterrupting(Throwable failure) {
        return interruptedFor != null && !interruptedForTaskToo && Interrupts.shownBy(failure) ? interruptedFor : null;
    }

    /** The task leaves a scope: an interrupt for its sake has no meaning any more. Called in the task. */
    void scopeLeft(CancelScope left, @Nullable CancelScope parent) {
        scope = parent;
        if (interruptedFor == left) {
            interruptedFor = null;
            settleInterrupt();
        }
    }

    /** Returns the task that the caller is. */
    static Task<?, ?> running(String what) {
        Strand strand = EventLoop.running().currentStrand();
        if (strand.task == null) {
            throw new IllegalStateException(what + " should be used inside a task; this is a callback");
        }
        return strand.task;
    }

    /** Notes that {@code change} more timeouts will end what the task waits for. */
    void deadlines(int change) {
        deadlines += change;
    }

    /** Returns whether a timeout or a cancel scope will end what the task waits for. */
    boolean hasDeadline() {
        return deadlines > 0 || (scope != null && scope.hasDeadline());
    }

    // ------------------------------------------------------------------------------------------------ what it is

    /** Returns the name: the one that was given, or {@code Task-N}. */
    public String name() {
        return name != null ? name : "Task-" + number;
    }

    /** Gives the task a name. */
    public void name(String name) {
        this.name = name;
    }

    /** Returns the context that the task runs in. */
    public Context context() {
        return strand.context;
    }

    /**
     * Returns the coroutine that the task runs, or null once it is done: what it holds on to is let go of then. Stands
     * for {@code task.get_coro()}.
     */
    @SuppressWarnings("unchecked") // the constructor's argument
    public @Nullable Coroutine<? extends T, ? extends X> coroutine() {
        return code instanceof Coroutine<?, ?> coroutine ? (Coroutine<? extends T, ? extends X>) coroutine : null;
    }

    /** Returns the class that the coroutine stands in. */
    String coroutineName() {
        return code instanceof Class<?> type ? Names.ofClass(type) : Names.ofCode(code);
    }

    /**
     * Returns where the coroutine is, innermost frame first, without Rondo's own: all of its frames, suspended or
     * running; of a task that failed, the failure's stack trace; nothing before its first step, and if it has returned
     * or was cancelled. Any thread. Stands for {@code task.get_stack()}.
     */
    public List<StackTraceElement> stack() {
        return stack(Integer.MAX_VALUE);
    }

    /**
     * Returns {@code limit} frames of {@link #stack}: the innermost of a coroutine that has not ended, the outermost of
     * a failure.
     *
     * @throws IllegalArgumentException if the limit is negative
     */
    public List<StackTraceElement> stack(int limit) {
        if (limit < 0) {
            throw new IllegalArgumentException("a limit of " + limit + " frames: give 0 or more");
        }
        if (!done()) {
            return Stacks.limited(Stacks.of(thread()), limit);
        }
        Throwable failure = peekFailure();
        return failure == null ? List.of() : Stacks.limited(Stacks.withoutMachinery(failure.getStackTrace()), -limit);
    }

    /** Prints {@link #stack} to standard error. */
    public void printStack() {
        printStack(System.err);
    }

    /** Prints {@link #stack}, innermost frame first. Stands for {@code task.print_stack()}. */
    public void printStack(PrintStream out) {
        printStack(Integer.MAX_VALUE, out);
    }

    /** Prints {@code limit} frames of {@link #stack(int)}. */
    public void printStack(int limit, PrintStream out) {
        List<StackTraceElement> frames = stack(limit);
        Throwable failure = peekFailure();
        StringBuilder text = new StringBuilder(
                frames.isEmpty() ? "No stack for " : failure != null ? "Traceback for " : "Stack for ");
        text.append(this).append(frames.isEmpty() ? "" : " (most recent call first):");
        Stacks.append(text, "    ", frames);
        if (failure != null) {
            text.append('\n').append(Names.ofValue(failure));
        }
        out.println(text);
    }

    /** Returns these tasks in the order in which they were made, whatever the order of the set. */
    static List<Task<?, ?>> inOrder(Collection<Task<?, ?>> tasks) {
        List<Task<?, ?>> ordered = new ArrayList<>(tasks);
        ordered.sort(Comparator.comparingLong(task -> task.number));
        return ordered;
    }

    /** Returns the virtual thread that runs the coroutine, or null if it has not begun. For inspection only. */
    public @Nullable Thread thread() {
        return strand.thread();
    }

    Strand strand() {
        return strand;
    }

    @Override
    String kind() {
        return "Task";
    }

    @Override
    String label() {
        return "task " + name();
    }

    @Override
    String state() {
        return !done() && cancelRequests > 0 ? "cancelling" : super.state();
    }

    @Override
    String details() {
        Wait wait = strand.waitingFor();
        return " name='" + name() + "' coro=<" + coroutineName() + ">"
                + (wait == null ? "" : " wait_for=<" + wait.label() + ">");
    }
}
