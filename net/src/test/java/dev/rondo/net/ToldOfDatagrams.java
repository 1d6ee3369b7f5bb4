package dev.rondo.net;

import dev.rondo.Action;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A protocol that notes what it is told, and then does what the test has asked for. */
class ToldOfDatagrams implements DatagramProtocol {

    final List<String> log = new ArrayList<>();
    final List<byte[]> data = new ArrayList<>();
    private final Map<String, Action<Exception>> reactions = new HashMap<>();

    @Nullable DatagramTransport transport;

    @Nullable SocketAddress source; // the last

    @Nullable IOException error; // the last

    @Nullable Throwable failure;

    /** Has something done after an event: made, data, error, pause, resume, lost. */
    ToldOfDatagrams on(String event, Action<Exception> reaction) {
        reactions.put(event, reaction);
        return this;
    }

    DatagramTransport transport() {
        return Objects.requireNonNull(transport, "connectionMade was not called");
    }

    boolean isLost() {
        return log.contains("lost");
    }

    private void note(String event, String text) throws Exception {
        log.add(text);
        Action<Exception> reaction = reactions.get(event);
        if (reaction != null) {
            reaction.run();
        }
    }

    @Override
    public void connectionMade(DatagramTransport made) throws Exception {
        transport = made;
        note("made", "made");
    }

    @Override
    public void datagramReceived(byte[] bytes, SocketAddress from) throws Exception {
        data.add(bytes);
        source = from;
        note("data", "data " + (bytes.length < 100 ? new String(bytes, StandardCharsets.US_ASCII) : bytes.length));
    }

    @Override
    public void errorReceived(IOException why) throws Exception {
        error = why;
        note("error", "error");
    }

    @Override
    public void pauseWriting() throws Exception {
        note("pause", "pause");
    }

    @Override
    public void resumeWriting() throws Exception {
        note("resume", "resume");
    }

    @Override
    public void connectionLost(@Nullable Throwable why) throws Exception {
        failure = why;
        note("lost", "lost");
    }
}
