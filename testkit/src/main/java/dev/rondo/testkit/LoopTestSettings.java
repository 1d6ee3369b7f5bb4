package dev.rondo.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;

/**
 * Which schedules a test runs in, from its annotation and from what the one who runs it asks for.
 *
 * @param schedules in their order
 * @param whole whether they are all that the annotation asks for, or more
 * @param replay whether it is one that somebody has picked
 */
record LoopTestSettings(List<Schedule> schedules, boolean whole, boolean replay) {

    static final String SEED = "rondo.seed";
    static final String SEEDS = "rondo.seeds";
    static final String TAPE = "rondo.tape";

    /**
     * Reads the settings.
     *
     * @param properties returns the value of a property, or null
     * @throws ExtensionConfigurationException if a value makes no sense
     */
    static LoopTestSettings of(LoopTest test, Function<String, @Nullable String> properties) {
        check(test.seeds() >= 0, "seeds", test.seeds(), "0 for the plain schedule alone, or more");
        check(test.depth() >= 1, "depth", test.depth(), "1 or more");
        check(test.maxSteps() >= 1, "maxSteps", test.maxSteps(), "1 or more");
        check(test.realSeconds() >= 1, "realSeconds", test.realSeconds(), "1 or more");
        String seed = properties.apply(SEED);
        String tape = properties.apply(TAPE);
        String seeds = properties.apply(SEEDS);
        if (seed != null && tape != null) {
            throw new ExtensionConfigurationException(
                    "-D" + SEED + " and -D" + TAPE + " both say which schedule to run: give one of them");
        }
        if (tape != null) {
            return one(Schedule.ofTape(tapeOf(tape)), true);
        }
        long count = seeds == null ? test.seeds() : number(SEEDS, seeds, 0);
        if (test.seeds() == 0) {
            return one(Schedule.PLAIN, false); // its subject is the order
        }
        List<Schedule> schedules = new ArrayList<>();
        if (seed != null) {
            if (test.explore() == Explore.PCT) {
                schedules.add(Schedule.PLAIN);
            }
            schedules.add(Schedule.ofSeed(number(SEED, seed, Long.MIN_VALUE)));
            return new LoopTestSettings(schedules, false, false);
        }
        schedules.add(Schedule.PLAIN);
        for (long i = 1; i <= count; i++) {
            schedules.add(Schedule.ofSeed(i));
        }
        return new LoopTestSettings(schedules, count >= test.seeds(), false);
    }

    static LoopTestSettings one(Schedule schedule, boolean replay) {
        return new LoopTestSettings(List.of(schedule), !replay, replay);
    }

    private static void check(boolean right, String name, long value, String wanted) {
        if (!right) {
            throw new ExtensionConfigurationException("@LoopTest(" + name + " = " + value + "): give " + wanted);
        }
    }

    private static Tape tapeOf(String text) {
        try {
            return Tape.parse(text);
        } catch (IllegalArgumentException e) {
            throw new ExtensionConfigurationException("-D" + TAPE + ": " + e.getMessage(), e);
        }
    }

    private static long number(String property, String text, long least) {
        try {
            long number = Long.parseLong(text.strip());
            if (number >= least) {
                return number;
            }
        } catch (NumberFormatException e) {
            // as below
        }
        throw new ExtensionConfigurationException(
                "-D" + property + "=" + text + ": give a whole number" + (least == 0 ? ", 0 or more" : ", such as 17"));
    }
}
