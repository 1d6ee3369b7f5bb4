package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.currentTask;
import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.timeout;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.Golden.args;
import static dev.rondo.Golden.repr;
import static dev.rondo.Golden.tuple;
import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Cancellation, case by case. */
class GoldenT2Test extends LoopTestCase {

    private static final Duration LONG = Duration.ofSeconds(10);

    private final Golden golden = new Golden("t2");

    @Test
    void printsWhatPythonPrinted() {
        // Difference 1: a task that somebody else cancelled is a failure of its own kind for whoever awaits it.
        golden.differs(
                "('CancelledError raised', 'g.cancelled()=', False)",
                "('TaskCancelledException raised', 'g.cancelled()=', False)");
        // Our timeout's cancel has a message.
        golden.differs(
                "(\"ValueError('foreign')\", 'TimeoutError()', 'CancelledError()')",
                "(\"ValueError('foreign')\", 'TimeoutError()', \"CancelledError('timeout')\")");
        golden.without("e11", "e13", "e14", "e15", "e16", "e17", "e18", "e19", "e20", "e22", "e23");
        run(this::main);
        golden.check();
    }

    private void main() {
        golden.print("e1", this::e1);
        golden.print("e2", this::e2);
        golden.print("e3", this::e3);
        golden.print("e3b", this::e3b);
        golden.print("e3c", this::e3c);
        golden.print("e4", this::e4);
        golden.print("e5", this::e5);
        golden.print("e6", this::e6);
        golden.print("e7", this::e7);
        golden.print("e8", this::e8);
        golden.print("e9", this::e9);
        golden.print("e10", this::e10);
        golden.print("e12", this::e12);
        golden.print("e21", this::e21);
    }

    private static Task<?, ?> self() {
        return requireNonNull(currentTask());
    }

    private static String sleepsLong() {
        sleep(LONG);
        return "slept";
    }

    private Object e1() {
        List<Object> ran = new ArrayList<>();
        Task<?, RuntimeException> task = createTask(() -> ran.add(1));
        boolean accepted = task.cancel();
        try {
            task.await();
        } catch (TaskCancelledException e) {
            // expected
        }
        return "cancel-before-start ran=%s cancelled=%s cancel()->%s"
                .formatted(repr(ran), repr(task.cancelled()), repr(accepted));
    }

    private Object e2() {
        Promise<String, RuntimeException> promise = loop.createFuture();
        List<String> out = new ArrayList<>();
        Task<?, RuntimeException> task = createTask(() -> {
            try {
                out.add(promise.await());
            } catch (CancelledError e) {
                out.add("C");
                throw e;
            }
        });
        yieldNow();
        promise.setResult("R");
        boolean accepted = task.cancel();
        try {
            task.await();
        } catch (TaskCancelledException e) {
            out.add("outer C");
        }
        return "set_result then cancel before wakeup: cancel()->%s %s cancelled=%s"
                .formatted(repr(accepted), repr(out), repr(task.cancelled()));
    }

    private static Object awaitOr(Task<?, ?> task) {
        try {
            return task.await();
        } catch (TaskCancelledException e) {
            return "C";
        } catch (Exception e) {
            return repr(e);
        }
    }

    private Object e3() {
        Task<Integer, RuntimeException> task = createTask(() -> {
            self().cancel();
            return 5;
        });
        Object result = awaitOr(task);
        return "self-cancel then return w/o await: %s cancelled=%s cancelling=%d"
                .formatted(result, repr(task.cancelled()), task.cancelling());
    }

    private Object e3b() {
        Task<Integer, RuntimeException> task = createTask(() -> {
            self().cancel();
            self().uncancel();
            return 5;
        });
        return "self-cancel, uncancel then return (3.13+): " + awaitOr(task);
    }

    private Object e3c() {
        Task<Integer, RuntimeException> task = createTask(() -> {
            self().cancel();
            throw new IllegalArgumentException();
        });
        Object result = awaitOr(task);
        return "self-cancel then raise ValueError: %s cancelled=%s".formatted(result, repr(task.cancelled()));
    }

    private Object e4() {
        List<Object> out = new ArrayList<>();
        Task<?, RuntimeException> task = createTask(() -> {
            self().cancel();
            Promise<Integer, RuntimeException> done = loop.createFuture();
            done.setResult(1);
            out.add(done.await());
            try {
                yieldNow();
            } catch (CancelledError e) {
                out.add("C at first real suspension");
                throw e;
            }
        });
        awaitOr(task);
        return out;
    }

    private Object e5() {
        List<String> out = new ArrayList<>();
        Task<String, RuntimeException> task = createTask(() -> {
            try {
                sleep(LONG);
            } catch (CancelledError e) {
                out.add("swallowed");
            }
            yieldNow();
            out.add("continues");
            return "done";
        });
        yieldNow();
        task.cancel("m1");
        String result = task.await();
        return tuple(out, result, task.cancelled(), task.cancelling());
    }

    private Object e6() {
        List<Object> out = new ArrayList<>();
        Task<?, RuntimeException> task = createTask(() -> {
            try {
                sleep(LONG);
            } catch (CancelledError e) {
                out.add(args(e));
                throw e;
            }
        });
        yieldNow();
        task.cancel("m1");
        task.cancel("m2");
        try {
            task.await();
        } catch (TaskCancelledException e) {
            out.add(tuple("outer", args(e)));
        }
        return tuple(out, task.cancelling());
    }

    private Object e7() {
        List<String> out = new ArrayList<>();
        Task<String, RuntimeException> inner = createTask(() -> {
            try {
                return sleepsLong();
            } catch (CancelledError e) {
                out.add("inner C");
                throw e;
            }
        });
        Task<String, RuntimeException> outer = createTask(inner::await);
        yieldNow();
        yieldNow();
        outer.cancel();
        try {
            outer.await();
        } catch (TaskCancelledException e) {
            out.add("outer C");
        }
        return tuple(out, inner.cancelled(), outer.cancelled());
    }

    private Object e8() {
        Task<String, RuntimeException> inner = createTask(() -> {
            try {
                return sleepsLong();
            } catch (CancelledError e) {
                return "ignored";
            }
        });
        Task<String, RuntimeException> outer = createTask(inner::await);
        yieldNow();
        yieldNow();
        outer.cancel();
        String result = outer.await();
        return tuple(result, outer.cancelled(), outer.cancelling());
    }

    private Object e9() {
        Task<?, RuntimeException> task = createTask(() -> {
            throw new CancelledError("x");
        });
        Object args = null;
        try {
            task.await();
        } catch (TaskCancelledException e) {
            args = args(e);
        }
        return tuple(args, task.cancelled(), task.cancelling());
    }

    private Object e10() {
        List<String> out = new ArrayList<>();
        try {
            gather(
                    () -> {
                        throw new IllegalArgumentException("b");
                    },
                    () -> {
                        try {
                            sleep(Duration.ofMillis(10));
                            out.add("slow finished");
                        } catch (CancelledError e) {
                            out.add("slow C");
                        }
                    });
        } catch (IllegalArgumentException e) {
            out.add(repr(e));
        }
        sleep(Duration.ofMillis(30));
        return out;
    }

    private Object e12() {
        Task<String, RuntimeException> first = createTask(GoldenT2Test::sleepsLong);
        Task<?, RuntimeException> gathering = createTask(() -> gather(List.of(first, createTask(() -> {
            yieldNow();
            return "ok";
        }))));
        yieldNow();
        first.cancel();
        Object result;
        try {
            result = gathering.await();
        } catch (TaskCancelledException e) {
            result = "TaskCancelledException raised";
        }
        return tuple(result, "g.cancelled()=", gathering.cancelled());
    }

    private Object e21() {
        try {
            timeout(Duration.ofMillis(10), () -> {
                try {
                    sleep(LONG);
                } catch (CancelledError e) {
                    throw new IllegalArgumentException("foreign", e);
                }
            });
            return "returned";
        } catch (IllegalArgumentException e) {
            return tuple(repr(e), repr(e.getSuppressed()[0]), repr(e.getCause()));
        }
    }
}
