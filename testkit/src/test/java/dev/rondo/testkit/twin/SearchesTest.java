package dev.rondo.testkit.twin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.testkit.core.LockScenario;
import dev.rondo.testkit.core.QueueScenario;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Each search finds a lost wake-up in core, in the kind of scenario that it is good at. */
class SearchesTest extends PlantedFaults {

    private static final Fault LOST_WAKE_UP =
            Fault.in("dev.rondo.WaitList", "await").dropsCall("run");

    @Test
    void allSchedulesOfASmallProgram() {
        Found all = new Twin(null).search("exhaustive", QueueScenario::smallest, 1, 1000);
        assertThat(all).as("without the fault").isEqualTo(new Found(52, null, "", 0));
        finds("exhaustive", LOST_WAKE_UP, QueueScenario::smallest, 52);
    }

    @Test
    void onePreemption() {
        finds("1 preemption", LOST_WAKE_UP, QueueScenario::smallest, 10);
        finds("1 preemption", LOST_WAKE_UP, QueueScenario::cancelledPutter, 100);
    }

    @Test
    void twoPreemptionsWhereOneIsNotEnough() {
        Found withOne = new Twin(LOST_WAKE_UP).search("1 preemption", LockScenario::cancelledWaiter, 1, 10_000);
        assertThat(withOne.failure()).isNull();
        finds("2 preemptions", LOST_WAKE_UP, LockScenario::cancelledWaiter, 2000);
    }

    @Test
    void prioritiesWhereEventsAreFarApart() {
        finds("pct of depth 2", LOST_WAKE_UP, QueueScenario::farApart, 100);
        long random = median("random");
        assertThat(median("pct of depth 2")).as("schedules").isLessThan(random / 2);
        assertThat(median("pct of depth 3")).as("schedules").isLessThan(random);
    }

    private static long median(String how) {
        Twin twin = new Twin(LOST_WAKE_UP);
        return LongStream.range(0, 21)
                .map(i -> twin.search(how, QueueScenario::farApart, 1 + i * 1_000_000, 1000)
                        .schedules())
                .sorted()
                .skip(10)
                .findFirst()
                .orElseThrow();
    }
}
