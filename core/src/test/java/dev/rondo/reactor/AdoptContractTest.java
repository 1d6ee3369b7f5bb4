package dev.rondo.reactor;

import static dev.rondo.reactor.DriverHarness.bytes;
import static dev.rondo.reactor.DriverHarness.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Channels that somebody else has opened, and waiting until a descriptor is ready. */
class AdoptContractTest extends DriverTestCase {

    private static final SocketAddress LOOPBACK = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private final List<SelectableChannel> channels = new ArrayList<>();
    private SocketChannel mine;
    private SocketChannel peer;

    private <C extends SelectableChannel> C nonBlocking(C channel) throws IOException {
        channels.add(channel);
        channel.configureBlocking(false);
        return channel;
    }

    private void connect() throws IOException {
        try (ServerSocketChannel listener = ServerSocketChannel.open().bind(LOOPBACK)) {
            mine = nonBlocking(SocketChannel.open(listener.getLocalAddress()));
            peer = listener.accept();
            channels.add(peer);
        }
    }

    private Op.Ready ready(Fd fd, Op.Direction direction) {
        return new Op.Ready(fd, direction);
    }

    @AfterEach
    void close() throws IOException {
        for (SelectableChannel channel : channels) {
            channel.close();
        }
    }

    // ------------------------------------------------------------------------------------------------ adopting

    @Test
    void aConnectionIsReadAndWritten() throws Exception {
        connect();
        Fd fd = harness.driver.adopt(mine);
        assertThat(fd.remoteAddress()).isEqualTo(peer.getLocalAddress());
        Op.Read read = harness.submit(new Op.Read(fd).into(ByteBuffer.allocate(10)));
        peer.write(bytes("hello"));
        assertThat(harness.readOn(read, 5)).isEqualTo("hello");
        harness.write(fd, "back");
        ByteBuffer buffer = ByteBuffer.allocate(4);
        peer.read(buffer);
        assertThat(text(buffer)).isEqualTo("back");
        fd.close();
        harness.settle();
        assertThat(mine.isOpen()).isFalse();
    }

    @Test
    void aListenerAndADatagramSocketAreAdopted() throws Exception {
        ServerSocketChannel server = nonBlocking(ServerSocketChannel.open().bind(LOOPBACK));
        Op.Accept accept = harness.submit(new Op.Accept(harness.driver.adopt(server)));
        peer = SocketChannel.open(server.getLocalAddress());
        channels.add(peer);
        Fd accepted = harness.finish(accept).accepted;
        assertThat(accepted).isNotNull();
        accepted.close();

        DatagramChannel datagrams = nonBlocking(DatagramChannel.open().bind(LOOPBACK));
        Fd fd = harness.driver.adopt(datagrams);
        harness.perform(new Op.SendTo(fd).from(bytes("self"), datagrams.getLocalAddress()));
        assertThat(harness.perform(new Op.ReceiveFrom(fd).into(ByteBuffer.allocate(9))).count)
                .isEqualTo(4);
    }

    @Test
    void bothEndsOfAPipeAreAdopted() throws Exception {
        Pipe pipe = Pipe.open();
        Fd source = harness.driver.adopt(nonBlocking(pipe.source()));
        Fd sink = harness.driver.adopt(nonBlocking(pipe.sink()));
        Op.Read read = harness.submit(new Op.Read(source).into(ByteBuffer.allocate(10)));
        assertThat(read.isDone()).isFalse();
        harness.write(sink, "through");
        assertThat(harness.readOn(read, 7)).isEqualTo("through");

        ByteBuffer much = ByteBuffer.allocate(1 << 20);
        Op.Write write = harness.submit(new Op.Write(sink).from(much));
        assertThat(write.isDone()).isFalse();
        harness.read(source, 1 << 20);
        assertThat(harness.finish(write).failure()).isNull();

        assertThatThrownBy(() -> harness.submit(new Op.Read(sink).into(ByteBuffer.allocate(1))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> harness.submit(ready(source, Op.Direction.WRITE)))
                .isInstanceOf(IllegalArgumentException.class);
        sink.close();
        assertThat(harness.perform(new Op.Read(source).into(ByteBuffer.allocate(1))).count)
                .isEqualTo(-1);
    }

    @Test
    void aPipeThatNobodyReadsAnyMoreFailsTheWrite() throws Exception {
        Pipe pipe = Pipe.open();
        Fd sink = harness.driver.adopt(nonBlocking(pipe.sink()));
        pipe.source().close();
        assertThat(harness.perform(new Op.Write(sink).from(bytes("x"))).failure())
                .hasMessageContaining("Broken pipe");
    }

    @Test
    void whereBytesOfAPipeAndACancelRaceNoByteIsLost() throws Exception {
        Pipe pipe = Pipe.open();
        Fd source = harness.driver.adopt(nonBlocking(pipe.source()));
        channels.add(pipe.sink());
        for (int round = 0; round < 20; round++) {
            ByteBuffer buffer = ByteBuffer.allocate(10);
            Op.Read read = harness.submit(new Op.Read(source).into(buffer));
            if (round % 2 == 0) {
                harness.driver.cancel(read);
            }
            pipe.sink().write(bytes("0123"));
            if (round % 2 == 1) {
                harness.driver.cancel(read);
            }
            harness.finish(read);
            assertThat(read.cancelled()).isEqualTo(buffer.position() == 0);
            assertThat(text(buffer) + harness.read(source, 4 - buffer.position()))
                    .isEqualTo("0123");
        }
    }

    @Test
    void aChannelInUseOrInBlockingModeIsRefused() throws Exception {
        connect();
        harness.driver.adopt(mine);
        assertThatThrownBy(() -> harness.driver.adopt(mine))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("in use");
        assertThatThrownBy(() -> harness.driver.adopt(peer))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("configureBlocking(false)");
        peer.configureBlocking(false);
        harness.driver.adopt(peer);
    }

    @Test
    void aChannelMadeBlockingWhileItIsAdoptedFailsTheOperationAndNothingElse() throws Exception {
        connect();
        Fd fd = harness.driver.adopt(mine);
        Op.Ready ready = harness.submit(ready(fd, Op.Direction.READ));
        mine.configureBlocking(true);
        assertThat(harness.finish(ready).failure()).hasMessageContaining("made blocking");
        assertThat(harness.connect()).isNotNull();
    }

    @Test
    void aReleasedChannelIsOpenAndItsOwnersAtOnce() throws Exception {
        connect();
        Fd fd = harness.driver.adopt(mine);
        Op.Read read = harness.submit(new Op.Read(fd).into(ByteBuffer.allocate(1)));
        harness.turn(0);
        fd.release();
        assertThat(fd.isOpen()).isFalse();
        mine.configureBlocking(true);
        assertThat(harness.finish(read).failure()).isInstanceOf(AsynchronousCloseException.class);
        harness.settle();
        assertThat(mine.isRegistered()).isFalse();

        peer.write(bytes("x"));
        assertThat(mine.read(ByteBuffer.allocate(1))).isEqualTo(1);
        assertThat(harness.perform(new Op.Read(fd).into(ByteBuffer.allocate(1))).failure())
                .isInstanceOf(ClosedChannelException.class);
        fd.release();
        fd.close();
        assertThat(mine.isOpen()).isTrue();
    }

    @Test
    void aReleasedChannelCanBeAdoptedAgainAtOnce() throws Exception {
        connect();
        List<Op.Read> ended = new ArrayList<>();
        for (int round = 0; round < 21; round++) {
            Fd fd = harness.driver.adopt(mine);
            ended.add(harness.submit(new Op.Read(fd).into(ByteBuffer.allocate(1))));
            if (round % 2 == 0) {
                harness.turn(0); // the selector knows the channel
            }
            fd.release();
        }
        Fd fd = harness.driver.adopt(mine);
        Op.Read read = harness.submit(new Op.Read(fd).into(ByteBuffer.allocate(1)));
        harness.turn(0);
        peer.write(bytes("x"));
        assertThat(harness.finish(read).count).isEqualTo(1);
        ended.forEach(one -> assertThat(harness.finish(one).failure()).isInstanceOf(AsynchronousCloseException.class));
    }

    @Test
    void aDriverThatIsClosedGivesChannelsBackOpen() throws Exception {
        connect();
        Fd fd = harness.driver.adopt(mine);
        harness.submit(new Op.Read(fd).into(ByteBuffer.allocate(1)));
        harness.turn(0);
        harness.driver.close();
        mine.configureBlocking(true);
        peer.write(bytes("x"));
        assertThat(mine.read(ByteBuffer.allocate(1))).isEqualTo(1);
    }

    // ------------------------------------------------------------------------------------------------ readiness

    @Test
    void readinessToReadIsToldOnceAndMovesNoBytes() throws Exception {
        connect();
        Fd fd = harness.driver.adopt(mine);
        Op.Ready ready = harness.submit(ready(fd, Op.Direction.READ));
        for (int i = 0; i < 10; i++) {
            harness.turn(0);
        }
        assertThat(ready.isDone()).isFalse();
        peer.write(bytes("xy"));
        harness.finish(ready);
        harness.turn(0);
        assertThat(Collections.frequency(harness.woken, ready)).isEqualTo(1);

        harness.perform(ready(fd, Op.Direction.READ)); // still: nobody has read
        assertThat(harness.read(fd, 2)).isEqualTo("xy");
        Op.Ready empty = harness.submit(ready(fd, Op.Direction.READ));
        for (int i = 0; i < 10; i++) {
            harness.turn(0);
        }
        assertThat(empty.isDone()).isFalse();
        peer.close();
        assertThat(harness.finish(empty).failure()).isNull(); // the end is something to read too
    }

    @Test
    void readinessToWriteIsToldUntilTheChannelIsFull() throws Exception {
        connect();
        Fd fd = harness.driver.adopt(mine);
        harness.perform(ready(fd, Op.Direction.WRITE));
        ByteBuffer much = ByteBuffer.allocate(1 << 20);
        while (mine.write(much.clear()) > 0) {}
        Op.Ready full = harness.submit(ready(fd, Op.Direction.WRITE));
        for (int i = 0; i < 10; i++) {
            harness.turn(0);
        }
        assertThat(full.isDone()).isFalse();
        peer.configureBlocking(false);
        while (!full.isDone()) {
            peer.read(much.clear());
            harness.turn(0);
        }
    }

    @Test
    void bothDirectionsWaitBesideEachOtherAndASecondWaiterIsRefused() throws Exception {
        connect();
        Fd fd = harness.driver.adopt(mine);
        Op.Ready read = harness.submit(ready(fd, Op.Direction.READ));
        harness.perform(ready(fd, Op.Direction.WRITE));
        assertThatThrownBy(() -> harness.submit(ready(fd, Op.Direction.READ)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("another coroutine is already");
        assertThatThrownBy(() -> harness.submit(new Op.Read(fd).into(ByteBuffer.allocate(1))))
                .isInstanceOf(IllegalStateException.class);
        harness.write(fd, "still writable");
        fd.close();
        assertThat(harness.finish(read).failure()).isInstanceOf(AsynchronousCloseException.class);
    }

    @Test
    void aCancelledWaitMakesRoomForTheNext() throws Exception {
        connect();
        Fd fd = harness.driver.adopt(mine);
        for (int round = 0; round < 20; round++) {
            Op.Ready ready = harness.submit(ready(fd, Op.Direction.READ));
            if (round % 2 == 0) {
                harness.turn(0);
            }
            harness.driver.cancel(ready);
            if (round % 4 == 1) {
                peer.write(bytes("x"));
            }
            harness.finish(ready);
            assertThat(ready.failure()).isNull();
            if (round % 4 == 1) {
                assertThat(harness.read(fd, 1)).isEqualTo("x");
            }
        }
    }

    @Test
    void aListenerIsReadyWhenSomebodyConnects() throws Exception {
        Fd listener = harness.listen();
        Op.Ready ready = harness.submit(ready(listener, Op.Direction.READ));
        harness.turn(0);
        assertThat(ready.isDone()).isFalse();
        peer = SocketChannel.open(listener.localAddress());
        channels.add(peer);
        harness.finish(ready);
        assertThat(harness.perform(new Op.Accept(listener)).accepted).isNotNull();
        assertThatThrownBy(() -> harness.submit(ready(listener, Op.Direction.WRITE)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aChannelThatConnectsIsReadyToWriteWhenItHas() throws Exception {
        Fd listener = harness.listen();
        SocketChannel connecting = nonBlocking(SocketChannel.open());
        boolean connected = connecting.connect(listener.localAddress());
        Fd fd = harness.driver.adopt(connecting);
        assertThat(harness.perform(ready(fd, Op.Direction.WRITE)).failure()).isNull();
        assertThat(connected || connecting.finishConnect()).isTrue();
        harness.perform(ready(fd, Op.Direction.WRITE));
        harness.write(fd, "connected");
    }

    // ------------------------------------------------------------------------------------------------ another hand

    @Test
    void aChannelClosedByItsOwnerEndsWhatIsInFlight() throws Exception {
        connect();
        Fd fd = harness.driver.adopt(mine);
        ByteBuffer much = ByteBuffer.allocate(1 << 20);
        while (mine.write(much.clear()) > 0) {}
        ServerSocketChannel server = nonBlocking(ServerSocketChannel.open().bind(LOOPBACK));
        DatagramChannel datagrams = nonBlocking(DatagramChannel.open().bind(LOOPBACK));
        Pipe pipe = Pipe.open();
        channels.add(pipe.sink());
        List<Op> all = List.of(
                harness.submit(new Op.Read(fd).into(ByteBuffer.allocate(1))),
                harness.submit(new Op.Write(fd).from(bytes("x"))),
                harness.submit(new Op.Accept(harness.driver.adopt(server))),
                harness.submit(new Op.ReceiveFrom(harness.driver.adopt(datagrams)).into(ByteBuffer.allocate(1))),
                harness.submit(ready(harness.driver.adopt(nonBlocking(pipe.source())), Op.Direction.READ)));
        for (int i = 0; i < 10; i++) {
            harness.turn(0); // the selector knows them
        }
        assertThat(all).noneMatch(Op::isDone);
        for (SelectableChannel channel : List.of(mine, server, datagrams, pipe.source())) {
            channel.close();
        }
        all.forEach(op -> assertThat(harness.finish(op).failure()).isInstanceOf(AsynchronousCloseException.class));
        assertThat(harness.perform(ready(fd, Op.Direction.READ)).failure()).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void aChannelClosedByItsOwnerBeforeTheSelectorKnowsItEndsWhatIsInFlight() throws Exception {
        connect();
        Op.Ready ready = harness.submit(ready(harness.driver.adopt(mine), Op.Direction.READ));
        mine.close();
        assertThat(harness.finish(ready).failure()).isInstanceOf(AsynchronousCloseException.class);
    }

    @Test
    void oneChannelThatIsClosedByItsOwnerLeavesTheOthersAlone() throws Exception {
        connect();
        Op.Read gone = harness.submit(new Op.Read(harness.driver.adopt(mine)).into(ByteBuffer.allocate(1)));
        SocketChannel other = mine;
        connect();
        Op.Read read = harness.submit(new Op.Read(harness.driver.adopt(mine)).into(ByteBuffer.allocate(1)));
        harness.turn(0);
        other.close();
        assertThat(harness.finish(gone).failure()).isInstanceOf(AsynchronousCloseException.class);
        assertThat(read.isDone()).isFalse();
        peer.write(bytes("x"));
        assertThat(harness.finish(read).count).isEqualTo(1);
    }

    @Test
    void aCloseByTheOwnerIsNoticedWhateverHappenedToOtherChannelsBefore() throws Exception {
        for (int round = 0; round < 4; round++) { // connected, closed, released, refused: each changes what is counted
            harness.connect().client().close();
            connect();
            Fd released = harness.driver.adopt(mine);
            harness.submit(ready(released, Op.Direction.READ));
            harness.turn(0);
            released.release();
            Fd refused = harness.driver.streamSocket(StandardProtocolFamily.INET);
            Fd nobody = harness.listen();
            SocketAddress address = nobody.localAddress();
            nobody.close();
            harness.settle(); // a driver may take its time to close
            assertThat(harness.perform(new Op.Connect(refused, address)).failure())
                    .isNotNull();

            connect();
            Op.Read read = harness.submit(new Op.Read(harness.driver.adopt(mine)).into(ByteBuffer.allocate(1)));
            harness.turn(0);
            mine.close();
            assertThat(harness.finish(read).failure()).isInstanceOf(AsynchronousCloseException.class);
        }
    }

    @Test
    void aCloseByTheOwnerOnAnotherThreadIsNoticedWithTheNextEvent() throws Exception {
        connect();
        Op.Read read = harness.submit(new Op.Read(harness.driver.adopt(mine)).into(ByteBuffer.allocate(1)));
        harness.turn(0);
        SocketChannel closing = mine;
        Thread closer = Thread.ofPlatform().start(() -> {
            try {
                closing.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            harness.driver.wakeup();
        });
        assertThat(harness.finish(read).failure()).isInstanceOf(AsynchronousCloseException.class);
        closer.join();
    }

    @Test
    void aWakeupIsNeverLostWhereChannelsOfOthersAreLookedAt() throws Exception {
        connect();
        Fd fd = harness.driver.adopt(mine);
        Op.Read read = harness.submit(new Op.Read(fd).into(ByteBuffer.allocate(1)));
        int rounds = 20_000;
        AtomicInteger asked = new AtomicInteger();
        AtomicInteger answered = new AtomicInteger();
        Thread waker = Thread.ofPlatform().start(() -> {
            for (int round = 1; round <= rounds; round++) {
                while (asked.get() < round) {
                    Thread.onSpinWait();
                }
                for (int pause = round % 100; pause > 0; pause--) {
                    Thread.onSpinWait();
                }
                answered.set(round);
                harness.driver.wakeup();
            }
        });
        for (int round = 1; round <= rounds; round++) {
            asked.set(round);
            while (answered.get() < round) {
                harness.driver.poll(-1);
            }
        }
        waker.join();
        fd.release();
        harness.finish(read);
    }

    @Test
    void aChannelThatWasClosedByAnotherHandIsNotWaitedFor() throws Exception {
        connect();
        Fd fd = harness.driver.adopt(mine);
        mine.close();
        assertThat(harness.perform(ready(fd, Op.Direction.READ)).failure()).isInstanceOf(ClosedChannelException.class);
        fd.close();
    }
}
