package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.currentTask;
import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.gatherOutcomes;
import static dev.rondo.Asyncio.shield;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.taskGroup;
import static dev.rondo.Asyncio.timeout;
import static dev.rondo.Asyncio.waitFor;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.Golden.args;
import static dev.rondo.Golden.repr;
import static dev.rondo.Golden.tuple;
import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
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
        // Decision D4: gather suspends and returns a list, so it is its caller's task that is cancelled.
        golden.differs(
                "(True, 'CancelledError raised', False, CancelledError())",
                "(True, 'TaskCancelledException raised', True, None)");
        // Difference 1: shield's inner task was cancelled by somebody else.
        golden.differs(
                "('inner cancel -> outer CancelledError', True)",
                "('inner cancel -> outer TaskCancelledException', False)");
        // A cancel that a group answers with failures, and one that a timeout turned into its own.
        golden.differs("[CancelledError(''), 'ok']", "[CancelledError('why'), 'ok']");
        golden.differs(
                "e23: ('TimeoutError()', 'CancelledError()')",
                "e23: ('TimeoutError()', \"CancelledError('timeout')\")");
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
        golden.print("e11", this::e11);
        golden.print("e12", this::e12);
        golden.print("e13", this::e13);
        golden.print("e14", this::e14);
        golden.print("e15", this::e15);
        golden.print("e16", this::e16);
        golden.print("e17", this::e17);
        golden.print("e18", this::e18);
        golden.print("e19", this::e19);
        golden.print("e20", this::e20);
        golden.print("e21", this::e21);
        golden.print("e22", this::e22);
        golden.print("e23", this::e23);
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

    private Object e11() {
        Task<?, RuntimeException> gathering =
                createTask(() -> gatherOutcomes(GoldenT2Test::sleepsLong, GoldenT2Test::sleepsLong));
        yieldNow();
        yieldNow();
        boolean accepted = gathering.cancel();
        Object result;
        try {
            result = gathering.await();
        } catch (TaskCancelledException e) {
            result = "TaskCancelledException raised";
        }
        return tuple(accepted, result, gathering.cancelled(), gathering.cancelled() ? null : gathering.exception());
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

    private Object e13() {
        Task<String, RuntimeException> first = createTask(GoldenT2Test::sleepsLong);
        Task<String, RuntimeException> second = createTask(() -> {
            yieldNow();
            return "ok";
        });
        loop.callSoon(() -> first.cancel("why"));
        List<Object> items = new ArrayList<>();
        for (Outcome<String> outcome : gatherOutcomes(List.of(first, second))) {
            items.add(
                    switch (outcome) {
                        case Outcome.Success<String>(String value) -> value;
                        case Outcome.Failure<String>(Throwable failure) -> failure;
                        case Outcome.Cancelled<String>(String message) -> new CancelledError(message);
                    });
        }
        return items;
    }

    private Object e14() {
        List<String> out = new ArrayList<>();
        Task<Integer, RuntimeException> inner = createTask(() -> {
            sleep(Duration.ofMillis(10));
            out.add("inner done");
            return 3;
        });
        Task<Integer, RuntimeException> outer = createTask(() -> {
            try {
                return shield(inner);
            } catch (CancelledError e) {
                out.add("outer C");
                throw e;
            }
        });
        yieldNow();
        yieldNow();
        outer.cancel();
        awaitOr(outer);
        int result = inner.await();
        return tuple(out, result);
    }

    private Object e15() {
        Task<String, RuntimeException> inner = createTask(GoldenT2Test::sleepsLong);
        Task<String, RuntimeException> outer = createTask(() -> shield(inner));
        yieldNow();
        inner.cancel();
        try {
            return outer.await();
        } catch (TaskCancelledException e) {
            return tuple("inner cancel -> outer TaskCancelledException", outer.cancelled());
        }
    }

    private static Object fails() {
        throw new IllegalArgumentException();
    }

    private Object e16() {
        List<String> out = new ArrayList<>();
        try {
            taskGroup(group -> {
                group.createTask(GoldenT2Test::fails);
                try {
                    sleep(LONG);
                } catch (CancelledError e) {
                    out.add("body C");
                    throw e;
                }
            });
        } catch (TaskGroupException e) {
            out.add(repr(e));
        }
        return tuple(out, self().cancelling());
    }

    private Object e17() {
        List<String> out = new ArrayList<>();
        try {
            taskGroup((TaskGroup group) -> {
                group.createTask(GoldenT2Test::fails);
                throw new NoSuchElementException();
            });
        } catch (TaskGroupException e) {
            out.add(repr(e));
        }
        return out;
    }

    private Object e18() {
        Task<?, ?> child = taskGroup(group -> {
            Task<?, ?> made = group.createTask(GoldenT2Test::sleepsLong);
            yieldNow();
            made.cancel();
            return made;
        });
        return tuple("child cancelled silently; group exits normally", child.cancelled());
    }

    private Object e19() {
        Task<?, RuntimeException> task = createTask(() -> taskGroup(group -> {
            group.createTask(() -> {
                try {
                    sleep(LONG);
                } finally {
                    fails();
                }
            });
            sleep(LONG);
        }));
        yieldNow();
        yieldNow();
        task.cancel();
        try {
            return task.await();
        } catch (TaskGroupException e) {
            return tuple(repr(e), task.cancelled(), task.cancelling());
        }
    }

    private Object e20() {
        Task<?, RuntimeException> first = createTask(() -> timeout(Duration.ofMillis(10), () -> sleep(LONG)));
        sleep(Duration.ofMillis(50));
        Object expired = awaitOr(first);
        Task<Object, RuntimeException> second = createTask(() -> {
            Timeout[] scope = new Timeout[1];
            try {
                timeout(Duration.ZERO, timeout -> {
                    scope[0] = timeout;
                    self().cancel();
                    sleep(LONG);
                });
                return "returned";
            } catch (CancelledError e) {
                return tuple(repr(e), scope[0].expired(), self().cancelling());
            }
        });
        return tuple(expired, second.await());
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

    private Object e22() {
        Timeout scope = timeout(Duration.ofMillis(10), timeout -> {
            try {
                sleep(LONG);
            } catch (CancelledError e) {
                // swallowed
            }
            return timeout;
        });
        return tuple("body swallowed: no TimeoutError raised; expired=", scope.expired(), self().cancelling());
    }

    private Object e23() {
        try {
            waitFor(Duration.ofMillis(10), () -> shield(() -> sleep(Duration.ofMillis(50))));
            return "returned";
        } catch (AsyncTimeoutException e) {
            return tuple(repr(e), repr(e.getCause()));
        }
    }
}
