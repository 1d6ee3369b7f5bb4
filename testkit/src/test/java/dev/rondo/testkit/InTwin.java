package dev.rondo.testkit;

import static java.util.Objects.requireNonNull;

import dev.rondo.chance.Choices;
import dev.rondo.testkit.twin.Found;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;

/**
 * The half of a {@code Twin} that is loaded by it: runs a scenario with the test kit that is loaded here, and says in
 * the JDK's types how that went.
 */
final class InTwin {

    /** A scenario takes less than a hundred steps: what goes on after so many never ends. */
    private static final SimOptions OPTIONS = SimOptions.DEFAULT.withMaxSteps(20_000);

    private InTwin() {}

    /** Called by reflection, from outside. */
    static Found search(String how, String type, String method, long firstSeed, long schedules) {
        SimBody body = body(type, method);
        if (how.equals("explorer")) {
            return explore(body, firstSeed, schedules);
        }
        Search search = search(how, firstSeed, schedules);
        long tried = 0;
        for (Choices choices; (choices = search.next()) != null; ) {
            tried++;
            RunResult result = SimulatedRun.run(body, choices, OPTIONS, false);
            Recording recording = result.recording();
            search.ran(recording);
            Throwable failure = result.failure();
            if (failure != null) {
                Tape tape = recording.tape();
                return new Found(tried, text(failure), tape.toString(), tape.deviations());
            }
        }
        return new Found(tried, null, "", 0);
    }

    private static Found explore(SimBody body, long firstSeed, long schedules) {
        try {
            return new Found(Explorer.random(schedules, firstSeed).check(body), null, "", 0);
        } catch (ScheduleFailure failure) {
            Tape shrunk = failure.shrunkTape();
            return new Found(
                    schedules, text(requireNonNull(failure.getCause())), shrunk.toString(), shrunk.deviations());
        } catch (AssertionError failure) {
            return new Found(schedules, text(failure), "", 0);
        }
    }

    private static Search search(String how, long firstSeed, long schedules) {
        return switch (how) {
            case "random" -> new RandomSearch(firstSeed, schedules, true);
            case "within turns" -> new RandomSearch(firstSeed, schedules, false);
            case "pct of depth 1" -> new PctSearch(1, firstSeed, schedules);
            case "pct of depth 2" -> new PctSearch(2, firstSeed, schedules);
            case "pct of depth 3" -> new PctSearch(3, firstSeed, schedules);
            case "exhaustive" -> new DepthFirstSearch(schedules, Integer.MAX_VALUE);
            case "1 preemption" -> new DepthFirstSearch(schedules, 1);
            case "2 preemptions" -> new DepthFirstSearch(schedules, 2);
            default -> throw new IllegalArgumentException("no search is called " + how);
        };
    }

    private static SimBody body(String type, String name) {
        try {
            Method method = Class.forName(type).getDeclaredMethod(name, Sim.class);
            return sim -> {
                try {
                    method.invoke(null, sim);
                } catch (InvocationTargetException e) {
                    throw sneaky(e.getCause());
                }
            };
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("a scenario is a static method that is given a Sim: " + type + "." + name, e);
        }
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <X extends Throwable> X sneaky(Throwable failure) throws X {
        throw (X) failure;
    }

    private static String text(Throwable failure) {
        StringBuilder text = new StringBuilder(failure.toString());
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            text.append("; cause: ").append(cause);
        }
        return text.toString();
    }
}
