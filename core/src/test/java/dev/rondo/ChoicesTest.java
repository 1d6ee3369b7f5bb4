package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.chance.Choices;
import dev.rondo.time.VirtualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Who decides which of the ready items goes first. */
class ChoicesTest {

    /** Runs five tasks of three steps each, and returns the order of the steps. */
    private static List<String> fiveTasks(Choices choices) {
        List<String> log = new ArrayList<>();
        try (EventLoop loop = loopWith(choices)) {
            loop.runUntilComplete(() -> {
                List<Task<?, RuntimeException>> tasks = new ArrayList<>();
                for (String name : List.of("a", "b", "c", "d", "e")) {
                    tasks.add(createTask(() -> {
                        for (int step = 1; step <= 3; step++) {
                            log.add(name + step);
                            yieldNow();
                        }
                    }));
                }
                for (Task<?, RuntimeException> task : tasks) {
                    task.await();
                }
            });
        }
        return log;
    }

    private static EventLoop loopWith(Choices choices) {
        EventLoop.Builder builder = EventLoop.builder().clock(new VirtualClock());
        return (choices == null ? builder : builder.choices(choices)).build();
    }

    @Test
    void plainChoicesAreFirstInFirstOut() {
        assertThat(fiveTasks(Choices.plain()))
                .containsExactly(
                        "a1", "b1", "c1", "d1", "e1", "a2", "b2", "c2", "d2", "e2", "a3", "b3", "c3", "d3", "e3");
    }

    @Test
    void theSameSeedMakesTheSameRun() {
        assertThat(fiveTasks(Choices.seeded(42))).isEqualTo(fiveTasks(Choices.seeded(42)));
    }

    @Test
    void seedsFindOtherOrders() {
        Set<List<String>> orders = new HashSet<>();
        for (long seed = 0; seed < 20; seed++) {
            orders.add(fiveTasks(Choices.seeded(seed)));
        }
        assertThat(orders).hasSizeGreaterThan(15);
    }

    @Test
    void eachTaskTakesItsOwnStepsInOrderAndOnePerTurn() {
        List<String> log = fiveTasks(Choices.seeded(7));
        assertThat(log.stream().map(entry -> entry.substring(1))).isSorted();
    }

    @Test
    void callbacksKeepTheirOrderWhoeverChooses() {
        for (long seed = 0; seed < 50; seed++) {
            List<Integer> order = new ArrayList<>();
            try (EventLoop loop = loopWith(Choices.seeded(seed))) {
                loop.runUntilComplete(() -> {
                    for (int i = 0; i < 5; i++) {
                        int number = i;
                        loop.callSoon(() -> order.add(number));
                        createTask(() -> yieldNow());
                    }
                    yieldNow();
                    yieldNow();
                });
            }
            assertThat(order).as("seed %d", seed).containsExactly(0, 1, 2, 3, 4);
        }
    }

    @Test
    void aChoiceIsAskedForOnlyWhereThereIsOne() {
        List<Integer> asked = new ArrayList<>();
        Choices last = (n, what) -> {
            asked.add(n);
            assertThat(what).isEqualTo("ready");
            return n - 1;
        };
        List<String> log = new ArrayList<>();
        try (EventLoop loop = loopWith(last)) {
            loop.runUntilComplete(() -> {
                gather(() -> log.add("a"), () -> log.add("b"), () -> log.add("c"));
            });
        }
        assertThat(log).containsExactly("c", "b", "a");
        assertThat(asked).startsWith(3, 2).allSatisfy(n -> assertThat(n).isGreaterThan(1));
    }

    // ------------------------------------------------------------------------------------------------ across turns

    private static Choices acrossTurns(Choices choices) {
        return new Choices() {
            @Override
            public int choose(int n, String what) {
                return choices.choose(n, what);
            }

            @Override
            public boolean acrossTurns() {
                return true;
            }
        };
    }

    /** Makes the choices it was given, then plain ones, and writes down how many there were to choose from. */
    private static final class Path implements Choices {

        private final List<Integer> prefix;
        private final List<int[]> made = new ArrayList<>(); // each with its width

        Path(List<Integer> prefix) {
            this.prefix = prefix;
        }

        @Override
        public int choose(int n, String what) {
            int choice = made.size() < prefix.size() ? prefix.get(made.size()) : 0;
            made.add(new int[] {choice, n});
            return choice;
        }

        @Override
        public boolean acrossTurns() {
            return true;
        }

        /** Returns the next path, depth first; null if this was the last. */
        private List<Integer> next() {
            int last = made.size() - 1;
            while (last >= 0 && made.get(last)[0] + 1 == made.get(last)[1]) {
                last--;
            }
            List<Integer> next = new ArrayList<>();
            for (int i = 0; i <= last; i++) {
                next.add(made.get(i)[0] + (i == last ? 1 : 0));
            }
            return last < 0 ? null : next;
        }
    }

    @Test
    void acrossTurnsEveryOrderOfThreeTasksOfThreeYieldsIsReached() {
        Set<List<Integer>> orders = new HashSet<>();
        int runs = 0;
        for (List<Integer> prefix = List.of(); prefix != null; runs++) {
            Path path = new Path(prefix);
            orders.add(threeTasksOfThreeYields(path));
            prefix = path.next();
        }
        assertThat(orders).hasSize(34_650); // 12! / (4! 4! 4!)
        assertThat(runs).as("none is tried twice").isEqualTo(34_650);
    }

    private static List<Integer> threeTasksOfThreeYields(Choices choices) {
        List<Integer> order = new ArrayList<>();
        try (EventLoop loop = loopWith(choices)) {
            for (int number = 0; number < 3; number++) {
                int mine = number;
                Task<?, ?> unused = loop.createTask(() -> {
                    for (int i = 0; i < 3; i++) {
                        order.add(mine);
                        yieldNow();
                    }
                    order.add(mine);
                    if (order.size() == 12) {
                        loop.stop(); // nobody awaits them, who would be one more to choose from
                    }
                });
            }
            loop.runForever();
        }
        return order;
    }

    @Test
    void withinTurnsThePromiseOfYieldNowIsKeptWhoeverChooses() {
        for (long seed = 0; seed < 50; seed++) {
            List<Integer> order = threeTasksOfThreeYields(Choices.seeded(seed));
            for (int turn = 0; turn < 4; turn++) {
                assertThat(order.subList(3 * turn, 3 * turn + 3)).containsExactlyInAnyOrder(0, 1, 2);
            }
        }
    }

    @Test
    void theMostUnfairChoiceLetsEverybodyRunSomeTime() throws Exception {
        List<String> ran = new ArrayList<>();
        int[] steps = new int[1];
        try (EventLoop loop = loopWith(acrossTurns((n, what) -> n - 1))) {
            loop.runUntilComplete(() -> {
                createTask(() -> ran.add("overtaken"));
                Task<?, ?> busy = createTask(() -> {
                    for (; ran.isEmpty(); steps[0]++) {
                        yieldNow();
                    }
                });
                busy.await();
            });
        }
        assertThat(steps[0]).as("overtaken so often").isBetween(900, 1100);
    }

    // ------------------------------------------------------------------------------------------------ timers

    /** Runs callbacks that are due after so many milliseconds each, and returns the order in which they come. */
    private static List<String> timers(Choices choices, int... millis) {
        List<String> log = new ArrayList<>();
        try (EventLoop loop = loopWith(choices)) {
            loop.runUntilComplete(() -> {
                for (int i = 0; i < millis.length; i++) {
                    String name = millis[i] + "ms-" + i;
                    loop.callLater(Duration.ofMillis(millis[i]), () -> log.add(name));
                }
                sleep(Duration.ofSeconds(1));
            });
        }
        return log;
    }

    @Test
    void callbacksThatAreDueAtTheSameTimeRunInTheOrderOfSchedulingUnlessOneChooses() {
        assertThat(timers(Choices.plain(), 5, 5, 5, 1)).containsExactly("1ms-3", "5ms-0", "5ms-1", "5ms-2");

        List<String> asked = new ArrayList<>();
        Choices last = (n, what) -> {
            asked.add(what + " " + n);
            return n - 1;
        };
        assertThat(timers(last, 5, 5, 5, 1)).containsExactly("1ms-3", "5ms-2", "5ms-1", "5ms-0");
        assertThat(asked).containsExactly("timer 3", "timer 2");
    }

    @Test
    void callbacksThatAreDueAtDifferentTimesKeepTheirOrderWhoeverChooses() {
        for (long seed = 0; seed < 20; seed++) {
            assertThat(timers(Choices.seeded(seed), 3, 1, 2)).containsExactly("1ms-1", "2ms-2", "3ms-0");
        }
    }

    /** They come in one turn, the time of the second having passed when the loop looks. */
    @Test
    void soTheyDoIfTheyComeInOneTurn() {
        for (long seed = 0; seed < 20; seed++) {
            List<String> log = new ArrayList<>();
            VirtualClock clock = new VirtualClock();
            try (EventLoop loop = EventLoop.builder()
                    .clock(clock)
                    .choices(Choices.seeded(seed))
                    .build()) {
                loop.runUntilComplete(() -> {
                    loop.callLater(Duration.ofMillis(2), () -> log.add("second"));
                    loop.callLater(Duration.ofMillis(1), () -> log.add("first"));
                    clock.jumpTo(Duration.ofMillis(3).toNanos());
                    sleep(Duration.ofMillis(1));
                });
            }
            assertThat(log).containsExactly("first", "second");
        }
    }

    // ------------------------------------------------------------------------------------------------ the plain thing

    /** Has what could go wrong happen: timers that tie with sleeps, timers due at once, an end in mid-turn. */
    private static List<String> mixedProgram(EventLoop loop) {
        List<String> log = new ArrayList<>();
        try (loop) {
            loop.setExceptionHandler((_, _) -> {});
            Duration second = Duration.ofSeconds(1);
            loop.callLater(second, () -> log.add("timer 1"));
            Task<?, ?> unused = loop.createTask(() -> {
                loop.callLater(Duration.ZERO, () -> log.add("due at once"));
                yieldNow();
                log.add("second step");
            });
            loop.callSoon(() -> loop.callSoon(() -> log.add("soon")));
            loop.runUntilComplete(() -> {
                Task<?, RuntimeException> sleeper = createTask(() -> {
                    sleep(second);
                    log.add("sleeper");
                });
                yieldNow();
                loop.callAt(second, () -> log.add("timer 2"));
                createTask(() -> {
                    sleep(second);
                    yieldNow();
                    log.add("second sleeper");
                });
                loop.callAt(second, () -> log.add("timer 3"));
                sleeper.await();
                loop.callSoon(() -> log.add("before the end"));
            });
            log.add("ended");
        }
        return log;
    }

    @Test
    void zerosMakeTheRunThatThereIsWhereNobodyChooses() {
        List<String> plain = mixedProgram(loopWith(null));
        assertThat(plain).contains("timer 3", "before the end", "second sleeper");
        assertThat(mixedProgram(loopWith(Choices.plain()))).isEqualTo(plain);
        assertThat(mixedProgram(loopWith(acrossTurns(Choices.plain())))).isEqualTo(plain);
    }

    @Test
    void whatIsReadyBeforeStopRunsBeforeTheLoopStopsWhoeverChooses() {
        for (long seed = 0; seed < 20; seed++) {
            for (Choices choices : List.of(Choices.seeded(seed), acrossTurns(Choices.seeded(seed)))) {
                List<String> log = new ArrayList<>();
                try (EventLoop loop = loopWith(choices)) {
                    loop.callSoon(loop::stop);
                    loop.callSoon(() -> log.add("callback"));
                    loop.runForever();
                }
                assertThat(log).containsExactly("callback");
            }
        }
    }

    // ------------------------------------------------------------------------------------------------ candidates

    /** Notes what there was to choose from, and takes what is named. */
    private static final class ByName implements Choices {

        private final String wanted;
        private final List<List<String>> seen = new ArrayList<>();

        ByName(String wanted) {
            this.wanted = wanted;
        }

        @Override
        public int choose(int n, String what) {
            throw new AssertionError("the loop knows what there is to choose from");
        }

        @Override
        public int choose(int n, String what, IntFunction<Object> candidate) {
            List<String> names = IntStream.range(0, n)
                    .mapToObj(i -> candidate.apply(i).toString())
                    .toList();
            seen.add(names);
            return Math.max(0, names.indexOf(wanted));
        }
    }

    @Test
    void whoChoosesMayKnowWhatThereIs() {
        ByName choices = new ByName("task c");
        List<String> log = new ArrayList<>();
        try (EventLoop loop = loopWith(choices)) {
            loop.runUntilComplete(() -> {
                for (String name : List.of("a", "b", "c")) {
                    createTask(() -> log.add(name), TaskOptions.named(name));
                }
                yieldNow();
                yieldNow();
            });
        }
        assertThat(log).containsExactly("c", "a", "b");
        assertThat(choices.seen.getFirst()).contains("task a", "task b", "task c");
        assertThat(choices.seen.get(1)).contains("task a", "task b").doesNotContain("task c");
    }

    @Test
    void aTieOfTimersIsOfHandles() {
        List<Object> candidates = new ArrayList<>();
        List<Object> handles = new ArrayList<>();
        Choices choices = new Choices() {
            @Override
            public int choose(int n, String what) {
                return 0;
            }

            @Override
            public int choose(int n, String what, IntFunction<Object> candidate) {
                if (what.equals("timer")) {
                    candidates.add(candidate.apply(0));
                    candidates.add(candidate.apply(1));
                }
                return 0;
            }
        };
        try (EventLoop loop = loopWith(choices)) {
            loop.runUntilComplete(() -> {
                handles.add(loop.callLater(Duration.ofMillis(1), () -> {}));
                handles.add(loop.callLater(Duration.ofMillis(1), () -> {}));
                sleep(Duration.ofMillis(2));
            });
        }
        assertThat(candidates).containsExactlyElementsOf(handles);
    }
}
