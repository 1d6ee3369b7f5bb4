package dev.rondo;

import static dev.rondo.Asyncio.asCompleted;
import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.currentTask;
import static dev.rondo.Asyncio.firstSuccess;
import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.gatherOrCancel;
import static dev.rondo.Asyncio.gatherOutcomes;
import static dev.rondo.Asyncio.generate;
import static dev.rondo.Asyncio.race;
import static dev.rondo.Asyncio.shield;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.timeout;
import static dev.rondo.Asyncio.waitAll;
import static dev.rondo.Asyncio.waitAny;
import static dev.rondo.Asyncio.waitFor;
import static dev.rondo.Asyncio.yieldNow;

import dev.rondo.Ledger.Actor;
import dev.rondo.Ledger.Claim;
import dev.rondo.Ledger.Doing;
import dev.rondo.Program.Block;
import dev.rondo.Program.Child;
import dev.rondo.Program.Children;
import dev.rondo.Program.Scope;
import dev.rondo.Program.Section;
import dev.rondo.Program.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs the steps of a {@link Program}, as coroutines that tell the {@link Ledger} what comes of each. They rely on
 * nothing but what the contracts of the types promise, and complain where those are broken.
 *
 * <p>{@code held} is the last {@link Section} that the task is in, or that somebody is in who waits for it: only those
 * after it are entered, which is why the programs have no deadlocks.
 */
final class ProgramSteps {

    private static final int NOTHING_HELD = -1;

    private final EventLoop loop;
    private final Ledger ledger;
    private final ProgramWorld world;
    private int failures;

    ProgramSteps(EventLoop loop, Ledger ledger, ProgramWorld world) {
        this.loop = loop;
        this.ledger = ledger;
        this.world = world;
    }

    /** What a program fails with. */
    static final class Planned extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Planned(int number) {
            super("planned failure " + number, null, true, false);
        }
    }

    Coroutine<Integer, RuntimeException> root(Block block) {
        return task(null, block, NOTHING_HELD, new ArrayList<>(), true);
    }

    /**
     * Returns the coroutine of a task that runs {@code block}.
     *
     * @param siblings where it enters itself when it begins
     * @param struckOnly whether none but strikes cancel it
     */
    private Coroutine<Integer, RuntimeException> task(
            @Nullable Actor parent, Block block, int held, List<Actor> siblings, boolean struckOnly) {
        return () -> {
            act(parent, siblings, struckOnly, me -> run(me, block, held));
            return siblings.size();
        };
    }

    private void act(
            @Nullable Actor parent,
            List<Actor> siblings,
            boolean struckOnly,
            AsyncConsumer<Actor, RuntimeException> body) {
        Actor me = ledger.begins(parent, Objects.requireNonNull(currentTask()), struckOnly);
        siblings.add(me);
        Throwable end = null;
        try {
            body.accept(me);
        } catch (Throwable e) {
            end = e;
            throw e;
        } finally {
            ledger.ends(me, end);
        }
    }

    private static Duration ms(int millis) {
        return Duration.ofMillis(millis);
    }

    private void run(Actor me, Block block, int held) {
        for (Step step : block.steps()) {
            run(me, step, held);
        }
    }

    private void run(Actor me, Step step, int held) {
        switch (step) {
            case Step.Pause(int millis) -> sleep(ms(millis));
            case Step.Yield() -> yieldNow();
            case Step.AwaitEvent() -> waiting(me, "an event", () -> !world.event.isSet(), world.event::await);
            case Step.AwaitPromise(int millis) -> awaitPromise(millis);
            case Step.MeetAtBarrier() ->
                waiting(me, "company", () -> world.barrier.nWaiting() == 1, world.barrier::await);
            case Step.Put() -> put(me);
            case Step.Take() -> take(me);
            case Step.Send() -> send(me);
            case Step.Receive() -> receive(me);
            case Step.Fail() -> throw new Planned(++failures);
            case Step.Cancel(var target, int pick, boolean twice) -> world.strike(target, pick, twice);
            case Step.In(Section section, Block body) -> {
                if (section.ordinal() > held) {
                    enter(me, section, body);
                } else {
                    run(me, body, held);
                }
            }
            case Step.WithinTimeout(int millis, Block body) -> withinTimeout(me, millis, body, held);
            case Step.WithinScope(Scope kind, int millis, Block body) -> withinScope(me, kind, millis, body, held);
            case Step.WithChild(Child how, int millis, Block child) -> withChild(me, how, millis, child, held);
            case Step.WithChildren(Children how, int number, var children) ->
                withChildren(me, how, number, children, held);
            case Step.Group group -> withGroup(me, group, held);
            case Step.Generate(int emits, int takes, Block each) -> withGenerator(me, emits, takes, each, held);
            case Step.Swallow(boolean uncancels, Block body) -> swallow(me, uncancels, body, held);
            case Step.Catch(Block body) -> catching(me, body, held);
            case Step.CleanUp(Block body, Block cleanUp) -> cleaningUp(me, body, cleanUp, held);
        }
    }

    /** Suspends in {@code wait}; while it does and nothing is ready there has to be a reason for it. */
    private static void waiting(Actor me, String what, BooleanSupplier hasReason, Runnable wait) {
        me.doing = new Doing(what, hasReason);
        try {
            wait.run();
        } finally {
            me.doing = null;
        }
    }

    private void awaitPromise(int millis) {
        Promise<Integer, RuntimeException> promise = loop.createFuture();
        loop.callLater(ms(millis), () -> {
            if (!promise.done()) {
                promise.setResult(millis);
            }
        });
        promise.await();
    }

    // ------------------------------------------------------------------------------------------------ items

    private void put(Actor me) {
        int item = ledger.newItem();
        try {
            waiting(me, "room", () -> world.queue.full() && !world.closed, () -> world.queue.put(item));
            ledger.put(item);
        } catch (QueueShutDownException e) {
            ledger.require(world.closed, Claim.ITEMS, "the queue is open: " + e);
        }
    }

    private void take(Actor me) {
        try {
            waiting(me, "an item", () -> world.queue.empty() && !world.closed, () -> ledger.got(world.queue.get()));
        } catch (QueueShutDownException e) {
            ledger.require(world.closed && world.queue.empty(), Claim.ITEMS, "the queue is open, or not empty: " + e);
        }
    }

    private void send(Actor me) {
        int item = ledger.begunToSend();
        boolean sent = false;
        try {
            waiting(me, "a receiver", () -> !world.closed, () -> world.sender.send(item));
            sent = true;
        } catch (IllegalStateException e) {
            ledger.require(world.closed, Claim.ITEMS, "the sender is open: " + e);
        } finally {
            ledger.sent(item, sent);
        }
    }

    private void receive(Actor me) {
        try {
            waiting(
                    me,
                    "a sender",
                    () -> world.channel.size() == 0 && !world.closed,
                    () -> ledger.received(world.receiver.receive()));
        } catch (EndOfChannelException e) {
            ledger.require(world.closed && world.channel.size() == 0, Claim.ITEMS, "the channel has not ended: " + e);
        }
    }

    // ------------------------------------------------------------------------------------------------ sections

    private void enter(Actor me, Section section, Block body) {
        int held = section.ordinal();
        switch (section) {
            case LOCK -> enter(me, world.lock, world.theLock, body, held);
            case SECOND_LOCK -> enter(me, world.secondLock, world.theSecondLock, body, held);
            case SEMAPHORE -> enter(me, world.semaphore, world.theSemaphore, body, held);
            case BOUNDED_SEMAPHORE -> enter(me, world.boundedSemaphore, world.theBoundedSemaphore, body, held);
            case CONDITION -> enterCondition(me, body, held);
        }
    }

    private void enter(Actor me, ProgramWorld.Site site, AsyncLock lock, Block body, int held) {
        queueUp(me, site, lock::locked, lock::acquire);
        try {
            run(me, body, held);
        } finally {
            site.leaves(me);
            lock.release();
        }
    }

    private void enter(Actor me, ProgramWorld.Site site, AsyncSemaphore semaphore, Block body, int held) {
        queueUp(me, site, () -> semaphore.free() == 0, semaphore::acquire);
        try {
            run(me, body, held);
        } finally {
            site.leaves(me);
            semaphore.release();
        }
    }

    private void queueUp(Actor me, ProgramWorld.Site site, BooleanSupplier full, Runnable acquire) {
        ProgramWorld.Ticket ticket = site.comes(me);
        try {
            waiting(me, "its turn", full, acquire);
        } catch (Throwable e) {
            site.goesAway(me, ticket);
            throw e;
        }
        site.enters(me, ticket);
    }

    private void enterCondition(Actor me, Block body, int held) {
        queueUp(me, world.conditionLock, world.condition::locked, world.condition::acquire);
        try {
            world.comesToWait();
            world.conditionLock.leaves(me);
            try {
                waiting(me, "a signal", () -> true, world.condition::await);
                world.gotSignal();
            } finally {
                world.conditionLock.enters(me);
            }
            run(me, body, held);
        } finally {
            world.conditionLock.leaves(me);
            world.condition.release();
        }
    }

    // ------------------------------------------------------------------------------------------------ times, scopes

    private void withinTimeout(Actor me, int millis, Block body, int held) {
        Duration deadline = loop.time().plusMillis(millis);
        List<Timeout> mine = new ArrayList<>();
        try {
            timeout(ms(millis), (Timeout timeout) -> {
                mine.add(timeout);
                world.timeouts.put(timeout, me);
                run(me, body, held);
            });
        } catch (AsyncTimeoutException e) {
            ledger.tell(() -> me + " has timed out");
            ledger.require(e.scope() == mine.getFirst(), Claim.TIMEOUTS, me + " was thrown another's " + e);
            timedOut(me, e, deadline);
        } finally {
            mine.forEach(world.timeouts::remove);
        }
    }

    private void timedOut(Actor me, AsyncTimeoutException e, Duration deadline) {
        TimedScope scope = e.scope();
        ledger.require(scope == null || scope.expired(), Claim.TIMEOUTS, scope + " has not expired: " + e);
        ledger.require(
                loop.time().compareTo(deadline) >= 0,
                Claim.TIMEOUTS,
                me + " has timed out at " + loop.time() + ", before " + deadline);
    }

    private void withinScope(Actor me, Scope kind, int millis, Block body, int held) {
        Duration deadline = loop.time().plusMillis(millis);
        switch (kind) {
            case PLAIN -> withinScope(me, new CancelScope(), deadline, body, held);
            case MOVE_ON_AFTER -> withinScope(me, new CancelScope().deadlineAfter(ms(millis)), deadline, body, held);
            case FAIL_AFTER -> {
                try {
                    CancelScope.failAfter(ms(millis), () -> run(me, body, held));
                } catch (AsyncTimeoutException e) {
                    timedOut(me, e, deadline);
                }
            }
            case SHIELDED -> CancelScope.shielded(() -> run(me, body, held));
        }
    }

    private void withinScope(Actor me, CancelScope scope, Duration deadline, Block body, int held) {
        world.scopes.add(scope);
        try {
            CancelScope.Result<?> result = scope.run(() -> run(me, body, held));
            ledger.require(
                    scope.cancelled() || !result.cancelled(), Claim.CANCELS, "given up without a cancel: " + scope);
        } catch (CancelledError e) {
            ledger.require(e.scope() != scope, Claim.CANCELS, "the cancel of " + scope + " has left it");
            throw e;
        } finally {
            world.scopes.remove(scope);
            boolean struck = world.struckScopes.remove(scope);
            ledger.require(
                    struck == (scope.cancelled() && !scope.expired()), Claim.CANCELS, "nobody has cancelled " + scope);
            ledger.require(
                    !scope.expired() || loop.time().compareTo(deadline) >= 0, Claim.TIMEOUTS, "too early: " + scope);
        }
    }

    // ------------------------------------------------------------------------------------------------ one child

    private void withChild(Actor me, Child how, int millis, Block block, int held) {
        List<Actor> actors = new ArrayList<>();
        Coroutine<Integer, RuntimeException> child = task(me, block, held, actors, how == Child.SHIELD);
        Duration deadline = loop.time().plusMillis(millis);
        TaskOptions options = how == Child.EAGER ? TaskOptions.eager() : TaskOptions.none();
        Task<Integer, RuntimeException> task = createTask(child, options);
        try {
            switch (how) {
                case AWAIT, EAGER -> task.await();
                case SHIELD -> shield(task);
                case WAIT_FOR -> waitFor(ms(millis), task);
            }
            ledger.require(task.done(), Claim.ENDS, me + " has the result of what is not done: " + task);
        } catch (TaskCancelledException e) {
            ledger.require(e.awaitable() == task, Claim.CANCELS, me + " was told of another's cancel: " + e);
        } catch (AsyncTimeoutException e) {
            ledger.require(how == Child.WAIT_FOR, Claim.TIMEOUTS, me + " was thrown another's " + e);
            ledger.require(task.done(), Claim.TIMEOUTS, "timed out, and goes on: " + task);
            timedOut(me, e, deadline);
        } catch (Throwable e) {
            ledger.sees(e);
            throw e;
        }
    }

    // ------------------------------------------------------------------------------------------------ several children

    private void withChildren(Actor me, Children how, int number, List<Block> blocks, int held) {
        List<Actor> actors = new ArrayList<>();
        boolean struckOnly = how == Children.WAIT_ALL || how == Children.WAIT_ANY || how == Children.AS_COMPLETED;
        List<Coroutine<Integer, RuntimeException>> coroutines = new ArrayList<>();
        for (Block block : blocks) {
            coroutines.add(task(me, block, held, actors, struckOnly));
        }
        switch (how) {
            case GATHER, GATHER_OUTCOMES -> gatherAll(me, how, coroutines, actors);
            case GATHER_OR_CANCEL -> allEnd(me, actors, () -> gatherOrCancel(coroutines));
            case MAP_CONCURRENT ->
                allEnd(
                        me,
                        actors,
                        () -> Asyncio.<Coroutine<Integer, RuntimeException>, Integer, RuntimeException>mapConcurrent(
                                coroutines, number, Coroutine::run));
            case RACE -> allEnd(me, actors, () -> race(coroutines));
            case FIRST_SUCCESS ->
                allEnd(me, actors, () -> {
                    firstSuccess(coroutines);
                    mayDropFailures(actors); // of those that ended before the one that has succeeded
                });
            case WAIT_ALL, WAIT_ANY, AS_COMPLETED -> waitForSet(how, coroutines);
        }
    }

    private void gatherAll(
            Actor me, Children how, List<Coroutine<Integer, RuntimeException>> coroutines, List<Actor> actors) {
        List<Task<Integer, RuntimeException>> tasks = new ArrayList<>();
        coroutines.forEach(coroutine -> tasks.add(createTask(coroutine)));
        try {
            if (how == Children.GATHER) {
                gather(tasks);
            } else {
                for (Outcome<Integer> outcome : gatherOutcomes(tasks)) {
                    if (outcome instanceof Outcome.Failure<Integer>(Throwable failure)) {
                        ledger.sees(failure);
                    }
                }
            }
        } catch (TaskCancelledException e) {
            mayDropFailures(tasks, actors);
            ledger.sees(e);
            if (!tasks.contains(e.awaitable())) {
                throw e; // the failure of a child
            }
        } catch (Throwable e) {
            mayDropFailures(tasks, actors);
            ledger.sees(e);
            throw e;
        }
        ledger.require(
                how == Children.GATHER || tasks.stream().allMatch(Task::done), Claim.ENDS, me + " left tasks behind");
    }

    /** Those that have not begun are dropped as well: then there is none to fail. */
    private void mayDropFailures(List<Task<Integer, RuntimeException>> tasks, List<Actor> actors) {
        mayDropFailures(actors);
        for (Task<Integer, RuntimeException> task : tasks) {
            task.addDoneCallback(_ -> mayDropFailures(actors)); // those that begin later are entered then
        }
    }

    private static void mayDropFailures(List<Actor> actors) {
        actors.forEach(actor -> actor.failureMayBeDropped = true);
    }

    /** Runs what ends only when all that it has started has ended; its failures are caught here. */
    private void allEnd(Actor me, List<Actor> actors, Runnable together) {
        try {
            together.run();
        } catch (RuntimeException e) {
            ledger.sees(e);
        } catch (CancelledError e) {
            ledger.sees(e);
            throw e;
        } finally {
            allEnded(me, actors);
        }
    }

    private void allEnded(Actor me, List<Actor> actors) {
        for (Actor actor : actors) {
            ledger.require(actor.task.done(), Claim.ENDS, me + " has left " + actor + " behind");
        }
    }

    private void waitForSet(Children how, List<Coroutine<Integer, RuntimeException>> coroutines) {
        List<Task<Integer, RuntimeException>> tasks = new ArrayList<>();
        coroutines.forEach(coroutine -> tasks.add(createTask(coroutine)));
        switch (how) {
            case WAIT_ALL -> {
                waitAll(tasks);
                ledger.require(tasks.stream().allMatch(Task::done), Claim.ENDS, "waitAll has not waited for all");
            }
            case WAIT_ANY -> {
                Waited<Task<Integer, RuntimeException>> waited = waitAny(tasks);
                ledger.require(!waited.done().isEmpty(), Claim.ENDS, "waitAny has not waited for any");
            }
            default -> {
                for (Task<Integer, RuntimeException> task : asCompleted(tasks)) {
                    ledger.require(task.done(), Claim.ENDS, "not completed: " + task);
                    if (task.done() && !task.cancelled()) {
                        Throwable failure = task.exception();
                        if (failure != null) {
                            ledger.sees(failure);
                        }
                    }
                }
            }
        }
    }

    private void withGroup(Actor me, Step.Group step, int held) {
        List<Actor> actors = new ArrayList<>();
        GroupPolicy policy = switch (step.policy()) {
            case FAIL_FAST -> GroupPolicy.failFast();
            case WAIT_ALL -> GroupPolicy.waitAll();
            case SUPERVISE -> GroupPolicy.supervise((_, failure) -> ledger.sees(failure));
        };
        TaskGroup group = new TaskGroup(step.limit() == 0 ? policy : policy.maxConcurrency(step.limit()));
        world.groups.add(group);
        try {
            group.run((TaskGroup g) -> {
                try {
                    for (Block child : step.children()) {
                        g.createTask(
                                task(me, child, held, actors, false),
                                TaskOptions.none().eagerStart(step.eager()));
                    }
                } catch (IllegalStateException e) {
                    ledger.require(e.getMessage().endsWith("is shutting down"), Claim.ENDS, "refused: " + e);
                }
                run(me, step.body(), held);
            });
        } catch (TaskGroupException e) {
            ledger.tell(() -> me + " is told of " + e.causes());
            ledger.sees(e);
            ledger.require(
                    e.causes().stream().noneMatch(CancelledError.class::isInstance),
                    Claim.FAILURES,
                    "a cancel is no failure: " + e.causes());
        } catch (CancelledError e) {
            ledger.sees(e);
            throw e;
        } finally {
            world.groups.remove(group);
            allEnded(me, actors);
        }
    }

    // ------------------------------------------------------------------------------------------------ generators

    private void withGenerator(Actor me, int emits, int takes, Block beforeEach, int held) {
        List<Actor> actors = new ArrayList<>();
        Generator.Body<Integer, RuntimeException> body = out -> act(me, actors, false, actor -> {
            for (int n = 0; n < emits; n++) {
                run(actor, beforeEach, held);
                out.emit(n);
            }
        });
        try (Generator<Integer, RuntimeException> generator = generate(body)) {
            for (int n = 0; n < takes && generator.hasNext(); n++) {
                int item = generator.next();
                ledger.require(item == n, Claim.ITEMS, "item " + item + " came out of a generator in place of " + n);
            }
        } catch (TaskCancelledException e) {
            ledger.sees(e);
        } catch (Throwable e) {
            ledger.sees(e);
            throw e;
        } finally {
            allEnded(me, actors);
        }
    }

    // ------------------------------------------------------------------------------------------------ catching

    private void swallow(Actor me, boolean uncancels, Block body, int held) {
        try {
            run(me, body, held);
        } catch (CancelledError e) {
            ledger.tell(() -> me + " swallows " + e);
            ledger.justify(me, e);
            ledger.sees(e);
            if (e.scope() == null) {
                me.excuse();
                String message = e.getMessage();
                boolean struck = message != null && message.startsWith("strike"); // not by a timeout, nor by a group
                if (uncancels && struck && me.accepted > me.takenBack) {
                    me.takenBack++;
                    me.task.uncancel();
                }
            }
        }
    }

    private void catching(Actor me, Block body, int held) {
        try {
            run(me, body, held);
        } catch (RuntimeException e) {
            ledger.require(!(e instanceof AsyncTimeoutException), Claim.TIMEOUTS, "its own timeout did not catch " + e);
            ledger.sees(e);
            if (me.task.cancelling() > 0) {
                me.excuse(); // it may be what came of the cancel
            }
        }
    }

    private void cleaningUp(Actor me, Block body, Block cleanUp, int held) {
        try {
            run(me, body, held);
        } catch (Throwable e) {
            ledger.sees(e); // what fails in the cleaning up would go before it
            throw e;
        } finally {
            run(me, cleanUp, held);
        }
    }
}
