package dev.rondo.examples.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.testkit.LoopTest;
import dev.rondo.testkit.Sim;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What was tried, and when. */
class RetryTest {

    // @start region="retries"
    private final List<String> log = new ArrayList<>(); // each schedule has an instance of its own

    private String flaky(Sim sim, int failures) throws IOException {
        boolean fails = log.size() < failures;
        log.add(sim.elapsed().toSeconds() + " s: " + (fails ? "busy" : "ok"));
        if (fails) {
            throw new IOException("busy");
        }
        return "page";
    }

    @LoopTest
    void waitsTwiceAsLongEachTime(Sim sim) throws IOException {
        assertThat(Retry.withBackOff(5, () -> flaky(sim, 3))).isEqualTo("page");
        assertThat(log).containsExactly("0 s: busy", "1 s: busy", "3 s: busy", "7 s: ok");
    }

    @LoopTest
    void givesUpInTheEnd(Sim sim) {
        assertThatThrownBy(() -> Retry.withBackOff(3, () -> flaky(sim, 99))).hasMessage("busy");
        assertThat(log).containsExactly("0 s: busy", "1 s: busy", "3 s: busy");
    }
    // @end
}
