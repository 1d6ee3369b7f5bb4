package dev.rondo.scrape.frontier;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The links of a page as bytes, in their order. Each is the number of characters that it has in common with the one
 * before, which are many, as a byte; then the others, and the end of a line.
 *
 * <pre>
 *   http://h/doc/a.html    0 http://h/doc/a.html
 *   http://h/doc/b.html   13 b.html
 * </pre>
 */
final class PackedLinks {

    private static final int MOST_IN_COMMON = 255;

    private PackedLinks() {}

    /** Packs addresses in the spelling of a crawl: they are ASCII, without line ends. */
    static byte[] pack(List<String> links) {
        var text = new StringBuilder(links.size() * 24);
        String before = "";
        for (String link : links) {
            int common = inCommon(before, link);
            text.append((char) common).append(link, common, link.length()).append('\n');
            before = link;
        }
        return text.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private static int inCommon(String one, String other) {
        int most = Math.min(MOST_IN_COMMON, Math.min(one.length(), other.length()));
        int i = 0;
        while (i < most && one.charAt(i) == other.charAt(i)) {
            i++;
        }
        return i;
    }

    static List<String> unpack(byte[] packed) {
        List<String> links = new ArrayList<>();
        String before = "";
        for (int i = 0; i < packed.length; i++) {
            int start = i + 1;
            while (packed[++i] != '\n') {
                // to the end of the line
            }
            before = before.substring(0, packed[start - 1] & 0xff)
                    + new String(packed, start, i - start, StandardCharsets.ISO_8859_1);
            links.add(before);
        }
        return links;
    }
}
