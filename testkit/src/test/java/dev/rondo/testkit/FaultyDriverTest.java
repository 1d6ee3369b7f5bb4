package dev.rondo.testkit;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.waitAll;
import static dev.rondo.Asyncio.yieldNow;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.EventLoop;
import dev.rondo.Task;
import dev.rondo.chance.Choices;
import dev.rondo.reactor.Fd;
import dev.rondo.reactor.NioDriver;
import dev.rondo.reactor.Op;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
class FaultyDriverTest {

    private static final long SEEDS = 50;

    private final Set<String> asked = new TreeSet<>();

    /** One fault of three that are asked for; the order is plain. */
    private Choices faulty(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return new Choices() {
            @Override
            public int choose(int n, String what) {
                return 0;
            }

            @Override
            public boolean buggify(String what) {
                asked.add(what);
                return random.nextInt(3) == 0;
            }
        };
    }

    /** What a body does with sockets. */
    private interface Body {
        void run(EventLoop loop) throws Exception;
    }

    private void forEachSeed(Body body) throws Exception {
        for (long seed = 0; seed < SEEDS; seed++) {
            run(faulty(seed), body);
        }
    }

    private static void run(Choices choices, Body body) throws Exception {
        try (EventLoop loop = EventLoop.builder()
                .driver(post -> new FaultyDriver(new NioDriver(post), choices))
                .build()) {
            loop.runUntilComplete(() -> {
                body.run(loop);
                while (loop.driver().inFlight() > 0) {
                    yieldNow();
                }
            });
        }
    }

    private record Pair(Fd client, Fd server, Fd listener) {
        void close() {
            client.close();
            server.close();
            listener.close();
        }
    }

    private static Pair connect(EventLoop loop) throws IOException {
        Fd listener = loop.driver().tcpListener(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
        Task<Fd, IOException> accepting = createTask(() -> {
            Op.Accept accept = new Op.Accept(listener);
            loop.perform(accept);
            return Objects.requireNonNull(accept.accepted);
        });
        Fd client = loop.driver().tcpSocket(StandardProtocolFamily.INET);
        loop.perform(new Op.Connect(client, (InetSocketAddress) Objects.requireNonNull(listener.localAddress())));
        return new Pair(client, accepting.await(), listener);
    }

    private static String read(EventLoop loop, Fd fd, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining()) {
            Op.Read read = new Op.Read(fd).into(buffer);
            loop.perform(read);
            if (read.count < 0) {
                break;
            }
        }
        return new String(buffer.array(), 0, buffer.position(), US_ASCII);
    }

    @Test
    void theBytesAreTheSameWhateverTheFaults() throws Exception {
        forEachSeed(loop -> {
            Pair pair = connect(loop);
            String text = "0123456789".repeat(2000);
            Task<?, IOException> writing = createTask(() -> {
                loop.perform(new Op.Write(pair.client()).from(ByteBuffer.wrap(text.getBytes(US_ASCII))));
                pair.client().shutdownOutput();
            });
            assertThat(read(loop, pair.server(), text.length() + 1)).isEqualTo(text);
            writing.await();
            pair.close();
        });
        assertThat(asked).contains("empty select", "late completion", "delayed close");
    }

    @Test
    void aCancelledReadLosesNothing() throws Exception {
        Set<Boolean> ends = new TreeSet<>();
        forEachSeed(loop -> {
            Pair pair = connect(loop);
            ByteBuffer buffer = ByteBuffer.allocate(4);
            Task<?, IOException> reading = createTask(() -> loop.perform(new Op.Read(pair.server()).into(buffer)));
            yieldNow();
            loop.perform(new Op.Write(pair.client()).from(ByteBuffer.wrap("0123".getBytes(US_ASCII))));
            reading.cancel(); // unless it has ended
            waitAll(List.of(reading));
            ends.add(reading.cancelled());
            String first = new String(buffer.array(), 0, buffer.position(), US_ASCII);
            assertThat(first + read(loop, pair.server(), 4 - first.length())).isEqualTo("0123");
            pair.close();
        });
        assertThat(ends).as("cancelled and not").containsExactly(false, true);
        assertThat(asked).contains("late completion");
    }

    @Test
    void aCancelMayBeLate() throws Exception {
        forEachSeed(loop -> {
            Pair pair = connect(loop);
            Task<?, IOException> reading =
                    createTask(() -> loop.perform(new Op.Read(pair.server()).into(ByteBuffer.allocate(1))));
            yieldNow();
            reading.cancel();
            waitAll(List.of(reading));
            assertThat(reading.cancelled()).isTrue();
            pair.close();
        });
        assertThat(asked).contains("late cancel");
    }

    @Test
    void whatIsClosedIsGoneAtOnceForTheProgram() throws Exception {
        forEachSeed(loop -> {
            Pair pair = connect(loop);
            Task<?, IOException> reading =
                    createTask(() -> loop.perform(new Op.Read(pair.server()).into(ByteBuffer.allocate(1))));
            yieldNow();
            pair.server().close();
            assertThat(pair.server().isOpen()).isFalse();
            assertThatThrownBy(() -> loop.perform(new Op.Write(pair.server()).from(ByteBuffer.allocate(1))))
                    .isInstanceOf(ClosedChannelException.class);
            assertThatThrownBy(reading::await).isInstanceOf(AsynchronousCloseException.class);
            assertThat(read(loop, pair.client(), 1))
                    .as("the peer reads the end")
                    .isEmpty();
            pair.close();
        });
    }

    @Test
    void filesAreReadAsEver(@TempDir Path directory) throws Exception {
        Path path = Files.writeString(directory.resolve("file"), "0123456789");
        forEachSeed(loop -> {
            Op.Open open = new Op.Open(path, Set.of(StandardOpenOption.READ));
            loop.perform(open);
            Fd file = Objects.requireNonNull(open.opened);
            ByteBuffer buffer = ByteBuffer.allocate(4);
            loop.perform(new Op.ReadAt(file, buffer, 3));
            assertThat(new String(buffer.array(), US_ASCII)).isEqualTo("3456");
            file.close();
        });
    }

    /** Makes one kind of fault as often as it is asked for, up to a few times. */
    private static Choices only(String fault, List<String> made) {
        return new Choices() {
            @Override
            public int choose(int n, String what) {
                return 0;
            }

            @Override
            public boolean buggify(String what) {
                return what.equals(fault) && made.size() < 20 && made.add(what);
            }
        };
    }

    /** Controls: without faults an operation that need not wait is over at once, and with them it is not. */
    @Test
    void aCompletionThatIsLateTakesTurns() throws Exception {
        for (String fault : List.of("none", "late completion")) {
            List<String> made = new ArrayList<>();
            run(only(fault, made), loop -> {
                Pair pair = connect(loop);
                made.clear();
                boolean[] ran = new boolean[1];
                loop.callSoon(() -> ran[0] = true);
                loop.perform(new Op.Write(pair.client()).from(ByteBuffer.allocate(1)));
                assertThat(ran[0]).as(fault).isEqualTo(fault.equals("late completion"));
                pair.close();
            });
        }
    }
}
