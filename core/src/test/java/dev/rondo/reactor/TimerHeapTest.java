package dev.rondo.reactor;

import static java.util.Comparator.comparingLong;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class TimerHeapTest {

    private final TimerHeap heap = new TimerHeap();

    private final Map<Runnable, Timer> timers = new IdentityHashMap<>(); // by their items

    private Timer add(long deadlineNanos) {
        Runnable item = new Runnable() {
            @Override
            public void run() {}
        };
        Timer timer = new Timer(deadlineNanos, item);
        timers.put(item, timer);
        heap.add(timer);
        return timer;
    }

    private List<Timer> due(long nowNanos) {
        List<Timer> due = new ArrayList<>();
        for (Runnable item; (item = heap.pollDue(nowNanos)) != null; ) {
            due.add(timers.get(item));
        }
        return due;
    }

    @Test
    void nothingIsDueInAnEmptyHeap() {
        assertThat(due(Long.MAX_VALUE)).isEmpty();
        assertThat(heap.size()).isZero();
    }

    @Test
    void equalDeadlinesStayInTheOrderInWhichTheyWereAdded() {
        List<Timer> added = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            added.add(add(7));
        }
        assertThat(due(7)).isEqualTo(added);
    }

    @Test
    void aTimerIsDueAtItsDeadlineAndNotBefore() {
        Timer timer = add(10);
        assertThat(due(9)).isEmpty();
        assertThat(due(10)).containsExactly(timer);
    }

    @Test
    void aTimerIsScheduledOnce() {
        Timer timer = add(10);
        assertThatIllegalStateException().isThrownBy(() -> heap.add(timer));
        assertThat(heap.remove(timer)).isTrue();
        assertThat(heap.remove(timer)).isFalse();
        assertThatIllegalStateException().isThrownBy(() -> heap.add(timer));
        Timer other = add(10);
        assertThat(due(10)).containsExactly(other);
        assertThat(heap.remove(other)).isFalse();
        assertThatIllegalStateException().isThrownBy(() -> heap.add(other));
        assertThat(heap.remove(new Timer(10, () -> {}))).as("never scheduled").isFalse();
    }

    @Test
    void aTimerThatIsTakenBackLetsItsItemGoAtOnceAndItsPlaceBeforeLong() {
        add(0);
        List<Timer> taken = new ArrayList<>();
        for (int i = 1; i <= 1000; i++) {
            taken.add(add(i));
        }
        taken.forEach(timer -> {
            heap.remove(timer);
            assertThat(timer.item).isNull();
        });
        assertThat(heap.size()).isEqualTo(1);
        assertThat(heap.places()).isLessThan(130);
    }

    @Test
    void theFirstDeadlineIsThatOfATimerThatIsStillScheduled() {
        Timer first = add(1);
        add(2);
        add(3);
        heap.remove(first);
        assertThat(heap.firstDeadline()).isEqualTo(2);
        assertThat(due(1)).isEmpty();
    }

    @Test
    void deadlinesAreComparedByTheirDifferenceAsClocksMayWrapAround() {
        Timer after = add(Long.MIN_VALUE + 5);
        Timer before = add(Long.MAX_VALUE - 5);
        assertThat(due(Long.MAX_VALUE)).containsExactly(before);
        assertThat(due(Long.MIN_VALUE + 5)).containsExactly(after);
    }

    @Test
    void clearedItLetsItsTimersGo() {
        List<Timer> timers = List.of(add(3), add(1), add(2));
        heap.clear();
        assertThat(heap.size()).isZero();
        timers.forEach(timer -> assertThat(heap.remove(timer)).isFalse());
    }

    /** Does at random what a loop does, and compares with a list that is sorted each time. */
    @RepeatedTest(20)
    void itBehavesAsASortedListWould(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        List<Timer> model = new ArrayList<>(); // stable sorting keeps equal deadlines in order
        long now = random.nextLong(-1000, 1000);
        for (int step = 0; step < 3000; step++) {
            switch (random.nextInt(8)) {
                case 0, 1, 2, 3 -> model.add(add(now + random.nextInt(50)));
                case 4, 5 -> {
                    if (!model.isEmpty()) {
                        Timer timer = model.remove(random.nextInt(model.size()));
                        assertThat(heap.remove(timer)).isTrue();
                    }
                }
                default -> {
                    now += random.nextInt(10);
                    long present = now;
                    List<Timer> expected = model.stream()
                            .filter(timer -> timer.deadlineNanos <= present)
                            .sorted(comparingLong(timer -> timer.deadlineNanos))
                            .toList();
                    assertThat(due(now)).isEqualTo(expected);
                    model.removeAll(expected);
                }
            }
            assertThat(heap.size()).isEqualTo(model.size());
            if (!model.isEmpty()) {
                assertThat(heap.firstDeadline())
                        .isEqualTo(model.stream()
                                .mapToLong(timer -> timer.deadlineNanos)
                                .min()
                                .getAsLong());
            }
        }
    }

    @RepeatedTest(10)
    void manyThatAreDueAtOnceComeInOrderWhateverWasTakenBack(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        List<Timer> model = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            model.add(add(random.nextInt(1000)));
        }
        for (long now = 0; !model.isEmpty(); now += random.nextInt(400)) {
            long present = now;
            List<Timer> expected = model.stream()
                    .filter(timer -> timer.deadlineNanos <= present)
                    .sorted(comparingLong(timer -> timer.deadlineNanos))
                    .toList();
            assertThat(due(now)).as("due at %d", now).isEqualTo(expected);
            model.removeAll(Set.copyOf(expected));
            assertThat(heap.size()).isEqualTo(model.size());
            for (int i = random.nextInt(model.size() + 1); i > 0; i--) {
                Timer timer = model.remove(random.nextInt(model.size()));
                assertThat(heap.remove(timer)).isTrue();
            }
        }
    }
}
