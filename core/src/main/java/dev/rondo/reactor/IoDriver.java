package dev.rondo.reactor;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;

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
 *       its buffers belong to the driver until then.
 *   <li>{@link #inFlight} counts what the driver has yet to deliver or to clean up: while it is zero the loop makes no
 *       system call for the driver's sake.
 * </ul>
 */
public interface IoDriver extends AutoCloseable {

    /** Opens an unconnected TCP socket. */
    Fd tcpSocket(ProtocolFamily family) throws IOException;

    /** Opens a TCP socket that listens at an address. */
    Fd tcpListener(InetSocketAddress address, int backlog) throws IOException;

    /** Takes an operation in hand. */
    void submit(Op op);

    /** Asks for an operation to be given up; nothing happens if it is not in flight. */
    void cancel(Op op);

    /** Returns how many operations and clean-ups the driver has in hand. */
    int inFlight();

    /** Returns how many sockets and files are open, or not closed all the way. */
    int openCount();

    /**
     * Waits until something is there to deliver, {@link #wakeup} was called, or the time is over.
     *
     * @param timeoutNanos 0 not to wait, negative to wait without bound
     */
    void poll(long timeoutNanos);

    /** Runs the wakers of the operations that are done. */
    void deliver();

    /** Ends a {@link #poll} that waits, or keeps the next one from waiting. Any thread; cheap when repeated. */
    void wakeup();

    /** Closes all that is open. Operations in flight are dropped: nobody runs any more who could be told. */
    @Override
    void close();
}
