package dev.rondo.testkit;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.getRunningLoop;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.timeout;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.testkit.Runs.LEFTOVERS;
import static dev.rondo.testkit.Runs.failureOf;
import static dev.rondo.testkit.Runs.passes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.AsyncEvent;
import dev.rondo.AsyncLock;
import dev.rondo.CancelledError;
import dev.rondo.TimerHandle;
import dev.rondo.reactor.Fd;
import dev.rondo.reactor.IoDriver;
import dev.rondo.reactor.Op;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;

class LeakTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void tasksThatAreLeftFailTheRunUnlessTheyMayBe() {
        SimBody leaves = sim -> createTask(() -> sleep(SECOND), "left behind");
        assertThat(failureOf(leaves))
                .startsWith("1 task is left when the test ends. Await or cancel them:")
                .contains("left behind");
        passes(LEFTOVERS, leaves);
    }

    @Test
    void aLeftoverThatStartsAnotherAsItIsCancelledIsWaitedForWithIt() {
        passes(
                LEFTOVERS,
                sim -> createTask(() -> {
                    try {
                        sleep(SECOND);
                    } finally {
                        createTask(() -> sleep(SECOND));
                    }
                }));
    }

    @Test
    void aLeftoverThatDoesNotEndWhenItIsCancelledIsNamed() {
        assertThat(failureOf(
                        LEFTOVERS,
                        sim -> createTask(
                                () -> {
                                    try {
                                        sleep(SECOND);
                                    } catch (CancelledError e) {
                                        new AsyncEvent().await();
                                    }
                                },
                                "stubborn")))
                .contains("nothing can go on any more", "Tasks that do not end when they are cancelled", "stubborn");
        assertThat(failureOf(
                        LEFTOVERS,
                        sim -> createTask(
                                () -> {
                                    try {
                                        sleep(SECOND);
                                    } catch (CancelledError e) {
                                        sleep(Duration.ofHours(2));
                                        sleep(Duration.ofHours(2));
                                    }
                                },
                                "slow")))
                .contains("goes on at PT", "Tasks that do not end when they are cancelled", "slow");
    }

    @Test
    void aTimerThatIsLeftFailsTheRun() {
        SimBody leaves = sim -> getRunningLoop().callLater(SECOND, () -> {});
        assertThat(failureOf(leaves))
                .startsWith(
                        "left when the test ends:\n  scheduled: <TimerHandle when=PT1S dev.rondo.testkit.LeakTest.lambda");
        passes(LEFTOVERS, leaves);
    }

    @Test
    void aTimerThatWasCancelledOrHasFiredIsNotLeft() {
        passes(sim -> {
            TimerHandle handle = getRunningLoop().callLater(SECOND, () -> {});
            handle.cancel();
            getRunningLoop().callLater(SECOND, () -> {});
            sleep(SECOND.multipliedBy(2));
            timeout(SECOND, () -> yieldNow());
        });
    }

    @Test
    void aFailureThatNobodyHasSeenFailsTheRunAtItsEnd() {
        RunResult result = Runs.plain(sim -> {
            createTask(
                    () -> {
                        throw new IllegalStateException("unseen");
                    },
                    "bomb");
            yieldNow();
            yieldNow();
        });
        assertThat(result.failure())
                .hasMessageStartingWith("reported to the loop's exception handler: ")
                .hasMessageContainingAll("name='bomb'", "IllegalStateException: unseen")
                .hasRootCauseMessage("unseen");
    }

    @Test
    void aFailureThatSomebodyHasSeenOrAHandlerOfTheTestTakesDoesNot() {
        passes(sim -> {
            var task = createTask(() -> {
                throw new IllegalStateException("seen");
            });
            yieldNow();
            yieldNow();
            assertThat(task.exception()).hasMessage("seen");
        });
        List<String> taken = new ArrayList<>();
        passes(sim -> {
            getRunningLoop().setExceptionHandler((_, context) -> taken.add(context.message()));
            getRunningLoop().callSoon(() -> {
                throw new IllegalStateException("taken");
            });
            yieldNow();
            yieldNow();
        });
        assertThat(taken).hasSize(1);
    }

    @Test
    void aCallbackThatFailsFailsTheRun() {
        assertThat(failureOf(sim -> {
                    getRunningLoop().callSoon(() -> {
                        throw new IllegalStateException("in a callback");
                    });
                    sleep(SECOND);
                }))
                .startsWith("reported to the loop's exception handler: Exception in callback");
    }

    @Test
    void aLeftoverThatFailsAsItIsCancelledFailsTheRun() {
        assertThat(failureOf(LEFTOVERS, sim -> {
                    createTask(() -> {
                        try {
                            sleep(SECOND);
                        } finally {
                            throw new IllegalStateException("in clearing up");
                        }
                    });
                    yieldNow();
                }))
                .startsWith("reported to the loop's exception handler: ");
    }

    @Test
    void aTaskThatWasCancelledMayEndWhenTheTestHas() {
        passes(sim -> createTask(() -> sleep(SECOND)).cancel());
    }

    @Test
    void aCallbackThatIsSuspendedWhenTheTestEndsIsLeft() {
        AsyncEvent event = new AsyncEvent();
        assertThat(failureOf(sim -> {
                    getRunningLoop().callSoon(() -> event.await());
                    yieldNow();
                }))
                .startsWith("left when the test ends:\n  a callback that is suspended")
                .contains("LeakTest");
    }

    @Test
    void aVirtualThreadOfTheLoopThatIsParkedIsLeft() {
        ReentrantLock lock = new ReentrantLock();
        assertThat(failureOf(sim -> {
                    lock.lock();
                    getRunningLoop().threadFactory().newThread(lock::lock).start();
                    yieldNow();
                    yieldNow();
                    yieldNow();
                }))
                .startsWith("left when the test ends:\n  a virtual thread of the loop that is parked, without a name\n")
                .contains("ReentrantLock.lock(");
    }

    @Test
    void otherModulesAndTestsAddChecksOfTheirOwn() {
        List<String> lent = new ArrayList<>(List.of("a buffer"));
        assertThat(failureOf(sim -> sim.atEnd(_ -> lent))).isEqualTo("left when the test ends:\n  a buffer");
        passes(sim -> {
            sim.atEnd(_ -> lent);
            lent.clear();
        });
        FoundLeakCheck.left.add("a page");
        try {
            assertThat(failureOf(sim -> yieldNow())).isEqualTo("left when the test ends:\n  a page");
        } finally {
            FoundLeakCheck.left.clear();
        }
    }

    @Test
    void aDeadlockNamesTheRing() {
        AsyncLock first = new AsyncLock();
        AsyncLock second = new AsyncLock();
        assertThat(failureOf(sim -> {
                    var other = createTask(() -> {
                        second.acquire();
                        yieldNow();
                        first.acquire();
                    });
                    first.acquire();
                    yieldNow();
                    second.acquire();
                    other.await();
                }))
                .startsWith("nothing can go on any more. Deadlock: 2 tasks wait for one another in a ring.")
                .contains("Task-1", "Task-2", "AsyncLock");
    }

    @Test
    void theSystemCannotBeReached() {
        assertThat(failureOf(sim -> getRunningLoop().driver().source(InputStream.nullInputStream())))
                .isEqualTo("no real I/O in a simulated run: a stream to read from was asked for. There are sockets, in"
                        + " memory, and nothing else: mark the test @RealIo to run it once, in real time");
        assertThat(failureOf(sim -> getRunningLoop().perform(new Op.Open(Path.of("file"), Set.of()))))
                .startsWith("no real I/O in a simulated run: Open[IDLE] was asked for");
    }

    @Test
    void aSocketThatIsLeftOpenIsALeak() {
        assertThat(failureOf(sim -> getRunningLoop().driver().streamSocket(StandardProtocolFamily.INET)))
                .contains("sockets and files that are open: 1", "socket main unbound is open");
    }

    @Test
    void whoWaitsForANetworkInWhichNothingGoesOnIsNamed() {
        assertThat(failureOf(sim -> {
                    IoDriver driver = getRunningLoop().driver();
                    Fd listener = driver.tcpListener(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 80), 1);
                    getRunningLoop().perform(new Op.Accept(listener));
                }))
                .startsWith("nothing can go on any more")
                .contains("listener main localhost:80 is open, Accept waits");
    }
}
