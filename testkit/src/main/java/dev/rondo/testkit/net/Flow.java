package dev.rondo.testkit.net;

import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a connection: what the sender was given and has not sent, what is on its way, what has arrived and
 * was not read.
 *
 * <pre>
 *   write ──▶ queued ──pump()──▶ onTheWay ──in order──▶ arrived ──▶ read
 *               ▲                                          │
 *               └───── acknowledged: how much came, and how much was read ◀──┘
 * </pre>
 *
 * <p>A sender keeps what is not acknowledged, and stops where that fills its buffer, or what was sent and not read the
 * reader's window.
 */
final class Flow {

    private enum Kind {
        BYTES,
        END,
        RESET
    }

    private final Network network;
    private final StreamEnd from;
    private final StreamEnd to;
    private final InetSocketAddress source;
    private final InetSocketAddress target;
    private final Path there;
    private final Path back;

    // The sender's.
    private final ByteQueue queued = new ByteQueue();
    private final int buffer;
    private final int window;
    private long sent;
    private long acknowledged;
    private long knownRead; // of what was sent, the reader has read so much, as far as the sender knows
    private boolean ending; // nothing more is written
    private boolean over; // nothing more is sent, but for a reset
    private boolean resetSent;
    private Agenda.@Nullable Event patience; // while something cannot get through

    private final ArrayDeque<Segment> onTheWay = new ArrayDeque<>();

    // The receiver's.
    private final ByteQueue arrived = new ByteQueue();
    private long received;
    private boolean ended;

    Flow(StreamEnd from, StreamEnd to, InetSocketAddress source, InetSocketAddress target, int buffer, int window) {
        network = from.network;
        this.from = from;
        this.to = to;
        this.source = source;
        this.target = target;
        this.buffer = buffer;
        this.window = window;
        there = from.host.pathTo(to.host);
        back = to.host.pathTo(from.host);
    }

    boolean goesAlong(Path path) {
        return path == there;
    }

    // ------------------------------------------------------------------------------------------------ sending

    /** Takes from the buffers what there is room for; returns whether that was all. */
    boolean write(ByteBuffer[] buffers) throws ClosedChannelException {
        if (ending) {
            throw new ClosedChannelException();
        }
        for (ByteBuffer each : buffers) {
            while (each.hasRemaining() && hasRoom()) {
                queued.add(each, room());
            }
        }
        pump();
        for (ByteBuffer each : buffers) {
            if (each.hasRemaining()) {
                return false;
            }
        }
        return true;
    }

    boolean hasRoom() {
        return room() > 0;
    }

    private int room() {
        return (int) (buffer - queued.size() - (sent - acknowledged));
    }

    /** The sender has no more to say. */
    void end() {
        ending = true;
        pump();
    }

    /** The sender throws the connection away. */
    void reset() {
        queued.clear();
        over = true;
        noPatience();
        if (!resetSent) {
            resetSent = true;
            send(Kind.RESET, new byte[0], "reset");
        }
    }

    /** The sender sends nothing any more, says so to nobody, and what it has sent does not arrive. */
    void stop() {
        queued.clear();
        onTheWay.clear();
        over = true;
        noPatience();
    }

    private void pump() {
        while (!over && queued.size() > 0) {
            int free = (int) (window - (sent - knownRead));
            if (free <= 0) {
                return;
            }
            byte[] bytes = queued.take(there.segment(Math.min(free, queued.size())));
            sent += bytes.length;
            send(Kind.BYTES, bytes, bytes.length + (bytes.length == 1 ? " byte" : " bytes"));
        }
        if (ending && !over) {
            over = true;
            send(Kind.END, new byte[0], "end");
        }
    }

    private void send(Kind kind, byte[] bytes, String what) {
        Segment segment = new Segment(kind, bytes);
        onTheWay.add(segment);
        there.send(segment, bytes.length, what);
    }

    /** What is sent again until it arrives, and is then held until what was sent before has arrived as well. */
    private final class Segment extends Packet {
        private final Kind kind;
        private final byte[] bytes;
        private boolean here;

        Segment(Kind kind, byte[] bytes) {
            super(Flow.this.source, Flow.this.target);
            this.kind = kind;
            this.bytes = bytes;
        }

        @Override
        void arrive() {
            here = true;
            for (Segment first; (first = onTheWay.peek()) != null && first.here; ) {
                onTheWay.remove();
                receive(first);
            }
        }

        @Override
        void cutOff(Path path) {
            path.hold(this);
            notGettingThrough();
        }
    }

    // ------------------------------------------------------------------------------------------------ receiving

    private void receive(Segment segment) {
        switch (segment.kind) {
            case BYTES -> {
                if (to.takes()) {
                    received += segment.bytes.length;
                    arrived.add(segment.bytes);
                    acknowledge();
                    to.changed();
                } else {
                    to.answerReset();
                }
            }
            case END -> {
                ended = true;
                acknowledge();
                if (to.takes()) {
                    to.changed();
                } else {
                    to.answerEnd();
                }
            }
            case RESET -> to.wasReset();
        }
    }

    /** Returns how many bytes were read; 0 if none have come. */
    int read(ByteBuffer target) {
        int count = arrived.fill(target);
        if (count > 0) {
            acknowledge();
        }
        return count;
    }

    boolean hasArrived() {
        return arrived.size() > 0;
    }

    boolean hasEnded() {
        return ended && arrived.size() == 0;
    }

    // ------------------------------------------------------------------------------------------------ the way back

    private void acknowledge() {
        back.sendQuietly(new Acknowledgement(received, received - arrived.size()));
    }

    private final class Acknowledgement extends Packet {
        private final long received;
        private final long read;

        Acknowledgement(long received, long read) {
            super(Flow.this.target, Flow.this.source);
            this.received = received;
            this.read = read;
        }

        @Override
        void arrive() {
            noPatience();
            acknowledged = Math.max(acknowledged, received);
            knownRead = Math.max(knownRead, read);
            pump();
            from.changed();
        }

        @Override
        void cutOff(Path path) {
            path.hold(this);
            notGettingThrough();
        }
    }

    // ------------------------------------------------------------------------------------------------ giving up

    private void notGettingThrough() {
        if (patience == null && from.takes()) {
            patience = network.agenda.at(network.nanos() + network.patienceNanos(), this::giveUp);
        }
    }

    private void giveUp() {
        patience = null;
        if (network.logs()) {
            network.log(network.text(source) + "→" + network.text(target) + " gives up");
        }
        from.givesUp();
    }

    private void noPatience() {
        if (patience != null) {
            network.agenda.cancel(patience);
            patience = null;
        }
    }

    /** Returns the failure of what a closed direction is asked for. */
    static SocketException notConnected() {
        return new SocketException("Socket is not connected");
    }
}
