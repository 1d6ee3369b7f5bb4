package dev.rondo.net;

import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link Server} listens. In asyncio: the keyword arguments of {@code create_server}, {@code start_server} and
 * {@code create_unix_server}.
 *
 * @param backlog how many connections the system keeps that are not accepted yet, and how many are accepted in one turn
 *     of the loop; at least 1. 100 by default
 * @param family {@link StandardProtocolFamily#INET} or {@code INET6} to listen at these addresses alone; null for both,
 *     the default. Without a meaning for Unix sockets
 * @param reuseAddress whether a port may be taken whose last connections linger. True by default. In asyncio:
 *     {@code reuse_address}
 * @param reusePort whether other sockets that say so too may listen at the same port; an
 *     {@link IllegalArgumentException} of the server's where the system has no such thing. False by default. In
 *     asyncio: {@code reuse_port}
 * @param keepAlive whether the system asks idle peers whether they are still there. False by default. In asyncio:
 *     {@code keep_alive}
 * @param startServing whether connections are accepted from the start, and not only from {@link Server#startServing} or
 *     {@link Server#serveForever} on; who comes before waits in the backlog (in asyncio it is turned away). True by
 *     default. In asyncio: {@code start_serving}
 * @param limit how long a line may be for the {@link StreamReader} of a handler, in bytes; positive. 64 KiB by default
 * @param mode what is permitted with the file of a Unix socket; null, the default, for what the process has set. It is
 *     set a moment after the socket is there: against who must not even knock, use a directory. In asyncio:
 *     {@code mode}
 * @param cleanupSocket whether the file of a Unix socket is removed when the server closes. True by default. In
 *     asyncio: {@code cleanup_socket}
 */
public record ListenOptions(
        int backlog,
        @Nullable ProtocolFamily family,
        boolean reuseAddress,
        boolean reusePort,
        boolean keepAlive,
        boolean startServing,
        int limit,
        @Nullable Set<PosixFilePermission> mode,
        boolean cleanupSocket) {

    /** As asyncio's. */
    public static final ListenOptions DEFAULT = new ListenOptions(
            Net.DEFAULT_BACKLOG, null, true, false, false, true, StreamReader.DEFAULT_LIMIT, null, true);

    /** Checks that the numbers are positive, and that the family is one of the internet. */
    public ListenOptions {
        if (backlog < 1) {
            throw new IllegalArgumentException("backlog must be at least 1, not " + backlog);
        }
        if (family != null && family != StandardProtocolFamily.INET && family != StandardProtocolFamily.INET6) {
            throw new IllegalArgumentException("family must be INET or INET6, or null for both, not " + family);
        }
        if (limit <= 0) {
            throw new IllegalArgumentException("limit must be positive, not " + limit);
        }
        mode = mode == null ? null : Set.copyOf(mode);
    }

    /** Returns a copy that keeps so many connections waiting. */
    public ListenOptions withBacklog(int connections) {
        return new ListenOptions(
                connections, family, reuseAddress, reusePort, keepAlive, startServing, limit, mode, cleanupSocket);
    }

    /** Returns a copy for addresses of one family; null for both. */
    public ListenOptions withFamily(@Nullable ProtocolFamily only) {
        return new ListenOptions(
                backlog, only, reuseAddress, reusePort, keepAlive, startServing, limit, mode, cleanupSocket);
    }

    /** Returns a copy that takes, or does not take, a port whose last connections linger. */
    public ListenOptions withReuseAddress(boolean reuse) {
        return new ListenOptions(
                backlog, family, reuse, reusePort, keepAlive, startServing, limit, mode, cleanupSocket);
    }

    /** Returns a copy that shares, or does not share, its port. */
    public ListenOptions withReusePort(boolean reuse) {
        return new ListenOptions(
                backlog, family, reuseAddress, reuse, keepAlive, startServing, limit, mode, cleanupSocket);
    }

    /** Returns a copy that has, or has not, the system ask idle peers. */
    public ListenOptions withKeepAlive(boolean keep) {
        return new ListenOptions(
                backlog, family, reuseAddress, reusePort, keep, startServing, limit, mode, cleanupSocket);
    }

    /** Returns a copy that accepts connections from the start, or later. */
    public ListenOptions withStartServing(boolean start) {
        return new ListenOptions(
                backlog, family, reuseAddress, reusePort, keepAlive, start, limit, mode, cleanupSocket);
    }

    /** Returns a copy for lines of so many bytes. */
    public ListenOptions withLimit(int bytes) {
        return new ListenOptions(
                backlog, family, reuseAddress, reusePort, keepAlive, startServing, bytes, mode, cleanupSocket);
    }

    /** Returns a copy for a Unix socket with these permissions; null for what the process has set. */
    public ListenOptions withMode(@Nullable Set<PosixFilePermission> permissions) {
        return new ListenOptions(
                backlog, family, reuseAddress, reusePort, keepAlive, startServing, limit, permissions, cleanupSocket);
    }

    /** Returns a copy for a Unix socket whose file is, or is not, removed at the end. */
    public ListenOptions withCleanupSocket(boolean cleanup) {
        return new ListenOptions(
                backlog, family, reuseAddress, reusePort, keepAlive, startServing, limit, mode, cleanup);
    }
}
