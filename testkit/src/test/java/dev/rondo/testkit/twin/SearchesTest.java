package dev.rondo.testkit.twin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.testkit.core.ChannelScenario;
import dev.rondo.testkit.core.QueueScenario;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Each search finds a lost wake-up in core, in the kind of scenario that it is good at. */
class SearchesTest extends PlantedFaults {

    private static final Fault LOST_WAKE_UP = Fault.in("dev.rondo.WaitList", "await").dropsCall("run");

    @Test
    void allSchedulesOfASmallProgram() {
        System.out.println("exhaustive control: " + new Twin(null).search("exhaustive", QueueScenario::smallest, 1, 100_000));
        System.out.println("exhaustive: " + finds("exhaustive", LOST_WAKE_UP, QueueScenario::smallest, 100_000).schedules());
    }

    @Test
    void fewPreemptions() {
        System.out.println("1 smallest: " + new Twin(LOST_WAKE_UP).search("1 preemption", QueueScenario::smallest, 1, 100_000).schedules());
        Twin twin = new Twin(LOST_WAKE_UP);
        for (String how : new String[] {"1 preemption", "2 preemptions"}) {
            Found f = twin.search(how, ChannelScenario::cancelledReceiver, 1, 50_000);
            System.out.println(how + " channel " + f.schedules() + " " + f.tape() + (f.failure() == null));
            f = twin.search(how, dev.rondo.testkit.core.LockScenario::cancelledWaiter, 1, 50_000);
            System.out.println(how + " lock " + f.schedules() + " " + f.tape() + (f.failure() == null));
            f = twin.search(how, dev.rondo.testkit.core.TaskGroupScenario::boundedGroup, 1, 50_000);
            System.out.println(how + " group " + f.schedules() + " " + f.tape() + (f.failure() == null));
            f = twin.search(how, dev.rondo.testkit.core.SemaphoreScenario::cancelledWaiter, 1, 50_000);
            System.out.println(how + " sem " + f.schedules() + " " + f.tape() + (f.failure() == null));
        }
        Found far = twin.search("1 preemption", QueueScenario::farApart, 1, 100_000);
        System.out.println("1 far: " + far.schedules() + far.tape() + (far.failure() == null));
        far = twin.search("1 preemption", QueueScenario::cancelledPutter, 1, 100_000);
        System.out.println("1 putter: " + far.schedules() + far.tape() + (far.failure() == null));
        far = twin.search("2 preemptions", QueueScenario::cancelledPutter, 1, 100_000);
        System.out.println("2 putter: " + far.schedules() + far.tape() + (far.failure() == null));
    }

    @Test
    void prioritiesWhereEventsAreFarApart() {
        System.out.println("random " + median("random", QueueScenario::farApart) + ", pct " + median("pct", QueueScenario::farApart));
    }

    private static long median(String how, Scenario scenario) {
        Twin twin = new Twin(LOST_WAKE_UP);
        return LongStream.range(0, 21)
                .map(i -> twin.search(how, scenario, 1 + i * 1_000_000, 5000).schedules())
                .sorted()
                .skip(10)
                .findFirst()
                .orElseThrow();
    }
}
