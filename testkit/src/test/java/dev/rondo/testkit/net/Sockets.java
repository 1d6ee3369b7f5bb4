package dev.rondo.testkit.net;

import static dev.rondo.Asyncio.getRunningLoop;

import dev.rondo.reactor.Fd;
import dev.rondo.reactor.Op;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** Short ways to use sockets in coroutines. */
final class Sockets {

    private Sockets() {}

    static InetSocketAddress at(String address, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(address), port);
    }

    static InetSocketAddress at(Host host, int port) {
        return new InetSocketAddress(host.addresses().getFirst(), port);
    }

    static Fd listen(InetSocketAddress address) throws IOException {
        return listen(address, 10);
    }

    static Fd listen(InetSocketAddress address, int backlog) throws IOException {
        return getRunningLoop().driver().tcpListener(address, backlog);
    }

    static Fd accept(Fd listener) throws IOException {
        Op.Accept accept = new Op.Accept(listener);
        getRunningLoop().perform(accept);
        return Objects.requireNonNull(accept.accepted);
    }

    static Fd connect(InetSocketAddress address) throws IOException {
        Fd fd = getRunningLoop()
                .driver()
                .streamSocket(
                        address.getAddress() instanceof Inet4Address
                                ? StandardProtocolFamily.INET
                                : StandardProtocolFamily.INET6);
        try {
            getRunningLoop().perform(new Op.Connect(fd, address));
            return fd;
        } catch (Throwable e) {
            fd.close();
            throw e;
        }
    }

    static void write(Fd fd, String text) throws IOException {
        getRunningLoop().perform(new Op.Write(fd).from(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII))));
    }

    /** Returns what one read brings; "end" at the end. */
    static String read(Fd fd) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
        Op.Read read = new Op.Read(fd).into(buffer);
        getRunningLoop().perform(read);
        return read.count < 0 ? "end" : text(buffer);
    }

    /** Reads to the end. */
    static String readAll(Fd fd) throws IOException {
        StringBuilder all = new StringBuilder();
        for (String some; !(some = read(fd)).equals("end"); ) {
            all.append(some);
        }
        return all.toString();
    }

    private static String text(ByteBuffer buffer) {
        return new String(buffer.array(), 0, buffer.position(), StandardCharsets.US_ASCII);
    }

    static Fd datagrams(InetSocketAddress address) throws IOException {
        Fd fd = getRunningLoop().driver().datagramSocket(StandardProtocolFamily.INET);
        fd.bind(address, 0);
        return fd;
    }

    static void send(Fd fd, String text, SocketAddress target) throws IOException {
        getRunningLoop()
                .perform(new Op.SendTo(fd).from(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)), target));
    }

    static String receive(Fd fd) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(100);
        getRunningLoop().perform(new Op.ReceiveFrom(fd).into(buffer));
        return text(buffer);
    }
}
