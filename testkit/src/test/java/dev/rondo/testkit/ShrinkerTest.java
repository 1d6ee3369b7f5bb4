package dev.rondo.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class ShrinkerTest {

    private static final Tape LONG = randomTape(7, 500);

    private static Tape randomTape(long seed, int length) {
        SplittableRandom random = new SplittableRandom(seed);
        int[] choices = new int[length];
        Arrays.setAll(choices, _ -> 1 + random.nextInt(9));
        return Tape.of(choices);
    }

    private static Tape shrink(Tape tape, Predicate<Tape> fails) {
        return new Shrinker(fails, 100_000).shrink(runOf(tape));
    }

    /** A run in which nothing higher could have been chosen. */
    private static Recording runOf(Tape tape) {
        Recording run = new Recording();
        for (int choice : tape.toArray()) {
            run.add(choice, choice + 1);
        }
        return run;
    }

    @Test
    void whatFailsInAnyScheduleShrinksToThePlainOneAtOnce() {
        Shrinker shrinker = new Shrinker(_ -> true, 100);

        assertThat(shrinker.shrink(runOf(LONG))).isEqualTo(Tape.plain());
        assertThat(shrinker.runs()).isOne();
    }

    @Test
    void theTailIsCut() {
        assertThat(shrink(LONG, tape -> tape.at(3) > 0)).isEqualTo(Tape.of(0, 0, 0, 1));
    }

    @Test
    void choicesThatMustComeTogetherStayAndAllOthersGo() {
        assertThat(shrink(LONG, tape -> tape.at(2) > 0 && tape.at(150) > 0 && tape.at(499) > 0))
                .hasToString("0x2,1,0x147,1,0x348,1");
    }

    @Test
    void aChoiceIsLoweredAsFarAsItStillFails() {
        assertThat(shrink(Tape.of(0, 200, 9), tape -> tape.at(1) >= 37)).isEqualTo(Tape.of(0, 37));
        assertThat(shrink(Tape.of(1_000_000_000), tape -> tape.at(0) >= 3)).isEqualTo(Tape.of(3));
    }

    @Test
    void whatCannotBePlainerStaysAsItIs() {
        Tape only = Tape.of(4, 0, 2);

        assertThat(shrink(only, only::equals)).isEqualTo(only);
    }

    @Test
    void aPairOfWhichEitherHalfWillDoShrinksToOne() {
        assertThat(shrink(LONG, tape -> tape.at(100) > 0 || tape.at(7) > 0).deviations())
                .isOne();
    }

    @Test
    void theEndIsALocalMinimum() {
        for (long seed = 0; seed < 50; seed++) {
            Tape start = randomTape(seed, 30);
            int[] weights = randomTape(seed + 1000, 30).toArray();
            int half = weigh(start, weights) / 2;
            Predicate<Tape> fails = tape -> weigh(tape, weights) >= half && tape.deviations() % 3 != 1;
            if (!fails.test(start)) {
                continue;
            }

            Tape end = shrink(start, fails);

            assertThat(end).matches(fails, "fails");
            assertThat(end.head(end.length() - 1)).matches(fails.negate(), "one choice less passes");
            for (int i = 0; i < end.length(); i++) {
                int[] choices = end.toArray();
                if (choices[i] > 0) {
                    choices[i] = 0;
                    assertThat(Tape.of(choices)).matches(fails.negate(), "without choice " + i + " it passes");
                    choices[i] = end.at(i) - 1;
                    assertThat(Tape.of(choices)).matches(fails.negate(), "with a lower choice " + i + " it passes");
                }
            }
        }
    }

    private static int weigh(Tape tape, int[] weights) {
        int sum = 0;
        for (int i = 0; i < weights.length; i++) {
            sum += weights[i] * tape.at(i);
        }
        return sum;
    }

    @Test
    void oneChoiceThatDoesItAloneIsFoundWhereverItStands() {
        Tape one = Tape.of(0, 2);
        assertThat(shrink(Tape.of(1, 2, 1, 2, 1, 1, 1, 0, 0, 1), tape -> tape.deviations() > 8 - 1 || tape.equals(one)))
                .isEqualTo(one);
    }

    @Test
    void twoChoicesThatDoItTogetherAreFoundWhereNoneOfTheRestCanBeLeftOut() {
        Tape two = Tape.of(0, 1, 0, 2);
        Tape start = Tape.of(1, 2, 1, 2, 1, 1);
        assertThat(shrink(start, tape -> tape.equals(start) || tape.equals(two)))
                .isEqualTo(two);
    }

    @Test
    void aChoiceIsTakenOutSoThatWhatFollowsMovesUp() {
        Tape start = Tape.of(1, 0, 3, 3, 3, 0, 2, 3);
        Predicate<Tape> hasThreeInARow = tape -> tape.toString().matches("(.*,)?3,3,3(,.*)?");
        assertThat(shrink(start, hasThreeInARow)).isEqualTo(Tape.of(3, 3, 3));
    }

    @Test
    void itStopsWhenItHasRunOftenEnoughWithTheBestSoFar() {
        int[] asked = {0};
        Shrinker shrinker = new Shrinker(
                tape -> {
                    asked[0]++;
                    return tape.at(0) > 0 && tape.at(499) > 0;
                },
                20);

        Tape end = shrinker.shrink(runOf(LONG));

        assertThat(asked[0]).isEqualTo(20);
        assertThat(shrinker.runs()).isEqualTo(20);
        assertThat(shrinker.exhausted()).isTrue();
        assertThat(end.at(0)).isPositive();
        assertThat(end.at(499)).isPositive();
        assertThat(end.deviations()).isLessThan(LONG.deviations());
    }

    @Test
    void theSameTapeShrinksToTheSame() {
        Predicate<Tape> fails = tape -> tape.deviations() >= 5 && tape.at(20) != tape.at(21);

        assertThat(shrink(LONG, fails)).isEqualTo(shrink(LONG, fails));
    }
}
