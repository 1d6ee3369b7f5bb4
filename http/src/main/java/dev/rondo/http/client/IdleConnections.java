package dev.rondo.http.client;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Connections that wait for the next request to their origin. The one used last is taken first, for it is the least
 * likely to have been closed by the server; the one idle longest is dropped first.
 */
final class IdleConnections {

    private final Map<Origin, ArrayDeque<KeptConnection>> byOrigin = new HashMap<>(); // idle longest first
    private final LinkedHashSet<KeptConnection> all = new LinkedHashSet<>(); // idle longest first

    void add(KeptConnection connection) {
        byOrigin.computeIfAbsent(connection.origin(), o -> new ArrayDeque<>()).addLast(connection);
        all.add(connection);
    }

    /** Takes out the connection to {@code origin} that was used last, or returns null if there is none. */
    @Nullable KeptConnection take(Origin origin) {
        ArrayDeque<KeptConnection> connections = byOrigin.get(origin);
        return connections == null ? null : taken(origin, connections, connections.pollLast());
    }

    /** Takes out the connection that has been idle longest, or returns null if there is none. */
    @Nullable KeptConnection takeEldest() {
        if (all.isEmpty()) {
            return null;
        }
        Origin origin = all.getFirst().origin();
        ArrayDeque<KeptConnection> connections = byOrigin.get(origin);
        return connections == null ? null : taken(origin, connections, connections.pollFirst());
    }

    private @Nullable KeptConnection taken(
            Origin origin, ArrayDeque<KeptConnection> connections, @Nullable KeptConnection connection) {
        if (connections.isEmpty()) {
            byOrigin.remove(origin);
        }
        if (connection != null) {
            all.remove(connection);
        }
        return connection;
    }

    /** Returns the connection that has been idle longest, or null if there is none. */
    @Nullable KeptConnection eldest() {
        return all.isEmpty() ? null : all.getFirst();
    }

    int size() {
        return all.size();
    }
}
