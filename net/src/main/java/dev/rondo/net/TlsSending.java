package dev.rondo.net;

import dev.rondo.AsyncEvent;
import dev.rondo.EventLoop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import javax.net.ssl.SSLException;

/**
 * The sending direction of a {@link TlsStream}: one at a time has {@link TlsCodec#toSend}, a writer or the task that
 * answers for the reader. Loop thread only.
 */
final class TlsSending {

    private final EventLoop loop;
    private final ByteStream inner;
    private final TlsCodec codec;
    private final TlsComputing computing;

    private boolean open = true;
    private boolean shut; // nothing may be written any more
    private boolean writing;
    private boolean busy; // toSend is with the inner stream
    private final AsyncEvent answered = new AsyncEvent(); // unset: a task is to send what TLS itself has to say

    TlsSending(EventLoop loop, ByteStream inner, TlsCodec codec, TlsComputing computing) {
        this.loop = loop;
        this.inner = inner;
        this.codec = codec;
        this.computing = computing;
        answered.set();
    }

    void write(ByteBuffer[] src) throws IOException {
        if (shut) {
            throw new ClosedChannelException();
        }
        beginWrite();
        try {
            sendRest();
            while (hasRemaining(src)) {
                if (!codec.encrypt(src)) {
                    computing.compute();
                }
                send();
            }
            sendOwn(); // what the reader would have had sent meanwhile
        } finally {
            writing = false;
            codec.letGo();
        }
    }

    /** Says goodbye. */
    void shutdown() throws IOException {
        beginWrite();
        shut = true;
        try {
            sendRest();
            codec.engine.closeOutbound();
            sendOwn();
        } finally {
            writing = false;
        }
    }

    private void beginWrite() throws IOException {
        if (!open) {
            throw new ClosedChannelException();
        }
        ensureNobodyWrites();
        writing = true;
    }

    void ensureNobodyWrites() {
        if (writing) {
            throw new IllegalStateException("another coroutine is already writing to this stream");
        }
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
    void send() throws IOException {
        if (!open) {
            throw new AsynchronousCloseException(); // while this coroutine waited for its turn
        }
        if (codec.toSend.position() > 0) {
            codec.toSend.flip();
            busy = true;
            try {
                inner.write(codec.toSend);
            } finally {
                busy = false;
                codec.toSend.compact();
            }
        }
    }

    /**
     * Has the engine's own messages sent: answers to what was just read. By a task, for the reader must not wait until
     * the peer reads: the peer may be waiting for the same.
     */
    void answerIfAsked() {
        if (writing || !answered.isSet() || !open || !codec.wantsToSpeak()) {
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

    /**
     * Closes the inner stream, so that whoever sends fails; says goodbye first, or says what went wrong, if it is to
     * and need not wait for that.
     */
    void close(boolean withLastWords) {
        open = false;
        if (withLastWords && inner instanceof LastWords speaker && addGoodbye()) {
            speaker.closeWith(codec.toSend.flip());
        } else {
            inner.close();
        }
    }

    /** Adds text to what has not been sent, without waiting, unless somebody is sending. */
    void add(ByteBuffer text) {
        if (busy || computing.holdsEngine()) {
            return;
        }
        try {
            while (text.hasRemaining() && codec.encrypt(new ByteBuffer[] {text})) {
                // one stretch at a time
            }
        } catch (SSLException e) {
            // then without it
        }
    }

    /** Adds goodbye, or an alert, to what has not been sent; returns false if that cannot be done now. */
    private boolean addGoodbye() {
        if (busy || computing.holdsEngine()) {
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
}
