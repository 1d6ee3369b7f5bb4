package dev.rondo.http.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.Asyncio;
import dev.rondo.net.ByteStream;
import dev.rondo.net.Net;
import dev.rondo.testkit.LoopTest;
import dev.rondo.testkit.Sim;
import java.nio.ByteBuffer;
import java.time.Duration;

/** What takes its time, on the virtual clock and in several schedules. */
class WebSocketTimesTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private interface Pair {
        void run(WebSocket socket, Wire wire) throws Exception;
    }

    /** Has a client's socket speak with a wire. */
    private static void client(WebSocketOptions options, Pair test) throws Exception {
        try (var listener = Net.listen("127.0.0.1", 0);
                ByteStream near = Net.connectTcp("127.0.0.1", listener.port());
                var wire = new Wire(listener.accept())) {
            var socket = new WebSocket(near, ByteBuffer.allocate(0), true, options, null, null, () -> {});
            test.run(socket, wire);
            socket.abort();
        }
        Asyncio.sleep(Duration.ofMillis(1)); // for tasks to end
    }

    private static WebSocketOptions heartbeat(int seconds) {
        return WebSocketOptions.DEFAULT.withHeartbeat(Duration.ofSeconds(seconds));
    }

    @LoopTest(seeds = 20)
    void aPeerThatNeverAnswersAPingIsDeadAfterHalfAnInterval(Sim sim) throws Exception {
        client(heartbeat(10), (socket, wire) -> {
            Duration begin = sim.elapsed();
            assertThatThrownBy(socket::receive)
                    .isInstanceOfSatisfying(
                            WebSocketException.class,
                            e -> assertThat(e.closeCode()).isEqualTo(CloseCode.ABNORMAL_CLOSURE))
                    .hasMessageContaining("no sign of life");
            assertThat(sim.elapsed().minus(begin)).isBetween(SECOND.multipliedBy(15), SECOND.multipliedBy(16));
            assertThat(wire.read()).isEqualTo("89:");
        });
    }

    @LoopTest(seeds = 20)
    void aPeerThatAnswersLives(Sim sim) throws Exception {
        client(heartbeat(10), (socket, wire) -> {
            var receiving = Asyncio.createTask(socket::receiveStr);
            for (int i = 0; i < 5; i++) {
                assertThat(wire.read()).isEqualTo("89:");
                Asyncio.sleep(SECOND.multipliedBy(4)); // not yet half of an interval
                wire.send("8a00");
            }
            wire.send("8102 6869");
            assertThat(receiving.await()).isEqualTo("hi");
        });
    }

    @LoopTest(seeds = 20)
    void aPeerThatTalksIsAskedNothing(Sim sim) throws Exception {
        client(heartbeat(10), (socket, wire) -> {
            var talking = Asyncio.createTask(() -> {
                for (int i = 0; i < 10; i++) {
                    Asyncio.sleep(SECOND.multipliedBy(9));
                    wire.send("8102 6869");
                }
                wire.send("8802 03e8");
            });
            socket.forEach(message -> {});
            talking.await();
            assertThat(wire.readAll()).containsExactly("88:1000"); // and no ping
        });
    }

    @LoopTest(seeds = 20)
    void nobodyIsJudgedWhileNobodyReceives(Sim sim) throws Exception {
        client(heartbeat(10), (socket, wire) -> {
            assertThat(wire.read()).isEqualTo("89:");
            wire.send("8a00");
            wire.send("8102 6869");
            Asyncio.sleep(SECOND.multipliedBy(100));
            assertThat(socket.closed()).isFalse();
            assertThat(socket.receiveStr()).isEqualTo("hi"); // which was there all the time
        });
    }

    @LoopTest(seeds = 20)
    void whoBeginsToReceiveLateGivesThePeerItsTime(Sim sim) throws Exception {
        client(heartbeat(10), (socket, wire) -> {
            Asyncio.sleep(SECOND.multipliedBy(100));
            Duration begin = sim.elapsed();
            assertThatThrownBy(socket::receive).hasMessageContaining("no sign of life");
            assertThat(sim.elapsed().minus(begin)).isBetween(SECOND.multipliedBy(5), SECOND.multipliedBy(11));
        });
    }

    @LoopTest(seeds = 20)
    void aPeerThatDoesNotCloseIsWaitedForTenSeconds(Sim sim) throws Exception {
        client(WebSocketOptions.DEFAULT, (socket, wire) -> {
            Duration begin = sim.elapsed();
            socket.close();
            assertThat(sim.elapsed().minus(begin)).isBetween(SECOND.multipliedBy(10), SECOND.multipliedBy(11));
            assertThat(socket.closeCode()).isEqualTo(CloseCode.ABNORMAL_CLOSURE);
            assertThat(wire.readAll()).containsExactly("88:1000");
        });
    }

    @LoopTest(seeds = 20)
    void aPeerThatTakesNothingCannotHoldUpTheClose(Sim sim) throws Exception {
        client(WebSocketOptions.DEFAULT, (socket, wire) -> {
            var sending = Asyncio.createTask(() -> socket.sendBytes(new byte[50_000_000]));
            Asyncio.sleep(SECOND);
            assertThat(sending.done()).isFalse();
            Duration begin = sim.elapsed();
            socket.close();
            assertThat(sim.elapsed().minus(begin)).isBetween(SECOND.multipliedBy(10), SECOND.multipliedBy(11));
            assertThatThrownBy(sending::await).isInstanceOf(WebSocketException.class);
        });
    }

    @LoopTest(seeds = 20)
    void aViolatorThatStaysIsHungUpOn(Sim sim) throws Exception {
        client(WebSocketOptions.DEFAULT, (socket, wire) -> {
            wire.send("8380 00000000");
            Duration begin = sim.elapsed();
            assertThatThrownBy(socket::receive).hasMessageContaining("unknown opcode 3");
            assertThat(sim.elapsed().minus(begin)).isBetween(SECOND.multipliedBy(10), SECOND.multipliedBy(11));
            assertThat(wire.readAll()).containsExactly("88:1002");
        });
    }
}
