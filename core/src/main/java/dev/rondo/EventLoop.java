package dev.rondo;

import dev.rondo.chance.Choices;
import dev.rondo.fiber.Fiber;
import dev.rondo.fiber.Guest;
import dev.rondo.reactor.Fd;
import dev.rondo.reactor.IoDriver;
import dev.rondo.reactor.NioDriver;
import dev.rondo.reactor.Op;
import dev.rondo.reactor.Reactor;
import dev.rondo.reactor.UserCode;
import dev.rondo.time.Clock;
import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * An event loop: runs callbacks and coroutines on one thread, one at a time, each until it suspends or ends. Stands for
 * {@code asyncio.AbstractEventLoop}.
 *
 * <p>It runs on the platform thread that calls {@link #runForever} or {@link #runUntilComplete}. While it runs, its
 * methods may be called in its own coroutines and callbacks only, except for those that say "any thread"; while it does
 * not run, by one thread at a time. A call from elsewhere fails with {@link IllegalStateException}. Between two
 * suspension points nothing else runs: what only this loop's coroutines touch needs no lock.
 *
 * <p>Most programs never see a loop: {@link Asyncio#run} makes one, and closes it.
 */
public final class EventLoop implements AutoCloseable {

    /** How many runs of its random numbers a simulation may choose from. */
    private static final int SEEDS = 256;

    private final Reactor reactor;
    private final LoopScheduler scheduler = new LoopScheduler(this);
    private final CallbackRunner callbackRunner = new CallbackRunner(this);
    private final TaskList tasks = new TaskList();
    private final UnseenFailures failures;
    private final Generators generators = new Generators();
    private final Workers workers;
    private final Set<LoopFuture<?>> handedOut = new LinkedHashSet<>(); // to other threads, which may be waiting
    private boolean debug;
    private final ExceptionHandling exceptionHandling = new ExceptionHandling(this);
    private @Nullable TaskFactory taskFactory;
    private @Nullable CancelScope scopeOfNextTask; // goes past the factory, which does not know of it
    private final SlowItems slowItems = new SlowItems(this);
    private final Deadlocks deadlocks = new Deadlocks(this);
    private final SignalCallbacks signalCallbacks = new SignalCallbacks(this);
    private final Readiness readiness = new Readiness(this);
    private final long watchdogNanos;
    final @Nullable LoopObserver observer;
    private final @Nullable Choices choices;
    private final Clock clock;
    private @Nullable RandomGenerator random; // null until somebody draws
    private final AtomicLong taskNumbers;

    // Written by the thread that runs the loop; others may compare themselves with these two, see RunningLoops.
    private @Nullable Thread thread; // null while the loop does not run
    private @Nullable Strand current; // the strand that was mounted last: whether it is still, its thread says

    int inlineCompletions; // operations that completed without suspending, in a row or nearly; Strand's alone

    private boolean stopping;
    private @Nullable Throwable escaped; // leaves the run at the end of the item that threw it
    private boolean closing;
    private volatile boolean closed;

    private EventLoop(Builder builder) {
        Fiber.ensureAvailable();
        observer = builder.observer;
        choices = builder.choices;
        clock = builder.clock;
        taskNumbers = observer == null ? Task.NUMBERS : new AtomicLong();
        reactor = new Reactor(
                builder.clock,
                builder.driver.apply(scheduler::post),
                callbackRunner,
                this::nothingToWaitFor,
                choices,
                observer == null ? null : this::tellOfItem);
        if (observer != null) {
            reactor.onWaitingOutside(observer::waitsOutside);
        }
        failures = new UnseenFailures(this);
        workers = new Workers(this, builder.simulatedWorkers);
        debug = builder.debug;
        watchdogNanos = builder.watchdog.toNanos();
    }

    /** Returns a builder of loops; {@link Asyncio#newEventLoop} makes one with all defaults. */
    public static Builder builder() {
        return new Builder();
    }

    // ------------------------------------------------------------------------------------------------ running

    /**
     * Runs until {@link #stop} is called, on the calling thread. Stands for {@code loop.run_forever()}.
     *
     * @throws IllegalStateException if the loop is closed or running, another loop runs on this thread, or the caller
     *     is a virtual thread
     */
    public void runForever() {
        checkCanRun();
        thread = Thread.currentThread();
        RunningLoops.add(this);
        try {
            do {
                reactor.turn(!stopping);
                throwEscaped();
            } while (!stopping);
        } finally {
            stopping = false;
            thread = null;
            current = null;
            RunningLoops.remove(this);
        }
    }

    /**
     * Runs until the coroutine, as a task of this loop, is done, and returns its result. Stands for
     * {@code loop.run_until_complete()}.
     *
     * @throws X the coroutine's failure
     * @throws TaskCancelledException if the task was cancelled
     * @throws IllegalStateException as {@link #runForever}, and if the loop was stopped before
     */
    public <T extends @Nullable Object, X extends Exception> T runUntilComplete(Coroutine<T, X> coroutine) throws X {
        checkCanRun();
        return runUntilComplete(createTask(coroutine).ofItsMaker());
    }

    /** Runs until the action, as a task of this loop, is done. */
    public <X extends Exception> void runUntilComplete(Action<X> action) throws X {
        runUntilComplete(action.asCoroutine());
    }

    /**
     * Runs until the task or promise is done, and returns its result.
     *
     * @throws IllegalArgumentException if it belongs to another loop
     */
    public <T extends @Nullable Object, X extends Exception> T runUntilComplete(Awaitable<T, X> awaitable) throws X {
        checkCanRun();
        if (awaitable.loop() != this) {
            throw new IllegalArgumentException("the " + awaitable.label() + " belongs to a different loop");
        }
        StopWhenDone stop = new StopWhenDone();
        awaitable.whenDone(stop);
        try {
            runForever();
        } catch (Throwable failure) {
            if (awaitable.done() && !awaitable.cancelled()) {
                awaitable.markRetrieved(); // it is on its way to the caller already
            }
            throw failure;
        } finally {
            stop.over = true; // it may be queued: then it would stop the next run
            awaitable.forget(stop);
        }
        if (!awaitable.done()) {
            throw new IllegalStateException("Event loop stopped before " + awaitable.label() + " completed");
        }
        return awaitable.result();
    }

    private void checkCanRun() {
        checkOpen();
        if (thread != null) {
            throw new IllegalStateException("This event loop is already running");
        }
        if (RunningLoops.here() != null) {
            throw new IllegalStateException("Cannot run the event loop while another loop is running on this thread."
                    + " In a coroutine, await what you want to wait for: any method may suspend");
        }
        if (Thread.currentThread().isVirtual()) {
            throw new IllegalStateException("An event loop runs on a platform thread, and this is a virtual one."
                    + " Start a thread for it: Thread.ofPlatform().start(() -> Asyncio.run(…))");
        }
    }

    /** Has the loop leave {@link #runForever} at the end of the turn. Stands for {@code loop.stop()}. */
    public void stop() {
        checkThread();
        stopping = true;
    }

    /** Returns whether the loop runs. Any thread; from another than the loop's the answer may be late. */
    public boolean isRunning() {
        return thread != null;
    }

    /** Returns whether the loop is closed. Any thread. */
    public boolean isClosed() {
        return closed;
    }

    /**
     * Closes the loop: drops what is scheduled, reports failures that nobody saw and tasks that were not finished, and
     * closes sockets. Coroutines that are still suspended get a {@link CancelledError} and run to their end on a spare
     * thread; one that catches that, and all that its awaits then throw, over and over is left suspended. Idempotent.
     * Stands for {@code loop.close()}.
     *
     * @throws IllegalStateException if the loop is running
     */
    @Override
    public void close() {
        if (thread != null) {
            throw new IllegalStateException("Cannot close a running event loop");
        }
        if (closing) {
            return;
        }
        closing = true;
        signalCallbacks.removeAll();
        try {
            reportUnfinished();
            workers.close();
        } finally {
            letGo();
        }
    }

    private void letGo() {
        List<Task<?, ?>> unfinished = tasks.copy();
        List<Strand> callbacks = callbackRunner.close();
        List<Runnable> dropped = reactor.dropAll();
        try {
            reactor.close();
        } finally {
            closed = true; // from here on, all that is left belongs to the stragglers' thread
            List.copyOf(handedOut).forEach(LoopFuture::loopClosed);
            unfinished.forEach(task -> Stragglers.run(task.strand()::loopClosed));
            callbacks.forEach(strand -> Stragglers.run(strand::loopClosed));
            dropped.stream().filter(LoopScheduler.ChildStep.class::isInstance).forEach(Stragglers::run);
            if (reactor.hasPosts()) {
                Stragglers.run(reactor::drainInbox);
            }
        }
    }

    /**
     * Closes all generators that have begun and not ended, and suspends until they have; their failures go to the
     * exception handler. {@link Asyncio#run} does it at its end. Stands for {@code loop.shutdown_asyncgens()}.
     */
    public void shutdownGenerators() {
        generators.closeAll(this);
    }

    private void reportUnfinished() {
        exceptionHandling.reportPending();
        failures.reportAll();
        for (Task<?, ?> task : tasks.copy()) {
            if (!task.isOfItsMaker()) {
                callExceptionHandler(ExceptionContext.about(
                        "task", task, task.createdAt(), "Task was destroyed but it is pending!", null));
            }
        }
    }

    // ------------------------------------------------------------------------------------------------ callbacks

    /** Has {@code callback} run once in the next turn, after what is ready already. Stands for {@code call_soon}. */
    public Handle callSoon(Runnable callback) {
        return callSoon(callback, Context.copyCurrent());
    }

    /** Has {@code callback} run in the next turn, in the given context. */
    public Handle callSoon(Runnable callback, Context context) {
        checkOpen();
        checkThread();
        CallbackHandle handle = new CallbackHandle(this, callback, context);
        reactor.ready(handle);
        return handle;
    }

    /** Has {@code callback} called with {@code argument} in the next turn. */
    public <A extends @Nullable Object> Handle callSoon(Consumer<? super A> callback, A argument) {
        return callSoon(new CallWithArgument<>(callback, argument));
    }

    /** Has {@code callback} called with {@code argument} in the next turn, in the given context. */
    public <A extends @Nullable Object> Handle callSoon(Consumer<? super A> callback, A argument, Context context) {
        return callSoon(new CallWithArgument<>(callback, argument), context);
    }

    /**
     * Has {@code callback} run soon, and wakes the loop. Any thread; the handle may be cancelled by any thread. Stands
     * for {@code call_soon_threadsafe}.
     *
     * @throws IllegalStateException if the loop is closed
     */
    public Handle callSoonThreadsafe(Runnable callback) {
        return callSoonThreadsafe(callback, Context.copyCurrent());
    }

    /** Has {@code callback} run soon, in the given context, and wakes the loop. Any thread. */
    public Handle callSoonThreadsafe(Runnable callback, Context context) {
        checkOpen();
        ThreadsafeHandle handle = new ThreadsafeHandle(this, callback, context);
        if (isHere()) {
            reactor.ready(handle); // in its place among what this thread schedules
        } else {
            scheduler.post(() -> ready(handle));
        }
        return handle;
    }

    /**
     * Has {@code callback} run once after {@code delay}; a negative one counts as none. Callbacks that are due at the
     * very same time run in the order in which they were scheduled, but in tests that choose another
     * ({@link Builder#choices}). Stands for {@code call_later}.
     */
    public TimerHandle callLater(Duration delay, Runnable callback) {
        return schedule(deadlineNanos(delay), callback, Context.copyCurrent());
    }

    /** Has {@code callback} run after {@code delay}, in the given context. */
    public TimerHandle callLater(Duration delay, Runnable callback, Context context) {
        return schedule(deadlineNanos(delay), callback, context);
    }

    /**
     * Has {@code callback} run once when {@link #time} is {@code when}. As to order with others see {@link #callLater}.
     * Stands for {@code call_at}.
     */
    public TimerHandle callAt(Duration when, Runnable callback) {
        return schedule(nanosAt(when), callback, Context.copyCurrent());
    }

    private TimerHandle schedule(long deadlineNanos, Runnable callback, Context context) {
        checkOpen();
        checkThread();
        TimerCallbackHandle handle = new TimerCallbackHandle(this, deadlineNanos, callback, context);
        reactor.schedule(handle.timer());
        return handle;
    }

    /** Returns the loop's time: monotonic, from an arbitrary origin. Any thread. Stands for {@code loop.time()}. */
    public Duration time() {
        return Duration.ofNanos(reactor.nanos());
    }

    /**
     * Returns the time of day: the system's, or what a virtual clock makes of its own. For dates; how long something
     * takes is {@link #time}'s. Any thread.
     */
    public Instant instant() {
        return clock.instant();
    }

    /**
     * Returns what draws numbers that need be no secret: jitter, which server to ask. Where choices decide, what it
     * draws follows from them, so that a run can be made again ({@link Builder#choices}). For this loop's thread.
     */
    public RandomGenerator random() {
        checkThread();
        RandomGenerator drawing = random;
        if (drawing == null) {
            drawing = choices == null ? new SplittableRandom() : new SplittableRandom(choose(SEEDS, "seed"));
            random = drawing;
        }
        return drawing;
    }

    /**
     * Returns whether choices decide what is otherwise left to chance ({@link Builder#choices}): what happens once in
     * the life of a JVM must not ask for any then, or the next run would differ. Any thread.
     */
    public boolean simulated() {
        return choices != null;
    }

    /** Returns the deadline that is {@code delay} from now; a delay longer than 70 years counts as 70 years. */
    long deadlineNanos(Duration delay) {
        if (delay.isNegative()) {
            return reactor.nanos();
        }
        return reactor.nanos() + Durations.capped(delay).toNanos();
    }

    /** Returns the time that is {@code delay} after another; one more than 70 years away counts as that. */
    static Duration after(Duration begin, Duration delay) {
        if (delay.isNegative()) {
            return begin; // past already, whatever it is
        }
        return begin.plus(Durations.capped(delay));
    }

    /** Returns the deadline at a time; one more than 70 years away counts as that. */
    long nanosAt(Duration when) {
        Duration soonest = time().minus(Durations.LONGEST);
        Duration latest = time().plus(Durations.LONGEST);
        return (when.compareTo(soonest) < 0 ? soonest : when.compareTo(latest) > 0 ? latest : when).toNanos();
    }

    // ------------------------------------------------------------------------------------------------ tasks, promises

    /**
     * Starts a coroutine as a task of this loop: its first step is in the next turn. Stands for {@code create_task}.
     */
    public <T extends @Nullable Object, X extends Exception> Task<T, X> createTask(Coroutine<T, X> coroutine) {
        return createTask(coroutine, TaskOptions.none());
    }

    /** Starts an action as a task of this loop. */
    public <X extends Exception> Task<@Nullable Void, X> createTask(Action<X> action) {
        return createTask(action.asCoroutine());
    }

    /**
     * Starts a coroutine as a task of this loop.
     *
     * @param name the task's name, or null for {@code Task-N}
     * @param context what the task's context variables are kept in: itself, not a copy
     */
    public <T extends @Nullable Object, X extends Exception> Task<T, X> createTask(
            Coroutine<T, X> coroutine, @Nullable String name, Context context) {
        return createTask(coroutine, new TaskOptions(name, context, null));
    }

    /** Starts a coroutine as a task of this loop, made as {@code options} say. */
    public <T extends @Nullable Object, X extends Exception> Task<T, X> createTask(
            Coroutine<T, X> coroutine, TaskOptions options) {
        checkOpen();
        checkThread();
        TaskFactory factory = taskFactory;
        return factory == null ? Task.start(this, coroutine, options) : factory.createTask(this, coroutine, options);
    }

    /** Starts a coroutine as a task that is inside {@code scope}, as the children of a group are. */
    <T extends @Nullable Object, X extends Exception> Task<T, X> createTaskIn(
            @Nullable CancelScope scope, Coroutine<T, X> coroutine, TaskOptions options) {
        scopeOfNextTask = scope;
        try {
            return createTask(coroutine, options);
        } finally {
            scopeOfNextTask = null;
        }
    }

    @Nullable CancelScope takeScopeOfNextTask() {
        CancelScope scope = scopeOfNextTask;
        scopeOfNextTask = null;
        return scope;
    }

    /**
     * Sets what makes the tasks of this loop from here on; null for the default. Stands for {@code set_task_factory}.
     */
    public void setTaskFactory(@Nullable TaskFactory factory) {
        checkThread();
        taskFactory = factory;
    }

    /** Returns what was set to make tasks, or null. */
    public @Nullable TaskFactory taskFactory() {
        return taskFactory;
    }

    /** Returns a promise that belongs to this loop. Stands for {@code create_future}. */
    public <T extends @Nullable Object, X extends Exception> Promise<T, X> createFuture() {
        return new Promise<>(this);
    }

    /**
     * Has {@code work} run by a thread of {@code executor}, and returns its result to be. Cancelling that takes the
     * work back if it has not begun, and otherwise lets it go on unobserved. Stands for {@code run_in_executor}.
     *
     * @param executor where to run it, or null for the loop's own pool of {@code min(32, processors + 4)} daemon
     *     threads
     */
    public <T extends @Nullable Object, X extends Exception> Awaitable<T, X> runInExecutor(
            @Nullable ExecutorService executor, Coroutine<T, X> work) {
        checkOpen();
        checkThread();
        return workers.run(executor, work);
    }

    /**
     * Sets what runs the work of {@code toThread}, and of {@code runInExecutor} where none is named, from now on. The
     * loop shuts it down as it would its own. Stands for {@code set_default_executor}.
     */
    public void setDefaultExecutor(ExecutorService executor) {
        checkOpen();
        checkThread();
        workers.setPool(executor);
    }

    /**
     * Ends the default executor: it takes no more work, and this suspends until what it has is done. When the time is
     * over, that is reported with the stacks of the threads that are still busy, and they are left to themselves.
     * {@link Asyncio#run} does this at its end. Stands for {@code shutdown_default_executor}.
     *
     * @param timeout how long to wait, or null for as long as it takes
     * @throws IllegalStateException outside a coroutine of this loop
     * @throws CancelledError if the calling task was asked to cancel; the executor takes no more work all the same
     */
    public void shutdownDefaultExecutor(@Nullable Duration timeout) {
        checkOpen();
        currentStrand();
        workers.shutdownAndWait(timeout);
    }

    // ------------------------------------------------------------------------------------------------ other libraries

    /**
     * Returns a new executor whose tasks are coroutines of this loop, each in a copy of the context of whoever submits
     * it. Any thread may use it. Cancelling a future of it with {@code true} cancels the task, wherever it is
     * suspended; {@code shutdownNow} does so to all of them. What fails in {@code execute} is reported as a task's
     * failure that nobody took. Where this loop is closed, or the executor shut down, submitting fails with
     * {@link java.util.concurrent.RejectedExecutionException}.
     */
    public ExecutorService executor() {
        return new LoopExecutor(this);
    }

    /**
     * Returns a factory of virtual threads that run on this loop's thread, as coroutines do: one at a time, and beside
     * the loop's own coroutines. They are not tasks and cannot await: all their waits are the JDK's, and to reach the
     * loop they use {@link #callSoonThreadsafe}, as other threads do. Made for {@code StructuredTaskScope} and
     * {@code Executors.newThreadPerTaskExecutor}. Any thread may use it, and start the threads.
     */
    public ThreadFactory threadFactory() {
        return body -> Guest.newThread(scheduler, body);
    }

    // ------------------------------------------------------------------------------------------------ readiness

    /**
     * Has {@code callback} run, as any callback of this loop, whenever something can be read from the channel, or
     * accepted, or its end has come: again and again, once for each turn, until that was read or the callback is
     * removed. It takes the place of one that was added for this before. Stands for {@code loop.add_reader()}.
     *
     * <p>While it is watched the channel must stay non-blocking. One that is closed is watched no more, and nobody is
     * told; the end of the loop leaves it open. Coroutines cannot read from it by {@code sockRecv} and the like, where
     * they would have to wait, until the callback is removed.
     *
     * @param channel a socket, a listener, a datagram socket or an end of a {@link java.nio.channels.Pipe}, which this
     *     loop must know how to wait for
     * @throws IllegalArgumentException if the channel is closed, blocks, cannot be read, or is of another kind
     * @throws IllegalStateException if a stream or server of this loop uses the channel, a coroutine waits to read from
     *     it, or the loop is closed
     * @throws java.io.UncheckedIOException if the system has no descriptor left to wait with
     */
    public void addReader(SelectableChannel channel, Runnable callback) {
        checkOpen();
        checkThread();
        readiness.add(channel, Op.Direction.READ, callback, Context.copyCurrent());
    }

    /**
     * Removes the callback that {@link #addReader} has added for the channel, which does not run then, even if the
     * channel is ready; returns whether there was one. If there is none left, the channel is the caller's again: to
     * close, to make blocking, to give to a stream. Stands for {@code loop.remove_reader()}.
     */
    public boolean removeReader(SelectableChannel channel) {
        checkThread();
        return !closed && readiness.remove(channel, Op.Direction.READ);
    }

    /**
     * Has {@code callback} run whenever something can be written to the channel, or connecting is over: nearly always,
     * so it is best removed once there is nothing to write. For the rest see {@link #addReader}. Stands for
     * {@code loop.add_writer()}.
     */
    public void addWriter(SelectableChannel channel, Runnable callback) {
        checkOpen();
        checkThread();
        readiness.add(channel, Op.Direction.WRITE, callback, Context.copyCurrent());
    }

    /** Removes the callback that {@link #addWriter} has added; as {@link #removeReader}. */
    public boolean removeWriter(SelectableChannel channel) {
        checkThread();
        return !closed && readiness.remove(channel, Op.Direction.WRITE);
    }

    // ------------------------------------------------------------------------------------------------ signals

    /**
     * Has {@code callback} run, as any callback of this loop, each time this process gets the signal; it takes the
     * place of one that this loop had for it. Wakes the loop. Stands for {@code loop.add_signal_handler()}.
     *
     * <p>Loops on any thread may; where several have a callback for the same signal, each runs its own. While one has,
     * the signal does nothing else: Ctrl-C and SIGTERM cancel no main task then, and a handler that the program set
     * with {@code sun.misc.Signal} is not called.
     *
     * @throws IllegalStateException if the loop is closed; or the signal cannot be caught: SIGKILL and SIGSTOP, and
     *     what the JVM keeps for itself, such as SIGQUIT and SIGSEGV, and with {@code -Xrs} SIGINT, SIGTERM and SIGHUP
     */
    public void addSignalHandler(Signal signal, Runnable callback) {
        checkOpen();
        checkThread();
        signalCallbacks.add(signal, callback, Context.copyCurrent());
    }

    /**
     * Removes this loop's callback for a signal; returns whether there was one. The signal then does what it did before
     * {@link #addSignalHandler}. {@link #close} does so for all. Stands for {@code loop.remove_signal_handler()}.
     */
    public boolean removeSignalHandler(Signal signal) {
        checkThread();
        return signalCallbacks.remove(signal);
    }

    // ------------------------------------------------------------------------------------------------ failures

    /** Sets what is told of failures that can be given to nobody; null for the default, which logs them. */
    public void setExceptionHandler(@Nullable BiConsumer<EventLoop, ExceptionContext> handler) {
        checkThread();
        exceptionHandling.handler = handler;
    }

    /** Returns the handler that was set, or null. */
    public @Nullable BiConsumer<EventLoop, ExceptionContext> exceptionHandler() {
        return exceptionHandling.handler;
    }

    /** Reports a failure that can be given to nobody. Any thread. Stands for {@code call_exception_handler}. */
    public void callExceptionHandler(ExceptionContext context) {
        if (Thread.currentThread() == thread) {
            exceptionHandling.handleLater(context);
        } else {
            exceptionHandling.handle(context);
        }
    }

    /**
     * Logs a failure, or prints it where there is no log: what is done where no handler is set. Stands for
     * {@code default_exception_handler}.
     */
    public void defaultExceptionHandler(ExceptionContext context) {
        exceptionHandling.log(context);
    }

    /** Returns whether a failure is not kept inside a task or callback, but leaves the run as well. */
    static boolean escapes(Throwable failure) {
        // A recursion too deep is the coroutine's own failure, and the rest of the program can go on.
        return (failure instanceof VirtualMachineError && !(failure instanceof StackOverflowError))
                || failure instanceof KeyboardInterrupt;
    }

    /** Has {@code failure} leave the run once the present item is over. */
    void escape(Throwable failure) {
        escaped = failure;
        reactor.endTurn();
    }

    private void throwEscaped() {
        Throwable failure = escaped;
        if (failure != null) {
            escaped = null;
            if (failure instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) failure;
        }
    }

    /** Sets debug mode. Stands for {@code set_debug}. */
    public void setDebug(boolean debug) {
        this.debug = debug;
    }

    /** Returns whether debug mode is on. */
    public boolean debug() {
        return debug;
    }

    /**
     * Sets how long a callback, or a task between two suspensions, may run in debug mode before a warning is logged. In
     * the loop's time; 100 ms by default. Stands for {@code slow_callback_duration}.
     */
    public void setSlowCallbackDuration(Duration duration) {
        slowItems.threshold(duration);
    }

    /** Returns how long an item may run in debug mode before a warning is logged. */
    public Duration slowCallbackDuration() {
        return slowItems.threshold();
    }

    // ------------------------------------------------------------------------------------------------ for our modules

    /**
     * Hands an operation to the driver and suspends until it is over. For Rondo's own modules.
     *
     * <p>The operation is over whatever this throws, and may have had a result even then: bytes that were read, a
     * socket that was accepted. Whoever calls must keep it, or let it go, in a {@code finally}.
     *
     * @throws IOException why the operation failed
     * @throws CancelledError if the calling task was asked to cancel
     */
    public void perform(Op op) throws IOException {
        checkOpen();
        OpWait.perform(op, currentStrand());
    }

    /**
     * Makes an attempt until it gives a result: at once, and then whenever the channel is ready. Suspends in between; a
     * cancel comes there, never after an attempt that gave a result. For Rondo's own modules.
     *
     * @param attempt what does not block, and returns null if it would
     * @throws IllegalArgumentException if the channel blocks
     * @throws IllegalStateException if another coroutine waits for this, or a stream or server uses the channel
     * @throws java.nio.channels.AsynchronousCloseException if the channel was closed meanwhile
     */
    public <T> T whenReady(SelectableChannel channel, Op.Direction direction, Op.Call<? extends @Nullable T> attempt)
            throws IOException {
        checkOpen();
        return readiness.whenReady(channel, direction, attempt, currentStrand());
    }

    /**
     * Has the driver do an operation with a channel of the user, once that is ready, and suspends until it is over, as
     * {@link #perform(Op)}. For Rondo's own modules.
     *
     * @param maker makes the operation; must not suspend
     */
    public void perform(SelectableChannel channel, Op.Direction direction, Function<Fd, ? extends Op> maker)
            throws IOException {
        checkOpen();
        readiness.perform(channel, direction, maker);
    }

    /**
     * Says what the loop has in hand beside its tasks: what is scheduled, in flight, open or parked. While it does not
     * run, or on its thread. For Rondo's own modules.
     */
    public List<String> leftovers() {
        return Leftovers.of(this);
    }

    /** Returns the driver. For Rondo's own modules. */
    public IoDriver driver() {
        return reactor.driver();
    }

    // ------------------------------------------------------------------------------------------------ package-private

    /** Returns the loop that the caller runs on. */
    static EventLoop running() {
        EventLoop loop = RunningLoops.here();
        if (loop == null) {
            refused();
            throw new IllegalStateException("no running event loop: this can be called only inside coroutines and"
                    + " callbacks of a loop. Start one with Asyncio.run(() -> …)");
        }
        return loop;
    }

    /** Returns the strand that the caller is. */
    Strand currentStrand() {
        Strand strand = strandHere();
        if (strand == null) {
            throw notInCoroutine("this");
        }
        return strand;
    }

    static IllegalStateException notInCoroutine(String what) {
        refused();
        return new IllegalStateException(what + " can be called only inside a coroutine or callback of a running loop."
                + " Start one with Asyncio.run(() -> …) or loop.createTask(…); from another thread use"
                + " loop.callSoonThreadsafe(…)");
    }

    /** Told before a call fails that might be one of a coroutine whose loop is closed. */
    private static void refused() {
        if (Thread.currentThread().isVirtual()) { // or else there may be no stragglers yet, nor their thread
            Stragglers.refused();
        }
    }

    @Nullable Strand strandHere() {
        Strand strand = current;
        return strand != null && strand.isCurrentThread() ? strand : null;
    }

    boolean isHere() {
        return Thread.currentThread() == thread || strandHere() != null;
    }

    void checkThread() {
        if (thread != null && !isHere()) {
            throw new IllegalStateException("Non-thread-safe operation invoked on an event loop by "
                    + Thread.currentThread() + ", which is not the loop's. Use loop.callSoonThreadsafe(() -> …)");
        }
    }

    void checkOpen() {
        if (closed) {
            refused();
            throw new IllegalStateException("Event loop is closed");
        }
    }

    Reactor reactor() {
        return reactor;
    }

    AtomicLong taskNumbers() {
        return taskNumbers;
    }

    /** Returns whether to do something that is allowed and seldom happens. */
    boolean buggify(String what) {
        return choices != null && !closed && choices.buggify(what);
    }

    /** Returns what was chosen of {@code n} possibilities: 0, the plain one, where nobody chooses. */
    int choose(int n, String what) {
        return choices == null ? 0 : choices.choose(n, what);
    }

    private void nothingToWaitFor() {
        deadlocks.look();
        if (observer != null && !reactor.hasReady()) {
            observer.idle();
        }
    }

    private void tellOfItem(Runnable item) {
        if (observer != null) {
            observer.runs(nameable(item));
        }
    }

    /** Returns the item, or what it is called where it would call itself something else in each run. */
    private static Object nameable(Runnable item) {
        if (item instanceof Strand strand) {
            return strand.task != null ? strand.task : strand;
        }
        return item.getClass().isHidden() ? Names.ofCode(item) : item;
    }

    LoopScheduler scheduler() {
        return scheduler;
    }

    TaskList tasks() {
        return tasks;
    }

    UnseenFailures failures() {
        return failures;
    }

    Generators generators() {
        return generators;
    }

    Workers workers() {
        return workers;
    }

    Set<LoopFuture<?>> handedOut() {
        return handedOut;
    }

    ExceptionHandling exceptionHandling() {
        return exceptionHandling;
    }

    SlowItems slowItems() {
        return slowItems;
    }

    Deadlocks deadlocks() {
        return deadlocks;
    }

    CallbackRunner callbackRunner() {
        return callbackRunner;
    }

    /** Returns how long an item may run before the watchdog reports it; 0 if it is off. */
    long watchdogNanos() {
        return watchdogNanos;
    }

    /** Returns the thread that runs the loop, or null. Any thread, which may be told of the past. */
    @Nullable Thread thread() {
        return thread;
    }

    /** Returns the strand that is mounted, or null. Any thread, which may be told of the past. */
    @Nullable Strand mounted() {
        Strand strand = current;
        return strand != null && strand.isRunning() ? strand : null;
    }

    void mounted(Strand strand) {
        current = strand;
    }

    /** Makes an item ready for the next turn. */
    void ready(Runnable item) {
        if (!closed) {
            reactor.ready(item);
        }
    }

    @Nullable UserCode nextCallback() {
        return reactor.takeCallback(!stopping && escaped == null);
    }

    @Override
    public String toString() {
        return "<EventLoop running=" + isRunning() + " closed=" + closed + " debug=" + debug + ">";
    }

    /** Ends the run once what it waits for is done. */
    private final class StopWhenDone implements Runnable {

        private boolean over; // the run has ended

        @Override
        public void run() {
            if (!over) {
                stopping = true;
            }
        }

        @Override
        public String toString() {
            return "the end of the run";
        }
    }

    /** What a loop is made with. */
    public static final class Builder {

        private Clock clock = Clock.system();
        private Function<Consumer<Runnable>, IoDriver> driver = NioDriver::new;
        private @Nullable Choices choices;
        private @Nullable LoopObserver observer;
        private boolean simulatedWorkers;
        private boolean debug = debugByDefault();
        private Duration watchdog = Duration.ofMillis(Integer.getInteger("rondo.watchdogMillis", 1000));

        private Builder() {}

        /** Sets where the loop reads the time; the machine's monotonic clock by default. */
        public Builder clock(Clock clock) {
            this.clock = clock;
            return this;
        }

        /**
         * Sets the seam to the operating system, made with the loop's door for other threads. For Rondo's own modules.
         */
        public Builder driver(Function<Consumer<Runnable>, IoDriver> driver) {
            this.driver = driver;
            return this;
        }

        /**
         * Sets who decides what order leaves open, for tests that look for the order that breaks a program; by default
         * what is ready first goes first. Callbacks keep their order whoever decides, but for those that are due at the
         * same time.
         */
        public Builder choices(Choices choices) {
            this.choices = choices;
            return this;
        }

        /**
         * Sets who is told what the loop does; by default nobody. Its tasks are then numbered from 1, as in no other.
         */
        public Builder observer(LoopObserver observer) {
            this.observer = observer;
            return this;
        }

        /**
         * Has all work that would go to an executor, the loop's own or another, done on the loop's thread instead, by
         * virtual threads that the loop's choices start: at once, or a few milliseconds later. No other thread has a
         * part in the run then, so that virtual time goes on while somebody waits for a lock, a queue or a future of
         * the JDK. For Rondo's own modules.
         */
        public Builder simulatedWorkers() {
            this.simulatedWorkers = true;
            return this;
        }

        /** Sets debug mode; by default it is on if {@code -Drondo.debug}, or {@code -Drondo.debug=true}. */
        public Builder debug(boolean debug) {
            this.debug = debug;
            return this;
        }

        /**
         * Sets how long one item may keep the loop from running before a warning with its stack is logged, while it
         * does; zero for never. One second by default, or {@code -Drondo.watchdogMillis=N}. Real time, whatever the
         * clock. Under a virtual clock also how long virtual time may stand still before a warning says what for.
         */
        public Builder watchdog(Duration threshold) {
            if (threshold.isNegative()) {
                throw new IllegalArgumentException("a threshold of " + threshold + ": give zero for none");
            }
            this.watchdog = Durations.capped(threshold);
            return this;
        }

        private static boolean debugByDefault() {
            String property = System.getProperty("rondo.debug");
            return property != null && !property.equals("false");
        }

        /** Makes the loop. */
        public EventLoop build() {
            return new EventLoop(this);
        }
    }
}
