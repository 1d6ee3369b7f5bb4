package dev.rondo;

import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Golden.repr;
import static dev.rondo.Golden.tuple;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.rondo.time.VirtualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.slf4j.LoggerFactory;

/** The order of a turn, failures of callbacks, and a closed loop. */
@Timeout(value = 30, threadMode = ThreadMode.SEPARATE_THREAD)
class GoldenT4Test {

    private static final Runnable NOTHING = () -> {};

    private final Golden golden = new Golden("t4");
    private final List<Object> log = new ArrayList<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger(EventLoop.class);
    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();

    @BeforeEach
    void watchTheLog() {
        logged.start();
        logger.addAppender(logged);
        logger.setAdditive(false);
    }

    @AfterEach
    void leaveTheLogAlone() {
        logger.detachAppender(logged);
        logger.setAdditive(true);
    }

    private static EventLoop newLoop() {
        return EventLoop.builder().clock(new VirtualClock()).build();
    }

    @Test
    void printsWhatPythonPrinted() {
        // Timers for the same time run in the order in which they were set.
        golden.differs("['early', 0, 2, 1, 3, 4]", "['early', 0, 1, 2, 3, 4]");
        // The names of lambdas, and what a division says, are the language's.
        golden.differs(" excs.<locals>.<lambda>() at t4.py:24", "").differs("division by zero", "/ by zero");
        // A report names the task as such.
        golden.differs(
                "\"ValueError('x')\", ['exception', 'future', 'message']",
                "\"ValueError('x')\", ['exception', 'message', 'task']");
        // Difference 4: what leaves the loop at once.
        golden.differs("SystemExit propagates out of run_forever 3", "KeyboardInterrupt propagates out of run_forever");
        order();
        timers();
        failures();
        golden.check();
    }

    private void order() {
        try (EventLoop loop = newLoop()) {
            TickTableTest.TurnCounter counter = new TickTableTest.TurnCounter(loop);
            loop.callSoon(counter);
            loop.callSoon(() -> {
                log.add("a");
                loop.callSoon(log::add, "a2");
            });
            loop.callSoon(log::add, "b");
            loop.callLater(Duration.ZERO, () -> log.add("later0"));
            loop.callSoon(log::add, "X").cancel();
            loop.callSoon(() -> {
                log.add("stop");
                loop.stop();
            });
            loop.callSoon(log::add, "after-stop-same-iter");
            loop.runForever();
            golden.print("order " + repr(log) + " iters " + counter.turns);

            counter.turns = 0;
            log.clear();
            loop.stop();
            loop.callSoon(log::add, "prestopped runs once");
            loop.runForever();
            golden.print("pre-stopped " + repr(log) + " " + counter.turns);
            log.clear();
        }
    }

    private void timers() {
        try (EventLoop loop = newLoop()) {
            Duration now = loop.time();
            for (int i = 0; i < 5; i++) {
                int number = i;
                loop.callAt(now.plusMillis(10), () -> log.add(number));
            }
            loop.callAt(now.plusMillis(5), () -> log.add("early"));
            loop.callAt(now.plusMillis(20), loop::stop);
            loop.runForever();
            golden.print("equal-deadline timers " + repr(log));
        }
    }

    private void failures() {
        EventLoop loop = newLoop();
        List<ExceptionContext> reported = new ArrayList<>();
        loop.setExceptionHandler((_, context) -> reported.add(context));

        loop.callSoon(GoldenT4Test::divideByZero);
        loop.callSoon(loop::stop);
        loop.runForever();
        loop.stop();
        loop.runForever(); // reports are made in a turn of their own
        golden.print(
                "callback exc " + repr(reported.stream().map(GoldenT4Test::seen).toList()));
        reported.clear();

        loop.createTask(() -> {
            throw new IllegalArgumentException("x");
        });
        loop.callLater(Duration.ofSeconds(2), loop::stop); // Difference 6: Python collects garbage here
        loop.runForever();
        golden.print("never retrieved "
                + repr(reported.stream().map(GoldenT4Test::seen).toList()));
        reported.clear();

        EventLoop dropped = newLoop();
        dropped.setExceptionHandler((_, context) -> reported.add(context));
        dropped.createTask(() -> sleep(Duration.ofHours(1)));
        dropped.stop();
        dropped.runForever();
        dropped.close();
        golden.print("destroyed "
                + repr(reported.stream().map(ExceptionContext::message).toList()));

        loop.setExceptionHandler((_, _) -> {
            throw new IllegalStateException("handler");
        });
        loop.callSoon(GoldenT4Test::divideByZero);
        loop.callLater(Duration.ofSeconds(1), loop::stop);
        loop.runForever();
        logged.list.stream()
                .filter(event -> event.getLevel() == Level.ERROR)
                .map(event -> event.getFormattedMessage().lines().findFirst().orElse(""))
                .forEach(golden::print);

        loop.setExceptionHandler(null);
        loop.callSoon(() -> {
            throw new KeyboardInterrupt();
        });
        try {
            loop.runForever();
        } catch (KeyboardInterrupt e) {
            golden.print("KeyboardInterrupt propagates out of run_forever " + repr(loop.isRunning()));
        }

        loop.close();
        refused("call_soon", () -> loop.callSoon(NOTHING));
        refused("call_later", () -> loop.callLater(Duration.ofSeconds(1), NOTHING));
        refused("run_forever", loop::runForever);
        refused("create_task", () -> loop.createTask(() -> sleep(Duration.ZERO)));
        refused("call_soon_threadsafe", () -> loop.callSoonThreadsafe(NOTHING));
        refused("run_in_executor", () -> loop.runInExecutor(null, () -> null));
        loop.close();
        loop.stop();
        golden.print("close twice None stop after close None");
    }

    private static void divideByZero() {
        Math.floorDiv(1, 0);
    }

    private static Object seen(ExceptionContext context) {
        String message = context.message();
        return tuple(
                message.startsWith("Exception in callback") ? "Exception in callback" : message,
                repr(context.exception()),
                Stream.concat(Stream.of("exception", "message"), context.details().keySet().stream())
                        .sorted()
                        .toList());
    }

    private void refused(String name, Runnable call) {
        try {
            call.run();
            golden.print(name + " ok");
        } catch (IllegalStateException e) {
            golden.print(name + " " + repr(e));
        }
    }
}
