package dev.rondo.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.AsyncQueue;
import dev.rondo.CancelledError;
import dev.rondo.Channel;
import dev.rondo.QueueEmptyException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LinearizabilityTest {

    private static final RuntimeException EMPTY = failureOf(() -> new AsyncQueue<>().getNowait());
    private static final RuntimeException FULL = failureOf(() -> {
        AsyncQueue<Integer> queue = new AsyncQueue<>(1);
        queue.putNowait(1);
        queue.putNowait(2);
    });
    private static final RuntimeException SHUT_DOWN = failureOf(() -> {
        AsyncQueue<Integer> queue = new AsyncQueue<>();
        queue.shutdown();
        queue.putNowait(1);
    });
    private static final RuntimeException END = failureOf(() -> {
        Channel<Integer> channel = new Channel<>(1);
        channel.openSender().close();
        channel.openReceiver().receive();
    });

    private final History history = new History();

    private static RuntimeException failureOf(Runnable code) {
        try {
            code.run();
        } catch (RuntimeException e) {
            return e;
        }
        throw new AssertionError("should fail");
    }

    private static void passes(History history, Model<?> model) {
        assertThatCode(() -> Linearizability.check(history, model)).doesNotThrowAnyException();
    }

    private static void fails(History history, Model<?> model) {
        assertThatThrownBy(() -> Linearizability.check(history, model)).isInstanceOf(AssertionError.class);
    }

    // ------------------------------------------------------------------------------------------------ by hand

    @Test
    void oneCallAfterAnotherIsComparedWithTheModel() {
        history.call("A", "put", 1).returned(null);
        history.call("A", "put", 2).returned(null);
        history.call("B", "get").returned(1);
        history.call("B", "get").returned(2);
        passes(history, Models.queue(2));
        fails(history, Models.queue(1));
    }

    @Test
    void callsThatOverlapMayHaveHappenedInAnyOrder() {
        History.Call first = history.call("A", "put", 1);
        History.Call second = history.call("B", "put", 2);
        first.returned(null);
        second.returned(null);
        history.call("C", "get").returned(2);
        history.call("C", "get").returned(1);
        passes(history, Models.queue(0));
    }

    @Test
    void whatHadReturnedBeforeTheOtherBeganCameFirst() {
        history.call("A", "put", 1).returned(null);
        history.call("B", "put", 2).returned(null);
        history.call("C", "get").returned(2);
        history.call("C", "get").returned(1);
        assertThatThrownBy(() -> Linearizability.check(history, Models.queue(0)))
                .hasMessage(("no order of these 3 calls explains what they returned (the shortest beginning of 4 calls"
                                + " that has none; begin and end are counted in events):%n"
                                + "     0 to    1  A: put(1)%n"
                                + "     2 to    3  B: put(2)%n"
                                + "     4 to    5  C: get() → 2\n"
                                + "  As far as any order goes:\n"
                                + "    A: put(1)\n"
                                + "    B: put(2)\n"
                                + "  That leads to the state [1, 2], in which none of these can come next:\n"
                                + "    C: get() → 2")
                        .formatted());
    }

    @Test
    void whatHasNotReturnedMayHaveHappenedOrNot() {
        history.call("A", "put", 1);
        passes(history, Models.queue(0));
        History.Call get = history.call("B", "get");
        get.returned(1);
        passes(history, Models.queue(0));
        history.call("B", "get").returned(1);
        fails(history, Models.queue(0));
    }

    @Test
    void whatWasGivenUpAndMayHaveHappenedDidSoBeforeThatOrNever() {
        History.Call put = history.call("A", "put", 1);
        put.mayHaveHappened();
        history.call("B", "get").returned(1);
        passes(history, Models.queue(0));

        History late = new History();
        History.Call maybe = late.call("A", "put", 1);
        maybe.mayHaveHappened();
        late.call("B", "getNowait").threw(EMPTY);
        passes(late, Models.queue(0));
        late.call("B", "getNowait").returned(1);
        fails(late, Models.queue(0));
    }

    @Test
    void whatMustNotHaveHappenedHasNot() {
        History.Call put = history.call("A", "put", 1);
        put.didNotHappen();
        passes(history, Models.queue(0));
        history.call("B", "get").returned(1);
        fails(history, Models.queue(0));
    }

    @Test
    void recordNotesWhatACallReturnsOrThrowsAndThatACancelledOneHasNotHappened() {
        assertThat(history.<String, RuntimeException>record("A", "get", () -> "x"))
                .isEqualTo("x");
        assertThatThrownBy(() -> history.record("A", "getNowait", () -> {
                    throw EMPTY;
                }))
                .isInstanceOf(QueueEmptyException.class);
        assertThatThrownBy(() -> history.record(
                        "A",
                        "put",
                        () -> {
                            throw new CancelledError("given up");
                        },
                        1))
                .isInstanceOf(CancelledError.class);
        assertThat(history.toString().lines().map(line -> line.substring(14)))
                .containsExactly(
                        "A: get() → x",
                        "A: getNowait() threw " + EMPTY,
                        "A: put(1) was given up, and must not have happened");
    }

    @Test
    void aCallEndsOnce() {
        History.Call call = history.call("A", "put", 1);
        call.returned(null);
        assertThatThrownBy(() -> call.threw(new RuntimeException()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("A: put(1) has ended already");
    }

    @Test
    void atRestWhatHasNotReturnedMustHaveToWait() {
        history.call("A", "acquire").returned(null);
        History.Call waits = history.call("B", "acquire");
        assertThatCode(() -> Linearizability.checkAtRest(history, Models.lock()))
                .doesNotThrowAnyException();
        history.call("A", "release").returned(null);
        passes(history, Models.lock());
        assertThatThrownBy(() -> Linearizability.checkAtRest(history, Models.lock()))
                .hasMessageStartingWith("nothing runs any more, and a call that has not returned need not wait.")
                .hasMessageEndingWith("That leads to the state false, in which this need not wait any longer:\n"
                        + "    B: acquire() has not returned");
        waits.returned(null);
        assertThatCode(() -> Linearizability.checkAtRest(history, Models.lock()))
                .doesNotThrowAnyException();
    }

    @Test
    void tooManyThatOverlapAreGivenUp() {
        List<History.Call> calls = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            calls.add(history.call("A" + i, "put", i));
        }
        calls.forEach(call -> call.returned(null));
        history.call("B", "get").returned(99);
        assertThatThrownBy(() -> Linearizability.check(history, Models.queue(0), 10_000))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("gave up after 10000 states: too many of the 31 calls overlap. Make the history shorter, or"
                        + " its actors fewer");
    }

    // ------------------------------------------------------------------------------------------------ the models

    @Test
    void theModelOfAQueueKnowsWhatFailsAtOnceAndTheEnd() {
        history.call("A", "getNowait").threw(EMPTY);
        history.call("A", "putNowait", 1).returned(null);
        history.call("A", "putNowait", 2).threw(FULL);
        history.call("A", "shutdown").returned(null);
        history.call("A", "put", 2).threw(SHUT_DOWN);
        history.call("A", "get").returned(1);
        history.call("A", "get").threw(SHUT_DOWN);
        passes(history, Models.queue(1));
        history.call("A", "getNowait").threw(SHUT_DOWN);
        passes(history, Models.queue(1));
        history.call("A", "put", 3).returned(null);
        fails(history, Models.queue(1));
    }

    @Test
    void theModelOfAChannelKnowsItsOrderItsCapacityAndItsEnd() {
        history.call("A", "send", 1).returned(null);
        history.call("A", "close").returned(null);
        history.call("B", "receive").returned(1);
        history.call("B", "receive").threw(END);
        passes(history, Models.channel(0));

        History tooMany = new History();
        tooMany.call("A", "send", 1).returned(null);
        tooMany.call("A", "send", 2).returned(null);
        passes(tooMany, Models.channel(2));
        fails(tooMany, Models.channel(1));

        History earlyEnd = new History();
        earlyEnd.call("A", "send", 1).returned(null);
        earlyEnd.call("A", "close").returned(null);
        earlyEnd.call("B", "receive").threw(END);
        fails(earlyEnd, Models.channel(1));
    }

    @Test
    void theModelsOfLockAndSemaphoreCount() {
        history.call("A", "acquire").returned(null);
        history.call("B", "acquire").returned(null);
        passes(history, Models.semaphore(2));
        fails(history, Models.semaphore(1));
        fails(history, Models.lock());

        History released = new History();
        released.call("A", "release").threw(new IllegalStateException());
        passes(released, Models.lock());
        released.call("A", "release").returned(null);
        fails(released, Models.lock());
    }

    @Test
    void anOperationThatAModelDoesNotKnowIsAMistakeOfTheTest() {
        history.call("A", "peek").returned(null);
        assertThatThrownBy(() -> Linearizability.check(history, Models.lock()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a lock has no operation peek");
    }

    // ------------------------------------------------------------------------------------------------ by force

    @Test
    void theVerdictIsThatOfTryingAllPermutations() {
        Random random = new Random(42);
        int[] verdicts = new int[2];
        for (int i = 0; i < 4_000; i++) {
            History history = randomHistory(random, 2 + random.nextInt(5));
            boolean expected = bruteForce(history, Models.queue(2));
            verdicts[expected ? 1 : 0]++;
            boolean found = true;
            try {
                Linearizability.check(history, Models.queue(2));
            } catch (AssertionError e) {
                found = false;
            }
            assertThat(found).as("%s", history).isEqualTo(expected);
        }
        assertThat(verdicts[0]).isGreaterThan(400);
        assertThat(verdicts[1]).isGreaterThan(400);
    }

    private static History randomHistory(Random random, int size) {
        History history = new History();
        List<History.Call> open = new ArrayList<>();
        List<Boolean> puts = new ArrayList<>();
        for (int made = 0; made < size || random.nextInt(3) > 0; ) {
            if (made < size && (open.isEmpty() || random.nextBoolean())) {
                boolean put = random.nextBoolean();
                puts.add(put);
                made++;
                open.add(
                        put ? history.call("A" + made, "put", 1 + random.nextInt(2)) : history.call("A" + made, "get"));
            } else if (!open.isEmpty()) {
                int i = random.nextInt(open.size());
                History.Call call = open.remove(i);
                boolean put = puts.remove(i);
                switch (random.nextInt(8)) {
                    case 0 -> call.mayHaveHappened();
                    case 1 -> call.didNotHappen();
                    default -> call.returned(put ? null : 1 + random.nextInt(2));
                }
            }
        }
        return history;
    }

    private static <S> boolean bruteForce(History history, Model<S> model) {
        return permute(history, model, model.initial(), new ArrayList<>());
    }

    private static <S> boolean permute(History history, Model<S> model, S state, List<History.Call> before) {
        int whole = Integer.MAX_VALUE - 1;
        List<History.Call> left = new ArrayList<>(history.calls());
        left.removeAll(before);
        left.removeIf(call -> call.endingAt(whole) == History.End.NOT_HAPPENED);
        if (left.stream()
                .noneMatch(call ->
                        call.endingAt(whole) == History.End.RETURNED || call.endingAt(whole) == History.End.THREW)) {
            return true;
        }
        for (History.Call call : left) {
            S next = model.step(state, call.at(whole));
            boolean inTime = before.stream().allMatch(earlier -> earlier.begin < call.end);
            if (next != null && inTime) {
                List<History.Call> with = new ArrayList<>(before);
                with.add(call);
                if (permute(history, model, next, with)) {
                    return true;
                }
            }
        }
        return false;
    }

    @Test
    void twoHundredCallsOfFiveActorsAreQuick() {
        Random random = new Random(7);
        for (int i = 0; i < 20; i++) {
            History history = historyOfARightQueue(random, 200, -1);
            Linearizability.check(history, Models.queue(0), 5_000);
        }
    }

    @Test
    void oneWrongResultAmongTwoHundredIsFound() {
        Random random = new Random(8);
        for (int wrong = 20; wrong < 200; wrong += 20) {
            History history = historyOfARightQueue(random, 200, wrong);
            assertThatThrownBy(() -> Linearizability.check(history, Models.queue(0), 50_000))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("get() → -1");
        }
    }

    /** Five actors; each call has its effect at some moment between its beginning and its end. */
    private static History historyOfARightQueue(Random random, int size, int wrong) {
        History history = new History();
        ArrayDeque<Integer> queue = new ArrayDeque<>();
        History.Call[] calls = new History.Call[5];
        Object[] results = new Object[5]; // or this if there is none yet
        boolean[] puts = new boolean[5];
        int gets = 0;
        for (int made = 0; made < size; ) {
            int actor = random.nextInt(5);
            History.Call call = calls[actor];
            if (call == null) {
                made++;
                puts[actor] = made % 2 == 1;
                calls[actor] = puts[actor] ? history.call(actor, "put", made) : history.call(actor, "get");
                results[actor] = calls;
                if (puts[actor] && random.nextBoolean()) {
                    queue.add(made);
                    results[actor] = null;
                }
            } else if (results[actor] == calls && puts[actor]) {
                queue.add((Integer) call.at(Integer.MAX_VALUE - 1).argument(0));
                results[actor] = null;
            } else if (results[actor] == calls) {
                if (!queue.isEmpty()) {
                    results[actor] = queue.remove();
                } else if (allWait(calls, results, puts, queue)) {
                    queue.add(0);
                    history.call("helper", "put", 0).returned(null);
                }
            } else {
                boolean isWrong = !puts[actor] && ++gets >= wrong / 2 && wrong > 0;
                call.returned(isWrong ? -1 : results[actor]);
                wrong = isWrong ? -1 : wrong;
                calls[actor] = null;
            }
        }
        return history;
    }

    private static boolean allWait(History.Call[] calls, Object[] results, boolean[] puts, ArrayDeque<Integer> queue) {
        for (int i = 0; i < calls.length; i++) {
            if (calls[i] == null || puts[i] || results[i] != calls) {
                return false;
            }
        }
        return queue.isEmpty();
    }
}
