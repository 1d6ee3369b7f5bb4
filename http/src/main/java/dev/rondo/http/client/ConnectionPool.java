package dev.rondo.http.client;

import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import dev.rondo.TimerHandle;
import dev.rondo.http.ConnectFailedException;
import dev.rondo.http.HttpException;
import dev.rondo.http.h1.BufferPool;
import dev.rondo.http.h1.HeadLimits;
import dev.rondo.net.ByteStream;
import dev.rondo.net.Net;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The connections of a session. A slot stands for a connection in use: who has one gets an idle connection if there is
 * a good one, else a new one. Idle connections give way where the limit on all of them needs it.
 */
final class ConnectionPool {

    private final EventLoop loop;
    private final PoolOptions options;
    private final HeadLimits headLimits;
    private @Nullable SSLContext sslContext; // null until the default one is needed

    private final Slots slots;
    private final IdleConnections idle = new IdleConnections();
    private final BufferPool buffers = new BufferPool();
    private @Nullable TimerHandle sweep; // set while anything is idle
    private boolean closed;

    ConnectionPool(EventLoop loop, PoolOptions options, HeadLimits headLimits, @Nullable SSLContext sslContext) {
        this.loop = loop;
        this.options = options;
        this.headLimits = headLimits;
        this.sslContext = sslContext;
        this.slots = new Slots(loop, options.total(), options.perHost());
    }

    // ------------------------------------------------------------------------------------------------ taking one

    /**
     * Takes a connection; it is to be given back by {@link #release} or {@link #discard}. Suspends. A failure or a
     * cancel leaves nothing taken.
     *
     * @param fresh whether it must be a new one
     */
    PooledConnection acquire(Origin origin, Deadline deadline, Traces traces, boolean fresh) throws HttpException {
        if (!slots.tryAcquire(origin)) {
            traces.tell(Tracing::queued);
            try {
                deadline.waitingForPool(origin, () -> slots.acquire(origin));
            } finally {
                traces.tell(Tracing::dequeued);
            }
        }
        boolean connected = false;
        try {
            ensureOpen();
            PooledConnection connection = fresh ? null : takeIdle(origin);
            if (connection == null) {
                makeRoom();
                traces.tell(Tracing::connecting);
                connection = connect(origin, deadline);
                traces.tell(Tracing::connected);
            } else {
                traces.tell(Tracing::reused);
            }
            connected = true;
            return connection;
        } finally {
            if (!connected) {
                slots.release(origin);
            }
        }
    }

    private @Nullable PooledConnection takeIdle(Origin origin) {
        for (PooledConnection connection; (connection = idle.take(origin)) != null; ) {
            if (!expired(connection) && connection.quiet()) {
                return connection;
            }
            connection.close();
        }
        return null;
    }

    private void makeRoom() {
        while (options.total() > 0 && slots.inUse() + idle.size() > options.total()) {
            PooledConnection eldest = idle.takeEldest();
            if (eldest == null) {
                return;
            }
            eldest.close();
        }
    }

    private PooledConnection connect(Origin origin, Deadline deadline) throws HttpException {
        try {
            ByteStream stream = deadline.connecting(origin, () -> open(origin));
            return new PooledConnection(origin, stream, headLimits, buffers);
        } catch (HttpException tooSlow) {
            throw tooSlow;
        } catch (UnknownHostException e) {
            throw new ConnectFailedException("unknown host " + origin.host(), e);
        } catch (IOException e) {
            throw new ConnectFailedException(notConnected(origin, e), e);
        }
    }

    private static String notConnected(Origin origin, IOException e) {
        String reason = String.valueOf(e.getMessage());
        if (reason.startsWith("cannot connect to ") || reason.startsWith("TLS handshake with ")) {
            return reason; // it names host and port
        }
        // Who did connect has failed in what comes next.
        boolean connected = origin.secure() && !(e instanceof ConnectException);
        return (connected ? "TLS handshake with " + origin + " failed: " : "cannot connect to " + origin + ": ")
                + reason;
    }

    private ByteStream open(Origin origin) throws IOException {
        if (!origin.secure()) {
            return Net.connectTcp(origin.host(), origin.port());
        }
        SSLContext context = sslContext;
        if (context == null) {
            context = Asyncio.toThread(ConnectionPool::defaultContext); // reads a file of a hundred certificates
            sslContext = context;
        }
        return Net.connectTls(origin.host(), origin.port(), context);
    }

    private static SSLContext defaultContext() throws SSLException {
        try {
            return SSLContext.getDefault();
        } catch (NoSuchAlgorithmException e) {
            throw new SSLException("this Java has no TLS", e);
        }
    }

    // --------------------------------------------------------------------------------------------- giving it back

    /**
     * Takes a connection back whose answer has been read to its end; keeps it if it can be used again. Never suspends.
     */
    void release(PooledConnection connection) {
        slots.release(connection.origin());
        if (closed || options.keepAlive().isZero() || !connection.rest(nowNanos())) {
            connection.close();
            return;
        }
        idle.add(connection);
        if (sweep == null) {
            sweep = loop.callLater(options.keepAlive(), this::sweep);
        }
    }

    /** Closes a connection that cannot be used again. Never suspends. */
    void discard(PooledConnection connection) {
        connection.close();
        slots.release(connection.origin());
    }

    // ------------------------------------------------------------------------------------------- dropping idle ones

    private void sweep() {
        sweep = null;
        PooledConnection eldest = idle.eldest();
        while (eldest != null && expired(eldest)) {
            idle.takeEldest();
            eldest.close();
            eldest = idle.eldest();
        }
        if (eldest != null) {
            long leftNanos = options.keepAlive().toNanos() - (nowNanos() - eldest.idleSinceNanos());
            sweep = loop.callLater(Duration.ofNanos(Math.max(leftNanos, 1_000_000)), this::sweep);
        }
    }

    private boolean expired(PooledConnection connection) {
        return nowNanos() - connection.idleSinceNanos() >= options.keepAlive().toNanos();
    }

    private long nowNanos() {
        return loop.time().toNanos();
    }

    /** Closes the idle connections; those in use are closed when they are given back. Never suspends; idempotent. */
    void close() {
        closed = true;
        if (sweep != null) {
            sweep.cancel();
            sweep = null;
        }
        for (PooledConnection connection; (connection = idle.takeEldest()) != null; ) {
            connection.close();
        }
    }

    /** Throws if the session has been closed. */
    void ensureOpen() {
        if (closed) {
            throw new IllegalStateException("the session is closed: ask before that, or make another one");
        }
    }

    boolean closed() {
        return closed;
    }

    @Override
    public String toString() {
        return slots.inUse() + " in use, " + idle.size() + " idle, " + slots.waiting() + " waiting";
    }
}
