package dev.rondo.scrape.html;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a page refers to, as it stands there, its character references decoded.
 *
 * @param references where its {@code a} and {@code area} elements lead, and what its frames show, in their order
 * @param base what relative references start from; null for the page itself
 * @param refresh where it sends its reader on by {@code <meta http-equiv=refresh>}; null if it does not
 * @param nofollow whether it asks by {@code <meta name=robots>} that its links are not followed
 */
public record PageLinks(
        List<String> references,
        @Nullable String base,
        @Nullable String refresh,
        boolean nofollow) {}
