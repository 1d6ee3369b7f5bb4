package dev.rondo.http.encoding;

import dev.rondo.http.HttpException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Undoes several codings, the one that was applied last first. Holds a buffer between each two:
 *
 * <pre>
 *   in ──▶ stages[0] ──▶ between[0] ──▶ stages[1] ──▶ … ──▶ out
 * </pre>
 */
final class DecoderChain implements ContentDecoder {

    private static final int BETWEEN_BYTES = 8 * 1024;

    private final ContentDecoder[] stages;
    private final ByteBuffer[] between; // what the stage before has put out and the one behind has not taken
    private final long[] made; // by each stage but the last, in bytes
    private final Meter meter;
    private int ended; // stages that have been told that no byte will follow

    DecoderChain(List<ContentDecoder> stages, Meter meter) {
        this.stages = stages.toArray(ContentDecoder[]::new);
        this.between = new ByteBuffer[this.stages.length - 1];
        this.made = new long[between.length];
        this.meter = meter;
        for (int i = 0; i < between.length; i++) {
            between[i] = ByteBuffer.allocate(BETWEEN_BYTES).flip();
        }
    }

    @Override
    public int decode(ByteBuffer in, ByteBuffer out) throws HttpException {
        return out.hasRemaining() ? decode(stages.length - 1, in, out) : 0;
    }

    private int decode(int stage, ByteBuffer in, ByteBuffer out) throws HttpException {
        if (stage == 0) {
            return stages[0].decode(in, out);
        }
        ByteBuffer source = between[stage - 1];
        for (; ; ) {
            int count = stages[stage].decode(source, out);
            if (count > 0) {
                return count;
            }
            source.clear();
            int more = 0;
            try {
                more = decode(stage - 1, in, source);
            } finally {
                source.flip();
            }
            if (more > 0) {
                made[stage - 1] += more;
                meter.made(made[stage - 1]);
            } else if (ended == stage) { // the stage before has put out its last
                ended++;
                stages[stage].end();
            } else {
                return 0;
            }
        }
    }

    @Override
    public void end() throws HttpException {
        ended = 1;
        stages[0].end();
    }

    @Override
    public void close() {
        for (ContentDecoder stage : stages) {
            stage.close();
        }
    }
}
