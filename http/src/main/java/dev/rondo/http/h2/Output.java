package dev.rondo.http.h2;

import dev.rondo.AsyncEvent;
import dev.rondo.EventLoop;
import dev.rondo.net.ByteStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Frames that wait to be written. Whoever adds one adds it whole, without suspending, and one coroutine writes them: so
 * frames do not mix, and a cancelled coroutine leaves no half of one. Loop thread only.
 *
 * <p>Two buffers take turns: one is filled while the other is being written.
 */
final class Output {

    private static final int FRAME_HEADER = 9;
    private static final int HIGH_WATER = 128 * 1024; // streams wait above it; heads and answers go a little beyond
    private static final int FIRST_BYTES = 4 * 1024;

    private final ByteStream stream;
    private final AsyncEvent changed = new AsyncEvent();
    final Turns room;
    private ByteBuffer filling = ByteBuffer.allocate(FIRST_BYTES);
    private @Nullable ByteBuffer spare = ByteBuffer.allocate(FIRST_BYTES);
    private int answers; // in the buffer that is being filled
    private boolean finishing;

    Output(EventLoop loop, ByteStream stream) {
        this.stream = stream;
        this.room = new Turns(loop, this::hasRoom);
    }

    boolean hasRoom() {
        return filling.position() < HIGH_WATER;
    }

    /** Returns how many answers wait. */
    int answers() {
        return answers;
    }

    // ------------------------------------------------------------------------------------------------ adding

    /** Adds a frame. */
    void frame(int type, int flags, int streamId, ByteBuffer payload) {
        if (finishing) {
            return;
        }
        int length = payload.remaining();
        ensureSpace(FRAME_HEADER + length);
        filling.putInt(length << 8 | type).put((byte) flags).putInt(streamId).put(payload);
        changed.set();
    }

    /** Adds a frame that answers one of the peer's. */
    void answer(int type, int flags, int streamId, ByteBuffer payload) {
        answers++;
        frame(type, flags, streamId, payload);
    }

    /** Adds bytes as they are. */
    void bytes(byte[] bytes) {
        ensureSpace(bytes.length);
        filling.put(bytes);
        changed.set();
    }

    private void ensureSpace(int count) {
        if (filling.remaining() < count) {
            int capacity = Math.max(filling.capacity() * 2, filling.position() + count);
            filling = ByteBuffer.allocate(capacity).put(filling.flip());
        }
    }

    // ------------------------------------------------------------------------------------------------ writing

    /** Has {@link #run} return when all that was added so far is written; what is added later is dropped. */
    void finish() {
        finishing = true;
        changed.set();
    }

    /** Writes what is added, until {@link #finish}. Suspends. */
    void run() throws IOException {
        while (!finishing || filling.position() > 0) {
            if (filling.position() == 0) {
                changed.clear();
                changed.await();
                continue;
            }
            ByteBuffer full = filling.flip();
            filling = spare == null ? ByteBuffer.allocate(FIRST_BYTES) : spare;
            spare = null;
            answers = 0;
            room.passOn();
            stream.write(full);
            spare = full.capacity() > 2 * HIGH_WATER ? null : full.clear();
        }
    }
}
