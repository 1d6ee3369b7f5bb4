package dev.rondo.reactor;

import static dev.rondo.reactor.DriverHarness.bytes;
import static dev.rondo.reactor.DriverHarness.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.chance.Choices;
import dev.rondo.reactor.DriverHarness.Pair;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** That each fault can be had, alone, and is not there without being asked for. */
class FaultyDriverTest {

    private DriverHarness harness = new DriverHarness(NioDriver::new);

    /** Makes a driver with one fault, whenever it may have it, or as often as is said. */
    private void only(String fault, int times) {
        List<String> made = new ArrayList<>();
        harness.close();
        harness = new DriverHarness(post -> new FaultyDriver(
                new NioDriver(post),
                new Choices() {
                    @Override
                    public int choose(int n, String what) {
                        boolean delay = List.of("completion", "cancel", "close").contains(what);
                        return delay && what.equals(fault) ? n - 1 : 0;
                    }

                    @Override
                    public boolean buggify(String what) {
                        return what.equals(fault) && made.size() < times && made.add(what);
                    }
                },
                0));
    }

    @AfterEach
    void nothingIsLeft() {
        harness.settle();
        harness.close();
    }

    @Test
    void aDriverThatIsLateMayEndACancelledReadWithTheBytes() throws Exception {
        harness.close();
        harness = new DriverHarness(post -> FaultyDriver.late(new NioDriver(post)));
        Pair pair = harness.connect();
        ByteBuffer buffer = ByteBuffer.allocate(3);
        Op.Read read = harness.submit(new Op.Read(pair.server()).into(buffer));
        harness.driver.cancel(read);
        assertThat(read.state()).isEqualTo(Op.State.CANCELLING);
        harness.submit(new Op.Write(pair.client()).from(bytes("yes")));
        harness.finish(read);
        assertThat(read.cancelled()).isFalse();
        assertThat(text(buffer)).isEqualTo("yes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "completion"})
    void aWriteIsOverAtOnceOrLate(String fault) throws Exception {
        only(fault, 0);
        Pair pair = harness.connect();
        Op.Write write = harness.submit(new Op.Write(pair.client()).from(bytes("x")));
        assertThat(write.isDone()).isEqualTo(fault.equals("none"));
        harness.finish(write);
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "cancel"})
    void aCancelIsQuickOrSlowerThanTheBytes(String fault) throws Exception {
        only(fault, 0);
        Pair pair = harness.connect();
        Op.Read read = harness.submit(new Op.Read(pair.server()).into(ByteBuffer.allocate(3)));
        harness.turn(0);
        harness.driver.cancel(read);
        harness.turn(0);
        harness.write(pair.client(), "yes");
        harness.finish(read);
        assertThat(read.cancelled()).isEqualTo(fault.equals("none"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "close"})
    void whatIsClosedIsGoneForTheProgramAtOnceAndForTheSystemAtOnceOrLater(String fault) throws Exception {
        only(fault, 0);
        Fd socket = harness.driver.streamSocket(StandardProtocolFamily.INET);
        socket.close();
        assertThat(socket.isOpen()).isFalse();
        assertThat(harness.driver.openCount()).isEqualTo(fault.equals("none") ? 0 : 1);
        assertThat(harness.perform(new Op.Write(socket).from(bytes("x"))).failure())
                .isInstanceOf(ClosedChannelException.class);
        harness.settle();
        assertThat(harness.driver.openCount()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "short read"})
    void aReadBringsAllOrLess(String fault) throws Exception {
        only(fault, 1);
        Pair pair = harness.connect();
        harness.write(pair.client(), "0123");
        Op.Read read = harness.perform(new Op.Read(pair.server()).into(ByteBuffer.allocate(4)));
        assertThat(read.count).isEqualTo(fault.equals("none") ? 4 : 1);
        if (read.count < 4) {
            assertThat(harness.read(pair.server(), 3)).isEqualTo("123");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "short write"})
    void aWriteTakesOneRoundOrMoreAndMayBeCancelledBetween(String fault) throws Exception {
        only(fault, 1);
        Pair pair = harness.connect();
        ByteBuffer buffer = bytes("0123");
        Op.Write write = harness.submit(new Op.Write(pair.client()).from(buffer));
        assertThat(write.isDone()).isEqualTo(fault.equals("none"));
        harness.driver.cancel(write);
        harness.finish(write);
        assertThat(write.cancelled()).isEqualTo(!fault.equals("none"));
        assertThat(harness.read(pair.server(), buffer.position())).isEqualTo("0123".substring(0, buffer.position()));
        assertThat(buffer.limit()).isEqualTo(4);

        only(fault, 1);
        Pair next = harness.connect();
        harness.write(next.client(), "0123");
        assertThat(harness.read(next.server(), 4)).isEqualTo("0123");
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "empty poll"})
    void aPollFindsWhatIsThereOrNothing(String fault) throws Exception {
        only(fault, 1);
        Fd here = harness.driver.datagramSocket(StandardProtocolFamily.INET);
        here.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        Op.ReceiveFrom receive = harness.submit(new Op.ReceiveFrom(here).into(ByteBuffer.allocate(3)));
        harness.submit(new Op.SendTo(here).from(bytes("yes"), here.localAddress()));
        harness.turn(0);
        assertThat(receive.isDone()).isEqualTo(fault.equals("none"));
        harness.finish(receive);
    }

    @Test
    void anAcceptFailsOnceForWantOfADescriptorAndTheNextTakesTheConnection() throws Exception {
        only("no descriptor", 5);
        Fd listener = harness.listen();
        Fd client = harness.driver.streamSocket(StandardProtocolFamily.INET);
        harness.perform(new Op.Connect(client, Objects.requireNonNull(listener.localAddress())));
        Op.Accept accept = harness.perform(new Op.Accept(listener));
        assertThat(accept.failure()).hasMessage("Too many open files");
        assertThat(accept.accepted).isNull();
        assertThat(harness.perform(new Op.Accept(listener)).accepted).isNotNull();
    }

    @Test
    void aResultThatNobodyWasToldOfIsCleanedUpWhenTheDriverIsClosed() throws Exception {
        only("completion", 0);
        LinkedBlockingQueue<String> cleaned = new LinkedBlockingQueue<>();
        Op.Blocking<String> call = harness.submit(new Op.Blocking<>(() -> "resource", cleaned::add));
        while (harness.driver.inFlight() > 1) { // the inner one is in flight as well
            harness.turn(-1);
        }
        assertThat(call.isDone()).isFalse();
        harness.driver.close();
        assertThat(cleaned.take()).isEqualTo("resource");
    }

    @Test
    void aDescriptorOfAnotherDriverIsRefused() throws Exception {
        Fd foreign = harness.driver.streamSocket(StandardProtocolFamily.INET);
        IoDriver faulty = FaultyDriver.late(harness.driver);
        assertThatThrownBy(() -> faulty.submit(new Op.Read(foreign).into(ByteBuffer.allocate(1))))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
