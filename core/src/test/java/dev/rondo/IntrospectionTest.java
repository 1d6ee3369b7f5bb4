package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.currentTask;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rondo.spec.Spec;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;

/** What a task says of itself: its coroutine, its stack, and how it is printed. */
class IntrospectionTest extends LoopTestCase {

    private static final Duration LONG = Duration.ofHours(1);

    private void outer(Promise<String, RuntimeException> promise) {
        inner(promise);
    }

    private void inner(Promise<String, RuntimeException> promise) {
        promise.await();
    }

    private static List<String> methods(List<StackTraceElement> frames) {
        return frames.stream().map(StackTraceElement::getMethodName).toList();
    }

    private static String printed(Task<?, ?> task) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        task.printStack(new PrintStream(bytes, true, java.nio.charset.StandardCharsets.UTF_8));
        return bytes.toString(java.nio.charset.StandardCharsets.UTF_8);
    }

    // ------------------------------------------------------------------------------------------------ T-8

    @Test
    @Spec("T-8")
    void aTaskKnowsItsCoroutineUntilItIsDoneAndItsContext() {
        Context context = new Context();
        Coroutine<Integer, RuntimeException> coroutine = () -> {
            yieldNow();
            return 1;
        };
        run(() -> {
            Task<Integer, RuntimeException> task = loop.createTask(coroutine, null, context);
            assertThat(task.coroutine()).isSameAs(coroutine);
            assertThat(task.context()).isSameAs(context);
            yieldNow();
            assertThat(task.coroutine()).as("while it runs").isSameAs(coroutine);
            task.await();
            assertThat(task.coroutine()).as("afterwards").isNull();
            assertThat(task.context()).isSameAs(context);
        });
    }

    // ------------------------------------------------------------------------------------------------ T-9

    @Test
    @Spec("T-9")
    void theStackOfASuspendedTaskIsAllItsFramesAndNoneOfOurs() {
        run(() -> {
            Promise<String, RuntimeException> promise = loop.createFuture();
            Task<?, RuntimeException> task = createTask(() -> outer(promise));
            assertThat(task.stack()).as("before it begins").isEmpty();
            yieldNow();
            assertThat(methods(task.stack())).startsWith("inner", "outer").hasSize(3);
            assertThat(task.stack())
                    .allSatisfy(frame -> assertThat(frame.getClassName()).isEqualTo(IntrospectionTest.class.getName()));
            assertThat(methods(task.stack(2))).containsExactly("inner", "outer");
            assertThat(task.stack(0)).isEmpty();
            assertThat(printed(task))
                    .startsWith("Stack for <Task pending name='" + task.name() + "'")
                    .contains(" (most recent call first):")
                    .containsSubsequence(
                            "at dev.rondo.IntrospectionTest.inner(", "at dev.rondo.IntrospectionTest.outer(");
            promise.setResult("");
            task.await();
        });
    }

    @Test
    @Spec("T-9")
    void theStackOfATaskInBlockingCodeShowsThatCode() throws InterruptedException {
        run(() -> {
            LinkedBlockingQueue<String> queue = new LinkedBlockingQueue<>();
            Task<?, InterruptedException> task = createTask(() -> queue.take());
            awaitForeign(task);
            assertThat(methods(task.stack()))
                    .containsSubsequence("take", "lambda$theStackOfATaskInBlockingCodeShowsThatCode$1");
            assertThat(task.stack()).noneMatch(frame -> frame.getClassName().equals("java.lang.VirtualThread"));
            queue.add("");
            task.await();
        });
    }

    @Test
    @Spec("T-9")
    void theStackOfTheTaskThatAsksBeginsWhereItAsks() {
        run(() -> assertThat(methods(Objects.requireNonNull(currentTask()).stack()))
                .first()
                .asString()
                .contains("theStackOfTheTaskThatAsksBeginsWhereItAsks"));
    }

    @Test
    @Spec("T-9")
    void theStackOfATaskThatFailedIsItsFailures() {
        run(() -> {
            Task<?, ?> task = createTask(() -> failOuter());
            yieldNow();
            assertThat(methods(task.stack()))
                    .startsWith("failInner", "failOuter")
                    .hasSize(3);
            assertThat(methods(task.stack(2))).as("the outermost").hasSize(2).startsWith("failOuter");
            assertThat(printed(task))
                    .startsWith("Traceback for <Task finished name='")
                    .contains("at dev.rondo.IntrospectionTest.failInner(")
                    .contains("java.lang.IllegalStateException: why");
            assertThat(task.exception()).isNotNull();
        });
    }

    private static void failOuter() {
        failInner();
    }

    private static void failInner() {
        throw new IllegalStateException("why");
    }

    @Test
    @Spec("T-9")
    void aTaskThatHasReturnedOrWasCancelledHasNoStack() {
        run(() -> {
            Task<?, ?> returned = createTask(() -> 1);
            Task<?, ?> cancelled = createTask(() -> sleep(LONG));
            yieldNow();
            cancelled.cancel();
            yieldNow();
            assertThat(returned.done()).isTrue();
            assertThat(cancelled.cancelled()).isTrue();
            assertThat(returned.stack()).isEmpty();
            assertThat(cancelled.stack()).isEmpty();
            assertThat(printed(returned)).startsWith("No stack for <Task finished");
        });
    }

    @Test
    @Spec("T-9")
    void aNegativeLimitIsRefused() {
        run(() -> assertThatIllegalArgumentException()
                .isThrownBy(() -> Objects.requireNonNull(currentTask()).stack(-1))
                .withMessageContaining("-1"));
    }

    // ------------------------------------------------------------------------------------------------ T-10

    @Test
    @Spec("T-10")
    void aTaskIsPrintedWithItsState() {
        run(() -> {
            Promise<String, RuntimeException> promise = loop.createFuture();
            Task<?, RuntimeException> pending = createTask(() -> promise.await(), "p");
            String coroutine = " coro=<dev.rondo.IntrospectionTest.lambda>";
            assertThat(pending).hasToString("<Task pending name='p'" + coroutine + ">");
            yieldNow();
            assertThat(pending).hasToString("<Task pending name='p'" + coroutine + " wait_for=<promise>>");
            assertThat(promise).hasToString("<Promise pending cb=[task p]>");

            Task<?, ?> swallowing = createTask(
                    () -> {
                        try {
                            sleep(LONG);
                        } catch (CancelledError e) {
                            sleep(LONG);
                        }
                    },
                    "c");
            yieldNow();
            assertThat(swallowing.toString()).endsWith(" wait_for=<sleep>>");
            swallowing.cancel();
            assertThat(swallowing).hasToString("<Task cancelling name='c'" + coroutine + ">");
            yieldNow();
            assertThat(swallowing).hasToString("<Task cancelling name='c'" + coroutine + " wait_for=<sleep>>");
            swallowing.cancel();
            yieldNow();
            assertThat(swallowing).hasToString("<Task cancelled name='c'" + coroutine + ">");

            promise.setResult("v");
            pending.await();
            assertThat(pending).hasToString("<Task finished name='p'" + coroutine + " result=v>");
            Task<?, ?> failed = createTask(() -> failInner(), "f");
            yieldNow();
            assertThat(failed)
                    .hasToString(
                            "<Task finished name='f'" + coroutine + " exception=java.lang.IllegalStateException: why>");
            assertThat(failed.exception()).isNotNull();
        });
    }

    private static final class Named implements Coroutine<String, RuntimeException> {
        @Override
        public String run() {
            return "";
        }
    }

    @Test
    @Spec("T-10")
    void aCoroutineIsCalledByItsClass() {
        run(() -> {
            assertThat(createTask(new Named()).toString()).contains(" coro=<dev.rondo.IntrospectionTest$Named>");
            Runnable method = logs("");
            assertThat(createTask(method::run).toString()).contains(" coro=<dev.rondo.IntrospectionTest.lambda>");
        });
    }

    @Test
    @Spec("T-10")
    void whoWaitsIsNamedFirstAndLast() {
        Promise<String, RuntimeException> promise = loop.createFuture();
        promise.addDoneCallback(_ -> {});
        assertThat(promise).hasToString("<Promise pending cb=[dev.rondo.IntrospectionTest.lambda]>");
        run(() -> {
            Task<?, ?> second = createTask(() -> promise.await(), "second");
            Task<?, ?> third = createTask(() -> promise.await(), "third");
            yieldNow();
            assertThat(promise)
                    .hasToString("<Promise pending cb=[dev.rondo.IntrospectionTest.lambda, <1 more>, task third]>");
            assertThat(promise.cancel()).isTrue();
            assertThat(second.done() || third.done()).isFalse();
            yieldNow();
            assertThat(second.exception()).isInstanceOf(TaskCancelledException.class);
            assertThat(third.exception()).isInstanceOf(TaskCancelledException.class);
        });
    }

    @Test
    @Spec("T-10")
    void aResultThatContainsItsTaskIsPrintedAllTheSame() {
        run(() -> {
            List<Object> result = new ArrayList<>();
            Task<List<Object>, RuntimeException> task = createTask(() -> result, "t");
            result.add(task);
            task.await();
            assertThat(task.toString()).endsWith(" result=[<Task finished …>]>");
        });
    }

    @Test
    @Spec("T-10")
    void tasksThatAwaitOneAnotherArePrinted() {
        run(() -> {
            List<Task<?, ?>> ring = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                int other = 1 - i;
                ring.add(createTask(() -> ring.get(other).await(), "t" + i));
            }
            yieldNow();
            assertThat(ring.get(0).toString()).endsWith(" wait_for=<task t1> cb=[task t1]>");
            ring.getFirst().cancel();
        });
    }

    @Test
    void aValueThatIsLongOrCannotBePrintedDoesNotSpoilTheRest() {
        Promise<Object, RuntimeException> longOne = loop.createFuture();
        longOne.setResult("x".repeat(100_000));
        assertThat(longOne.toString()).hasSizeLessThan(300).endsWith("…>");
        Promise<Object, RuntimeException> broken = loop.createFuture();
        broken.setResult(new Object() {
            @Override
            public String toString() {
                throw new IllegalStateException();
            }
        });
        assertThat(broken)
                .hasToString("<Promise finished result=<dev.rondo.IntrospectionTest$1 whose toString() threw"
                        + " java.lang.IllegalStateException>>");
    }
}
