package dev.rondo.codings;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import dev.rondo.http.ContentDecodingException;
import dev.rondo.http.encoding.ContentDecoder;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Undoes zstd, any number of frames one behind the other.
 *
 * <pre>
 *   HEADER ──▶ DATA ──▶ HEADER …
 *     └──────▶ SKIP ──▶ HEADER …      a frame of which nothing comes out
 * </pre>
 */
final class ZstdDecoder implements ContentDecoder {

    private enum Step {
        HEADER,
        DATA,
        SKIP
    }

    private final ZstdFrameHeader header = new ZstdFrameHeader();
    private Step step = Step.HEADER;
    private boolean first = true; // no header has been complete
    private long skippedBytes; // still to come
    private @Nullable Native memory; // null before the first byte, and once closed
    private boolean closed;

    /** What is outside the heap. */
    private static final class Native {
        final ZstdDecompressCtx context = new ZstdDecompressCtx();
        final ByteBuffer source = OffHeap.take().flip(); // bytes of the body
        final ByteBuffer made = OffHeap.take().flip(); // bytes decoded
        boolean full; // there was no more room in made: more may come without another byte

        Native() {
            OffHeap.held();
        }

        void free() {
            context.close();
            OffHeap.giveBack(source);
            OffHeap.giveBack(made);
            OffHeap.freed();
        }
    }

    @Override
    public int decode(ByteBuffer in, ByteBuffer out) throws ContentDecodingException {
        if (closed) {
            throw new IllegalStateException("this decoder is closed");
        }
        if (memory == null) {
            if (!in.hasRemaining()) {
                return 0;
            }
            memory = new Native();
        }
        return decode(memory, in, out);
    }

    private int decode(Native memory, ByteBuffer in, ByteBuffer out) throws ContentDecodingException {
        int before = out.position();
        while (out.hasRemaining()) {
            if (memory.made.hasRemaining()) {
                OffHeap.move(memory.made, out);
            } else if (memory.source.hasRemaining() || memory.full) {
                step(memory);
            } else if (in.hasRemaining()) {
                OffHeap.move(in, memory.source.clear());
                memory.source.flip();
            } else {
                break;
            }
        }
        return out.position() - before;
    }

    private void step(Native memory) throws ContentDecodingException {
        switch (step) {
            case HEADER -> {
                memory.full = false;
                while (memory.source.hasRemaining() && step == Step.HEADER) {
                    if (header.add(memory.source.get(), first)) {
                        first = false;
                        begin(memory);
                    }
                }
            }
            case SKIP -> {
                int count = (int) Math.min(skippedBytes, memory.source.remaining());
                memory.source.position(memory.source.position() + count);
                skippedBytes -= count;
                step = skippedBytes == 0 ? Step.HEADER : Step.SKIP;
            }
            case DATA -> decompress(memory, memory.source);
        }
    }

    private void begin(Native memory) throws ContentDecodingException {
        if (header.skippable()) {
            skippedBytes = header.skippedBytes();
            step = skippedBytes == 0 ? Step.HEADER : Step.SKIP;
            header.clear();
            return;
        }
        step = Step.DATA;
        ByteBuffer start = OffHeap.take();
        try {
            header.moveTo(start);
            decompress(memory, start.flip());
        } finally {
            OffHeap.giveBack(start);
        }
    }

    private void decompress(Native memory, ByteBuffer source) throws ContentDecodingException {
        int before = source.remaining();
        boolean frameEnded;
        memory.made.clear();
        try {
            frameEnded = memory.context.decompressDirectByteBufferStream(memory.made, source);
        } catch (ZstdException e) {
            memory.made.position(0);
            throw new ContentDecodingException("the zstd body is damaged: " + e.getMessage(), e);
        } finally {
            memory.made.flip();
        }
        memory.full = memory.made.limit() == memory.made.capacity();
        if (frameEnded) {
            step = Step.HEADER;
            memory.full = false;
        } else if (source.remaining() == before && before > 0 && !memory.made.hasRemaining()) {
            throw new ContentDecodingException("the zstd body is damaged: nothing can be made of it", null);
        }
    }

    @Override
    public void end() throws ContentDecodingException {
        if (step != Step.HEADER || !header.isEmpty()) {
            throw new ContentDecodingException("the zstd body ends in the middle", null);
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
