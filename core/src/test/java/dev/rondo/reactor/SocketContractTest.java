package dev.rondo.reactor;

import static dev.rondo.reactor.DriverHarness.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Stream sockets and listeners of each family: options, addresses, Unix sockets. */
class SocketContractTest extends DriverTestCase {

    private static final SocketAddress LOOPBACK = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private Fd listener;

    private DriverHarness.Pair connectUnix() throws Exception {
        needsAll();
        Path path = directory.resolve("socket");
        listener = harness.driver.listenerSocket(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(path), 5);
        Fd client = harness.driver.streamSocket(StandardProtocolFamily.UNIX);
        Op.Accept accept = harness.submit(new Op.Accept(listener));
        assertThat(harness.perform(new Op.Connect(client, UnixDomainSocketAddress.of(path)))
                        .failure())
                .isNull();
        return new DriverHarness.Pair(client, Objects.requireNonNull(harness.finish(accept).accepted), listener);
    }

    @Test
    void bytesGoBothWaysThroughAUnixSocket() throws Exception {
        DriverHarness.Pair pair = connectUnix();
        harness.write(pair.client(), "ping");
        assertThat(harness.read(pair.server(), 4)).isEqualTo("ping");
        harness.write(pair.server(), "pong");
        assertThat(harness.read(pair.client(), 4)).isEqualTo("pong");
        pair.client().shutdownOutput();
        assertThat(harness.perform(new Op.Read(pair.server()).into(ByteBuffer.allocate(1))).count)
                .isEqualTo(-1);
    }

    @Test
    void aUnixSocketKnowsThePathThatWasBoundAndItsClientHasNoName() throws Exception {
        DriverHarness.Pair pair = connectUnix();
        UnixDomainSocketAddress path = UnixDomainSocketAddress.of(directory.resolve("socket"));
        assertThat(pair.listener().localAddress()).isEqualTo(path);
        assertThat(pair.client().remoteAddress()).isEqualTo(path);
        assertThat(pair.server().localAddress()).isEqualTo(path);
        assertThat(pair.server().remoteAddress()).isIn(null, UnixDomainSocketAddress.of(""));
        assertThat(pair.client().localAddress()).isIn(null, UnixDomainSocketAddress.of(""));
    }

    @Test
    void aUnixSocketThatIsNotThereIsAFailureThatNamesIt() throws Exception {
        needsAll();
        Fd client = harness.driver.streamSocket(StandardProtocolFamily.UNIX);
        Op.Connect connect =
                harness.perform(new Op.Connect(client, UnixDomainSocketAddress.of(directory.resolve("missing"))));
        assertThat(connect.failure()).isInstanceOf(ConnectException.class).hasMessageContaining("missing");
        client.close();
    }

    @Test
    void aUnixSocketRefusesAnAddressOfTheInternet() throws Exception {
        needsAll();
        Fd client = harness.driver.streamSocket(StandardProtocolFamily.UNIX);
        assertThat(harness.perform(new Op.Connect(client, new InetSocketAddress("127.0.0.1", 9)))
                        .failure())
                .hasMessageContaining("127.0.0.1");
        assertThatThrownBy(() -> client.bind(LOOPBACK, 0))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot bind to");
        client.close();
    }

    @Test
    void aUnixSocketWhoseListenerHasNoRoomIsNotTakenForConnected() throws Exception {
        needsAll();
        Path path = directory.resolve("socket");
        listener = harness.driver.listenerSocket(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(path), 1);
        List<Op.Connect> connects = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            Fd client = harness.driver.streamSocket(StandardProtocolFamily.UNIX);
            connects.add(harness.submit(new Op.Connect(client, UnixDomainSocketAddress.of(path))));
        }
        for (int i = 0; i < 20; i++) {
            harness.turn(1_000_000);
        }
        for (Op.Connect connect : connects) {
            if (connect.isDone() && connect.failure() == null) {
                harness.write(connect.fd, "connected");
            }
            connect.fd.close();
        }
    }

    @Test
    void aBoundUnixSocketLeavesItsFileWhenItIsClosed() throws Exception {
        DriverHarness.Pair pair = connectUnix();
        pair.listener().close();
        harness.settle();
        assertThat(Files.exists(directory.resolve("socket"))).isTrue();
        Fd second = harness.driver.listenerSocket(StandardProtocolFamily.UNIX);
        assertThatThrownBy(() -> second.bind(UnixDomainSocketAddress.of(directory.resolve("socket")), 1))
                .isInstanceOf(IOException.class);
    }

    @Test
    void whereAConnectionAndACancelRaceNoConnectionIsLost() throws Exception {
        needsAll();
        Path path = directory.resolve("socket");
        listener = harness.driver.listenerSocket(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(path), 5);
        for (int round = 0; round < 20; round++) {
            Op.Accept accept = harness.submit(new Op.Accept(listener));
            if (round % 2 == 0) {
                harness.driver.cancel(accept);
            }
            Fd client = harness.driver.streamSocket(StandardProtocolFamily.UNIX);
            Op.Connect connect = harness.submit(new Op.Connect(client, UnixDomainSocketAddress.of(path)));
            if (round % 2 == 1) {
                harness.driver.cancel(accept);
            }
            harness.finish(accept);
            harness.finish(connect);
            assertThat(accept.accepted == null).isEqualTo(accept.cancelled());
            Fd server = accept.accepted != null
                    ? accept.accepted
                    : Objects.requireNonNull(harness.perform(new Op.Accept(listener)).accepted);
            harness.write(client, "mine");
            assertThat(harness.read(server, 4)).isEqualTo("mine");
            client.close();
            server.close();
        }
    }

    @Test
    void aSocketCanBeBoundBeforeItConnects() throws Exception {
        Fd listener = harness.driver.listenerSocket(StandardProtocolFamily.INET);
        assertThat(listener.localAddress()).isNull();
        listener.bind(LOOPBACK, 0);
        Op.Accept accept = harness.submit(new Op.Accept(listener));
        Fd client = harness.driver.streamSocket(StandardProtocolFamily.INET);
        client.bind(LOOPBACK, 0);
        SocketAddress own = client.localAddress();
        harness.perform(new Op.Connect(client, listener.localAddress()));
        Fd server = Objects.requireNonNull(harness.finish(accept).accepted);
        assertThat(server.remoteAddress()).isEqualTo(own);
        assertThat(client.localAddress()).isEqualTo(own);
    }

    @Test
    void anAcceptFromAListenerThatIsNotBoundFails() throws Exception {
        Fd listener = harness.driver.listenerSocket(StandardProtocolFamily.INET);
        assertThat(harness.perform(new Op.Accept(listener)).failure()).isNotNull();
    }

    @Test
    void aListenerAtTheWildcardTakesBothFamilies() throws Exception {
        Fd listener = harness.driver.tcpListener(new InetSocketAddress(0), 5);
        int port = ((InetSocketAddress) listener.localAddress()).getPort();
        Fd client = harness.driver.streamSocket(StandardProtocolFamily.INET);
        Op.Accept accept = harness.submit(new Op.Accept(listener));
        assertThat(harness.perform(new Op.Connect(client, new InetSocketAddress("127.0.0.1", port)))
                        .failure())
                .isNull();
        assertThat(harness.finish(accept).accepted).isNotNull();
    }

    @Test
    void optionsAreSetAndAsked() throws Exception {
        Fd client = harness.driver.streamSocket(StandardProtocolFamily.INET);
        assertThat(client.getOption(StandardSocketOptions.TCP_NODELAY)).isTrue();
        assertThat(client.supportedOptions()).contains(StandardSocketOptions.SO_KEEPALIVE);
        client.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        assertThat(client.getOption(StandardSocketOptions.SO_KEEPALIVE)).isTrue();

        Fd listener = harness.driver.listenerSocket(StandardProtocolFamily.INET);
        assertThat(listener.getOption(StandardSocketOptions.SO_REUSEADDR)).isTrue();
        assertThat(listener.supportedOptions()).doesNotContain(StandardSocketOptions.TCP_NODELAY);
        assertThatThrownBy(() -> listener.setOption(StandardSocketOptions.TCP_NODELAY, true))
                .isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> listener.getOption(StandardSocketOptions.TCP_NODELAY))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void aLingerThatWouldBlockTheCloseIsRefused() throws Exception {
        Fd client = harness.driver.streamSocket(StandardProtocolFamily.INET);
        assertThatThrownBy(() -> client.setOption(StandardSocketOptions.SO_LINGER, 7))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("7 s");
        client.setOption(StandardSocketOptions.SO_LINGER, 0);
        assertThat(client.getOption(StandardSocketOptions.SO_LINGER)).isZero();
    }

    @Test
    void aConnectionThatLingersForNothingIsReset() throws Exception {
        DriverHarness.Pair pair = harness.connect();
        pair.client().setOption(StandardSocketOptions.SO_LINGER, 0);
        pair.client().close();
        Op.Read read = harness.perform(new Op.Read(pair.server()).into(ByteBuffer.allocate(8)));
        assertThat(read.failure()).hasMessageContaining("reset");
    }

    @Test
    void anAcceptedConnectionSendsWithoutDelay() throws Exception {
        assertThat(harness.connect().server().getOption(StandardSocketOptions.TCP_NODELAY))
                .isTrue();
    }

    @Test
    void whatASocketCannotDoIsRefused() throws Exception {
        DriverHarness.Pair pair = harness.connect();
        assertThatThrownBy(() -> harness.submit(new Op.Accept(pair.client())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("socket")
                .hasMessageContaining("Accept");
        assertThatThrownBy(() -> harness.submit(new Op.Write(pair.listener()).from(bytes("x"))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> harness.submit(new Op.ReceiveFrom(pair.client()).into(ByteBuffer.allocate(1))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> harness.submit(new Op.Size(pair.client())))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> pair.client().release()).isInstanceOf(IllegalStateException.class);
    }
}
