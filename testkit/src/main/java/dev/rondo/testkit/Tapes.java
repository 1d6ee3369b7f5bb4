package dev.rondo.testkit;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;

/**
 * Schedules for the properties of jqwik, so that a schedule and the inputs of a program shrink together. Needs
 * {@code net.jqwik:jqwik-api}, which a program that has such properties has.
 *
 * <pre>{@code
 * @Property
 * void nothingIsLost(@ForAll List<Integer> items, @ForAll("tapes") Tape tape) {
 *     Explorer.replay(tape).check(sim -> …);
 * }
 *
 * @Provide
 * Arbitrary<Tape> tapes() {
 *     return Tapes.arbitrary();
 * }
 * }</pre>
 */
public final class Tapes {

    private static final int MAX_LENGTH = 100;
    private static final int MAX_CHOICE = 3;

    private Tapes() {}

    /** Returns tapes of up to 100 choices, each from 0 to 3: enough for small programs. */
    public static Arbitrary<Tape> arbitrary() {
        return arbitrary(MAX_LENGTH, MAX_CHOICE);
    }

    /**
     * Returns tapes that shrink towards the plain schedule.
     *
     * @param maxLength how many choices there are at most; a run that makes more goes on in the plain way
     * @param maxChoice the highest choice; a run takes what there is to choose from, and begins again at 0
     * @throws IllegalArgumentException unless both are positive
     */
    public static Arbitrary<Tape> arbitrary(int maxLength, int maxChoice) {
        if (maxLength < 1 || maxChoice < 1) {
            throw new IllegalArgumentException(
                    "tapes of up to " + maxLength + " choices from 0 to " + maxChoice + ": both must be 1 or more");
        }
        return Arbitraries.integers()
                .between(0, maxChoice)
                .list()
                .ofMaxSize(maxLength)
                .map(Tape::of);
    }
}
