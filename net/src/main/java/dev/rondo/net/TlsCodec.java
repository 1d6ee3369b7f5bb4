package dev.rondo.net;

import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/**
 * An {@link SSLEngine} with its buffers: bytes to text and back, without any input or output of its own.
 *
 * <pre>
 *   received ──decrypt──▶ plain ──▶ reader        received, plain   what is there: position to limit
 *   toSend  ◀──encrypt──  writer                  toSend            what is there: 0 to position
 * </pre>
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

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final int RECORDS_AT_ONCE = 4; // for a long write: fewer system calls, and 64 KiB

    final SSLEngine engine;
    ByteBuffer received;
    ByteBuffer plain = NOTHING; // made when first needed: who reads into large buffers does without
    ByteBuffer toSend;

    TlsCodec(SSLEngine engine) {
        this.engine = engine;
        this.received = ByteBuffer.allocate(packetBytes()).limit(0);
        this.toSend = ByteBuffer.allocate(packetBytes());
    }

    private int packetBytes() {
        return engine.getSession().getPacketBufferSize();
    }

    // ------------------------------------------------------------------------------------------------ in

    /** Takes in one record, its text straight to {@code dst} if that is sure to have room, else to {@code plain}. */
    Step decrypt(ByteBuffer dst) throws SSLException {
        int textBytes = engine.getSession().getApplicationBufferSize();
        boolean direct = dst.remaining() >= textBytes;
        if (!direct && plain.capacity() < textBytes) {
            plain = ByteBuffer.allocate(textBytes).limit(0);
        }
        SSLEngineResult result = direct ? engine.unwrap(received, dst) : intoPlain();
        return switch (result.getStatus()) {
            case OK -> Step.PROGRESS;
            case BUFFER_UNDERFLOW -> Step.NEEDS_BYTES;
            case CLOSED -> Step.ENDED;
            case BUFFER_OVERFLOW -> {
                if (textBytes >= engine.getSession().getApplicationBufferSize()) {
                    throw new SSLException("TLS engine wants more than the " + textBytes + " bytes it asked for");
                }
                yield Step.PROGRESS; // the session has just been agreed on and has larger records: try again
            }
        };
    }

    private SSLEngineResult intoPlain() throws SSLException {
        plain.clear();
        try {
            return engine.unwrap(received, plain);
        } finally {
            plain.flip();
        }
    }

    /** Has {@code received} ready to be written to; {@link #endReceive} makes it ready to be read from again. */
    ByteBuffer beginReceive() {
        if (received.capacity() < packetBytes()) {
            received = ByteBuffer.allocate(packetBytes()).put(received);
        } else {
            received.compact();
        }
        return received;
    }

    void endReceive() {
        received.flip();
    }

    // ------------------------------------------------------------------------------------------------ out

    /** Encrypts from {@code src} as much as one stretch of sending takes. */
    void encrypt(ByteBuffer[] src) throws SSLException {
        int packetBytes = packetBytes();
        if (longerThan(src, packetBytes) && toSend.capacity() < RECORDS_AT_ONCE * packetBytes) {
            toSend = ByteBuffer.allocate(RECORDS_AT_ONCE * packetBytes).put(toSend.flip());
        }
        do {
            SSLEngineResult result = wrap(src);
            if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
                throw new SSLException("nothing can be written to this TLS stream any more: one side has said goodbye");
            }
            if (result.bytesConsumed() == 0 && result.bytesProduced() == 0) {
                throw new SSLException("the peer wants to negotiate TLS anew, which is not supported");
            }
        } while (longerThan(src, 0) && toSend.remaining() >= packetBytes);
    }

    private static boolean longerThan(ByteBuffer[] src, int bytes) {
        long sum = 0;
        for (ByteBuffer buffer : src) {
            sum += buffer.remaining();
        }
        return sum > bytes;
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

    // ------------------------------------------------------------------------------------------------ what it waits
    // for

    /** Returns whether TLS itself has something to say. */
    boolean wantsToSpeak() {
        return engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP;
    }

    /** Returns whether the engine waits for a long computation. */
    boolean wantsToCompute() {
        return engine.getHandshakeStatus() == HandshakeStatus.NEED_TASK;
    }
}
