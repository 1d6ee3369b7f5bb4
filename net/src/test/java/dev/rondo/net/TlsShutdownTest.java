package dev.rondo.net;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.getRunningLoop;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.net.Drivers.until;
import static dev.rondo.net.Drivers.untilOpen;
import static dev.rondo.net.TlsHandshakeTest.assertNothingScheduled;
import static dev.rondo.net.TlsHandshakeTest.onVirtualTime;
import static dev.rondo.net.Wire.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.Asyncio;
import dev.rondo.Task;
import dev.rondo.spec.Spec;
import dev.rondo.testkit.LoopTest;
import dev.rondo.testkit.Sim;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How a TLS connection ends: with a goodbye from both sides. */
class TlsShutdownTest {

    private static final int NONE = -1;

    /** Reads one byte, or the end. */
    private static int next(ByteStream stream) throws IOException {
        return stream.read(ByteBuffer.allocate(1));
    }

    // ------------------------------------------------------------------------------------------------ in peace

    @Spec("S-TLS-1")
    @Spec("S-TLS-3")
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void bothSidesSayGoodbye(String version) throws Exception {
        for (Drivers driver : Drivers.values()) {
            driver.run(() -> {
                try (TlsWire wire = TlsWire.ofVersion(version)) {
                    Task<?, IOException> client = createTask(() -> wire.client().shutdown());
                    assertThat(next(wire.server())).isEqualTo(NONE);
                    assertThat(wire.server().isOpen()).isTrue();
                    wire.server().shutdown();
                    client.await();
                    assertThat(wire.client().isOpen()).isFalse();
                    assertThat(wire.server().isOpen()).isFalse();
                    assertNothingScheduled();
                    untilOpen(0);
                    assertThat(next(wire.client())).as("the end can be read").isEqualTo(NONE);
                    assertThatThrownBy(() -> send(wire.client(), "x")).isInstanceOf(ClosedChannelException.class);
                    wire.client().shutdown(); // does nothing
                    wire.client().close();
                    assertThatThrownBy(() -> next(wire.client())).isInstanceOf(ClosedChannelException.class);
                }
            });
        }
    }

    @Spec("S-TLS-3")
    @ParameterizedTest
    @EnumSource
    void bothSidesMaySayGoodbyeAtOnce(Drivers driver) throws Exception {
        driver.run(() -> {
            try (TlsWire wire = TlsWire.open()) {
                Asyncio.gather(
                        () -> wire.client().shutdown(), () -> wire.server().shutdown());
                untilOpen(0);
            }
        });
    }

    @Spec("S-TLS-3")
    @ParameterizedTest
    @EnumSource
    void whatAWriteHasLeftGoesOutFirst(Drivers driver) throws Exception {
        byte[] much = Wire.noise(4 << 20);
        driver.run(() -> {
            try (TlsWire wire = TlsWire.open()) {
                ByteBuffer buffer = ByteBuffer.wrap(much);
                Task<?, IOException> write = createTask(() -> wire.client().write(buffer));
                until(() -> buffer.position() > 0);
                yieldNow();
                write.cancel();
                until(write::done);
                Task<byte[], IOException> read = createTask(() -> {
                    byte[] all = new StreamReader(wire.server()).readAll();
                    wire.server().shutdown();
                    return all;
                });
                wire.client().shutdown();
                assertThat(read.await()).isEqualTo(Arrays.copyOf(much, buffer.position()));
            }
        });
    }

    // ------------------------------------------------------------------------------------------------ what still comes

    @Spec("S-TLS-3")
    @ParameterizedTest
    @EnumSource
    void whatComesMeanwhileGoesToWhoReads(Drivers driver) throws Exception {
        byte[] late = Wire.noise(1 << 20);
        driver.run(() -> {
            try (TlsWire wire = TlsWire.open()) {
                Task<byte[], IOException> reader = createTask(() -> new StreamReader(wire.client()).readAll());
                yieldNow();
                Task<?, IOException> shutdown = createTask(() -> wire.client().shutdown());
                assertThat(next(wire.server())).isEqualTo(NONE);
                wire.server().write(ByteBuffer.wrap(late));
                wire.server().shutdown();
                shutdown.await();
                assertThat(reader.await()).isEqualTo(late);
            }
        });
    }

    @Spec("S-TLS-3")
    @ParameterizedTest
    @EnumSource
    void whatComesMeanwhileIsKeptForWhoReadsLater(Drivers driver) throws Exception {
        byte[] late = Wire.noise(200_000);
        driver.run(() -> {
            try (TlsWire wire = TlsWire.open()) {
                Task<?, IOException> peer = createTask(() -> {
                    next(wire.server());
                    wire.server().write(ByteBuffer.wrap(late));
                    wire.server().shutdown();
                });
                wire.client().shutdown();
                peer.await();
                untilOpen(0);
                assertThat(new StreamReader(wire.client()).readAll()).isEqualTo(late);
            }
        });
    }

    @Spec("S-TLS-3")
    @Spec("S-TLS-4")
    @Test
    void aShutdownKeepsSoMuchAndNoMore() throws Exception {
        byte[] late = Wire.noise(1 << 20);
        onVirtualTime(() -> {
            try (TlsWire wire = memory(TlsOptions.DEFAULT)) {
                ByteBuffer sent = ByteBuffer.wrap(late);
                Task<?, IOException> peer = createTask(() -> wire.server().write(sent));
                assertThatThrownBy(() -> wire.client().shutdown()).isInstanceOf(TlsTimeoutException.class);
                assertThat(sent.position()).isBetween(256 * 1024, 700 * 1024);
                assertThatThrownBy(peer::await).isInstanceOf(IOException.class);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whileItKeepsAllItCanItCanBeClosedOrCancelled(boolean cancel) throws Exception {
        onVirtualTime(() -> {
            try (TlsWire wire = memory(TlsOptions.DEFAULT)) {
                Task<?, IOException> peer = createTask(() -> wire.server().write(ByteBuffer.allocate(1 << 20)));
                Task<?, IOException> shutdown = createTask(() -> wire.client().shutdown());
                sleep(Duration.ofSeconds(1));
                if (cancel) {
                    shutdown.cancel();
                    until(shutdown::done);
                    assertThat(shutdown.cancelled()).isTrue();
                } else {
                    wire.client().close();
                    assertThatThrownBy(shutdown::await).isInstanceOf(ClosedChannelException.class);
                }
                assertThatThrownBy(peer::await).isInstanceOf(IOException.class);
            }
        });
    }

    @Spec("S-TLS-4")
    @Test
    void whoReadsAfterAPauseGetsAllOfIt() throws Exception {
        byte[] late = Wire.noise(1 << 20);
        onVirtualTime(() -> {
            try (TlsWire wire = memory(TlsOptions.DEFAULT)) {
                Task<?, IOException> peer = createTask(() -> {
                    wire.server().write(ByteBuffer.wrap(late));
                    wire.server().shutdown();
                });
                Task<?, IOException> shutdown = createTask(() -> wire.client().shutdown());
                sleep(Duration.ofSeconds(29));
                assertThat(shutdown.done()).isFalse();
                assertThat(new StreamReader(wire.client()).readAll()).isEqualTo(late);
                shutdown.await();
                peer.await();
            }
        });
    }

    @Spec("S-TLS-3")
    @LoopTest(seeds = 30)
    void noByteIsLostWhoeverReadsWhen(Sim sim) throws Exception {
        byte[] sent = Wire.noise(60_000);
        TlsWire wire = memory(TlsOptions.DEFAULT);
        Task<?, IOException> peer = createTask(() -> {
            for (int at = 0; at < sent.length; ) {
                int count = Math.min(1 + 3_000 * sim.choose(5, "size of a write"), sent.length - at);
                wire.server().write(ByteBuffer.wrap(sent, at, count));
                at += count;
                yieldNow();
            }
            wire.server().shutdown();
        });
        Task<byte[], IOException> reader = createTask(() -> {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            ByteBuffer buffer = ByteBuffer.allocate(1_000 + 6_000 * sim.choose(4, "size of the reader's buffer"));
            while (wire.client().read(buffer) >= 0) {
                all.write(buffer.array(), 0, buffer.position());
                buffer.clear();
                for (int i = sim.choose(3, "pause of the reader"); i > 0; i--) {
                    yieldNow();
                }
            }
            return all.toByteArray();
        });
        for (int i = sim.choose(20, "begin of the shutdown"); i > 0; i--) {
            yieldNow();
        }
        wire.client().shutdown();
        peer.await();
        assertThat(reader.await()).isEqualTo(sent);
    }

    // ------------------------------------------------------------------------------------------------ not in peace

    @Spec("S-TLS-3")
    @Spec("S-TLS-8")
    @Test
    void aPeerThatDoesNotAnswerIsWaitedForSoLongOnly() throws Exception {
        onVirtualTime(() -> {
            try (TlsWire wire = memory(TlsOptions.DEFAULT)) {
                Duration begin = getRunningLoop().time();
                assertThatThrownBy(() -> wire.client().shutdown())
                        .isInstanceOf(TlsTimeoutException.class)
                        .hasMessage("TLS shutdown timed out: localhost:443 did not say goodbye (close_notify) within 30"
                                + " seconds");
                assertThat(getRunningLoop().time().minus(begin)).isEqualTo(Duration.ofSeconds(30));
                assertThat(wire.client().isOpen()).isFalse();
                assertThat(wire.tcp().client().isOpen()).isFalse();
                assertNothingScheduled();
            }
        });
    }

    @Spec("S-TLS-3")
    @Test
    void howLongItMayTakeCanBeSaid() throws Exception {
        TlsOptions impatient = TlsOptions.DEFAULT.withShutdownTimeout(Duration.ofMillis(1500));
        onVirtualTime(() -> {
            try (TlsWire wire = memory(impatient)) {
                Task<Integer, IOException> reader = createTask(() -> next(wire.client()));
                yieldNow();
                assertThatThrownBy(() -> wire.client().shutdown())
                        .isInstanceOf(TlsTimeoutException.class)
                        .hasMessageEndingWith("within 1.5 seconds");
                assertThatThrownBy(reader::await)
                        .as("a reader cannot hold it up")
                        .isInstanceOf(ClosedChannelException.class);
            }
        });
    }

    @Spec("S-TLS-3")
    @Test
    void aPeerThatTakesNothingIsWaitedForSoLongOnly() throws Exception {
        onVirtualTime(() -> {
            try (TlsWire wire = memory(TlsOptions.DEFAULT)) {
                ByteBuffer much = ByteBuffer.allocate(1 << 20);
                Task<?, IOException> write = createTask(() -> wire.client().write(much));
                yieldNow();
                write.cancel();
                until(write::done);
                assertThatThrownBy(() -> wire.client().shutdown()).isInstanceOf(TlsTimeoutException.class);
                assertThat(wire.tcp().client().isOpen()).isFalse();
            }
        });
    }

    @Spec("S-TLS-3")
    @ParameterizedTest
    @EnumSource
    void aPeerThatHangsUpInAnswerIsGoneInPeaceButNotForAReader(Drivers driver) throws Exception {
        driver.run(() -> {
            try (TlsWire wire = TlsWire.open()) {
                Task<?, IOException> shutdown = createTask(() -> wire.client().shutdown());
                assertThat(next(wire.server())).isEqualTo(NONE);
                wire.tcp().server().close();
                shutdown.await();
                assertThatThrownBy(() -> next(wire.client())).isInstanceOf(TlsTruncationException.class);
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void aForgedAnswerIsAFailure(Drivers driver) throws Exception {
        driver.run(() -> {
            try (TlsWire wire = TlsWire.open()) {
                wire.tcp().server().write(ByteBuffer.wrap(new byte[] {23, 3, 3, 0, 20}), ByteBuffer.allocate(20));
                assertThatThrownBy(() -> wire.client().shutdown()).isInstanceOf(SSLException.class);
                assertThat(wire.tcp().client().isOpen()).isFalse();
                assertNothingScheduled();
            }
        });
    }

    @Spec("S-TLS-3")
    @ParameterizedTest
    @EnumSource
    void aCancelledShutdownCloses(Drivers driver) throws Exception {
        driver.run(() -> {
            for (int steps = 0; steps < 8; steps++) {
                try (TlsWire wire = TlsWire.open()) {
                    Task<?, IOException> shutdown =
                            createTask(() -> wire.client().shutdown());
                    for (int i = 0; i < steps; i++) {
                        yieldNow();
                    }
                    shutdown.cancel();
                    until(shutdown::done);
                    assertThat(shutdown.cancelled()).isTrue();
                    if (steps > 0) {
                        assertThat(wire.client().isOpen()).isFalse();
                        assertThatThrownBy(() -> next(wire.client())).isInstanceOf(ClosedChannelException.class);
                    }
                }
                untilOpen(0);
                assertNothingScheduled();
            }
        });
    }

    @Spec("S-TLS-1")
    @ParameterizedTest
    @EnumSource
    void closingEndsAShutdown(Drivers driver) throws Exception {
        driver.run(() -> {
            try (TlsWire wire = TlsWire.open()) {
                Task<?, IOException> shutdown = createTask(() -> wire.client().shutdown());
                Task<Integer, IOException> reader = createTask(() -> {
                    yieldNow();
                    return next(wire.client());
                });
                yieldNow();
                yieldNow();
                assertThatThrownBy(() -> wire.client().shutdown())
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage("another coroutine is already shutting this stream down");
                wire.client().close();
                assertThatThrownBy(shutdown::await).isInstanceOf(ClosedChannelException.class);
                assertThatThrownBy(reader::await).isInstanceOf(ClosedChannelException.class);
                wire.client().shutdown(); // does nothing
            }
            untilOpen(0);
        });
    }

    @Spec("S-TLS-1")
    @ParameterizedTest
    @EnumSource
    void whileSomebodyWritesThereIsNoShutdown(Drivers driver) throws Exception {
        driver.run(() -> {
            try (TlsWire wire = TlsWire.open()) {
                Task<?, IOException> write = createTask(() -> wire.client().write(ByteBuffer.allocate(8 << 20)));
                yieldNow();
                assertThatThrownBy(() -> wire.client().shutdown())
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage("another coroutine is already writing to this stream");
                assertThat(wire.client().isOpen()).isTrue();
                assertNothingScheduled();
                wire.close();
                assertThatThrownBy(write::await).isInstanceOf(IOException.class);
            }
        });
    }

    private static TlsWire memory(TlsOptions clients) throws IOException {
        return TlsWire.open(MemoryStream.wire(1 << 15), clients, TlsOptions.DEFAULT);
    }

    @Spec("S-TLS-6")
    @ParameterizedTest
    @EnumSource
    void tlsOverTlsIsShutDownFromWithin(Drivers driver) throws Exception {
        driver.run(() -> {
            TlsWire outer = TlsWire.open();
            try (TlsWire wire =
                    TlsWire.open(new Wire(outer.client(), outer.server()), TlsOptions.DEFAULT, TlsOptions.DEFAULT)) {
                Asyncio.gather(
                        () -> wire.client().shutdown(), () -> wire.server().shutdown());
                assertThat(outer.client().isOpen()).isFalse();
                assertThat(outer.server().isOpen()).isFalse();
            }
            untilOpen(0);
        });
    }

    @ParameterizedTest
    @EnumSource
    void aServerHearsOfAConnectionThatItsHandlerHasShutDown(Drivers driver) throws Exception {
        driver.run(() -> {
            ClientHandler greets = (reader, writer) -> {
                try (writer) {
                    writer.write(new byte[] {1});
                    ((TlsStream) writer.stream()).shutdown();
                }
            };
            try (Server server = Net.startServer(greets, "localhost", 0, TestCertificates.LOCALHOST);
                    Connection client = Net.openConnection("localhost", server.port(), TestCertificates.LOCALHOST)) {
                assertThat(client.reader().readAll()).containsExactly(1);
                ((TlsStream) client.stream()).shutdown();
                server.close();
                server.waitClosed();
            }
        });
    }

    @Spec("S-TLS-8")
    @Test
    void noTimerHoldsAStreamThatIsOver() throws Exception {
        onVirtualTime(() -> {
            List<WeakReference<TlsStream>> streams = new ArrayList<>();
            createTask(() -> {
                        for (int i = 0; i < 3; i++) {
                            TlsWire wire = memory(TlsOptions.DEFAULT);
                            streams.add(new WeakReference<>(wire.client()));
                            streams.add(new WeakReference<>(wire.server()));
                            switch (i) {
                                case 0 -> wire.close();
                                case 1 ->
                                    Asyncio.gather(
                                            () -> wire.client().shutdown(),
                                            () -> wire.server().shutdown());
                                default ->
                                    assertThatThrownBy(() -> wire.client().shutdown())
                                            .isInstanceOf(TlsTimeoutException.class);
                            }
                        }
                    })
                    .await();
            until(() -> {
                System.gc();
                return streams.stream().allMatch(stream -> stream.get() == null);
            });
        });
    }
}
