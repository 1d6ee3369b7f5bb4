package dev.rondo.scrape.frontier;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** The links of a page as a blob: in their order, one a line, deflated. One for a thread. */
final class PackedLinks implements AutoCloseable {

    private final Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
    private final byte[] buffer = new byte[8192];

    byte[] pack(List<String> links) {
        byte[] plain = String.join("\n", links).getBytes(StandardCharsets.UTF_8);
        deflater.reset();
        deflater.setInput(plain);
        deflater.finish();
        var packed = new ByteArrayOutputStream(plain.length / 4 + 16);
        while (!deflater.finished()) {
            packed.write(buffer, 0, deflater.deflate(buffer));
        }
        return packed.toByteArray();
    }

    List<String> unpack(byte[] packed) {
        var plain = new ByteArrayOutputStream(packed.length * 4);
        try (var inflater = new Inflater(true)) {
            inflater.setInput(packed);
            for (int count; (count = inflater.inflate(buffer)) > 0; ) {
                plain.write(buffer, 0, count);
            }
        } catch (DataFormatException e) {
            throw new IllegalStateException("the store has links that cannot be read", e);
        }
        String text = plain.toString(StandardCharsets.UTF_8);
        return text.isEmpty() ? List.of() : new ArrayList<>(List.of(text.split("\n")));
    }

    @Override
    public void close() {
        deflater.close();
    }
}
