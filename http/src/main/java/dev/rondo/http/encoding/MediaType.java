package dev.rondo.http.encoding;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a body is, as Content-Type says it. */
public final class MediaType {

    /** What a body is that nothing is said of (RFC 9110 §8.3). */
    public static final String UNKNOWN = "application/octet-stream";

    private MediaType() {}

    /**
     * Returns it without parameters and in lower case; {@link #UNKNOWN} if there is no such header, or an empty one.
     */
    public static String of(@Nullable String contentType) {
        if (contentType == null) {
            return UNKNOWN;
        }
        int semicolon = contentType.indexOf(';');
        String type = semicolon < 0 ? contentType : contentType.substring(0, semicolon);
        return type.isBlank() ? UNKNOWN : type.strip().toLowerCase(Locale.ROOT);
    }
}
