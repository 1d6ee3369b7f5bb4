package dev.rondo.net;

import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/**
 * An {@link SSLEngine} with its buffers: bytes to text and back, without any input or output of its own, and without
 * waiting: for the coroutines of {@link TlsStream} as well as for callbacks.
 *
 * <pre>
 *   received ──decrypt──▶ plain ──▶ reader        received, plain   what is there: position to limit
 *   toSend  ◀──encrypt──  writer                  toSend            what is there: 0 to position
 * </pre>
 *
 * <p>Text is decrypted straight into the reader's buffer if a record fits there, and encrypted straight from the
 * writer's. The buffers are on the heap: the JDK's ciphers take half as long again to work on direct ones (9 µs for 6
 * µs, for 16 KiB), and the copy that NIO makes of a heap buffer is nothing beside that (0.4 µs).
 */
final class TlsCodec {

    /** What a step of decrypting came to. */
    enum Step {
        /** Something was taken in: text, perhaps, or a message of TLS's own. */
        PROGRESS,
        /** The next record is not complete. */
        NEEDS_BYTES,
        /** The peer has said goodbye. */
        ENDED
    }

    /** For a step that has nowhere to put text but {@link #plain}. */
    static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private static final int RECORDS_KEPT = 4; // what a busy connection holds on to, each way: 64 KiB
    private static final int RECORDS_AT_ONCE =
            15; // in a long write: just short of 256 KiB, as much as NIO sends at once

    final SSLEngine engine;
    ByteBuffer received;
    ByteBuffer plain = NOTHING; // made when first needed: who reads into large buffers does without
    ByteBuffer toSend;
    private boolean overrun; // there was more to receive than room for it, perhaps

    TlsCodec(SSLEngine engine) {
        this(engine, NOTHING);
    }

    /** Makes one that has received something already. */
    TlsCodec(SSLEngine engine, ByteBuffer early) {
        this.engine = engine;
        this.received = early.hasRemaining()
                ? early
                : ByteBuffer.allocate(packetBytes()).limit(0);
        this.toSend = ByteBuffer.allocate(packetBytes());
    }

    private int packetBytes() {
        return engine.getSession().getPacketBufferSize();
    }

    // ------------------------------------------------------------------------------------------------ in

    /**
     * Takes in one record, its text straight to {@code dst} if it has room for it, else behind what is in
     * {@code plain}.
     */
    Step decrypt(ByteBuffer dst) throws SSLException {
        SSLEngineResult result;
        try {
            result = engine.unwrap(received, dst);
            if (result.getStatus() == SSLEngineResult.Status.BUFFER_OVERFLOW) {
                result = intoPlain();
            }
        } catch (SSLException e) {
            if (isGoodbyeAtKeyLimit(e)) {
                return Step.ENDED;
            }
            throw e;
        }
        return switch (result.getStatus()) {
            case OK -> Step.PROGRESS;
            case BUFFER_UNDERFLOW -> Step.NEEDS_BYTES;
            case CLOSED -> Step.ENDED;
            case BUFFER_OVERFLOW ->
                throw new SSLException("TLS engine wants more than the "
                        + engine.getSession().getApplicationBufferSize() + " bytes it asked for");
        };
    }

    /**
     * Returns whether the engine has taken the peer's goodbye, and failed only because the keys have served their time
     * with that very record: it wants new ones, for a direction that is closed.
     */
    private boolean isGoodbyeAtKeyLimit(SSLException failure) {
        return engine.isInboundDone() && String.valueOf(failure.getMessage()).startsWith("Cannot kickstart");
    }

    private SSLEngineResult intoPlain() throws SSLException {
        int textBytes = engine.getSession().getApplicationBufferSize();
        plain.compact();
        if (plain.remaining() < textBytes) {
            plain = ByteBuffer.allocate(plain.position() + textBytes).put(plain.flip());
        }
        try {
            return engine.unwrap(received, plain);
        } finally {
            plain.flip();
        }
    }

    /** Moves text from {@code plain}, where there is some, to {@code dst}; returns how much. */
    int takePlain(ByteBuffer dst) {
        int count = Math.min(plain.remaining(), dst.remaining());
        dst.put(plain.slice(plain.position(), count));
        plain.position(plain.position() + count);
        if (!plain.hasRemaining() && plain.capacity() > RECORDS_KEPT * packetBytes()) {
            plain = NOTHING;
        }
        return count;
    }

    /** Has {@code received} ready to be written to; {@link #endReceive} makes it ready to be read from again. */
    ByteBuffer beginReceive() {
        int wanted = overrun ? Math.min(2 * received.capacity(), RECORDS_KEPT * packetBytes()) : packetBytes();
        boolean tooLarge =
                !received.hasRemaining() && received.capacity() > RECORDS_KEPT * packetBytes(); // it came early
        if (received.capacity() < wanted || tooLarge) {
            received = ByteBuffer.allocate(wanted).put(received);
        } else {
            received.compact();
        }
        return received;
    }

    void endReceive() {
        overrun = !received.hasRemaining();
        received.flip();
    }

    /** Takes in what was received elsewhere; the array belongs to this from now on. */
    void feed(byte[] data) {
        received = received.hasRemaining()
                ? ByteBuffer.allocate(received.remaining() + data.length)
                        .put(received)
                        .put(data)
                        .flip()
                : ByteBuffer.wrap(data);
    }

    // ------------------------------------------------------------------------------------------------ out

    /**
     * Encrypts from {@code src} as much as one stretch of sending takes; returns false if the engine
     * {@linkplain #wantsToCompute wants to compute} before it goes on.
     */
    boolean encrypt(ByteBuffer[] src) throws SSLException {
        int packetBytes = packetBytes();
        makeRoom(src, packetBytes);
        do {
            SSLEngineResult result = wrap(src);
            if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
                throw new SSLException("nothing can be written to this TLS stream any more: one side has said goodbye");
            }
            if (result.bytesConsumed() == 0 && result.bytesProduced() == 0) {
                if (wantsToCompute()) { // the peer has begun to negotiate anew
                    return false;
                }
                throw new SSLException("the TLS engine takes nothing: " + result);
            }
        } while (remaining(src) > 0 && toSend.remaining() >= packetBytes);
        return true;
    }

    /** Sees to it that a long write goes out in long stretches. */
    private void makeRoom(ByteBuffer[] src, int packetBytes) {
        long records = remaining(src) / engine.getSession().getApplicationBufferSize() + 1;
        int wanted = (int) Math.min(records, RECORDS_AT_ONCE) * packetBytes;
        if (toSend.capacity() < wanted) {
            toSend = ByteBuffer.allocate(wanted).put(toSend.flip());
        }
    }

    static boolean hasRemaining(ByteBuffer[] src) {
        return remaining(src) > 0;
    }

    private static long remaining(ByteBuffer[] src) {
        long sum = 0;
        for (ByteBuffer buffer : src) {
            sum += buffer.remaining();
        }
        return sum;
    }

    /**
     * Encrypts what TLS itself has to say: parts of the handshake, alerts, goodbye. Returns whether there was anything.
     */
    boolean encryptOwn() throws SSLException {
        return wrap(new ByteBuffer[] {NOTHING}).bytesProduced() > 0;
    }

    private SSLEngineResult wrap(ByteBuffer[] src) throws SSLException {
        SSLEngineResult result = engine.wrap(src, toSend);
        if (result.getStatus() == SSLEngineResult.Status.BUFFER_OVERFLOW) {
            toSend = ByteBuffer.allocate(toSend.position() + packetBytes()).put(toSend.flip());
            result = engine.wrap(src, toSend);
        }
        return result;
    }

    /**
     * Says that {@code toSend}, flipped, was passed on: to be used again, or, unless it is {@code free}, to be left to
     * whoever has it.
     */
    void sent(boolean free) {
        toSend = free ? toSend.clear() : ByteBuffer.allocate(packetBytes());
        letGo();
    }

    /** Makes {@code toSend} what it was before a long write, if all of it is sent. */
    void letGo() {
        if (toSend.position() == 0 && toSend.capacity() > RECORDS_KEPT * packetBytes()) {
            toSend = ByteBuffer.allocate(packetBytes());
        }
    }

    // ------------------------------------------------------------------------------------------------ what it wants

    /** Returns whether TLS itself has something to say. */
    boolean wantsToSpeak() {
        return engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP;
    }

    /** Returns whether the engine waits for a long computation. */
    boolean wantsToCompute() {
        return engine.getHandshakeStatus() == HandshakeStatus.NEED_TASK;
    }
}
