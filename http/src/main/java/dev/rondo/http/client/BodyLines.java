package dev.rondo.http.client;

import dev.rondo.http.HttpException;
import dev.rondo.http.TooLargeException;
import dev.rondo.http.encoding.Utf8;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** The lines of a body in a charset in which a newline is one byte, and no part of another character. */
final class BodyLines implements Iterator<String> {

    private static final int PIECE_BYTES = 8 * 1024;

    private final BodyStream content;
    private final Charset charset;
    private final int maxBytes; // of a line
    private final ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES).limit(0);
    private byte[] line = new byte[256];
    private int length; // of the line so far
    private boolean first = true;
    private @Nullable String next; // read, and not given away
    private boolean ended;

    BodyLines(BodyStream content, Charset charset, int maxBytes) {
        this.content = content;
        this.charset = charset;
        this.maxBytes = maxBytes;
    }

    @Override
    public boolean hasNext() {
        try {
            while (next == null && !ended) {
                next = take();
            }
        } catch (HttpException e) {
            ended = true;
            throw new UncheckedIOException(e);
        }
        return next != null;
    }

    @Override
    public String next() {
        if (!hasNext() || next == null) {
            throw new NoSuchElementException("the body has ended");
        }
        String given = next;
        next = null;
        return given;
    }

    /** Returns the next line, or null if there is no more, or only more to read. */
    private @Nullable String take() throws HttpException {
        if (!piece.hasRemaining()) {
            int count = content.read(piece.clear());
            piece.flip();
            if (count < 0) {
                ended = true;
                return length == 0 ? null : text();
            }
        }
        int start = piece.position();
        int end = start;
        while (end < piece.limit() && piece.get(end) != '\n') {
            end++;
        }
        append(start, end - start);
        boolean whole = end < piece.limit();
        piece.position(whole ? end + 1 : end);
        return whole ? text() : null;
    }

    private void append(int start, int count) throws TooLargeException {
        if (count > maxBytes - length) {
            content.close();
            throw new TooLargeException("a line of more than " + maxBytes + " bytes: give lines() a larger limit");
        }
        if (length + count > line.length) {
            line = Arrays.copyOf(line, (int) Math.max(length + count, Math.min(2L * line.length, maxBytes)));
        }
        piece.get(start, line, length, count);
        length += count;
    }

    private String text() {
        int end = length > 0 && line[length - 1] == '\r' ? length - 1 : length;
        int start = first && startsWithMark(end) ? 3 : 0;
        first = false;
        length = 0;
        return charset.equals(StandardCharsets.UTF_8)
                ? Utf8.decode(line, start, end)
                : new String(line, start, end - start, charset);
    }

    private boolean startsWithMark(int end) {
        return charset.equals(StandardCharsets.UTF_8)
                && end >= 3
                && line[0] == (byte) 0xef
                && line[1] == (byte) 0xbb
                && line[2] == (byte) 0xbf;
    }
}
