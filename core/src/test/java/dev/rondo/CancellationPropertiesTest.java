package dev.rondo;

import static dev.rondo.Programs.Kind.FAILURES;
import static dev.rondo.Programs.Kind.GROUPS;
import static dev.rondo.Programs.Kind.ITEMS;
import static dev.rondo.Programs.Kind.SECTIONS;
import static dev.rondo.Programs.Kind.TASKS;
import static dev.rondo.Programs.Kind.TIMES;

import dev.rondo.Programs.Kind;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.PropertyDefaults;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;

/**
 * Whatever a program does, and whoever is cancelled when: no wake-up is lost, no item, no cancel, and no failure. Each
 * program runs first come first served, and in a few other orders. {@link Ledger.Claim} names what is claimed:
 *
 * <ul>
 *   <li>ENDS: whenever nothing is ready, everybody waits for what is not there yet. The program ends, and leaves no
 *       task and no timer; what ends last, as a group does, has left nobody behind.
 *   <li>ITEMS: what was put is got once, in order, or is left; what was not put, since {@code put} threw, is not got.
 *       The same goes for channels. A generator's items come in order.
 *   <li>CANCELS: a task for which {@code cancel} returned true ends cancelled or failed, unless it caught the cancel,
 *       or caught a failure after it, or waits for a task of its own that did. None is thrown a cancel for which nobody
 *       has asked. {@code cancelling()} is in the end what others have asked, less what the task has taken back: what
 *       timeouts and groups ask for themselves they take back, and scopes do not ask. Whoever is in a cancelled scope
 *       waits for nothing but tasks that are ending.
 *   <li>FAILURES: what a task failed with is thrown to somebody, by itself or inside another failure, or the handler is
 *       told; but for what {@code gather} and {@code firstSuccess} say that they drop.
 *   <li>TIMEOUTS: whoever is thrown an {@link AsyncTimeoutException} is in the scope that it carries, whose deadline
 *       has come; and none that has come is missed.
 *   <li>EXCLUSION: of a section that lets in one there is one inside, and who comes first goes first; in the end a
 *       newcomer gets in without waiting.
 * </ul>
 *
 * <p>A failure shows the smallest program that was found, and what it did.
 */
@PropertyDefaults(tries = 500, edgeCases = EdgeCasesMode.NONE)
class CancellationPropertiesTest {

    @Property(seed = "1")
    void locksSemaphoresAndConditionsLoseNothing(@ForAll("withSections") Program program) {
        ProgramRun.check(program, 2);
    }

    @Provide
    Arbitrary<Program> withSections() {
        return Programs.of(SECTIONS, TIMES);
    }

    @Property(seed = "2")
    void queuesAndChannelsLoseNothing(@ForAll("withItems") Program program) {
        ProgramRun.check(program, 2);
    }

    @Provide
    Arbitrary<Program> withItems() {
        return Programs.of(ITEMS, TIMES);
    }

    @Property(seed = "3")
    void timeoutsScopesAndShieldsLoseNothing(@ForAll("withTimes") Program program) {
        ProgramRun.check(program, 2);
    }

    @Provide
    Arbitrary<Program> withTimes() {
        return Programs.of(TIMES, TASKS);
    }

    @Property(seed = "4")
    void groupsAndTheirLikeLoseNothing(@ForAll("withGroups") Program program) {
        ProgramRun.check(program, 2);
    }

    @Provide
    Arbitrary<Program> withGroups() {
        return Programs.of(GROUPS, TASKS, FAILURES, TIMES);
    }

    @Property(seed = "5")
    void allTogetherTheyLoseNothing(@ForAll("withEverything") Program program) {
        ProgramRun.check(program, 2);
    }

    @Provide
    Arbitrary<Program> withEverything() {
        return Programs.of(Kind.values());
    }

    /** The same at length. Without the seed it makes other programs each time. */
    @Tag("heavy")
    @Property(seed = "6", tries = 20_000)
    void nothingIsLost(@ForAll("ofAllKinds") Program program) {
        ProgramRun.check(program, 4);
    }

    @Provide
    Arbitrary<Program> ofAllKinds() {
        return Arbitraries.oneOf(withSections(), withItems(), withTimes(), withGroups(), withEverything());
    }
}
