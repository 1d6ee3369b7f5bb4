package dev.rondo.reactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class InboxTest {

    private final Inbox inbox = new Inbox();

    @Test
    void postsAreDeliveredOnceOldestFirst() {
        List<Integer> delivered = new ArrayList<>();
        assertThat(inbox.isEmpty()).isTrue();
        for (int i = 0; i < 10; i++) {
            int n = i;
            inbox.post(() -> delivered.add(n));
        }
        assertThat(inbox.isEmpty()).isFalse();
        inbox.drain();
        inbox.drain();
        assertThat(delivered).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        assertThat(inbox.isEmpty()).isTrue();
    }

    @Test
    void whatADeliveryPostsWaitsForTheNextTime() {
        List<String> delivered = new ArrayList<>();
        inbox.post(() -> {
            delivered.add("first");
            inbox.post(() -> delivered.add("second"));
        });
        inbox.drain();
        assertThat(delivered).containsExactly("first");
        inbox.drain();
        assertThat(delivered).containsExactly("first", "second");
    }

    @Test
    void aDeliveryThatBreaksTakesNoOtherWithIt() {
        List<String> delivered = new ArrayList<>();
        inbox.post(() -> {
            throw new IllegalStateException("broken");
        });
        inbox.post(() -> delivered.add("the next"));
        assertThatThrownBy(inbox::drain).hasMessage("broken");
        assertThat(delivered).containsExactly("the next");
    }

    @Test
    void eachThreadsPostsStayInTheirOrderAndNoneIsLost() {
        int threads = 4;
        int posts = 50_000;
        int[] next = new int[threads];
        int[] outOfOrder = {0};
        CountDownLatch start = new CountDownLatch(1);
        for (int t = 0; t < threads; t++) {
            int thread = t;
            Thread.ofPlatform().daemon().start(() -> {
                try {
                    start.await();
                } catch (InterruptedException e) {
                    return;
                }
                for (int i = 0; i < posts; i++) {
                    int n = i;
                    inbox.post(() -> {
                        if (next[thread]++ != n) {
                            outOfOrder[0]++;
                        }
                    });
                }
            });
        }
        start.countDown();
        while (next[0] + next[1] + next[2] + next[3] < threads * posts) {
            inbox.drain();
        }
        assertThat(next).containsOnly(posts);
        assertThat(outOfOrder[0]).isZero();
        assertThat(inbox.isEmpty()).isTrue();
    }
}
