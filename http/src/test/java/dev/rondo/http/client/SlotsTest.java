package dev.rondo.http.client;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.getRunningLoop;
import static dev.rondo.Asyncio.run;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.Task;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SlotsTest {

    private static final Origin A = new Origin("http", "a", 80);
    private static final Origin B = new Origin("http", "b", 80);

    private final List<String> got = new ArrayList<>();

    private Task<?, ?> acquiring(Slots slots, Origin origin, String name) {
        return createTask(() -> {
            slots.acquire(origin);
            got.add(name);
        });
    }

    private static void settle() {
        for (int i = 0; i < 5; i++) {
            yieldNow();
        }
    }

    @Test
    void slotsGoToThoseWhoCameFirst() {
        run(() -> {
            var slots = new Slots(getRunningLoop(), 2, 0);
            for (String name : "1 2 3 4 5".split(" ")) {
                acquiring(slots, name.equals("4") ? B : A, name);
            }
            settle();
            assertThat(got).containsExactly("1", "2");
            assertThat(slots.waiting()).isEqualTo(3);
            slots.release(A);
            slots.release(A);
            settle();
            assertThat(got).containsExactly("1", "2", "3", "4");
            assertThat(slots.inUse()).isEqualTo(2);
            slots.release(B);
            settle();
            assertThat(got).containsExactly("1", "2", "3", "4", "5");
        });
    }

    @Test
    void nobodyOvertakesAWaiterWhoHasBeenGivenASlotButHasNotRunYet() {
        run(() -> {
            var slots = new Slots(getRunningLoop(), 1, 0);
            assertThat(slots.tryAcquire(A)).isTrue();
            acquiring(slots, A, "waiter");
            settle();
            slots.release(A);
            assertThat(slots.tryAcquire(A)).isFalse();
            settle();
            assertThat(got).containsExactly("waiter");
        });
    }

    @Test
    void aCrowdedOriginKeepsNobodyElseWaiting() {
        run(() -> {
            var slots = new Slots(getRunningLoop(), 10, 2);
            for (int i = 0; i < 5; i++) {
                acquiring(slots, A, "a" + i);
            }
            acquiring(slots, B, "b");
            settle();
            assertThat(got).containsExactly("a0", "a1", "b");
            slots.release(A);
            settle();
            assertThat(got).containsExactly("a0", "a1", "b", "a2");
            assertThat(slots.inUse()).isEqualTo(3);
        });
    }

    @Test
    void bothLimitsHold() {
        run(() -> {
            var slots = new Slots(getRunningLoop(), 3, 2);
            for (int i = 0; i < 3; i++) {
                acquiring(slots, A, "a" + i);
                acquiring(slots, B, "b" + i);
            }
            settle();
            assertThat(got).containsExactly("a0", "b0", "a1");
            slots.release(A);
            settle();
            assertThat(got).containsExactly("a0", "b0", "a1", "b1");
            slots.release(B);
            settle();
            assertThat(got).containsExactly("a0", "b0", "a1", "b1", "a2");
            slots.release(B);
            settle();
            assertThat(got).containsExactly("a0", "b0", "a1", "b1", "a2", "b2");
        });
    }

    @Test
    void whoIsCancelledInTheLineLeavesIt() {
        run(() -> {
            var slots = new Slots(getRunningLoop(), 1, 0);
            acquiring(slots, A, "first");
            Task<?, ?> second = acquiring(slots, A, "second");
            acquiring(slots, A, "third");
            settle();
            second.cancel();
            settle();
            assertThat(slots.waiting()).isEqualTo(1);
            slots.release(A);
            settle();
            assertThat(got).containsExactly("first", "third");
        });
    }

    @Test
    void whoIsCancelledAtACrowdedOriginLeavesItsLine() {
        run(() -> {
            var slots = new Slots(getRunningLoop(), 0, 1);
            acquiring(slots, A, "first");
            Task<?, ?> second = acquiring(slots, A, "second");
            settle();
            second.cancel();
            settle();
            assertThat(slots.waiting()).isZero();
            slots.release(A);
            assertThat(slots.inUse()).isZero();
            assertThat(slots.tryAcquire(A)).isTrue();
        });
    }

    @Test
    void aSlotThatReachesACancelledWaiterGoesToTheNext() {
        run(() -> {
            var slots = new Slots(getRunningLoop(), 1, 0);
            acquiring(slots, A, "first");
            Task<?, ?> second = acquiring(slots, A, "second");
            acquiring(slots, A, "third");
            settle();
            slots.release(A); // the slot is the second's
            second.cancel(); // who never learns of it
            settle();
            assertThat(got).containsExactly("first", "third");
            assertThat(slots.inUse()).isEqualTo(1);
        });
    }

    @Test
    void aSlotIsGivenToACancelledWaiterThatHasNotRunYet() {
        run(() -> {
            var slots = new Slots(getRunningLoop(), 1, 0);
            acquiring(slots, A, "first");
            Task<?, ?> second = acquiring(slots, A, "second");
            acquiring(slots, A, "third");
            settle();
            second.cancel();
            slots.release(A);
            settle();
            assertThat(got).containsExactly("first", "third");
            assertThat(slots.inUse()).isEqualTo(1);
        });
    }

    @Test
    void cancellingAWaiterInTheLineOfAllFreesItsPlaceAtTheOrigin() {
        run(() -> {
            var slots = new Slots(getRunningLoop(), 1, 1);
            acquiring(slots, B, "b");
            Task<?, ?> first = acquiring(slots, A, "a0"); // has a's only place, waits for the whole
            acquiring(slots, A, "a1");
            settle();
            first.cancel();
            settle();
            slots.release(B);
            settle();
            assertThat(got).containsExactly("b", "a1");
        });
    }

    @Test
    void withoutLimitsNobodyWaits() {
        run(() -> {
            var slots = new Slots(getRunningLoop(), 0, 0);
            for (int i = 0; i < 1000; i++) {
                assertThat(slots.tryAcquire(A)).isTrue();
            }
        });
    }

    @Test
    void nothingIsKeptOfOriginsThatAreDoneWith() {
        run(() -> {
            var slots = new Slots(getRunningLoop(), 2, 1);
            slots.acquire(B);
            for (int i = 0; i < 100; i++) {
                var origin = new Origin("http", "host" + i, 80);
                slots.acquire(origin);
                slots.release(origin);
                assertThatThrownBy(() -> slots.release(origin)).isInstanceOf(IllegalStateException.class);
            }
            assertThat(slots.inUse()).isEqualTo(1);
        });
    }
}
