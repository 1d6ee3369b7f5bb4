package dev.rondo.examples;

import dev.rondo.net.Protocol;
import dev.rondo.net.Transport;

/** Sends back what comes, by callbacks alone: no coroutine, and no reading faster than the peer takes the answers. */
final class EchoProtocol implements Protocol {

    // @start region="echo-protocol"
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
