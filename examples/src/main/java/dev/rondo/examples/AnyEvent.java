package dev.rondo.examples;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.getRunningLoop;

import dev.rondo.AsyncEvent;
import dev.rondo.AsyncQueue;
import dev.rondo.Asyncio;
import dev.rondo.net.Net;
import java.io.IOException;
import java.time.Duration;

/** An event can be anything: a line that is typed, time that has passed, a peer that speaks, the program itself. */
final class AnyEvent {

    // @start region="events"
    static void main() throws IOException {
        Asyncio.run(() -> {
            var events = new AsyncQueue<String>();
            var enough = new AsyncEvent();
            createTask(
                    () -> events.put("typed: " + Net.stdin().lines().iterator().next()));
            getRunningLoop().callLater(Duration.ofMillis(100), () -> events.put("timer: 0.1 s are over"));
            createTask(() -> {
                enough.await();
                events.put("program: that is enough");
            });
            try (var server = Net.startServer(
                    (peer, _) -> events.put("socket: " + peer.lines().iterator().next()), "127.0.0.1", 0)) {
                IO.println("speak to port " + server.port());
                for (int i = 0; i < 3; i++) {
                    IO.println(events.get());
                }
                enough.set();
                IO.println(events.get());
            }
        });
    }
    // @end
}
