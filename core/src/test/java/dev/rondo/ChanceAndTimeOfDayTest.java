package dev.rondo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.chance.Choices;
import dev.rondo.time.VirtualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a loop draws, and what time of day it shows. */
class ChanceAndTimeOfDayTest extends LoopTestCase {

    private static List<Long> drawn(Choices choices) {
        var numbers = new ArrayList<Long>();
        try (EventLoop simulated =
                EventLoop.builder().clock(new VirtualClock()).choices(choices).build()) {
            assertThat(simulated.simulated()).isTrue();
            simulated.runUntilComplete(() -> {
                for (int i = 0; i < 3; i++) {
                    numbers.add(simulated.random().nextLong());
                }
            });
        }
        return numbers;
    }

    @Test
    void theSameChoicesDrawTheSameNumbers() {
        assertThat(drawn(Choices.seeded(1)))
                .doesNotHaveDuplicates()
                .isEqualTo(drawn(Choices.seeded(1)))
                .isNotEqualTo(drawn(Choices.seeded(2)));
        assertThat(drawn(Choices.plain())).isEqualTo(drawn(Choices.plain()));
    }

    @Test
    void aLoopThatNobodyChoosesForDrawsOtherNumbersThanAnother() {
        try (EventLoop other = EventLoop.builder().build()) {
            assertThat(loop.simulated()).isFalse();
            assertThat(loop.random().nextLong()).isNotEqualTo(other.random().nextLong());
        }
    }

    @Test
    void nothingIsChosenBeforeSomethingIsDrawn() {
        var asked = new ArrayList<String>();
        try (EventLoop simulated = EventLoop.builder()
                .choices((n, what) -> {
                    asked.add(what);
                    return 0;
                })
                .build()) {
            simulated.runUntilComplete(() -> {});
            assertThat(asked).doesNotContain("seed");
            simulated.random().nextInt();
            simulated.random().nextInt();
            assertThat(asked).containsOnlyOnce("seed");
        }
    }

    @Test
    void drawingIsForTheLoopsThread() {
        run(() -> assertThatThrownBy(() -> onAnotherThread(loop::random))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Non-thread-safe"));
    }

    @Test
    void theTimeOfDayIsTheClocks() {
        run(() -> {
            assertThat(loop.instant()).isEqualTo(Instant.parse("2000-01-01T00:00:00Z"));
            Asyncio.sleep(Duration.ofDays(1));
            assertThat(loop.instant()).isEqualTo(Instant.parse("2000-01-02T00:00:00Z"));
        });
        try (EventLoop real = EventLoop.builder().build()) {
            Instant before = Instant.now();
            assertThat(real.instant()).isBetween(before, Instant.now());
        }
    }
}
