package dev.rondo.testkit;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.getRunningLoop;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.timeout;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.AsyncQueue;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;

class DeterminismCheckTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private static void check(SimBody body) {
        Tape tape = Tape.of(1, 0, 2, 1);
        DeterminismCheck.check(run(body, tape, false), () -> run(body, tape, true));
    }

    private static RunResult run(SimBody body, Tape tape, boolean logging) {
        return SimulatedRun.run(body, new TapeChoices(tape, true), SimOptions.DEFAULT, logging);
    }

    @Test
    void aProgramOfOursIsTheSameInEachRunWhateverItUses() {
        Explorer.random(150).check(DeterminismCheckTest::useMuch);
        check(DeterminismCheckTest::useMuch);
    }

    private static void useMuch(Sim sim) throws Exception {
        AsyncQueue<Object> queue = new AsyncQueue<>(1);
        ReentrantLock lock = new ReentrantLock();
        Object named = new Object(); // has no name but its hash, and stands in what the queue says of itself
        gather(
                () -> {
                    for (int i = 0; i < 3; i++) {
                        queue.put(named);
                    }
                },
                () -> {
                    for (int i = 0; i < 3; i++) {
                        queue.get();
                        timeout(SECOND, () -> sleep(Duration.ofMillis(1)));
                    }
                },
                () -> {
                    lock.lock();
                    yieldNow();
                    lock.unlock();
                },
                () -> {
                    getRunningLoop().callLater(Duration.ofMillis(1), () -> lock.lock());
                    getRunningLoop().callLater(Duration.ofMillis(2), () -> lock.unlock());
                    Thread.ofVirtual().start(() -> {
                        lock.lock();
                        lock.unlock();
                    });
                    sleep(Duration.ofMillis(5));
                });
    }

    @Test
    void whatDependsOnTheTimeIsFound() {
        assertThatThrownBy(() -> check(sim -> {
                    yieldNow();
                    createTask(() -> {}, "at " + System.nanoTime()).await();
                }))
                .hasMessageStartingWith("the same schedule went another way when it was run again: event ")
                .hasMessageContainingAll(
                        "  both    0.000000000  Task-1 runs", "  first   0.000000000  at ", "  second  0.")
                .hasMessageContaining("real time");
    }

    @Test
    void whatDependsOnAnIdentityHashIsFound() {
        assertThatThrownBy(() -> check(sim -> {
                    Set<Object> set = new HashSet<>();
                    for (int i = 0; i < 30; i++) {
                        int number = i;
                        set.add(new Object() {
                            @Override
                            public String toString() {
                                return "object " + number;
                            }
                        });
                    }
                    for (Object each : set) {
                        createTask(() -> {}, each.toString()).await();
                    }
                }))
                .hasMessageContaining("differs");
    }

    @Test
    void whatDependsOnEarlierRunsIsFoundAndNamesWhereTheShorterOneEnds() {
        int[] runs = new int[1];
        assertThatThrownBy(() -> check(sim -> {
                    if (++runs[0] == 3) {
                        yieldNow();
                    }
                }))
                .hasMessageContainingAll(
                        "  first   0.000000000  Task-1 ends", "  second  0.000000000  Task-1 waits for");
    }

    @Test
    void explorationsCheckTheirFirstScheduleAndEveryHundredth() {
        int[] runs = new int[1];
        Explorer.random(150).check(sim -> runs[0]++);
        assertThat(runs[0]).isEqualTo(150 + 2 * 2);
        assertThatThrownBy(() -> Explorer.random(1).check(sim -> {
                    createTask(() -> {}, "at " + System.nanoTime()).await();
                }))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("the same schedule went another way");
    }

    @Test
    void ofFewSchedulesEachTenthIsChecked() {
        assertThat(List.of(0L, 1L, 9L, 10L, 20L).stream().map(run -> DeterminismCheck.due(runOf(9), run, 21)))
                .containsExactly(true, false, false, true, true);
    }

    @Test
    void aVeryLongRunIsNotMadeAgain() {
        assertThat(DeterminismCheck.due(runOf(100_000), 0, 21)).isTrue();
        assertThat(DeterminismCheck.due(runOf(100_001), 0, 21)).isFalse();
    }

    private static RunResult runOf(long steps) {
        return new RunResult(null, new Recording(), Duration.ZERO, steps, "", null, Map.of());
    }

    @Test
    void whatDiffersOnlyFromTheFirstRunIsFoundToo() {
        int[] runs = new int[1];
        assertThatThrownBy(() -> check(sim -> {
                    if (++runs[0] == 1) {
                        yieldNow();
                    }
                }))
                .hasMessageContainingAll("  first   ends after 3 steps", "  second  ends after 2 steps");
        runs[0] = 0;
        assertThatThrownBy(() -> Explorer.random(5).check(sim -> {
                    if (runs[0]++ == 2) {
                        throw new IllegalStateException("only then");
                    }
                }))
                .as("one that fails when it is run again")
                .hasMessageContaining("the same schedule went another way");
    }

    @Test
    void theOrderOfAnUnorderedSetIsFoundBetweenTwoMachines() throws Exception {
        List<String> here = logOfAnUnorderedSet();
        check(DeterminismCheckTest::goThroughAnUnorderedSet); // within one it is the same each time
        String difference = null;
        for (int i = 0; i < 5 && difference == null; i++) { // it may come out the same by chance
            difference = DeterminismCheck.difference(here, inAnotherJvm());
        }
        assertThat(difference).contains("  first   ", "  second  ");
    }

    @Test
    void whatDependsOnNothingElseIsTheSameInAnotherJvm() throws Exception {
        List<String> here = logOfAnUnorderedSet();
        assertThat(here).anyMatch(line -> line.contains("plain task"));
        List<String> there = inAnotherJvm();
        assertThat(DeterminismCheck.difference(
                        here.subList(0, here.indexOf("0.000000000  plain task ends")),
                        there.subList(0, there.indexOf("0.000000000  plain task ends"))))
                .isNull();
    }

    private static void goThroughAnUnorderedSet(Sim sim) {
        createTask(() -> {}, "plain task").await();
        for (String each : Set.of("a", "b", "c", "d", "e", "f", "g", "h", "i", "j")) {
            createTask(() -> {}, each).await();
        }
    }

    private static List<String> logOfAnUnorderedSet() {
        return DeterminismCheck.log(run(DeterminismCheckTest::goThroughAnUnorderedSet, Tape.plain(), true));
    }

    /** What the other JVM runs. */
    static final class Main {
        public static void main(String[] args) {
            logOfAnUnorderedSet().forEach(System.out::println);
        }
    }

    private static List<String> inAnotherJvm() throws Exception {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        String modulePath = System.getProperty("jdk.module.path", "");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        modulePath
                                + File.pathSeparator
                                + classPath
                                + File.pathSeparator
                                + Path.of(DeterminismCheckTest.class
                                        .getProtectionDomain()
                                        .getCodeSource()
                                        .getLocation()
                                        .toURI()),
                        Main.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        List<String> lines = process.inputReader().lines().toList();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return lines;
    }
}
