package dev.rondo.reactor;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectableChannel;
import org.jspecify.annotations.Nullable;

/**
 * The seam to the operating system: operations go in, completions come out.
 *
 * <p>The contract, the same for a driver that waits for readiness and for one that hands operations to the kernel:
 *
 * <ul>
 *   <li>All methods are called on the loop's thread, by the loop itself or by a coroutine mounted on it; only
 *       {@link #wakeup} may be called from anywhere. {@link #poll} and {@link #deliver} are called by the bare loop
 *       thread alone.
 *   <li>{@link #submit} never blocks. Either the operation is done when it returns, or its waker is run exactly once,
 *       later, from {@link #deliver}; never from within {@code submit} or {@code cancel}.
 *   <li>{@link #cancel} asks; the operation still ends exactly once, cancelled or with the result that was quicker, and
 *       its buffers belong to the driver until then. What a cancelled operation has not taken is there for the next: no
 *       byte, datagram or connection is lost.
 *   <li>A driver is fair. No operation holds the loop for long: one that moves much does so in pieces, a bounded number
 *       for each poll, and all that is done by one poll is delivered before the next.
 *   <li>What may block, such as files and streams that know no readiness, is done by threads of the driver; these hold
 *       no JVM up. A read of a stream that never ends keeps no file from being read.
 *   <li>{@link #inFlight} counts what the driver has yet to deliver or to clean up: while it is zero the loop makes no
 *       system call for the driver's sake. A call that cannot be stopped, and for which nobody waits any more, does not
 *       count.
 * </ul>
 */
public interface IoDriver extends AutoCloseable {

    // ---- what can be opened

    /**
     * Opens an unconnected stream socket. TCP sends without delay.
     *
     * @throws IOException if the system has no such sockets, or no descriptor left
     */
    Fd streamSocket(ProtocolFamily family) throws IOException;

    /**
     * Opens an unbound socket that {@linkplain Fd#bind will listen}. TCP may reuse an address whose last connections
     * linger. One of IPv6 takes IPv4 too where it is bound to the wildcard.
     *
     * @throws IOException if the system has no such sockets, or no descriptor left
     */
    Fd listenerSocket(ProtocolFamily family) throws IOException;

    /**
     * Opens an unbound datagram socket.
     *
     * @throws IOException if the system has no such sockets, or no descriptor left
     */
    Fd datagramSocket(ProtocolFamily family) throws IOException;

    /** Opens a TCP socket that listens at an address; at the wildcard for IPv6 and IPv4, where the system has both. */
    default Fd tcpListener(InetSocketAddress address, int backlog) throws IOException {
        Fd listener = tcpListener(address.getAddress());
        try {
            listener.bind(address, backlog);
            return listener;
        } catch (IOException e) {
            listener.close();
            throw e;
        }
    }

    private Fd tcpListener(@Nullable InetAddress address) throws IOException {
        if (address instanceof Inet6Address) {
            return listenerSocket(StandardProtocolFamily.INET6);
        }
        if (address != null && address.isAnyLocalAddress()) {
            try {
                return listenerSocket(StandardProtocolFamily.INET6);
            } catch (IOException e) {
                // A system without IPv6. If it is something else, the next line says so.
            }
        }
        return listenerSocket(StandardProtocolFamily.INET);
    }

    // ---- what can be adopted

    /**
     * Takes charge of a channel that somebody else has opened: a stream socket, a listener, a datagram socket, an end
     * of a {@link java.nio.channels.Pipe}, each in non-blocking mode. From now on the channel is closed through its
     * {@link Fd} or {@linkplain Fd#release released}. If its owner closes it all the same, operations in flight end
     * with {@link java.nio.channels.AsynchronousCloseException}: by the next {@link #poll} if he did so on the loop's
     * thread, and else by the next that finds something. What is still adopted when the driver is closed is given back.
     *
     * @throws IllegalStateException if it is adopted already
     * @throws IllegalArgumentException if it blocks, or is of another kind
     */
    Fd adopt(SelectableChannel channel) throws IOException;

    /**
     * Takes charge of a file that somebody else has opened, and who may go on using it; its position is never looked
     * at. From now on it is closed through its {@link Fd} or released; what a thread has begun with it goes on then.
     * What is still adopted when the driver is closed is given back.
     *
     * @throws UnsupportedOperationException if this driver cannot take the files of others, or not of this kind
     */
    default Fd adopt(FileChannel file) {
        throw new UnsupportedOperationException("this driver opens its files itself");
    }

    /**
     * Takes charge of a stream whose reads block, such as the output of a process: a thread waits in it while somebody
     * reads, and no longer. What a read brings after its operation was cancelled is kept for the next. After
     * {@link Fd#close} the thread stays in the stream until the call returns, if it does. Nobody else may read from the
     * stream; it is closed when the driver is, by another thread: who must know at once {@link HearsOfClose}.
     */
    Fd source(InputStream stream);

    /**
     * Takes charge of a stream whose writes block, such as the input of a process: a thread waits in it while somebody
     * writes, and no longer. A write is over when the stream was given all and flushed. Nobody else may write to the
     * stream; it is closed when the driver is.
     */
    Fd sink(OutputStream stream);

    // ---- names

    /**
     * Returns the call that finds the addresses of a name. It may block, so it is made where that is allowed; it throws
     * {@link java.net.UnknownHostException} if there are none.
     */
    default Op.Call<InetAddress[]> addressesOf(String name) {
        return () -> InetAddress.getAllByName(name);
    }

    /**
     * Returns the call that finds the name of an address: its text form, where it has none. It may block, so it is made
     * where that is allowed.
     */
    default Op.Call<String> nameOf(InetAddress address) {
        return address::getCanonicalHostName;
    }

    // ---- operations

    /** Takes an operation in hand. */
    void submit(Op op);

    /** Asks for an operation to be given up; nothing happens if it is not in flight. */
    void cancel(Op op);

    /** Returns how many operations and clean-ups the driver has in hand. */
    int inFlight();

    /**
     * Returns when a driver that simulates has something to do next, by the loop's virtual clock: the loop polls then.
     * {@code Long.MAX_VALUE} if it waits for nothing of the kind, as one that asks the system.
     */
    default long nextEvent() {
        return Long.MAX_VALUE;
    }

    /** Returns how many sockets and files are open, or not closed all the way. */
    int openCount();

    /**
     * Waits until something is there to deliver, {@link #wakeup} was called, or the time is over; at times it comes
     * back earlier, for no reason.
     *
     * @param timeoutNanos 0 not to wait, negative to wait without bound
     */
    void poll(long timeoutNanos);

    /** Runs the wakers of the operations that are done. */
    void deliver();

    /**
     * Ends a {@link #poll} that waits, or keeps the next one from waiting. Any thread; cheap when repeated: however
     * often it was called before a poll, that poll sees one.
     */
    void wakeup();

    /**
     * Closes all that is open, but for what was adopted. Operations in flight are dropped: nobody runs any more who
     * could be told.
     */
    @Override
    void close();
}
