package dev.rondo.scrape.frontier;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an earlier crawl learnt of an address.
 *
 * @param etag the ETag of the last whole answer, or null
 * @param modified its Last-Modified, or null
 * @param sha256 of its body, in hexadecimal, or null
 * @param contentType its Content-Type, or null
 * @param links where its links led, in their order
 */
public record Known(
        @Nullable String etag,
        @Nullable String modified,
        @Nullable String sha256,
        @Nullable String contentType,
        List<String> links) {}
