package dev.rondo.net;

import static dev.rondo.Asyncio.getRunningLoop;
import static dev.rondo.net.Drivers.until;
import static dev.rondo.net.Drivers.untilOpen;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import dev.rondo.Runner;
import dev.rondo.reactor.NioDriver;
import dev.rondo.spec.Spec;
import java.io.IOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** At which addresses a server listens, and with which options. */
class ServerAddressesTest {

    private static final String NOBODYS = "240.0.0.1"; // reserved: no machine has it

    private static final ClientHandler HELLO = (_, writer) -> {
        try (writer) {
            writer.write(Wire.bytes("hello"));
        }
    };

    private static Server at(int port, String... hosts) throws IOException {
        return Net.startServer(HELLO, List.of(hosts), port, ListenOptions.DEFAULT);
    }

    private static void assertServes(String host, int port) throws IOException {
        try (Connection connection = Net.openConnection(host, port)) {
            assertThat(connection.reader().readAll()).asString().isEqualTo("hello");
        }
    }

    private static List<String> hostsOf(Server server) {
        return server.addresses().stream()
                .map(address -> ((InetSocketAddress) address).getAddress().getHostAddress())
                .toList();
    }

    private static boolean hasIpv6() {
        try (ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.INET6)) {
            channel.bind(new InetSocketAddress("::1", 0));
            return true;
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    @Spec("N-7")
    @ParameterizedTest
    @EnumSource
    void theEmptyHostIsAllAddressesOfThisMachine(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Server server = at(0, "")) {
                assertThat(server.addresses()).hasSize(1);
                assertThat(server.localAddress().getAddress().isAnyLocalAddress())
                        .isTrue();
                assertServes("127.0.0.1", server.port());
            }
        });
    }

    @Spec("N-7")
    @OnRealSockets
    void theEmptyHostIsIpv6AsWell(Drivers driver) throws Exception {
        assumeTrue(hasIpv6());
        driver.run(() -> {
            for (String everywhere : List.of("", "::")) {
                try (Server server = at(0, everywhere)) {
                    assertServes("127.0.0.1", server.port());
                    assertServes("::1", server.port());
                }
            }
        });
    }

    @Spec("N-7")
    @OnRealSockets
    void allOfIpv4IsNoIpv6(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Server server = at(0, "0.0.0.0")) {
                assertServes("127.0.0.1", server.port());
                assertThatThrownBy(() -> Net.connectTcp("::1", server.port())).isInstanceOf(IOException.class);
                assertThat(server.sockets().getFirst().localAddress())
                        .isEqualTo(new InetSocketAddress("0.0.0.0", server.port()));
            }
        });
    }

    @Spec("N-7")
    @ParameterizedTest
    @EnumSource
    void whereIpv6IsWantedTheEmptyHostIsItsWildcard(Drivers driver) throws Exception {
        driver.run(() -> {
            List<String> families = new ArrayList<>();
            for (StandardProtocolFamily family : List.of(StandardProtocolFamily.INET, StandardProtocolFamily.INET6)) {
                try (Server server = Net.startServer(HELLO, List.of(""), 0, ListenOptions.DEFAULT.withFamily(family))) {
                    families.add(server.localAddress().getAddress() instanceof Inet4Address ? "4" : "6");
                }
            }
            assertThat(families.getFirst()).isEqualTo("4");
        });
    }

    @Spec("N-7")
    @Test
    void aSystemWithoutIpv6ListensWithoutIt() throws Exception {
        BentDriver[] bent = new BentDriver[1];
        try (Runner runner = new Runner(() -> loopOf(bent))) {
            runner.run(() -> {
                bent[0].ipv6 = false;
                Net.setResolver(_ -> List.of(InetAddress.ofLiteral("::1"), InetAddress.ofLiteral("127.0.0.1")));
                try (Server all = at(0, "");
                        Server both = at(0, "localhost")) {
                    assertThat(hostsOf(all)).containsExactly("0.0.0.0");
                    assertThat(hostsOf(both)).containsExactly("127.0.0.1");
                    assertServes("127.0.0.1", both.port());
                }
            });
        }
    }

    private static EventLoop loopOf(BentDriver[] bent) {
        return EventLoop.builder()
                .driver(post -> {
                    bent[0] = new BentDriver(new NioDriver(post));
                    return bent[0].asDriver();
                })
                .build();
    }

    @Spec("N-7")
    @ParameterizedTest
    @EnumSource
    void severalHostsAreListenedAtAndEachAddressOnce(Drivers driver) throws Exception {
        driver.run(() -> {
            Net.setResolver(host -> switch (host) {
                case "one" -> List.of(InetAddress.ofLiteral("127.0.0.1"), InetAddress.ofLiteral("127.0.0.2"));
                case "two" -> List.of(InetAddress.ofLiteral("127.0.0.2"), InetAddress.ofLiteral("127.0.0.1"));
                default -> List.of(InetAddress.ofLiteral(host));
            });
            try (Server server = at(0, "one", "two", "127.0.0.1")) {
                assertThat(hostsOf(server)).containsExactly("127.0.0.1", "127.0.0.2");
                assertThat(server.sockets()).hasSize(2);
                for (TransportSocket socket : server.sockets()) {
                    InetSocketAddress address = (InetSocketAddress) socket.localAddress();
                    assertThat(address).isNotNull();
                    assertServes(address.getAddress().getHostAddress(), address.getPort());
                }
                server.close();
                server.waitClosed();
                assertThat(server.sockets()).isEmpty();
                assertThat(server.addresses()).hasSize(2);
            }
            untilOpen(0);
        });
    }

    @Spec("N-7")
    @OnRealSockets
    void wildcardsOfBothFamiliesAreOneSocket(Drivers driver) throws Exception {
        assumeTrue(hasIpv6());
        driver.run(() -> {
            int port;
            try (Server server = at(0, "127.0.0.1")) {
                port = server.port(); // free in a moment
            }
            untilOpen(0);
            try (Server server = at(port, "0.0.0.0", "::")) {
                assertThat(server.addresses()).hasSize(1);
                assertServes("127.0.0.1", port);
                assertServes("::1", port);
            }
        });
    }

    @Spec("N-7")
    @OnRealSockets
    void oneFamilyAlone(Drivers driver) throws Exception {
        driver.run(() -> {
            Net.setResolver(_ -> List.of(InetAddress.ofLiteral("::1"), InetAddress.ofLiteral("127.0.0.1")));
            ListenOptions four = ListenOptions.DEFAULT.withFamily(StandardProtocolFamily.INET);
            try (Server server = Net.startServer(HELLO, List.of("localhost"), 0, four)) {
                assertThat(hostsOf(server)).containsExactly("127.0.0.1");
            }
            Net.setResolver(_ -> List.of(InetAddress.ofLiteral("::1")));
            assertThatThrownBy(() -> Net.startServer(HELLO, List.of("six"), 0, four))
                    .isInstanceOf(UnknownHostException.class)
                    .hasMessageContaining("IPv4");
            assertThatThrownBy(() -> ListenOptions.DEFAULT.withFamily(StandardProtocolFamily.UNIX))
                    .isInstanceOf(IllegalArgumentException.class);
        });
    }

    // ------------------------------------------------------------------------------------------------ failures

    @Spec("N-7")
    @ParameterizedTest
    @EnumSource
    void addressesThatAreNotThisMachinesAreSkipped(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Server first = at(0, NOBODYS, "127.0.0.1", NOBODYS)) {
                assertThat(hostsOf(first)).containsExactly("127.0.0.1");
                try (Server second = at(first.port(), NOBODYS, "127.0.0.2")) { // a port that is given
                    assertServes("127.0.0.2", second.port());
                }
            }
        });
    }

    @Spec("N-7")
    @ParameterizedTest
    @EnumSource
    void whereNoAddressIsThisMachinesTheFailureNamesThem(Drivers driver) throws Exception {
        driver.run(() -> {
            assertThatThrownBy(() -> at(8080, NOBODYS, "240.0.0.2"))
                    .isInstanceOf(BindException.class)
                    .hasMessage("could not bind on any address out of [240.0.0.1:8080, 240.0.0.2:8080]")
                    .satisfies(failure -> assertThat(failure.getSuppressed())
                            .extracting(Throwable::getMessage)
                            .first()
                            .asString()
                            .startsWith("cannot listen on 240.0.0.1:8080: "));
            untilOpen(0);
        });
    }

    @Spec("N-7")
    @ParameterizedTest
    @EnumSource
    void aPortThatIsTakenIsAFailureAndNothingIsLeftOpen(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Server first = at(0, "127.0.0.2")) {
                int port = first.port();
                assertThatThrownBy(() -> at(port, "127.0.0.1", "127.0.0.2", "127.0.0.3"))
                        .isInstanceOf(BindException.class)
                        .hasMessageStartingWith("cannot listen on 127.0.0.2:" + port + ": ")
                        .hasMessageContaining("in use");
                untilOpen(1);
                assertServes("127.0.0.2", port);
            }
        });
    }

    @Spec("N-7")
    @ParameterizedTest
    @EnumSource
    void noHostAndAPortThatIsNoneAreRefused(Drivers driver) throws Exception {
        driver.run(() -> {
            assertThatThrownBy(() -> at(0)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> at(-1, "127.0.0.1")).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> at(65536, "127.0.0.1")).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> ListenOptions.DEFAULT.withBacklog(0)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> ListenOptions.DEFAULT.withLimit(0)).isInstanceOf(IllegalArgumentException.class);
            untilOpen(0);
        });
    }

    // ------------------------------------------------------------------------------------------------ options

    @Spec("N-7")
    @OnRealSockets
    void reuseAddressIsOnUnlessItIsTurnedOff(Drivers driver) throws Exception {
        driver.run(() -> {
            ListenOptions off = ListenOptions.DEFAULT.withReuseAddress(false);
            try (Server on = at(0, "127.0.0.1");
                    Server not = Net.startServer(HELLO, List.of("127.0.0.1"), 0, off)) {
                assertThat(on.sockets().getFirst().getOption(StandardSocketOptions.SO_REUSEADDR))
                        .isTrue();
                assertThat(not.sockets().getFirst().getOption(StandardSocketOptions.SO_REUSEADDR))
                        .isFalse();
            }
        });
    }

    @Spec("N-7")
    @OnRealSockets
    void serversThatSaySoShareAPort(Drivers driver) throws Exception {
        driver.run(() -> {
            ListenOptions shared = ListenOptions.DEFAULT.withReusePort(true);
            try (Server first = Net.startServer(HELLO, List.of("127.0.0.1"), 0, shared);
                    Server second = Net.startServer(HELLO, List.of("127.0.0.1"), first.port(), shared)) {
                assertThat(second.port()).isEqualTo(first.port());
                assertServes("127.0.0.1", first.port());
                assertThatThrownBy(() -> at(first.port(), "127.0.0.1")).isInstanceOf(BindException.class);
            }
        });
    }

    @Spec("N-7")
    @OnRealSockets
    void keepAliveIsAnOptionOfTheConnections(Drivers driver) throws Exception {
        driver.run(() -> {
            for (boolean wanted : new boolean[] {false, true}) {
                List<Boolean> seen = new ArrayList<>();
                Told told = new Told();
                told.on(
                        "made",
                        () -> seen.add(((TransportSocket) told.transport().getExtraInfo("socket"))
                                .getOption(StandardSocketOptions.SO_KEEPALIVE)));
                ListenOptions options = ListenOptions.DEFAULT.withKeepAlive(wanted);
                try (Server server = Net.createServer(() -> told, List.of("127.0.0.1"), 0, options);
                        ByteStream _ = Net.connectTcp("127.0.0.1", server.port())) {
                    until(() -> !seen.isEmpty());
                    server.abortClients();
                }
                assertThat(seen).containsExactly(wanted);
            }
        });
    }

    @Spec("ST-1")
    @ParameterizedTest
    @EnumSource
    void theLimitIsTheReadersOfTheHandler(Drivers driver) throws Exception {
        driver.run(() -> {
            List<String> failures = new ArrayList<>();
            ClientHandler handler = (reader, writer) -> {
                try (writer) {
                    reader.readLine();
                } catch (LimitOverrunException e) {
                    failures.add("too long");
                }
            };
            ListenOptions ten = ListenOptions.DEFAULT.withLimit(10);
            try (Server server = Net.startServer(handler, List.of("127.0.0.1"), 0, ten);
                    Connection client = Net.openConnection("127.0.0.1", server.port())) {
                client.writer().write(Wire.bytes("more than ten bytes and no end"));
                until(() -> !failures.isEmpty());
            }
        });
    }

    // ------------------------------------------------------------------------------------------------ sockets given

    @Spec("N-7")
    @OnRealSockets
    void aSocketOfTheProgramsOwnIsServed(Drivers driver) throws Exception {
        driver.run(() -> {
            ServerSocketChannel channel =
                    ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
            try (Server server = Net.startServer(HELLO, channel, ListenOptions.DEFAULT)) {
                assertThat(server.localAddress()).isEqualTo(channel.getLocalAddress());
                assertServes("127.0.0.1", server.port());
                assertThatThrownBy(() -> Net.startServer(HELLO, channel, ListenOptions.DEFAULT))
                        .isInstanceOf(IllegalStateException.class);
            }
            until(() -> !channel.isOpen());

            try (ServerSocketChannel unbound = ServerSocketChannel.open()) {
                assertThatThrownBy(() -> Net.startServer(HELLO, unbound, ListenOptions.DEFAULT))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("must be bound");
                assertThatThrownBy(() -> Net.createServer(Told::new, unbound, ListenOptions.DEFAULT))
                        .isInstanceOf(IllegalArgumentException.class);
                assertThat(unbound.isOpen()).isTrue();
            }
            untilOpen(0);
        });
    }

    @Spec("N-7")
    @ParameterizedTest
    @EnumSource
    void aServerThatHasNotBegunServesWhoCameMeanwhileWhenItDoes(Drivers driver) throws Exception {
        driver.run(() -> {
            AtomicInteger served = new AtomicInteger();
            ListenOptions later = ListenOptions.DEFAULT.withStartServing(false);
            ClientHandler counting = (reader, writer) -> {
                served.incrementAndGet();
                HELLO.handle(reader, writer);
            };
            try (Server server = Net.startServer(counting, List.of("127.0.0.1"), 0, later)) {
                assertThat(server.isServing()).isFalse();
                assertThat(server.sockets()).hasSize(1);
                try (Connection early = Net.openConnection("127.0.0.1", server.port())) {
                    for (int i = 0; i < 20; i++) {
                        Asyncio.yieldNow();
                    }
                    assertThat(served).hasValue(0);
                    server.startServing();
                    server.startServing();
                    assertThat(server.isServing()).isTrue();
                    assertThat(early.reader().readAll()).asString().isEqualTo("hello");
                }
                assertThat(served).hasValue(1);
                assertThat(server.loop()).isSameAs(getRunningLoop());
            }
        });
    }
}
