package dev.rondo.net;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.net.Drivers.until;
import static dev.rondo.net.Drivers.untilOpen;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.Asyncio;
import dev.rondo.Task;
import dev.rondo.TaskCancelledException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Datagrams for coroutines. */
@Timeout(60)
class UdpSocketTest {

    private static UdpSocket here() throws IOException {
        return Net.openDatagram(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), null);
    }

    private static UdpSocket to(UdpSocket peer) throws IOException {
        return Net.openDatagram(null, (InetSocketAddress) peer.localAddress());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(US_ASCII);
    }

    private static String text(Datagram datagram) {
        return new String(datagram.data(), US_ASCII);
    }

    // ------------------------------------------------------------------------------------------------ both ways

    @ParameterizedTest
    @EnumSource
    void aServerAnswersWhoeverAsks(Drivers driver) throws IOException {
        driver.run(() -> {
            try (UdpSocket server = here();
                    UdpSocket client = to(server)) {
                Task<Void, IOException> serving = createTask(() -> {
                    while (true) {
                        Datagram question = server.receive();
                        server.send(bytes("re: " + text(question)), question.source());
                    }
                });
                for (int i = 0; i < 5; i++) {
                    client.send(bytes("" + i));
                    Datagram answer = client.receive();
                    assertThat(text(answer)).isEqualTo("re: " + i);
                    assertThat(answer.source()).isEqualTo(server.localAddress());
                }
                assertThat(client.remoteAddress()).isEqualTo(server.localAddress());
                serving.cancel();
                assertThatThrownBy(serving::await).isInstanceOf(TaskCancelledException.class);
            }
            untilOpen(0);
        });
    }

    @OnRealSockets
    void aDatagramMayBeEmptyOrAsLargeAsTheyCanBe(Drivers driver) throws IOException {
        driver.run(() -> {
            try (UdpSocket server = here();
                    UdpSocket client = to(server)) {
                byte[] large = Wire.noise(65_507);
                assertThatThrownBy(() -> client.send(new byte[0]))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("empty datagram through a connected socket");
                try (UdpSocket unconnected = here()) {
                    unconnected.send(new byte[0], server.localAddress());
                }
                client.send(large);
                assertThat(server.receive().data()).isEmpty();
                assertThat(Arrays.equals(server.receive().data(), large)).isTrue();
                assertThatThrownBy(() -> client.send(new byte[65_508])).isInstanceOf(IOException.class);
                client.send(bytes("and on"));
                assertThat(text(server.receive())).isEqualTo("and on");
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void aBufferIsFilledFromItsPositionOnAndTheRestIsCutOff(Drivers driver) throws IOException {
        driver.run(() -> {
            try (UdpSocket server = here();
                    UdpSocket client = here()) {
                ByteBuffer data = ByteBuffer.wrap(bytes("<abcdef>")).position(1).limit(7);
                client.send(data, server.localAddress());
                assertThat(data.hasRemaining()).isFalse();
                client.send(bytes("next"), server.localAddress());
                ByteBuffer dst = ByteBuffer.allocate(5).put((byte) '!');
                assertThat(server.receiveInto(dst)).isEqualTo(client.localAddress());
                assertThat(new String(dst.array(), US_ASCII)).isEqualTo("!abcd");
                assertThat(dst.hasRemaining()).isFalse();
                assertThatThrownBy(() -> server.receiveInto(dst)).isInstanceOf(IllegalArgumentException.class);
                ByteBuffer readOnly = ByteBuffer.allocate(5).asReadOnlyBuffer();
                assertThatThrownBy(() -> server.receiveInto(readOnly)).isInstanceOf(IllegalArgumentException.class);
                assertThat(text(server.receive())).isEqualTo("next");
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void manyMaySendAtOnce(Drivers driver) throws Exception {
        driver.run(() -> {
            try (UdpSocket server = here();
                    UdpSocket client = to(server)) {
                Asyncio.taskGroup((dev.rondo.TaskGroup group) -> {
                    for (int i = 0; i < 50; i++) {
                        byte[] data = {(byte) i};
                        group.createTask(() -> client.send(data));
                    }
                });
                Set<Byte> came = new TreeSet<>();
                for (int i = 0; i < 50; i++) {
                    came.add(server.receive().data()[0]);
                }
                assertThat(came).hasSize(50);
            }
        });
    }

    // ------------------------------------------------------------------------------------------------ cancel

    @ParameterizedTest
    @EnumSource
    void aCancelledReceiverLosesNoDatagram(Drivers driver) throws IOException {
        driver.run(() -> {
            try (UdpSocket server = here();
                    UdpSocket client = to(server)) {
                List<String> came = new ArrayList<>();
                for (int round = 0; round < 40; round++) {
                    boolean into = round % 2 == 0;
                    ByteBuffer dst = ByteBuffer.allocate(100).put((byte) '!');
                    Task<String, IOException> task = createTask(() -> {
                        if (!into) {
                            return text(server.receive());
                        }
                        server.receiveInto(dst);
                        return new String(dst.array(), 1, dst.position() - 1, US_ASCII);
                    });
                    for (int i = round % 5; i > 0; i--) {
                        yieldNow();
                    }
                    client.send(bytes("" + round));
                    for (int i = round % 7; i > 0; i--) {
                        yieldNow();
                    }
                    if (task.cancel()) {
                        assertThatThrownBy(task::await).isInstanceOf(TaskCancelledException.class);
                        assertThat(dst.position()).isEqualTo(1);
                    } else {
                        came.add(task.await());
                    }
                    if (came.size() <= round) {
                        came.add(text(server.receive()));
                    }
                    assertThat(came).last().isEqualTo("" + round);
                }
            }
        });
    }

    @Test
    void whatCameToACancelledReceiverIsGivenToABufferToo() throws IOException {
        Drivers.LATE.run(() -> {
            try (UdpSocket server = here();
                    DatagramChannel peer = DatagramChannel.open()) {
                int kept = 0;
                for (int turns = 0; turns < 200 && kept < 5; turns++) {
                    Task<Datagram, IOException> task = createTask(server::receive);
                    yieldNow();
                    peer.send(ByteBuffer.wrap(bytes("kept")), server.localAddress()); // at once
                    for (int i = 0; i < turns; i++) {
                        yieldNow();
                    }
                    if (!task.cancel()) {
                        task.await();
                        continue;
                    }
                    assertThatThrownBy(task::await).isInstanceOf(TaskCancelledException.class);
                    kept += server.keeps() ? 1 : 0;
                    ByteBuffer dst = ByteBuffer.allocate(3);
                    server.receiveInto(dst);
                    assertThat(new String(dst.array(), US_ASCII)).isEqualTo("kep");
                }
                assertThat(kept).isPositive();
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void aCancelledSenderHasSentAllOrNothing(Drivers driver) throws IOException {
        driver.run(() -> {
            try (UdpSocket server = here();
                    UdpSocket client = to(server)) {
                int sent = 0;
                for (int turns = 0; turns < 10; turns++) {
                    ByteBuffer data = ByteBuffer.wrap(bytes("data"));
                    Task<Void, IOException> task = createTask(() -> {
                        client.send(data, null);
                        return null;
                    });
                    for (int i = 0; i < turns; i++) {
                        yieldNow();
                    }
                    if (task.cancel()) {
                        assertThatThrownBy(task::await).isInstanceOf(TaskCancelledException.class);
                    } else {
                        task.await();
                    }
                    assertThat(data.position()).isIn(0, 4);
                    sent += data.position() / 4;
                }
                client.send(bytes("last"));
                for (int i = 0; i < sent; i++) {
                    assertThat(text(server.receive())).isEqualTo("data");
                }
                assertThat(text(server.receive())).isEqualTo("last");
            }
        });
    }

    // ------------------------------------------------------------------------------------------------ refusals,
    // failures

    @ParameterizedTest
    @EnumSource
    void oneAtATimeMayReceiveAndCloseEndsIt(Drivers driver) throws IOException {
        driver.run(() -> {
            UdpSocket socket = here();
            Task<Datagram, IOException> receiver = createTask(socket::receive);
            yieldNow();
            assertThatThrownBy(socket::receive)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("another coroutine is already receiving from this socket");
            assertThat(socket.isOpen()).isTrue();
            socket.close();
            socket.close();
            assertThatThrownBy(receiver::await).isInstanceOf(AsynchronousCloseException.class);
            assertThatThrownBy(socket::receive).isInstanceOf(ClosedChannelException.class);
            assertThatThrownBy(() -> socket.receiveInto(ByteBuffer.allocate(1)))
                    .isInstanceOf(ClosedChannelException.class);
            assertThatThrownBy(() -> socket.send(bytes("x"), socket.localAddress()))
                    .isInstanceOf(ClosedChannelException.class);
            assertThat(socket.isOpen()).isFalse();
            assertThat(socket).asString().endsWith(", closed]");
            assertThat(socket.localAddress()).isNotNull();
            untilOpen(0);
        });
    }

    @Test
    void closeEndsThoseWhoSendAndThoseWhoWaitForTheirTurn() throws IOException {
        Drivers.LATE.run(() -> {
            UdpSocket socket = here();
            List<Task<?, IOException>> senders = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                senders.add(createTask(() -> socket.send(bytes("x"), socket.localAddress())));
            }
            yieldNow();
            socket.close();
            senders.removeFirst().await(); // the driver had it already
            for (Task<?, IOException> sender : senders) {
                assertThatThrownBy(sender::await).isInstanceOf(ClosedChannelException.class);
            }
            untilOpen(0);
        });
    }

    @ParameterizedTest
    @EnumSource
    void thatNobodyListensIsToldAndTheSocketStaysUsable(Drivers driver) throws IOException {
        driver.run(() -> {
            UdpSocket server = here();
            try (UdpSocket client = to(server)) {
                server.close();
                untilOpen(1);
                client.send(bytes("to nobody"));
                assertThatThrownBy(client::receive).isInstanceOf(PortUnreachableException.class);
                try (UdpSocket again = Net.openDatagram((InetSocketAddress) server.localAddress(), null)) {
                    client.send(bytes("to somebody"));
                    assertThat(text(again.receive())).isEqualTo("to somebody");
                }
            }
        });
    }

    @Test
    void aTargetIsNeededOnceAndKnown() throws IOException {
        Drivers.NIO.run(() -> {
            try (UdpSocket server = here();
                    UdpSocket client = to(server)) {
                SocketAddress other = new InetSocketAddress(InetAddress.getLoopbackAddress(), 9);
                assertThatThrownBy(() -> client.send(bytes("x"), other)).isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() -> server.send(bytes("x"))).isInstanceOf(IllegalArgumentException.class);
                SocketAddress name = InetSocketAddress.createUnresolved("localhost", 9);
                assertThatThrownBy(() -> server.send(bytes("x"), name))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("Net.getAddrInfo");
                client.send(bytes("x"), server.localAddress());
                assertThat(text(server.receive())).isEqualTo("x");
            }
        });
    }

    // ------------------------------------------------------------------------------------------------ what it is

    @Test
    void aChannelOfTheProgramCanBeTakenOver() throws IOException {
        Drivers.NIO.run(() -> {
            DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET)
                    .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            try (UdpSocket socket = Net.openDatagram(channel)) {
                assertThat(socket.localAddress()).isEqualTo(channel.getLocalAddress());
                socket.send(bytes("to myself"), socket.localAddress());
                assertThat(text(socket.receive())).isEqualTo("to myself");
                socket.socket().setOption(StandardSocketOptions.SO_BROADCAST, true);
                assertThat(channel.getOption(StandardSocketOptions.SO_BROADCAST))
                        .isTrue();
            }
            until(() -> !channel.isOpen());
        });
    }
}
