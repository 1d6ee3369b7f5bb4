package dev.rondo.http.client;

import dev.rondo.http.Url;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A link of a response's Link header (RFC 8288).
 *
 * @param url where it leads, resolved against the address of the response
 * @param params such as {@code rel} and {@code title}; names in lower case, of several the first
 */
public record Link(Url url, Map<String, String> params) {

    /** Copies the parameters. */
    public Link {
        params = Map.copyOf(params);
    }

    /** Returns what the link is to the response, such as {@code next}, or null if it does not say. */
    public @Nullable String rel() {
        return params.get("rel");
    }

    /** Returns whether the link is that to the response: {@code rel} may name several, and case does not matter. */
    public boolean is(String relation) {
        String rel = rel();
        if (rel == null) {
            return false;
        }
        for (String one : rel.strip().split("\\s+", -1)) {
            if (one.equalsIgnoreCase(relation)) {
                return true;
            }
        }
        return false;
    }
}
