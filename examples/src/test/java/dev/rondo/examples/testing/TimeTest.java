package dev.rondo.examples.testing;

import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.timeout;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.AsyncTimeoutException;
import dev.rondo.testkit.LoopTest;
import dev.rondo.testkit.Sim;
import java.time.Duration;

/** Five hours of sleep in no time. */
class TimeTest {

    // @start region="time"
    @LoopTest
    void aNightPasses(Sim sim) {
        sleep(Duration.ofHours(5));
        assertThat(sim.elapsed()).isEqualTo(Duration.ofHours(5));
    }

    @LoopTest
    void aLimitEndsIt(Sim sim) {
        assertThatThrownBy(() -> timeout(Duration.ofMinutes(10), () -> sleep(Duration.ofHours(5))))
                .isInstanceOf(AsyncTimeoutException.class);
        assertThat(sim.elapsed()).isEqualTo(Duration.ofMinutes(10));
    }
    // @end
}
