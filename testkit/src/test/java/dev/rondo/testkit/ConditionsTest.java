package dev.rondo.testkit;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.getRunningLoop;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.testkit.Runs.LEFTOVERS;
import static dev.rondo.testkit.Runs.failureOf;
import static dev.rondo.testkit.Runs.passes;
import static dev.rondo.testkit.Runs.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.AsyncLock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConditionsTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private int value;

    @Test
    void alwaysStopsTheRunInTheStepAfterTheOneThatBrokeIt() {
        List<String> log = new ArrayList<>();
        RunResult result = Runs.plain(sim -> {
            sim.always("small", () -> value < 2);
            for (int i = 0; i < 10; i++) {
                value++;
                log.add("value " + value);
                yieldNow();
            }
        });
        assertThat(result.failure()).hasMessage("always \"small\": does not hold");
        assertThat(log).startsWith("value 1", "value 2").hasSizeLessThan(5);
        assertThat(result.log().lines().getLast())
                .endsWith("failed: java.lang.AssertionError: always \"small\": does not hold");
    }

    @Test
    void whatIsBrokenOnlyWithinAStepOrHoldsAllTheTimePasses() {
        passes(sim -> {
            sim.always("even", () -> value % 2 == 0);
            for (int i = 0; i < 10; i++) {
                value++;
                value++;
                yieldNow();
            }
        });
    }

    @Test
    void alwaysIsLookedAtOnceMoreAtTheEnd() {
        assertThat(failureOf(sim -> {
                    sim.always("zero", () -> value == 0);
                    value = 1;
                }))
                .isEqualTo("always \"zero\": does not hold");
    }

    @Test
    void theFailureThatCameFirstIsTheVerdict() {
        assertThat(failureOf(sim -> {
                    sim.always("zero", () -> value == 0);
                    value = 1;
                    throw new IllegalStateException("first");
                }))
                .isEqualTo("first");
    }

    @Test
    void aConditionThatThrowsIsNamed() {
        assertThat(failureOf(sim -> {
                    sim.always("broken", () -> 1 / value == 1);
                    yieldNow();
                }))
                .isEqualTo("always \"broken\": the condition threw java.lang.ArithmeticException: / by zero");
        assertThat(failureOf(sim -> sim.eventually("broken", () -> 1 / value == 1)))
                .isEqualTo("eventually \"broken\": the condition threw java.lang.ArithmeticException: / by zero");
    }

    @Test
    void aConditionThatSuspendsFailsTheRunAndDoesNotHangIt() {
        AsyncLock lock = new AsyncLock();
        assertThat(failureOf(sim -> {
                    lock.acquire();
                    sim.always("locked", () -> {
                        lock.acquire();
                        return true;
                    });
                    getRunningLoop().callSoon(() -> {});
                    sleep(SECOND);
                }))
                .startsWith("always \"locked\": the condition ");
    }

    @Test
    void aConditionThatMakesWorkOfItsOwnComesToTheBoundOfSteps() {
        assertThat(failureOf(new SimOptions(false, false, 500), sim -> {
                    var loop = getRunningLoop();
                    sim.always("busy", () -> loop.callSoon(() -> {}) != null);
                    yieldNow();
                    sleep(SECOND);
                }))
                .startsWith("goes on after 500 steps, at PT0S.")
                .endsWith("A test that needs more steps sets maxSteps")
                .contains("<Handle dev.rondo.testkit.ConditionsTest.lambda> (");
    }

    @Test
    void conditionsMayBeAddedInCallbacksAndByConditions() {
        assertThat(failureOf(sim -> {
                    sim.always("adds", () -> {
                        if (value++ == 1) {
                            sim.always("late", () -> value < 4);
                        }
                        return true;
                    });
                    sleep(SECOND);
                    sleep(SECOND);
                    sleep(SECOND);
                }))
                .isEqualTo("always \"late\": does not hold");
        assertThat(failureOf(sim -> {
                    sim.eventually("soon", () -> sim.elapsed().compareTo(SECOND) > 0);
                    getRunningLoop().callLater(Duration.ofMillis(1), () -> sim.eventually("never", () -> false));
                }))
                .startsWith("eventually \"never\": does not hold 1 h after the test's body has ended.");
    }

    @Test
    void whatComesToHoldWithinAnHourPasses() {
        passes(LEFTOVERS, sim -> {
            createTask(() -> {
                sleep(Duration.ofMinutes(59));
                value = 1;
            });
            sim.eventually("one", () -> value == 1);
        });
    }

    @Test
    void whatDoesNotComeToHoldNamesWhoStillRuns() {
        assertThat(failureOf(LEFTOVERS, sim -> {
                    createTask(
                            () -> {
                                sleep(Duration.ofMinutes(61));
                                value = 1;
                            },
                            "late");
                    sim.eventually("one", () -> value == 1);
                }))
                .startsWith(
                        "eventually \"one\": does not hold 1 h after the test's body has ended. These tasks still run:")
                .contains("late");
    }

    @Test
    void theLogSaysWhatHappenedAndNotHowOftenSomebodyLooked() {
        RunResult result = with(LEFTOVERS, sim -> {
            sim.eventually("soon", () -> false);
            createTask(() -> sleep(SECOND), "another");
        });
        assertThat(result.log()).isNotNull();
        List<String> events = result.log().lines();
        assertThat(events)
                .hasSizeLessThan(15)
                .contains("0.000000000  the test's body has ended: what shall eventually hold is awaited")
                .contains("1.000000000  sleep of another runs", "1.000000000  another ends")
                .contains("3600.000000000  Task-1 ends");
    }

    @Test
    void aBodyThatFailsIsTheVerdictWhateverShouldEventuallyHold() {
        RunResult result = Runs.plain(sim -> {
            sim.eventually("never", () -> false);
            throw new java.io.IOException("the body's");
        });
        assertThat(result.failure()).hasMessage("the body's");
        assertThat(result.elapsed()).isZero();
    }

    @Test
    void noFaultsHappenWhileEventuallyIsAwaited() {
        List<Boolean> faults = new ArrayList<>();
        Explorer faulty = Explorer.random(1);
        assertThat(faulty).isNotNull();
        RunResult result = SimulatedRun.run(
                sim -> sim.eventually("late", () -> {
                    faults.add(true);
                    return sim.elapsed().compareTo(SECOND) > 0;
                }),
                new dev.rondo.chance.Choices() {
                    @Override
                    public int choose(int n, String what) {
                        return 0;
                    }

                    @Override
                    public boolean buggify(String what) {
                        if (!faults.isEmpty()) {
                            throw new AssertionError("asked for a fault: " + what);
                        }
                        return false;
                    }
                },
                new SimOptions(false, true, 100_000),
                false);
        assertThat(result.failure()).isNull();
        assertThat(faults).hasSizeGreaterThan(10);
    }

    @Test
    void sometimesIsTrueIfItWasReachedOnce() {
        RunResult result = Runs.plain(sim -> {
            sim.sometimes("reached", true);
            sim.sometimes("reached", false);
            sim.sometimes("not reached", false);
        });
        assertThat(result.sometimes()).containsEntry("reached", true).containsEntry("not reached", false);
    }

    @Test
    void whoRanMostIsNamedWhereARunGoesOnForEver() {
        assertThat(failureOf(new SimOptions(false, false, 20_000), sim -> {
                    createTask(() -> {
                        for (; ; ) {
                            yieldNow();
                        }
                    });
                    sleep(Duration.ofDays(1));
                }))
                .startsWith("goes on after 20000 steps, at PT0S. Of the last 10000 steps most were of: Task-2 (");
    }
}
