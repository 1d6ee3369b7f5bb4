package dev.rondo.net;

import dev.rondo.AsyncEvent;
import dev.rondo.Asyncio;
import dev.rondo.Awaitable;
import dev.rondo.EventLoop;
import dev.rondo.Promise;
import dev.rondo.TimerHandle;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * TLS over another stream: made by {@link Net}. Belongs to one loop.
 *
 * <p>The two directions share the engine, which is touched between suspension points only, and nothing else:
 *
 * <pre>
 *   reading   one coroutine: TlsCodec.received, plain
 *   sending   one at a time: a writer, or the task that answers for the reader: TlsCodec.toSend
 * </pre>
 *
 * <p>A cancel loses nothing: what was received stays in {@code received} and {@code plain}, what was encrypted and not
 * sent stays in {@code toSend} and goes out before the next write, or with the goodbye.
 */
public final class TlsStream implements ByteStream, LastWords {

    private static final Duration PATIENCE = Duration.ofSeconds(60); // for the handshake; asyncio's figure

    private final EventLoop loop = Asyncio.getRunningLoop();
    private final ByteStream inner;
    private final TlsCodec codec;

    private boolean open = true;
    private boolean handshaking = true;
    private boolean outOfPatience; // the handshake took too long
    private boolean handingOver; // a computation, to a thread
    private @Nullable Awaitable<@Nullable Void, RuntimeException> computation; // until somebody has seen how it went
    private boolean reading;
    private boolean ended; // the peer has said goodbye
    private @Nullable IOException readFailure; // of the kind that does not pass

    private boolean writing;
    private boolean sending; // toSend is with the inner stream
    private boolean outputShut;
    private final AsyncEvent answered = new AsyncEvent(); // unset: a task is to send what TLS itself has to say

    private TlsStream(ByteStream inner, SSLEngine engine) {
        this.inner = inner;
        this.codec = new TlsCodec(engine);
        answered.set();
    }

    // ------------------------------------------------------------------------------------------------ the handshake

    static SSLEngine clientEngine(SSLContext context, String serverName, int port) {
        SSLEngine engine = context.createSSLEngine(serverName, port);
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS"); // the certificate must be the host's
        engine.setSSLParameters(parameters);
        return engine;
    }

    static SSLEngine serverEngine(SSLContext context) {
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(false);
        return engine;
    }

    /** Makes a stream, whose engine it makes as well, so that no failure leaves {@code inner} open. */
    static TlsStream open(ByteStream inner, Supplier<SSLEngine> engine) throws IOException {
        TlsStream stream;
        try {
            stream = new TlsStream(inner, engine.get());
        } catch (Throwable e) { // of an SSLContext that was not initialised, for one
            inner.close();
            throw e;
        }
        return agree(stream, inner, stream.codec.engine);
    }

    private static TlsStream agree(TlsStream stream, ByteStream inner, SSLEngine engine) throws IOException {
        TimerHandle patience = stream.loop.callLater(PATIENCE, stream::losePatience);
        boolean agreed = false;
        try {
            stream.handshake();
            agreed = true;
            return stream;
        } catch (SSLException e) {
            stream.handshaking = false; // so that close() tells the peer why
            throw handshakeFailure(inner, engine, e);
        } catch (ClosedChannelException e) {
            throw stream.outOfPatience
                    ? handshakeFailure(
                            inner, engine, new SSLException("it takes longer than " + PATIENCE.toSeconds() + " s"))
                    : e;
        } finally {
            patience.cancel();
            if (!agreed) {
                stream.close();
            }
        }
    }

    private void losePatience() {
        outOfPatience = true;
        inner.close();
    }

    private static SSLException handshakeFailure(ByteStream inner, SSLEngine engine, SSLException cause) {
        String host = engine.getPeerHost();
        String peer = host == null ? inner.remoteAddress().toString() : host + ":" + engine.getPeerPort();
        SSLException failure =
                new SSLHandshakeException("TLS handshake with " + peer + " failed: " + cause.getMessage());
        failure.initCause(cause);
        return failure;
    }

    private void handshake() throws IOException {
        codec.engine.beginHandshake();
        for (; ; ) {
            switch (codec.engine.getHandshakeStatus()) {
                case NEED_WRAP -> {
                    if (!codec.encryptOwn()) {
                        throw new SSLException("the TLS engine is closed");
                    }
                }
                case NEED_TASK -> compute();
                case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> takeIn();
                case FINISHED, NOT_HANDSHAKING -> {
                    send();
                    handshaking = false;
                    return;
                }
            }
        }
    }

    private void takeIn() throws IOException {
        switch (codec.decrypt(codec.plain)) {
            case PROGRESS -> {}
            case NEEDS_BYTES -> {
                send();
                if (!receive()) {
                    throw new SSLException("the peer closed the connection during the handshake");
                }
            }
            case ENDED -> throw new SSLException("the peer refused");
        }
    }

    /**
     * Runs one of the engine's long computations on a thread, or waits for the one that runs.
     *
     * <p>The engine hands a computation out once and goes no further without it. So a cancel ends the waiting and never
     * takes the computation back: the next read waits for it again.
     */
    private void compute() throws SSLException {
        Awaitable<@Nullable Void, RuntimeException> work = computation;
        if (work == null) {
            computation = work = beginToCompute();
        }
        if (!work.done()) {
            awaitEnd(work);
        }
        computation = null;
        work.result();
    }

    private Awaitable<@Nullable Void, RuntimeException> beginToCompute() throws SSLException {
        Runnable task = codec.engine.getDelegatedTask();
        if (task == null) {
            throw new SSLException("the TLS engine waits for a computation that it does not hand out");
        }
        handingOver = true;
        try {
            return loop.runInExecutor(NetThreads.CRYPTO, () -> {
                task.run();
                return null;
            });
        } finally {
            handingOver = false;
        }
    }

    /** Returns whether a thread works with the engine, or is about to, and holds its lock. */
    private boolean computing() {
        return handingOver || (computation != null && !computation.done());
    }

    /** Waits for a promise of its own: awaiting the work itself would let a cancel take it back. */
    private void awaitEnd(Awaitable<@Nullable Void, RuntimeException> work) {
        Promise<@Nullable Void, RuntimeException> over = loop.createFuture();
        work.addDoneCallback(done -> {
            if (!over.done()) {
                over.setResult(null);
            }
        });
        over.await();
    }

    /** Returns what was agreed on: protocol, cipher suite, the peer's certificates. */
    public SSLSession session() {
        return codec.engine.getSession();
    }

    // ------------------------------------------------------------------------------------------------ reading

    @Override
    public int read(ByteBuffer dst) throws IOException {
        SocketStream.ensureRoom(dst);
        ensureOpen();
        ensureNobodyReads();
        reading = true;
        try {
            return readText(dst);
        } finally {
            reading = false;
        }
    }

    private void ensureNobodyReads() {
        if (reading) {
            throw new IllegalStateException("another coroutine is already reading from this stream");
        }
    }

    private int readText(ByteBuffer dst) throws IOException {
        int before = dst.position();
        while (!textIsThere()) {
            if (computation != null) {
                compute(); // a read that was cancelled has left it behind
            }
            switch (decrypt(dst)) {
                case PROGRESS -> {
                    if (dst.position() > before) {
                        return dst.position() - before;
                    }
                    if (codec.wantsToCompute()) {
                        compute();
                    }
                }
                case NEEDS_BYTES -> receiveOrFail();
                case ENDED -> ended = true;
            }
        }
        if (!codec.plain.hasRemaining()) {
            return -1;
        }
        int count = Math.min(codec.plain.remaining(), dst.remaining());
        dst.put(codec.plain.slice(codec.plain.position(), count));
        codec.plain.position(codec.plain.position() + count);
        return count;
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
            answerIfAsked();
            return step;
        } catch (SSLException e) {
            readFailure = e; // the peer is told by close()
            throw e;
        }
    }

    private void receiveOrFail() throws IOException {
        if (!receive()) {
            throw new TlsTruncationException(
                    remoteAddress() + " closed the connection without saying goodbye in TLS (close_notify):"
                            + " what was received may be cut short");
        }
    }

    /** Waits for ciphertext; returns false at the end. On cancel, what came is kept. */
    private boolean receive() throws IOException {
        ByteBuffer received = codec.beginReceive();
        try {
            return inner.read(received) >= 0;
        } finally {
            codec.endReceive();
        }
    }

    /** {@inheritDoc} Messages of TLS's own, such as session tickets, do not count. */
    @Override
    public boolean quiet() {
        if (!open || ended || readFailure != null) {
            return false;
        }
        ensureNobodyReads();
        if (computation != null) {
            return false;
        }
        try {
            while (!codec.plain.hasRemaining()) {
                switch (decrypt(codec.plain)) {
                    case PROGRESS -> {
                        if (codec.wantsToCompute()) {
                            return false;
                        }
                    }
                    case NEEDS_BYTES -> {
                        if (inner.quiet()) {
                            return true;
                        }
                        receiveOrFail(); // does not suspend, since the inner stream is not quiet
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
        if (outputShut) {
            throw new ClosedChannelException();
        }
        beginWrite();
        try {
            sendRest();
            while (hasRemaining(src)) {
                codec.encrypt(src);
                send();
            }
            sendOwn(); // what the reader would have had sent meanwhile
        } finally {
            writing = false;
        }
    }

    @Override
    public void shutdownOutput() throws IOException {
        beginWrite();
        outputShut = true;
        try {
            sendRest();
            codec.engine.closeOutbound();
            sendOwn();
        } finally {
            writing = false;
        }
    }

    private void beginWrite() throws IOException {
        ensureOpen();
        if (writing) {
            throw new IllegalStateException("another coroutine is already writing to this stream");
        }
        writing = true;
    }

    private static boolean hasRemaining(ByteBuffer[] buffers) {
        for (ByteBuffer buffer : buffers) {
            if (buffer.hasRemaining()) {
                return true;
            }
        }
        return false;
    }

    /** Waits until the sending direction is free, and sends what an earlier write has left there. */
    private void sendRest() throws IOException {
        while (!answered.isSet()) {
            answered.await();
        }
        send();
    }

    private void sendOwn() throws IOException {
        while (codec.wantsToSpeak() && codec.encryptOwn()) {
            send();
        }
    }

    /** Sends what is encrypted. After a cancel the rest of it is still there. */
    private void send() throws IOException {
        if (!open) {
            throw new AsynchronousCloseException(); // while this coroutine waited for its turn
        }
        if (codec.toSend.position() > 0) {
            codec.toSend.flip();
            sending = true;
            try {
                inner.write(codec.toSend);
            } finally {
                sending = false;
                codec.toSend.compact();
            }
        }
    }

    /**
     * Has the engine's own messages sent: answers to what was just read. By a task, for the reader must not wait until
     * the peer reads: the peer may be waiting for the same.
     */
    private void answerIfAsked() {
        if (handshaking || writing || !answered.isSet() || !open || !codec.wantsToSpeak()) {
            return;
        }
        answered.clear();
        loop.createTask(this::answer).addDoneCallback(_ -> answered.set());
    }

    private void answer() {
        try {
            send();
            sendOwn();
        } catch (IOException e) {
            // The stream is closed or broken; who reads or writes will meet it.
        }
    }

    // ------------------------------------------------------------------------------------------------ closing

    private void ensureOpen() throws ClosedChannelException {
        if (!open) {
            throw new ClosedChannelException();
        }
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() {
        if (!open) {
            return;
        }
        open = false;
        if (inner instanceof LastWords speaker && encryptGoodbye()) {
            speaker.closeWith(codec.toSend.flip());
        } else {
            inner.close();
        }
    }

    /**
     * Adds goodbye, or the alert that says what went wrong, to what has not been sent; returns false if that cannot be
     * done now.
     */
    private boolean encryptGoodbye() {
        if (handshaking || computing() || sending) {
            return false;
        }
        try {
            codec.engine.closeOutbound();
            while (codec.wantsToSpeak() && codec.encryptOwn()) {
                // one message at a time
            }
            return true;
        } catch (SSLException e) {
            return false;
        }
    }

    @Override
    public void closeWith(ByteBuffer lastWords) {
        if (open && !sending && !computing()) {
            try {
                while (lastWords.hasRemaining()) {
                    codec.encrypt(new ByteBuffer[] {lastWords});
                }
            } catch (SSLException e) {
                // then without them
            }
        }
        close();
    }

    // ------------------------------------------------------------------------------------------------ what it is

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
