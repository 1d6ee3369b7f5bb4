package dev.rondo.testkit;

import dev.rondo.chance.Choices;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs a body in one schedule after another, each on a loop of its own under virtual time, until one fails or the
 * search has no more. Needs no test framework; {@code @LoopTest} is the same for JUnit.
 *
 * <pre>{@code
 * Explorer.random(10_000).check(sim -> {
 *     Account account = new Account(100);
 *     gather(() -> account.withdraw(60), () -> account.withdraw(60));
 *     assertTrue(account.balance() >= 0);
 * });
 * }</pre>
 *
 * <p>A schedule that fails is run again to see what happens in it, and shrunk to the plainest one that fails in the
 * same way: see {@link ScheduleFailure}. The methods that return an explorer change this one and return it; none of it
 * is safe for use by several threads.
 */
public final class Explorer {

    private static final long DEFAULT_MAX_SCHEDULES = 1_000_000;

    private final Supplier<? extends Search> searches; // one for each check
    private final boolean whole; // what it looks for is a search, not one schedule that somebody has picked
    private SimOptions options = SimOptions.DEFAULT;
    private boolean insideTurns;
    private boolean repeats = true; // some schedules are run again, to see whether they go the same way
    private final List<String> optionsSaid = new ArrayList<>(); // as they stand in the program

    private Explorer(Supplier<? extends Search> searches, boolean whole) {
        this.searches = searches;
        this.whole = whole;
    }

    // ------------------------------------------------------------------------------------------------ searches

    /** Returns an explorer of this many random schedules, in which any ready coroutine may go next: seeds from 1. */
    public static Explorer random(long schedules) {
        return random(schedules, 1);
    }

    /** Returns an explorer of this many random schedules, with seeds from {@code firstSeed}. */
    public static Explorer random(long schedules, long firstSeed) {
        return new Explorer(() -> new RandomSearch(firstSeed, positive(schedules), true), true);
    }

    /**
     * Returns an explorer of this many random schedules that keep asyncio's promise: after a {@code yieldNow()}
     * everything has run that was ready before. What is ready together goes in any order.
     */
    public static Explorer shuffle(long schedules) {
        return shuffle(schedules, 1);
    }

    /** Returns an explorer of this many schedules that are random {@linkplain #shuffle(long) inside each turn}. */
    public static Explorer shuffle(long schedules, long firstSeed) {
        return new Explorer(() -> new RandomSearch(firstSeed, positive(schedules), false), true);
    }

    /**
     * Returns an explorer by random priorities of the coroutines, which change {@code depth - 1} times in a run: finds
     * bugs that need few events in a certain order, far apart, sooner than {@link #random(long)} (probabilistic
     * concurrency testing). The first schedule is the plain one.
     *
     * @param depth how many events must come in order for the bug; 3 finds most
     */
    public static Explorer pct(int depth, long schedules) {
        return pct(depth, schedules, 1);
    }

    /** Returns an explorer by random priorities: the plain schedule first, then seeds from {@code firstSeed}. */
    public static Explorer pct(int depth, long schedules, long firstSeed) {
        return new Explorer(() -> new PctSearch(depth, firstSeed, positive(schedules)), true);
    }

    /** Returns an explorer of all schedules, which may be a million: see {@link #exhaustive(long)}. */
    public static Explorer exhaustive() {
        return exhaustive(DEFAULT_MAX_SCHEDULES);
    }

    /**
     * Returns an explorer of all schedules there are. Their number grows fast: three coroutines that suspend three
     * times each have 34,650.
     *
     * @param maxSchedules if there are more than these, {@code check} fails with {@link IllegalStateException}
     */
    public static Explorer exhaustive(long maxSchedules) {
        return new Explorer(() -> new DepthFirstSearch(positive(maxSchedules), Integer.MAX_VALUE), true);
    }

    /**
     * Returns an explorer of all schedules with no more than {@code k} choices that are not the plain one, a million at
     * most: {@code check} fails with {@link IllegalStateException} if there are more.
     *
     * @param k 0 is the plain schedule alone; most bugs take no more than 2
     */
    public static Explorer preemptions(int k) {
        if (k < 0) {
            throw new IllegalArgumentException("at most " + k + " choices: give 0 or more");
        }
        return new Explorer(() -> new DepthFirstSearch(DEFAULT_MAX_SCHEDULES, k), true);
    }

    /** Returns an explorer of one schedule: that of a tape, as a {@link ScheduleFailure} prints it. Does not shrink. */
    public static Explorer replay(Tape tape) {
        return new Explorer(() -> new ReplaySearch(tape), false);
    }

    /** Returns an explorer by a search of one's own, for one {@code check}. */
    public static Explorer with(Search search) {
        return new Explorer(() -> search, true);
    }

    private static long positive(long schedules) {
        if (schedules < 1) {
            throw new IllegalArgumentException(schedules + " schedules: give 1 or more");
        }
        return schedules;
    }

    // ------------------------------------------------------------------------------------------------ options

    /** Allows faults: what may happen and seldom does, such as a spurious wake-up. Without it there are none. */
    public Explorer faults() {
        options = options.withFaults();
        return said("faults()");
    }

    /** Allows the body to leave tasks behind: they are cancelled when it ends. Without it that is a failure. */
    public Explorer leftovers() {
        options = options.withLeftovers();
        return said("leftovers()");
    }

    /**
     * Sets after how many steps of coroutines and callbacks a schedule fails, since it may never end: 5,000,000 if
     * nobody sets it. Where virtual time does not pass meanwhile it fails after 500,000, or a tenth of these if that is
     * more.
     *
     * @throws IllegalArgumentException unless positive
     */
    public Explorer maxSteps(long steps) {
        options = options.withMaxSteps(positiveSteps(steps));
        return said("maxSteps(" + steps + ")");
    }

    private static long positiveSteps(long steps) {
        if (steps < 1) {
            throw new IllegalArgumentException("at most " + steps + " steps: give 1 or more");
        }
        return steps;
    }

    /**
     * Keeps asyncio's promise, whatever the search: coroutines overtake only those that are ready in the same turn. For
     * the tapes of {@link #shuffle}, and for programs that rely on it.
     */
    public Explorer insideTurns() {
        insideTurns = true;
        return said("insideTurns()");
    }

    /** For tests that look at each run. */
    Explorer withoutRepeats() {
        repeats = false;
        return this;
    }

    private Explorer said(String option) {
        optionsSaid.remove(option);
        optionsSaid.add(option);
        return this;
    }

    // ------------------------------------------------------------------------------------------------ the exploration

    /**
     * Runs the body until it fails, or the search has nothing left to try. Blocks the calling thread. The first
     * schedule and every hundredth are run twice more, to see that they go the same way, but for runs of more than
     * 100,000 steps. A {@code TestAbortedException} of the body, by which JUnit's assumptions say that a test makes no
     * sense here, is no failure: it ends the exploration, and is thrown.
     *
     * @return how many schedules there were
     * @throws ScheduleFailure in the first schedule that fails
     * @throws AssertionError if a schedule goes another way when it is run again; or if a state that the body has named
     *     by {@link Sim#sometimes} was not reached in any schedule
     * @throws IllegalStateException in a running loop, or on a virtual thread; or if there are more schedules than an
     *     exhaustive search may try
     */
    public long check(SimBody body) {
        checkCanRun();
        Search search = searches.get();
        Map<String, Boolean> sometimes = new TreeMap<>();
        long schedules = 0;
        for (Choices choices; (choices = search.next()) != null; ) {
            Choices chosen = insideTurns ? new InsideTurns(choices) : choices;
            RunResult result = SimulatedRun.run(body, chosen, options, false);
            search.ran(result.recording());
            Rerun rerun = new Rerun(body, chosen.acrossTurns(), search.again());
            if (result.failure() != null) {
                if (result.aborted()) {
                    throw LoopRun.<RuntimeException>undeclared(result.failure());
                }
                throw failure(result, search, rerun);
            }
            if (whole && repeats && DeterminismCheck.due(result, schedules, Long.MAX_VALUE)) {
                Tape tape = result.recording().tape();
                DeterminismCheck.check(result, () -> rerun.run(tape, true));
            }
            result.sometimes().forEach((name, reached) -> sometimes.merge(name, reached, Boolean::logicalOr));
            schedules++;
        }
        if (schedules == 0) {
            throw new IllegalStateException("the search had no schedule to try: it is for one check only");
        }
        if (whole) {
            checkReached(sometimes, schedules);
        }
        return schedules;
    }

    private static void checkCanRun() {
        if (Thread.currentThread().isVirtual()) { // as all code is that a loop runs
            throw new IllegalStateException("an exploration makes loops of its own, on a platform thread, and this is a"
                    + " coroutine, a callback or another virtual thread. Call it outside of any loop, or start a thread:"
                    + " Thread.ofPlatform().start(…)");
        }
    }

    private ScheduleFailure failure(RunResult result, Search search, Rerun rerun) {
        return new ScheduleFailure(
                whole
                        ? FailureReport.shrinking(result, search.label(), rerun)
                        : FailureReport.of(result, search.label(), rerun, 0));
    }

    static void checkReached(Map<String, Boolean> sometimes, long schedules) {
        List<String> never = new ArrayList<>();
        sometimes.forEach((name, reached) -> {
            if (!reached) {
                never.add('"' + name + '"');
            }
        });
        if (!never.isEmpty()) {
            throw new AssertionError("sometimes " + String.join(", ", never) + ": never in " + schedules
                    + (schedules == 1 ? " schedule" : " schedules"));
        }
    }

    /** A schedule that has failed, again. */
    private final class Rerun implements Replay {

        private final SimBody body;
        private final boolean acrossTurns;
        private final @Nullable String again;

        Rerun(SimBody body, boolean acrossTurns, @Nullable String again) {
            this.body = body;
            this.acrossTurns = acrossTurns;
            this.again = again;
        }

        @Override
        public RunResult run(Tape tape, boolean logging) {
            return SimulatedRun.run(body, new TapeChoices(tape, acrossTurns), options, logging);
        }

        @Override
        public String byTape(Tape tape) {
            String inside = acrossTurns || insideTurns ? "" : ".insideTurns()";
            return "Explorer.replay(Tape.parse(\"" + tape + "\"))" + inside + options() + ".check(…)";
        }

        @Override
        public @Nullable String again() {
            return again == null ? null : again + options() + ".check(…)";
        }

        private String options() {
            StringBuilder text = new StringBuilder();
            optionsSaid.forEach(option -> text.append('.').append(option));
            return text.toString();
        }
    }

    /** Choices of which none goes beyond the turn. */
    private record InsideTurns(Choices choices) implements Choices {

        @Override
        public int choose(int n, String what) {
            return choices.choose(n, what);
        }

        @Override
        public int choose(int n, String what, IntFunction<Object> candidate) {
            return choices.choose(n, what, candidate);
        }

        @Override
        public boolean buggify(String what) {
            return choices.buggify(what);
        }

        @Override
        public boolean acrossTurns() {
            return false;
        }
    }
}
