package dev.rondo.net;

import dev.rondo.Action;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A protocol that notes what it is told, and then does what the test has asked for. Data that comes in a row is noted
 * as one, however it was cut.
 */
class Told implements Protocol {

    final List<String> log = new ArrayList<>();
    final StringBuilder text = new StringBuilder();
    private final Map<String, Action<Exception>> reactions = new HashMap<>();
    private int dataSince = -1; // where in the text the last entry of the log begins
    boolean staysAfterEof;
    long bytes;
    int largest;

    @Nullable Transport transport;

    @Nullable Throwable failure;

    /** Has something done after an event: made, data, eof, lost, pause, resume. */
    Told on(String event, Action<Exception> reaction) {
        reactions.put(event, reaction);
        return this;
    }

    Transport transport() {
        if (transport == null) {
            throw new AssertionError("connectionMade was not called");
        }
        return transport;
    }

    boolean isLost() {
        return log.contains("lost");
    }

    void note(String event) throws Exception {
        log.add(event);
        dataSince = -1;
        react(event);
    }

    void react(String event) throws Exception {
        Action<Exception> reaction = reactions.get(event);
        if (reaction != null) {
            reaction.run();
        }
    }

    @Override
    public void connectionMade(Transport made) throws Exception {
        transport = made;
        note("made");
    }

    @Override
    public void dataReceived(byte[] data) throws Exception {
        if (data.length == 0) {
            throw new AssertionError("no data");
        }
        bytes += data.length;
        largest = Math.max(largest, data.length);
        if (data.length < 1000) {
            text.append(new String(data, StandardCharsets.US_ASCII));
            if (dataSince >= 0) {
                log.removeLast();
            } else {
                dataSince = text.length() - data.length;
            }
            log.add("data " + text.substring(dataSince));
        }
        react("data");
    }

    @Override
    public boolean eofReceived() throws Exception {
        note("eof");
        return staysAfterEof;
    }

    @Override
    public void pauseWriting() throws Exception {
        note("pause");
    }

    @Override
    public void resumeWriting() throws Exception {
        note("resume");
    }

    @Override
    public void connectionLost(@Nullable Throwable why) throws Exception {
        failure = why;
        note("lost");
    }
}
