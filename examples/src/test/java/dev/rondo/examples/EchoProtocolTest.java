package dev.rondo.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.Asyncio;
import dev.rondo.net.Connection;
import dev.rondo.net.Net;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EchoProtocolTest {

    @Test
    void whatIsSentComesBackHoweverMuchItIs() throws Exception {
        byte[] much = new byte[20 << 20]; // more than the system keeps for a peer that does not read
        new Random(1).nextBytes(much);
        Asyncio.run(() -> {
            try (ServerSocketChannel listener =
                    ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
                int port = ((InetSocketAddress) listener.getLocalAddress()).getPort();
                try (Connection client = Net.openConnection("127.0.0.1", port)) {
                    Net.connectAcceptedSocket(EchoProtocol::new, listener.accept());
                    Asyncio.createTask(() -> {
                        client.writer().write(much);
                        client.writer().writeEof();
                    });
                    assertThat(client.reader().readAll()).isEqualTo(much);
                }
            }
        });
    }
}
