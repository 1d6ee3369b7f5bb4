package dev.rondo.net;

import dev.rondo.Action;
import dev.rondo.Context;
import dev.rondo.EventLoop;
import dev.rondo.Promise;
import dev.rondo.TimerHandle;
import dev.rondo.reactor.Fd;
import dev.rondo.reactor.Op;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TLS between a protocol and another transport: a protocol to the one below, a transport to the one above. All of it
 * runs as callbacks of the loop.
 *
 * <pre>
 *   HANDSHAKE ──agreed──▶ OPEN ──close(), the peer's goodbye──▶ FLUSHING ──all is sent──▶ SHUTDOWN ──the peer's goodbye─┐
 *       │                   │                                      │                         │                       ▼
 *       └─failure, time over┴──────────────── failure, time over, abort() ───────────────────┴──────────────────▶ CLOSED
 *
 *   plain text   protocol ◀── plain ◀── received ◀── transport below
 *                protocol ──▶ backlog ──▶ toSend ──▶ transport below
 * </pre>
 *
 * <p>CLOSED is when the transport below is told to close; the protocol hears of it when that one is closed. Who calls a
 * method here, {@link #write} apart, has nothing done at once: the protocol is called by callbacks of the loop alone.
 * Those of the transport below are in the same context. Loop thread only.
 */
final class TlsTransport implements TransportFile.Target {

    private static final Logger LOG = LoggerFactory.getLogger(TlsTransport.class);

    private static final int WRITES_BEFORE_WARNING = 5;

    private enum State {
        HANDSHAKE,
        OPEN,
        FLUSHING,
        SHUTDOWN,
        CLOSED
    }

    private final EventLoop loop;
    private final TlsCodec codec;
    private final TlsOptions options;
    private final SSLContext sslContext;
    private final Context context; // of whoever made the connection; that of the transport below as well
    private final boolean tellMade; // the protocol has not heard of a connection yet
    private final Wire wire = new Wire();
    private final Promise<Transport, IOException> agreed;
    private @Nullable Transport below; // from begin() on
    private StreamProtocol protocol;

    private State state = State.HANDSHAKE;
    private boolean computing; // a thread works for the engine, which does nothing else meanwhile
    private boolean working; // within goOn()
    private boolean queued; // goOn() is
    private boolean told; // the protocol knows of the connection
    private @Nullable TimerHandle patience; // in HANDSHAKE, FLUSHING, SHUTDOWN, and in CLOSED until it is closed below
    private @Nullable Throwable failure; // why it was closed; null if that was in order

    private boolean peerEnded; // it has said goodbye
    private boolean inputEnded; // nothing more comes from below, but perhaps not all is taken in
    private boolean readingPaused;
    private boolean belowHeld; // the transport below has been asked not to read
    private final TlsBacklog backlog;
    private int writesInVain;

    private TlsTransport(
            EventLoop loop,
            Context context,
            StreamProtocol protocol,
            boolean tellMade,
            SSLContext sslContext,
            SSLEngine engine,
            TlsOptions options) {
        this.loop = loop;
        this.context = context;
        this.protocol = protocol;
        this.tellMade = tellMade;
        this.told = !tellMade;
        this.sslContext = sslContext;
        this.options = options;
        this.codec = new TlsCodec(engine);
        this.backlog = new TlsBacklog(loop, context, this, codec);
        this.agreed = loop.createFuture();
    }

    /** Makes one for a connection that is about to begin, as the client; {@link #wire} is the protocol below. */
    static TlsTransport client(
            EventLoop loop, StreamProtocol protocol, SSLContext context, String host, int port, TlsOptions options) {
        SSLEngine engine = TlsEngines.client(context, host, port, options);
        return new TlsTransport(loop, Context.copyCurrent(), protocol, true, context, engine, options);
    }

    /** Makes one for a connection that is about to begin, as the server; {@link #wire} is the protocol below. */
    static TlsTransport server(EventLoop loop, StreamProtocol protocol, SSLContext context, TlsOptions options) {
        SSLEngine engine = TlsEngines.server(context, options);
        return new TlsTransport(loop, Context.copyCurrent(), protocol, true, context, engine, options);
    }

    /** Begins over a connected socket, which is this transport's from now on. */
    TlsTransport start(Fd socket, Runnable whenGone) {
        below = SocketTransport.start(loop, context, socket, wire, whenGone);
        return this;
    }

    /** Makes one for a connection that the protocol knows already. */
    static TlsTransport over(
            EventLoop loop,
            Transport plain,
            StreamProtocol protocol,
            SSLContext sslContext,
            SSLEngine engine,
            TlsOptions options) {
        Context context = switch (plain) {
            case SocketTransport socket -> socket.context();
            case TlsTransport tls -> tls.context;
            default -> Context.copyCurrent();
        };
        return new TlsTransport(loop, context, protocol, false, sslContext, engine, options);
    }

    /** Begins over a transport, whose protocol this is from now on. */
    TlsTransport startOver(Transport plain) {
        below = plain;
        if (plain instanceof TransportFile.Target target && target.isWritingPaused()) {
            backlog.belowPaused = true;
            backlog.text().setPaused(plain.getProtocol() == protocol); // so that it is told to go on
        }
        plain.pauseReading(); // what comes from now on is not for the protocol above
        plain.setProtocol(wire);
        loop.callSoon(
                () -> {
                    begin(plain);
                    plain.resumeReading();
                },
                context);
        return this;
    }

    /** Returns whether there is TLS over a transport. */
    static boolean isOver(Transport plain) {
        return plain.getProtocol() instanceof Wire;
    }

    /** Returns what the transport below talks to. */
    StreamProtocol wire() {
        return wire;
    }

    /** Has {@code told} hear why the handshake failed. */
    void onDisagreement(Consumer<Throwable> told) {
        agreed.addDoneCallback(done -> {
            if (!done.cancelled() && done.exception() != null) {
                told.accept(done.exception());
            }
        });
    }

    /** Waits for the end of the handshake; after a failure or a cancel, this is closed. Suspends. */
    Transport awaitAgreement() throws IOException {
        boolean complete = false;
        try {
            Transport transport = agreed.await();
            complete = true;
            return transport;
        } finally {
            if (!complete) {
                close(); // which after a failure it is already
            }
        }
    }

    // ------------------------------------------------------------------------------------------------ from below

    /** What the transport below tells. */
    private final class Wire implements Protocol {

        @Override
        public void connectionMade(Transport transport) {
            begin(transport);
        }

        @Override
        public void dataReceived(byte[] data) {
            codec.feed(data);
            goOn();
        }

        @Override
        public boolean eofReceived() {
            inputEnded = true;
            goOn();
            return true; // it is closed from here, once all that came is taken in
        }

        @Override
        public void connectionLost(@Nullable Throwable failure) {
            lost(failure);
        }

        @Override
        public void pauseWriting() {
            backlog.belowPaused = true;
        }

        @Override
        public void resumeWriting() {
            backlog.belowPaused = false;
            goOn();
        }
    }

    private void begin(Transport transport) {
        below = transport;
        if (state == State.CLOSED) { // nobody waited for it any more
            transport.abort();
            return;
        }
        patience = loop.callLater(options.handshakeTimeout(), this::handshakeTookTooLong);
        try {
            codec.engine.beginHandshake();
        } catch (SSLException e) {
            fail(e);
        }
        goOn();
    }

    /** Has all done that can be done, by a callback in the context of the protocol. */
    private void goOnSoon() {
        if (!queued && !loop.isClosed()) {
            queued = true;
            loop.callSoon(
                    () -> {
                        queued = false;
                        goOn();
                    },
                    context);
        }
    }

    private Transport below() {
        return Objects.requireNonNull(below, "not connected yet");
    }

    /** Does all that can be done without waiting. In the context of the protocol, and not from within its calls. */
    private void goOn() {
        if (computing) {
            return; // and then
        }
        if (working) { // the transport below has an answer within our call
            goOnSoon();
            return;
        }
        working = true;
        boolean complete = false;
        try {
            proceed();
            complete = true;
        } catch (SSLException e) {
            fail(e);
        } finally {
            working = false;
            if (!complete) {
                goOnSoon(); // also after what leaves the loop, which may run again
            }
        }
    }

    private void proceed() throws SSLException {
        if (state == State.HANDSHAKE) {
            shakeHands();
        }
        if (state == State.OPEN || state == State.FLUSHING) {
            receive();
            sendBacklog();
            if (state != State.CLOSED) {
                backlog.text().resumeIfDrained();
            }
        }
        if (state == State.FLUSHING) {
            flush();
        }
        if (state == State.SHUTDOWN) {
            receive();
        }
        if (belowHeld && state != State.CLOSED && (!readingPaused || state == State.SHUTDOWN)) {
            belowHeld = false; // in SHUTDOWN: the peer's goodbye comes behind what the protocol does not want
            below().resumeReading();
        }
    }

    // ------------------------------------------------------------------------------------------------ handshake

    private void shakeHands() throws SSLException {
        while (state == State.HANDSHAKE) {
            switch (codec.engine.getHandshakeStatus()) {
                case NEED_WRAP -> {
                    if (!codec.encryptOwn()) {
                        throw new SSLException("the TLS engine is closed");
                    }
                }
                case NEED_TASK -> {
                    compute();
                    return;
                }
                case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                    TlsCodec.Step step = codec.decrypt(TlsCodec.NOTHING);
                    if (step == TlsCodec.Step.ENDED) {
                        throw new SSLException("the peer refused");
                    }
                    if (step == TlsCodec.Step.NEEDS_BYTES) {
                        send();
                        if (inputEnded) {
                            endOfInput();
                        }
                        return;
                    }
                }
                case FINISHED, NOT_HANDSHAKING -> {
                    send();
                    agree();
                }
            }
        }
    }

    private void agree() {
        state = State.OPEN;
        losePatience();
        told = true;
        if (tellMade) {
            call("connection_made", () -> protocol.connectionMade(this));
        }
        if (!agreed.done()) {
            agreed.setResult(this);
        }
    }

    private void handshakeTookTooLong() {
        close(TlsTimeoutException.inHandshake(peer(), options.handshakeTimeout()), true);
    }

    /** Has a thread do what the engine wants computed, and goes on then. */
    private void compute() throws SSLException {
        Runnable task = codec.engine.getDelegatedTask();
        if (task == null) {
            throw new SSLException("the TLS engine waits for a computation that it does not hand out");
        }
        send();
        computing = true;
        loop.runInExecutor(NetThreads.CRYPTO, () -> {
                    task.run();
                    return null;
                })
                .addDoneCallback(
                        done -> {
                            computing = false;
                            if (!done.cancelled() && done.exception() != null) {
                                fail(new SSLException(
                                        "a computation of TLS failed: " + done.exception(), done.exception()));
                            }
                            goOn();
                        },
                        context);
    }

    // ------------------------------------------------------------------------------------------------ receiving

    private void receive() throws SSLException {
        while (wantsText() && !computing) {
            if (codec.plain.hasRemaining()) {
                deliver();
                continue;
            }
            if (peerEnded) {
                return;
            }
            TlsCodec.Step step = codec.decrypt(TlsCodec.NOTHING);
            switch (step) {
                case PROGRESS -> {
                    if (codec.wantsToCompute()) {
                        compute();
                    } else if (codec.wantsToSpeak() && codec.encryptOwn()) { // keys anew, for one
                        send();
                    }
                }
                case NEEDS_BYTES -> {
                    if (inputEnded) {
                        endOfInput();
                    }
                    return;
                }
                case ENDED -> peerEnded();
            }
        }
    }

    /** Returns whether to take in what comes: to be delivered, or to find the peer's goodbye behind it. */
    private boolean wantsText() {
        return state != State.CLOSED && (!readingPaused || state == State.SHUTDOWN);
    }

    /** Gives the protocol some text; drops it if it is paused, and the connection at its end. */
    private void deliver() {
        if (readingPaused) {
            codec.plain = TlsCodec.NOTHING;
            return;
        }
        switch (protocol) {
            case Protocol receiver -> {
                byte[] data = new byte[codec.plain.remaining()];
                codec.takePlain(ByteBuffer.wrap(data));
                callOrDie("data_received", () -> receiver.dataReceived(data));
            }
            case BufferedProtocol receiver -> fill(receiver);
        }
    }

    private void fill(BufferedProtocol receiver) {
        callOrDie("get_buffer", () -> {
            ByteBuffer room = receiver.getBuffer(codec.plain.remaining());
            if (!room.hasRemaining()) {
                throw new IllegalStateException("getBuffer() returned an empty buffer: " + room);
            }
            SocketStream.ensureRoom(room);
            if (wantsText() && !readingPaused && receiver == protocol) { // it may have turned away meanwhile
                int count = codec.takePlain(room);
                callOrDie("buffer_updated", () -> receiver.bufferUpdated(count));
            }
        });
    }

    /** The peer has said goodbye. */
    private void peerEnded() {
        peerEnded = true;
        if (state == State.SHUTDOWN) {
            close(null, false);
            return;
        }
        callOrDie("eof_received", () -> {
            boolean stays = protocol.eofReceived();
            if (protocol instanceof Wire) {
                return; // TLS over TLS: closes this one when it has delivered all
            }
            if (stays) {
                LOG.warn("true from eofReceived() has no effect over TLS: {}", this);
            }
            close();
        });
    }

    /** The transport below has come to its end, and all that came is taken in. */
    private void endOfInput() {
        switch (state) {
            case HANDSHAKE ->
                close(new SocketException("Connection reset by " + peer() + " in the TLS handshake"), false);
            case OPEN, FLUSHING ->
                close(
                        new TlsTruncationException(
                                peer() + " closed the connection without saying goodbye in TLS (close_notify):"
                                        + " what was received may be cut short"),
                        false);
            case SHUTDOWN -> close(null, false);
            case CLOSED -> {}
        }
    }

    // ------------------------------------------------------------------------------------------------ sending

    @Override
    public void write(ByteBuffer data) {
        writeLines(List.of(data));
    }

    @Override
    public void writeLines(List<ByteBuffer> data) {
        boolean empty = true;
        for (ByteBuffer each : data) {
            empty &= !each.hasRemaining();
        }
        if (empty) {
            return;
        }
        if (isClosing()) {
            if (++writesInVain >= WRITES_BEFORE_WARNING) {
                LOG.warn("{}: nothing is sent any more, the TLS connection is closed", this);
            }
            return;
        }
        backlog.add(data);
        if (backlog.isPausing()) {
            goOnSoon();
        } else if (state == State.OPEN) {
            try {
                sendBacklog();
            } catch (SSLException e) {
                fail(e);
            }
        }
        if (state != State.CLOSED) {
            backlog.pauseIfFull();
            if (backlog.text().canResume()) { // by a call of the loop, not from within this one
                goOnSoon();
            }
        }
    }

    @Override
    public void transfer(Function<Fd, Op.Transfer> maker) {
        throw new UnsupportedOperationException("what is sent over TLS is encrypted here, not by the system");
    }

    @Override
    public boolean isWritingPaused() {
        return backlog.text().isPaused();
    }

    @Override
    public void caughtUp(boolean before) {
        backlog.text().setPaused(before);
        if (state != State.CLOSED) {
            backlog.pauseIfFull();
            goOnSoon();
        }
    }

    private void sendBacklog() throws SSLException {
        if (!computing && state != State.CLOSED && !backlog.passOn(below())) {
            compute();
        }
    }

    private void send() {
        backlog.send(below());
    }

    // ------------------------------------------------------------------------------------------------ the end

    @Override
    public void close() {
        switch (state) {
            case HANDSHAKE -> abort();
            case OPEN -> {
                if (loop.isClosed()) { // which has closed the socket, and calls nobody
                    abort();
                    return;
                }
                state = State.FLUSHING;
                patience = loop.callLater(options.shutdownTimeout(), this::shutdownTookTooLong);
                goOnSoon();
            }
            case FLUSHING, SHUTDOWN, CLOSED -> {}
        }
    }

    /** Says goodbye once all is sent. */
    private void flush() throws SSLException {
        sendBacklog();
        if (state == State.FLUSHING && backlog.isEmpty() && !computing) {
            state = State.SHUTDOWN;
            codec.engine.closeOutbound();
            if (codec.encryptOwn()) {
                send();
            }
            if (peerEnded) {
                close(null, false);
            }
        }
    }

    private void shutdownTookTooLong() {
        close(TlsTimeoutException.inShutdown(peer(), options.shutdownTimeout()), true);
    }

    /** Ends the connection because of an error of TLS; the peer is told, if it listens. */
    private void fail(SSLException error) {
        if (state == State.CLOSED) {
            return;
        }
        SSLException failure = state == State.HANDSHAKE ? TlsEngines.handshakeFailure(peer(), error) : error;
        try {
            if (codec.encryptOwn()) {
                send();
            }
        } catch (SSLException untold) {
            failure.addSuppressed(untold);
        }
        close(failure, false);
    }

    @Override
    public void abort() {
        close(null, true);
    }

    private void close(@Nullable Throwable failure, boolean atOnce) {
        if (state == State.CLOSED) {
            if (atOnce && below != null) {
                below.abort();
            }
            return;
        }
        boolean agreeing = state == State.HANDSHAKE;
        state = State.CLOSED;
        this.failure = failure;
        backlog.clear();
        if (agreeing && !agreed.done()) {
            agreed.setException(
                    failure instanceof IOException e ? e : new SocketException("closed during the TLS handshake"));
            agreed.exception(); // if nobody waits, it is no news: whoever gave up knows
        }
        if (below == null) {
            return;
        }
        if (atOnce) {
            below.abort();
            return;
        }
        below.close();
        if (patience == null && !loop.isClosed()) { // a peer that does not read keeps nobody waiting for ever
            patience = loop.callLater(options.shutdownTimeout(), this::abort);
        }
    }

    private void lost(@Nullable Throwable reason) {
        close(reason, false);
        losePatience();
        if (told) {
            told = false;
            StreamProtocol protocol = this.protocol;
            call("connection_lost", () -> protocol.connectionLost(failure));
        }
    }

    private void losePatience() {
        if (patience != null) {
            patience.cancel();
            patience = null;
        }
    }

    // ------------------------------------------------------------------------------------------------ calls

    /** Calls the protocol, where a failure of its own ends nothing. */
    private void call(String method, Action<Exception> call) {
        Throwable failure = failureOf(call);
        if (failure != null) {
            UserCalls.report(loop, "Exception in callback protocol." + method + "()", failure, this);
        }
    }

    /** Calls the protocol, where a failure ends the connection: one of the system is everyday, any other its own. */
    private void callOrDie(String method, Action<Exception> call) {
        Throwable failure = failureOf(call);
        if (failure == null) {
            return;
        }
        String message = "Fatal error: protocol." + method + "() call failed.";
        if (!(failure instanceof IOException)) {
            UserCalls.report(loop, message, failure, this);
        } else if (loop.debug()) {
            LOG.debug("{}: {}", this, message, failure);
        }
        close(failure, true);
    }

    private @Nullable Throwable failureOf(Action<Exception> call) {
        try {
            call.run();
            return null;
        } catch (Throwable failure) {
            UserCalls.throwIfEscapes(failure);
            return failure;
        }
    }

    // ------------------------------------------------------------------------------------------------ what it is

    @Override
    public boolean isClosing() {
        return state.compareTo(State.FLUSHING) >= 0;
    }

    @Override
    public void writeEof() {
        throw new UnsupportedOperationException("TLS cannot end one direction alone: close()");
    }

    @Override
    public boolean canWriteEof() {
        return false;
    }

    @Override
    public void setWriteBufferLimits(int high, int low) {
        backlog.setLimits(high, low);
        if (backlog.text().canResume()) {
            goOnSoon();
        }
    }

    @Override
    public int getWriteBufferSize() {
        return backlog.text().size();
    }

    @Override
    public WriteBufferLimits getWriteBufferLimits() {
        return backlog.text().limits();
    }

    @Override
    public void pauseReading() {
        if (!readingPaused && !isClosing()) {
            readingPaused = true;
            belowHeld = true;
            below().pauseReading();
        }
    }

    @Override
    public void resumeReading() {
        if (readingPaused) {
            readingPaused = false;
            if (state != State.CLOSED) {
                goOnSoon(); // what is here already comes first
            }
        }
    }

    @Override
    public boolean isReading() {
        return !readingPaused && !isClosing();
    }

    @Override
    public StreamProtocol getProtocol() {
        return protocol;
    }

    @Override
    public void setProtocol(StreamProtocol protocol) {
        this.protocol = protocol;
    }

    @Override
    public SocketAddress localAddress() {
        return below().localAddress();
    }

    @Override
    public SocketAddress remoteAddress() {
        return below().remoteAddress();
    }

    private String peer() {
        String host = codec.engine.getPeerHost();
        if (host != null) {
            return host + ":" + codec.engine.getPeerPort();
        }
        return below == null ? "the peer" : below.remoteAddress().toString();
    }

    @Override
    public @Nullable Object getExtraInfo(String name) {
        return switch (name) {
            case "sslcontext" -> sslContext;
            case "ssl_object" -> codec.engine;
            case "cipher" -> codec.engine.getSession().getCipherSuite();
            case "peercert" -> peerCertificates();
            default -> below().getExtraInfo(name);
        };
    }

    private @Nullable Object peerCertificates() {
        try {
            return List.of(codec.engine.getSession().getPeerCertificates());
        } catch (SSLPeerUnverifiedException none) {
            return null;
        }
    }

    @Override
    public String toString() {
        return "TlsTransport[" + state.name().toLowerCase(java.util.Locale.ROOT) + " over " + below + "]";
    }
}
