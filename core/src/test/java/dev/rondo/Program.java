package dev.rondo;

import java.util.List;

/**
 * A program that was made by chance: tasks, what each does, and who is cancelled when. {@link ProgramRun} runs it.
 *
 * @param tasks what the tasks do that it begins with; nobody awaits these
 * @param strikes cancels that come from outside
 * @param closesAtMillis when the queue is shut down and the channel's sender closed
 * @param closesAtOnce whether what is in the queue is dropped then
 * @param seed of the shuffled schedules
 */
record Program(List<Block> tasks, List<Strike> strikes, int closesAtMillis, boolean closesAtOnce, long seed) {

    /** Steps, one after the other. */
    record Block(List<Step> steps) {}

    /** A cancel by a callback: at a time, and so many turns later. {@code pick} chooses among what can be cancelled. */
    record Strike(Target target, int atMillis, int turns, int pick, boolean twice) {}

    /** What a strike cancels. */
    enum Target {
        TASK,
        SCOPE,
        GROUP
    }

    /**
     * What a task can do. Nothing here waits for ever by itself: sections are entered in the order of {@link Section}
     * alone, also by the tasks that somebody inside waits for, and {@link ProgramRun} helps out whoever waits for an
     * event, a signal, an item, room, or company.
     */
    sealed interface Step {

        record Pause(int millis) implements Step {}

        record Yield() implements Step {}

        record AwaitEvent() implements Step {}

        /** A promise which a callback sets. */
        record AwaitPromise(int millis) implements Step {}

        record MeetAtBarrier() implements Step {}

        record Put() implements Step {}

        record Take() implements Step {}

        record Send() implements Step {}

        record Receive() implements Step {}

        record Fail() implements Step {}

        /** A cancel from within: of any task, oneself included. */
        record Cancel(Target target, int pick, boolean twice) implements Step {}

        record In(Section section, Block body) implements Step {}

        record WithinTimeout(int millis, Block body) implements Step {}

        record WithinScope(Scope kind, int millis, Block body) implements Step {}

        record WithChild(Child how, int millis, Block child) implements Step {}

        record WithChildren(Children how, int number, List<Block> children) implements Step {}

        /** A task group; {@code limit} 0 for none. */
        record Group(Policy policy, int limit, boolean eager, List<Block> children, Block body) implements Step {}

        /** A generator that would emit so many items, of which so many are asked for. */
        record Generate(int emits, int takes, Block beforeEach) implements Step {}

        /** Catches a cancel, once, and goes on; may take the request back. */
        record Swallow(boolean uncancels, Block body) implements Step {}

        /** Catches a failure, and goes on. */
        record Catch(Block body) implements Step {}

        record CleanUp(Block body, Block cleanUp) implements Step {}
    }

    /** What lets in one at a time, or two. */
    enum Section {
        LOCK,
        SEMAPHORE,
        SECOND_LOCK,
        BOUNDED_SEMAPHORE,
        /** Waits for a signal before its body. */
        CONDITION
    }

    /** The ways to open a scope. */
    enum Scope {
        PLAIN,
        MOVE_ON_AFTER,
        FAIL_AFTER,
        SHIELDED
    }

    /** The ways to wait for one task. */
    enum Child {
        AWAIT,
        EAGER,
        SHIELD,
        WAIT_FOR
    }

    /** The ways to wait for several. */
    enum Children {
        GATHER,
        GATHER_OUTCOMES,
        GATHER_OR_CANCEL,
        RACE,
        FIRST_SUCCESS,
        MAP_CONCURRENT,
        WAIT_ALL,
        WAIT_ANY,
        AS_COMPLETED
    }

    /** What a group does about failures. */
    enum Policy {
        FAIL_FAST,
        WAIT_ALL,
        SUPERVISE
    }
}
