package dev.rondo.bench.core;

import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import java.io.IOException;

/** {@link CoreOps} in {@link Rounds}, on one loop, for {@code core.sh}. */
final class CoreRounds {

    private CoreRounds() {}

    static void main() throws IOException {
        try (EventLoop loop = Asyncio.newEventLoop()) {
            CoreOps ops = new CoreOps();
            Rounds.serve((operation, count) -> loop.runUntilComplete(() -> ops.run(operation, count)));
        }
    }
}
