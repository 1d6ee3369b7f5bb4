package dev.rondo;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * What a program says most, made for {@code import static dev.rondo.Asyncio.*}. Stands for Python's {@code asyncio}
 * module.
 *
 * <p>{@code async def} is any method, {@code await f()} is a call, {@code await task} is {@code task.await()}. Where
 * this page says that a method suspends, the calling coroutine pauses there and others run; everywhere else nothing
 * comes between.
 */
public final class Asyncio {

    /** The loop that getEventLoop() made, or setEventLoop() set, for a thread on which none runs. */
    private static final ThreadLocal<@Nullable EventLoop> LOOP_OF_THREAD = new ThreadLocal<>();

    private Asyncio() {}

    // ------------------------------------------------------------------------------------------------ running

    /**
     * Runs {@code main} on a loop of its own and returns its result; afterwards cancels the tasks that are left, waits
     * for them, and closes the loop. Blocks the calling platform thread. Stands for {@code asyncio.run()}.
     *
     * <p>On the program's main thread, Ctrl-C cancels the main task; once that has ended this throws
     * {@link KeyboardInterrupt}.
     *
     * @throws X the failure of {@code main}
     * @throws IllegalStateException in a coroutine or callback of a running loop, or on a virtual thread
     */
    public static <T extends @Nullable Object, X extends Exception> T run(Coroutine<T, X> main) throws X {
        try (Runner runner = new Runner()) {
            return runner.run(main);
        }
    }

    /** Runs {@code main} on a loop of its own. */
    public static <X extends Exception> void run(Action<X> main) throws X {
        run(main.asCoroutine());
    }

    // ------------------------------------------------------------------------------------------------ tasks

    /**
     * Starts a coroutine as a task of the running loop; its first step is in the next turn. Does not suspend. The loop
     * holds it until it is done, and reports its failure if nobody awaits it. Stands for {@code asyncio.create_task()}.
     *
     * @throws IllegalStateException if no loop runs here
     */
    public static <T extends @Nullable Object, X extends Exception> Task<T, X> createTask(Coroutine<T, X> coroutine) {
        return EventLoop.running().createTask(coroutine);
    }

    /** Starts an action as a task of the running loop. */
    public static <X extends Exception> Task<@Nullable Void, X> createTask(Action<X> action) {
        return EventLoop.running().createTask(action);
    }

    /** Starts a coroutine as a task with a name. */
    public static <T extends @Nullable Object, X extends Exception> Task<T, X> createTask(
            Coroutine<T, X> coroutine, String name) {
        return createTask(coroutine, TaskOptions.named(name));
    }

    /** Starts an action as a task with a name. */
    public static <X extends Exception> Task<@Nullable Void, X> createTask(Action<X> action, String name) {
        return createTask(action.asCoroutine(), name);
    }

    /** Starts a coroutine as a task that is made as {@code options} say: with a name, in a context, at once. */
    public static <T extends @Nullable Object, X extends Exception> Task<T, X> createTask(
            Coroutine<T, X> coroutine, TaskOptions options) {
        return EventLoop.running().createTask(coroutine, options);
    }

    /** Starts an action as a task that is made as {@code options} say. */
    public static <X extends Exception> Task<@Nullable Void, X> createTask(Action<X> action, TaskOptions options) {
        return createTask(action.asCoroutine(), options);
    }

    /**
     * Starts a coroutine as a task of the running loop, or else of what {@link #getEventLoop} returns. Stands for
     * {@code asyncio.ensure_future()} of a coroutine; where a loop runs, {@link #createTask} says it more plainly.
     */
    public static <T extends @Nullable Object, X extends Exception> Task<T, X> ensureFuture(Coroutine<T, X> coroutine) {
        return ensureFuture(coroutine, getEventLoop());
    }

    /** Starts a coroutine as a task of {@code loop}. */
    public static <T extends @Nullable Object, X extends Exception> Task<T, X> ensureFuture(
            Coroutine<T, X> coroutine, EventLoop loop) {
        return loop.createTask(coroutine);
    }

    /** Returns {@code awaitable} itself. Stands for {@code asyncio.ensure_future()} of a task or future. */
    public static <T extends @Nullable Object, X extends Exception> Awaitable<T, X> ensureFuture(
            Awaitable<T, X> awaitable) {
        return awaitable;
    }

    /**
     * Returns {@code awaitable} itself.
     *
     * @throws IllegalArgumentException if it belongs to another loop than {@code loop}
     */
    public static <T extends @Nullable Object, X extends Exception> Awaitable<T, X> ensureFuture(
            Awaitable<T, X> awaitable, EventLoop loop) {
        awaitable.checkBelongsTo(loop);
        return awaitable;
    }

    /** Returns the task that the caller is, or null in a callback. Stands for {@code asyncio.current_task()}. */
    public static @Nullable Task<?, ?> currentTask() {
        Strand strand = EventLoop.running().strandHere();
        return strand == null ? null : strand.task;
    }

    /**
     * Returns the unfinished tasks of the running loop, oldest first, without the bodies of generators. Stands for
     * {@code asyncio.all_tasks()}.
     */
    public static Set<Task<?, ?>> allTasks() {
        EventLoop loop = EventLoop.running();
        return new LinkedHashSet<>(loop.tasks().copyWithout(loop.generators()));
    }

    /**
     * Returns the unfinished tasks of a loop, oldest first, without the bodies of generators. Any thread: while the
     * loop runs, one that is not its own is blocked until the loop answers between two items. Does not suspend a
     * coroutine of this loop. Stands for {@code asyncio.all_tasks(loop)}.
     */
    public static Set<Task<?, ?>> allTasks(EventLoop loop) {
        return new LinkedHashSet<>(loop.tasks().copyForAnyThread(loop));
    }

    // ------------------------------------------------------------------------------------------------ introspection

    /**
     * Returns where the calling task is and who waits for it, or null in a callback. Does not suspend. Stands for
     * {@code asyncio.capture_call_graph()}.
     *
     * @throws IllegalStateException if no loop runs here
     */
    public static @Nullable CallGraph captureCallGraph() {
        return CallGraph.ofCaller(1, Integer.MAX_VALUE);
    }

    /**
     * Returns where a task is and who waits for it; of a promise, who waits for it.
     *
     * @throws IllegalStateException if called by another thread than that of the awaitable's loop
     */
    public static CallGraph captureCallGraph(Awaitable<?, ?> awaitable) {
        return CallGraph.capture(awaitable, 1, Integer.MAX_VALUE);
    }

    /**
     * Returns where a task is and who waits for it.
     *
     * @param depth with which frame to begin, if it is the calling task: 1 for the caller of this method, 2 for its
     *     caller …
     * @param limit how many frames of each task: the innermost if positive, the outermost if negative; 0 for no stacks
     */
    public static CallGraph captureCallGraph(Awaitable<?, ?> awaitable, int depth, int limit) {
        return CallGraph.capture(awaitable, depth, limit);
    }

    /**
     * Returns {@link #captureCallGraph()} as text; empty in a callback. Stands for {@code asyncio.format_call_graph()}.
     */
    public static String formatCallGraph() {
        CallGraph graph = captureCallGraph();
        return graph == null ? "" : graph.format();
    }

    /** Returns {@link #captureCallGraph(Awaitable)} as text. */
    public static String formatCallGraph(Awaitable<?, ?> awaitable) {
        return captureCallGraph(awaitable).format();
    }

    /** Returns {@link #captureCallGraph(Awaitable, int, int)} as text. */
    public static String formatCallGraph(Awaitable<?, ?> awaitable, int depth, int limit) {
        return captureCallGraph(awaitable, depth, limit).format();
    }

    /** Prints {@link #formatCallGraph()}. Stands for {@code asyncio.print_call_graph()}. */
    public static void printCallGraph(PrintStream out) {
        out.print(formatCallGraph());
    }

    /** Prints {@link #formatCallGraph(Awaitable)}. */
    public static void printCallGraph(Awaitable<?, ?> awaitable, PrintStream out) {
        out.print(formatCallGraph(awaitable));
    }

    // ------------------------------------------------------------------------------------------------ waiting

    /**
     * Suspends for a time; one that is zero or negative lets the others run once. Throws nothing but
     * {@link CancelledError}. Stands for {@code asyncio.sleep()}.
     */
    public static void sleep(Duration delay) {
        Strand strand = EventLoop.running().currentStrand();
        if (delay.isPositive()) {
            Sleep.until(strand.loop.deadlineNanos(delay), strand);
        } else {
            strand.yieldNow();
        }
    }

    /** Lets everything that is ready run first. Suspends for exactly one turn. Stands for {@code asyncio.sleep(0)}. */
    public static void yieldNow() {
        EventLoop.running().currentStrand().yieldNow();
    }

    /**
     * Runs coroutines concurrently, each as a task, and returns their values in order. Suspends until all are done, or
     * until the first fails: that failure is thrown, and the others <em>go on</em>. To have them cancelled and waited
     * for: {@link #gatherOrCancel}; to wait for one only: {@link #race}, {@link #firstSuccess}; for many items, a few
     * at a time: {@link #mapConcurrent}; for all else: {@link #taskGroup}. Stands for {@code asyncio.gather()}.
     *
     * <p>If the caller is cancelled, all that are not done are cancelled.
     *
     * @throws X the first failure
     * @throws TaskCancelledException if somebody else cancels one of them
     */
    @SafeVarargs
    public static <T extends @Nullable Object, X extends Exception> List<T> gather(
            Coroutine<? extends T, ? extends X>... coroutines) throws X {
        EventLoop loop = EventLoop.running();
        List<Task<? extends T, ? extends X>> tasks = new ArrayList<>(coroutines.length);
        for (Coroutine<? extends T, ? extends X> coroutine : coroutines) {
            tasks.add(loop.createTask(coroutine).ofItsMaker());
        }
        return Gather.await(tasks, loop.currentStrand());
    }

    /** Runs actions concurrently, each as a task. Suspends until all are done, or until the first fails. */
    @SafeVarargs
    public static <X extends Exception> void gather(Action<? extends X>... actions) throws X {
        EventLoop loop = EventLoop.running();
        List<Task<?, ? extends X>> tasks = new ArrayList<>(actions.length);
        for (Action<? extends X> action : actions) {
            tasks.add(loop.createTask(action).ofItsMaker());
        }
        Gather.await(tasks, loop.currentStrand());
    }

    /** Waits for tasks and promises that are there already, and returns their values in order. */
    public static <T extends @Nullable Object, X extends Exception> List<T> gather(
            Collection<? extends Awaitable<? extends T, ? extends X>> awaitables) throws X {
        EventLoop loop = EventLoop.running();
        awaitables.forEach(awaitable -> awaitable.checkBelongsTo(loop));
        return Gather.await(List.copyOf(awaitables), loop.currentStrand());
    }

    /**
     * Runs coroutines concurrently, each as a task, and returns how each ended, in order: a failure or a cancellation
     * is an item like a value. Suspends until all are done. Stands for {@code asyncio.gather(…,
     * return_exceptions=True)}.
     *
     * <p>If the caller is cancelled, all that are not done are cancelled; once they have ended, this throws
     * {@link CancelledError}.
     */
    @SafeVarargs
    public static <T extends @Nullable Object> List<Outcome<T>> gatherOutcomes(
            Coroutine<? extends T, ?>... coroutines) {
        EventLoop loop = EventLoop.running();
        List<Task<? extends T, ?>> tasks = new ArrayList<>(coroutines.length);
        for (Coroutine<? extends T, ?> coroutine : coroutines) {
            tasks.add(loop.createTask(coroutine).ofItsMaker());
        }
        return Gather.awaitOutcomes(tasks, loop.currentStrand());
    }

    /** Runs actions concurrently, each as a task, and returns how each ended, in order. */
    public static List<Outcome<@Nullable Void>> gatherOutcomes(Action<?>... actions) {
        EventLoop loop = EventLoop.running();
        List<Task<@Nullable Void, ?>> tasks = new ArrayList<>(actions.length);
        for (Action<?> action : actions) {
            tasks.add(loop.createTask(action).ofItsMaker());
        }
        return Gather.awaitOutcomes(tasks, loop.currentStrand());
    }

    /** Waits for tasks and promises that are there already, and returns how each ended, in order. */
    public static <T extends @Nullable Object> List<Outcome<T>> gatherOutcomes(
            Collection<? extends Awaitable<? extends T, ?>> awaitables) {
        EventLoop loop = EventLoop.running();
        awaitables.forEach(awaitable -> awaitable.checkBelongsTo(loop));
        return Gather.awaitOutcomes(List.copyOf(awaitables), loop.currentStrand());
    }

    /**
     * Returns tasks and promises in the order in which they are done: a plain {@code for} loop that suspends until the
     * next is. Does not await them, so that each one's failure is thrown by its own {@code await}. Stands for
     * {@code asyncio.as_completed()}.
     */
    public static <A extends Awaitable<?, ?>> Iterable<A> asCompleted(Collection<? extends A> awaitables) {
        return new AsCompleted<>(EventLoop.running(), awaitables, null);
    }

    /**
     * Returns tasks and promises in the order in which they are done; after {@code timeout} the loop throws
     * {@link AsyncTimeoutException}, and those that are left go on.
     */
    public static <A extends Awaitable<?, ?>> Iterable<A> asCompleted(
            Collection<? extends A> awaitables, Duration timeout) {
        return new AsCompleted<>(EventLoop.running(), awaitables, timeout);
    }

    // ------------------------------------------------------------------------------------------------ groups

    /**
     * Runs {@code body} in the calling task with a group to start tasks in, waits for these, and returns the body's
     * value. Suspends. The first failure cancels all the rest. Stands for {@code async with asyncio.TaskGroup()}.
     *
     * <p>Where the body is a single expression, or loops for ever, the compiler has to be told the type of its
     * parameter: {@code taskGroup((TaskGroup group) -> group.createTask(…))}.
     *
     * @return the value of the body; null if {@link TaskGroup#cancel} ended the body before it had one
     * @throws TaskGroupException with all that has failed, the body last
     * @throws CancelledError if the calling task was asked to cancel, and nothing has failed; all tasks have ended then
     * @throws IllegalStateException outside a task
     */
    public static <T extends @Nullable Object> T taskGroup(AsyncFunction<TaskGroup, T, ?> body) {
        return new TaskGroup().<T>run(body);
    }

    /** Runs {@code body} in the calling task with a group to start tasks in, and waits for these. */
    public static void taskGroup(AsyncConsumer<TaskGroup, ?> body) {
        new TaskGroup().run(body);
    }

    /** Runs {@code body} in the calling task with a group that has another policy than to fail fast. */
    public static <T extends @Nullable Object> T taskGroup(GroupPolicy policy, AsyncFunction<TaskGroup, T, ?> body) {
        return new TaskGroup(policy).<T>run(body);
    }

    /** Runs {@code body} in the calling task with a group that has another policy than to fail fast. */
    public static void taskGroup(GroupPolicy policy, AsyncConsumer<TaskGroup, ?> body) {
        new TaskGroup(policy).run(body);
    }

    /**
     * Runs coroutines concurrently, each as a task, and returns their values in order. Suspends until all have ended;
     * the first failure cancels the others, and is thrown when they have, with what else failed suppressed in it. If
     * the caller is cancelled, so are they all.
     *
     * @throws X the first failure
     * @throws TaskCancelledException if somebody else cancels one of them
     * @throws CancelledError if the calling task was asked to cancel
     * @throws IllegalStateException outside a task
     */
    @SafeVarargs
    @SuppressWarnings("varargs") // the array is only read
    public static <T extends @Nullable Object, X extends Exception> List<T> gatherOrCancel(
            Coroutine<? extends T, ? extends X>... coroutines) throws X {
        return GatherOrCancel.await(Arrays.asList(coroutines));
    }

    /** Runs actions concurrently, each as a task, until all have ended; the first failure cancels the others. */
    @SafeVarargs
    @SuppressWarnings("varargs") // the array is only read
    public static <X extends Exception> void gatherOrCancel(Action<? extends X>... actions) throws X {
        GatherOrCancel.<@Nullable Void, X>await(coroutines(actions));
    }

    /** Runs coroutines concurrently, each as a task, and returns their values in order. */
    public static <T extends @Nullable Object, X extends Exception> List<T> gatherOrCancel(
            Collection<? extends Coroutine<? extends T, ? extends X>> coroutines) throws X {
        return GatherOrCancel.await(coroutines);
    }

    /**
     * Runs coroutines concurrently, each as a task, and returns the value of the first that ends, or throws its
     * failure. Suspends until all have ended: the others are cancelled, and what they would have returned is lost. What
     * fails among them is suppressed in the failure that is thrown, or goes to the loop's exception handler.
     *
     * @throws X the failure of the first
     * @throws TaskCancelledException if somebody else cancels one before any has ended
     * @throws CancelledError if the calling task was asked to cancel; they all are then
     * @throws IllegalArgumentException if there are none
     * @throws IllegalStateException outside a task
     */
    @SafeVarargs
    @SuppressWarnings("varargs") // the array is only read
    public static <T extends @Nullable Object, X extends Exception> T race(
            Coroutine<? extends T, ? extends X>... coroutines) throws X {
        return Race.first(Arrays.asList(coroutines));
    }

    /** Runs actions concurrently, each as a task, until the first ends; the others are cancelled. */
    @SafeVarargs
    @SuppressWarnings("varargs") // the array is only read
    public static <X extends Exception> void race(Action<? extends X>... actions) throws X {
        Race.<@Nullable Void, X>first(coroutines(actions));
    }

    /** Runs coroutines concurrently, each as a task, and returns the value of the first that ends. */
    public static <T extends @Nullable Object, X extends Exception> T race(
            Collection<? extends Coroutine<? extends T, ? extends X>> coroutines) throws X {
        return Race.first(coroutines);
    }

    /**
     * Runs coroutines concurrently, each as a task, and returns the first value that one of them has. Suspends until
     * all have ended: those that are left by then are cancelled. Failures of those that ended before are dropped; what
     * fails later goes to the loop's exception handler.
     *
     * @throws TaskGroupException if none has a value: with the failures of all, in the order in which they came
     * @throws CancelledError if the calling task was asked to cancel; they all are then
     * @throws IllegalArgumentException if there are none
     * @throws IllegalStateException outside a task
     */
    @SafeVarargs
    @SuppressWarnings("varargs") // the array is only read
    public static <T extends @Nullable Object> T firstSuccess(
            Coroutine<? extends T, ? extends Exception>... coroutines) {
        return Race.firstSuccess(Arrays.asList(coroutines));
    }

    /** Runs coroutines concurrently, each as a task, and returns the first value that one of them has. */
    public static <T extends @Nullable Object> T firstSuccess(
            Collection<? extends Coroutine<? extends T, ? extends Exception>> coroutines) {
        return Race.firstSuccess(coroutines);
    }

    /**
     * Applies {@code function} to each item of {@code source}, each in a task of its own, no more than {@code limit} at
     * a time, and returns the results in the order of the items. Suspends until all have ended; the first failure
     * cancels the others. An item is asked for when there is a place for it, by the calling task; that may suspend.
     *
     * @throws X the first failure, with what else failed suppressed in it
     * @throws TaskCancelledException if somebody else cancels one of the tasks
     * @throws CancelledError if the calling task was asked to cancel; all tasks have ended then
     * @throws IllegalArgumentException unless {@code limit} is positive
     * @throws IllegalStateException outside a task
     */
    public static <A extends @Nullable Object, T extends @Nullable Object, X extends Exception> List<T> mapConcurrent(
            Iterable<? extends A> source, int limit, AsyncFunction<? super A, ? extends T, ? extends X> function)
            throws X {
        return MapConcurrent.<A, T, X>ordered(source, limit, function);
    }

    /**
     * Applies {@code function} to each item of {@code source}, each in a task of its own, and hands each result to
     * {@code consumer} as it comes, whatever its place. The consumer runs in the calling task, and may suspend. An item
     * has its place, of which there are {@code limit}, until its result has been consumed. Items are asked for by a
     * task of their own, so that no result has to wait for a source that suspends. The first failure, the consumer's
     * included, cancels all the rest.
     */
    public static <A extends @Nullable Object, T extends @Nullable Object, X extends Exception> void mapConcurrent(
            Iterable<? extends A> source,
            int limit,
            AsyncFunction<? super A, ? extends T, ? extends X> function,
            AsyncConsumer<? super T, ? extends X> consumer)
            throws X {
        MapConcurrent.<A, T, X>unordered(source, limit, function, consumer);
    }

    private static <X extends Exception> List<Coroutine<@Nullable Void, ? extends X>> coroutines(
            Action<? extends X>[] actions) {
        List<Coroutine<@Nullable Void, ? extends X>> coroutines = new ArrayList<>(actions.length);
        for (Action<? extends X> action : actions) {
            coroutines.add(action.asCoroutine());
        }
        return coroutines;
    }

    // ------------------------------------------------------------------------------------------------ time, threads

    /**
     * Runs {@code body} in the calling task and returns its result. If it takes longer than {@code delay} it is
     * cancelled where it is suspended, and when it has ended, {@link AsyncTimeoutException} is thrown. A body that
     * never suspends is never interrupted. Stands for {@code async with asyncio.timeout()}.
     *
     * @param delay the time it may take, or null for any; one that is zero or negative is over in the next turn
     * @throws X the failure of the body
     * @throws AsyncTimeoutException if the time was over; its {@code scope()} tells nested ones apart
     * @throws IllegalStateException outside a task
     */
    public static <T extends @Nullable Object, X extends Exception> T timeout(
            @Nullable Duration delay, Coroutine<T, X> body) throws X {
        return Timeout.run(delay, _ -> body.run());
    }

    /** Runs {@code body} in the calling task, for no longer than {@code delay}. */
    public static <X extends Exception> void timeout(@Nullable Duration delay, Action<X> body) throws X {
        timeout(delay, body.asCoroutine());
    }

    /**
     * Runs {@code body} in the calling task, for no longer than {@code delay}, and gives it the {@link Timeout}: it may
     * look at the deadline, and move it.
     *
     * <p>Where the body is a single expression, or loops for ever, the compiler has to be told the type of its
     * parameter: {@code timeout(delay, (Timeout deadline) -> fetch(url, deadline))}.
     */
    public static <T extends @Nullable Object, X extends Exception> T timeout(
            @Nullable Duration delay, AsyncFunction<Timeout, T, X> body) throws X {
        return Timeout.run(delay, body);
    }

    /** Runs {@code body} in the calling task, for no longer than {@code delay}, and gives it the {@link Timeout}. */
    public static <X extends Exception> void timeout(@Nullable Duration delay, AsyncConsumer<Timeout, X> body)
            throws X {
        timeout(delay, (Timeout timeout) -> {
            body.accept(timeout);
            return null;
        });
    }

    /**
     * Runs {@code body} in the calling task, until {@code when} at the latest, in the time of {@link EventLoop#time};
     * as {@link #timeout} otherwise. Stands for {@code async with asyncio.timeout_at()}.
     *
     * @param when the deadline, or null for none; one that is past comes in the next turn
     */
    public static <T extends @Nullable Object, X extends Exception> T timeoutAt(
            @Nullable Duration when, Coroutine<T, X> body) throws X {
        return Timeout.runUntil(when, _ -> body.run());
    }

    /** Runs {@code body} in the calling task, until {@code when} at the latest. */
    public static <X extends Exception> void timeoutAt(@Nullable Duration when, Action<X> body) throws X {
        timeoutAt(when, body.asCoroutine());
    }

    /** Runs {@code body} in the calling task, until {@code when} at the latest, and gives it the {@link Timeout}. */
    public static <T extends @Nullable Object, X extends Exception> T timeoutAt(
            @Nullable Duration when, AsyncFunction<Timeout, T, X> body) throws X {
        return Timeout.runUntil(when, body);
    }

    /** Runs {@code body} in the calling task, until {@code when} at the latest, and gives it the {@link Timeout}. */
    public static <X extends Exception> void timeoutAt(@Nullable Duration when, AsyncConsumer<Timeout, X> body)
            throws X {
        timeoutAt(when, (Timeout timeout) -> {
            body.accept(timeout);
            return null;
        });
    }

    // ------------------------------------------------------------------------------------------------ waiting

    /**
     * Runs {@code coroutine} in the calling task, for no longer than {@code timeout}, and returns its result: the same
     * as {@link #timeout}. Only where the time is zero or negative it becomes a task, which is cancelled before it has
     * begun. Stands for {@code asyncio.wait_for()} of a coroutine.
     *
     * @param timeout the time it may take, or null for any
     * @throws X the failure of the coroutine
     * @throws AsyncTimeoutException if the time was over, once the coroutine has ended
     */
    public static <T extends @Nullable Object, X extends Exception> T waitFor(
            @Nullable Duration timeout, Coroutine<T, X> coroutine) throws X {
        return timeout == null || timeout.isPositive()
                ? timeout(timeout, coroutine)
                : Timeout.waitFor(timeout, createTask(coroutine));
    }

    /** Runs {@code action} in the calling task, for no longer than {@code timeout}. */
    public static <X extends Exception> void waitFor(@Nullable Duration timeout, Action<X> action) throws X {
        waitFor(timeout, action.asCoroutine());
    }

    /**
     * Suspends until {@code awaitable} is done, and returns its value. If that takes longer than {@code timeout} it is
     * cancelled, and once it has ended so, {@link AsyncTimeoutException} is thrown; if it ends otherwise in spite of
     * the cancel, that outcome counts. A cancel of the caller is passed on to it. Stands for
     * {@code asyncio.wait_for()}.
     *
     * @param timeout the time to wait, or null for any; one that is zero or negative takes the value only if it is
     *     there
     * @throws X the failure, if it failed
     * @throws AsyncTimeoutException if the time was over
     * @throws TaskCancelledException if somebody else cancelled it
     * @throws IllegalArgumentException if it belongs to another loop
     * @throws IllegalStateException outside a task
     */
    public static <T extends @Nullable Object, X extends Exception> T waitFor(
            @Nullable Duration timeout, Awaitable<T, X> awaitable) throws X {
        return Timeout.waitFor(timeout, awaitable);
    }

    /**
     * Suspends until all are done, and says so: throws no failure of theirs, and takes none. If the caller is
     * cancelled, they go on. Stands for {@code asyncio.wait()}.
     *
     * @throws IllegalArgumentException if there are none, or one belongs to another loop
     */
    public static <A extends Awaitable<?, ?>> Waited<A> waitAll(Collection<? extends A> awaitables) {
        return SetWait.await(EventLoop.running().currentStrand(), awaitables, SetWait.Until.ALL_DONE, null);
    }

    /** Suspends until all are done, or {@code timeout} is over: that is no error, and those that are pending go on. */
    public static <A extends Awaitable<?, ?>> Waited<A> waitAll(Collection<? extends A> awaitables, Duration timeout) {
        return SetWait.await(EventLoop.running().currentStrand(), awaitables, SetWait.Until.ALL_DONE, timeout);
    }

    /**
     * Suspends until at least one is done, however it ended; as {@link #waitAll} otherwise. Stands for
     * {@code asyncio.wait(…, return_when=FIRST_COMPLETED)}.
     */
    public static <A extends Awaitable<?, ?>> Waited<A> waitAny(Collection<? extends A> awaitables) {
        return SetWait.await(EventLoop.running().currentStrand(), awaitables, SetWait.Until.FIRST_DONE, null);
    }

    /** Suspends until at least one is done, or {@code timeout} is over. */
    public static <A extends Awaitable<?, ?>> Waited<A> waitAny(Collection<? extends A> awaitables, Duration timeout) {
        return SetWait.await(EventLoop.running().currentStrand(), awaitables, SetWait.Until.FIRST_DONE, timeout);
    }

    /**
     * Suspends until one has failed, or all are done; one that is cancelled has not failed. As {@link #waitAll}
     * otherwise. Stands for {@code asyncio.wait(…, return_when=FIRST_EXCEPTION)}.
     */
    public static <A extends Awaitable<?, ?>> Waited<A> waitFirstException(Collection<? extends A> awaitables) {
        return SetWait.await(EventLoop.running().currentStrand(), awaitables, SetWait.Until.FIRST_FAILED, null);
    }

    /** Suspends until one has failed, or all are done, or {@code timeout} is over. */
    public static <A extends Awaitable<?, ?>> Waited<A> waitFirstException(
            Collection<? extends A> awaitables, Duration timeout) {
        return SetWait.await(EventLoop.running().currentStrand(), awaitables, SetWait.Until.FIRST_FAILED, timeout);
    }

    /**
     * Suspends until {@code awaitable} is done, and returns its value. A cancel of the caller ends the wait, and does
     * not reach it: it goes on, and if it fails then the loop's exception handler is told. Stands for
     * {@code asyncio.shield()}.
     *
     * @throws X the failure, if it failed
     * @throws TaskCancelledException if it was cancelled itself
     * @throws CancelledError if the calling task was asked to cancel
     * @throws IllegalArgumentException if it belongs to another loop
     */
    public static <T extends @Nullable Object, X extends Exception> T shield(Awaitable<T, X> awaitable) throws X {
        return Shield.await(awaitable, EventLoop.running().currentStrand());
    }

    /** Runs {@code coroutine} as a task which a cancel of the caller does not reach, and returns its value. */
    public static <T extends @Nullable Object, X extends Exception> T shield(Coroutine<T, X> coroutine) throws X {
        return shield(createTask(coroutine));
    }

    /** Runs {@code action} as a task which a cancel of the caller does not reach. */
    public static <X extends Exception> void shield(Action<X> action) throws X {
        shield(action.asCoroutine());
    }

    // ------------------------------------------------------------------------------------------------ threads

    /**
     * Runs {@code work} in a thread of the loop's pool, in a copy of the current context, and returns its result: for
     * what would stop the loop, such as reading files or computing at length. Suspends. If the caller is cancelled, the
     * thread is not: it goes on unobserved. Stands for {@code asyncio.to_thread()}.
     *
     * @throws X the failure of the work
     */
    public static <T extends @Nullable Object, X extends Exception> T toThread(Coroutine<T, X> work) throws X {
        Context context = Context.copyCurrent();
        return EventLoop.running()
                .runInExecutor(null, new CallInContext<>(context, work))
                .await();
    }

    /** Runs {@code work} in a thread of the loop's pool. */
    public static <X extends Exception> void toThread(Action<X> work) throws X {
        toThread(work.asCoroutine());
    }

    /**
     * Runs {@code work} in a thread of the loop's pool, as {@link #toThread(Coroutine)} does; {@code onCancel} says
     * what becomes of the work if the caller is cancelled.
     *
     * @throws X the failure of the work; with {@link OnCancel#INTERRUPT} also one that it has in answer to the
     *     interrupt, unless that shows the interrupt itself
     */
    public static <T extends @Nullable Object, X extends Exception> T toThread(Coroutine<T, X> work, OnCancel onCancel)
            throws X {
        if (onCancel == OnCancel.ABANDON) {
            return toThread(work);
        }
        Context context = Context.copyCurrent();
        return InterruptibleWork.run(EventLoop.running().currentStrand(), () -> context.call(work));
    }

    /** Runs {@code work} in a thread of the loop's pool; {@code onCancel} says what becomes of it on a cancel. */
    public static <X extends Exception> void toThread(Action<X> work, OnCancel onCancel) throws X {
        toThread(work.asCoroutine(), onCancel);
    }

    // -------------------------------------------------------------------------------- threads and other libraries

    /**
     * Starts a coroutine as a task of a loop that runs in another thread, in a copy of the caller's context. Any
     * thread; does not wait. {@code cancel(true)} of the future cancels the task, a time-out of {@code get} does not.
     * If the loop closes before the task is done, the future is cancelled. Stands for
     * {@code asyncio.run_coroutine_threadsafe()}.
     *
     * @return a future that ends as the task does
     * @throws IllegalStateException if the loop is closed
     */
    public static <T extends @Nullable Object, X extends Exception> CompletableFuture<T> runCoroutineThreadsafe(
            Coroutine<T, X> coroutine, EventLoop loop) {
        loop.checkOpen();
        return LoopFuture.start(loop, coroutine);
    }

    /** Starts an action as a task of a loop that runs in another thread. Any thread. */
    public static <X extends Exception> CompletableFuture<@Nullable Void> runCoroutineThreadsafe(
            Action<X> action, EventLoop loop) {
        return runCoroutineThreadsafe(action.asCoroutine(), loop);
    }

    /**
     * Returns the value of a stage, suspending the calling coroutine until it is there. If the caller is cancelled
     * while it waits, a stage that is a future is cancelled too.
     *
     * @throws java.util.concurrent.CompletionException if it failed, with the failure as its cause; like {@code join()}
     * @throws java.util.concurrent.CancellationException if it was cancelled by anyone but a cancel of the caller
     * @throws CancelledError if the calling task was asked to cancel
     */
    public static <T extends @Nullable Object> T await(CompletionStage<T> stage) {
        return ForeignFutures.await(stage, EventLoop.running().currentStrand());
    }

    /** Returns the value of a future, suspending until it is there: as {@link #await(CompletionStage)}. */
    public static <T extends @Nullable Object> T await(CompletableFuture<T> future) {
        return ForeignFutures.await(
                (CompletionStage<T>) future, EventLoop.running().currentStrand());
    }

    /** Returns the value of a future, suspending until it is there: as {@link #await(CompletionStage)}. */
    public static <T extends @Nullable Object> T await(Future<T> future) {
        return ForeignFutures.await(future, EventLoop.running().currentStrand());
    }

    /**
     * Returns what a loop can await in place of a stage: it ends as the stage does, a failure as the cause of a
     * {@link java.util.concurrent.CompletionException}. Cancelling it cancels the stage, if that is a future. What
     * comes after the loop has closed is dropped. Stands for {@code asyncio.wrap_future()}.
     */
    public static <T extends @Nullable Object> Awaitable<T, RuntimeException> wrapFuture(
            CompletionStage<T> stage, EventLoop loop) {
        loop.checkThread();
        return ForeignFutures.wrap(stage, loop);
    }

    /** Returns what a loop can await in place of a future: as {@link #wrapFuture(CompletionStage, EventLoop)}. */
    public static <T extends @Nullable Object> Awaitable<T, RuntimeException> wrapFuture(
            CompletableFuture<T> future, EventLoop loop) {
        return wrapFuture((CompletionStage<T>) future, loop);
    }

    /** Returns what a loop can await in place of a future: as {@link #wrapFuture(CompletionStage, EventLoop)}. */
    public static <T extends @Nullable Object> Awaitable<T, RuntimeException> wrapFuture(
            Future<T> future, EventLoop loop) {
        loop.checkThread();
        return ForeignFutures.wrap(future, loop);
    }

    /**
     * Subscribes to a publisher and returns its items for a {@code for} loop, which suspends until the next is there.
     * Requests 16 at a time.
     */
    public static <T> FlowItems<T> iterate(Flow.Publisher<? extends T> publisher) {
        return iterate(publisher, 16);
    }

    /**
     * Subscribes to a publisher and returns its items for a {@code for} loop.
     *
     * @param most how many items may be waiting, or on their way
     * @throws IllegalArgumentException if that is less than 1
     */
    public static <T> FlowItems<T> iterate(Flow.Publisher<? extends T> publisher, int most) {
        return new FlowItems<>(EventLoop.running(), publisher, most);
    }

    /**
     * Returns a publisher of items, which any thread may subscribe to. For each subscriber a coroutine of the running
     * loop iterates over them, and suspends while nothing is requested; the iterator may suspend as well. What the
     * subscriber is told it is told in that coroutine.
     */
    public static <T> Flow.Publisher<T> publisher(Iterable<? extends T> items) {
        return new IterablePublisher<>(EventLoop.running(), items);
    }

    /** Returns a new executor whose tasks are coroutines of the running loop: its {@link EventLoop#executor}. */
    public static ExecutorService executor() {
        return EventLoop.running().executor();
    }

    // ------------------------------------------------------------------------------------------------ generators

    /**
     * Returns a generator of what {@code body} emits: {@code generate(out -> { out.emit(1); out.emit(2); })}. Nothing
     * runs until the first item is asked for; use it in {@code try}, so that it is closed. Stands for an {@code async
     * def} with {@code yield}.
     */
    public static <T extends @Nullable Object, X extends Exception> Generator<T, X> generate(
            Generator.Body<T, X> body) {
        return new Generator<>(body);
    }

    // ------------------------------------------------------------------------------------------------ loops

    /**
     * Returns the loop that the caller runs on. Stands for {@code asyncio.get_running_loop()}.
     *
     * @throws IllegalStateException if there is none
     */
    public static EventLoop getRunningLoop() {
        return EventLoop.running();
    }

    /**
     * Returns the running loop; else the loop of this thread, which is made if there is none. Stands for
     * {@code asyncio.get_event_loop()} as it was before Python 3.14.
     */
    public static EventLoop getEventLoop() {
        EventLoop loop = RunningLoops.here();
        if (loop == null) {
            loop = LOOP_OF_THREAD.get();
        }
        if (loop == null) {
            loop = newEventLoop();
            LOOP_OF_THREAD.set(loop);
        }
        return loop;
    }

    /** Sets what {@link #getEventLoop} returns on this thread while no loop runs; null for none. */
    public static void setEventLoop(@Nullable EventLoop loop) {
        LOOP_OF_THREAD.set(loop);
    }

    /** Returns a new loop, which the caller must close. Stands for {@code asyncio.new_event_loop()}. */
    public static EventLoop newEventLoop() {
        return EventLoop.builder().build();
    }
}
