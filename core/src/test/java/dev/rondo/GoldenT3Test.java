package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.currentTask;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.taskGroup;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.Golden.repr;
import static dev.rondo.Golden.tuple;
import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Cancelling a group. */
class GoldenT3Test extends LoopTestCase {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final Golden golden = new Golden("t3");

    @Test
    void printsWhatPythonPrinted() {
        // Difference 1: who asks for the value of what was cancelled gets a failure, no cancel.
        golden.differs("a5: RAISED CancelledError()", "a5: RAISED TaskCancelledException()");
        // A group's text says what it is.
        golden.differs("TaskGroup <TaskGroup cancelling>", "<TaskGroup cancelling>");
        run(this::main);
        golden.check();
    }

    private void main() {
        golden.print("a1", this::a1);
        golden.print("a2", this::a2);
        golden.print("a3", this::a3);
        golden.print("a4", this::a4);
        golden.print("a5", this::a5);
        golden.print("a6", this::a6);
        golden.print("a7", this::a7);
    }

    private static Task<?, ?> self() {
        return requireNonNull(currentTask());
    }

    private Object a1() {
        List<String> out = new ArrayList<>();
        taskGroup(group -> {
            group.createTask(() -> {
                try {
                    sleep(SECOND);
                } catch (CancelledError e) {
                    out.add("child C");
                    throw e;
                }
            });
            yieldNow();
            group.cancel();
            out.add("after cancel()");
            try {
                sleep(SECOND);
            } catch (CancelledError e) {
                out.add("body C");
                throw e;
            }
            out.add("not reached");
        });
        return tuple(out, self().cancelling());
    }

    private Object a2() {
        List<String> out = new ArrayList<>();
        TaskGroup cancelled = new TaskGroup();
        cancelled.cancel();
        cancelled.run(group -> {
            out.add("body starts");
            try {
                group.createTask(() -> sleep(SECOND));
            } catch (IllegalStateException e) {
                out.add(e.getMessage());
            }
            sleep(SECOND);
            out.add("not reached");
        });
        return out;
    }

    private Object a3() {
        taskGroup(group -> {
            group.cancel();
        });
        yieldNow();
        return tuple("no await in body: exit normal", self().cancelling());
    }

    private Object a4() {
        TaskGroup over = taskGroup(group -> {
            return group;
        });
        over.cancel();
        over.cancel();
        yieldNow();
        return "cancel after exit: no-op";
    }

    private Object a5() {
        List<Task<String, RuntimeException>> child = new ArrayList<>();
        taskGroup(group -> {
            child.add(group.createTask(() -> {
                yieldNow();
                group.cancel();
                return "v";
            }));
            sleep(Duration.ofSeconds(10));
        });
        return child.getFirst().result();
    }

    private Object a6() {
        try {
            taskGroup(group -> {
                group.createTask(() -> {
                    try {
                        sleep(SECOND);
                    } finally {
                        cleanUpBadly();
                    }
                });
                yieldNow();
                group.cancel();
            });
            return "returned";
        } catch (TaskGroupException e) {
            return tuple(repr(e), self().cancelling());
        }
    }

    private static void cleanUpBadly() {
        throw new IllegalArgumentException("cleanup");
    }

    private Object a7() {
        Task<?, RuntimeException> task = createTask(() -> taskGroup(group -> {
            group.cancel();
            self().cancel();
            sleep(SECOND);
        }));
        try {
            task.await();
            return "returned";
        } catch (TaskCancelledException e) {
            return tuple("outer cancel still propagates", task.cancelling());
        }
    }
}
