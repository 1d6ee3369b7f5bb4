package dev.rondo;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Suspending far down in a recursion: how deep depends on the garbage collector, which keeps the suspended stack. */
class DeepStackTest {

    static final class SuspendsFarDown {
        static void main() throws InterruptedException {
            Thread.ofPlatform()
                    .stackSize(512 << 20)
                    .start(() -> Asyncio.run(SuspendsFarDown::inCoroutine))
                    .join();
        }

        private static void inCoroutine() {
            try {
                System.out.println("depth " + sleepAt(100_000));
            } catch (IllegalStateException e) {
                System.out.println(e.getMessage());
            }
            Asyncio.yieldNow();
            Asyncio.sleep(Duration.ofMillis(1));
            System.out.println("the loop goes on");
        }

        private static int sleepAt(int depth) {
            if (depth > 0) {
                return 1 + sleepAt(depth - 1);
            }
            Asyncio.yieldNow();
            Asyncio.sleep(Duration.ofMillis(1));
            return 0;
        }
    }

    @Test
    void underParallelItGoesAsDeepAsTheStack() throws Exception {
        ChildJvm.Result result = ChildJvm.run(SuspendsFarDown.class, "-XX:+UseParallelGC");
        assertThat(result.out()).containsExactly("depth 100000", "the loop goes on");
    }

    @Test
    void underG1WithSmallRegionsItIsAnErrorThatSaysWhatToDo() throws Exception {
        ChildJvm.Result result = ChildJvm.run(SuspendsFarDown.class, "-XX:+UseG1GC", "-Xmx256m", "-Xint");
        assertThat(result.complaints()).isEmpty();
        assertThat(result.out()).hasSize(2).last().isEqualTo("the loop goes on");
        assertThat(result.out().getFirst())
                .startsWith("cannot suspend here")
                .contains("-XX:G1HeapRegionSize")
                .contains("-XX:+UseParallelGC");
    }
}
