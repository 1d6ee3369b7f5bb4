package dev.rondo.net;

import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import dev.rondo.TimerHandle;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** The beginning of a {@link TlsStream}, which is there once this has gone well; if not, the inner stream is closed. */
final class TlsHandshake {

    private final EventLoop loop = Asyncio.getRunningLoop();
    private final ByteStream inner;
    private final TlsOptions options;
    private final TlsCodec codec;
    private final TlsComputing computing;
    private final TlsSending sending;
    private boolean outOfPatience;

    private TlsHandshake(ByteStream inner, ByteBuffer early, TlsOptions options, SSLEngine engine) {
        this.inner = inner;
        this.options = options;
        this.codec = new TlsCodec(engine, early);
        this.computing = new TlsComputing(loop, engine);
        this.sending = new TlsSending(loop, inner, codec, computing);
    }

    /** Begins TLS as the client. {@code early} is what was received from {@code inner} already. */
    static TlsStream client(
            ByteStream inner, ByteBuffer early, SSLContext context, String host, int port, TlsOptions options)
            throws IOException {
        return perform(inner, early, options, context, () -> TlsEngines.client(context, host, port, options));
    }

    /** Begins TLS as the server. {@code early} is what was received from {@code inner} already. */
    static TlsStream server(ByteStream inner, ByteBuffer early, SSLContext context, TlsOptions options)
            throws IOException {
        return perform(inner, early, options, context, () -> TlsEngines.server(context, options));
    }

    /** Shakes hands with an engine that is made here as well, so that no failure leaves {@code inner} open. */
    static TlsStream perform(
            ByteStream inner,
            ByteBuffer early,
            TlsOptions options,
            @Nullable SSLContext context,
            Supplier<SSLEngine> engine)
            throws IOException {
        TlsHandshake handshake;
        try {
            handshake = new TlsHandshake(inner, early, options, engine.get());
        } catch (Throwable e) { // of an SSLContext that was not initialised, for one
            inner.close();
            throw e;
        }
        handshake.agree();
        return new TlsStream(
                handshake.loop, inner, options, context, handshake.codec, handshake.computing, handshake.sending);
    }

    private void agree() throws IOException {
        TimerHandle patience = loop.callLater(options.handshakeTimeout(), this::losePatience);
        boolean agreed = false;
        boolean tellWhy = false;
        try {
            converse();
            ensurePatience(); // it may have been lost since the last byte was sent
            agreed = true;
        } catch (IOException e) {
            ensurePatience();
            tellWhy = e instanceof SSLException;
            throw e instanceof SSLException failure ? TlsEngines.handshakeFailure(peer(inner, codec), failure) : e;
        } finally {
            patience.cancel();
            if (!agreed) {
                sending.close(tellWhy);
            }
        }
    }

    private void losePatience() {
        outOfPatience = true;
        inner.close();
    }

    private void ensurePatience() throws TlsTimeoutException {
        if (outOfPatience) {
            throw TlsTimeoutException.inHandshake(peer(inner, codec), options.handshakeTimeout());
        }
    }

    private void converse() throws IOException {
        codec.engine.beginHandshake();
        for (; ; ) {
            switch (codec.engine.getHandshakeStatus()) {
                case NEED_WRAP -> {
                    if (!codec.encryptOwn()) {
                        throw new SSLException("the TLS engine is closed");
                    }
                }
                case NEED_TASK -> computing.compute();
                case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> takeIn();
                case FINISHED, NOT_HANDSHAKING -> {
                    sending.send();
                    return;
                }
            }
        }
    }

    private void takeIn() throws IOException {
        switch (codec.decrypt(TlsCodec.NOTHING)) {
            case PROGRESS -> {}
            case NEEDS_BYTES -> {
                sending.send();
                if (!receive(inner, codec)) {
                    throw new SSLException("the peer closed the connection during the handshake");
                }
            }
            case ENDED -> throw new SSLException("the peer refused");
        }
    }

    /** Waits for ciphertext; returns false at the end. On cancel, what came is kept. */
    static boolean receive(ByteStream inner, TlsCodec codec) throws IOException {
        ByteBuffer received = codec.beginReceive();
        try {
            return inner.read(received) >= 0;
        } finally {
            codec.endReceive();
        }
    }

    /** Returns the peer's name, or its address. */
    static String peer(ByteStream inner, TlsCodec codec) {
        String host = codec.engine.getPeerHost();
        return host == null ? inner.remoteAddress().toString() : host + ":" + codec.engine.getPeerPort();
    }
}
