package dev.rondo.scrape.frontier;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of an address, as the store keeps it.
 *
 * @param id its number in the store
 * @param status the status of the answer; 0 if none came or none was asked for
 * @param note why it failed or was passed over, in one line; null if it did not and was not
 * @param etag the ETag to ask with the next time, or null
 * @param modified the Last-Modified to ask with, or null
 * @param sha256 of the body, in hexadecimal, or null
 * @param contentType its Content-Type, or null
 * @param links where its links lead; null to leave what is stored
 */
public record Done(
        long id,
        int status,
        @Nullable String note,
        @Nullable String etag,
        @Nullable String modified,
        @Nullable String sha256,
        @Nullable String contentType,
        @Nullable List<String> links) {

    /** Returns an address that was not asked for, and why. */
    public static Done passedOver(long id, String reason) {
        return new Done(id, 0, reason, null, null, null, null, null);
    }
}
