package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.rondo.spec.Spec;
import java.time.Duration;
import java.util.Map;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

class ContextTest extends LoopTestCase {

    private final ContextVar<String> variable = ContextVar.withDefault("v", "default");

    @Test
    void aVariableHasItsDefaultUntilItIsSet() {
        assertThat(variable.get()).isEqualTo("default");
        ContextVar.Token<String> token = variable.set("set");
        assertThat(variable.get()).isEqualTo("set");
        variable.reset(token);
        assertThat(variable.get()).isEqualTo("default");
        assertThatExceptionOfType(NoSuchElementException.class)
                .isThrownBy(ContextVar.named("empty")::get)
                .withMessageContaining("empty");
    }

    @Test
    void aTokenIsGoodForItsOwnVariableAndContext() {
        ContextVar<String> other = ContextVar.named("other");
        ContextVar.Token<String> token = variable.set("set");
        assertThatIllegalArgumentException().isThrownBy(() -> other.reset(token));
        Context.copyCurrent().run(() -> assertThatIllegalArgumentException().isThrownBy(() -> variable.reset(token)));
    }

    @Test
    @Spec("X-1")
    void aTaskHasACopyOfTheContextItWasCreatedIn() throws Exception {
        run(() -> {
            variable.set("parent");
            Task<?, ?> task = createTask(() -> {
                log.add(variable.get());
                variable.set("child");
                yieldNow();
                log.add(variable.get());
            });
            variable.set("parent later");
            task.await();
            assertThat(variable.get()).isEqualTo("parent later");
        });
        assertThat(log).containsExactly("parent", "child");
    }

    @Test
    @Spec("X-1")
    void aContextThatIsGivenIsUsedItself() {
        Context context = new Context();
        run(() -> {
            Task<?, RuntimeException> task = loop.createTask(() -> variable.set("in the task"), null, context);
            assertThat(task.context()).isSameAs(context);
            task.await();
            assertThat(variable.get()).isEqualTo("default");
        });
        context.run(() -> assertThat(variable.get()).isEqualTo("in the task"));
    }

    @Test
    @Spec("X-2")
    void aPlainCallSharesTheContext() {
        run(() -> {
            setsIt();
            assertThat(variable.get()).isEqualTo("by a method");
        });
    }

    private void setsIt() {
        yieldNow();
        variable.set("by a method");
    }

    @Test
    @Spec("X-3")
    void callbacksHaveACopyOfTheContextOfTheirRegistration() {
        run(() -> {
            variable.set("registered");
            loop.callSoon(() -> {
                log.add("soon " + variable.get());
                variable.set("changed");
            });
            loop.callSoon(() -> log.add("again " + variable.get()));
            loop.callLater(Duration.ofSeconds(1), () -> log.add("later " + variable.get()));
            loop.callAt(loop.time().plusSeconds(2), () -> log.add("at " + variable.get()));
            loop.callSoonThreadsafe(() -> log.add("threadsafe " + variable.get()));
            variable.set("later");
            Asyncio.sleep(Duration.ofSeconds(3));
        });
        assertThat(log)
                .containsExactly(
                        "soon registered",
                        "again registered",
                        "threadsafe registered",
                        "later registered",
                        "at registered");
    }

    @Test
    @Spec("X-6")
    void theExceptionHandlerHasTheContextOfTheCallbackThatFailed() {
        loop.setExceptionHandler((_, _) -> log.add(variable.get()));
        variable.set("of the callback");
        loop.callSoon(() -> {
            throw new IllegalStateException();
        });
        variable.set("later");
        loop.stop();
        loop.runForever();
        assertThat(log).containsExactly("of the callback");
    }

    @Test
    @Spec("X-6")
    void theExceptionHandlerHasTheContextOfTheTaskThatFailed() {
        loop.setExceptionHandler((_, _) -> log.add(variable.get()));
        run(() -> {
            createTask(() -> {
                variable.set("of the task");
                throw new IllegalStateException();
            });
            Asyncio.sleep(Duration.ofSeconds(5));
        });
        assertThat(log).containsExactly("of the task");
    }

    @Test
    void aContextIsEnteredOnceAtATime() {
        Context context = new Context();
        context.run(() -> assertThatIllegalStateException()
                .isThrownBy(() -> context.run(() -> {}))
                .withMessageContaining("already entered"));
        context.run(() -> variable.set("kept"));
        assertThat(context.<String, RuntimeException>call(variable::get)).isEqualTo("kept");
        assertThat(context.copy().<String, RuntimeException>call(variable::get)).isEqualTo("kept");
        assertThat(variable.get()).isEqualTo("default");
    }

    @Test
    @Spec("X-6")
    void whoeverReportsTheExceptionHandlerHasTheContextOfWhatFailed() {
        loop.setExceptionHandler((_, context) -> log.add(context.message() + ": " + variable.get()));
        run(() -> {
            variable.set("of the handle");
            Handle handle = loop.callSoon(() -> {});
            variable.set("of the task");
            Task<?, RuntimeException> task = createTask(Asyncio::yieldNow);
            variable.set("of the reporter");
            Promise<String, RuntimeException> promise = loop.createFuture();
            loop.callExceptionHandler(new ExceptionContext("task first", null, Map.of("task", task, "handle", handle)));
            loop.callExceptionHandler(
                    new ExceptionContext("then a task as future", null, Map.of("future", task, "handle", handle)));
            loop.callExceptionHandler(new ExceptionContext("then handle", null, Map.of("handle", handle)));
            loop.callExceptionHandler(new ExceptionContext("else its own", null, Map.of("future", promise)));
            yieldNow();
        });
        assertThat(log)
                .containsExactly(
                        "task first: of the task",
                        "then a task as future: of the task",
                        "then handle: of the handle",
                        "else its own: of the reporter");
    }
}
