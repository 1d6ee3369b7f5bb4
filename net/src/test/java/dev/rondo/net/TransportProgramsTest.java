package dev.rondo.net;

import static dev.rondo.Asyncio.getRunningLoop;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.net.Drivers.until;
import static dev.rondo.net.Drivers.untilOpen;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.EventLoop;
import dev.rondo.ExceptionContext;
import dev.rondo.reactor.Fd;
import dev.rondo.reactor.Op;
import dev.rondo.spec.Spec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Random programs on both ends of a connection, and what must hold for the calls of each protocol. */
class TransportProgramsTest {

    private static final int PROGRAMS = 40;
    private static final int STEPS = 60;

    /**
     * One end. The bytes that go one way are numbered, so that each end can tell whether what comes is what was sent,
     * from the first byte on.
     */
    private static final class End implements Protocol {

        private enum Stage {
            NEW,
            OPEN,
            ENDED,
            LOST
        }

        final String name;
        final boolean stays;
        private Stage stage = Stage.NEW;
        private boolean writingPaused;
        private @Nullable Transport transport;
        private @Nullable Throwable failure;
        private long sent; // accepted by a transport that was not closing and not at its end
        private long received;
        private boolean wroteEof;
        private boolean closed;
        private boolean aborted;
        private final List<String> wrong = new ArrayList<>();

        End(String name, boolean stays) {
            this.name = name;
            this.stays = stays;
        }

        Transport transport() {
            if (transport == null) {
                throw new AssertionError("not made");
            }
            return transport;
        }

        private void expect(boolean condition, String what) {
            if (!condition) {
                wrong.add(name + " in " + stage + ": " + what);
            }
        }

        @Override
        public void connectionMade(Transport made) {
            expect(stage == Stage.NEW, "made");
            stage = Stage.OPEN;
            transport = made;
        }

        @Override
        public void dataReceived(byte[] data) {
            expect(stage == Stage.OPEN, "data");
            expect(transport().isReading(), "data while paused");
            expect(!closed && !aborted, "data after close");
            for (byte b : data) {
                expect(b == (byte) (received++ % 251), "byte " + received);
            }
        }

        @Override
        public boolean eofReceived() {
            expect(stage == Stage.OPEN, "eof");
            expect(!closed && !aborted, "eof after close");
            stage = Stage.ENDED;
            return stays;
        }

        @Override
        public void pauseWriting() {
            expect(stage != Stage.NEW && stage != Stage.LOST, "pause");
            expect(!writingPaused, "pause twice");
            expect(
                    transport().getWriteBufferSize()
                            > transport().getWriteBufferLimits().high(),
                    "pause too early");
            writingPaused = true;
        }

        @Override
        public void resumeWriting() {
            expect(stage != Stage.NEW && stage != Stage.LOST, "resume");
            expect(writingPaused, "resume without pause");
            expect(
                    transport().getWriteBufferSize()
                            <= transport().getWriteBufferLimits().low(),
                    "resume too early");
            writingPaused = false;
        }

        @Override
        public void connectionLost(@Nullable Throwable why) {
            expect(stage == Stage.OPEN || stage == Stage.ENDED, "lost");
            expect(transport().isClosing(), "lost while open");
            stage = Stage.LOST;
            failure = why;
        }

        // ---- the program

        void step(Random random) {
            Transport transport = transport();
            switch (random.nextInt(20)) {
                case 0, 1, 2, 3, 4, 5 -> write(random, 1 + random.nextInt(random.nextInt(10) == 0 ? 900_000 : 3000));
                case 6, 7 -> {
                    transport.pauseReading();
                    expect(!transport.isReading(), "reading after a pause");
                }
                case 8, 9, 10 -> {
                    transport.resumeReading();
                    expect(transport.isReading() == (stage == Stage.OPEN && !transport.isClosing()), "resumed");
                }
                case 11 -> {
                    int high = random.nextInt(100_000);
                    transport.setWriteBufferLimits(high, random.nextInt(high + 1));
                }
                case 12 -> {
                    if (random.nextInt(6) == 0) {
                        wroteEof |= !transport.isClosing();
                        transport.writeEof();
                    }
                }
                case 13 -> {
                    if (random.nextInt(8) == 0) {
                        closed = true;
                        transport.close();
                    }
                }
                case 14 -> {
                    if (random.nextInt(16) == 0) {
                        aborted = true;
                        transport.abort();
                        expect(transport.getWriteBufferSize() == 0, "something waits after an abort");
                    }
                }
                default -> {} // time passes
            }
        }

        private void write(Random random, int count) {
            if (wroteEof) {
                return;
            }
            byte[] data = new byte[count];
            for (int i = 0; i < count; i++) {
                data[i] = (byte) ((sent + i) % 251);
            }
            if (!transport().isClosing()) {
                sent += count;
                if (random.nextBoolean()) {
                    transport().write(data);
                } else {
                    int cut = random.nextInt(count);
                    transport()
                            .writeLines(
                                    List.of(ByteBuffer.wrap(data, 0, cut), ByteBuffer.wrap(data, cut, count - cut)));
                }
            }
        }

        void end() {
            transport().resumeReading();
            if (stage != Stage.LOST && !transport().isClosing() && !wroteEof) {
                wroteEof = true;
                transport().writeEof();
            }
        }

        boolean ended() {
            return stage == Stage.ENDED || stage == Stage.LOST;
        }
    }

    @Spec("P-1")
    @Spec("P-4")
    @Spec("P-7")
    @Spec("P-10")
    @Spec("P-11")
    @Spec("P-17")
    @ParameterizedTest
    @EnumSource
    void whateverBothEndsDoTheCallsComeInOrderAndTheBytesAreThoseThatWereSent(Drivers driver) throws Exception {
        driver.run(() -> {
            List<ExceptionContext> reports = new ArrayList<>();
            getRunningLoop().setExceptionHandler((where, context) -> reports.add(context));
            for (int seed = 1; seed <= PROGRAMS; seed++) {
                Random random = new Random(seed);
                End client = new End("client", random.nextBoolean());
                End server = new End("server", random.nextBoolean());
                List<String> gone = new ArrayList<>();
                connect(client, server, gone);
                until(() -> client.transport != null && server.transport != null);
                for (int i = 0; i < STEPS; i++) {
                    client.step(random);
                    server.step(random);
                    for (int turns = random.nextInt(4); turns > 0; turns--) {
                        yieldNow();
                    }
                }
                client.end();
                server.end();
                until(() -> client.ended() && server.ended());
                client.transport().close();
                server.transport().close();
                until(() -> gone.size() == 2);
                check("seed " + seed, client, server);
                check("seed " + seed, server, client);
                assertThat(reports).as("seed " + seed).isEmpty();
            }
            untilOpen(0);
        });
    }

    private static void check(String seed, End one, End other) {
        assertThat(one.wrong).as(seed).isEmpty();
        assertThat(one.stage).as(seed).isEqualTo(End.Stage.LOST);
        assertThat(one.received).as(seed).isLessThanOrEqualTo(other.sent);
        boolean inOrder = !one.closed && !one.aborted && !other.closed && !other.aborted;
        if (inOrder && one.stays && other.stays) {
            assertThat(one.received).as(seed).isEqualTo(other.sent);
            assertThat(one.failure).as(seed).isNull();
        }
        if (one.failure != null) { // of the peer's doing
            assertThat(one.failure).as(seed).isInstanceOf(IOException.class);
            assertThat(inOrder && one.stays && other.stays).as(seed).isFalse();
        }
    }

    private static void connect(End client, End server, List<String> gone) throws IOException {
        EventLoop loop = getRunningLoop();
        Fd listener = loop.driver().tcpListener(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
        try {
            Fd fd = loop.driver()
                    .streamSocket(Addresses.family(((InetSocketAddress) listener.localAddress()).getAddress()));
            loop.perform(new Op.Connect(fd, listener.localAddress()));
            Op.Accept accept = new Op.Accept(listener);
            loop.perform(accept);
            SocketTransport.start(loop, fd, client, () -> gone.add("client"));
            SocketTransport.start(loop, SocketStream.known(accept.accepted), server, () -> gone.add("server"));
        } finally {
            listener.close();
        }
    }
}
