package dev.rondo.reactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayDeque;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ReadyQueueTest {

    private final ReadyQueue queue = new ReadyQueue();
    private final ArrayDeque<Runnable> model = new ArrayDeque<>();

    private void add() {
        Runnable item = new Runnable() {
            @Override
            public void run() {}
        };
        queue.add(item);
        model.add(item);
    }

    private void takeAndCompare() {
        assertThat(queue.peek()).isSameAs(model.peek());
        assertThat(queue.take()).isSameAs(model.poll());
        assertThat(queue.size()).isEqualTo(model.size());
    }

    @Test
    void itGrowsFromAnyPlaceOfItsHead() {
        for (int head = 0; head < 256; head += 51) {
            for (int i = 0; i < head; i++) {
                add();
                takeAndCompare();
            }
            for (int i = 0; i < 1000; i++) {
                add();
            }
            while (!model.isEmpty()) {
                takeAndCompare();
            }
        }
    }

    @Test
    void itKeepsItsOrderWhateverComes() {
        Random random = new Random(1);
        for (int step = 0; step < 100_000; step++) {
            if (model.isEmpty() || random.nextInt(100) < 52) {
                add();
            } else {
                takeAndCompare();
            }
        }
    }

    @Test
    void emptyItHasNothingToGive() {
        assertThat(queue.peek()).isNull();
        assertThatIllegalStateException().isThrownBy(queue::take);
    }
}
