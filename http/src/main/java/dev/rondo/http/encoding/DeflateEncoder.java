package dev.rondo.http.encoding;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/** Makes the zlib format, or one member of the gzip format: {@code frame, deflated data, frame}. */
final class DeflateEncoder implements ContentEncoder {

    private static final byte[] GZIP_HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 0xff}; // no name, no time
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Deflater deflater;
    private final @Nullable CRC32 crc; // null: zlib, which the deflater frames itself
    private ByteBuffer frame; // what is still to be put out of the header, later of the trailer
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
        return deflate(in, out, Deflater.NO_FLUSH);
    }

    @Override
    public int flush(ByteBuffer out) {
        return deflate(NOTHING, out, Deflater.SYNC_FLUSH);
    }

    @Override
    public int finish(ByteBuffer out) {
        deflater.finish();
        int count = deflate(NOTHING, out, Deflater.NO_FLUSH);
        if (deflater.finished() && !trailed) {
            trailed = true;
            frame = trailer();
        }
        return count + putFrame(out);
    }

    private int deflate(ByteBuffer in, ByteBuffer out, int mode) {
        int count = putFrame(out);
        int start = in.position();
        deflater.setInput(in);
        // A deflater that is given no room tells nothing by 0.
        for (int more = 1; more > 0 && out.hasRemaining(); count += more) {
            more = deflater.deflate(out, mode);
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
