package dev.rondo;

import static dev.rondo.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import dev.rondo.spec.Spec;
import java.time.Duration;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;

/** What is done with failures that can be given to nobody. */
class ExceptionHandlerTest extends LoopTestCase {

    @Test
    @Spec("D-2")
    void theHandlerCanBeSetAskedForAndTakenBack() {
        BiConsumer<EventLoop, ExceptionContext> handler = (of, context) -> log.add(context.message() + (of == loop));
        loop.setExceptionHandler(handler);
        assertThat(loop.exceptionHandler()).isSameAs(handler);
        loop.callExceptionHandler(new ExceptionContext("one ", null));
        loop.setExceptionHandler(null);
        assertThat(loop.exceptionHandler()).isNull();
        try (LogSpy spy = new LogSpy()) {
            loop.callExceptionHandler(new ExceptionContext("two", null));
            assertThat(spy.lines()).containsExactly("ERROR two");
        }
        assertThat(log).containsExactly("one true");
    }

    @Test
    @Spec("D-1")
    void aHandlerThatFailsIsLoggedWithBothFailures() {
        IllegalStateException first = new IllegalStateException("first");
        IllegalStateException second = new IllegalStateException("second");
        loop.setExceptionHandler((_, _) -> {
            throw second;
        });
        try (LogSpy spy = new LogSpy()) {
            loop.callExceptionHandler(new ExceptionContext("odd", first));
            assertThat(spy.lines())
                    .singleElement()
                    .asString()
                    .startsWith("ERROR Unhandled error in exception handler\ncontext: ExceptionContext[message=odd");
            assertThat(spy.failures()).containsExactly(second);
            assertThat(second).hasSuppressedException(first);
        }
    }

    /** A log that fails once. */
    private static final class BrokenLog extends TurboFilter {
        private final Level at;
        private final RuntimeException failure;
        private boolean broken;

        BrokenLog(Level at, RuntimeException failure) {
            this.at = at;
            this.failure = failure;
        }

        @Override
        public FilterReply decide(
                @Nullable Marker marker,
                Logger logger,
                Level level,
                @Nullable String format,
                Object @Nullable [] arguments,
                @Nullable Throwable thrown) {
            if (!broken && level == at) {
                broken = true;
                throw failure;
            }
            return FilterReply.NEUTRAL;
        }
    }

    @Test
    @Spec("D-1")
    void aDefaultHandlerThatFailsIsLoggedToo() {
        loop.setExceptionHandler(null);
        IllegalStateException failure = new IllegalStateException("the log is broken");
        LoggerContext logs = (LoggerContext) LoggerFactory.getILoggerFactory();
        try (LogSpy spy = new LogSpy()) {
            logs.addTurboFilter(new BrokenLog(Level.ERROR, failure));
            try {
                loop.callExceptionHandler(new ExceptionContext("odd", new IllegalArgumentException("why")));
            } finally {
                logs.resetTurboFilterList();
            }
            assertThat(spy.lines()).containsExactly("ERROR Exception in default exception handler");
            assertThat(spy.failures()).containsExactly(failure);
            assertThat(failure.getSuppressed())
                    .singleElement()
                    .satisfies(lost -> assertThat((Throwable) lost)
                            .hasMessage("odd")
                            .hasCauseInstanceOf(IllegalArgumentException.class));
        }
    }

    @Test
    void aLogThatFailsDoesNotSpoilWhatIsLogged() {
        loop.setDebug(true);
        IllegalStateException failure = new IllegalStateException("the log is broken");
        LoggerContext logs = (LoggerContext) LoggerFactory.getILoggerFactory();
        logs.addTurboFilter(new BrokenLog(Level.WARN, failure));
        try {
            run(() -> {
                Task<String, RuntimeException> swallowing = Asyncio.createTask(() -> {
                    try {
                        sleep(Duration.ofHours(1));
                    } catch (CancelledError e) {
                        // swallowed, which is logged
                    }
                    return "done";
                });
                Asyncio.yieldNow();
                swallowing.cancel();
                assertThat(swallowing.await()).isEqualTo("done");
                assertThat(Asyncio.allTasks()).containsExactly(Asyncio.currentTask());
            });
        } finally {
            logs.resetTurboFilterList();
        }
        assertThat(reported).extracting(ExceptionContext::exception).containsExactly(failure);
    }

    @Test
    @Spec("D-1")
    void aDetailThatCannotBePrintedDoesNotHideTheOthers() {
        loop.setExceptionHandler(null);
        Object broken = new Object() {
            @Override
            public String toString() {
                throw new IllegalStateException();
            }
        };
        try (LogSpy spy = new LogSpy()) {
            loop.callExceptionHandler(new ExceptionContext("odd", null, Map.of("protocol", broken, "transport", "t")));
            assertThat(spy.lines().getFirst().lines())
                    .containsExactly(
                            "ERROR odd",
                            "protocol: <dev.rondo.ExceptionHandlerTest$1 whose toString() threw"
                                    + " java.lang.IllegalStateException>",
                            "transport: t");
        }
    }

    @Test
    @Spec("D-1")
    void theHandlerSeesTheContextVariablesOfWhatFailed() {
        ContextVar<String> variable = ContextVar.withDefault("v", "none");
        loop.setExceptionHandler((_, context) -> {
            log.add(context.message().split(" ")[0] + " " + variable.get());
            variable.set("the handler's");
        });
        run(() -> {
            variable.set("main's");
            loop.createTask(() -> {
                variable.set("the task's");
                throw new IllegalStateException();
            });
            loop.callSoon(() -> {
                variable.set("the callback's");
                throw new IllegalStateException();
            });
            loop.callExceptionHandler(new ExceptionContext("Direct", null));
            sleep(Duration.ofSeconds(2));
            log.add("main " + variable.get());
        });
        assertThat(log)
                .containsExactly("Direct main's", "Exception the callback's", "Task the task's", "main the handler's");
    }

    @Test
    @Spec("D-10")
    void theExceptionsAreOfTheKindsThatCatchThemWhereTheyShould() {
        assertThat(new CancelledError("m")).isInstanceOf(Error.class).hasMessage("m");
        assertThat(new InvalidStateException("m")).isInstanceOf(IllegalStateException.class);
        assertThat(RuntimeException.class).isAssignableFrom(AsyncTimeoutException.class);
        assertThat(RuntimeException.class).isAssignableFrom(TaskCancelledException.class);
    }
}
