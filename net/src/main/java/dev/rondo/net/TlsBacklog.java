package dev.rondo.net;

import dev.rondo.Context;
import dev.rondo.EventLoop;
import java.nio.ByteBuffer;
import java.util.List;
import javax.net.ssl.SSLException;

/**
 * The sending direction of a {@link TlsTransport}: text waits here, and is encrypted when the transport below wants
 * more. Loop thread only.
 *
 * <pre>
 *   add() ──▶ text ──▶ batch ──encrypt──▶ toSend ──▶ transport below
 * </pre>
 */
final class TlsBacklog {

    private static final int HIGH_WATER = 512 * 1024; // asyncio's figure for TLS

    private static final ByteBuffer[] NOTHING = {};

    private final TlsCodec codec;
    private final WriteBuffer text; // that is not encrypted yet, and the pauses of the protocol
    private ByteBuffer[] batch = NOTHING; // of it, that is being encrypted
    private boolean pausing; // within the protocol's pauseWriting(), perhaps
    boolean belowPaused; // the transport below has asked to pause

    TlsBacklog(EventLoop loop, Context context, TlsTransport transport, TlsCodec codec) {
        this.codec = codec;
        this.text = new WriteBuffer(loop, context, transport, HIGH_WATER, true);
    }

    /** Returns the text that is not encrypted yet, to be asked about its size, limits and pauses. */
    WriteBuffer text() {
        return text;
    }

    void add(List<ByteBuffer> data) {
        data.forEach(each -> text.add(each.duplicate()));
    }

    /** Returns whether nothing waits to be encrypted. */
    boolean isEmpty() {
        return batch.length == 0 && text.isEmpty();
    }

    void clear() {
        text.clear();
        batch = NOTHING;
    }

    /**
     * Encrypts and passes on as much as the transport below wants; returns false if the engine wants to compute before
     * it goes on.
     */
    boolean passOn(Transport below) throws SSLException {
        while (hasBatch()) {
            boolean goesOn = codec.encrypt(batch);
            send(below);
            if (!TlsCodec.hasRemaining(batch)) {
                batch = NOTHING;
                text.sent();
            }
            if (!goesOn) {
                return false;
            }
        }
        return true;
    }

    private boolean hasBatch() {
        if (batch.length == 0 && !belowPaused && !text.isEmpty()) {
            batch = text.take();
        }
        return batch.length > 0;
    }

    /** Passes on what is encrypted. */
    void send(Transport below) {
        if (codec.toSend.position() > 0) {
            below.write(codec.toSend.flip());
            codec.sent(below.getWriteBufferSize() == 0);
        }
    }

    // ------------------------------------------------------------------------------------------------ pauses

    /**
     * Returns whether the protocol is being asked to pause: then nothing can be passed on, for what is below may want
     * to make such a call in the same context.
     */
    boolean isPausing() {
        return pausing;
    }

    /** Asks the protocol to pause if there is more than the high-water mark. */
    void pauseIfFull() {
        pausing(text::pauseIfFull);
    }

    /** Sets the marks, as {@link Transport#setWriteBufferLimits(int, int)} does. */
    void setLimits(int high, int low) {
        pausing(() -> text.setLimits(high, low));
    }

    private void pausing(Runnable call) {
        boolean before = pausing;
        pausing = true;
        try {
            call.run();
        } finally {
            pausing = before;
        }
    }
}
