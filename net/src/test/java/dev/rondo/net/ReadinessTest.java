package dev.rondo.net;

import static dev.rondo.Asyncio.getRunningLoop;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.net.Wire.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.ContextVar;
import dev.rondo.EventLoop;
import dev.rondo.spec.Spec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/** Callbacks while a channel is ready. */
@Timeout(60)
class ReadinessTest {

    private final RawSockets raw = new RawSockets();
    private final List<String> log = new ArrayList<>();

    @AfterEach
    void close() throws IOException {
        raw.close();
    }

    private static void aFewTurns() {
        for (int turn = 0; turn < 20; turn++) {
            yieldNow();
        }
    }

    private static void readByte(ReadableByteChannel channel) {
        try {
            channel.read(ByteBuffer.allocate(1));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private int count(String what) {
        return Collections.frequency(log, what);
    }

    // ------------------------------------------------------------------------------------------------ readers, writers

    @OnRealSockets
    @Spec("L-26")
    void aReaderRunsAgainAndAgainUntilWhatIsThereWasRead(Drivers driver) throws Exception {
        RawSockets.Pair pair = raw.pair();
        driver.run(() -> {
            EventLoop loop = getRunningLoop();
            loop.addReader(pair.mine(), () -> log.add("ready"));
            aFewTurns();
            assertThat(log).isEmpty();

            pair.peer().write(bytes("xy"));
            Drivers.until(() -> log.size() >= 5);
            readByte(pair.mine());
            int before = log.size();
            Drivers.until(() -> log.size() >= before + 5); // one byte is there still
            readByte(pair.mine());
            aFewTurns();
            int after = log.size();
            aFewTurns();
            assertThat(log).hasSize(after);

            pair.peer().close();
            Drivers.until(() -> log.size() > after); // the end is something to read too
            assertThat(loop.removeReader(pair.mine())).isTrue();
            assertThat(loop.driver().openCount()).isZero();
        });
    }

    @OnRealSockets
    @Spec("L-26")
    void aReaderRunsOncePerTurnAndNotBeforeItHasRead(Drivers driver) throws Exception {
        RawSockets.Pair pair = raw.pair();
        driver.run(() -> {
            EventLoop loop = getRunningLoop();
            pair.peer().write(bytes("0123456789"));
            loop.addReader(pair.mine(), () -> {
                readByte(pair.mine());
                log.add("read");
            });
            for (int turns = 0; log.size() < 10; turns++) {
                yieldNow();
                assertThat(log.size()).isLessThanOrEqualTo(turns + 1);
            }
            aFewTurns();
            assertThat(log).hasSize(10);
            loop.removeReader(pair.mine());
        });
    }

    @OnRealSockets
    @Spec("L-26")
    void aSecondReaderTakesThePlaceOfTheFirst(Drivers driver) throws Exception {
        RawSockets.Pair pair = raw.pair();
        driver.run(() -> {
            EventLoop loop = getRunningLoop();
            loop.addReader(pair.mine(), () -> log.add("first"));
            loop.addReader(pair.mine(), () -> log.add("second"));
            pair.peer().write(bytes("x"));
            Drivers.until(() -> log.size() >= 3);
            // Also where the one that was is queued already: each adds the next.
            loop.addReader(pair.mine(), () -> {
                log.add("third");
                loop.addReader(pair.mine(), () -> log.add("fourth"));
            });
            Drivers.until(() -> count("fourth") >= 3);
            assertThat(log).doesNotContain("first");
            assertThat(count("third")).isEqualTo(1);
            assertThat(log.lastIndexOf("second")).isLessThan(log.indexOf("third"));
            assertThat(loop.removeReader(pair.mine())).isTrue();
            assertThat(loop.removeReader(pair.mine())).isFalse();
            assertThat(loop.driver().openCount()).isZero();
        });
    }

    @OnRealSockets
    @Spec("L-26")
    void whatIsRemovedDoesNotRunThoughItsChannelIsReady(Drivers driver) throws Exception {
        RawSockets.Pair first = raw.pair();
        RawSockets.Pair second = raw.pair();
        driver.run(() -> {
            EventLoop loop = getRunningLoop();
            assertThat(loop.removeReader(first.mine())).isFalse();
            assertThat(loop.removeWriter(first.mine())).isFalse();
            first.peer().write(bytes("x"));
            second.peer().write(bytes("x"));
            loop.addReader(
                    first.mine(),
                    () -> { // both are queued in one turn, where the driver is not late
                        log.add("first");
                        loop.removeReader(first.mine());
                        loop.removeReader(second.mine());
                    });
            loop.addReader(second.mine(), () -> {
                log.add("second");
                loop.removeReader(first.mine());
                loop.removeReader(second.mine());
            });
            Drivers.until(() -> !log.isEmpty());
            aFewTurns();
            assertThat(log).hasSize(1);
            assertThat(loop.driver().openCount()).isZero();
        });
    }

    @OnRealSockets
    @Spec("L-26")
    void aWriterRunsWhileThereIsRoomAndBesideAReader(Drivers driver) throws Exception {
        RawSockets.Pair pair = raw.pair();
        driver.run(() -> {
            EventLoop loop = getRunningLoop();
            loop.addWriter(pair.mine(), () -> log.add("writable"));
            loop.addReader(pair.mine(), () -> log.add("readable"));
            Drivers.until(() -> log.size() >= 3);
            assertThat(log).containsOnly("writable");

            pair.peer().write(bytes("x"));
            Drivers.until(() -> count("readable") >= 3);
            assertThat(loop.removeReader(pair.mine())).isTrue();
            log.clear();
            Drivers.until(() -> log.size() >= 3);
            assertThat(log).containsOnly("writable");

            RawSockets.fill(pair.mine());
            aFewTurns();
            log.clear();
            aFewTurns();
            assertThat(log).isEmpty();
            RawSockets.drain(pair.peer());
            Drivers.until(() -> !log.isEmpty());

            loop.addWriter(pair.mine(), () -> log.add("another"));
            log.clear();
            Drivers.until(() -> log.size() >= 3);
            assertThat(log).containsOnly("another");
            assertThat(loop.removeWriter(pair.mine())).isTrue();
            assertThat(loop.removeWriter(pair.mine())).isFalse();
            assertThat(loop.driver().openCount()).isZero();
        });
    }

    @OnRealSockets
    @Spec("L-26")
    void aReaderThatIsRemovedAndAddedBesideAWriterRunsOnlyWhenSomethingIsThere(Drivers driver) throws Exception {
        RawSockets.Pair pair = raw.pair();
        driver.run(() -> {
            EventLoop loop = getRunningLoop();
            RawSockets.fill(pair.mine());
            loop.addWriter(pair.mine(), () -> log.add("writable"));
            loop.addReader(pair.mine(), () -> log.add("old"));
            aFewTurns();
            loop.removeReader(pair.mine());
            loop.addReader(pair.mine(), () -> log.add("new"));
            aFewTurns();
            assertThat(log).isEmpty();
            pair.peer().write(bytes("x"));
            Drivers.until(() -> log.contains("new"));
            loop.removeReader(pair.mine());
            loop.removeWriter(pair.mine());
            assertThat(log).doesNotContain("old");
        });
    }

    @OnRealSockets
    @Spec("L-26")
    void everyKindOfChannelIsWatched(Drivers driver) throws Exception {
        ServerSocketChannel listener = raw.listener();
        DatagramChannel datagrams = raw.datagrams();
        Pipe pipe = Pipe.open();
        raw.nonBlocking(pipe.source());
        raw.nonBlocking(pipe.sink());
        SocketChannel connecting = raw.socket();
        driver.run(() -> {
            EventLoop loop = getRunningLoop();
            loop.addReader(listener, () -> log.add("to accept"));
            loop.addReader(datagrams, () -> log.add("to receive"));
            loop.addReader(pipe.source(), () -> log.add("to read"));
            aFewTurns();
            assertThat(log).isEmpty();
            connecting.connect(listener.getLocalAddress());
            loop.addWriter(connecting, () -> log.add("connected"));
            loop.addWriter(pipe.sink(), () -> log.add("to write"));
            loop.addWriter(datagrams, () -> log.add("to send"));
            datagrams.send(bytes("x"), datagrams.getLocalAddress());
            pipe.sink().write(bytes("x"));
            Drivers.until(() ->
                    log.containsAll(List.of("to accept", "to receive", "to read", "connected", "to write", "to send")));
            assertThat(connecting.finishConnect()).isTrue();
            log.clear();
            Drivers.until(() -> log.contains("connected")); // which now means that there is room

            assertThatThrownBy(() -> loop.addWriter(listener, () -> {})).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> loop.addWriter(pipe.source(), () -> {}))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> loop.addReader(pipe.sink(), () -> {}))
                    .isInstanceOf(IllegalArgumentException.class);
            log.clear();
            Drivers.until(() -> log.contains("to accept")); // what was there is watched still
        });
    }

    @OnRealSockets
    void manyAreAddedAndRemoved(Drivers driver) throws Exception {
        List<RawSockets.Pair> pairs = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            pairs.add(raw.pair());
        }
        driver.run(() -> {
            EventLoop loop = getRunningLoop();
            for (int round = 0; round < 3; round++) {
                for (RawSockets.Pair pair : pairs) {
                    loop.addReader(pair.mine(), () -> {
                        readByte(pair.mine());
                        log.add("read");
                    });
                    loop.addWriter(pair.mine(), () -> {
                        loop.removeWriter(pair.mine());
                        log.add("wrote");
                    });
                    pair.peer().write(bytes("x"));
                }
                Drivers.until(() -> log.size() == 200);
                for (RawSockets.Pair pair : pairs) {
                    assertThat(loop.removeReader(pair.mine())).isTrue();
                    assertThat(loop.removeWriter(pair.mine())).isFalse();
                }
                assertThat(count("read")).isEqualTo(100);
                assertThat(loop.driver().openCount()).isZero();
                log.clear();
            }
        });
    }

    // ------------------------------------------------------------------------------------------------ as callbacks

    @OnRealSockets
    void aReaderSeesTheContextInWhichItWasAdded(Drivers driver) throws Exception {
        ContextVar<String> name = ContextVar.named("name");
        RawSockets.Pair pair = raw.pair();
        driver.run(() -> {
            EventLoop loop = getRunningLoop();
            name.set("before");
            loop.addReader(pair.mine(), () -> log.add(name.get()));
            name.set("after");
            pair.peer().write(bytes("x"));
            Drivers.until(() -> log.size() >= 3);
            loop.removeReader(pair.mine());
            assertThat(log).containsOnly("before");
        });
    }

    @OnRealSockets
    @Spec("L-13")
    void aReaderThatFailsIsReportedAndRunsAgain(Drivers driver) throws Exception {
        RawSockets.Pair pair = raw.pair();
        driver.run(() -> {
            EventLoop loop = getRunningLoop();
            loop.setExceptionHandler((_, context) -> log.add(context.message()));
            loop.addReader(pair.mine(), () -> {
                throw new IllegalStateException("as told");
            });
            pair.peer().write(bytes("x"));
            Drivers.until(() -> log.size() >= 3);
            assertThat(log)
                    .allMatch(message ->
                            message.startsWith("Exception in callback") && message.contains("ReadinessTest.lambda"));
            assertThat(loop.removeReader(pair.mine())).isTrue();
        });
    }

    @OnRealSockets
    void aReaderThatSuspendsRunsAgainOnlyWhenItIsOver(Drivers driver) throws Exception {
        RawSockets.Pair pair = raw.pair();
        LinkedBlockingQueue<String> queue = new LinkedBlockingQueue<>();
        driver.run(() -> {
            EventLoop loop = getRunningLoop();
            loop.addReader(pair.mine(), () -> {
                log.add("begins");
                try {
                    log.add(queue.take());
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
            pair.peer().write(bytes("x"));
            Drivers.until(() -> !log.isEmpty());
            aFewTurns();
            assertThat(log).containsExactly("begins");
            queue.add("ends");
            Drivers.until(() -> log.size() == 3);
            assertThat(log).containsExactly("begins", "ends", "begins");
            assertThat(loop.removeReader(pair.mine())).isTrue();
            queue.add("ends");
            aFewTurns();
            assertThat(log).containsExactly("begins", "ends", "begins", "ends");
        });
    }

    // ------------------------------------------------------------------------------------------------ what is refused

    @OnRealSockets
    @Spec("L-26")
    void aChannelThatIsClosedOrBlocksIsRefused(Drivers driver) throws Exception {
        RawSockets.Pair pair = raw.pair();
        pair.mine().close();
        pair.peer().configureBlocking(true);
        driver.run(() -> {
            EventLoop loop = getRunningLoop();
            assertThatThrownBy(() -> loop.addReader(pair.mine(), () -> {}))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("closed");
            assertThatThrownBy(() -> loop.addWriter(pair.peer(), () -> {}))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("configureBlocking(false)");
            assertThat(loop.removeReader(pair.mine())).isFalse();
            assertThat(loop.driver().openCount()).isZero();
        });
    }

    @OnRealSockets
    @Spec("L-26")
    @Spec("SK-7")
    void aChannelThatAStreamUsesIsRefused(Drivers driver) throws Exception {
        Pipe pipe = Pipe.open();
        driver.run(() -> {
            EventLoop loop = getRunningLoop();
            try (ByteStream source = Net.connectReadPipe(pipe.source());
                    ByteStream sink = Net.connectWritePipe(pipe.sink())) {
                assertThatThrownBy(() -> loop.addReader(pipe.source(), () -> {}))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("in use");
                assertThatThrownBy(() -> loop.addWriter(pipe.sink(), () -> {}))
                        .isInstanceOf(IllegalStateException.class);
                assertThat(loop.removeReader(pipe.source())).isFalse();
                Wire.send(sink, "through");
                assertThat(Wire.receive(source, 7)).isEqualTo("through");
            }
        });
    }

    @OnRealSockets
    @Spec("L-5")
    @Spec("L-26")
    void aLoopThatIsClosedTakesNoReadersAndHasNone(Drivers driver) throws Exception {
        RawSockets.Pair pair = raw.pair();
        EventLoop loop = driver.newLoop();
        loop.addReader(pair.mine(), () -> log.add("ready"));
        loop.addWriter(pair.mine(), loop::stop);
        loop.runForever();
        loop.close();
        assertThat(loop.removeReader(pair.mine())).isFalse();
        assertThat(loop.removeWriter(pair.mine())).isFalse();
        assertThatThrownBy(() -> loop.addReader(pair.mine(), () -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
        assertThatThrownBy(() -> loop.addWriter(pair.mine(), () -> {})).isInstanceOf(IllegalStateException.class);
        assertThat(log).isEmpty();
        pair.mine().configureBlocking(true); // it is open, and its owner's
        pair.peer().write(bytes("x"));
        assertThat(pair.mine().read(ByteBuffer.allocate(1))).isEqualTo(1);
    }

    @OnRealSockets
    void anotherThreadIsRefused(Drivers driver) throws Exception {
        RawSockets.Pair pair = raw.pair();
        driver.run(() -> {
            EventLoop loop = getRunningLoop();
            try (var executor = Executors.newSingleThreadExecutor()) {
                loop.runInExecutor(executor, () -> {
                            assertThatThrownBy(() -> loop.addReader(pair.mine(), () -> {}))
                                    .isInstanceOf(IllegalStateException.class)
                                    .hasMessageContaining("callSoonThreadsafe");
                            assertThatThrownBy(() -> loop.removeWriter(pair.mine()))
                                    .isInstanceOf(IllegalStateException.class);
                            return null;
                        })
                        .await();
            }
        });
    }

    // ------------------------------------------------------------------------------------------------ its owner's ways

    @OnRealSockets
    void aChannelThatIsClosedIsWatchedNoMore(Drivers driver) throws Exception {
        RawSockets.Pair pair = raw.pair();
        driver.run(() -> {
            EventLoop loop = getRunningLoop();
            loop.setExceptionHandler((_, context) -> log.add(context.message()));
            loop.addReader(pair.mine(), () -> log.add("readable"));
            loop.addReader(pair.peer(), () -> log.add("closed"));
            aFewTurns();
            pair.mine().close();
            Drivers.until(() -> log.contains("closed"));
            loop.removeReader(pair.peer());
            Drivers.untilOpen(0);
            assertThat(loop.removeReader(pair.mine())).isFalse();
            assertThat(log).containsOnly("closed");
        });
    }

    @OnRealSockets
    void aChannelCanBeClosedAsSoonAsItIsRemoved(Drivers driver) throws Exception {
        RawSockets.Pair pair = raw.pair();
        driver.run(() -> {
            EventLoop loop = getRunningLoop();
            loop.addReader(pair.mine(), () -> log.add("readable"));
            aFewTurns();
            loop.removeReader(pair.mine());
            pair.mine().configureBlocking(true);
            pair.mine().close();
            loop.addReader(pair.peer(), () -> log.add("closed"));
            Drivers.until(() -> !log.isEmpty());
            loop.removeReader(pair.peer());
            assertThat(log).containsOnly("closed");
        });
    }

    @OnRealSockets
    void aChannelThatIsMadeBlockingIsReportedAndWatchedNoMore(Drivers driver) throws Exception {
        RawSockets.Pair pair = raw.pair();
        driver.run(() -> {
            EventLoop loop = getRunningLoop();
            loop.setExceptionHandler((_, context) -> log.add(context.message()));
            loop.addReader(pair.mine(), () -> log.add("readable"));
            pair.mine().configureBlocking(true); // the selector does not know it yet: later on this is refused
            Drivers.until(() -> !log.isEmpty());
            assertThat(log).singleElement().asString().contains("Cannot wait for");
            assertThat(loop.removeReader(pair.mine())).isFalse();
            assertThat(loop.driver().openCount()).isZero();
        });
    }
}
