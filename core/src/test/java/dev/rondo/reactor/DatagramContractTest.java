package dev.rondo.reactor;

import static dev.rondo.reactor.DriverHarness.bytes;
import static dev.rondo.reactor.DriverHarness.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Datagrams over loopback. */
class DatagramContractTest extends DriverTestCase {

    private Fd bound(ProtocolFamily family) throws IOException {
        Fd fd = harness.driver.datagramSocket(family);
        String loopback = family == StandardProtocolFamily.INET6 ? "::1" : "127.0.0.1";
        fd.bind(new InetSocketAddress(InetAddress.getByName(loopback), 0), 0);
        return fd;
    }

    private Fd bound() throws IOException {
        return bound(StandardProtocolFamily.INET);
    }

    private void send(Fd from, String text, SocketAddress target) {
        ByteBuffer datagram = bytes(text);
        assertThat(harness.perform(new Op.SendTo(from).from(datagram, target)).failure())
                .isNull();
        assertThat(datagram.hasRemaining()).isFalse();
    }

    private String receive(Fd fd) {
        ByteBuffer buffer = ByteBuffer.allocate(100);
        Op.ReceiveFrom receive = harness.perform(new Op.ReceiveFrom(fd).into(buffer));
        assertThat(receive.failure()).isNull();
        assertThat(receive.count).isEqualTo(buffer.position());
        return text(buffer);
    }

    @ParameterizedTest
    @EnumSource(
            value = StandardProtocolFamily.class,
            names = {"INET", "INET6"})
    void aDatagramArrivesWithItsSenderWaitedForOrNot(ProtocolFamily family) throws Exception {
        Fd one = bound(family);
        Fd other = bound(family);
        ByteBuffer buffer = ByteBuffer.allocate(100);
        Op.ReceiveFrom waiting = harness.submit(new Op.ReceiveFrom(other).into(buffer));
        assertThat(waiting.isDone()).isFalse();
        send(one, "hello", other.localAddress());
        harness.finish(waiting);
        assertThat(waiting.count).isEqualTo(5);
        assertThat(waiting.source).isEqualTo(one.localAddress());
        assertThat(text(buffer)).isEqualTo("hello");

        send(other, "back", waiting.source);
        assertThat(receive(one)).isEqualTo("back");
    }

    @Test
    void whatDoesNotFitIsCutAndTheNextDatagramIsWhole() throws Exception {
        Fd one = bound();
        Fd other = bound();
        send(one, "0123456789", other.localAddress());
        send(one, "next", other.localAddress());
        ByteBuffer little = ByteBuffer.allocate(4);
        assertThat(harness.perform(new Op.ReceiveFrom(other).into(little)).count)
                .isEqualTo(4);
        assertThat(text(little)).isEqualTo("0123");
        assertThat(receive(other)).isEqualTo("next");
    }

    @Test
    void anEmptyDatagramIsADatagramAndNoEnd() throws Exception {
        Fd one = bound();
        Fd other = bound();
        send(one, "", other.localAddress());
        send(one, "after", other.localAddress());
        Op.ReceiveFrom empty = harness.perform(new Op.ReceiveFrom(other).into(ByteBuffer.allocate(10)));
        assertThat(empty.count).isZero();
        assertThat(empty.source).isEqualTo(one.localAddress());
        assertThat(receive(other)).isEqualTo("after");
    }

    @Test
    void aConnectedSocketNeedsNoTargetAndHearsItsPeerAlone() throws Exception {
        Fd one = bound();
        Fd other = bound();
        Fd stranger = bound();
        assertThat(harness.perform(new Op.Connect(one, other.localAddress())).failure())
                .isNull();
        assertThat(one.remoteAddress()).isEqualTo(other.localAddress());
        send(one, "to you", null);
        assertThat(receive(other)).isEqualTo("to you");
        send(stranger, "ignored", one.localAddress());
        send(other, "from you", one.localAddress());
        assertThat(receive(one)).isEqualTo("from you");
    }

    @Test
    void anEmptyDatagramThroughAConnectedSocketIsSentOrRefusedButNeverLost() throws Exception {
        Fd one = bound();
        Fd other = bound();
        harness.perform(new Op.Connect(one, other.localAddress()));
        Op.SendTo empty = harness.perform(new Op.SendTo(one).from(ByteBuffer.allocate(0), null));
        send(one, "after", null);
        if (empty.failure() == null) {
            assertThat(receive(other)).isEmpty();
        }
        assertThat(receive(other)).isEqualTo("after");
    }

    @Test
    void withoutTargetAndConnectionNothingIsSent() throws Exception {
        ByteBuffer datagram = bytes("x");
        Op.SendTo send = harness.perform(new Op.SendTo(bound()).from(datagram, null));
        assertThat(send.failure()).hasMessageContaining("not connected");
        assertThat(datagram.position()).isZero();
    }

    @Test
    void aDatagramThatIsTooLongIsAFailureAndNothingIsSent() throws Exception {
        Fd one = bound();
        ByteBuffer datagram = ByteBuffer.allocate(70_000);
        Op.SendTo send = harness.perform(new Op.SendTo(one).from(datagram, one.localAddress()));
        assertThat(send.failure()).isNotNull();
        assertThat(datagram.position()).isZero();
        send(one, "short", one.localAddress());
        assertThat(receive(one)).isEqualTo("short");
    }

    @Test
    void aTargetThatIsNotResolvedIsAFailureThatNamesIt() throws Exception {
        SocketAddress nowhere = InetSocketAddress.createUnresolved("nowhere.invalid", 80);
        assertThat(harness.perform(new Op.SendTo(bound()).from(bytes("x"), nowhere))
                        .failure())
                .hasMessageContaining("nowhere.invalid");
    }

    @Test
    void thatNobodyListensIsToldToAConnectedSocket() throws Exception {
        Fd one = bound();
        Fd gone = bound();
        SocketAddress target = gone.localAddress();
        gone.close();
        harness.settle();
        harness.perform(new Op.Connect(one, target));
        Op.ReceiveFrom receive = harness.submit(new Op.ReceiveFrom(one).into(ByteBuffer.allocate(1)));
        send(one, "x", null);
        assertThat(harness.finish(receive).failure()).isInstanceOf(PortUnreachableException.class);
    }

    @Test
    void whereADatagramAndACancelRaceNoneIsLost() throws Exception {
        Fd one = bound();
        Fd other = bound();
        for (int round = 0; round < 20; round++) {
            ByteBuffer buffer = ByteBuffer.allocate(10);
            Op.ReceiveFrom receive = harness.submit(new Op.ReceiveFrom(other).into(buffer));
            if (round % 2 == 0) {
                harness.driver.cancel(receive);
            }
            harness.submit(new Op.SendTo(one).from(bytes("n" + round), other.localAddress()));
            if (round % 2 == 1) {
                harness.driver.cancel(receive);
            }
            harness.finish(receive);
            harness.settle();
            assertThat(receive.cancelled()).isEqualTo(receive.source == null);
            assertThat(receive.cancelled() ? receive(other) : text(buffer)).isEqualTo("n" + round);
        }
    }

    @Test
    void aCancelledSendIsWholeOrNothing() throws Exception {
        Fd one = bound();
        Fd other = bound();
        for (int round = 0; round < 20; round++) {
            ByteBuffer datagram = bytes("n" + round);
            Op.SendTo send = harness.submit(new Op.SendTo(one).from(datagram, other.localAddress()));
            harness.driver.cancel(send);
            harness.finish(send);
            assertThat(datagram.hasRemaining()).isEqualTo(send.cancelled());
            if (!send.cancelled()) {
                assertThat(receive(other)).isEqualTo("n" + round);
            }
        }
    }

    @Test
    void aSecondReceiverIsRefused() throws Exception {
        Fd fd = bound();
        Op.ReceiveFrom first = harness.submit(new Op.ReceiveFrom(fd).into(ByteBuffer.allocate(1)));
        assertThatThrownBy(() -> harness.submit(new Op.ReceiveFrom(fd).into(ByteBuffer.allocate(1))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("another coroutine is already");
        fd.close();
        assertThat(harness.finish(first).failure()).isInstanceOf(AsynchronousCloseException.class);
    }

    @Test
    void aReceiveWithoutRoomIsRefused() throws Exception {
        Fd fd = bound();
        assertThatThrownBy(() -> harness.submit(new Op.ReceiveFrom(fd).into(ByteBuffer.allocate(0))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no room");
    }

    @Test
    void aLargeBufferKeepsItsLimit() throws Exception {
        Fd fd = bound();
        send(fd, "little", fd.localAddress());
        ByteBuffer buffer = ByteBuffer.allocate(1 << 20).position(5).limit(500_000);
        assertThat(harness.perform(new Op.ReceiveFrom(fd).into(buffer)).count).isEqualTo(6);
        assertThat(buffer.position()).isEqualTo(11);
        assertThat(buffer.limit()).isEqualTo(500_000);
    }

    @Test
    void optionsAreSetAndAsked() throws Exception {
        Fd fd = bound();
        fd.setOption(StandardSocketOptions.SO_BROADCAST, true);
        assertThat(fd.getOption(StandardSocketOptions.SO_BROADCAST)).isTrue();
    }

    @Test
    void aFamilyThatTheSystemDoesNotHaveIsAFailureThatNamesIt() {
        assertThatThrownBy(() -> harness.driver.datagramSocket(StandardProtocolFamily.UNIX))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("UNIX");
    }
}
