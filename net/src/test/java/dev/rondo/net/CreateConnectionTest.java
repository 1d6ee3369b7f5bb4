package dev.rondo.net;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.getRunningLoop;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.net.Drivers.until;
import static dev.rondo.net.Drivers.untilOpen;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.CancelledError;
import dev.rondo.Task;
import dev.rondo.spec.Spec;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CreateConnectionTest {

    private static final InetSocketAddress LOOPBACK = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private static int portOf(ServerSocketChannel listener) throws IOException {
        return ((InetSocketAddress) listener.getLocalAddress()).getPort();
    }

    @Spec("N-1")
    @Spec("P-1")
    @Spec("P-16")
    @ParameterizedTest
    @EnumSource
    void aConnectionIsATransportAndTheProtocolOfTheFactory(Drivers driver) throws Exception {
        driver.run(() -> {
            try (ServerSocketChannel listener = ServerSocketChannel.open().bind(LOOPBACK)) {
                AtomicInteger made = new AtomicInteger();
                Endpoint<Transport, Told> endpoint = Net.createConnection(
                        () -> {
                            made.incrementAndGet();
                            return new Told();
                        },
                        "127.0.0.1",
                        portOf(listener));
                assertThat(made).hasValue(1);
                assertThat(endpoint.protocol().log).containsExactly("made");
                assertThat(endpoint.protocol().transport).isSameAs(endpoint.transport());
                assertThat(endpoint.transport().isReading()).isTrue();
                TransportSocket socket = (TransportSocket) endpoint.transport().getExtraInfo("socket");
                assertThat(socket.getOption(StandardSocketOptions.TCP_NODELAY)).isTrue();
                try (SocketChannel peer = listener.accept()) {
                    peer.write(Wire.bytes("hello"));
                    until(() -> endpoint.protocol().bytes == 5);
                }
                until(endpoint.protocol()::isLost);
            }
            untilOpen(0);
        });
    }

    @Spec("N-1")
    @Spec("N-2")
    @ParameterizedTest
    @EnumSource
    void whatCannotBeReachedFailsAndAsksForNoProtocol(Drivers driver) throws Exception {
        driver.run(() -> {
            int port;
            try (ServerSocketChannel listener = ServerSocketChannel.open().bind(LOOPBACK)) {
                port = portOf(listener);
            }
            AtomicInteger made = new AtomicInteger();
            Resolver two = host -> List.of(InetAddress.ofLiteral("127.0.0.1"), InetAddress.ofLiteral("127.0.0.2"));
            assertThatThrownBy(() -> Net.createConnection(
                            () -> {
                                made.incrementAndGet();
                                return new Told();
                            },
                            "two.test",
                            port,
                            ConnectOptions.DEFAULT.withResolver(two)))
                    .isInstanceOf(ConnectException.class)
                    .satisfies(failure -> assertThat(failure.getSuppressed()).hasSize(2));
            assertThatThrownBy(() -> Net.createConnection(
                            Told::new, "none.test", 1, ConnectOptions.DEFAULT.withResolver(host -> List.of())))
                    .isInstanceOf(UnknownHostException.class);
            assertThatThrownBy(() -> Net.createConnection(Told::new, "127.0.0.1", 0))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(made).hasValue(0);
            untilOpen(0);
        });
    }

    @Spec("N-5")
    @ParameterizedTest
    @EnumSource
    void aFactoryThatFailsLeavesNoSocketOpen(Drivers driver) throws Exception {
        driver.run(() -> {
            try (ServerSocketChannel listener = ServerSocketChannel.open().bind(LOOPBACK)) {
                assertThatThrownBy(() -> Net.createConnection(
                                () -> {
                                    throw new IllegalStateException("no protocol today");
                                },
                                "127.0.0.1",
                                portOf(listener)))
                        .hasMessage("no protocol today");
                untilOpen(0);
                assertThatThrownBy(() -> Net.createConnection(() -> (Told) null, "127.0.0.1", portOf(listener)))
                        .isInstanceOf(NullPointerException.class)
                        .hasMessageContaining("factory");
                untilOpen(0);
            }
        });
    }

    @Spec("N-5")
    @ParameterizedTest
    @EnumSource
    void aCancelAtAnyStageLeavesNoSocketOpen(Drivers driver) throws Exception {
        driver.run(() -> {
            try (ServerSocketChannel listener = ServerSocketChannel.open().bind(LOOPBACK)) {
                for (int round = 0; round < 20; round++) {
                    Told told = new Told();
                    Task<Endpoint<Transport, Told>, IOException> connecting =
                            createTask(() -> Net.createConnection(() -> told, "127.0.0.1", portOf(listener)));
                    for (int turn = 0; turn < round % 10; turn++) {
                        yieldNow();
                    }
                    if (connecting.cancel()) {
                        until(connecting::done);
                        assertThat(connecting.cancelled()).isTrue();
                        if (!told.log.isEmpty()) {
                            until(told::isLost);
                            assertThat(told.log).containsExactly("made", "lost");
                        }
                    } else {
                        connecting.await().transport().close();
                    }
                    untilOpen(0);
                }
            }
        });
    }

    @Spec("N-1")
    @Spec("N-11")
    @Spec("P-16")
    @Spec("SK-7")
    @ParameterizedTest
    @EnumSource
    void aChannelOfTheProgramBecomesATransportAndIsClosedWithIt(Drivers driver) throws Exception {
        driver.run(() -> {
            try (ServerSocketChannel listener = ServerSocketChannel.open().bind(LOOPBACK)) {
                SocketChannel client = SocketChannel.open(listener.getLocalAddress());
                SocketChannel accepted = listener.accept();
                Endpoint<Transport, Told> one = Net.createConnection(Told::new, client);
                Endpoint<Transport, Told> other = Net.connectAcceptedSocket(Told::new, accepted);
                assertThat(client.isBlocking()).isFalse();
                assertThat(client.getOption(StandardSocketOptions.TCP_NODELAY)).isTrue();
                assertThat(accepted.getOption(StandardSocketOptions.TCP_NODELAY))
                        .isTrue();
                assertThat(one.protocol().log).containsExactly("made");

                assertThatThrownBy(() -> Net.createConnection(Told::new, client))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("in use");
                one.transport().write("ping".getBytes());
                until(() -> other.protocol().bytes == 4);
                other.transport().write("pong".getBytes());
                until(() -> one.protocol().bytes == 4);
                one.transport().close();
                until(other.protocol()::isLost);
                until(() -> !client.isOpen() && !accepted.isOpen());
            }
            untilOpen(0);
        });
    }

    @Spec("N-1")
    @Spec("N-11")
    @ParameterizedTest
    @EnumSource
    void aChannelThatIsNotConnectedIsRefusedAndStaysTheCallers(Drivers driver) throws Exception {
        driver.run(() -> {
            try (SocketChannel unconnected = SocketChannel.open()) {
                assertThatThrownBy(() -> Net.connectAcceptedSocket(Told::new, unconnected))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("must be connected");
                assertThat(unconnected.isOpen()).isTrue();
                assertThat(unconnected.isBlocking()).isTrue();
            }
            untilOpen(0);
        });
    }

    @Spec("N-6")
    @Spec("P-2")
    @Spec("P-6")
    @ParameterizedTest
    @EnumSource
    void aUnixConnectionIsATransportToo(Drivers driver, @TempDir Path directory) throws Exception {
        Path path = directory.resolve("socket");
        driver.run(() -> {
            try (ServerSocketChannel listener =
                    ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(path))) {
                Endpoint<Transport, Told> endpoint = Net.createUnixConnection(Told::new, path);
                try (SocketChannel accepted = listener.accept()) {
                    Endpoint<Transport, Told> peer = Net.connectAcceptedSocket(Told::new, accepted);
                    assertThat(endpoint.transport().remoteAddress()).isEqualTo(UnixDomainSocketAddress.of(path));
                    assertThat(endpoint.transport().getExtraInfo("sockname")).isEqualTo(UnixDomainSocketAddress.of(""));
                    assertThat(((TransportSocket) endpoint.transport().getExtraInfo("socket")).family())
                            .isEqualTo(StandardProtocolFamily.UNIX);
                    endpoint.transport().write("ping".getBytes());
                    endpoint.transport().writeEof();
                    until(peer.protocol()::isLost);
                    assertThat(peer.protocol().log).containsExactly("made", "data ping", "eof", "lost");
                    until(endpoint.protocol()::isLost);
                }
            }
            untilOpen(0);
        });
    }

    @Spec("N-5")
    @Spec("N-6")
    @ParameterizedTest
    @EnumSource
    void aUnixPathWhereNobodyListensIsRefused(Drivers driver, @TempDir Path directory) throws Exception {
        driver.run(() -> {
            AtomicInteger made = new AtomicInteger();
            assertThatThrownBy(() -> Net.createUnixConnection(
                            () -> {
                                made.incrementAndGet();
                                return new Told();
                            },
                            directory.resolve("nobody")))
                    .isInstanceOf(SocketException.class);
            assertThat(made).hasValue(0);
            untilOpen(0);
        });
    }

    @Spec("P-7")
    @ParameterizedTest
    @EnumSource
    void aTransportMayBeClosedAfterItsLoop(Drivers driver) throws Exception {
        Transport[] its = new Transport[1];
        driver.run(() -> {
            Peered<Told> pair = Peered.open(new Told());
            its[0] = pair.transport();
            pair.peer().close();
            pair.transport().pauseReading();
            assertThat(getRunningLoop().driver().openCount()).isPositive();
        });
        its[0].close();
        its[0].abort();
        assertThat(its[0].isClosing()).isTrue();
    }

    @Spec("N-1")
    @ParameterizedTest
    @EnumSource
    void whoWaitsForAConnectionCanBeCancelled(Drivers driver) throws Exception {
        driver.run(() -> {
            Task<?, ?> self = dev.rondo.Asyncio.currentTask();
            try (ServerSocketChannel listener = ServerSocketChannel.open().bind(LOOPBACK)) {
                Told told = new Told().on("made", self::cancel); // in the midst of the waiting
                assertThatThrownBy(() -> Net.createConnection(() -> told, "127.0.0.1", portOf(listener)))
                        .isInstanceOf(CancelledError.class);
                self.uncancel();
                until(told::isLost);
                assertThat(told.log).containsExactly("made", "lost");
                untilOpen(0);
            }
        });
    }
}
