package dev.rondo;

import static dev.rondo.Asyncio.allTasks;
import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.currentTask;
import static dev.rondo.Asyncio.mapConcurrent;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.yieldNow;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MapConcurrentTest extends LoopTestCase {

    private int running;
    private int most;

    private static Duration seconds(int n) {
        return Duration.ofSeconds(n);
    }

    /** Takes as many seconds as it is given. */
    private String work(int seconds) {
        running++;
        most = Math.max(most, running);
        try {
            sleep(seconds(seconds));
        } catch (CancelledError e) {
            sleep(seconds(1));
            log.add(seconds + " cancelled");
            throw e;
        } finally {
            running--;
        }
        return "after " + seconds;
    }

    private String failAt(int bad, int seconds) throws IOException {
        String result = work(seconds);
        if (seconds == bad) {
            throw new IOException("failure " + seconds);
        }
        return result;
    }

    /** Numbers whose iterator says which one was asked for. */
    private Iterable<Integer> asked(int... numbers) {
        return () -> IntStream.of(numbers)
                .boxed()
                .peek(n -> log.add("asked for " + n))
                .iterator();
    }

    @AfterEach
    void nothingIsLeft() {
        run(() -> assertThat(allTasks()).hasSize(1));
        assertThat(running).isZero();
    }

    @Test
    void resultsComeInTheOrderOfTheItems() {
        run(() -> {
            assertThat(mapConcurrent(List.of(3, 1, 2), 3, this::work)).containsExactly("after 3", "after 1", "after 2");
            assertThat(clock.elapsed()).isEqualTo(seconds(3));
            assertThat(mapConcurrent(List.<Integer>of(), 3, this::work)).isEmpty();
            assertThat(mapConcurrent(List.of(1, 2), 1, n -> n == 1 ? null : "two"))
                    .containsExactly(null, "two");
        });
    }

    @Test
    void noMoreThanTheLimitRunAndAnItemIsAskedForWhenThereIsAPlaceForIt() {
        run(() -> {
            mapConcurrent(asked(1, 3, 1, 1), 2, n -> {
                log.add("works on " + n);
                return work(n);
            });
            assertThat(clock.elapsed()).isEqualTo(seconds(3));
        });
        assertThat(most).isEqualTo(2);
        assertThat(log)
                .containsExactly(
                        "asked for 1",
                        "asked for 3",
                        "works on 1",
                        "works on 3",
                        "asked for 1",
                        "works on 1",
                        "asked for 1",
                        "works on 1");
    }

    @Test
    void theFirstFailureCancelsTheRestAndIsThrown() {
        run(() -> {
            assertThatThrownBy(() -> mapConcurrent(asked(5, 2, 1, 7), 2, n -> failAt(2, n)))
                    .isInstanceOf(IOException.class)
                    .hasMessage("failure 2");
            assertThat(clock.elapsed()).isEqualTo(seconds(3));
            assertThat(requireNonNull(currentTask()).cancelling()).isZero();
            yieldNow();
        });
        assertThat(log).containsExactly("asked for 5", "asked for 2", "5 cancelled");
    }

    @Test
    void aFailureEndsAWaitForTheSource() {
        run(() -> assertThatThrownBy(() -> mapConcurrent(slowSource(1, 100), 5, n -> failAt(1, n)))
                .isInstanceOf(IOException.class));
        assertThat(clock.elapsed()).isEqualTo(seconds(2));
    }

    /** Items that come after so many seconds each, and are those numbers. */
    private static Iterable<Integer> slowSource(int... seconds) {
        return () -> IntStream.of(seconds).boxed().peek(n -> sleep(seconds(n))).iterator();
    }

    @Test
    void aFailureOfTheSourceIsThrown() {
        Iterable<Integer> broken = () -> Stream.<Integer>generate(() -> {
                    throw new IllegalStateException("source");
                })
                .iterator();
        run(() -> {
            assertThatThrownBy(() -> mapConcurrent(broken, 5, this::work)).hasMessage("source");
            assertThatThrownBy(() -> mapConcurrent(broken, 5, this::work, log::add))
                    .hasMessage("source");
        });
    }

    @Test
    void aTaskThatSomebodyCancelsIsAFailure() {
        run(() -> {
            Task<?, ?> outer = createTask(() -> mapConcurrent(List.of(5, 9), 5, this::work));
            yieldNow();
            yieldNow();
            allTasks().stream().toList().get(2).cancel();
            assertThatThrownBy(outer::await).isInstanceOf(TaskCancelledException.class);
            assertThat(outer.cancelled()).isFalse();
        });
        assertThat(log).containsExactly("5 cancelled", "9 cancelled");
    }

    @Test
    void aCancelCancelsAllAndWaitsForThem() {
        run(() -> {
            List<Task<?, RuntimeException>> outers = List.of(
                    createTask(() -> mapConcurrent(List.of(5, 9, 1), 2, this::work)),
                    createTask(() -> mapConcurrent(List.of(5, 9, 1), 2, this::work, log::add)));
            for (Task<?, RuntimeException> outer : outers) {
                sleep(seconds(1));
                outer.cancel("why");
                assertThatThrownBy(outer::await).hasMessageEndingWith(": why");
                assertThat(outer.cancelled()).isTrue();
            }
        });
        assertThat(log).containsExactly("5 cancelled", "9 cancelled", "5 cancelled", "9 cancelled");
    }

    @Test
    void theLimitIsPositive() {
        run(() -> {
            assertThatIllegalArgumentException().isThrownBy(() -> mapConcurrent(List.of(1), 0, this::work));
            assertThatIllegalArgumentException().isThrownBy(() -> mapConcurrent(List.of(1), -1, this::work, log::add));
        });
    }

    // ------------------------------------------------------------------------------------------------ as they come

    @Test
    void resultsAreHandedOutAsTheyCome() {
        run(() -> {
            Task<?, ?> caller = requireNonNull(currentTask());
            mapConcurrent(List.of(3, 1, 2), 3, this::work, result -> {
                assertThat((Object) currentTask()).isSameAs(caller);
                log.add(result + " at " + clock.elapsed().toSeconds());
            });
            mapConcurrent(List.<Integer>of(), 3, this::work, log::add);
            mapConcurrent(List.of(1), 1, _ -> null, result -> log.add("null is " + result));
        });
        assertThat(log).containsExactly("after 1 at 1", "after 2 at 2", "after 3 at 3", "null is null");
    }

    @Test
    void anItemHasItsPlaceUntilItsResultIsConsumed() {
        run(() -> mapConcurrent(asked(1, 1, 1, 1), 2, this::work, _ -> {
            sleep(seconds(5));
            log.add("consumed at " + clock.elapsed().toSeconds());
        }));
        assertThat(most).isEqualTo(2);
        assertThat(log)
                .containsExactly(
                        "asked for 1",
                        "asked for 1",
                        "consumed at 6",
                        "asked for 1",
                        "consumed at 11",
                        "asked for 1",
                        "consumed at 16",
                        "consumed at 21");
    }

    @Test
    void noResultWaitsForTheSource() {
        List<String> seen = new ArrayList<>();
        run(() -> mapConcurrent(
                slowSource(1, 50),
                5,
                this::work,
                result -> seen.add(result + " at " + clock.elapsed().toSeconds())));
        assertThat(seen).containsExactly("after 1 at 2", "after 50 at 101");
    }

    @Test
    void aFailureOfAnyEndsAll() {
        run(() -> {
            assertThatThrownBy(() -> mapConcurrent(List.of(5, 1), 2, n -> failAt(1, n), log::add))
                    .hasMessage("failure 1");
            assertThatThrownBy(() -> mapConcurrent(List.of(5, 1), 2, this::work, result -> {
                        throw new IOException("consumer of " + result);
                    }))
                    .isInstanceOf(IOException.class)
                    .hasMessage("consumer of after 1");
            assertThat(clock.elapsed()).isEqualTo(seconds(4));
        });
        assertThat(log).containsExactly("5 cancelled", "5 cancelled");
    }
}
