package dev.rondo.examples.testing;

import static dev.rondo.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.testkit.Explorer;
import dev.rondo.testkit.ScheduleFailure;
import dev.rondo.testkit.Sim;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A worker dies, whichever and whenever: the work is done all the same. */
class CrewTest {

    // @start region="dies"
    private static void aWorkerDies(Sim sim, Crew crew) {
        sim.always("no job is done twice", () -> new HashSet<>(crew.done).size() == crew.done.size());
        sim.eventually("all jobs are done", () -> crew.done.size() == 3);
        List.of("a", "b", "c").forEach(crew.jobs::putNowait);
        var workers = List.of(crew.hire(), crew.hire());
        sleep(Duration.ofMillis(5).multipliedBy(sim.choose(4, "when one dies")));
        workers.get(sim.choose(2, "who dies")).cancel();
        sleep(Duration.ofMillis(1));
        sim.sometimes("one died at work", crew.diedAtWork);
    }
    // @end

    // @start region="searches"
    @Test
    void allJobsAreDoneWhoeverDies() {
        Explorer.random(1_000).leftovers().check(sim -> aWorkerDies(sim, new Crew()));
        Explorer.random(1_000).leftovers().faults().check(sim -> aWorkerDies(sim, new Crew()));
        Explorer.pct(3, 1_000).leftovers().check(sim -> aWorkerDies(sim, new Crew()));
        Explorer.preemptions(2).leftovers().check(sim -> aWorkerDies(sim, new Crew()));
        Explorer.exhaustive().leftovers().check(sim -> aWorkerDies(sim, new Crew()));
    }
    // @end

    private static final class Forgetful extends Crew {
        @Override
        void giveBack(String job) {
            diedAtWork = true;
        }
    }

    @Test
    void eachSearchFindsThatAJobIsLost() {
        for (Explorer explorer : List.of(
                Explorer.random(1_000),
                Explorer.random(1_000).faults(),
                Explorer.pct(3, 1_000),
                Explorer.preemptions(2),
                Explorer.exhaustive())) {
            assertThatThrownBy(() -> explorer.leftovers().check(sim -> aWorkerDies(sim, new Forgetful())))
                    .isInstanceOf(ScheduleFailure.class)
                    .hasMessageContaining("eventually \"all jobs are done\": does not hold");
        }
    }

    @Test
    void allOrdersAreAsManyAsThePageSays() {
        assertThat(Explorer.exhaustive().leftovers().check(sim -> aWorkerDies(sim, new Crew())))
                .isEqualTo(534);
    }
}
