package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.taskGroup;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TaskGroupStartTest extends TaskGroupTestCase {

    // ------------------------------------------------------------------------------------------------ start

    @Test
    void startReturnsWhenTheTaskIsReady() {
        run(() -> {
            taskGroup(tg -> {
                int port = tg.start(ready -> {
                    sleep(seconds(1));
                    ready.started(8080);
                    log.add("goes on");
                    sleep(seconds(2));
                    log.add("ends");
                });
                log.add("port " + port + " at " + clock.elapsed().toSeconds());
            });
            assertThat(clock.elapsed()).isEqualTo(seconds(3));
        });
        assertThat(log).containsExactly("goes on", "port 8080 at 1", "ends");
    }

    @Test
    void aFailureBeforeItIsReadyIsTheCallersAndNotTheGroups() {
        run(() -> {
            taskGroup(tg -> {
                IOException failure = new IOException("address in use");
                assertThatThrownBy(() -> tg.start(ready -> {
                            sleep(seconds(1));
                            throw failure;
                        }))
                        .isSameAs(failure);
                assertThat(tg).hasToString("<TaskGroup entered>");
                tg.createTask(after(1)).await();
            });
            sleep(seconds(10));
        });
        assertThat(reported).isEmpty();
    }

    @Test
    void aFailureAfterItIsReadyIsTheGroups() {
        run(() -> {
            TaskGroupException failure = groupFailure(() -> taskGroup(tg -> {
                tg.<@org.jspecify.annotations.Nullable Void, IOException>start(ready -> {
                    ready.started(null);
                    sleep(seconds(1));
                    throw new IOException("later");
                });
                sleeper("body").run();
            }));
            assertThat(messages(failure)).containsExactly("later");
        });
        assertThat(log).containsExactly("body cancelled");
    }

    @Test
    void aTaskThatReturnsWithoutBeingReadyIsAMistake() {
        run(() -> taskGroup(tg -> {
            assertThatIllegalStateException()
                    .isThrownBy(() -> tg.start(_ -> sleep(seconds(1))))
                    .withMessageContaining("ready.started");
        }));
    }

    @Test
    void readyOnce() {
        run(() -> taskGroup(tg -> {
            List<TaskGroup.Ready<String>> readies = new ArrayList<>();
            String value = tg.start(ready -> {
                readies.add(ready);
                ready.started("first");
                assertThatIllegalStateException().isThrownBy(() -> ready.started("second"));
            });
            assertThat(value).isEqualTo("first");
            assertThatThrownBy(() -> tg.<String, IOException>start(ready -> {
                        readies.add(ready);
                        throw new IOException();
                    }))
                    .isInstanceOf(IOException.class);
            assertThatIllegalStateException()
                    .isThrownBy(() -> readies.get(1).started("too late"))
                    .withMessageContaining("has ended");
        }));
    }

    @Test
    void aCancelOfTheCallerIsPassedOnToWhatIsStarting() {
        run(() -> {
            Task<?, ?> runner = createTask(() -> taskGroup(tg -> {
                tg.start(_ -> {
                    try {
                        sleep(LONG);
                    } finally {
                        sleep(seconds(1));
                        log.add("cleaned up");
                    }
                });
            }));
            sleep(seconds(1));
            runner.cancel("why");
            assertThatThrownBy(runner::await).hasMessageEndingWith(": why");
            assertThat(runner.cancelled()).isTrue();
            assertThat(clock.elapsed()).isEqualTo(seconds(2));
        });
        assertThat(log).containsExactly("cleaned up");
    }

    @Test
    void aTaskThatSomebodyElseCancelsBeforeItIsReadyIsAFailureOfStart() {
        run(() -> taskGroup(tg -> {
            assertThatExceptionOfType(TaskCancelledException.class)
                    .isThrownBy(() -> tg.start(_ -> {
                        self().cancel();
                        yieldNow();
                    }));
        }));
    }

    @Test
    void aCancelAfterItIsReadyLeavesItToTheGroup() {
        run(() -> {
            taskGroup(tg -> {
                Task<?, ?> starter = createTask(() -> tg.start(ready -> {
                    ready.started("lost");
                    sleep(seconds(1));
                    log.add("goes on");
                }));
                yieldNow();
                yieldNow(); // ready, and the starter is yet to run
                starter.cancel();
                awaitCancelled(starter);
            });
        });
        assertThat(log).containsExactly("goes on");
    }

    @Test
    void aCancelOfTheCallerOfWhichTheTaskHeardOnlyAfterItWasReadyIsTheCallersToo() {
        List<Task<?, ?>> caller = new ArrayList<>();
        run(() -> {
            caller.add(createTask(() -> taskGroup(tg -> {
                tg.start(ready -> {
                    yieldNow();
                    caller.getFirst().cancel("why"); // passed on to this, which hears of it when it suspends
                    ready.started(7);
                    sleep(LONG);
                });
                log.add("started");
            })));
            assertThatThrownBy(caller.getFirst()::await)
                    .isInstanceOf(TaskCancelledException.class)
                    .hasMessageEndingWith(": why");
            assertThat(clock.elapsed()).isZero();
        });
        assertThat(log).isEmpty();
    }
}
