package dev.rondo.net;

import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import dev.rondo.reactor.Fd;
import dev.rondo.reactor.Op;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;

/** A transport over loopback, and the socket of its peer, which blocks and is the test's to use. */
record Peered<P extends StreamProtocol>(Transport transport, P protocol, SocketChannel peer) implements AutoCloseable {

    /** Connects: the protocol has been told when this returns. */
    static <P extends StreamProtocol> Peered<P> open(P protocol) throws IOException {
        EventLoop loop = Asyncio.getRunningLoop();
        Fd listener = loop.driver().tcpListener(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 5);
        try {
            SocketChannel peer = SocketChannel.open(listener.localAddress());
            Op.Accept accept = new Op.Accept(listener);
            loop.perform(accept);
            Endpoint<Transport, P> endpoint = Endpoints.open(loop, SocketStream.known(accept.accepted), () -> protocol);
            return new Peered<>(endpoint.transport(), protocol, peer);
        } finally {
            listener.close();
        }
    }

    /** Sends from the peer. */
    void send(String text) throws IOException {
        peer.write(Wire.bytes(text));
    }

    /** Returns what the peer gets, up to the end, which must come; the loop runs meanwhile. */
    byte[] receiveAll() throws IOException {
        return Asyncio.toThread(() -> peer.socket().getInputStream().readAllBytes());
    }

    /** Returns what the peer gets, of which it waits for so much. */
    byte[] receive(int count) throws IOException {
        return Asyncio.toThread(() -> peer.socket().getInputStream().readNBytes(count));
    }

    /** Has the peer go away without a word: a reset. */
    void reset() throws IOException {
        peer.setOption(java.net.StandardSocketOptions.SO_LINGER, 0);
        peer.close();
    }

    @Override
    public void close() throws IOException {
        transport.abort();
        peer.close();
    }
}
