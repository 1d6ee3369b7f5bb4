package dev.rondo.codings;

import com.github.luben.zstd.EndDirective;
import com.github.luben.zstd.ZstdCompressCtx;
import dev.rondo.http.encoding.ContentEncoder;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Makes one frame of zstd. */
final class ZstdEncoder implements ContentEncoder {

    /** zstd's own default: as fast as a network. */
    private static final int LEVEL = 3;

    /** 512 KiB: a page fits in, and a server has many of these at a time. */
    private static final int WINDOW_LOG = 19;

    private @Nullable Native memory; // null before the first use, and once closed
    private boolean closed;
    private boolean flushed = true; // nothing is held back
    private boolean finished;

    /** What is outside the heap. */
    private static final class Native {
        final ZstdCompressCtx context = new ZstdCompressCtx();
        final ByteBuffer source = OffHeap.take().flip(); // bytes to encode
        final ByteBuffer made = OffHeap.take().flip(); // bytes encoded

        Native() {
            OffHeap.held();
            context.setLevel(LEVEL).setWindowLog(WINDOW_LOG);
        }

        void free() {
            context.close();
            OffHeap.giveBack(source);
            OffHeap.giveBack(made);
            OffHeap.freed();
        }
    }

    private Native memory() {
        if (closed) {
            throw new IllegalStateException("this encoder is closed");
        }
        if (memory == null) {
            memory = new Native();
        }
        return memory;
    }

    @Override
    public int encode(ByteBuffer in, ByteBuffer out) {
        Native memory = memory();
        int before = out.position();
        while (out.hasRemaining()) {
            if (memory.made.hasRemaining()) {
                OffHeap.move(memory.made, out);
            } else if (memory.source.hasRemaining()) {
                compress(memory, EndDirective.CONTINUE);
            } else if (in.hasRemaining()) {
                OffHeap.move(in, memory.source.clear());
                memory.source.flip();
                flushed = false;
            } else {
                break;
            }
        }
        return out.position() - before;
    }

    @Override
    public int flush(ByteBuffer out) {
        Native memory = memory();
        int before = out.position();
        while (out.hasRemaining() && (memory.made.hasRemaining() || !flushed)) {
            if (memory.made.hasRemaining()) {
                OffHeap.move(memory.made, out);
            } else {
                flushed = compress(memory, EndDirective.FLUSH);
            }
        }
        return out.position() - before;
    }

    @Override
    public int finish(ByteBuffer out) {
        Native memory = memory();
        int before = out.position();
        while (out.hasRemaining() && (memory.made.hasRemaining() || !finished)) {
            if (memory.made.hasRemaining()) {
                OffHeap.move(memory.made, out);
            } else {
                finished = compress(memory, EndDirective.END);
            }
        }
        return out.position() - before;
    }

    private static boolean compress(Native memory, EndDirective directive) {
        memory.made.clear();
        try {
            return memory.context.compressDirectByteBufferStream(memory.made, memory.source, directive);
        } finally {
            memory.made.flip();
        }
    }

    @Override
    public void close() {
        closed = true;
        Native freed = memory;
        memory = null;
        if (freed != null) {
            freed.free();
        }
    }
}
