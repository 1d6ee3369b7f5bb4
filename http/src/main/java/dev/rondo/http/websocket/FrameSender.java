package dev.rondo.http.websocket;

import dev.rondo.AsyncLock;
import dev.rondo.Asyncio;
import dev.rondo.CancelledError;
import dev.rondo.http.websocket.PerMessageDeflate.Deflating;
import dev.rondo.net.ByteStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes frames, one after the other, whoever sends them. Who has the turn writes the pongs that have become due first,
 * then a frame of its own. If it is cancelled when some of the frame is out, a task of its own writes the rest, and has
 * the turn until then: on the wire there is never half a frame with another one behind it.
 */
final class FrameSender {

    /** Pings and pongs that wait for their turn: a peer that sends more gets answers to the last of them. */
    static final int MAX_CONTROLS = 16;

    /** Less than that is sent as it is: deflating would gain nothing. */
    static final int MIN_DEFLATED_BYTES = 64;

    private static final int PIECE_BYTES = 64 * 1024;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final ByteStream stream;
    private final boolean masks;
    private final IntSupplier maskSource;
    private final @Nullable PerMessageDeflate deflate;

    private final AsyncLock turn = new AsyncLock();
    private final ArrayDeque<ByteBuffer> controls = new ArrayDeque<>(); // whole frames
    private boolean flushing; // a task waits for its turn to write them
    private boolean ended; // the close frame has had its turn, or the stream is broken

    /**
     * Makes it for one connection.
     *
     * @param maskSource what gives a mask that nobody can foretell for each frame of a client; null in a server
     */
    FrameSender(ByteStream stream, @Nullable IntSupplier maskSource, @Nullable PerMessageDeflate deflate) {
        this.stream = stream;
        this.masks = maskSource != null;
        this.maskSource = maskSource == null ? () -> 0 : maskSource;
        this.deflate = deflate;
    }

    // ----------------------------------------------------------------------------------------------------- sending

    /**
     * Sends a whole message, or a ping or pong. Suspends until the system has all of it. After a cancel it has been
     * sent, will be, or nothing of it was; {@code payload} is not looked at any more.
     *
     * @throws ClosedChannelException if the close frame has been sent
     */
    void send(int opcode, ByteBuffer payload) throws IOException {
        withTurn(out -> {
            if (ended) {
                throw new ClosedChannelException();
            }
            out.message(opcode, payload);
        });
    }

    /** Sends the close frame, behind which nothing goes; does nothing if it was sent before. Suspends. */
    void close(byte[] payload) throws IOException {
        withTurn(out -> {
            if (!ended) {
                ended = true;
                controls.clear();
                out.write(FrameWriter.control(Opcode.CLOSE, payload, masks, maskSource.getAsInt()));
            }
        });
    }

    /** Ends the output of the stream. Suspends. */
    void endOutput() throws IOException {
        withTurn(out -> stream.shutdownOutput());
    }

    /** Has a ping or a pong sent as soon as may be. Never suspends. */
    void queue(int opcode, byte[] payload) {
        if (ended) {
            return;
        }
        if (controls.size() == MAX_CONTROLS) {
            controls.removeFirst();
        }
        controls.add(FrameWriter.control(opcode, payload, masks, maskSource.getAsInt()));
        if (!flushing) {
            flushing = true;
            Asyncio.createTask(this::flush);
        }
    }

    private void flush() {
        try {
            withTurn(out -> {});
        } catch (IOException broken) {
            // who reads will see
        } finally {
            flushing = false;
        }
    }

    private interface Sending {
        void to(Outgoing out) throws IOException;
    }

    private void withTurn(Sending sending) throws IOException {
        turn.acquire();
        var out = new Outgoing();
        boolean goesOn = false;
        try {
            out.controls();
            sending.to(out);
        } catch (CancelledError cancelled) {
            if (out.begun()) {
                out.keepRest();
                goesOn = true;
                Asyncio.createTask(() -> finish(out));
            }
            throw cancelled;
        } finally {
            if (!goesOn) {
                turn.release();
            }
        }
    }

    private void finish(Outgoing out) {
        boolean whole = false;
        try {
            out.run();
            whole = true;
        } catch (IOException broken) {
            // likewise
        } finally {
            if (!whole) {
                stream.close(); // with half a frame out, it is good for nothing else
            }
            turn.release();
        }
    }

    // ---------------------------------------------------------------------------------------- what is being written

    /** Frames on their way to the stream: {@link #run} goes on where it was cut off. */
    private final class Outgoing {

        private int opcode;
        private @Nullable Deflating deflating; // null once deflated
        private boolean deflated; // the peer has to get it, or it could read nothing of what follows
        private int mask;
        private ByteBuffer head = NOTHING; // whole control frames, or the header of a message
        private ByteBuffer payload = NOTHING; // of the message, not yet masked
        private ByteBuffer piece = NOTHING; // of the payload, as it goes out

        /** Writes what waits. */
        void controls() throws IOException {
            while (!controls.isEmpty()) {
                ByteBuffer frame = controls.removeFirst();
                try {
                    write(frame);
                } catch (CancelledError cancelled) {
                    if (frame.position() == 0) {
                        controls.addFirst(frame); // for whoever has the turn next
                    }
                    throw cancelled;
                }
            }
        }

        void write(ByteBuffer frame) throws IOException {
            head = frame;
            run();
        }

        void message(int newOpcode, ByteBuffer newPayload) throws IOException {
            opcode = newOpcode;
            if (deflate != null && !Opcode.isControl(opcode) && newPayload.remaining() >= MIN_DEFLATED_BYTES) {
                deflating = deflate.new Deflating(newPayload);
            } else {
                begin(newPayload, false);
            }
            run();
        }

        private void begin(ByteBuffer newPayload, boolean compressed) {
            mask = maskSource.getAsInt();
            head = FrameWriter.header(opcode, compressed, newPayload.remaining(), masks, mask);
            payload = newPayload;
        }

        /** Returns whether it has to be brought to an end. */
        boolean begun() {
            return deflated || head.position() > 0 && (head.hasRemaining() || hasPayload());
        }

        private boolean hasPayload() {
            return payload.hasRemaining() || piece.hasRemaining();
        }

        void run() throws IOException {
            while (deflating != null) {
                if (!stream.isOpen()) {
                    throw new ClosedChannelException();
                }
                deflated = true;
                ByteBuffer whole = deflating.step(PIECE_BYTES);
                if (whole != null) {
                    deflating = null;
                    begin(whole, true);
                } else {
                    Asyncio.yieldNow();
                }
            }
            while (head.hasRemaining() || hasPayload()) {
                if (!piece.hasRemaining()) {
                    nextPiece();
                }
                try {
                    stream.write(head, piece);
                } catch (IOException broken) {
                    ended = true;
                    throw broken;
                }
            }
        }

        private void nextPiece() {
            if (!masks) {
                piece = payload;
                payload = NOTHING;
                return;
            }
            int count =
                    Math.min(payload.remaining(), PIECE_BYTES); // or a multiple of 4, so that the mask fits the next
            if (piece.capacity() < count) {
                piece = ByteBuffer.allocate(count);
            }
            piece.clear().put(payload.slice(payload.position(), count)).flip();
            payload.position(payload.position() + count);
            FrameParser.applyMask(piece, mask);
        }

        /** Copies what is left of the sender's bytes. */
        void keepRest() {
            if (deflating != null) {
                deflating.keepRest();
            }
            payload = copy(payload);
            if (!masks) {
                piece = copy(piece);
            }
        }

        private static ByteBuffer copy(ByteBuffer bytes) {
            return ByteBuffer.allocate(bytes.remaining()).put(bytes.duplicate()).flip();
        }
    }
}
