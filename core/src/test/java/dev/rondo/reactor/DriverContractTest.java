package dev.rondo.reactor;

import static dev.rondo.reactor.DriverHarness.bytes;
import static dev.rondo.reactor.DriverHarness.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.reactor.DriverHarness.Pair;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What {@link IoDriver} promises of connections, cancelling, closing, files that are read, and waking up. */
class DriverContractTest extends DriverTestCase {

    // ------------------------------------------------------------------------------------------------ moving bytes

    @Test
    void bytesGoBothWays() throws Exception {
        Pair pair = harness.connect();
        harness.write(pair.client(), "ping");
        assertThat(harness.read(pair.server(), 4)).isEqualTo("ping");
        harness.write(pair.server(), "pong");
        assertThat(harness.read(pair.client(), 4)).isEqualTo("pong");
    }

    @Test
    void aReadWaitsForBytesAndIsToldOnce() throws Exception {
        Pair pair = harness.connect();
        ByteBuffer buffer = ByteBuffer.allocate(10);
        Op.Read read = harness.submit(new Op.Read(pair.server()).into(buffer));
        assertThat(read.state()).isEqualTo(Op.State.IN_FLIGHT);

        harness.write(pair.client(), "late");
        assertThat(harness.readOn(read, 4)).isEqualTo("late");
        harness.settle();
        assertThat(Collections.frequency(harness.woken, read)).isEqualTo(1);
    }

    @Test
    void anOperationCanBeUsedAgain() throws Exception {
        Pair pair = harness.connect();
        Op.Read read = new Op.Read(pair.server());
        for (String word : new String[] {"one", "two", "six"}) {
            harness.woken.clear();
            ByteBuffer buffer = ByteBuffer.allocate(3);
            harness.submit(read.into(buffer));
            harness.write(pair.client(), word);
            assertThat(harness.readOn(read, 3)).isEqualTo(word);
        }
    }

    @Test
    void readsAndWritesOfOneSocketDoNotDisturbEachOther() throws Exception {
        Pair pair = harness.connect();
        ByteBuffer buffer = ByteBuffer.allocate(5);
        Op.Read read = harness.submit(new Op.Read(pair.client()).into(buffer));
        harness.write(pair.client(), "ask");
        assertThat(harness.read(pair.server(), 3)).isEqualTo("ask");
        harness.write(pair.server(), "reply");
        assertThat(harness.readOn(read, 5)).isEqualTo("reply");
    }

    @Test
    void aWriteTakesAllBuffersInOrder() throws Exception {
        Pair pair = harness.connect();
        ByteBuffer[] buffers = {bytes("a"), bytes(""), bytes("bc"), bytes("def")};
        harness.perform(new Op.Write(pair.client()).from(buffers));
        assertThat(buffers).noneMatch(ByteBuffer::hasRemaining);
        assertThat(harness.read(pair.server(), 6)).isEqualTo("abcdef");
    }

    @Test
    void aWriteOfNothingSucceeds() throws Exception {
        Pair pair = harness.connect();
        assertThat(harness.perform(new Op.Write(pair.client()).from()).failure())
                .isNull();
    }

    @Test
    void eightMegabytesReachASlowReaderWhole() throws Exception {
        Pair pair = harness.connect();
        byte[] sent = new byte[8 << 20];
        for (int i = 0; i < sent.length; i++) {
            sent[i] = (byte) (i * 31 >>> 3);
        }
        ByteBuffer heap = ByteBuffer.wrap(sent, 0, 5 << 20);
        ByteBuffer direct =
                ByteBuffer.allocateDirect(3 << 20).put(sent, 5 << 20, 3 << 20).flip();
        Op.Write write = harness.submit(new Op.Write(pair.client()).from(heap, direct));
        assertThat(write.isDone()).isFalse();

        byte[] received = new byte[sent.length];
        ByteBuffer slow = ByteBuffer.wrap(received);
        while (slow.hasRemaining()) {
            slow.limit(Math.min(slow.position() + 50_000, received.length));
            assertThat(harness.perform(new Op.Read(pair.server()).into(slow)).count)
                    .isPositive();
            slow.limit(received.length);
        }

        assertThat(received).isEqualTo(sent);
        assertThat(harness.finish(write).failure()).isNull();
    }

    @Test
    void theEndOfTheStreamIsMinusOneEveryTime() throws Exception {
        Pair pair = harness.connect();
        harness.write(pair.client(), "x");
        pair.client().shutdownOutput();
        assertThat(harness.read(pair.server(), 1)).isEqualTo("x");
        for (int i = 0; i < 2; i++) {
            Op.Read read = harness.perform(new Op.Read(pair.server()).into(ByteBuffer.allocate(1)));
            assertThat(read.failure()).isNull();
            assertThat(read.count).isEqualTo(-1);
        }
        harness.write(pair.server(), "still");
        assertThat(harness.read(pair.client(), 5)).isEqualTo("still");
    }

    @Test
    void aReaderIsToldOfTheEndAsOfBytes() throws Exception {
        Pair pair = harness.connect();
        Op.Read read = harness.submit(new Op.Read(pair.server()).into(ByteBuffer.allocate(1)));
        pair.client().close();
        assertThat(harness.finish(read).count).isEqualTo(-1);
    }

    @Test
    void aReadWithoutRoomIsRefused() throws Exception {
        Pair pair = harness.connect();
        assertThatThrownBy(() -> harness.submit(new Op.Read(pair.client()).into(ByteBuffer.allocate(0))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no room");
    }

    @Test
    void aBufferThatCannotBeReadIntoIsAFailureAndTheNextReadSucceeds() throws Exception {
        Pair pair = harness.connect();
        Arena arena = Arena.ofConfined();
        ByteBuffer gone = arena.allocate(10).asByteBuffer();
        arena.close();
        harness.write(pair.client(), "kept");
        try {
            Op.Read read = harness.perform(new Op.Read(pair.server()).into(gone));
            assertThat(read.failure()).hasRootCauseInstanceOf(IllegalStateException.class);
        } catch (IllegalStateException refused) {
            assertThat(harness.driver.inFlight()).isZero();
        }
        assertThat(harness.read(pair.server(), 4)).isEqualTo("kept");
    }

    @Test
    void aLargeBufferKeepsItsLimit() throws Exception {
        Pair pair = harness.connect();
        harness.write(pair.client(), "little");
        for (ByteBuffer buffer : new ByteBuffer[] {ByteBuffer.allocate(3 << 20), ByteBuffer.allocateDirect(3 << 20)}) {
            buffer.position(5).limit(2 << 20);
            Op.Read read = harness.perform(new Op.Read(pair.server()).into(buffer));
            assertThat(buffer.position()).isEqualTo(5 + read.count);
            assertThat(buffer.limit()).isEqualTo(2 << 20);
            harness.write(pair.client(), "more");
        }
    }

    @Test
    void aSecondReaderIsRefusedAndTheFirstGoesOn() throws Exception {
        Pair pair = harness.connect();
        ByteBuffer buffer = ByteBuffer.allocate(10);
        Op.Read first = harness.submit(new Op.Read(pair.server()).into(buffer));
        assertThatThrownBy(() -> harness.submit(new Op.Read(pair.server()).into(ByteBuffer.allocate(1))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("another coroutine is already");
        harness.write(pair.client(), "mine");
        assertThat(harness.readOn(first, 4)).isEqualTo("mine");
    }

    // ------------------------------------------------------------------------------------------------ cancelling

    @Test
    void aReadCancelledBeforeBytesCameLeavesThemToTheNext() throws Exception {
        Pair pair = harness.connect();
        ByteBuffer buffer = ByteBuffer.allocate(10);
        Op.Read read = harness.submit(new Op.Read(pair.server()).into(buffer));
        harness.driver.cancel(read);
        harness.finish(read);
        assertThat(read.cancelled()).isTrue();
        assertThat(buffer.position()).isZero();
        harness.settle();

        harness.write(pair.client(), "kept");
        assertThat(harness.read(pair.server(), 4)).isEqualTo("kept");
    }

    @Test
    void whereBytesAndACancelRaceNoByteIsLost() throws Exception {
        Pair pair = harness.connect();
        for (int round = 0; round < 20; round++) {
            ByteBuffer buffer = ByteBuffer.allocate(10);
            Op.Read read = harness.submit(new Op.Read(pair.server()).into(buffer));
            if (round % 2 == 0) {
                harness.driver.cancel(read);
            }
            harness.submit(new Op.Write(pair.client()).from(bytes("0123")));
            if (round % 2 == 1) {
                harness.driver.cancel(read);
            }
            harness.finish(read);
            assertThat(read.cancelled()).isEqualTo(buffer.position() == 0);
            harness.settle();
            assertThat(text(buffer) + harness.read(pair.server(), 4 - buffer.position()))
                    .isEqualTo("0123");
        }
    }

    @Test
    void aCancelledWriteTellsHowFarItCame() throws Exception {
        Pair pair = harness.connect();
        ByteBuffer all = ByteBuffer.allocate(8 << 20);
        Op.Write write = harness.submit(new Op.Write(pair.client()).from(all));
        harness.driver.cancel(write);
        harness.finish(write);
        assertThat(write.cancelled()).isTrue();
        int sent = all.position();
        pair.client().shutdownOutput();

        int received = 0;
        Op.Read read = new Op.Read(pair.server()).into(ByteBuffer.allocate(1 << 20));
        while (harness.perform(read).count >= 0) {
            received += read.count;
            read.buffer().clear();
            harness.woken.clear();
        }
        assertThat(received).isEqualTo(sent);
    }

    @Test
    void aCancelledAcceptLosesNoConnection() throws Exception {
        Fd listener = harness.listen();
        Op.Accept accept = harness.submit(new Op.Accept(listener));
        Fd client = harness.driver.streamSocket(StandardProtocolFamily.INET);
        harness.perform(new Op.Connect(client, (InetSocketAddress) listener.localAddress()));
        harness.driver.cancel(accept);
        harness.finish(accept);
        Fd accepted = accept.accepted;
        if (accept.cancelled()) {
            assertThat(accepted).isNull();
            accepted = harness.perform(new Op.Accept(listener)).accepted;
        }
        harness.write(client, "hello");
        assertThat(harness.read(accepted, 5)).isEqualTo("hello");
    }

    @Test
    void aSocketWhoseConnectWasCancelledCanBeClosed() throws Exception {
        Fd listener = harness.listen();
        Fd client = harness.driver.streamSocket(StandardProtocolFamily.INET);
        Op.Connect connect = harness.submit(new Op.Connect(client, (InetSocketAddress) listener.localAddress()));
        harness.driver.cancel(connect);
        harness.finish(connect);
        client.close();
        assertThat(client.isOpen()).isFalse();
    }

    @Test
    void cancellingWhatIsOverDoesNothing() throws Exception {
        Pair pair = harness.connect();
        harness.write(pair.client(), "x");
        Op.Read read = harness.perform(new Op.Read(pair.server()).into(ByteBuffer.allocate(1)));
        harness.driver.cancel(read);
        assertThat(read.cancelled()).isFalse();
        assertThat(read.count).isEqualTo(1);
    }

    // ------------------------------------------------------------------------------------------------ connecting,
    // closing

    @Test
    void aRefusedConnectNamesTheAddress() throws Exception {
        Fd listener = harness.listen();
        InetSocketAddress address = (InetSocketAddress) listener.localAddress();
        listener.close();
        harness.settle();

        Fd client = harness.driver.streamSocket(StandardProtocolFamily.INET);
        Op.Connect connect = harness.perform(new Op.Connect(client, address));
        assertThat(connect.failure())
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining(Integer.toString(address.getPort()))
                .hasMessageContaining("refused");
        client.close();
    }

    @Test
    void anUnresolvedAddressIsAFailureOfTheOperation() throws Exception {
        Fd client = harness.driver.streamSocket(StandardProtocolFamily.INET);
        Op.Connect connect =
                harness.perform(new Op.Connect(client, InetSocketAddress.createUnresolved("nowhere.invalid", 80)));
        assertThat(connect.failure()).hasMessageContaining("nowhere.invalid");
    }

    @Test
    void aClosedListenerFreesItsPortSoon() throws Exception {
        Pair pair = harness.connect();
        InetSocketAddress address = (InetSocketAddress) pair.listener().localAddress();
        Op.Accept accept = harness.submit(new Op.Accept(pair.listener()));
        harness.turn(0);
        pair.listener().close();
        assertThat(harness.finish(accept).failure()).isInstanceOf(AsynchronousCloseException.class);
        harness.settle();

        harness.driver.tcpListener(address, 1).close();
    }

    @Test
    void closingEndsWhatIsInFlight() throws Exception {
        Pair pair = harness.connect();
        Op.Read read = harness.submit(new Op.Read(pair.client()).into(ByteBuffer.allocate(1)));
        Op.Write write = harness.submit(new Op.Write(pair.client()).from(ByteBuffer.allocate(8 << 20)));
        harness.turn(0);
        pair.client().close();
        assertThat(harness.finish(read).failure()).isInstanceOf(AsynchronousCloseException.class);
        assertThat(harness.finish(write).failure()).isInstanceOf(AsynchronousCloseException.class);

        assertThat(harness.perform(new Op.Read(pair.client()).into(ByteBuffer.allocate(1)))
                        .failure())
                .isInstanceOf(ClosedChannelException.class);
        pair.client().close();
    }

    @Test
    void closingRightAfterASubmitIsClean() throws Exception {
        Pair pair = harness.connect();
        Op.Read read = harness.submit(new Op.Read(pair.client()).into(ByteBuffer.allocate(1)));
        pair.client().close();
        assertThat(harness.finish(read).failure()).isInstanceOf(AsynchronousCloseException.class);
        assertThat(harness.perform(new Op.Read(pair.server()).into(ByteBuffer.allocate(1))).count)
                .isEqualTo(-1);
    }

    @Test
    void closingTheDriverWithOperationsInFlightTellsNobody() throws Exception {
        Pair pair = harness.connect();
        Op.Read read = harness.submit(new Op.Read(pair.client()).into(ByteBuffer.allocate(1)));
        harness.driver.close();
        assertThat(harness.woken).doesNotContain(read);
        assertThat(harness.driver.inFlight()).isZero();
    }

    // ------------------------------------------------------------------------------------------------ files

    private static final Set<StandardOpenOption> READ = Set.of(StandardOpenOption.READ);

    @Test
    void aFileIsReadFromAnyPlace() throws Exception {
        needsAll();
        Path path = Files.writeString(directory.resolve("file"), "0123456789");
        Fd file = harness.perform(new Op.Open(path, READ)).opened;

        assertThat(harness.readAt(file, 4, 3)).isEqualTo("3456");
        assertThat(harness.perform(new Op.ReadAt(file, ByteBuffer.allocate(4), 10)).count)
                .isEqualTo(-1);
        file.close();
        harness.settle();
        assertThat(harness.perform(new Op.ReadAt(file, ByteBuffer.allocate(4), 0))
                        .failure())
                .isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void manyReadsOfOneFileAreInFlightAtOnce() throws Exception {
        needsAll();
        Path path = Files.writeString(directory.resolve("file"), "abcdefghijklmnopqrstuvwxyz");
        Fd file = harness.perform(new Op.Open(path, READ)).opened;
        Op.ReadAt[] reads = new Op.ReadAt[26];
        for (int i = 0; i < reads.length; i++) {
            reads[i] = harness.submit(new Op.ReadAt(file, ByteBuffer.allocate(1), i));
        }
        for (int i = 0; i < reads.length; i++) {
            assertThat(text(harness.finish(reads[i]).buffer)).isEqualTo(Character.toString('a' + i));
        }
        file.close();
    }

    @Test
    void aMissingFileIsAFailureThatNamesIt() {
        needsAll();
        Op.Open open = harness.perform(new Op.Open(directory.resolve("missing"), READ));
        assertThat(open.failure()).isInstanceOf(NoSuchFileException.class).hasMessageContaining("missing");
        assertThat(open.opened).isNull();
    }

    @Test
    void aCancelledOpenEndsOnceAndLeavesNoFileBehind() throws Exception {
        needsAll();
        Path path = Files.writeString(directory.resolve("file"), "x");
        Op.Open open = harness.submit(new Op.Open(path, READ));
        harness.driver.cancel(open);
        assertThat(open.opened).isNull();
        harness.finish(open);
        if (open.opened != null) {
            open.opened.close();
        } else {
            assertThat(open.cancelled()).isTrue();
        }
        harness.settle();
        assertThat(filesOpen()).noneMatch(path::equals);
    }

    /** Returns what files this process has open, where the system tells. */
    private static List<Path> filesOpen() throws IOException {
        List<Path> files = new ArrayList<>();
        if (Files.isDirectory(Path.of("/proc/self/fd"))) {
            try (DirectoryStream<Path> links = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
                for (Path link : links) {
                    if (Files.isSymbolicLink(link)) {
                        files.add(Files.readSymbolicLink(link));
                    }
                }
            }
        }
        return files;
    }

    @Test
    void aFileClosedWhileItIsReadEndsTheRead() throws Exception {
        needsAll();
        Path path = Files.writeString(directory.resolve("file"), "x");
        Fd file = harness.perform(new Op.Open(path, READ)).opened;
        Op.ReadAt read = harness.submit(new Op.ReadAt(file, ByteBuffer.allocate(1), 0));
        file.close();
        assertClosedOrQuicker(read);
    }

    // ------------------------------------------------------------------------------------------------ waking up

    @Test
    void aWakeupFromAnotherThreadEndsAPollOfSockets() throws Exception {
        Pair pair = harness.connect();
        Op.Read read = harness.submit(new Op.Read(pair.client()).into(ByteBuffer.allocate(1)));
        for (int i = 0; i < 50; i++) {
            Thread other = Thread.ofPlatform().start(harness.driver::wakeup);
            harness.driver.poll(-1);
            other.join();
        }
        pair.client().close();
        harness.finish(read);
    }

    @Test
    void aWakeupFromAnotherThreadEndsAPollWithoutSockets() throws Exception {
        for (int i = 0; i < 50; i++) {
            Thread other = Thread.ofPlatform().start(harness.driver::wakeup);
            harness.driver.poll(-1);
            other.join();
        }
    }

    @Test
    void aWakeupBeforeThePollKeepsItFromWaiting() {
        harness.driver.wakeup();
        harness.driver.wakeup();
        harness.driver.poll(-1);
    }

    @Test
    void aPollEndsWhenItsTimeIsOver() throws Exception {
        harness.driver.poll(1);
        Pair pair = harness.connect();
        Op.Read read = harness.submit(new Op.Read(pair.client()).into(ByteBuffer.allocate(1)));
        harness.driver.poll(1);
        harness.driver.poll(1_500_000);
        pair.client().close();
        harness.finish(read);
    }
}
