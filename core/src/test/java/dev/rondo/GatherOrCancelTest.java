package dev.rondo;

import static dev.rondo.Asyncio.allTasks;
import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.gatherOrCancel;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class GatherOrCancelTest extends LoopTestCase {

    private static Duration seconds(int n) {
        return Duration.ofSeconds(n);
    }

    private <T> Coroutine<T, RuntimeException> after(int seconds, T value) {
        return () -> {
            try {
                sleep(seconds(seconds));
            } catch (CancelledError e) {
                log.add(value + " cancelled");
                sleep(seconds(1));
                log.add(value + " ends");
                throw e;
            }
            return value;
        };
    }

    @Test
    void valuesComeInTheOrderOfTheArguments() {
        run(() -> {
            assertThat(gatherOrCancel(after(3, "a"), after(1, "b"), () -> null)).containsExactly("a", "b", null);
            assertThat(clock.elapsed()).isEqualTo(seconds(3));
            assertThat(gatherOrCancel(List.of(after(1, 1), after(1, 2)))).containsExactly(1, 2);
            assertThat(gatherOrCancel(List.<Coroutine<String, RuntimeException>>of()))
                    .isEmpty();
            gatherOrCancel(() -> sleep(seconds(1)), () -> sleep(seconds(1)));
            assertThat(clock.elapsed()).isEqualTo(seconds(5));
        });
    }

    @Test
    void theFirstFailureCancelsTheOthersAndIsThrownWhenTheyHaveEnded() {
        IOException first = new IOException("first");
        IOException second = new IOException("second");
        run(() -> {
            assertThatThrownBy(() -> gatherOrCancel(
                            after(10, "slow"),
                            () -> {
                                sleep(seconds(1));
                                throw first;
                            },
                            () -> {
                                try {
                                    sleep(seconds(10));
                                } finally {
                                    throw second;
                                }
                            }))
                    .isSameAs(first)
                    .hasSuppressedException(second);
            assertThat(clock.elapsed()).isEqualTo(seconds(2));
            assertThat(allTasks()).hasSize(1);
            sleep(seconds(10));
        });
        assertThat(log).containsExactly("slow cancelled", "slow ends");
        assertThat(reported).isEmpty();
    }

    @Test
    void oneThatSomebodyCancelsIsAFailure() {
        run(() -> {
            Task<?, ?> outer = createTask(() -> gatherOrCancel(after(10, "a"), after(20, "b")));
            yieldNow();
            yieldNow();
            allTasks().stream().toList().get(2).cancel("why"); // a; before it are the main task and the outer one
            assertThatThrownBy(outer::await)
                    .isInstanceOf(TaskCancelledException.class)
                    .hasMessageEndingWith(": why");
            assertThat(outer.cancelled()).isFalse();
        });
        assertThat(log).containsExactly("a cancelled", "a ends", "b cancelled", "b ends");
    }

    @Test
    void aCancelCancelsAllAndWaitsForThem() {
        run(() -> {
            Task<?, ?> outer = createTask(() -> gatherOrCancel(after(10, "a"), after(20, "b")));
            sleep(seconds(1));
            outer.cancel("why");
            assertThatThrownBy(outer::await).hasMessageEndingWith(": why");
            assertThat(outer.cancelled()).isTrue();
            assertThat(clock.elapsed()).isEqualTo(seconds(2));
        });
        assertThat(log).containsExactly("a cancelled", "b cancelled", "a ends", "b ends");
    }
}
