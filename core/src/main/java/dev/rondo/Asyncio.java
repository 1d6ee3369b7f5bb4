package dev.rondo;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
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
        return EventLoop.running().createTask(coroutine, name, Context.copyCurrent());
    }

    /** Starts an action as a task with a name. */
    public static <X extends Exception> Task<@Nullable Void, X> createTask(Action<X> action, String name) {
        return createTask(action.asCoroutine(), name);
    }

    /** Returns the task that the caller is, or null in a callback. Stands for {@code asyncio.current_task()}. */
    public static @Nullable Task<?, ?> currentTask() {
        Strand strand = EventLoop.running().strandHere();
        return strand == null ? null : strand.task;
    }

    /** Returns the unfinished tasks of the running loop, oldest first. Stands for {@code asyncio.all_tasks()}. */
    public static Set<Task<?, ?>> allTasks() {
        return new LinkedHashSet<>(EventLoop.running().tasks().copy());
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
     * until the first fails: that failure is thrown, and the others <em>go on</em>. Stands for
     * {@code asyncio.gather()}.
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
            tasks.add(loop.createTask(coroutine));
        }
        return Gather.await(tasks, loop.currentStrand());
    }

    /** Runs actions concurrently, each as a task. Suspends until all are done, or until the first fails. */
    @SafeVarargs
    public static <X extends Exception> void gather(Action<? extends X>... actions) throws X {
        EventLoop loop = EventLoop.running();
        List<Task<?, ? extends X>> tasks = new ArrayList<>(actions.length);
        for (Action<? extends X> action : actions) {
            tasks.add(loop.createTask(action));
        }
        Gather.await(tasks, loop.currentStrand());
    }

    /** Waits for tasks and promises that are there already, and returns their values in order. */
    public static <T extends @Nullable Object, X extends Exception> List<T> gather(
            Collection<? extends Awaitable<? extends T, ? extends X>> awaitables) throws X {
        EventLoop loop = EventLoop.running();
        for (var awaitable : awaitables) {
            if (awaitable.loop() != loop) {
                throw new IllegalArgumentException(awaitable + " belongs to a different loop");
            }
        }
        return Gather.await(List.copyOf(awaitables), loop.currentStrand());
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

    /**
     * Runs {@code body} in the calling task and returns its result. If it takes longer than {@code delay} it is
     * cancelled where it is suspended, and when it has ended, {@link AsyncTimeoutException} is thrown. A body that
     * never suspends is never interrupted. Stands for {@code async with asyncio.timeout()}.
     *
     * @throws X the failure of the body
     * @throws AsyncTimeoutException if the time was over
     * @throws IllegalStateException outside a task
     */
    public static <T extends @Nullable Object, X extends Exception> T timeout(Duration delay, Coroutine<T, X> body)
            throws X {
        return Timeout.run(delay, body);
    }

    /** Runs {@code body} in the calling task, for no longer than {@code delay}. */
    public static <X extends Exception> void timeout(Duration delay, Action<X> body) throws X {
        Timeout.run(delay, body.asCoroutine());
    }

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
