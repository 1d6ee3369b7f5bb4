package dev.rondo.http.encoding;

import dev.rondo.http.ContentDecodingException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The gzip coding (RFC 1952), any number of members one behind the other.
 *
 * <pre>
 *   HEADER ──▶ EXTRA ──▶ NAME ──▶ COMMENT ──▶ HEADER_CRC ──▶ DATA ──▶ TRAILER ──▶ HEADER …     steps a member lacks are skipped
 *                                                                        └──▶ PADDING           what follows is no member
 * </pre>
 */
final class GzipDecoder implements ContentDecoder {

    private enum Step {
        HEADER,
        EXTRA_LENGTH,
        EXTRA,
        NAME,
        COMMENT,
        HEADER_CRC,
        DATA,
        TRAILER,
        PADDING
    }

    private static final int FLAG_HEADER_CRC = 2;
    private static final int FLAG_EXTRA = 4;
    private static final int FLAG_NAME = 8;
    private static final int FLAG_COMMENT = 16;

    private final Inflater inflater = new Inflater(true);
    private final CRC32 crc = new CRC32();

    private Step step = Step.HEADER;
    private int members; // complete ones
    private final byte[] fixed = new byte[10]; // bytes of a step of fixed length
    private int fixedCount;
    private int flags;
    private int extraBytes;

    @Override
    public int decode(ByteBuffer in, ByteBuffer out) throws ContentDecodingException {
        int before = out.position();
        while (out.position() == before && out.hasRemaining()) {
            if (step == Step.DATA) {
                if (!inflate(in, out)) {
                    break;
                }
            } else if (!in.hasRemaining()) {
                break;
            } else {
                skipByte(in);
            }
        }
        return out.position() - before;
    }

    /** Inflates; returns false if it needs more bytes. */
    private boolean inflate(ByteBuffer in, ByteBuffer out) throws ContentDecodingException {
        int start = out.position();
        inflater.setInput(in);
        try {
            inflater.inflate(out);
        } catch (DataFormatException e) {
            throw new ContentDecodingException("the gzip body is damaged: " + e.getMessage(), e);
        }
        crc.update(out.duplicate().flip().position(start));
        if (inflater.finished()) {
            begin(Step.TRAILER);
            return true;
        }
        if (inflater.needsDictionary()) {
            throw new ContentDecodingException("the gzip body needs a dictionary, which gzip cannot have", null);
        }
        return out.position() > start || in.hasRemaining();
    }

    // ------------------------------------------------------------------------------ around the data, byte by byte

    private void begin(Step next) {
        step = next;
        fixedCount = 0;
    }

    private void skipByte(ByteBuffer in) throws ContentDecodingException {
        byte b = in.get();
        switch (step) {
            case HEADER -> {
                if (members > 0 && fixedCount == 0 && b != 0x1f) {
                    begin(Step.PADDING); // as gzip itself: what follows the last member and is none is not looked at
                } else if (collected(b, 10)) {
                    readHeader();
                }
            }
            case EXTRA_LENGTH -> {
                if (collected(b, 2)) {
                    extraBytes = (fixed[0] & 0xff) | (fixed[1] & 0xff) << 8;
                    begin(extraBytes > 0 ? Step.EXTRA : afterExtra());
                }
            }
            case EXTRA -> {
                if (--extraBytes == 0) {
                    begin(afterExtra());
                }
            }
            case NAME -> {
                if (b == 0) {
                    begin(afterName());
                }
            }
            case COMMENT -> {
                if (b == 0) {
                    begin(afterComment());
                }
            }
            case HEADER_CRC -> {
                if (collected(b, 2)) {
                    begin(Step.DATA);
                }
            }
            case TRAILER -> {
                if (collected(b, 8)) {
                    readTrailer();
                }
            }
            default -> in.position(in.limit());
        }
    }

    private boolean collected(byte b, int count) {
        fixed[fixedCount++] = b;
        return fixedCount == count;
    }

    private void readHeader() throws ContentDecodingException {
        if ((fixed[0] & 0xff) != 0x1f || (fixed[1] & 0xff) != 0x8b || fixed[2] != 8) {
            throw new ContentDecodingException("the body says it is gzip, but does not begin like it", null);
        }
        flags = fixed[3];
        inflater.reset();
        crc.reset();
        begin((flags & FLAG_EXTRA) != 0 ? Step.EXTRA_LENGTH : afterExtra());
    }

    private Step afterExtra() {
        return (flags & FLAG_NAME) != 0 ? Step.NAME : afterName();
    }

    private Step afterName() {
        return (flags & FLAG_COMMENT) != 0 ? Step.COMMENT : afterComment();
    }

    private Step afterComment() {
        return (flags & FLAG_HEADER_CRC) != 0 ? Step.HEADER_CRC : Step.DATA;
    }

    private void readTrailer() throws ContentDecodingException {
        var numbers = ByteBuffer.wrap(fixed).order(ByteOrder.LITTLE_ENDIAN);
        if (numbers.getInt() != (int) crc.getValue() || numbers.getInt() != (int) inflater.getBytesWritten()) {
            throw new ContentDecodingException("the gzip body is damaged: its checksum or length does not agree", null);
        }
        members++;
        begin(Step.HEADER);
    }

    @Override
    public void end() throws ContentDecodingException {
        boolean nothing =
                members == 0 && step == Step.HEADER && fixedCount == 0; // an empty body, which servers do send
        boolean complete = step == Step.PADDING || (members > 0 && step == Step.HEADER);
        if (!nothing && !complete) {
            throw new ContentDecodingException("the gzip body ends in the middle", null);
        }
    }

    @Override
    public void close() {
        inflater.end();
    }
}
