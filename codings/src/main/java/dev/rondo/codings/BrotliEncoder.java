package dev.rondo.codings;

import com.aayushatharva.brotli4j.encoder.Encoder;
import com.aayushatharva.brotli4j.encoder.EncoderJNI;
import com.aayushatharva.brotli4j.encoder.EncoderJNI.Operation;
import dev.rondo.http.encoding.ContentEncoder;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Makes br by Google's own library. */
final class BrotliEncoder implements ContentEncoder {

    private static final int INPUT_BYTES = 16 * 1024;

    /** What is sent at once: half as fast as gzip, and a tenth smaller. The best, 11, is for what is sent often. */
    private static final int QUALITY = 5;

    /** 512 KiB: a page fits in, and a server has many of these at a time. */
    private static final int WINDOW_LOG = 19;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private EncoderJNI.@Nullable Wrapper encoder; // null before the first use, and once closed
    private ByteBuffer made = NOTHING; // the encoder's own memory, good until it is called again
    private boolean closed;
    private boolean flushed = true; // nothing is held back
    private boolean finishing;

    private EncoderJNI.Wrapper encoder() {
        if (closed) {
            throw new IllegalStateException("this encoder is closed");
        }
        if (encoder == null) {
            try {
                encoder = new EncoderJNI.Wrapper(INPUT_BYTES, QUALITY, WINDOW_LOG, Encoder.Mode.GENERIC);
            } catch (IOException e) {
                throw new OutOfMemoryError("no memory for a brotli encoder: " + e.getMessage());
            }
            OffHeap.held();
        }
        return encoder;
    }

    @Override
    public int encode(ByteBuffer in, ByteBuffer out) {
        EncoderJNI.Wrapper encoder = encoder();
        int before = out.position();
        while (putOut(encoder, Operation.PROCESS, out) && in.hasRemaining()) {
            int count = OffHeap.move(in, encoder.getInputBuffer().clear());
            push(encoder, Operation.PROCESS, count);
            flushed = false;
        }
        return out.position() - before;
    }

    @Override
    public int flush(ByteBuffer out) {
        EncoderJNI.Wrapper encoder = encoder();
        int before = out.position();
        if (putOut(encoder, Operation.FLUSH, out) && !flushed) {
            flushed = true;
            push(encoder, Operation.FLUSH, 0);
            putOut(encoder, Operation.FLUSH, out);
        }
        return out.position() - before;
    }

    @Override
    public int finish(ByteBuffer out) {
        EncoderJNI.Wrapper encoder = encoder();
        int before = out.position();
        if (putOut(encoder, Operation.FINISH, out) && !finishing) {
            finishing = true;
            push(encoder, Operation.FINISH, 0);
            putOut(encoder, Operation.FINISH, out);
        }
        return out.position() - before;
    }

    /** Puts out what there is; returns whether that was all, and the encoder takes more. */
    private boolean putOut(EncoderJNI.Wrapper encoder, Operation operation, ByteBuffer out) {
        while (out.hasRemaining()) {
            if (made.hasRemaining()) {
                OffHeap.move(made, out);
            } else if (encoder.hasMoreOutput()) {
                made = encoder.pull();
            } else if (encoder.hasRemainingInput()) {
                push(encoder, operation, 0);
            } else {
                return true;
            }
        }
        return false;
    }

    private static void push(EncoderJNI.Wrapper encoder, Operation operation, int count) {
        encoder.push(operation, count);
        if (!encoder.isSuccess()) {
            throw new IllegalStateException("the brotli encoder failed at " + operation);
        }
    }

    @Override
    public void close() {
        closed = true;
        made = NOTHING;
        EncoderJNI.Wrapper freed = encoder;
        encoder = null;
        if (freed != null) {
            freed.destroy();
            OffHeap.freed();
        }
    }
}
