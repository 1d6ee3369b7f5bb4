package dev.rondo.reactor;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.ProtocolFamily;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The portable driver: tries each operation at once, and on "would block" waits for readiness with a {@link Selector}.
 * Files, which are always ready and may still block, are left to a few threads of its own, and streams that know no
 * readiness to as many as it takes.
 *
 * <pre>
 *   submit ──tried at once──▶ over
 *     │
 *     ├─would block─▶ a slot of NioChannel ─▶ changed ──poll──▶ selector ──ready: tried again──▶ done ──deliver──▶ waker
 *     │                                                                                           ▲
 *     └─a file, a stream──▶ DriverThreads ──any thread──▶ post ──loop thread──────────────────────┘
 * </pre>
 *
 * <p>The selector is used in {@link #poll} and {@link #close} alone, on the bare loop thread: what coroutines change
 * about sockets is queued in {@code changed} until then, so no coroutine can come to wait for one of the selector's
 * locks. (A channel that is released cancels its key at once: so short a lock has no contender on the loop's thread.)
 * It is opened with the first socket or channel, so that whoever asks for that gets the failure if the system is out of
 * descriptors; a program that only reads files never pays for it.
 */
public final class NioDriver implements IoDriver {

    private final Consumer<Runnable> post; // any thread's door into the loop
    private final DriverThreads workers = new DriverThreads("rondo-file", 4);
    private final DriverThreads inStreams = new DriverThreads("rondo-stream", Integer.MAX_VALUE);

    // The loop thread's.
    private final ArrayDeque<NioChannel> changed = new ArrayDeque<>(); // to be looked at by the next poll
    private final ArrayDeque<Op> done = new ArrayDeque<>(); // whose wakers the next deliver runs
    private final Set<NioFd> open = new LinkedHashSet<>();
    final Adopted adopted = new Adopted();
    private final Map<Op, BlockingCall<?>> calls = new LinkedHashMap<>(); // whose threads are not done
    private final Map<Op, FileJob> jobs = new LinkedHashMap<>(); // with the workers, or queued for them
    private final Consumer<SelectionKey> onReady = this::ready; // made once, not for each select
    private final Spin spin;
    private int keys; // that the selector must have, unless somebody else has closed a channel
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
        this(post, Spin.byProperty());
    }

    NioDriver(Consumer<Runnable> post, Spin spin) {
        this.post = post;
        this.spin = spin;
    }

    // ------------------------------------------------------------------------------------------------ operations

    @Override
    public Fd streamSocket(ProtocolFamily family) throws IOException {
        ensureOpen();
        ensureSelector();
        return opened(NioStream.open(this, family));
    }

    @Override
    public Fd listenerSocket(ProtocolFamily family) throws IOException {
        ensureOpen();
        ensureSelector();
        return opened(NioListener.open(this, family));
    }

    @Override
    public Fd datagramSocket(ProtocolFamily family) throws IOException {
        ensureOpen();
        ensureSelector();
        return opened(NioDatagrams.open(this, family));
    }

    @Override
    public Fd adopt(SelectableChannel channel) throws IOException {
        ensureOpen();
        ensureSelector();
        return opened(adopted.add(this, channel));
    }

    @Override
    public Fd adopt(FileChannel file) {
        ensureOpen();
        return opened(NioFile.adopt(this, file));
    }

    @Override
    public Fd source(InputStream stream) {
        ensureOpen();
        return opened(new StreamSource(this, stream));
    }

    @Override
    public Fd sink(OutputStream stream) {
        ensureOpen();
        return opened(new StreamSink(this, stream));
    }

    <F extends NioFd> F opened(F fd) {
        open.add(fd);
        return fd;
    }

    @Override
    public void submit(Op op) {
        ensureOpen();
        boolean over = switch (op) {
            case Op.OnFd onFd -> NioFd.of(onFd.fd, this).submit(onFd);
            case Op.Open file -> NioFile.open(this, file);
            case Op.Blocking<?> call -> begin(call);
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
        boolean takenBack = switch (op) {
            case Op.OnFd onFd -> NioFd.of(onFd.fd, this).forget(onFd);
            case Op.Open open -> takeBack(open);
            case Op.Blocking<?> call -> forget(call);
        };
        if (takenBack) {
            op.finishCancelled();
            done.add(op);
        }
    }

    private <T extends @Nullable Object> boolean begin(Op.Blocking<T> op) {
        op.begin();
        BlockingCall<T> call = new BlockingCall<>(this, op);
        calls.put(op, call);
        work(call::run);
        return false;
    }

    private boolean forget(Op.Blocking<?> op) {
        BlockingCall<?> call = calls.get(op);
        if (call != null && !call.takeBack()) {
            if (op.toTheEnd) {
                return false; // over when the call is
            }
            call.abandon();
        }
        calls.remove(op);
        return true;
    }

    /** A blocking call has ended that somebody waits for. */
    void callOver(Op.Blocking<?> op) {
        calls.remove(op);
        over(op);
    }

    /** An operation in flight has ended: its waker is due. */
    void over(Op op) {
        done.add(op);
    }

    /** A channel waits for something else than before, or is to be let go: the next poll looks at it. */
    void changed(NioChannel channel) {
        changed.add(channel);
    }

    // ---- for what is open

    /** Has one of the threads for files do something that may block, and the loop thread what it returns. */
    void work(Supplier<Runnable> work) {
        work(workers, work);
    }

    /**
     * Has one of the threads for files do something for an operation, and the loop thread what it returns.
     *
     * @param takenBack for the loop thread instead, if it is {@linkplain #takeBack taken back}
     */
    void work(Op op, Supplier<Runnable> work, Runnable takenBack) {
        FileJob job = new FileJob(work, takenBack);
        jobs.put(op, job);
        work(() -> {
            Runnable then = job.get();
            return () -> {
                jobs.remove(op, job);
                then.run();
            };
        });
    }

    /** Takes back what a thread for files was to do for an operation; returns false if it has begun. */
    boolean takeBack(Op op) {
        FileJob job = jobs.get(op);
        if (job == null || !job.takeBack()) {
            return false;
        }
        jobs.remove(op);
        return true;
    }

    /**
     * Has a thread that nobody else needs do something that may block for ever, and the loop thread what it returns.
     */
    void workInStream(Supplier<Runnable> work) {
        work(inStreams, work);
    }

    private void work(DriverThreads threads, Supplier<Runnable> work) {
        threads.run(() -> {
            Runnable then = work.get();
            post.accept(() -> {
                if (!closed) {
                    then.run();
                }
            });
        });
    }

    /** Has one of the threads for files do something that may block, and nobody is told. */
    void workUnheard(Runnable work) {
        workers.run(work);
    }

    /**
     * Has a thread close a stream.
     *
     * @param busy whether another thread is in the stream, so that to close it may take for ever and is not waited for
     */
    void closeStream(Closeable stream, boolean busy) {
        if (busy) {
            closeStreamUnheard(stream);
            return;
        }
        tellOfClose(stream);
        cleanUpBegins();
        workInStream(() -> {
            closeQuietly(stream);
            return this::cleanUpEnds;
        });
    }

    /** Has a thread close a stream, and nobody is told. */
    void closeStreamUnheard(Closeable stream) {
        tellOfClose(stream);
        inStreams.run(() -> closeQuietly(stream));
    }

    private static void tellOfClose(Closeable stream) {
        if (stream instanceof HearsOfClose told) {
            told.closeBegins();
        }
    }

    private static void closeQuietly(Closeable stream) {
        try {
            stream.close();
        } catch (Throwable e) { // whatever it is, the thread goes on with what others have to do
            // Nobody is left who could do something about it.
        }
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

    void keyAdded() {
        keys++;
    }

    void keyGone() {
        keys--;
    }

    @Nullable SelectionKey keyOf(SelectableChannel channel) {
        return channel.keyFor(selector());
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

    /** Brings the selector up to date; returns whether it has keys to let go of, which it does as it selects. */
    private boolean applyChanges() {
        boolean closing = false;
        for (int n = changed.size(); n > 0; n--) {
            closing |= changed.remove().applyChange();
        }
        return closing;
    }

    /** Opens the selector. Also in a coroutine: a selector that nobody else has yet has no lock to wait for. */
    private void ensureSelector() throws IOException {
        if (selector == null) {
            selector = Selector.open();
        }
    }

    /** Returns the selector, which every channel has seen opened. */
    Selector selector() {
        return Objects.requireNonNull(selector, "a channel without selector");
    }

    /**
     * Waits. A thread that calls {@link #wakeup} sets {@code notified} and then looks for whom to wake; we say who we
     * are and then look at {@code notified}: one of the two sees the other.
     */
    private void sleep(long timeoutNanos) throws IOException {
        Selector selector = this.selector;
        if (timeoutNanos == 0 || notified.get()) {
            look(selector);
            return;
        }
        long left = timeoutNanos;
        if (spin.begin(timeoutNanos)) {
            left = spin(selector) ? 0 : spin.left(timeoutNanos);
        }
        if (left != 0) {
            block(selector, left);
        }
        spin.end();
    }

    /** Looks what is ready; returns whether something is. */
    private boolean look(@Nullable Selector selector) throws IOException {
        return selector != null && (select(selector) > 0 || !done.isEmpty());
    }

    /** Looks again and again; returns whether something came. */
    private boolean spin(@Nullable Selector selector) throws IOException {
        do {
            if (notified.get() || look(selector)) {
                return true;
            }
            Thread.onSpinWait();
        } while (spin.goesOn());
        return false;
    }

    private void block(@Nullable Selector selector, long timeoutNanos) throws IOException {
        if (selector == null) {
            park(timeoutNanos);
        } else if (!somethingIsThere(selector)) {
            selector.select(onReady, timeoutNanos < 0 ? 0 : roundedUpToMillis(timeoutNanos));
            endClosed(selector);
        }
    }

    /** Selects without waiting. */
    private int select(Selector selector) throws IOException {
        int ready = selector.selectNow(onReady);
        endClosed(selector);
        return ready;
    }

    /**
     * Looks first, where channels of others could have been closed: a selector that waits forgets these, and tells
     * nobody. What somebody has posted meanwhile has woken the look, not the wait.
     */
    private boolean somethingIsThere(Selector selector) throws IOException {
        return !adopted.isEmpty() && (look(selector) || notified.get());
    }

    /** Ends what is in flight on channels that somebody else has closed: their keys are missing. */
    private void endClosed(Selector selector) {
        if (!adopted.isEmpty() && selector.keys().size() < keys) {
            adopted.endClosed();
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
        ((NioChannel) key.attachment()).ready(key);
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
        calls.values().forEach(BlockingCall::abandon);
        calls.clear();
        jobs.clear();
        List.copyOf(open).forEach(fd -> {
            if (!(fd instanceof NioChannel channel && channel.isOpen() && channel.isAdopted())) {
                fd.closeNow();
            }
        });
        open.clear();
        changed.clear();
        done.forEach(this::cleanUp);
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

    /** What a call has returned, and nobody was told of, is closed by its cleaner; all else was open, and is closed. */
    private void cleanUp(Op op) {
        if (op instanceof Op.Blocking<?> call) {
            cleanUpResult(call);
        }
    }

    private <T extends @Nullable Object> void cleanUpResult(Op.Blocking<T> call) {
        T result = call.result;
        workUnheard(() -> BlockingCall.clean(call, result));
    }

    @Override
    public String toString() {
        return "NioDriver[" + open.size() + " open, " + inFlight + " in flight" + (closed ? ", closed" : "") + "]";
    }
}
