package dev.rondo.net;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.net.Drivers.until;
import static dev.rondo.net.Wire.bytes;
import static dev.rondo.net.Wire.receive;
import static dev.rondo.net.Wire.send;
import static dev.rondo.net.Wire.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import dev.rondo.Task;
import dev.rondo.reactor.Fd;
import dev.rondo.reactor.IoDriver;
import dev.rondo.reactor.Op;
import dev.rondo.spec.Spec;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SocketStreamTest {

    @ParameterizedTest
    @EnumSource
    void bytesGoBothWays(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Wire wire = Wire.open()) {
                send(wire.client(), "ping");
                assertThat(receive(wire.server(), 4)).isEqualTo("ping");
                send(wire.server(), "pong");
                assertThat(receive(wire.client(), 4)).isEqualTo("pong");
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void aWriteTakesManyBuffers(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Wire wire = Wire.open()) {
                wire.client().write(bytes("a"), bytes(""), bytes("bc"));
                assertThat(receive(wire.server(), 3)).isEqualTo("abc");
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void afterShutdownOutputThePeerReadsTheEndAndCanStillWrite(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Wire wire = Wire.open()) {
                send(wire.client(), "last");
                wire.client().shutdownOutput();
                wire.client().shutdownOutput();
                assertThat(receive(wire.server(), 100)).isEqualTo("last");
                assertThat(wire.server().read(ByteBuffer.allocate(1))).isEqualTo(-1);
                send(wire.server(), "answer");
                assertThat(receive(wire.client(), 6)).isEqualTo("answer");
                assertThatThrownBy(() -> send(wire.client(), "more")).isInstanceOf(ClosedChannelException.class);
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void aUnixConnectionIsAStreamWhoseClientHasAnEmptyAddress(Drivers driver, @TempDir Path directory)
            throws Exception {
        UnixDomainSocketAddress path = UnixDomainSocketAddress.of(directory.resolve("socket"));
        driver.run(() -> {
            EventLoop loop = Asyncio.getRunningLoop();
            Fd listener = loop.driver().listenerSocket(StandardProtocolFamily.UNIX);
            listener.bind(path, 5);
            Fd fd = loop.driver().streamSocket(StandardProtocolFamily.UNIX);
            loop.perform(new Op.Connect(fd, path));
            Op.Accept accept = new Op.Accept(listener);
            loop.perform(accept);
            try (ByteStream client = new SocketStream(loop, fd);
                    ByteStream server = new SocketStream(loop, SocketStream.known(accept.accepted))) {
                send(client, "ping");
                assertThat(receive(server, 4)).isEqualTo("ping");
                assertThat(client.remoteAddress()).isEqualTo(path);
                assertThat(server.remoteAddress()).isEqualTo(UnixDomainSocketAddress.of(""));
            } finally {
                listener.close();
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void aBigTransferGoesBothWaysAtOnce(Drivers driver) throws Exception {
        byte[] up = Wire.noise(3 << 20);
        byte[] down = Wire.noise((3 << 20) + 1);
        driver.run(() -> {
            try (Wire wire = Wire.open()) {
                Task<byte[], IOException> atServer =
                        createTask(() -> new StreamReader(wire.server()).readExactly(up.length));
                Task<byte[], IOException> atClient =
                        createTask(() -> new StreamReader(wire.client()).readExactly(down.length));
                gather(
                        () -> wire.client().write(ByteBuffer.wrap(up)),
                        () -> wire.server().write(ByteBuffer.wrap(down)));
                assertThat(atServer.await()).isEqualTo(up);
                assertThat(atClient.await()).isEqualTo(down);
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void aSecondReaderIsRefusedAndTheFirstGoesOn(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Wire wire = Wire.open()) {
                Task<String, IOException> first = createTask(() -> receive(wire.server(), 4));
                yieldNow();
                assertThatThrownBy(() -> receive(wire.server(), 1))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage("another coroutine is already reading from this stream");
                send(wire.client(), "mine");
                assertThat(first.await()).isEqualTo("mine");
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void aSecondWriterIsRefusedAndTheFirstGoesOn(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Wire wire = Wire.open()) {
                byte[] much = Wire.noise(8 << 20);
                Task<?, IOException> first = createTask(() -> wire.client().write(ByteBuffer.wrap(much)));
                yieldNow();
                assertThatThrownBy(() -> send(wire.client(), "x"))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage("another coroutine is already writing to this stream");
                assertThat(new StreamReader(wire.server()).readExactly(much.length))
                        .isEqualTo(much);
                first.await();
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void aReadWithoutRoomIsRefused(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Wire wire = Wire.open()) {
                assertThatThrownBy(() -> wire.client().read(ByteBuffer.allocate(0)))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("no room");
            }
        });
    }

    // ------------------------------------------------------------------------------------------------ cancelling

    @ParameterizedTest
    @EnumSource
    void aCancelledReadLosesNothing(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Wire wire = Wire.open()) {
                StringBuilder seen = new StringBuilder();
                for (int round = 0; round < 20; round++) {
                    ByteBuffer buffer = ByteBuffer.allocate(100);
                    Task<Integer, IOException> read =
                            createTask(() -> wire.server().read(buffer));
                    yieldNow();
                    boolean cancelFirst = round % 2 == 0;
                    if (cancelFirst) {
                        read.cancel();
                    }
                    Task<?, IOException> write = createTask(() -> send(wire.client(), "0123456789"));
                    for (int i = 0; i < round % 5; i++) {
                        yieldNow();
                    }
                    if (!cancelFirst) {
                        read.cancel();
                    }
                    write.await();
                    until(read::done);
                    seen.append(text(buffer));
                }
                wire.client().shutdownOutput();
                seen.append(receive(wire.server(), 1000));
                assertThat(seen).hasToString("0123456789".repeat(20));
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void aCancelledWriteTellsHowMuchWasWrittenAndCanBeContinued(Drivers driver) throws Exception {
        byte[] much = Wire.noise(8 << 20);
        driver.run(() -> {
            try (Wire wire = Wire.open()) {
                ByteBuffer buffer = ByteBuffer.wrap(much);
                Task<?, IOException> write = createTask(() -> wire.client().write(buffer));
                yieldNow();
                write.cancel();
                until(write::done);
                assertThat(write.cancelled()).isTrue();
                assertThat(buffer.position()).isBetween(1, much.length - 1);

                Task<byte[], IOException> read = createTask(() -> new StreamReader(wire.server()).readAll());
                wire.client().write(buffer);
                wire.client().shutdownOutput();
                assertThat(read.await()).isEqualTo(much);
            }
        });
    }

    // ------------------------------------------------------------------------------------------------ looking ahead

    @ParameterizedTest
    @EnumSource
    void aStreamIsQuietUntilSomethingComes(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Wire wire = Wire.open()) {
                assertThat(wire.client().quiet()).isTrue();
                assertThat(wire.client().quiet()).isTrue();
                send(wire.server(), "unasked");
                until(() -> !wire.client().quiet());
                assertThat(wire.client().quiet()).isFalse();
                assertThat(receive(wire.client(), 2)).isEqualTo("un");
                assertThat(wire.client().quiet()).isFalse();
                assertThat(receive(wire.client(), 5)).isEqualTo("asked");
                assertThat(wire.client().quiet()).isTrue();
                wire.server().close();
                until(() -> !wire.client().quiet());
                assertThat(wire.client().read(ByteBuffer.allocate(1))).isEqualTo(-1);
                wire.client().close();
                assertThat(wire.client().quiet()).isFalse();
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void aQuietStreamCanBeReadAsBefore(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Wire wire = Wire.open()) {
                for (String word : new String[] {"one", "two", "six"}) {
                    assertThat(wire.client().quiet()).isTrue();
                    Task<String, IOException> read = createTask(() -> receive(wire.client(), 3));
                    yieldNow();
                    assertThatThrownBy(() -> wire.client().quiet()).isInstanceOf(IllegalStateException.class);
                    send(wire.server(), word);
                    assertThat(read.await()).isEqualTo(word);
                }
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void aReadCancelledWhileALookAheadIsOutLosesNothing(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Wire wire = Wire.open()) {
                StringBuilder seen = new StringBuilder();
                for (int round = 0; round < 6; round++) {
                    wire.client().quiet();
                    ByteBuffer buffer = ByteBuffer.allocate(100);
                    Task<Integer, IOException> read =
                            createTask(() -> wire.client().read(buffer));
                    yieldNow();
                    read.cancel();
                    send(wire.server(), "0123456789");
                    until(read::done);
                    seen.append(text(buffer));
                }
                wire.server().shutdownOutput();
                seen.append(receive(wire.client(), 1000));
                assertThat(seen).hasToString("0123456789".repeat(6));
            }
        });
    }

    // ------------------------------------------------------------------------------------------------ connecting,
    // closing

    @Spec("N-2")
    @ParameterizedTest
    @EnumSource
    void aRefusedConnectionNamesHostPortAndReason(Drivers driver) throws Exception {
        driver.run(() -> {
            Listener listener = Net.listen("127.0.0.1", 0);
            int port = listener.port();
            listener.close();
            IoDriver io = Asyncio.getRunningLoop().driver();
            until(() -> io.inFlight() == 0); // the system may let go of the port later
            assertThatThrownBy(() -> Net.connectTcp("127.0.0.1", port))
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining("cannot connect to 127.0.0.1:" + port)
                    .hasMessageContaining("refused")
                    .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
        });
    }

    @Spec("N-2")
    @ParameterizedTest
    @EnumSource
    void addressesAreTriedInTurn(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Listener listener = Net.listen("127.0.0.1", 0)) {
                Resolver two = host -> java.util.List.of(
                        java.net.InetAddress.ofLiteral("127.0.0.2"), java.net.InetAddress.ofLiteral("127.0.0.1"));
                ConnectOptions options = ConnectOptions.DEFAULT.withResolver(two);
                try (ByteStream client = Net.connectTcp("two.test", listener.port(), options)) {
                    assertThat(client.remoteAddress().toString()).contains("127.0.0.1");
                }
                Resolver none = host -> java.util.List.of();
                assertThatThrownBy(() -> Net.connectTcp("none.test", 80, options.withResolver(none)))
                        .isInstanceOf(UnknownHostException.class)
                        .hasMessageContaining("none.test");
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void impossiblePortsAndHostsAreRefused(Drivers driver) throws Exception {
        driver.run(() -> {
            assertThatThrownBy(() -> Net.connectTcp("127.0.0.1", 0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("not 0");
            assertThatThrownBy(() -> Net.connectTcp("", 80)).isInstanceOf(UnknownHostException.class);
        });
    }

    @Spec("N-5")
    @ParameterizedTest
    @EnumSource
    void aCancelledConnectLeavesNoSocketOpen(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Listener listener = Net.listen("127.0.0.1", 0)) {
                Task<ByteStream, IOException> connect = createTask(() -> Net.connectTcp("127.0.0.1", listener.port()));
                yieldNow();
                connect.cancel();
                until(connect::done);
                if (connect.cancelled()) {
                    // the kernel may have accepted it all the same: then the peer reads the end
                    try (ByteStream accepted = listener.accept()) {
                        assertThat(accepted.read(ByteBuffer.allocate(1))).isEqualTo(-1);
                    }
                } else {
                    connect.await().close();
                }
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void closingEndsTheReadsAndWritesInFlight(Drivers driver) throws Exception {
        driver.run(() -> {
            Wire wire = Wire.open();
            Task<Integer, IOException> read = createTask(() -> wire.client().read(ByteBuffer.allocate(1)));
            Task<?, IOException> write = createTask(() -> wire.client().write(ByteBuffer.allocate(16 << 20)));
            yieldNow();
            wire.client().close();
            wire.client().close();
            assertThatThrownBy(read::await).isInstanceOf(AsynchronousCloseException.class);
            assertThatThrownBy(write::await).isInstanceOf(AsynchronousCloseException.class);
            assertThatThrownBy(() -> wire.client().read(ByteBuffer.allocate(1)))
                    .isInstanceOf(ClosedChannelException.class);
            assertThat(wire.client().isOpen()).isFalse();
            assertThat(wire.client().remoteAddress()).isEqualTo(wire.server().localAddress());
            wire.close();
        });
    }
}
