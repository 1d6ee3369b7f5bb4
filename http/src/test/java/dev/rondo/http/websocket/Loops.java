package dev.rondo.http.websocket;

import dev.rondo.Action;
import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import dev.rondo.Runner;
import dev.rondo.chance.Choices;
import dev.rondo.reactor.FaultyDriver;
import dev.rondo.reactor.IoDriver;
import dev.rondo.reactor.NioDriver;
import dev.rondo.testkit.net.Host;
import dev.rondo.testkit.net.Network;
import dev.rondo.time.VirtualClock;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The loops that sockets must work in: each has another driver. */
enum Loops {
    /** Completes at once what can be. */
    NIO(NioDriver::new),
    /** Completes nothing at once, and may end an operation with its result after it was cancelled. */
    LATE(post -> FaultyDriver.late(new NioDriver(post))),
    /** Is late at times, reads and writes little at times, closes late. */
    FAULTY_1(post -> FaultyDriver.seeded(new NioDriver(post), 1, "no descriptor")),
    /** The same at other times. */
    FAULTY_2(post -> FaultyDriver.seeded(new NioDriver(post), 2, "no descriptor")),
    /** Has sockets in memory, under virtual time. */
    SIMULATED(Choices.plain()),
    /** The same, where bytes arrive in pieces. */
    SIMULATED_1(Choices.seeded(1));

    private final @Nullable Function<Consumer<Runnable>, IoDriver> maker; // null for what is simulated
    private final Choices choices;

    Loops(Function<Consumer<Runnable>, IoDriver> maker) {
        this.maker = maker;
        this.choices = Choices.plain();
    }

    Loops(Choices choices) {
        this.maker = null;
        this.choices = choices;
    }

    private EventLoop newLoop() {
        if (maker != null) {
            return EventLoop.builder().driver(maker::apply).build();
        }
        VirtualClock clock = new VirtualClock();
        Network network = new Network(clock, choices);
        Host main = network.host("main");
        network.link(main, main).latency(Duration.ZERO);
        return EventLoop.builder()
                .clock(clock)
                .driver(_ -> network.driver())
                .simulatedWorkers()
                .build();
    }

    /** Lets the others run until the condition holds, as long as the test may take. */
    static void until(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            Asyncio.yieldNow();
        }
    }

    /** Runs a test as a coroutine; one that hangs fails, and shows where. */
    <X extends Exception> void run(Action<X> test) throws X {
        try (Runner runner = new Runner(this::newLoop)) {
            runner.run(() -> Asyncio.timeout(Duration.ofSeconds(30), test));
        }
    }
}
