package dev.rondo.net;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.getRunningLoop;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.net.Drivers.until;
import static dev.rondo.net.Drivers.untilOpen;
import static java.net.StandardProtocolFamily.INET;
import static java.net.StandardProtocolFamily.INET6;
import static java.net.StandardProtocolFamily.UNIX;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rondo.AsyncEvent;
import dev.rondo.Task;
import dev.rondo.TaskCancelledException;
import dev.rondo.spec.Spec;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How datagram sockets get their addresses. */
@Timeout(60)
class DatagramEndpointTest {

    private static final DatagramOptions DEFAULT = DatagramOptions.DEFAULT;
    private static final InetAddress V4 = InetAddress.ofLiteral("127.0.0.1");
    private static final InetAddress V6 = InetAddress.ofLiteral("::1");

    private static DatagramTransport open(DatagramOptions options) throws IOException {
        return Net.createDatagramEndpoint(ToldOfDatagrams::new, options).transport();
    }

    private static InetSocketAddress local(DatagramTransport transport) {
        return (InetSocketAddress) transport.localAddress();
    }

    private static boolean haveIpv6() {
        try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress(V6, 0))) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    // ------------------------------------------------------------------------------------------------ addresses

    @ParameterizedTest
    @EnumSource
    @Spec("N-16")
    void aLocalAddressIsBoundAndARemoteOneConnected(Drivers driver) throws IOException {
        driver.run(() -> {
            DatagramTransport server = open(DEFAULT.withLocal("127.0.0.1", 0));
            assertThat(local(server).getAddress()).isEqualTo(V4);
            assertThat(local(server).getPort()).isPositive();
            assertThat(server.remoteAddress()).isNull();

            DatagramTransport client =
                    open(DEFAULT.withRemote("127.0.0.1", local(server).getPort()));
            assertThat(client.remoteAddress()).isEqualTo(local(server));
            assertThat(local(client).getAddress()).isEqualTo(V4);

            DatagramTransport both = open(DEFAULT.withRemote(local(server)).withLocal(new InetSocketAddress(V4, 0)));
            assertThat(both.remoteAddress()).isEqualTo(local(server));
            assertThat(local(both).getAddress()).isEqualTo(V4);
        });
    }

    @Test
    @Spec("N-16")
    void aSocketWithoutAddressesNeedsAFamily() throws IOException {
        Drivers.NIO.run(() -> {
            assertThatThrownBy(() -> open(DEFAULT))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("or at least a family");
            DatagramTransport transport = open(DEFAULT.withFamily(INET));
            assertThat(local(transport).getAddress().isAnyLocalAddress()).isTrue();
            assertThat(local(transport).getPort()).isPositive(); // where others can answer to
            assertThat(transport.remoteAddress()).isNull();
        });
    }

    @Test
    @Spec("N-16")
    void addressesWithoutAFamilyInCommonAreRefused() throws IOException {
        Drivers.NIO.run(() -> {
            assertThatThrownBy(() -> open(DEFAULT.withLocal("127.0.0.1", 0).withRemote("::1", 9)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("no family in common");
            assertThatThrownBy(() -> open(DEFAULT.withLocal("127.0.0.1", 0).withFamily(INET6)))
                    .isInstanceOf(UnknownHostException.class)
                    .hasMessageContaining("no address of family IPv6");
            assertThat(getRunningLoop().driver().openCount()).isZero();
        });
    }

    @Test
    @Spec("N-16")
    void whatMakesNoSenseIsRefusedByTheOptions() {
        assertThatThrownBy(() -> DEFAULT.withFamily(UNIX))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Java has no Unix datagram sockets");
        assertThatThrownBy(() -> DEFAULT.withRemote("127.0.0.1", 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("port must be 1 to 65535, not 0");
        assertThatThrownBy(() -> DEFAULT.withLocal("127.0.0.1", 65_536)).isInstanceOf(IllegalArgumentException.class);
        assertThat(DEFAULT.withReusePort(true).withBroadcast(true))
                .isEqualTo(new DatagramOptions(null, null, null, true, true));
    }

    @ParameterizedTest
    @EnumSource
    @Spec("N-16")
    void namesAreLookedUpByTheResolverOfTheLoop(Drivers driver) throws IOException {
        driver.run(() -> {
            List<String> asked = new ArrayList<>();
            Net.setResolver(host -> {
                asked.add(host);
                yieldNow();
                return host.equals("six.test") ? List.of(V6) : List.of(V6, V4);
            });
            DatagramTransport server = open(DEFAULT.withLocal("here.test", 0).withFamily(INET));
            assertThat(local(server).getAddress()).isEqualTo(V4);
            DatagramTransport client = open(DEFAULT.withLocal(new InetSocketAddress(V4, 0))
                    .withRemote("there.test", local(server).getPort()));
            assertThat(client.remoteAddress()).isEqualTo(local(server)); // of the family that both have
            assertThat(asked).containsExactly("here.test", "there.test");
            assertThatThrownBy(() ->
                            open(DEFAULT.withLocal(new InetSocketAddress(V4, 0)).withRemote("six.test", 9)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("six.test");
        });
    }

    @Test
    @Spec("N-16")
    void theFirstAddressThatCanBeHadIsTaken() throws IOException {
        Drivers.NIO.run(() -> {
            InetAddress notOurs6 = InetAddress.ofLiteral("2001:db8::1");
            InetAddress notOurs4 = InetAddress.ofLiteral("192.0.2.1");
            Net.setResolver(host -> host.equals("second.test") ? List.of(notOurs6, V4) : List.of(notOurs6, notOurs4));
            assertThat(local(open(DEFAULT.withLocal("second.test", 0))).getAddress())
                    .isEqualTo(V4);
            assertThatThrownBy(() -> open(DEFAULT.withLocal("none.test", 0)))
                    .isInstanceOf(IOException.class)
                    .satisfies(failure -> {
                        assertThat(failure.getSuppressed()).hasSize(1);
                        assertThat(failure.getSuppressed()[0])
                                .isInstanceOf(BindException.class)
                                .hasMessageContaining("192.0.2.1:0");
                    });
            assertThat(getRunningLoop().driver().openCount()).isEqualTo(1);
        });
    }

    @Test
    @Spec("N-16")
    void aNameWithoutAddressFails() throws IOException {
        Drivers.NIO.run(() -> {
            Net.setResolver(host -> {
                throw new UnknownHostException(host);
            });
            assertThatThrownBy(() -> open(DEFAULT.withRemote("nowhere.test", 9)))
                    .isInstanceOf(UnknownHostException.class);
        });
    }

    @ParameterizedTest
    @EnumSource
    @Spec("N-16")
    void anEmptyHostIsAllOfThisMachine(Drivers driver) throws IOException {
        driver.run(() -> {
            ToldOfDatagrams server = new ToldOfDatagrams();
            DatagramTransport transport = Net.createDatagramEndpoint(() -> server, DEFAULT.withLocal("", 0))
                    .transport();
            int port = local(transport).getPort();
            open(DEFAULT.withRemote("127.0.0.1", port)).sendTo(new byte[4]);
            until(() -> server.data.size() == 1);
            if (haveIpv6()) {
                open(DEFAULT.withRemote("::1", port)).sendTo(new byte[6]);
                until(() -> server.data.size() == 2);
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    @Spec("N-16")
    void sixIsAFamilyToo(Drivers driver) throws IOException {
        assumeTrue(haveIpv6());
        driver.run(() -> {
            ToldOfDatagrams server = new ToldOfDatagrams();
            server.on("data", () -> server.transport().sendTo(server.data.getLast(), server.source));
            DatagramTransport transport = Net.createDatagramEndpoint(() -> server, DEFAULT.withLocal("[::1]", 0))
                    .transport();
            assertThat(local(transport).getAddress()).isEqualTo(V6);
            ToldOfDatagrams client = new ToldOfDatagrams();
            Net.createDatagramEndpoint(() -> client, DEFAULT.withFamily(INET6))
                    .transport()
                    .sendTo(new byte[] {6}, transport.localAddress());
            until(() -> client.data.size() == 1);
            assertThat(((InetSocketAddress) Objects.requireNonNull(client.source)).getAddress())
                    .isInstanceOf(Inet6Address.class);
        });
    }

    // ------------------------------------------------------------------------------------------------ ports

    @Test
    @Spec("N-16")
    void aPortThatIsTakenIsNamedAndLeavesNothingOpen() throws IOException {
        Drivers.NIO.run(() -> {
            try (DatagramSocket other = new DatagramSocket(new InetSocketAddress(V4, 0))) {
                assertThatThrownBy(() -> open(DEFAULT.withLocal("127.0.0.1", other.getLocalPort())))
                        .isInstanceOf(BindException.class)
                        .hasMessageStartingWith("cannot bind to 127.0.0.1:" + other.getLocalPort());
            }
            assertThat(getRunningLoop().driver().openCount()).isZero();
        });
    }

    @Test
    @Spec("N-16")
    void aPortCanBeShared() throws IOException {
        Drivers.NIO.run(() -> {
            DatagramTransport one = open(DEFAULT.withLocal("127.0.0.1", 0).withReusePort(true));
            DatagramTransport two = open(DEFAULT.withLocal(local(one)).withReusePort(true));
            assertThat(local(two)).isEqualTo(local(one));
            assertThatThrownBy(() -> open(DEFAULT.withLocal(local(one)))).isInstanceOf(BindException.class);
        });
    }

    // ------------------------------------------------------------------------------------------------ channels

    @ParameterizedTest
    @EnumSource
    @Spec("N-16")
    void aChannelOfTheProgramIsTakenOverAndClosed(Drivers driver) throws IOException {
        driver.run(() -> {
            DatagramTransport server = open(DEFAULT.withLocal("127.0.0.1", 0));
            DatagramChannel channel = DatagramChannel.open(INET).setOption(StandardSocketOptions.SO_RCVBUF, 20_000);
            ToldOfDatagrams protocol = new ToldOfDatagrams();
            DatagramTransport transport =
                    Net.createDatagramEndpoint(() -> protocol, channel).transport();
            assertThat(channel.isBlocking()).isFalse();
            assertThat(local(transport).getPort()).isPositive(); // it was not bound
            assertThatThrownBy(() -> Net.createDatagramEndpoint(ToldOfDatagrams::new, channel))
                    .isInstanceOf(IllegalStateException.class);
            server.sendTo(
                    new byte[3], new InetSocketAddress(V4, local(transport).getPort()));
            until(() -> protocol.data.size() == 1);
            transport.close();
            until(protocol::isLost);
            untilOpen(1);
            assertThat(channel.isOpen()).isFalse();
        });
    }

    @Test
    @Spec("N-16")
    void aConnectedChannelSendsToItsPeerAlone() throws IOException {
        Drivers.NIO.run(() -> {
            ToldOfDatagrams server = new ToldOfDatagrams();
            SocketAddress address = Net.createDatagramEndpoint(() -> server, DEFAULT.withLocal("127.0.0.1", 0))
                    .transport()
                    .localAddress();
            DatagramChannel channel = DatagramChannel.open().connect(address);
            DatagramTransport transport =
                    Net.createDatagramEndpoint(ToldOfDatagrams::new, channel).transport();
            assertThat(transport.getExtraInfo("peername")).isEqualTo(address);
            transport.sendTo(new byte[1]);
            transport.sendTo(new byte[2], address);
            until(() -> server.data.size() == 2);
            assertThatThrownBy(() -> transport.sendTo(new byte[3], new InetSocketAddress(V4, 9)))
                    .isInstanceOf(IllegalArgumentException.class);
        });
    }

    // ------------------------------------------------------------------------------------------------ cut short

    @ParameterizedTest
    @EnumSource
    @Spec("N-16")
    void aFactoryThatFailsLeavesNothingOpen(Drivers driver) throws IOException {
        driver.run(() -> {
            assertThatThrownBy(() -> Net.createDatagramEndpoint(
                            () -> {
                                throw new IllegalStateException("no protocol today");
                            },
                            DEFAULT.withLocal("127.0.0.1", 0)))
                    .hasMessage("no protocol today");
            untilOpen(0);
        });
    }

    @ParameterizedTest
    @EnumSource
    @Spec("N-16")
    void aCancelLeavesNothingOpenWhereverItComes(Drivers driver) throws IOException {
        driver.run(() -> {
            Net.setResolver(host -> {
                yieldNow();
                yieldNow();
                return List.of(V4);
            });
            int finished = 0;
            for (int turns = 0; turns < 20 || finished == 0; turns++) {
                ToldOfDatagrams protocol = new ToldOfDatagrams();
                Task<DatagramTransport, IOException> task = createTask(() -> Net.createDatagramEndpoint(
                                () -> protocol,
                                DEFAULT.withLocal("here.test", 0).withRemote("there.test", 9))
                        .transport());
                for (int i = 0; i < turns; i++) {
                    yieldNow();
                }
                if (task.cancel()) {
                    assertThatThrownBy(task::await).isInstanceOf(TaskCancelledException.class);
                } else {
                    finished++;
                    task.await().close();
                }
                untilOpen(0);
                until(() -> protocol.log.isEmpty() || protocol.isLost()); // told of the end, if of the beginning
            }
        });
    }

    @Test
    void connectionMadeComesBeforeTheCallReturnsAndMayClose() throws IOException {
        Drivers.NIO.run(() -> {
            ToldOfDatagrams protocol = new ToldOfDatagrams();
            AsyncEvent over = new AsyncEvent();
            protocol.on("made", () -> protocol.transport().close());
            protocol.on("lost", over::set);
            Net.createDatagramEndpoint(() -> protocol, DEFAULT.withLocal("127.0.0.1", 0));
            over.await();
            assertThat(protocol.log).containsExactly("made", "lost");
            untilOpen(0);
        });
    }
}
