package dev.rondo.testkit.twin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.testkit.core.QueueScenario;
import org.junit.jupiter.api.Test;

/** The machine that plants faults does plant them, and plants nothing else. */
class TwinTest {

    @Test
    void aFaultThatIsPlantedIsThere() {
        Twin twin = new Twin(Fault.in("dev.rondo.WaitList", "await").dropsCall("run"));
        assertThat(twin.search("random", QueueScenario::cancelledGetter, 1, 2000)
                        .failure())
                .contains("nothing can go on any more");
    }

    @Test
    void withoutAFaultNothingIsFound() {
        assertThat(new Twin(null).search("random", QueueScenario::cancelledGetter, 1, 2000))
                .isEqualTo(new Found(2000, null, "", 0));
    }

    @Test
    void aFaultThatMatchesNothingIsRefused() {
        assertThatThrownBy(
                        () -> new Twin(Fault.in("dev.rondo.WaitList", "await").dropsCall("gone")))
                .hasMessageContaining("WaitList.await takes 0 for gone() matches nothing");
        assertThatThrownBy(() -> new Twin(Fault.in("dev.rondo.Gone", "await").doesNothing()))
                .hasMessageContaining("there is no class dev.rondo.Gone");
    }

    @Test
    void aTwinIsACopyOfItsOwn() throws Exception {
        String name = "dev.rondo.AsyncQueue";
        assertThat(new Twin(null).loadClass(name)).isNotEqualTo(Class.forName(name));
        assertThat(new Twin(null).loadClass("org.slf4j.Logger")).isEqualTo(org.slf4j.Logger.class);
    }
}
