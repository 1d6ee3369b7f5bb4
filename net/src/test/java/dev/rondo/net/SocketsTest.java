package dev.rondo.net;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.getRunningLoop;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.net.Sockets.sockAccept;
import static dev.rondo.net.Sockets.sockConnect;
import static dev.rondo.net.Sockets.sockRecv;
import static dev.rondo.net.Sockets.sockRecvFrom;
import static dev.rondo.net.Sockets.sockRecvFromInto;
import static dev.rondo.net.Sockets.sockRecvInto;
import static dev.rondo.net.Sockets.sockSendAll;
import static dev.rondo.net.Sockets.sockSendFile;
import static dev.rondo.net.Sockets.sockSendTo;
import static dev.rondo.net.Wire.bytes;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.Action;
import dev.rondo.Asyncio;
import dev.rondo.Context;
import dev.rondo.EventLoop;
import dev.rondo.Task;
import dev.rondo.TaskCancelledException;
import dev.rondo.reactor.Fd;
import dev.rondo.reactor.Op;
import dev.rondo.spec.Spec;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The system's calls on channels of the user, for coroutines. */
@Timeout(60)
class SocketsTest {

    private final RawSockets raw = new RawSockets();
    private final List<String> log = new ArrayList<>();

    @TempDir
    Path folder;

    @AfterEach
    void close() throws IOException {
        raw.close();
    }

    private static String text(byte[] data) {
        return new String(data, US_ASCII);
    }

    /** Starts a coroutine, and returns when it waits for the selector. */
    private static <X extends Exception> Task<Void, X> waiting(Action<X> action) {
        Task<Void, X> task = createTask(action);
        for (int turn = 0; turn < 10; turn++) {
            yieldNow();
        }
        assertThat(task.done()).isFalse();
        assertThat(getRunningLoop().driver().inFlight()).isPositive();
        return task;
    }

    private static void assertCancelled(Task<?, ?> task) {
        assertThatThrownBy(task::await).isInstanceOf(TaskCancelledException.class);
    }

    private static byte[] receiveAll(SocketChannel socket, int length) throws IOException {
        ByteBuffer all = ByteBuffer.allocate(length);
        while (all.hasRemaining()) {
            assertThat(sockRecvInto(socket, all)).isPositive();
        }
        return all.array();
    }

    // ------------------------------------------------------------------------------------------------ at once, or
    // later

    @OnRealSockets
    @Spec("SK-1")
    void whatCanBeDoneAtOnceTakesNoTurn(Drivers driver) throws Exception {
        RawSockets.Pair pair = raw.pair();
        ServerSocketChannel listener = raw.listener();
        DatagramChannel datagrams = raw.datagrams();
        SocketChannel connecting = raw.socket();
        driver.run(() -> {
            pair.peer().write(bytes("0123456789"));
            waitFor(pair.mine());
            sockConnect(connecting, listener.getLocalAddress());
            waitFor(listener);
            datagrams.send(bytes("one"), datagrams.getLocalAddress());
            datagrams.send(bytes("two"), datagrams.getLocalAddress());
            waitFor(datagrams);

            getRunningLoop().callSoon(() -> log.add("the next turn"));
            assertThat(text(sockRecv(pair.mine(), 3))).isEqualTo("012");
            ByteBuffer buffer = ByteBuffer.allocate(10).position(1).limit(5);
            assertThat(sockRecvInto(pair.mine(), buffer)).isEqualTo(4);
            assertThat(buffer.position()).isEqualTo(5);
            assertThat(text(Arrays.copyOfRange(buffer.array(), 1, 5))).isEqualTo("3456");
            sockSendAll(pair.mine(), bytes("sent"), bytes("!"));
            sockAccept(listener).close();
            assertThat(text(sockRecvFrom(datagrams, 10).data())).isEqualTo("one");
            assertThat(sockRecvFromInto(datagrams, ByteBuffer.allocate(3))).isEqualTo(datagrams.getLocalAddress());
            assertThat(sockSendTo(datagrams, bytes("three"), datagrams.getLocalAddress()))
                    .isEqualTo(5);
            assertThat(log).isEmpty();
            assertThat(getRunningLoop().driver().openCount()).isZero();
            yieldNow();
            assertThat(log).containsExactly("the next turn");
        });
    }

    /** Waits until something can be read. */
    private static void waitFor(SelectableChannel channel) {
        boolean[] ready = {false};
        getRunningLoop().addReader(channel, () -> ready[0] = true);
        Drivers.until(() -> ready[0]);
        getRunningLoop().removeReader(channel);
    }

    @OnRealSockets
    @Spec("SK-1")
    void whatCannotBeDoneAtOnceIsWaitedFor(Drivers driver) throws Exception {
        ServerSocketChannel listener = raw.listener();
        DatagramChannel datagrams = raw.datagrams();
        driver.run(() -> {
            Task<SocketChannel, IOException> accepting = createTask(() -> sockAccept(listener));
            yieldNow();
            SocketChannel client = raw.socket();
            sockConnect(client, listener.getLocalAddress());
            SocketChannel server = raw.nonBlocking(accepting.await());

            Task<byte[], IOException> receiving = createTask(() -> sockRecv(server, 100));
            Task<Datagram, IOException> datagram = createTask(() -> sockRecvFrom(datagrams, 100));
            yieldNow();
            sockSendAll(client, bytes("hello"));
            assertThat(text(receiving.await())).isEqualTo("hello");
            sockSendTo(datagrams, bytes("self"), datagrams.getLocalAddress());
            assertThat(text(datagram.await().data())).isEqualTo("self");
            assertThat(datagram.await().source()).isEqualTo(datagrams.getLocalAddress());

            client.shutdownOutput();
            assertThat(sockRecv(server, 100)).isEmpty();
            assertThat(sockRecvInto(server, ByteBuffer.allocate(1))).isEqualTo(-1);
            assertThat(getRunningLoop().driver().openCount()).isZero();
        });
    }

    @OnRealSockets
    void whoAlwaysFindsSomethingLeavesTheOthersTheirTurn(Drivers driver) throws Exception {
        DatagramChannel datagrams = raw.datagrams();
        driver.run(() -> {
            Task<Void, IOException> busy = createTask(() -> {
                for (; ; ) {
                    sockSendTo(datagrams, bytes("x"), datagrams.getLocalAddress());
                    sockRecvFrom(datagrams, 1);
                }
            });
            for (int turn = 0; turn < 10; turn++) {
                yieldNow();
            }
            busy.cancel();
            assertCancelled(busy);
        });
    }

    @OnRealSockets
    @Spec("SK-6")
    void muchIsSentWholeInBothDirectionsAtOnce(Drivers driver) throws Exception {
        byte[] data = Wire.noise(10_000_000);
        RawSockets.Pair pair = raw.pair();
        driver.run(() -> {
            ByteBuffer first = ByteBuffer.wrap(data, 0, 4_000_000);
            ByteBuffer second = ByteBuffer.wrap(data, 4_000_000, 6_000_000);
            Task<Void, IOException> there = createTask(() -> sockSendAll(pair.mine(), first, second));
            Task<Void, IOException> back = createTask(() -> sockSendAll(pair.peer(), ByteBuffer.wrap(data)));
            Task<byte[], IOException> atPeer = createTask(() -> receiveAll(pair.peer(), data.length));
            Task<byte[], IOException> atMine = createTask(() -> receiveAll(pair.mine(), data.length));
            assertThat(Arrays.equals(atPeer.await(), data)).isTrue();
            assertThat(Arrays.equals(atMine.await(), data)).isTrue();
            there.await();
            back.await();
            assertThat(first.hasRemaining() || second.hasRemaining()).isFalse();
        });
    }

    @OnRealSockets
    void aLargeBufferIsFilledInPieces(Drivers driver) throws Exception {
        RawSockets.Pair pair = raw.pair();
        // for NIO makes a copy of the whole buffer before it asks the system
        driver.run(() -> {
            pair.peer().setOption(StandardSocketOptions.SO_SNDBUF, 1 << 20);
            long there = RawSockets.fill(pair.peer());
            ByteBuffer buffer = ByteBuffer.allocate(16 << 20);
            for (long received = 0; received < there; ) {
                int count = sockRecvInto(pair.mine(), buffer);
                assertThat(count).isBetween(1, 256 * 1024);
                received += count;
            }
            assertThat((long) buffer.position()).isEqualTo(there);
            assertThat(buffer.limit()).isEqualTo(buffer.capacity());
        });
    }

    @OnRealSockets
    @Spec("SK-6")
    void aSenderWhosePeerHasGoneFails(Drivers driver) throws Exception {
        RawSockets.Pair pair = raw.pair();
        driver.run(() -> {
            Task<Void, IOException> sender = waiting(() -> sockSendAll(pair.mine(), ByteBuffer.allocate(50_000_000)));
            pair.peer().close();
            assertThatThrownBy(sender::await).isInstanceOf(IOException.class);
        });
    }

    // ------------------------------------------------------------------------------------------------ what is refused

    @OnRealSockets
    @Spec("SK-2")
    void aSocketThatBlocksIsRefusedEvenWhereItCouldBeUsedAtOnce(Drivers driver) throws Exception {
        RawSockets.Pair pair = raw.pair();
        DatagramChannel datagrams = raw.datagrams();
        datagrams.send(bytes("x"), datagrams.getLocalAddress());
        pair.peer().write(bytes("x"));
        pair.mine().configureBlocking(true);
        datagrams.configureBlocking(true);
        SocketAddress address = RawSockets.deadAddress();
        try (SocketChannel unconnected = SocketChannel.open();
                ServerSocketChannel listener = ServerSocketChannel.open().bind(RawSockets.LOOPBACK);
                FileChannel file = FileChannel.open(Files.createFile(folder.resolve("file")))) {
            List<Action<IOException>> all = List.of(
                    () -> sockRecv(pair.mine(), 1),
                    () -> sockRecvInto(pair.mine(), ByteBuffer.allocate(1)),
                    () -> sockSendAll(pair.mine(), bytes("x")),
                    () -> sockSendFile(pair.mine(), file),
                    () -> sockConnect(unconnected, address),
                    () -> sockConnect(unconnected, InetSocketAddress.createUnresolved("nowhere.invalid", 1)),
                    () -> sockAccept(listener),
                    () -> sockRecvFrom(datagrams, 1),
                    () -> sockRecvFromInto(datagrams, ByteBuffer.allocate(1)),
                    () -> sockSendTo(datagrams, bytes("x"), address));
            for (boolean debug : new boolean[] {false, true}) {
                driver.run(() -> {
                    getRunningLoop().setDebug(debug);
                    for (Action<IOException> each : all) {
                        assertThatThrownBy(each::run)
                                .isInstanceOf(IllegalArgumentException.class)
                                .hasMessageContaining("the socket must be non-blocking")
                                .hasMessageContaining("configureBlocking(false)");
                    }
                });
            }
            assertThat(unconnected.isOpen()).isTrue();
        }
    }

    @OnRealSockets
    void aSocketThatIsMadeBlockingWhileSomebodyWaitsFailsTheWait(Drivers driver) throws Exception {
        RawSockets.Pair pair = raw.pair();
        driver.run(() -> {
            Task<byte[], IOException> receiving = createTask(() -> sockRecv(pair.mine(), 1));
            yieldNow(); // the selector may not know it yet: from then on the socket refuses to block
            try {
                pair.mine().configureBlocking(true);
            } catch (IllegalBlockingModeException e) {
                pair.mine().close();
            }
            assertThatThrownBy(receiving::await).isInstanceOf(IOException.class);
        });
    }

    @OnRealSockets
    @Spec("SK-5")
    void buffersWithoutRoomAndCountsOfNothingAreRefused(Drivers driver) throws Exception {
        RawSockets.Pair pair = raw.pair();
        DatagramChannel datagrams = raw.datagrams();
        driver.run(() -> {
            datagrams.send(bytes("kept"), datagrams.getLocalAddress());
            List<Action<IOException>> all = List.of(
                    () -> sockRecvFromInto(datagrams, ByteBuffer.allocate(0)),
                    () -> sockRecvFromInto(datagrams, ByteBuffer.allocate(9).asReadOnlyBuffer()),
                    () -> sockRecvFrom(datagrams, 0),
                    () -> sockRecvFrom(datagrams, -1),
                    () -> sockRecvInto(pair.mine(), ByteBuffer.allocate(0)),
                    () -> sockRecv(pair.mine(), 0),
                    () -> sockRecv(pair.mine(), -1));
            for (Action<IOException> each : all) {
                assertThatThrownBy(each::run).isInstanceOf(IllegalArgumentException.class);
            }
            assertThat(text(sockRecvFrom(datagrams, 9).data())).isEqualTo("kept");
        });
    }

    @OnRealSockets
    void aSocketThatIsNotConnectedOrClosedIsRefused(Drivers driver) throws Exception {
        SocketChannel socket = raw.socket();
        driver.run(() -> {
            assertThatThrownBy(() -> sockRecv(socket, 1)).isInstanceOf(NotYetConnectedException.class);
            assertThatThrownBy(() -> sockSendAll(socket, bytes("x"))).isInstanceOf(NotYetConnectedException.class);
            socket.close();
            assertThatThrownBy(() -> sockRecv(socket, 1)).isInstanceOf(ClosedChannelException.class);
            assertThatThrownBy(() -> sockConnect(socket, RawSockets.deadAddress()))
                    .isInstanceOf(ClosedChannelException.class);
        });
    }

    @OnRealSockets
    void aSecondCoroutineThatWouldWaitForTheSameIsRefused(Drivers driver) throws Exception {
        RawSockets.Pair pair = raw.pair();
        driver.run(() -> {
            RawSockets.fill(pair.mine());
            Task<Void, IOException> reader = waiting(() -> sockRecv(pair.mine(), 1));
            Task<Void, IOException> writer = waiting(() -> sockSendAll(pair.mine(), bytes("x")));
            assertThatThrownBy(() -> sockRecv(pair.mine(), 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("another coroutine is already reading from");
            assertThatThrownBy(() -> sockSendAll(pair.mine(), bytes("y")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("another coroutine is already writing to");
            assertThatThrownBy(() -> getRunningLoop().addReader(pair.mine(), () -> {}))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("another coroutine is already reading from");
            pair.peer().write(bytes("x"));
            reader.await();
            Drivers.until(() -> {
                drainUnchecked(pair.peer());
                return writer.done();
            });
        });
    }

    private static void drainUnchecked(SocketChannel socket) {
        try {
            RawSockets.drain(socket);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @OnRealSockets
    @Spec("SK-7")
    void aSocketThatAStreamUsesIsRefused(Drivers driver) throws Exception {
        RawSockets.Pair pair = raw.pair();
        driver.run(() -> {
            Fd stream = getRunningLoop().driver().adopt(pair.mine());
            assertThatThrownBy(() -> sockRecv(pair.mine(), 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("in use");
            stream.release();
            pair.peer().write(bytes("x"));
            assertThat(text(sockRecv(pair.mine(), 1))).isEqualTo("x");
        });
    }

    @OnRealSockets
    void aCallbackThatWaitsKeepsCoroutinesFromWaitingButNotFromReading(Drivers driver) throws Exception {
        RawSockets.Pair pair = raw.pair();
        driver.run(() -> {
            EventLoop loop = getRunningLoop();
            loop.addReader(pair.mine(), () -> log.add("ready"));
            assertThatThrownBy(() -> sockRecv(pair.mine(), 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("callback");
            pair.peer().write(bytes("x"));
            Drivers.until(() -> !log.isEmpty());
            assertThat(text(sockRecv(pair.mine(), 1))).isEqualTo("x");
            assertThat(loop.removeReader(pair.mine())).isTrue();
        });
    }

    // ------------------------------------------------------------------------------------------------ cancels

    @OnRealSockets
    @Spec("SK-3")
    void whoIsCancelledLeavesAtOnceAndLosesNothing(Drivers driver) throws Exception {
        RawSockets.Pair pair = raw.pair();
        driver.run(() -> {
            for (int round = 0; round < 20; round++) {
                Task<byte[], IOException> cancelled = createTask(() -> sockRecv(pair.mine(), 100));
                for (int turn = 0; turn < round % 5; turn++) {
                    yieldNow();
                }
                if (round % 2 == 0) {
                    pair.peer().write(bytes("0123"));
                }
                for (int turn = 0; turn < round % 3; turn++) {
                    yieldNow();
                }
                boolean received = cancelled.done();
                cancelled.cancel();
                if (round % 2 == 1) {
                    pair.peer().write(bytes("0123"));
                }
                if (received) {
                    cancelled.await();
                } else {
                    assertThat(text(receiveAll(pair.mine(), 4))).isEqualTo("0123"); // the cancelled has not run yet
                    assertCancelled(cancelled);
                }
            }
            assertThat(getRunningLoop().driver().openCount()).isZero();
        });
    }

    @OnRealSockets
    @Spec("SK-3")
    void aCancelledReceiverInterferesWithNobodyWhoComesAfterIt(Drivers driver) throws Exception {
        RawSockets.Pair pair = raw.pair();
        driver.run(() -> {
            EventLoop loop = getRunningLoop();
            Task<Void, IOException> cancelled = waiting(() -> sockRecv(pair.mine(), 100));
            cancelled.cancel();
            loop.addReader(pair.mine(), () -> log.add("ready"));
            assertCancelled(cancelled);
            for (int turn = 0; turn < 10; turn++) {
                yieldNow();
            }
            assertThat(log).isEmpty();
            pair.peer().write(bytes("x"));
            Drivers.until(() -> !log.isEmpty());
            loop.removeReader(pair.mine());
            assertThat(text(sockRecv(pair.mine(), 1))).isEqualTo("x");

            // The same while the other direction keeps the driver at it.
            RawSockets.fill(pair.mine());
            Task<Void, IOException> writer = waiting(() -> sockSendAll(pair.mine(), bytes("y")));
            Task<Void, IOException> reader = waiting(() -> sockRecv(pair.mine(), 100));
            reader.cancel();
            Task<byte[], IOException> next = createTask(() -> sockRecv(pair.mine(), 100));
            assertCancelled(reader);
            pair.peer().write(bytes("z"));
            assertThat(text(next.await())).isEqualTo("z");
            writer.cancel();
            assertCancelled(writer);
        });
    }

    @OnRealSockets
    @Spec("SK-3")
    void whoComesAfterACancelBesideASenderLeavesTheLoopAtRest(Drivers driver) throws Exception {
        RawSockets.Pair pair = raw.pair();
        driver.run(() -> {
            RawSockets.fill(pair.mine());
            Task<Void, IOException> writer = waiting(() -> sockSendAll(pair.mine(), bytes("y")));
            Task<Void, IOException> reader = waiting(() -> sockRecv(pair.mine(), 100));
            Task<byte[], IOException> next = createTask(() -> {
                reader.cancel();
                return getRunningLoop().whenReady(pair.mine(), Op.Direction.READ, () -> {
                    log.add("attempt");
                    ByteBuffer one = ByteBuffer.allocate(1);
                    return pair.mine().read(one) == 0 ? null : one.array();
                });
            });
            for (int turn = 0; turn < 100; turn++) {
                yieldNow();
            }
            assertThat(log).containsExactly("attempt");
            pair.peer().write(bytes("z"));
            assertThat(text(next.await())).isEqualTo("z");
            assertThat(log).hasSize(2);
            writer.cancel();
            assertCancelled(writer);
            assertCancelled(reader);
        });
    }

    @OnRealSockets
    @Spec("SK-3")
    void aCancelledSenderIsFollowedByTheNext(Drivers driver) throws Exception {
        RawSockets.Pair pair = raw.pair();
        driver.run(() -> {
            long spaces = RawSockets.fill(pair.mine());
            ByteBuffer hello = bytes("hello");
            Task<Void, IOException> cancelled = waiting(() -> sockSendAll(pair.mine(), hello));
            cancelled.cancel();
            Task<Long, IOException> drained = createTask(() -> {
                long count = 0;
                for (int n; (n = sockRecv(pair.peer(), 8192).length) > 0; ) {
                    count += n;
                }
                return count;
            });
            sockSendAll(pair.mine(), bytes("world"));
            pair.mine().shutdownOutput();
            assertThat(drained.await()).isEqualTo(spaces + 5);
            assertThat(hello.position()).isZero();
            assertCancelled(cancelled);
        });
    }

    @OnRealSockets
    @Spec("SK-3")
    void aConnectionThatComesAfterACancelIsForTheNext(Drivers driver) throws Exception {
        ServerSocketChannel listener = raw.listener();
        driver.run(() -> {
            for (int round = 0; round < 6; round++) {
                Task<SocketChannel, IOException> cancelled = createTask(() -> sockAccept(listener));
                for (int turn = 0; turn < 5; turn++) {
                    yieldNow();
                }
                SocketChannel client = raw.socket();
                if (round % 2 == 0) {
                    cancelled.cancel();
                    client.connect(listener.getLocalAddress());
                } else {
                    client.connect(listener.getLocalAddress());
                    cancelled.cancel();
                }
                SocketChannel accepted = raw.nonBlocking(sockAccept(listener));
                assertThat(client.finishConnect()).isTrue();
                assertThat(accepted.getRemoteAddress()).isEqualTo(client.getLocalAddress());
                assertCancelled(cancelled);
            }
            assertThat(getRunningLoop().driver().openCount()).isZero();
        });
    }

    @OnRealSockets
    @Spec("SK-3")
    void whoIsCancelledWhileConnectingCanWaitOnOrCloseTheSocket(Drivers driver) throws Exception {
        SocketAddress busy = raw.busyAddress();
        SocketChannel socket = raw.socket();
        driver.run(() -> {
            for (int round = 0; round < 3; round++) {
                Task<Void, IOException> cancelled = waiting(() -> sockConnect(socket, busy));
                cancelled.cancel();
                assertCancelled(cancelled);
                assertThat(socket.isConnectionPending()).isTrue();
            }
            assertThatThrownBy(() -> sockConnect(socket, RawSockets.deadAddress()))
                    .isInstanceOf(IllegalStateException.class);
            assertThat(getRunningLoop().driver().openCount()).isZero();
        });
    }

    @OnRealSockets
    void betweenTwoCallsTheChannelIsItsOwners(Drivers driver) throws Exception {
        RawSockets.Pair pair = raw.pair();
        driver.run(() -> {
            Task<byte[], IOException> receiving = createTask(() -> {
                byte[] received = sockRecv(pair.mine(), 1);
                assertThat(getRunningLoop().driver().openCount()).isZero();
                pair.mine().configureBlocking(true);
                pair.mine().configureBlocking(false);
                getRunningLoop().driver().adopt(pair.mine()).release();
                return received;
            });
            for (int turn = 0; turn < 5; turn++) {
                yieldNow();
            }
            pair.peer().write(bytes("x"));
            assertThat(text(receiving.await())).isEqualTo("x");

            Task<Void, IOException> cancelled = waiting(() -> sockRecv(pair.mine(), 1));
            cancelled.cancel();
            pair.mine().configureBlocking(true);
            pair.peer().write(bytes("y"));
            assertThat(pair.mine().read(ByteBuffer.allocate(1))).isEqualTo(1);
            assertCancelled(cancelled);
        });
    }

    // ------------------------------------------------------------------------------------------------ closing

    @OnRealSockets
    void aChannelThatIsClosedEndsWhoWaitsForIt(Drivers driver) throws Exception {
        RawSockets.Pair pair = raw.pair();
        ServerSocketChannel listener = raw.listener();
        DatagramChannel datagrams = raw.datagrams();
        SocketChannel connecting = raw.socket();
        SocketAddress busy = raw.busyAddress();
        driver.run(() -> {
            RawSockets.fill(pair.mine());
            List<Task<Void, IOException>> all = List.of(
                    waiting(() -> sockRecv(pair.mine(), 1)),
                    waiting(() -> sockSendAll(pair.mine(), bytes("x"))),
                    waiting(() -> sockAccept(listener)),
                    waiting(() -> sockRecvFrom(datagrams, 1)),
                    waiting(() -> sockConnect(connecting, busy)));
            pair.mine().close();
            listener.close();
            datagrams.close();
            connecting.close();
            for (Task<Void, IOException> each : all) {
                assertThatThrownBy(each::await).isInstanceOf(AsynchronousCloseException.class);
            }
            Drivers.untilOpen(0);
        });
    }

    @OnRealSockets
    void aLoopThatIsClosedLeavesChannelsOpenAndEndsWhoWaits(Drivers driver) throws Exception {
        RawSockets.Pair pair = raw.pair();
        ServerSocketChannel listener = raw.listener();
        try (EventLoop loop = driver.newLoop()) {
            loop.setExceptionHandler((_, _) -> {}); // tasks that were not finished
            loop.createTask(() -> sockRecv(pair.mine(), 1), "receiver", Context.copyCurrent());
            loop.createTask(() -> sockAccept(listener), "acceptor", Context.copyCurrent());
            loop.runUntilComplete(() -> {
                for (int turn = 0; turn < 10; turn++) {
                    yieldNow();
                }
            });
        }
        assertThat(listener.isOpen()).isTrue();
        pair.mine().configureBlocking(true);
        pair.peer().write(bytes("x"));
        assertThat(pair.mine().read(ByteBuffer.allocate(1))).isEqualTo(1);
    }

    // ------------------------------------------------------------------------------------------------ connecting

    @OnRealSockets
    @Spec("SK-4")
    void aNameIsLookedUpAndItsFirstAddressThatFitsTaken(Drivers driver) throws Exception {
        ServerSocketChannel listener = raw.listener();
        int port = ((InetSocketAddress) listener.getLocalAddress()).getPort();
        driver.run(() -> {
            Net.setResolver(host -> switch (host) {
                case "both.test" -> List.of(InetAddress.ofLiteral("::1"), InetAddress.ofLiteral("127.0.0.1"));
                case "six.test" -> List.of(InetAddress.ofLiteral("::1"));
                case "two.test" -> List.of(InetAddress.ofLiteral("127.0.0.2"), InetAddress.ofLiteral("127.0.0.1"));
                default -> throw new UnknownHostException(host);
            });
            SocketChannel socket = raw.nonBlocking(SocketChannel.open(StandardProtocolFamily.INET));
            sockConnect(socket, InetSocketAddress.createUnresolved("both.test", port));
            assertThat(((InetSocketAddress) socket.getRemoteAddress()).getAddress())
                    .isEqualTo(InetAddress.ofLiteral("127.0.0.1"));
            assertThatThrownBy(() -> sockConnect(socket, listener.getLocalAddress()))
                    .isInstanceOf(AlreadyConnectedException.class);

            SocketChannel next = raw.nonBlocking(SocketChannel.open(StandardProtocolFamily.INET));
            assertThatThrownBy(() -> sockConnect(next, InetSocketAddress.createUnresolved("six.test", port)))
                    .isInstanceOf(UnknownHostException.class)
                    .hasMessageContaining("six.test");
            assertThatThrownBy(() -> sockConnect(next, InetSocketAddress.createUnresolved("nowhere.test", port)))
                    .isInstanceOf(UnknownHostException.class);
            assertThatThrownBy(() -> sockConnect(next, new InetSocketAddress(InetAddress.ofLiteral("::1"), port)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("family");
            assertThat(next.isOpen()).isTrue();
            // The first address is the only one that is tried: who wants the others has connectTcp.
            assertThatThrownBy(() -> sockConnect(next, InetSocketAddress.createUnresolved("two.test", port)))
                    .isInstanceOf(ConnectException.class);
        });
    }

    @OnRealSockets
    @Spec("SK-4")
    void aConnectionThatIsRefusedSaysWhose(Drivers driver) throws Exception {
        SocketAddress dead = RawSockets.deadAddress();
        SocketChannel socket = raw.socket();
        driver.run(() -> {
            assertThatThrownBy(() -> sockConnect(socket, dead))
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining("connect to")
                    .hasMessageContaining(dead.toString());
            assertThat(socket.isOpen()).isFalse(); // NIO's way
            SocketChannel unix = raw.nonBlocking(SocketChannel.open(StandardProtocolFamily.UNIX));
            assertThatThrownBy(() -> sockConnect(unix, UnixDomainSocketAddress.of(folder.resolve("nobody"))))
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining("nobody");
        });
    }

    @OnRealSockets
    @Spec("SK-5")
    void whatIsAcceptedDoesNotBlockAndKnowsItsPeer(Drivers driver) throws Exception {
        List<ServerSocketChannel> listeners = List.of(
                raw.listener(),
                raw.nonBlocking(
                        ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.ofLiteral("::1"), 0))),
                raw.nonBlocking(ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                        .bind(UnixDomainSocketAddress.of(folder.resolve("socket")))));
        driver.run(() -> {
            for (ServerSocketChannel listener : listeners) {
                SocketAddress address = listener.getLocalAddress();
                SocketChannel client = raw.nonBlocking(
                        address instanceof UnixDomainSocketAddress
                                ? SocketChannel.open(StandardProtocolFamily.UNIX)
                                : SocketChannel.open());
                sockConnect(client, address);
                SocketChannel accepted = raw.nonBlocking(sockAccept(listener));
                assertThat(accepted.isBlocking()).isFalse();
                assertThat(accepted.getRemoteAddress()).isEqualTo(client.getLocalAddress());
                sockSendAll(client, bytes("hi"));
                assertThat(text(receiveAll(accepted, 2))).isEqualTo("hi");
            }
        });
    }

    // ------------------------------------------------------------------------------------------------ datagrams

    @OnRealSockets
    void aDatagramIsOneWhateverItsLength(Drivers driver) throws Exception {
        DatagramChannel mine = raw.datagrams();
        DatagramChannel other = raw.datagrams();
        driver.run(() -> {
            SocketAddress address = mine.getLocalAddress();
            byte[] much = Wire.noise(60_000);
            Task<Datagram, IOException> first = createTask(() -> sockRecvFrom(mine, 65_536));
            ByteBuffer buffer = ByteBuffer.wrap(much);
            assertThat(sockSendTo(other, buffer, address)).isEqualTo(60_000);
            assertThat(buffer.hasRemaining()).isFalse();
            assertThat(Arrays.equals(first.await().data(), much)).isTrue();
            assertThat(first.await().source()).isEqualTo(other.getLocalAddress());

            assertThat(sockSendTo(other, bytes(""), address)).isZero();
            sockSendTo(other, bytes("0123456789"), address);
            sockSendTo(other, bytes("next"), address);
            assertThat(sockRecvFrom(mine, 10).data()).isEmpty();
            assertThat(text(sockRecvFrom(mine, 4).data())).isEqualTo("0123");
            ByteBuffer into = ByteBuffer.allocate(10).position(2);
            assertThat(sockRecvFromInto(mine, into)).isEqualTo(other.getLocalAddress());
            assertThat(into.position()).isEqualTo(6);
            assertThat(new Datagram(new byte[3], address)).hasToString("Datagram[3 bytes from " + address + "]");
        });
    }

    @OnRealSockets
    void anEmptyDatagramThroughAConnectedSocketIsAFailure(Drivers driver) throws Exception {
        DatagramChannel mine = raw.datagrams();
        DatagramChannel peer = raw.datagrams();
        SocketAddress address = peer.getLocalAddress();
        mine.connect(address);
        // the JDK would drop it without a word
        driver.run(() -> {
            assertThatThrownBy(() -> sockSendTo(mine, bytes(""), address))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("empty datagram through a connected socket");
            assertThat(sockSendTo(mine, bytes("x"), address)).isEqualTo(1);
        });
    }

    @OnRealSockets
    void aDatagramGoesToAnAddressNotToAName(Drivers driver) throws Exception {
        DatagramChannel socket = raw.nonBlocking(DatagramChannel.open(StandardProtocolFamily.INET));
        driver.run(() -> {
            assertThatThrownBy(() -> sockSendTo(socket, bytes("x"), InetSocketAddress.createUnresolved("localhost", 9)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("getAddrInfo");
            assertThatThrownBy(() ->
                            sockSendTo(socket, bytes("x"), new InetSocketAddress(InetAddress.ofLiteral("::1"), 9)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("family");
            assertThatThrownBy(() -> sockSendTo(socket, ByteBuffer.allocate(70_000), RawSockets.LOOPBACK))
                    .isInstanceOf(IOException.class);
        });
    }

    @OnRealSockets
    void aCancelThatCameBeforeTakesNothingAway(Drivers driver) throws Exception {
        RawSockets.Pair pair = raw.pair();
        driver.run(() -> {
            pair.peer().write(bytes("x"));
            waitFor(pair.mine());
            Task<Void, IOException> self = createTask(() -> {
                Asyncio.currentTask().cancel();
                log.add(text(sockRecv(pair.mine(), 1))); // what is there is had without an await
                sockRecv(pair.mine(), 1);
            });
            assertCancelled(self);
            assertThat(log).containsExactly("x");
        });
    }
}
