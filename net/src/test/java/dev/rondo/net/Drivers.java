package dev.rondo.net;

import dev.rondo.Action;
import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import dev.rondo.Runner;
import dev.rondo.reactor.LateDriver;
import dev.rondo.reactor.NioDriver;
import java.time.Duration;

/** The drivers that what is above them must work with. */
enum Drivers {
    /** Completes at once what can be. */
    NIO,
    /** Completes nothing at once, and may end an operation with its result after it was cancelled. */
    LATE;

    EventLoop newLoop() {
        return EventLoop.builder()
                .driver(post -> this == NIO ? new NioDriver(post) : new LateDriver(new NioDriver(post)))
                .build();
    }

    /** Runs a test as a coroutine of a loop with this driver; one that hangs fails, and shows where. */
    <X extends Exception> void run(Action<X> test) throws X {
        try (Runner runner = new Runner(this::newLoop)) {
            runner.run(() -> Asyncio.timeout(Duration.ofSeconds(30), test));
        }
    }
}
