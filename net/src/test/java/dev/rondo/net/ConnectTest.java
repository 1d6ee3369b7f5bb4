package dev.rondo.net;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.net.Drivers.untilOpen;
import static dev.rondo.net.Wire.receive;
import static dev.rondo.net.Wire.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rondo.Task;
import dev.rondo.spec.Spec;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Connecting by the real system, over loopback. */
class ConnectTest {

    private static ConnectOptions to(String... addresses) {
        List<InetAddress> all =
                Arrays.stream(addresses).map(InetAddress::ofLiteral).toList();
        return ConnectOptions.DEFAULT.withResolver(host -> all);
    }

    /** Suspends until the driver has as many sockets open as it should: one that was cancelled may take some turns. */
    private static void assumeIpv6() {
        boolean there;
        try (Listener listener = Net.listen("::1", 0)) {
            there = listener.port() > 0;
        } catch (IOException e) {
            there = false;
        }
        assumeTrue(there, "a machine with IPv6");
    }

    @Spec("N-1")
    @ParameterizedTest
    @EnumSource
    void aConnectionIsReaderAndWriter(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Listener listener = Net.listen("127.0.0.1", 0);
                    Connection client = Net.openConnection("localhost", listener.port(), to("127.0.0.1"));
                    ByteStream server = listener.accept()) {
                send(server, "ping\n");
                assertThat(client.reader().readLine()).asString().isEqualTo("ping\n");
                client.writer().write("pong".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
                assertThat(receive(server, 4)).isEqualTo("pong");
            }
        });
    }

    @Spec("N-2")
    @Spec("N-4")
    @ParameterizedTest
    @EnumSource
    void theOtherFamilyIsTriedWhereOneRefuses(Drivers driver) throws Exception {
        driver.run(() -> {
            assumeIpv6();
            try (Listener listener = Net.listen("127.0.0.1", 0)) {
                try (ByteStream client = Net.connectTcp("both.test", listener.port(), to("::1", "127.0.0.1"))) {
                    assertThat(client.remoteAddress()).isEqualTo(new InetSocketAddress("127.0.0.1", listener.port()));
                }
            }
            try (Listener listener = Net.listen("::1", 0)) {
                try (ByteStream client = Net.connectTcp("both.test", listener.port(), to("127.0.0.1", "::1"))) {
                    assertThat(((InetSocketAddress) client.remoteAddress()).getAddress())
                            .isInstanceOf(Inet6Address.class);
                }
            }
            untilOpen(0);
        });
    }

    @Spec("N-2")
    @Spec("N-5")
    @ParameterizedTest
    @EnumSource
    void ifAllRefuseEachIsNamedAndNoSocketIsLeft(Drivers driver) throws Exception {
        driver.run(() -> {
            Listener listener = Net.listen("127.0.0.1", 0);
            int port = listener.port();
            listener.close();
            untilOpen(0);
            assertThatThrownBy(() -> Net.connectTcp("two.test", port, to("127.0.0.2", "127.0.0.3")))
                    .isInstanceOf(ConnectException.class)
                    .hasMessage("cannot connect to two.test:" + port + ": 127.0.0.2, 127.0.0.3: Connection refused")
                    .satisfies(e -> assertThat(e.getSuppressed()).hasSize(2));
            untilOpen(0);
        });
    }

    @Spec("N-3")
    @ParameterizedTest
    @EnumSource
    void aConnectionMayComeFromAnotherLocalAddress(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Listener listener = Net.listen("127.0.0.1", 0)) {
                ConnectOptions options = ConnectOptions.DEFAULT.withLocalAddress("127.0.0.5", 0);
                try (ByteStream client = Net.connectTcp("127.0.0.1", listener.port(), options);
                        ByteStream server = listener.accept()) {
                    assertThat(((InetSocketAddress) server.remoteAddress()).getHostString())
                            .isEqualTo("127.0.0.5");
                    assertThat(client.localAddress()).isEqualTo(server.remoteAddress());
                }
            }
        });
    }

    @Spec("N-3")
    @ParameterizedTest
    @EnumSource
    void aLocalAddressThatIsTakenIsNamedAndNoSocketIsLeft(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Listener listener = Net.listen("127.0.0.1", 0)) {
                ConnectOptions taken = ConnectOptions.DEFAULT.withLocalAddress("127.0.0.1", listener.port());
                assertThatThrownBy(() -> Net.connectTcp("127.0.0.1", listener.port(), taken))
                        .isInstanceOf(ConnectException.class)
                        .hasMessageContaining(
                                "cannot bind to 127.0.0.1:" + listener.port() + ": Address already in use")
                        .satisfies(e -> assertThat(e.getSuppressed()[0]).isInstanceOf(BindException.class));
                untilOpen(1);
            }
        });
    }

    /** uvloop's test of descriptors that leak, at every turn. */
    @Spec("N-5")
    @ParameterizedTest
    @EnumSource
    void aCancelAtAnyTurnLeavesNoDescriptor(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Listener listener = Net.listen("127.0.0.1", 0)) {
                ConnectOptions options = to("127.0.0.2", "127.0.0.1").withHappyEyeballsDelay(Duration.ZERO);
                for (int turns = 0; turns < 12; turns++) {
                    Task<ByteStream, IOException> connect =
                            createTask(() -> Net.connectTcp("two.test", listener.port(), options));
                    for (int i = 0; i < turns; i++) {
                        yieldNow();
                    }
                    connect.cancel();
                    while (!connect.done()) {
                        yieldNow();
                    }
                    if (!connect.cancelled()) {
                        connect.await().close();
                    }
                    untilOpen(1);
                }
            }
        });
    }
}
