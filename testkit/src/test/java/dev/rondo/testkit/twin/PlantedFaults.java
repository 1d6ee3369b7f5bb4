package dev.rondo.testkit.twin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;

/**
 * Plants a fault and looks for it.
 *
 * <p>{@code -Drondo.twins.measure=20} looks for each from 20 seeds, and prints in how many schedules it was found: a
 * bound is about five times the median.
 */
abstract class PlantedFaults {

    private static final int MEASURED = Integer.getInteger("rondo.twins.measure", 0);
    private static final long FAR = 1_000_000; // from the first seed of one search to that of the next
    private static final Twin CONTROL = new Twin(null);

    /** Fails unless random schedules find the fault within so many, and find nothing where it is not planted. */
    static Found finds(Fault fault, Scenario scenario, long bound) {
        return finds("random", fault, scenario, bound);
    }

    /** The same with another search. */
    static Found finds(String how, Fault fault, Scenario scenario, long bound) {
        if (MEASURED > 0) {
            measure(how, fault, scenario);
        }
        Found control = CONTROL.search(how, scenario, 1, bound);
        assertThat(control.failure()).as("without the fault").isNull();
        Found found = new Twin(fault).search(how, scenario, 1, bound);
        assertThat(found.failure()).as("%s, in %d schedules", fault, bound).isNotNull();
        return found;
    }

    /** Fails unless random schedules of one of the scenarios find the fault. */
    static void findsByOne(Fault fault, long bound, Scenario... scenarios) {
        Twin twin = new Twin(fault);
        for (Scenario scenario : scenarios) {
            if (twin.search("random", scenario, 1, bound).failure() != null) {
                assertThat(CONTROL.search("random", scenario, 1, bound).failure())
                        .as("without the fault")
                        .isNull();
                return;
            }
        }
        throw new AssertionError(fault + ", in " + bound + " schedules, is not found");
    }

    private static void measure(String how, Fault fault, Scenario scenario) {
        Twin twin = new Twin(fault);
        long[] counts = new long[MEASURED];
        Found found = null;
        for (int i = 0; i < MEASURED; i++) {
            found = twin.search(how, scenario, 1 + i * FAR, 5000);
            counts[i] = found.failure() == null ? 5001 : found.schedules();
        }
        Arrays.sort(counts);
        String failure =
                found == null || found.failure() == null ? "" : found.failure().replaceAll("\\s+", " ");
        System.out.printf(
                "%s: median %d, worst %d: %s: %s%n",
                how,
                counts[MEASURED / 2],
                counts[MEASURED - 1],
                fault,
                failure.substring(0, Math.min(160, failure.length())));
    }
}
