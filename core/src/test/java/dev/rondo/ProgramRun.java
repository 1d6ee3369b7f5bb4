package dev.rondo;

import static org.assertj.core.api.Assertions.fail;

import dev.rondo.Ledger.Claim;
import dev.rondo.Program.Strike;
import dev.rondo.chance.Choices;
import dev.rondo.chance.RandomFaults;
import dev.rondo.time.Clock;
import dev.rondo.time.VirtualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One run of a {@link Program}, on a loop of its own, in one schedule. */
final class ProgramRun {

    private static final Duration LONGEST = Duration.ofSeconds(20);
    private static final int MOST_TURNS = 200_000;
    private static final int LINES_SHOWN = 120;
    private static final int ONE_FAULT_IN = 10;

    private final Program program;
    private final VirtualClock virtual = new VirtualClock();
    private final EventLoop loop;
    private final Ledger ledger;
    private final ProgramWorld world;
    private final ProgramSteps steps;
    private int turns;

    /** Every other seed is one of schedules with faults. */
    private static Choices choices(long seed) {
        return seed % 2 == 0 ? Choices.seeded(seed) : new RandomFaults(seed, ONE_FAULT_IN);
    }

    private ProgramRun(Program program, @Nullable Long seed, boolean tellsStory) {
        this.program = program;
        ledger = new Ledger(tellsStory);
        EventLoop.Builder builder = EventLoop.builder().clock(new WatchedClock());
        loop = (seed == null ? builder : builder.choices(choices(seed))).build();
        world = new ProgramWorld(loop, ledger, seed == null);
        steps = new ProgramSteps(loop, ledger, world);
    }

    /** Runs the program first come first served, and in a few other orders; fails if there is anything to complain. */
    static void check(Program program, int shuffles) {
        check(program, (Long) null);
        for (int n = 0; n < shuffles; n++) {
            check(program, Long.valueOf(program.seed() + n));
        }
    }

    private static void check(Program program, @Nullable Long seed) {
        if (!new ProgramRun(program, seed, false).run().isEmpty()) {
            ProgramRun again = new ProgramRun(program, seed, true);
            List<String> complaints = again.run();
            List<String> story = again.ledger.story();
            fail("%s%n%n%s%n%nin the schedule %s:%n  %s"
                    .formatted(
                            String.join("\n", complaints),
                            program,
                            seed == null
                                    ? "of the loop"
                                    : "of the seed " + seed + (seed % 2 == 0 ? "" : ", with faults"),
                            String.join("\n  ", story.subList(Math.max(0, story.size() - LINES_SHOWN), story.size()))));
        }
    }

    private List<String> run() {
        try {
            loop.setExceptionHandler((_, context) -> reported(context));
            loop.runUntilComplete(this::main);
            ledger.require(
                    loop.tasks().size() == 0,
                    Claim.ENDS,
                    "there are tasks left: " + loop.tasks().copy());
            ledger.require(loop.reactor().timerCount() == 0, Claim.ENDS, "there are timers left");
        } catch (Throwable e) {
            ledger.complain(Claim.ENDS, "the run ended with " + e);
        }
        List<String> complaints = ledger.complaints();
        if (!complaints.isEmpty()) {
            ledger.close(); // the tasks that are left would only add to them
        }
        loop.close();
        ledger.judgeFailures();
        ledger.close();
        return ledger.complaints();
    }

    private void main() {
        Task<?, ?> main = Asyncio.currentTask();
        TimerHandle limit = loop.callLater(LONGEST, () -> giveUp("it goes on after " + LONGEST));
        world.beginHelping(program.closesAtMillis(), program.closesAtOnce());
        for (Strike strike : program.strikes()) {
            loop.callLater(Duration.ofMillis(strike.atMillis()), () -> strike(strike, strike.turns()));
        }
        for (Program.Block block : program.tasks()) {
            loop.createTask(steps.root(block));
        }
        for (; ; ) {
            List<Task<?, ?>> unfinished = new ArrayList<>(loop.tasks().copy());
            unfinished.remove(main);
            unfinished.removeAll(world.helpers());
            if (unfinished.isEmpty()) {
                break;
            }
            Asyncio.waitAll(unfinished);
        }
        ledger.judgeCancels();
        world.endHelping();
        Asyncio.sleep(Duration.ofSeconds(2)); // the grace for failures that nobody took
        world.lookAtEnd();
        limit.cancel();
    }

    private void strike(Strike strike, int turnsLeft) {
        if (turnsLeft > 0) {
            loop.callSoon(() -> strike(strike, turnsLeft - 1));
        } else {
            world.strike(strike.target(), strike.pick(), strike.twice());
        }
    }

    private void reported(ExceptionContext context) {
        Throwable failure = context.exception();
        if (failure == null || context.message().startsWith("Exception in callback")) {
            ledger.complain(Claim.ENDS, "reported: " + context.message() + ": " + failure);
        } else {
            ledger.tell(() -> "reported: " + context.message() + ": " + failure);
            ledger.sees(failure);
        }
    }

    /** Says who waits for what, and stops the run. */
    private void giveUp(String why) {
        StringBuilder text = new StringBuilder(why);
        for (Task<?, ?> task : loop.tasks()) {
            Wait wait = task.strand().waitingFor();
            text.append("\n    ").append(task.name());
            text.append(wait == null ? " is ready" : " waits for " + wait.label());
        }
        ledger.complain(Claim.ENDS, text.toString());
        loop.stop();
    }

    /** Virtual time, which is asked once a turn, and jumps when nothing is ready. */
    private final class WatchedClock implements Clock {
        @Override
        public long nanos() {
            if (++turns == MOST_TURNS) {
                giveUp("it goes on after " + MOST_TURNS + " turns");
            }
            return virtual.nanos();
        }

        @Override
        public boolean jumpTo(long deadlineNanos) {
            world.lookAtRest(Duration.ofNanos(virtual.nanos()));
            return virtual.jumpTo(deadlineNanos);
        }

        @Override
        public boolean virtual() {
            return true;
        }
    }
}
