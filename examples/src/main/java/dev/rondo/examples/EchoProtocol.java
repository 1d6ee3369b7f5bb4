package dev.rondo.examples;

import dev.rondo.Asyncio;
import dev.rondo.net.Net;
import dev.rondo.net.Protocol;
import dev.rondo.net.Transport;
import java.io.IOException;

/** Sends back what comes, by callbacks alone: no coroutine, and no reading faster than the peer takes the answers. */
final class EchoProtocol implements Protocol {

    // @start region="echo-protocol"
    static void main() throws IOException {
        Asyncio.run(() -> {
            var server = Net.createServer(EchoProtocol::new, "127.0.0.1", 0);
            IO.println("speak to port " + server.port());
            server.serveForever();
        });
    }

    @SuppressWarnings("NullAway.Init") // by connectionMade, before all else
    private Transport transport;

    @Override
    public void connectionMade(Transport made) {
        transport = made;
    }

    @Override
    public void dataReceived(byte[] data) {
        transport.write(data);
    }

    @Override
    public void pauseWriting() {
        transport.pauseReading(); // the peer sends, and does not read
    }

    @Override
    public void resumeWriting() {
        transport.resumeReading();
    }
    // @end
}
