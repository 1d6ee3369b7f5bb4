package dev.rondo.http.server;

import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Who is at the other end of a connection.
 *
 * @param remote null if nobody is: the request was made by hand
 * @param secure whether TLS is in between
 */
record Peer(@Nullable SocketAddress remote, boolean secure) {

    static final Peer NOBODY = new Peer(null, false);
}
