package dev.rondo.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** Channels of {@code java.nio} for a test, which are closed at its end. None blocks, and no loop knows of them. */
final class RawSockets implements AutoCloseable {

    static final SocketAddress LOOPBACK = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private final List<SelectableChannel> channels = new ArrayList<>();

    /** Two ends of a connection. */
    record Pair(SocketChannel mine, SocketChannel peer) {}

    <C extends SelectableChannel> C nonBlocking(C channel) throws IOException {
        channels.add(channel);
        channel.configureBlocking(false);
        return channel;
    }

    Pair pair() throws IOException {
        try (ServerSocketChannel listener = ServerSocketChannel.open().bind(LOOPBACK)) {
            SocketChannel mine = SocketChannel.open(listener.getLocalAddress());
            SocketChannel peer = listener.accept();
            while (!mine.getLocalAddress().equals(peer.getRemoteAddress())) {
                peer.close(); // of another program, whose tests take this port for one where nobody listens
                peer = listener.accept();
            }
            return new Pair(nonBlocking(mine), nonBlocking(peer));
        }
    }

    SocketChannel socket() throws IOException {
        return nonBlocking(SocketChannel.open());
    }

    ServerSocketChannel listener() throws IOException {
        return nonBlocking(ServerSocketChannel.open().bind(LOOPBACK));
    }

    DatagramChannel datagrams() throws IOException {
        return nonBlocking(DatagramChannel.open().bind(LOOPBACK));
    }

    /** Returns an address that takes no more connections, and refuses none. */
    SocketAddress busyAddress() throws IOException {
        ServerSocketChannel listener = nonBlocking(ServerSocketChannel.open().bind(LOOPBACK, 1));
        for (int connected = 0; connected < 100; connected++) {
            SocketChannel next = socket();
            if (!next.connect(listener.getLocalAddress()) && !next.finishConnect()) {
                return listener.getLocalAddress();
            }
        }
        throw new AssertionError("a listener with a backlog of 1 takes 100 connections");
    }

    /** Returns an address where nobody listens. */
    static SocketAddress deadAddress() throws IOException {
        try (ServerSocketChannel listener = ServerSocketChannel.open().bind(LOOPBACK)) {
            return listener.getLocalAddress();
        }
    }

    /** Writes until the system takes no more; returns how many bytes. */
    static long fill(SocketChannel socket) throws IOException {
        ByteBuffer much = ByteBuffer.allocate(1 << 16);
        long written = 0;
        for (int count; (count = socket.write(much.clear())) > 0; ) {
            written += count;
        }
        return written;
    }

    /** Reads what is there; returns how many bytes. */
    static long drain(SocketChannel socket) throws IOException {
        ByteBuffer much = ByteBuffer.allocate(1 << 16);
        long read = 0;
        for (int count; (count = socket.read(much.clear())) > 0; ) {
            read += count;
        }
        return read;
    }

    @Override
    public void close() throws IOException {
        for (SelectableChannel channel : channels) {
            channel.close();
        }
    }
}
