package dev.rondo;

import dev.rondo.Programs.Kind;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.PropertyDefaults;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;

/**
 * Random programs under random cancels, each run first in first out and shuffled: they end, and lose no wake-up, no
 * item, no failure and no cancellation. {@link Program} is what they are made of, {@link Ledger} says what is claimed
 * of them.
 */
@PropertyDefaults(tries = 2000, edgeCases = EdgeCasesMode.NONE, shrinking = ShrinkingMode.BOUNDED)
class CancellationPropertiesTest {

    private static final int SHUFFLES = 2;

    @Property
    void sections(@ForAll("ofSections") Program program) {
        ProgramRun.check(program, SHUFFLES);
    }

    @Provide
    Arbitrary<Program> ofSections() {
        return Programs.of(Kind.SECTIONS, Kind.TIMES);
    }

    @Property
    void items(@ForAll("ofItems") Program program) {
        ProgramRun.check(program, SHUFFLES);
    }

    @Provide
    Arbitrary<Program> ofItems() {
        return Programs.of(Kind.ITEMS, Kind.TIMES);
    }

    @Property
    void times(@ForAll("ofTimes") Program program) {
        ProgramRun.check(program, SHUFFLES);
    }

    @Provide
    Arbitrary<Program> ofTimes() {
        return Programs.of(Kind.TIMES, Kind.TASKS);
    }

    @Property
    void groups(@ForAll("ofGroups") Program program) {
        ProgramRun.check(program, SHUFFLES);
    }

    @Provide
    Arbitrary<Program> ofGroups() {
        return Programs.of(Kind.GROUPS, Kind.TASKS, Kind.FAILURES, Kind.TIMES);
    }

    @Property
    void everything(@ForAll("ofEverything") Program program) {
        ProgramRun.check(program, SHUFFLES);
    }

    @Provide
    Arbitrary<Program> ofEverything() {
        return Programs.of(Kind.values());
    }
}
