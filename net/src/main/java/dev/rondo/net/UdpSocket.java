package dev.rondo.net;

import dev.rondo.AsyncLock;
import dev.rondo.CancelledError;
import dev.rondo.EventLoop;
import dev.rondo.reactor.Fd;
import dev.rondo.reactor.Op;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/**
 * A datagram socket for coroutines of one loop: {@link #send} waits until the system takes a datagram, {@link #receive}
 * until one comes. Made by {@link Net#openDatagram(DatagramOptions)}. (In asyncio: nothing of the kind; there a
 * {@link DatagramProtocol} is told.)
 *
 * <pre>{@code
 * try (UdpSocket socket = Net.openDatagram(DatagramOptions.DEFAULT.withLocal("", 9999))) {
 *     while (true) {
 *         Datagram question = socket.receive();
 *         socket.send(answer(question.data()), question.source());
 *     }
 * }
 * }</pre>
 *
 * <p>Many coroutines may send, which take turns; one at a time may receive. Datagrams get lost, and overtake each
 * other: that is what they are.
 */
public final class UdpSocket implements AutoCloseable {

    private static final int LARGEST = 64 * 1024; // no datagram needs more

    private final EventLoop loop;
    private final DatagramSockets.Bound socket;
    private final Fd fd;
    private final SocketAddress localAddress;
    private final @Nullable SocketAddress remoteAddress;
    private final TransportSocket options;
    private final AsyncLock turn = new AsyncLock(); // of those who send
    private final Op.SendTo send;
    private final Op.ReceiveFrom receive;
    private ByteBuffer room = ByteBuffer.allocate(0); // for receive(), from its first call on
    private @Nullable Datagram kept; // that came to a receiver who was cancelled

    UdpSocket(EventLoop loop, DatagramSockets.Bound socket) {
        this.loop = loop;
        this.socket = socket;
        this.fd = socket.fd();
        this.localAddress = SocketStream.known(fd.localAddress());
        this.remoteAddress = fd.remoteAddress();
        this.options = new TransportSocket(fd);
        this.send = new Op.SendTo(fd);
        this.receive = new Op.ReceiveFrom(fd);
    }

    // ------------------------------------------------------------------------------------------------ sending

    /** Sends a datagram to the address that the socket was made for, as {@link #send(byte[], SocketAddress)} does. */
    public void send(byte[] data) throws IOException {
        send(data, null);
    }

    /** Sends a datagram, as {@link #send(ByteBuffer, SocketAddress)} does. */
    public void send(byte[] data, @Nullable SocketAddress target) throws IOException {
        send(ByteBuffer.wrap(data), target);
    }

    /**
     * Sends what remains in a buffer as one datagram. Suspends while the system has no room for it, or others send. On
     * cancel it was sent whole, and the buffer's position has moved, or not at all.
     *
     * @param data not to be changed until this returns; may be empty, but not through a connected socket, where Java
     *     cannot send that
     * @param target to whom; null for the address that the socket was made for
     * @throws IllegalArgumentException if there is no target, or the socket was made for another; or the target's name
     *     has not been looked up
     * @throws ClosedChannelException if the socket is closed, or is closed while this waits
     * @throws java.net.PortUnreachableException if nobody listens at the other end of a connected socket, as an earlier
     *     datagram has found
     * @throws IOException if it cannot be sent, such as one that is too long; the socket stays usable
     */
    public void send(ByteBuffer data, @Nullable SocketAddress target) throws IOException {
        SocketAddress known = socket.targetOf(target);
        try (var _ = turn.hold()) {
            loop.perform(send.from(data, known));
            if (send.cancelled()) {
                throw new AsynchronousCloseException();
            }
        }
    }

    // ------------------------------------------------------------------------------------------------ receiving

    /**
     * Receives the next datagram. Suspends until there is one. On cancel none is lost: one that came is given to the
     * next call.
     *
     * @throws IllegalStateException if another coroutine is receiving here
     * @throws ClosedChannelException if the socket is closed, or is closed while this waits
     * @throws java.net.PortUnreachableException if nobody listens at the other end of a connected socket
     * @throws IOException if the system says so; the socket stays usable
     */
    public Datagram receive() throws IOException {
        ensureMayReceive();
        Datagram earlier = kept;
        if (earlier != null) {
            kept = null;
            return earlier;
        }
        if (room.capacity() == 0) {
            room = ByteBuffer.allocate(LARGEST);
        }
        perform(room.clear());
        return received(room, 0);
    }

    /**
     * Receives the next datagram into a buffer from its position on, which moves. What does not fit is cut off, and
     * nothing tells that it was. Suspends and fails as {@link #receive}; on cancel the position has not moved.
     *
     * @return who sent it
     * @throws IllegalArgumentException if the buffer has no room or is read-only
     */
    public SocketAddress receiveInto(ByteBuffer dst) throws IOException {
        SocketStream.ensureRoom(dst);
        ensureMayReceive();
        Datagram earlier = kept;
        if (earlier != null) {
            kept = null;
            dst.put(earlier.data(), 0, Math.min(earlier.data().length, dst.remaining()));
            return earlier.source();
        }
        perform(dst);
        return SocketStream.known(receive.source);
    }

    /** Returns whether a datagram came to a receiver who was cancelled, and waits for the next. */
    boolean keeps() {
        return kept != null;
    }

    private void ensureMayReceive() throws ClosedChannelException {
        if (!fd.isOpen()) {
            throw new ClosedChannelException();
        }
        if (SocketStream.busy(receive)) {
            throw new IllegalStateException("another coroutine is already receiving from this socket");
        }
    }

    private void perform(ByteBuffer dst) throws IOException {
        int start = dst.position();
        try {
            loop.perform(receive.into(dst));
        } catch (CancelledError cancelled) {
            if (receive.source != null) { // it came before the cancel did
                kept = received(dst, start);
                dst.position(start);
            }
            throw cancelled;
        }
        if (receive.cancelled()) {
            throw new AsynchronousCloseException();
        }
    }

    private Datagram received(ByteBuffer buffer, int start) {
        byte[] data = new byte[receive.count];
        buffer.get(start, data);
        return new Datagram(data, SocketStream.known(receive.source));
    }

    // ------------------------------------------------------------------------------------------------ what it is

    /** Returns the address of this side, after {@link #close} as well. */
    public SocketAddress localAddress() {
        return localAddress;
    }

    /** Returns the address that the socket is connected to, after {@link #close} as well; null if it is not. */
    public @Nullable SocketAddress remoteAddress() {
        return remoteAddress;
    }

    /** Returns the socket's options and addresses. */
    public TransportSocket socket() {
        return options;
    }

    /** Returns whether {@link #close} has not been called. */
    public boolean isOpen() {
        return fd.isOpen();
    }

    /**
     * Closes. Never suspends, never throws, idempotent. Coroutines that send or receive here get an
     * {@link AsynchronousCloseException}; what nobody received is lost.
     */
    @Override
    public void close() {
        kept = null;
        fd.close();
    }

    @Override
    public String toString() {
        return "UdpSocket[" + localAddress + (remoteAddress != null ? " to " + remoteAddress : "")
                + (isOpen() ? "" : ", closed") + "]";
    }
}
