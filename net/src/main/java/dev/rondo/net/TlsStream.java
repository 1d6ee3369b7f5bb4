package dev.rondo.net;

import dev.rondo.AsyncEvent;
import dev.rondo.EventLoop;
import dev.rondo.TimerHandle;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * TLS over another stream: made by {@link Net}. Belongs to one loop. (asyncio: a transport of TLS, and what its
 * {@code get_extra_info} knows.)
 *
 * <pre>
 *   OPEN ──shutdown()──▶ SHUTDOWN ──both have said goodbye──▶ SHUT      what came can still be read
 *     └──────────────────────┴─────── close(), failure ──▶ CLOSED ◀── close()
 * </pre>
 *
 * <p>The two directions share the engine, which is touched between suspension points only, and nothing else:
 *
 * <pre>
 *   reading   one coroutine, of a reader or of a shutdown: TlsCodec.received, plain
 *   sending   one at a time, see TlsSending: TlsCodec.toSend
 * </pre>
 *
 * <p>A cancel loses nothing: what was received stays in {@code received} and {@code plain}, what was encrypted and not
 * sent stays in {@code toSend} and goes out before the next write, or with the goodbye.
 */
public final class TlsStream implements ByteStream, LastWords {

    private static final int MOST_KEPT = 256 * 1024; // by a shutdown, for a reader; asyncio's high-water mark for TLS

    private enum State {
        OPEN,
        SHUTDOWN,
        SHUT,
        CLOSED
    }

    private final EventLoop loop;
    private final ByteStream inner;
    private final TlsOptions options;
    private final @Nullable SSLContext context;
    private final TlsCodec codec;
    private final TlsComputing computing;
    private final TlsSending sending;

    private State state = State.OPEN;
    private boolean outOfPatience; // the shutdown took too long
    private boolean reading;
    private boolean ended; // the peer has said goodbye
    private @Nullable IOException readFailure; // of the kind that does not pass

    private boolean keeping; // it is the shutdown that is reading
    private final AsyncEvent turned = new AsyncEvent(); // never set for long: a read, or a step of a shutdown, is over

    /** Made by a {@link TlsHandshake} that went well. */
    TlsStream(
            EventLoop loop,
            ByteStream inner,
            TlsOptions options,
            @Nullable SSLContext context,
            TlsCodec codec,
            TlsComputing computing,
            TlsSending sending) {
        this.loop = loop;
        this.inner = inner;
        this.options = options;
        this.context = context;
        this.codec = codec;
        this.computing = computing;
        this.sending = sending;
    }

    // ------------------------------------------------------------------------------------------------ reading

    @Override
    public int read(ByteBuffer dst) throws IOException {
        SocketStream.ensureRoom(dst);
        ensureReadable();
        while (keeping && !textIsThere()) {
            turned.await(); // what the shutdown receives is ours
            ensureReadable();
        }
        if (keeping) {
            return take(dst);
        }
        ensureNobodyReads();
        reading = true;
        try {
            return readText(dst);
        } finally {
            reading = false;
            if (state == State.SHUTDOWN) {
                tellTurned();
            }
        }
    }

    private void ensureReadable() throws ClosedChannelException {
        if (state == State.CLOSED) {
            throw new ClosedChannelException();
        }
    }

    private void ensureNobodyReads() {
        if (reading) {
            throw new IllegalStateException("another coroutine is already reading from this stream");
        }
    }

    /** Wakes whoever waits for the end of a read, or for what a shutdown has received. */
    private void tellTurned() {
        turned.set();
        turned.clear();
    }

    private int readText(ByteBuffer dst) throws IOException {
        int before = dst.position();
        while (!textIsThere()) {
            if (state == State.SHUT) {
                throw truncated();
            }
            if (receiveRecord(dst) == TlsCodec.Step.NEEDS_BYTES && !receive()) {
                throw truncated();
            }
            if (dst.position() > before) {
                return dst.position() - before;
            }
        }
        return take(dst);
    }

    private int take(ByteBuffer dst) {
        return codec.plain.hasRemaining() ? codec.takePlain(dst) : -1;
    }

    /** Decrypts the next record, or finds that it is not all there, and does what the engine wants done after it. */
    private TlsCodec.Step receiveRecord(ByteBuffer dst) throws IOException {
        if (computing.isPending()) {
            computing.compute(); // a read that was cancelled has left it behind
        }
        int before = dst.position();
        TlsCodec.Step step = decrypt(dst);
        ended |= step == TlsCodec.Step.ENDED;
        if (step == TlsCodec.Step.PROGRESS && dst.position() == before && codec.wantsToCompute()) {
            computing.compute();
        }
        return step;
    }

    private boolean textIsThere() throws IOException {
        if (readFailure != null && !codec.plain.hasRemaining()) {
            throw readFailure;
        }
        return ended || codec.plain.hasRemaining();
    }

    private TlsCodec.Step decrypt(ByteBuffer dst) throws IOException {
        try {
            TlsCodec.Step step = codec.decrypt(dst);
            sending.answerIfAsked();
            return step;
        } catch (SSLException e) {
            readFailure = e; // the peer is told by close()
            throw e;
        }
    }

    private TlsTruncationException truncated() {
        return new TlsTruncationException(
                remoteAddress() + " closed the connection without saying goodbye in TLS (close_notify):"
                        + " what was received may be cut short");
    }

    private boolean receive() throws IOException {
        return TlsHandshake.receive(inner, codec);
    }

    /** {@inheritDoc} Messages of TLS's own, such as session tickets, do not count. */
    @Override
    public boolean quiet() {
        if (state != State.OPEN || ended || readFailure != null) {
            return false;
        }
        ensureNobodyReads();
        if (computing.isPending()) {
            return false;
        }
        try {
            while (!codec.plain.hasRemaining()) {
                switch (decrypt(TlsCodec.NOTHING)) {
                    case PROGRESS -> {
                        if (codec.wantsToCompute()) {
                            return false;
                        }
                    }
                    case NEEDS_BYTES -> {
                        if (inner.quiet()) {
                            return true;
                        }
                        if (!receive()) { // does not suspend, since the inner stream is not quiet
                            throw truncated();
                        }
                    }
                    case ENDED -> {
                        ended = true;
                        return false;
                    }
                }
            }
        } catch (IOException e) {
            readFailure = e; // the next read's
        }
        return false;
    }

    // ------------------------------------------------------------------------------------------------ sending

    @Override
    public void write(ByteBuffer... src) throws IOException {
        sending.write(src);
    }

    @Override
    public void shutdownOutput() throws IOException {
        sending.shutdown();
    }

    // ------------------------------------------------------------------------------------------------ closing

    /**
     * Says goodbye ({@code close_notify}), waits until the peer has said so as well, and closes the connection.
     * Suspends, for {@link TlsOptions#shutdownTimeout} at most. So both sides know that all has arrived; {@link #close}
     * does not wait for the peer.
     *
     * <p>No byte that comes meanwhile is lost: a coroutine that reads goes on reading, and what nobody reads, up to 256
     * KiB, is kept: after this has returned, {@link #read} gives it, and then the end, until {@code close} is called. A
     * peer that sends more than that, and is not read, is not heard to the end. One that hangs up without goodbye, once
     * it has been told ours, counts as gone in peace here; to a reader it is a {@link TlsTruncationException} as ever.
     *
     * <p>The connection is closed however this ends, a cancel included. Does nothing if it is already. (asyncio: what
     * {@code transport.close()} begins and {@code StreamWriter.wait_closed} waits for.)
     *
     * @throws TlsTimeoutException if it takes too long
     * @throws ClosedChannelException if the stream is closed meanwhile
     * @throws IllegalStateException if another coroutine is writing, or shutting down; nothing has happened then
     * @throws IOException if the connection broke
     */
    public void shutdown() throws IOException {
        if (!isOpen()) {
            return;
        }
        if (state == State.SHUTDOWN) {
            throw new IllegalStateException("another coroutine is already shutting this stream down");
        }
        sending.ensureNobodyWrites();
        state = State.SHUTDOWN;
        TimerHandle patience = loop.callLater(options.shutdownTimeout(), this::losePatience);
        boolean peaceful = false;
        try {
            shutdownOutput();
            awaitGoodbye();
            peaceful = true;
        } catch (IOException e) {
            throw outOfPatience
                    ? TlsTimeoutException.inShutdown(TlsHandshake.peer(inner, codec), options.shutdownTimeout())
                    : e;
        } finally {
            patience.cancel();
            if (peaceful && state == State.SHUTDOWN) {
                state = State.SHUT;
                sending.close(false);
                tellTurned();
            } else {
                close();
            }
        }
    }

    private void awaitGoodbye() throws IOException {
        boolean hungUp = false;
        while (!ended && !hungUp) {
            if (!isOpen() || outOfPatience) {
                throw new AsynchronousCloseException();
            } else if (reading || codec.plain.remaining() >= MOST_KEPT) {
                turned.await(); // the reader's read: it hears the goodbye, or leaves the rest to us
            } else if (readFailure != null) {
                throw readFailure;
            } else {
                hungUp = !keep();
            }
        }
    }

    /** Receives something for a reader that may come; returns false if the peer has hung up. */
    private boolean keep() throws IOException {
        reading = true;
        keeping = true;
        try {
            return receiveRecord(TlsCodec.NOTHING) != TlsCodec.Step.NEEDS_BYTES || receive();
        } finally {
            reading = false;
            keeping = false;
            tellTurned();
        }
    }

    /** {@inheritDoc} {@link #shutdown} closes as well, once the peer has answered. */
    @Override
    public boolean isOpen() {
        return state != State.SHUT && state != State.CLOSED;
    }

    private void losePatience() {
        outOfPatience = true;
        inner.close();
        tellTurned();
    }

    @Override
    public void close() {
        if (isOpen()) {
            sending.close(true);
        }
        state = State.CLOSED;
        tellTurned();
    }

    @Override
    public void closeWith(ByteBuffer lastWords) {
        if (isOpen()) {
            sending.add(lastWords);
        }
        close();
    }

    // ------------------------------------------------------------------------------------------------ what it is

    /**
     * Returns what was agreed on: protocol, cipher suite, the peer's certificates; after {@link #close} as well. A
     * server finds the name that the client asked for in {@link javax.net.ssl.ExtendedSSLSession}. (asyncio:
     * {@code get_extra_info("ssl_object")}.)
     */
    public SSLSession session() {
        return codec.engine.getSession();
    }

    /** Returns the protocol that was agreed on by ALPN, {@code "h2"} say; null if none was. */
    public @Nullable String applicationProtocol() {
        String protocol = codec.engine.getApplicationProtocol();
        return protocol == null || protocol.isEmpty() ? null : protocol;
    }

    /** Returns the name of the cipher suite. (asyncio: {@code get_extra_info("cipher")}.) */
    public String cipherSuite() {
        return session().getCipherSuite();
    }

    /**
     * Returns the peer's certificates, its own first; none if it has shown none, as most clients do. (asyncio:
     * {@code get_extra_info("peercert")}.)
     */
    public List<X509Certificate> peerCertificates() {
        List<X509Certificate> chain = new ArrayList<>();
        try {
            for (Certificate certificate : session().getPeerCertificates()) {
                if (certificate instanceof X509Certificate one) {
                    chain.add(one);
                }
            }
        } catch (SSLPeerUnverifiedException none) {
            // then none
        }
        return List.copyOf(chain);
    }

    /**
     * Returns the context that this was made with; null if it was made with an engine. (asyncio:
     * {@code get_extra_info("sslcontext")}.)
     */
    public @Nullable SSLContext sslContext() {
        return context;
    }

    @Override
    public SocketAddress localAddress() {
        return inner.localAddress();
    }

    @Override
    public SocketAddress remoteAddress() {
        return inner.remoteAddress();
    }

    @Override
    public String toString() {
        return "TlsStream[" + inner + "]";
    }
}
