package dev.rondo.http.encoding;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/** Makes the zlib format, or one member of the gzip format: {@code frame, deflated data, frame}. */
final class DeflateEncoder implements ContentEncoder {

    private static final byte[] GZIP_HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 0xff}; // no name, no time
    private static final int FLUSH_BYTES = 512;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Deflater deflater;
    private final @Nullable CRC32 crc; // null: zlib, which the deflater frames itself
    private ByteBuffer frame; // what is still to be put out of the header, a flush, the trailer
    private boolean flushed = true; // nothing is held back
    private boolean trailed;

    private DeflateEncoder(@Nullable CRC32 crc, byte[] header) {
        this.deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, crc != null);
        this.crc = crc;
        this.frame = ByteBuffer.wrap(header);
    }

    static DeflateEncoder gzip() {
        return new DeflateEncoder(new CRC32(), GZIP_HEADER);
    }

    static DeflateEncoder zlib() {
        return new DeflateEncoder(null, new byte[0]);
    }

    @Override
    public int encode(ByteBuffer in, ByteBuffer out) {
        flushed &= !in.hasRemaining();
        return deflate(in, out);
    }

    @Override
    public int flush(ByteBuffer out) {
        int count = putFrame(out);
        deflater.setInput(NOTHING);
        while (!flushed && out.hasRemaining()) {
            // Not into out: where there is room for six bytes or less the deflater would mark the place again and
            // again.
            frame = ByteBuffer.allocate(FLUSH_BYTES);
            flushed = deflater.deflate(frame, Deflater.SYNC_FLUSH) < FLUSH_BYTES;
            frame.flip();
            count += putFrame(out);
        }
        return count;
    }

    @Override
    public int finish(ByteBuffer out) {
        deflater.finish();
        int count = deflate(NOTHING, out);
        if (deflater.finished() && !trailed) {
            trailed = true;
            frame = trailer();
        }
        return count + putFrame(out);
    }

    private int deflate(ByteBuffer in, ByteBuffer out) {
        int count = putFrame(out);
        int start = in.position();
        deflater.setInput(in);
        // A deflater that is given no room tells nothing by 0.
        for (int more = 1; more > 0 && out.hasRemaining(); count += more) {
            more = deflater.deflate(out);
        }
        if (crc != null) {
            crc.update(in.duplicate().flip().position(start));
        }
        return count;
    }

    private int putFrame(ByteBuffer out) {
        int count = Math.min(frame.remaining(), out.remaining());
        out.put(out.position(), frame, frame.position(), count);
        out.position(out.position() + count);
        frame.position(frame.position() + count);
        return count;
    }

    private ByteBuffer trailer() {
        if (crc == null) {
            return NOTHING.duplicate();
        }
        return ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt((int) crc.getValue())
                .putInt((int) deflater.getBytesRead())
                .flip();
    }

    @Override
    public void close() {
        deflater.end();
    }
}
