package dev.rondo.testkit;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.getRunningLoop;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.yieldNow;

import dev.rondo.AsyncLock;
import dev.rondo.AsyncQueue;
import dev.rondo.Hold;
import dev.rondo.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Programs that go wrong in some schedules, each in its own way: what is replayed in another JVM. */
enum Broken implements SimBody {
    OVERDRAFT {
        @Override
        public void run(Sim sim) {
            Bugs.overdraft(sim);
        }
    },
    READ_TOO_EARLY {
        @Override
        public void run(Sim sim) {
            Bugs.readTooEarly(sim);
        }
    },
    LOST_UPDATE {
        @Override
        public void run(Sim sim) {
            Bugs.lostUpdate(sim);
        }
    },
    DEADLOCK {
        @Override
        public void run(Sim sim) {
            AsyncLock left = new AsyncLock();
            AsyncLock right = new AsyncLock();
            gather(() -> takeBoth(left, right), () -> takeBoth(right, left));
        }
    },
    /** Goes wrong by the order in which timers of the same time come. */
    TIE_OF_TIMERS {
        @Override
        public void run(Sim sim) {
            List<Integer> order = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                int number = i;
                getRunningLoop().callLater(Duration.ofMillis(5), () -> order.add(number));
            }
            sleep(Duration.ofMillis(10));
            if (order.getLast() != 3) {
                throw new IllegalStateException("came in the order " + order);
            }
        }
    },
    /** Goes wrong by a choice of the test's own, and by an order. */
    LOST_MESSAGE {
        @Override
        public void run(Sim sim) {
            AsyncQueue<Integer> queue = new AsyncQueue<>(2);
            int lost = sim.choose(8, "which is lost");
            Task<?, RuntimeException> producer = createTask(() -> {
                for (int i = 0; i < 8; i++) {
                    if (i != lost || sim.choose(2, "is it?") == 0) {
                        queue.put(i);
                    }
                }
                queue.put(-1);
            });
            int sum = 0;
            for (int item; (item = queue.get()) >= 0; ) {
                sum += item;
                sleep(Duration.ofMillis(sim.choose(3, "pause")));
            }
            producer.await();
            if (sum != 28) {
                throw new AssertionError("the sum is " + sum);
            }
        }
    },
    /** Leaves a task behind that has not seen in time that it is to end. */
    LEFTOVER {
        @Override
        public void run(Sim sim) {
            boolean[] end = {false};
            createTask(() -> {
                        for (int i = 0; i < 5 && !end[0]; i++) {
                            sleep(Duration.ofSeconds(1));
                            yieldNow();
                        }
                    })
                    .name("heartbeat");
            sleep(Duration.ofSeconds(1));
            Bugs.steps(sim.choose(3, "steps"));
            end[0] = true;
            yieldNow();
        }
    },
    /** Breaks a condition that must always hold. */
    ALWAYS {
        @Override
        public void run(Sim sim) {
            int[] inside = {0};
            sim.always("one at a time", () -> inside[0] <= 1);
            gather(() -> visit(inside), () -> visit(inside), () -> visit(inside));
        }
    },
    /** A task fails, and nobody takes its failure. */
    UNSEEN {
        @Override
        public void run(Sim sim) {
            boolean[] ready = {false};
            createTask(() -> {
                yieldNow();
                if (!ready[0]) {
                    throw new IllegalStateException("not ready");
                }
            });
            Bugs.steps(1);
            ready[0] = true;
            sleep(Duration.ofSeconds(5));
        }
    },
    DEPTH_THREE {
        @Override
        public void run(Sim sim) {
            Bugs.openThenClosed(sim);
        }
    },
    /** The one whose failure no tape brings back. */
    ANOTHER_IN_EACH_JVM {
        @Override
        public void run(Sim sim) {
            throw new AssertionError("process " + ProcessHandle.current().pid());
        }
    };

    private static void takeBoth(AsyncLock first, AsyncLock second) {
        try (Hold _ = first.hold()) {
            yieldNow();
            try (Hold _ = second.hold()) {
                yieldNow();
            }
        }
    }

    private static void visit(int[] inside) {
        for (int i = 0; i < 3; i++) {
            if (inside[0] == 0) {
                yieldNow();
                inside[0]++;
                yieldNow();
                inside[0]--;
            } else {
                sleep(Duration.ofMillis(1));
            }
        }
    }
}
