package dev.rondo.reactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.reactor.DriverHarness.Pair;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What is the selector driver's own way to keep the promises. */
class NioDriverTest {

    @TempDir
    Path directory;

    private final DriverHarness harness = new DriverHarness(NioDriver::new);

    @AfterEach
    void everyOperationEndedOnceAndNothingIsLeft() {
        harness.settle();
        assertThat(harness.woken).doesNotHaveDuplicates();
        harness.close();
    }

    @Test
    void whatCanBeDoneAtOnceIsOverWhenSubmitReturns() throws Exception {
        Pair pair = harness.connect();
        harness.settle();
        harness.woken.clear();
        harness.write(pair.client(), "x");
        Op.Read read = new Op.Read(pair.server()).into(ByteBuffer.allocate(1));
        harness.submit(new Op.Read(pair.server()).into(ByteBuffer.allocate(1)));
        harness.settle();
        assertThat(read.isDone()).isFalse();
        harness.write(pair.client(), "y");
        assertThat(harness.submit(read).isDone() || harness.finish(read).isDone())
                .isTrue();
        assertThat(harness.driver.inFlight()).isZero();
    }

    @Test
    void aCancelIsDoneAtOnceAndToldLater() throws Exception {
        Pair pair = harness.connect();
        harness.settle();
        harness.woken.clear();
        Op.Read read = harness.submit(new Op.Read(pair.server()).into(ByteBuffer.allocate(1)));
        harness.driver.cancel(read);
        assertThat(read.cancelled()).isTrue();
        assertThat(harness.woken).isEmpty();
        assertThat(harness.driver.inFlight()).isEqualTo(1);
        harness.turn(-1);
        assertThat(harness.woken).containsExactly(read);
    }

    @Test
    void aWriteLeavesTheLoopItsTurnHoweverFastThePeerReads() throws Exception {
        int much = 64 << 20;
        for (ByteBuffer buffer : List.of(ByteBuffer.allocate(much), ByteBuffer.allocateDirect(much))) {
            Fd listener = harness.listen();
            Op.Accept accept = harness.submit(new Op.Accept(listener));
            int port = ((InetSocketAddress) listener.localAddress()).getPort();
            try (Socket peer = new Socket(InetAddress.getLoopbackAddress(), port)) {
                FutureTask<Long> drained =
                        new FutureTask<>(() -> peer.getInputStream().transferTo(OutputStream.nullOutputStream()));
                Thread.ofPlatform().start(drained);
                Fd fd = harness.finish(accept).accepted;
                Op.Write write = harness.submit(new Op.Write(fd).from(buffer));
                assertThat(write.isDone()).isFalse();
                assertThat(buffer.position()).isLessThanOrEqualTo(4 << 20);
                harness.finish(write);
                assertThat(buffer.remaining()).isZero();
                fd.close();
                harness.settle();
                assertThat(drained.get()).isEqualTo(much);
            }
            listener.close();
        }
    }

    @Test
    void theSelectorIsThereBeforeTheFirstPollSoThatAPollNeverHasToOpenIt() throws Exception {
        harness.driver.streamSocket(StandardProtocolFamily.INET);
        assertThat(((NioDriver) harness.driver).selector().isOpen()).isTrue();
    }

    @Test
    void anAdoptedChannelThatWasClosedWhileAFileWasSentIsClosedThoughTheDriverIsTooEarly() throws Exception {
        Path path = Files.write(directory.resolve("file"), new byte[20 << 20]);
        Fd file = harness.perform(new Op.Open(path, Set.of(StandardOpenOption.READ))).opened;
        try (ServerSocketChannel listener =
                        ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                SocketChannel mine = SocketChannel.open(listener.getLocalAddress());
                SocketChannel peer = listener.accept()) {
            mine.configureBlocking(false);
            Fd fd = harness.driver.adopt(mine);
            harness.submit(new Op.Transfer(fd, file, 0, 20 << 20));
            fd.close();
            harness.driver.close();
            ByteBuffer buffer = ByteBuffer.allocate(1 << 20);
            while (peer.read(buffer.clear()) >= 0) {} // to the end, which is there only if the channel is closed
        }
    }

    @Test
    void aDescriptorOfAnotherDriverIsRefused() throws Exception {
        IoDriver other = new NioDriver(_ -> {});
        Path path = Files.createFile(directory.resolve("file"));
        Fd file = harness.perform(new Op.Open(path, Set.of(StandardOpenOption.READ))).opened;
        Fd socket = harness.driver.streamSocket(StandardProtocolFamily.INET);
        Fd source = harness.driver.source(InputStream.nullInputStream());
        Fd sink = harness.driver.sink(OutputStream.nullOutputStream());
        for (Op op : List.of(
                new Op.Read(socket).into(ByteBuffer.allocate(1)),
                new Op.Size(file),
                new Op.Read(source).into(ByteBuffer.allocate(1)),
                new Op.Write(sink).from(ByteBuffer.allocate(1)))) {
            assertThatThrownBy(() -> other.submit(op))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("not a descriptor of this driver");
        }
        other.close();
        List.of(file, socket, source, sink).forEach(Fd::close);
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void aFileOpenedAfterTheDriverWasClosedIsClosed() throws Exception {
        Path fifo = directory.resolve("fifo");
        assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor())
                .isZero();
        harness.submit(new Op.Open(fifo, Set.of(StandardOpenOption.READ)));
        harness.driver.close();
        try (OutputStream out = new FileOutputStream(fifo.toFile())) { // lets the worker open it
            assertThatThrownBy(() -> {
                        for (; ; ) {
                            out.write(new byte[1 << 20]);
                        }
                    })
                    .as("nobody has it open to read")
                    .isInstanceOf(IOException.class);
        }
    }
}
