package dev.rondo.reactor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The portable driver: tries each operation at once, and on "would block" waits for readiness with a {@link Selector}.
 * Files, which are always ready and may still block, are read by a few threads of its own.
 *
 * <pre>
 *   submit ──tried at once──▶ over
 *     │
 *     ├─would block─▶ a slot of NioSocket ──▶ changed ──poll──▶ selector ──ready: tried again──▶ done ──deliver──▶ waker
 *     │                                                                                           ▲
 *     └─a file──▶ FileWorkers ──any thread──▶ post ──loop thread──────────────────────────────────┘
 * </pre>
 *
 * <p>The selector is used in {@link #poll} and {@link #close} alone, on the bare loop thread: what coroutines change
 * about sockets is queued in {@code changed} until then, so no coroutine can come to wait for one of the selector's
 * locks. It is opened with the first socket or listener, so that whoever asks for that gets the failure if the system
 * is out of descriptors; a program that only reads files never pays for it.
 */
public final class NioDriver implements IoDriver {

    private final Consumer<Runnable> post; // any thread's door into the loop
    private final FileWorkers workers = new FileWorkers();

    // The loop thread's.
    private final ArrayDeque<NioSocket> changed = new ArrayDeque<>(); // to be looked at by the next poll
    private final ArrayDeque<Op> done = new ArrayDeque<>(); // whose wakers the next deliver runs
    private final Set<NioFd> open = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Consumer<SelectionKey> onReady = this::ready; // made once, not for each select
    private int inFlight; // operations not delivered, and clean-ups
    private boolean closed;

    // Shared with the threads that call wakeup(): see sleep().
    private final AtomicBoolean notified = new AtomicBoolean();
    private volatile @Nullable Selector selector; // set once
    private volatile @Nullable Thread parked;

    /**
     * Makes a driver.
     *
     * @param post gives a {@code Runnable} to the loop thread, from any thread, and wakes the loop up
     */
    public NioDriver(Consumer<Runnable> post) {
        this.post = post;
    }

    // ------------------------------------------------------------------------------------------------ operations

    @Override
    public Fd tcpSocket(ProtocolFamily family) throws IOException {
        ensureOpen();
        ensureSelector();
        return opened(NioSocket.connectable(this, family));
    }

    @Override
    public Fd tcpListener(InetSocketAddress address, int backlog) throws IOException {
        ensureOpen();
        ensureSelector();
        return opened(NioSocket.listening(this, address, backlog));
    }

    <F extends NioFd> F opened(F fd) {
        open.add(fd);
        return fd;
    }

    @Override
    public void submit(Op op) {
        ensureOpen();
        boolean over = switch (op) {
            case Op.Read read -> NioSocket.of(read.fd).submit(read);
            case Op.Write write -> NioSocket.of(write.fd).submit(write);
            case Op.Accept accept -> NioSocket.of(accept.listener).submit(accept);
            case Op.Connect connect -> NioSocket.of(connect.fd).submit(connect);
            case Op.Open file -> NioFile.open(this, file);
            case Op.ReadAt read -> NioFile.of(read.fd).submit(read);
        };
        if (!over) {
            inFlight++;
        }
    }

    @Override
    public void cancel(Op op) {
        if (!op.beginCancel()) {
            return;
        }
        switch (op) {
            case Op.Read read -> NioSocket.of(read.fd).forget(read);
            case Op.Write write -> NioSocket.of(write.fd).forget(write);
            case Op.Accept accept -> NioSocket.of(accept.listener).forget(accept);
            case Op.Connect connect -> NioSocket.of(connect.fd).forget(connect);
            case Op.Open _, Op.ReadAt _ -> {
                return; // a worker is at it: over when the worker says so
            }
        }
        op.finishCancelled();
        done.add(op);
    }

    /** An operation in flight has ended: its waker is due. */
    void over(Op op) {
        done.add(op);
    }

    /** A socket waits for something else than before, or is to be closed: the next poll looks at it. */
    void changed(NioSocket socket) {
        changed.add(socket);
    }

    // ---- for NioSocket and NioFile

    /** Has a worker thread do something that may block, and the loop thread what it returns. */
    void work(Supplier<Runnable> work) {
        workers.run(() -> {
            Runnable then = work.get();
            post.accept(() -> {
                if (!closed) {
                    then.run();
                }
            });
        });
    }

    /** Has a worker thread do something that may block, and nobody is told. */
    void workUnheard(Runnable work) {
        workers.run(work);
    }

    void cleanUpBegins() {
        inFlight++;
    }

    void cleanUpEnds() {
        inFlight--;
    }

    void gone(NioFd fd) {
        open.remove(fd);
    }

    // ------------------------------------------------------------------------------------------------ waiting

    @Override
    public int inFlight() {
        return inFlight;
    }

    @Override
    public int openCount() {
        return open.size();
    }

    @Override
    public void poll(long timeoutNanos) {
        try {
            boolean closing = applyChanges();
            sleep(closing || !done.isEmpty() ? 0 : timeoutNanos);
        } catch (IOException e) {
            throw new UncheckedIOException("the selector failed: " + e.getMessage(), e);
        } finally {
            notified.set(false); // the caller looks at what was posted after this, so nothing that was posted is missed
        }
    }

    /**
     * Brings the selector up to date; returns whether it has closed sockets to let go of, which it does as it selects.
     */
    private boolean applyChanges() {
        boolean closing = false;
        for (NioSocket socket; (socket = changed.poll()) != null; ) {
            closing |= socket.applyChange();
        }
        return closing;
    }

    /** Opens the selector. Also in a coroutine: a selector that nobody else has yet has no lock to wait for. */
    private void ensureSelector() throws IOException {
        if (selector == null) {
            selector = Selector.open();
        }
    }

    /** Returns the selector, which every socket has seen opened. */
    Selector selector() {
        return Objects.requireNonNull(selector, "a socket without selector");
    }

    /**
     * Waits. A thread that calls {@link #wakeup} sets {@code notified} and then looks for whom to wake; we say who we
     * are and then look at {@code notified}: one of the two sees the other.
     */
    private void sleep(long timeoutNanos) throws IOException {
        Selector selector = this.selector;
        if (selector == null) {
            if (timeoutNanos != 0) {
                park(timeoutNanos);
            }
        } else if (timeoutNanos == 0 || notified.get()) {
            selector.selectNow(onReady);
        } else {
            selector.select(onReady, timeoutNanos < 0 ? 0 : roundedUpToMillis(timeoutNanos));
        }
    }

    private void park(long timeoutNanos) {
        parked = Thread.currentThread();
        if (!notified.get()) {
            if (timeoutNanos < 0) {
                LockSupport.park(this);
            } else {
                LockSupport.parkNanos(this, timeoutNanos);
            }
        }
        parked = null;
    }

    /** A selector knows milliseconds only; rounding down would make the loop spin through the last one. */
    private static long roundedUpToMillis(long nanos) {
        return (nanos - 1) / 1_000_000 + 1;
    }

    private void ready(SelectionKey key) {
        ((NioSocket) key.attachment()).ready(key);
    }

    @Override
    public void deliver() {
        for (int n = done.size(); n > 0; n--) {
            Op op = done.remove();
            inFlight--;
            op.wake();
        }
    }

    @Override
    public void wakeup() {
        if (notified.get() || notified.getAndSet(true)) {
            return;
        }
        Selector selector = this.selector;
        if (selector != null) {
            selector.wakeup();
        } else {
            LockSupport.unpark(parked);
        }
    }

    // ------------------------------------------------------------------------------------------------ the end

    private void ensureOpen() {
        if (closed) {
            throw new IllegalStateException("the driver is closed, as its loop is");
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        List.copyOf(open).forEach(NioFd::closeNow);
        open.clear();
        changed.clear();
        done.clear();
        inFlight = 0;
        Selector selector = this.selector;
        if (selector != null) {
            try {
                selector.close(); // lets go of the sockets closed above
            } catch (IOException e) {
                throw new UncheckedIOException("the selector did not close: " + e.getMessage(), e);
            }
        }
    }

    @Override
    public String toString() {
        return "NioDriver[" + open.size() + " open, " + inFlight + " in flight" + (closed ? ", closed" : "") + "]";
    }
}
