package dev.rondo;

import static dev.rondo.Asyncio.asCompleted;
import static dev.rondo.Asyncio.captureCallGraph;
import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.currentTask;
import static dev.rondo.Asyncio.formatCallGraph;
import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.printCallGraph;
import static dev.rondo.Asyncio.timeout;
import static dev.rondo.Asyncio.yieldNow;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.rondo.spec.Spec;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class CallGraphTest extends LoopTestCase {

    private static List<String> methods(CallGraph graph) {
        return graph.callStack().stream().map(StackTraceElement::getMethodName).toList();
    }

    /** Returns the graph's names, each with those who wait for it in brackets. */
    private static String shape(CallGraph graph) {
        String name = graph.awaitable() instanceof Task<?, ?> task ? task.name() : "promise";
        return name + graph.awaitedBy().stream().map(CallGraphTest::shape).toList();
    }

    private static CallGraph captureInMiddle() {
        return captureInner();
    }

    private static CallGraph captureInner() {
        return Objects.requireNonNull(captureCallGraph());
    }

    private static CallGraph captureFrom(int depth, int limit) {
        return captureCallGraph(Objects.requireNonNull(currentTask()), depth, limit);
    }

    @Test
    @Spec("D-6")
    void theCallersStackBeginsWhereItAsks() {
        run(() -> {
            CallGraph graph = captureInMiddle();
            assertThat(graph.awaitable()).isSameAs(currentTask());
            assertThat(methods(graph))
                    .startsWith("captureInner", "captureInMiddle")
                    .hasSize(3);
            assertThat(graph.awaitedBy()).isEmpty();
            assertThat(methods(captureFrom(1, Integer.MAX_VALUE))).startsWith("captureFrom");
            assertThat(methods(captureFrom(2, Integer.MAX_VALUE)))
                    .singleElement()
                    .asString()
                    .startsWith("lambda$");
            assertThat(methods(captureFrom(100, Integer.MAX_VALUE))).isEmpty();
        });
    }

    @Test
    @Spec("D-6")
    void theLimitTakesTheNearestOrTheTopmostFrames() {
        run(() -> {
            assertThat(methods(captureFrom(1, 1))).containsExactly("captureFrom");
            assertThat(methods(captureFrom(1, -1))).singleElement().asString().startsWith("lambda$");
            assertThat(methods(captureFrom(1, -5))).hasSize(2);
            assertThat(methods(captureFrom(1, 0))).isEmpty();
        });
    }

    @Test
    @Spec("D-6")
    void withoutACurrentTaskThereIsNothingToCapture() {
        assertThatIllegalStateException().isThrownBy(Asyncio::captureCallGraph);
        run(() -> {
            loop.callSoon(() -> {
                log.add("graph " + captureCallGraph());
                log.add("text " + formatCallGraph());
            });
            yieldNow();
        });
        assertThat(log).containsExactly("graph null", "text ");
    }

    @Test
    @Spec("D-6")
    void anAwaitableMayBeCapturedWhileNoLoopRuns() throws Exception {
        Promise<String, RuntimeException> promise = loop.createFuture();
        assertThat(shape(captureCallGraph(promise))).isEqualTo("promise[]");
        assertThatIllegalArgumentException().isThrownBy(() -> captureCallGraph(promise, -1, 0));
        run(() -> onAnotherThread(() -> assertThatIllegalStateException()
                .isThrownBy(() -> captureCallGraph(promise))
                .withMessageContaining("callSoonThreadsafe")));
    }

    @Test
    @Spec("D-6")
    @Spec("D-8")
    void whoAwaitsWhomIsFollowedToTheEnd() {
        run(() -> {
            Promise<String, RuntimeException> promise = loop.createFuture();
            Task<String, RuntimeException> inner = createTask(() -> promise.await(), "inner");
            Task<?, RuntimeException> outer = createTask(() -> inner.await(), "outer");
            createTask(() -> outer.await(), "first");
            createTask(() -> outer.await(), "second");
            yieldNow();
            assertThat(shape(captureCallGraph(promise))).isEqualTo("promise[inner[outer[first[], second[]]]]");
            assertThat(captureCallGraph(promise).callStack()).isEmpty();
            CallGraph graph = captureCallGraph(inner);
            assertThat(methods(graph)).singleElement().asString().startsWith("lambda$");
            assertThat(methods(graph.awaitedBy().getFirst())).hasSize(1);
            promise.setResult("");
            outer.await();
            assertThat(shape(captureCallGraph(inner))).isEqualTo("inner[]");
        });
    }

    @Test
    @Spec("D-8")
    void gatherTimeoutAndAsCompletedAwaitWhatTheyWaitFor() {
        run(() -> {
            Promise<String, RuntimeException> promise = loop.createFuture();
            Task<String, RuntimeException> other = createTask(() -> promise.await(), "other");
            createTask(() -> gather(List.of(promise, other)), "gather");
            createTask(() -> timeout(Duration.ofHours(1), () -> promise.await()), "timeout");
            createTask(() -> asCompleted(List.of(promise)).forEach(each -> log.add("done")), "asCompleted");
            yieldNow();
            assertThat(shape(captureCallGraph(promise)))
                    .isEqualTo("promise[other[gather[]], gather[], timeout[], asCompleted[]]");
            promise.setResult("");
            yieldNow();
        });
    }

    @Test
    void aRingIsFollowedOnce() {
        run(() -> {
            List<Task<?, ?>> ring = ring(3);
            yieldNow();
            assertThat(shape(captureCallGraph(ring.getFirst()))).isEqualTo("t0[t2[t1[t0[]]]]");
            assertThat(formatCallGraph(ring.getFirst())).contains(" (see above)");
            ring.getFirst().cancel();
        });
    }

    private static List<Task<?, ?>> ring(int size) {
        List<Task<?, ?>> ring = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            int next = (i + 1) % size;
            ring.add(createTask(() -> ring.get(next).await(), "t" + i));
        }
        return ring;
    }

    @Test
    void whatIsReachedByTwoWaysIsShownOnceAndCostsNoMore() {
        run(() -> {
            Promise<String, RuntimeException> promise = loop.createFuture();
            List<Awaitable<?, RuntimeException>> layer = List.of(promise);
            for (int i = 0; i < 60; i++) {
                List<Awaitable<?, RuntimeException>> below = layer;
                layer = List.of(createTask(() -> gather(below)), createTask(() -> gather(below)));
            }
            List<Awaitable<?, RuntimeException>> top = layer;
            yieldNow();
            assertThat(formatCallGraph(promise).lines().filter(line -> line.contains("* Task(")))
                    .hasSize(2 + 59 * 4);
            assertThat(captureCallGraph(promise)).hasToString(formatCallGraph(promise));
            promise.setResult("");
            gather(top);
        });
    }

    @Test
    void aChainLongerThanAnybodyReadsIsCutAndNotFatal() {
        run(() -> {
            Promise<String, RuntimeException> promise = loop.createFuture();
            Awaitable<?, RuntimeException> last = promise;
            for (int i = 0; i < 20_000; i++) {
                Awaitable<?, RuntimeException> next = last;
                last = createTask(() -> next.await());
            }
            yieldNow();
            assertThat(formatCallGraph(promise, 1, 0).lines().filter(line -> line.contains("* Task(")))
                    .hasSize(100);
            promise.setResult("");
            last.await();
        });
    }

    @Test
    @Spec("D-7")
    void theTextShowsWhoWaitsBelowWhatTheyWaitFor() {
        run(() -> {
            Promise<String, RuntimeException> promise = loop.createFuture();
            Task<?, ?> inner = createTask(() -> promise.await(), "inner");
            createTask(() -> inner.await(), "outer");
            yieldNow();
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            printCallGraph(inner, new PrintStream(bytes, true, UTF_8));
            String text = bytes.toString(UTF_8);
            assertThat(text).isEqualTo(formatCallGraph(inner));
            assertThat(text.replaceAll("0x[0-9a-f]+", "0xN")
                            .replaceAll("lambda\\$\\w+\\$\\d+", "lambda")
                            .replaceAll(":\\d+\\)", ":N)"))
                    .isEqualTo("""
                    * Task(name='inner', id=0xN)
                      + Call stack:
                      |   at dev.rondo.CallGraphTest.lambda(CallGraphTest.java:N)
                      + Awaited by:
                        * Task(name='outer', id=0xN)
                          + Call stack:
                          |   at dev.rondo.CallGraphTest.lambda(CallGraphTest.java:N)
                    """);
            assertThat(formatCallGraph(promise)).startsWith("* Promise(id=0x");
            promise.setResult("");
            yieldNow();
        });
    }
}
