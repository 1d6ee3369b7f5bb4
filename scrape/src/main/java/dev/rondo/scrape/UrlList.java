package dev.rondo.scrape;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A list of addresses: one a line, UTF-8. Blank lines, and those that begin with {@code #}, are left out. */
final class UrlList {

    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private UrlList() {}

    /** Reads the list to its end. Blocks. */
    static List<String> read(InputStream in) throws IOException {
        BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
        return reader.readAllLines().stream()
                .map(line -> line.startsWith(BYTE_ORDER_MARK) ? line.substring(1) : line)
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .toList();
    }
}
