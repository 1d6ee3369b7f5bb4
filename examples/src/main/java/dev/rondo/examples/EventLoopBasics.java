package dev.rondo.examples;

import static dev.rondo.Asyncio.getEventLoop;
import static dev.rondo.Asyncio.setEventLoop;
import static dev.rondo.Asyncio.sleep;

import dev.rondo.EventLoop;
import java.time.Duration;

/** The loop by hand: get it, run a coroutine on it, schedule a callback, close it. */
final class EventLoopBasics {

    static void main() {
        // @start region="loop"
        EventLoop loop = getEventLoop();
        loop.callSoon(() -> IO.println("a callback, in the first turn"));
        loop.callSoon(name -> IO.println("hello, " + name), "callback with an argument");
        loop.runUntilComplete(() -> hello());
        loop.close();
        // @end
        setEventLoop(null);
    }

    static void hello() {
        IO.println("hello");
        sleep(Duration.ofMillis(100)); // pauses here, others run
        IO.println("world");
    }
}
