package dev.rondo.net;

import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import dev.rondo.reactor.ChannelBytes;
import dev.rondo.reactor.Fd;
import dev.rondo.reactor.Op;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Sockets as {@code java.nio} has them, for programs that want the system's calls and nothing else: asyncio's
 * {@code loop.sock_…}. Made for {@code import static}. Who wants streams has {@link Net}.
 *
 * <p>The channels are the caller's: he opens them, makes them non-blocking, and closes them. Each call is made at once
 * where it can be, without suspending, and otherwise when the loop finds the channel ready. Called by coroutines only,
 * of the loop that is to wait. What all have in common:
 *
 * <ul>
 *   <li>A channel that blocks is refused by {@link IllegalArgumentException}.
 *   <li>One coroutine at a time may wait to read from a channel, and one to write to it. A second is refused by
 *       {@link IllegalStateException}; so is a channel that a stream or server uses, or a callback of
 *       {@link EventLoop#addReader} or {@link EventLoop#addWriter} in this direction, as soon as it would have to wait.
 *   <li>A cancel loses nothing: what was not received yet is there for the next call, which may be made at once.
 *   <li>If the channel is closed meanwhile, the call ends with {@link AsynchronousCloseException}.
 *   <li>Between two calls the loop knows nothing of the channel: it may be closed, used as it is, made blocking again,
 *       or given to a stream.
 * </ul>
 */
public final class Sockets {

    /** How much one call receives: NIO would copy the whole of a larger buffer, however little comes. */
    private static final int MOST_AT_ONCE = 64 * 1024;

    private Sockets() {}

    // ------------------------------------------------------------------------------------------------ streams

    /**
     * Receives at least one byte; none at the end of the stream. Suspends. Stands for {@code loop.sock_recv}.
     *
     * @param n how many bytes at most, 1 or more; it brings never more than 65,536
     * @throws java.nio.channels.NotYetConnectedException if the socket is not connected
     */
    public static byte[] sockRecv(SocketChannel socket, int n) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(Math.min(positive(n), MOST_AT_ONCE));
        sockRecvInto(socket, buffer);
        return received(buffer);
    }

    /**
     * Receives at least one byte into a buffer from its position on, which moves; returns how many, -1 at the end of
     * the stream. Suspends; until this returns nobody may use the buffer. Stands for {@code loop.sock_recv_into}.
     *
     * @throws IllegalArgumentException if the buffer has no room or is read-only
     */
    public static int sockRecvInto(SocketChannel socket, ByteBuffer buffer) throws IOException {
        SocketStream.ensureRoom(buffer);
        return whenReady(socket, Op.Direction.READ, () -> {
            int count = ChannelBytes.read(socket, buffer);
            return count == 0 ? null : count;
        });
    }

    /**
     * Sends all that remains in the buffers, whose positions move: after a cancel or a failure they tell how much the
     * system took. Suspends. Stands for {@code loop.sock_sendall}.
     *
     * @throws java.nio.channels.NotYetConnectedException if the socket is not connected
     */
    public static void sockSendAll(SocketChannel socket, ByteBuffer... buffers) throws IOException {
        whenReady(socket, Op.Direction.WRITE, () -> ChannelBytes.write(socket, buffers) ? true : null);
    }

    /**
     * Sends a whole file, from its beginning: see {@link #sockSendFile(SocketChannel, FileChannel, long, long,
     * boolean)}.
     */
    public static long sockSendFile(SocketChannel socket, FileChannel file) throws IOException {
        return sockSendFile(socket, file, 0, Long.MAX_VALUE, true);
    }

    /**
     * Sends a file, or a part of it, and returns how many bytes: fewer than {@code count} if the file ends before. The
     * system moves them by itself where it can. Suspends. The file's position is then behind what was sent, after a
     * cancel or a failure as well, unless nothing was. Nobody else may send through the socket meanwhile. Stands for
     * {@code loop.sock_sendfile}.
     *
     * @param offset where to begin, 0 or more
     * @param count how many bytes at most, 1 or more; {@link Long#MAX_VALUE} for all
     * @param fallback whether to read blocks and write them where the system cannot send this file
     * @throws IllegalArgumentException if the file was not opened to be read
     * @throws SendfileNotAvailableException if the system cannot send this file, and {@code fallback} is false
     * @throws IOException if the peer has gone, or the file cannot be read
     */
    public static long sockSendFile(SocketChannel socket, FileChannel file, long offset, long count, boolean fallback)
            throws IOException {
        ensureNonBlocking(socket);
        EventLoop loop = Asyncio.getRunningLoop();
        return new SocketFile(SourceFile.of(loop, file), offset, count).send(new ChannelWay(loop, socket), fallback);
    }

    /** A file's way through a socket of the program's. */
    private record ChannelWay(EventLoop loop, SocketChannel socket) implements SocketFile.Way {

        private static final int BYTES_PER_BLOCK = 256 * 1024; // asyncio's figure

        @Override
        public void transfer(Function<Fd, Op.Transfer> maker) throws IOException {
            loop.perform(socket, Op.Direction.WRITE, maker);
        }

        @Override
        public int bytesPerBlock() {
            return BYTES_PER_BLOCK;
        }

        @Override
        public void write(ByteBuffer block) throws IOException {
            sockSendAll(socket, block);
        }
    }

    // ------------------------------------------------------------------------------------------------ connections

    /**
     * Connects a socket. Suspends. Of an address that is not resolved the name is looked up by the
     * {@linkplain Net#resolver resolver of the loop}; the first address that this socket can connect to is taken.
     * Stands for {@code loop.sock_connect}.
     *
     * <p>After a failure the socket is closed, as NIO has it. After a cancel it goes on connecting: it may be closed,
     * or waited for by another call with the same address.
     *
     * @throws IllegalArgumentException if the socket is of another family than the address
     * @throws UnknownHostException if the name has no address that this socket can connect to
     * @throws ConnectException if the peer refuses; its message names the address
     * @throws java.nio.channels.AlreadyConnectedException if the socket is connected
     */
    public static void sockConnect(SocketChannel socket, SocketAddress address) throws IOException {
        ensureNonBlocking(socket);
        if (!(address instanceof InetSocketAddress name) || !name.isUnresolved()) {
            try {
                connect(socket, address);
            } catch (UnsupportedAddressTypeException e) {
                throw new IllegalArgumentException("the socket is of another family than " + address, e);
            }
            return;
        }
        String host = name.getHostString();
        List<InetAddress> found = Addresses.ofFamily(null, Net.resolver().resolve(host), host);
        for (InetSocketAddress each : Addresses.withPort(found, name.getPort())) {
            try {
                connect(socket, each);
                return;
            } catch (UnsupportedAddressTypeException ofAnotherFamily) {
                // The next may be of the socket's.
            }
        }
        throw new UnknownHostException("host '" + host + "' has no address of the family of " + socket);
    }

    private static void connect(SocketChannel socket, SocketAddress address) throws IOException {
        try {
            boolean[] begun = {isConnecting(socket, address)};
            whenReady(socket, Op.Direction.WRITE, () -> {
                boolean begins = !begun[0];
                begun[0] = true;
                return (begins ? socket.connect(address) : socket.finishConnect()) ? true : null;
            });
        } catch (SocketException e) {
            if (!(e instanceof ConnectException) && !(address instanceof UnixDomainSocketAddress)) {
                throw e;
            }
            ConnectException named = new ConnectException("connect to " + address + ": " + e.getMessage());
            named.initCause(e);
            throw named;
        }
    }

    /** Returns whether the socket is on its way to this address, as after a cancel. */
    private static boolean isConnecting(SocketChannel socket, SocketAddress address) throws IOException {
        return socket.isConnectionPending() && address.equals(socket.getRemoteAddress());
    }

    /**
     * Accepts a connection: non-blocking, and the caller's to close; {@link SocketChannel#getRemoteAddress} tells who
     * it is. Suspends. Stands for {@code loop.sock_accept}.
     *
     * @throws java.nio.channels.NotYetBoundException if the listener is not bound
     */
    public static SocketChannel sockAccept(ServerSocketChannel listener) throws IOException {
        SocketChannel accepted = whenReady(listener, Op.Direction.READ, listener::accept);
        boolean prepared = false;
        try {
            accepted.configureBlocking(false);
            prepared = true;
            return accepted;
        } finally {
            if (!prepared) {
                accepted.close();
            }
        }
    }

    // ------------------------------------------------------------------------------------------------ datagrams

    /**
     * Receives a datagram; what has more than {@code n} bytes is cut off. Suspends. Stands for
     * {@code loop.sock_recvfrom}.
     *
     * @param n 1 or more; 65,536 is enough for any
     */
    public static Datagram sockRecvFrom(DatagramChannel socket, int n) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(Math.min(positive(n), MOST_AT_ONCE));
        SocketAddress source = sockRecvFromInto(socket, buffer);
        return new Datagram(received(buffer), source);
    }

    /**
     * Receives a datagram into a buffer from its position on, which moves, and returns who sent it; what does not fit
     * is cut off. Suspends; until this returns nobody may use the buffer. Stands for {@code loop.sock_recvfrom_into}.
     *
     * @throws IllegalArgumentException if the buffer has no room or is read-only
     */
    public static SocketAddress sockRecvFromInto(DatagramChannel socket, ByteBuffer buffer) throws IOException {
        SocketStream.ensureRoom(buffer);
        return whenReady(socket, Op.Direction.READ, () -> ChannelBytes.receive(socket, buffer));
    }

    /**
     * Sends what remains in a buffer as one datagram, whole or not at all, and returns how many bytes that were.
     * Suspends while the system has no room. Stands for {@code loop.sock_sendto}.
     *
     * @param datagram may be empty, but not through a connected socket, where Java cannot send that
     * @param target to whom; a name must have been looked up before
     * @throws IllegalArgumentException if the target is not resolved, or of another family than the socket
     * @throws IOException if it cannot be sent, such as one that is too long
     */
    public static int sockSendTo(DatagramChannel socket, ByteBuffer datagram, SocketAddress target) throws IOException {
        int length = datagram.remaining();
        try {
            return whenReady(
                    socket, Op.Direction.WRITE, () -> ChannelBytes.send(socket, datagram, target) ? length : null);
        } catch (UnresolvedAddressException e) {
            throw new IllegalArgumentException("the name has to be looked up first, by getAddrInfo: " + target, e);
        } catch (UnsupportedAddressTypeException e) {
            throw new IllegalArgumentException("the socket is of another family than " + target, e);
        }
    }

    // ------------------------------------------------------------------------------------------------ what they share

    private static <T> T whenReady(
            SelectableChannel channel, Op.Direction direction, Op.Call<? extends @Nullable T> attempt)
            throws IOException {
        return Asyncio.getRunningLoop().whenReady(channel, direction, attempt);
    }

    private static void ensureNonBlocking(SelectableChannel channel) {
        if (channel.isOpen() && channel.isBlocking()) {
            throw new IllegalArgumentException(
                    "the socket must be non-blocking: call configureBlocking(false) on " + channel);
        }
    }

    private static int positive(int n) {
        if (n < 1) {
            throw new IllegalArgumentException("n must be at least 1, not " + n + ": to receive nothing is the end");
        }
        return n;
    }

    private static byte[] received(ByteBuffer buffer) {
        return Arrays.copyOf(buffer.array(), buffer.position());
    }
}
