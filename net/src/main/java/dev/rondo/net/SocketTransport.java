package dev.rondo.net;

import dev.rondo.EventLoop;
import dev.rondo.reactor.Fd;

/** A transport over a socket. */
final class SocketTransport {

    private SocketTransport() {}

    /**
     * Begins: {@code connectionMade} in the next turn, then reading.
     *
     * @param whenGone called once, when the socket is closed
     */
    static Transport start(EventLoop loop, Fd socket, StreamProtocol protocol, Runnable whenGone) {
        throw new UnsupportedOperationException();
    }
}
