package dev.rondo.testkit;

import static dev.rondo.Asyncio.gather;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import net.jqwik.api.lifecycle.AroundPropertyHook;
import net.jqwik.api.lifecycle.PropertyExecutionResult;
import net.jqwik.api.lifecycle.PropertyExecutor;
import net.jqwik.api.lifecycle.PropertyLifecycleContext;
import org.junit.jupiter.api.Test;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

/** What jqwik does with tapes: the properties are run here by hand, since one of them must fail. */
class TapesTest {

    private static Events run(Class<?> properties) {
        return EngineTestKit.engine("jqwik")
                .configurationParameter("jqwik.database", "")
                .selectors(selectClass(properties))
                .execute()
                .testEvents();
    }

    /** Reads too early where the amount is large. */
    private static void transfer(int amount, Tape tape, boolean right) {
        Explorer.replay(tape).check(sim -> {
            boolean[] written = {amount < 37 || right};
            gather(
                    () -> {
                        Bugs.steps(1);
                        written[0] = true;
                    },
                    () -> {
                        Bugs.steps(3);
                        assertThat(written[0]).isTrue();
                    });
        });
    }

    static class Wrong {

        static List<Object> shrunk = List.of();

        @Property(seed = "1")
        @AddLifecycleHook(Shrunk.class)
        void transfers(@ForAll @IntRange(max = 1_000) int amount, @ForAll("tapes") Tape tape) {
            transfer(amount, tape, false);
        }

        @Provide
        Arbitrary<Tape> tapes() {
            return Tapes.arbitrary();
        }
    }

    static class Right {

        // @start region="jqwik"
        @Property(tries = 200, seed = "1")
        void transfers(@ForAll @IntRange(max = 1_000) int amount, @ForAll("tapes") Tape tape) {
            transfer(amount, tape, true);
        }

        @Provide
        Arbitrary<Tape> tapes() {
            return Tapes.arbitrary(20, 5);
        }
        // @end
    }

    static class Shrunk implements AroundPropertyHook {
        @Override
        public PropertyExecutionResult aroundProperty(PropertyLifecycleContext context, PropertyExecutor property) {
            PropertyExecutionResult result = property.execute();
            Wrong.shrunk = result.falsifiedParameters().orElse(List.of());
            return result;
        }
    }

    @Test
    void theScheduleAndTheInputShrinkTogether() {
        run(Wrong.class).assertStatistics(events -> events.started(1).failed(1));

        assertThat(Wrong.shrunk).hasSize(2).first().isEqualTo(37);
        assertThat(Wrong.shrunk.get(1)).isInstanceOfSatisfying(Tape.class, tape -> {
            assertThat(tape).isEqualTo(Tape.of(1, 1, 1)); // the reader goes first three times: nothing less will do
            assertThatThrownBy(() -> transfer(37, tape, false)).isInstanceOf(ScheduleFailure.class);
            transfer(36, tape, false);
        });
    }

    @Test
    void theRightTwinPasses() {
        run(Right.class).assertStatistics(events -> events.started(1).succeeded(1));
    }

    @Test
    void tapesOfNothingAreRefused() {
        assertThatThrownBy(() -> Tapes.arbitrary(0, 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must be 1 or more");
        assertThatThrownBy(() -> Tapes.arbitrary(3, 0)).isInstanceOf(IllegalArgumentException.class);
    }
}
