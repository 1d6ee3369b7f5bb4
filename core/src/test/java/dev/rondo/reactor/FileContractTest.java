package dev.rondo.reactor;

import static dev.rondo.reactor.DriverHarness.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.reactor.DriverHarness.Pair;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Files written, changed and sent, and calls that block. */
class FileContractTest extends DriverTestCase {

    private Path path;

    @BeforeEach
    void name() {
        path = directory.resolve("file");
    }

    private Fd open(OpenOption... options) {
        Op.Open open = harness.perform(new Op.Open(path, Set.of(options)));
        assertThat(open.failure()).isNull();
        return Objects.requireNonNull(open.opened);
    }

    private Fd create() {
        return open(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    // ------------------------------------------------------------------------------------------------ writing

    @Test
    void aFileIsWrittenAtAnyPlace() throws Exception {
        Fd file = create();
        ByteBuffer buffer = bytes("0123456789");
        assertThat(harness.perform(new Op.WriteAt(file, buffer, 0)).failure()).isNull();
        assertThat(buffer.hasRemaining()).isFalse();
        harness.perform(new Op.WriteAt(file, bytes("xy"), 4));
        harness.perform(new Op.WriteAt(file, bytes(""), 4));
        assertThat(Files.readString(path)).isEqualTo("0123xy6789");
        harness.perform(new Op.WriteAt(file, bytes("!"), 12));
        assertThat(Files.readString(path)).isEqualTo("0123xy6789\0\0!");
        assertThat(harness.readAt(file, 4, 3)).isEqualTo("3xy6");
        file.close();
    }

    @Test
    void aMegabyteIsWrittenWholeFromEitherKindOfBuffer() throws Exception {
        byte[] much = new byte[1 << 20];
        for (int i = 0; i < much.length; i++) {
            much[i] = (byte) (i * 31 >>> 3);
        }
        Fd file = create();
        ByteBuffer heap = ByteBuffer.wrap(much);
        ByteBuffer direct = ByteBuffer.allocateDirect(much.length).put(much).flip();
        assertThat(harness.perform(new Op.WriteAt(file, heap, 0)).failure()).isNull();
        assertThat(harness.perform(new Op.WriteAt(file, direct, much.length)).failure())
                .isNull();
        byte[] twice = Arrays.copyOf(much, 2 * much.length);
        System.arraycopy(much, 0, twice, much.length, much.length);
        assertThat(Files.readAllBytes(path)).isEqualTo(twice);
        assertThat(heap.limit()).isEqualTo(much.length);
        file.close();
    }

    @Test
    void whatIsAppendedGoesToTheEndWhateverThePlace() throws Exception {
        Files.writeString(path, "first ");
        Fd file = open(StandardOpenOption.APPEND);
        harness.perform(new Op.WriteAt(file, bytes("second"), 0));
        assertThat(Files.readString(path)).isEqualTo("first second");
        assertThat(harness.perform(new Op.SetSize(file, 50)).failure()).hasMessageContaining("append");
        assertThat(harness.perform(new Op.SetSize(file, 5)).failure()).isNull();
        assertThat(Files.readString(path)).isEqualTo("first");
        file.close();
    }

    @Test
    void aFileKnowsItsSizeAndTakesAnother() throws Exception {
        Fd file = create();
        assertThat(harness.perform(new Op.Size(file)).size).isZero();
        harness.perform(new Op.WriteAt(file, bytes("0123456789"), 0));
        assertThat(harness.perform(new Op.Size(file)).size).isEqualTo(10);
        harness.perform(new Op.SetSize(file, 4));
        assertThat(Files.readString(path)).isEqualTo("0123");
        harness.perform(new Op.SetSize(file, 6));
        assertThat(Files.readString(path)).isEqualTo("0123\0\0");
        harness.perform(new Op.SetSize(file, 6));
        assertThat(harness.perform(new Op.Size(file)).size).isEqualTo(6);
        for (boolean metadata : new boolean[] {false, true}) {
            assertThat(harness.perform(new Op.Sync(file, metadata)).failure()).isNull();
        }
        assertThatThrownBy(() -> harness.submit(new Op.SetSize(file, -1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("-1");
        file.close();
    }

    @Test
    void makingAFileLongerOverwritesNothingThatIsWrittenMeanwhile() throws Exception {
        byte[] ones = new byte[4096];
        Arrays.fill(ones, (byte) 1);
        for (int round = 0; round < 300; round++) {
            Fd file = create();
            Op.SetSize change = harness.submit(new Op.SetSize(file, ones.length));
            Op.WriteAt write = harness.submit(new Op.WriteAt(file, ByteBuffer.wrap(ones), 0));
            harness.finish(change);
            harness.finish(write);
            assertThat(Files.readAllBytes(path)).as("round %d", round).isEqualTo(ones);
            file.close();
            harness.settle();
            Files.delete(path);
            harness.woken.clear();
        }
    }

    @Test
    void whatAFileWasNotOpenedForIsAFailure() throws Exception {
        Files.writeString(path, "x");
        Fd file = open(StandardOpenOption.READ);
        assertThat(harness.perform(new Op.WriteAt(file, bytes("y"), 0)).failure())
                .isNotNull();
        assertThat(harness.perform(new Op.SetSize(file, 0)).failure()).isNotNull();
        assertThat(Files.readString(path)).isEqualTo("x");
        assertThatThrownBy(() -> harness.submit(new Op.Read(file).into(ByteBuffer.allocate(1))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("file");
        assertThatThrownBy(() -> file.release()).isInstanceOf(IllegalStateException.class);
        file.close();
    }

    @Test
    void aCancelledWriteEndsOnceAndIsWholeOrNotThere() throws Exception {
        Fd file = create();
        for (int round = 0; round < 20; round++) {
            ByteBuffer buffer = bytes("0123");
            Op.WriteAt write = harness.submit(new Op.WriteAt(file, buffer, 0));
            harness.driver.cancel(write);
            harness.finish(write);
            assertThat(buffer.hasRemaining()).isEqualTo(write.cancelled());
            assertThat(Files.readString(path)).isEqualTo(write.cancelled() ? "" : "0123");
            harness.perform(new Op.SetSize(file, 0));
        }
        file.close();
    }

    @Test
    void aFileClosedWhileItIsWrittenEndsTheWriteAndIsClosedAfterIt() throws Exception {
        Fd file = create();
        Op.WriteAt write = harness.submit(new Op.WriteAt(file, ByteBuffer.allocate(1 << 20), 0));
        Op.Sync sync = harness.submit(new Op.Sync(file, true));
        file.close();
        assertClosedOrQuicker(write);
        assertClosedOrQuicker(sync);
        harness.settle();
        assertThat(harness.perform(new Op.Size(file)).failure()).isInstanceOf(ClosedChannelException.class);
    }

    // ------------------------------------------------------------------------------------------------ sending

    private byte[] content(int size) throws IOException {
        byte[] content = new byte[size];
        for (int i = 0; i < size; i++) {
            content[i] = (byte) (i * 31 >>> 3);
        }
        Files.write(path, content);
        return content;
    }

    private byte[] readToEnd(Fd fd) {
        java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(100_000);
        for (; ; ) {
            Op.Read read = harness.perform(new Op.Read(fd).into(buffer.clear()));
            assertThat(read.failure()).isNull();
            if (read.count < 0) {
                return all.toByteArray();
            }
            all.write(buffer.array(), 0, read.count);
        }
    }

    @Test
    void aFileIsSentWholeToASlowReader() throws Exception {
        byte[] content = content(20 << 20);
        Pair pair = harness.connect();
        Fd file = open(StandardOpenOption.READ);
        Op.Transfer transfer = harness.submit(new Op.Transfer(pair.client(), file, 0, content.length));
        byte[] received = new byte[content.length];
        ByteBuffer into = ByteBuffer.wrap(received);
        while (into.hasRemaining()) {
            harness.perform(new Op.Read(pair.server()).into(into));
        }
        assertThat(harness.finish(transfer).failure()).isNull();
        assertThat(transfer.transferred).isEqualTo(content.length);
        assertThat(received).isEqualTo(content);
        harness.write(pair.client(), "after");
        assertThat(harness.read(pair.server(), 5)).isEqualTo("after");
        file.close();
    }

    @Test
    void aPartOfAFileIsSentAndNoMoreThanThereIs() throws Exception {
        Files.writeString(path, "0123456789");
        Pair pair = harness.connect();
        Fd file = open(StandardOpenOption.READ);
        assertThat(harness.perform(new Op.Transfer(pair.client(), file, 2, 3)).transferred)
                .isEqualTo(3);
        assertThat(harness.perform(new Op.Transfer(pair.client(), file, 7, Long.MAX_VALUE)).transferred)
                .isEqualTo(3);
        assertThat(harness.perform(new Op.Transfer(pair.client(), file, 10, 5)).transferred)
                .isZero();
        assertThat(harness.perform(new Op.Transfer(pair.client(), file, 0, 0)).transferred)
                .isZero();
        assertThat(harness.read(pair.server(), 6)).isEqualTo("234789");
        assertThatThrownBy(() -> harness.submit(new Op.Transfer(pair.client(), file, -1, 5)))
                .isInstanceOf(IllegalArgumentException.class);
        file.close();
    }

    @Test
    void aFileIsReadAndWrittenWhileItsSocketSends() throws Exception {
        content(20 << 20);
        Pair pair = harness.connect();
        Fd file = open(StandardOpenOption.READ, StandardOpenOption.WRITE);
        Op.Transfer transfer = harness.submit(new Op.Transfer(pair.client(), file, 0, 20 << 20));
        assertThatThrownBy(() -> harness.submit(new Op.Write(pair.client()).from(bytes("x"))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("another coroutine is already");
        harness.write(pair.server(), "back");
        assertThat(harness.read(pair.client(), 4)).isEqualTo("back");
        assertThat(harness.perform(new Op.Size(file)).size).isEqualTo(20 << 20);
        assertThatThrownBy(() -> pair.client().shutdownOutput())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("a file is being sent");
        pair.client().close();
        assertThat(harness.finish(transfer).failure()).isInstanceOf(AsynchronousCloseException.class);
        file.close();
    }

    @Test
    void aCancelledTransferTellsHowFarItCame() throws Exception {
        byte[] content = content(20 << 20);
        for (int round = 0; round < 20; round++) {
            Pair pair = harness.connect();
            Fd file = open(StandardOpenOption.READ);
            Op.Transfer transfer = harness.submit(new Op.Transfer(pair.client(), file, 0, content.length));
            for (int turn = 0; turn < round % 4; turn++) {
                harness.turn(0);
            }
            harness.driver.cancel(transfer);
            harness.finish(transfer);
            assertThat(transfer.cancelled()).isTrue();
            pair.client().shutdownOutput();
            assertThat(readToEnd(pair.server())).isEqualTo(Arrays.copyOf(content, (int) transfer.transferred));
            pair.client().close();
            pair.server().close();
            pair.listener().close();
            file.close();
            harness.woken.clear();
        }
    }

    @Test
    void aTransferWhosePeerOrFileGoesAwayFails() throws Exception {
        content(20 << 20);
        Pair pair = harness.connect();
        Fd file = open(StandardOpenOption.READ);
        Op.Transfer transfer = harness.submit(new Op.Transfer(pair.client(), file, 0, 20 << 20));
        pair.server().close();
        assertThat(harness.finish(transfer).failure()).isNotNull();

        Pair next = harness.connect();
        Op.Transfer other = harness.submit(new Op.Transfer(next.client(), file, 0, 20 << 20));
        file.close();
        while (!other.isDone()) {
            Op.Read read = harness.submit(new Op.Read(next.server()).into(ByteBuffer.allocate(1 << 20)));
            harness.until(() -> read.isDone() || other.isDone());
            harness.driver.cancel(read);
            harness.finish(read);
        }
        assertThat(other.failure()).isNotNull();
        assertThat(other.transferred).isLessThan(20 << 20);
        assertThat(harness.perform(new Op.Transfer(next.client(), file, 0, 1)).failure())
                .isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void aDriverClosedWhileAFileIsSentClosesTheSocket() throws Exception {
        content(20 << 20);
        Fd listener = harness.listen();
        try (SocketChannel peer = SocketChannel.open(listener.localAddress())) {
            Fd fd = Objects.requireNonNull(harness.perform(new Op.Accept(listener)).accepted);
            harness.submit(new Op.Transfer(fd, open(StandardOpenOption.READ), 0, 20 << 20));
            harness.driver.close();
            assertThat(harness.driver.inFlight()).isZero();
            ByteBuffer buffer = ByteBuffer.allocate(1 << 20);
            long received = 0;
            for (int count; (count = peer.read(buffer.clear())) >= 0; ) {
                received += count;
            }
            assertThat(received).isLessThan(20 << 20);
        }
    }

    // ------------------------------------------------------------------------------------------------ adopted files

    @Test
    void aFileOfSomebodyElseIsSentAndReadAndStaysHis() throws Exception {
        Files.writeString(path, "0123456789");
        Pair pair = harness.connect();
        try (FileChannel mine = FileChannel.open(path)) {
            mine.position(3);
            Fd file = harness.driver.adopt(mine);
            int open = harness.driver.openCount();
            Op.Transfer transfer = harness.perform(new Op.Transfer(pair.client(), file, 2, 5));
            assertThat(transfer.failure()).isNull();
            assertThat(harness.read(pair.server(), 5)).isEqualTo("23456");
            assertThat(harness.readAt(file, 4, 6)).isEqualTo("6789");
            assertThat(mine.position()).isEqualTo(3);

            file.release();
            assertThat(harness.driver.openCount()).isEqualTo(open - 1);
            assertThat(file.isOpen()).isFalse();
            assertThat(harness.perform(new Op.Transfer(pair.client(), file, 2, 5))
                            .failure())
                    .isInstanceOf(ClosedChannelException.class);
            file.release();
            file.close();
            harness.settle();
            assertThat(mine.size()).isEqualTo(10);
        }
    }

    @Test
    void aFileOfSomebodyElseIsClosedWithItsDescriptorAndGivenBackByADriverThatIs() throws Exception {
        Files.writeString(path, "x");
        FileChannel closed = FileChannel.open(path);
        harness.driver.adopt(closed).close();
        harness.settle();
        assertThat(closed.isOpen()).isFalse();

        try (FileChannel kept = FileChannel.open(path)) {
            Fd file = harness.driver.adopt(kept);
            Op.ReadAt read = harness.submit(new Op.ReadAt(file, ByteBuffer.allocate(1), 0));
            file.release();
            harness.finish(read);
            assertThat(kept.size()).isEqualTo(1);

            harness.driver.adopt(kept);
            harness.driver.close();
            harness.driver.close();
            assertThat(kept.size()).isEqualTo(1);
        }
    }

    @Test
    void aFileOfAnotherFileSystemIsRefused() throws Exception {
        try (FileSystem zip = FileSystems.newFileSystem(directory.resolve("archive.zip"), Map.of("create", "true"))) {
            Path inside = zip.getPath("inside");
            Files.writeString(inside, "x");
            try (FileChannel channel = FileChannel.open(inside)) {
                assertThatThrownBy(() -> harness.driver.adopt(channel))
                        .isInstanceOf(UnsupportedOperationException.class);
            }
        }
    }

    // ------------------------------------------------------------------------------------------------ calls

    @Test
    void aCallThatBlocksGivesItsResultOrItsFailure() throws Exception {
        Files.writeString(path, "x");
        Op.Blocking<List<Path>> list = harness.perform(new Op.Blocking<>(() -> {
            try (var files = Files.list(directory)) {
                return files.toList();
            }
        }));
        assertThat(list.result).containsExactly(path);
        assertThat(harness.perform(new Op.Blocking<>(() -> null)).failure()).isNull();

        IOException told = new IOException("told");
        Op.Blocking<Void> failing = harness.perform(new Op.Blocking<>(() -> {
            throw told;
        }));
        assertThat(failing.failure()).isSameAs(told);
        IllegalStateException cause = new IllegalStateException("broken");
        Op.Blocking<Void> broken = harness.perform(new Op.Blocking<>(() -> {
            throw cause;
        }));
        assertThat(broken.failure()).hasCause(cause);
    }

    @Test
    void aCancelledCallGoesOnAndItsResultIsCleanedUp() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        LinkedBlockingQueue<String> cleaned = new LinkedBlockingQueue<>();
        Op.Blocking<String> call = harness.submit(new Op.Blocking<>(
                () -> {
                    entered.countDown();
                    awaitUninterrupted(released);
                    return "resource";
                },
                cleaned::add));
        entered.await();
        harness.driver.cancel(call);
        harness.finish(call);
        assertThat(call.cancelled()).isTrue();
        assertThat(call.result).isNull();
        released.countDown();
        assertThat(cleaned.take()).isEqualTo("resource");
    }

    @Test
    void whereAResultAndACancelRaceItIsGivenOrCleanedUp() throws Exception {
        LinkedBlockingQueue<Integer> cleaned = new LinkedBlockingQueue<>();
        for (int i = 0; i < 20; i++) {
            int round = i;
            Op.Blocking<Integer> call = harness.submit(new Op.Blocking<>(() -> round + 1000, cleaned::add));
            for (int turn = 0; turn < round % 4; turn++) {
                harness.turn(0);
            }
            boolean begun = call.isDone();
            harness.driver.cancel(call);
            harness.finish(call);
            assertThat(begun && call.cancelled()).isFalse();
            assertThat(call.cancelled()).isEqualTo(call.result == null);
        }
        harness.settle();
        Op.Blocking<Integer> last = harness.perform(new Op.Blocking<>(() -> 0, cleaned::add));
        assertThat(last.result).isZero();
        assertThat(cleaned).doesNotContain(0).doesNotHaveDuplicates();
    }

    @Test
    void whatACallReturnsToADriverThatIsClosedIsCleanedUp() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        LinkedBlockingQueue<String> cleaned = new LinkedBlockingQueue<>();
        harness.submit(new Op.Blocking<>(
                () -> {
                    entered.countDown();
                    awaitUninterrupted(released);
                    return "resource";
                },
                cleaned::add));
        entered.await();
        harness.driver.close();
        released.countDown();
        assertThat(cleaned.take()).isEqualTo("resource");
    }

    @Test
    void aCallThatWasCancelledBeforeItBeganIsNotMade() throws Exception {
        CountDownLatch released = new CountDownLatch(1);
        List<Op.Blocking<Void>> busy = occupyThreads(released);
        List<String> made = new ArrayList<>();
        Op.Blocking<Void> late = harness.submit(new Op.Blocking<>(() -> {
            made.add("made");
            return null;
        }));
        harness.driver.cancel(late);
        harness.finish(late);
        released.countDown();
        busy.forEach(harness::finish);
        harness.perform(new Op.Blocking<>(() -> null)); // behind it in the queue
        assertThat(made).isEmpty();
    }

    @Test
    void whatIsQueuedForAFileIsTakenBackByACancel() throws Exception {
        Files.writeString(path, "0123");
        Fd file = open(StandardOpenOption.READ, StandardOpenOption.WRITE);
        CountDownLatch released = new CountDownLatch(1);
        List<Op.Blocking<Void>> busy = occupyThreads(released);
        Path other = directory.resolve("other");
        ByteBuffer buffer = ByteBuffer.allocate(4);
        List<Op> queued = List.of(
                harness.submit(new Op.ReadAt(file, buffer, 0)),
                harness.submit(new Op.WriteAt(file, bytes("x"), 0)),
                harness.submit(new Op.SetSize(file, 0)),
                harness.submit(new Op.Sync(file, true)),
                harness.submit(new Op.Size(file)),
                harness.submit(new Op.Open(other, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE))),
                harness.submit(Op.Blocking.toTheEnd(() -> Files.createFile(other))));
        int open = harness.driver.openCount();
        queued.forEach(harness.driver::cancel);
        queued.forEach(op -> assertThat(harness.finish(op).cancelled()).isTrue()); // with every thread still busy
        assertThat(harness.driver.openCount()).isEqualTo(open - 1);
        file.close();
        released.countDown();
        busy.forEach(harness::finish);
        harness.settle();
        assertThat(harness.driver.openCount()).isZero();
        assertThat(Files.readString(path)).isEqualTo("0123");
        assertThat(buffer.position()).isZero();
        assertThat(other).doesNotExist();
    }

    @Test
    void aCallToTheEndThatHasBegunEndsWithItsResultAfterACancel() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        Op.Blocking<String> call = harness.submit(Op.Blocking.toTheEnd(() -> {
            entered.countDown();
            awaitUninterrupted(released);
            return "done";
        }));
        entered.await();
        harness.driver.cancel(call);
        for (int turn = 0; turn < 20; turn++) {
            harness.turn(0);
            assertThat(call.isDone()).isFalse();
        }
        released.countDown();
        harness.finish(call);
        assertThat(call.cancelled()).isFalse();
        assertThat(call.result).isEqualTo("done");
    }

    /** Keeps every thread for files in a call. */
    private List<Op.Blocking<Void>> occupyThreads(CountDownLatch released) throws InterruptedException {
        List<Op.Blocking<Void>> busy = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            CountDownLatch entered = new CountDownLatch(1);
            busy.add(harness.submit(new Op.Blocking<>(() -> {
                entered.countDown();
                awaitUninterrupted(released);
                return null;
            })));
            entered.await();
        }
        return busy;
    }

    @Test
    void aCallThatLeavesItsThreadInterruptedHarmsNobodyAfterIt() throws Exception {
        Files.writeString(path, "0123");
        Fd file = open(StandardOpenOption.READ);
        List<Op> all = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            all.add(harness.submit(new Op.Blocking<>(() -> {
                Thread.currentThread().interrupt();
                return null;
            })));
            all.add(harness.submit(new Op.ReadAt(file, ByteBuffer.allocate(4), 0)));
        }
        all.forEach(op -> assertThat(harness.finish(op).failure()).isNull());
        assertThat(harness.readAt(file, 4, 0)).isEqualTo("0123");
        file.close();
    }

    @Test
    void aCleanerThatFailsLeavesTheThreadsToWhoComesNext() throws Exception {
        for (int i = 0; i < 8; i++) {
            CountDownLatch cleaned = new CountDownLatch(1);
            Op.Blocking<String> call = harness.submit(new Op.Blocking<>(() -> "resource", _ -> {
                cleaned.countDown();
                throw new AssertionError("as told");
            }));
            while (harness.driver.inFlight() > 0 && !call.isDone()) {
                Thread.onSpinWait();
                harness.driver.cancel(call); // before it begins, or after it was made and before we heard of it
                harness.turn(0);
            }
        }
        for (int i = 0; i < 4; i++) {
            assertThat(harness.perform(new Op.Blocking<>(() -> "made")).result).isEqualTo("made");
        }
    }

    @Test
    void whatACallReturnedAndNobodyWasToldOfWhenTheDriverWasClosedIsCleanedUp() throws Exception {
        LinkedBlockingQueue<Runnable> posted = new LinkedBlockingQueue<>();
        LinkedBlockingQueue<String> cleaned = new LinkedBlockingQueue<>();
        IoDriver driver = kind.newDriver(posted::add);
        Op.Blocking<String> call = new Op.Blocking<>(() -> "resource", cleaned::add);
        call.onDone(() -> {});
        driver.submit(call);
        posted.take().run();
        driver.close();
        assertThat(cleaned.take()).isEqualTo("resource");
    }

    private static void awaitUninterrupted(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
