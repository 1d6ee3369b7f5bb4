package dev.rondo.testkit.net;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The way from one host to another; the way back is another one. What is set by {@link Link} is read here. */
final class Path {

    private static final int DELAYS = 8; // so many possibilities, from the least to the most
    private static final long FIRST_RETRANSMISSION = Duration.ofMillis(200).toNanos();
    private static final int MOST_LOSSES = 10; // of one segment: more would only try the patience of the reader

    private final Network network;
    final Host from;
    final Host to;

    long minLatency;
    long maxLatency = Duration.ofMillis(1).toNanos();
    double loss;
    double duplication;
    long bandwidth; // bytes per second; 0 for no limit
    int minSegment = 1;
    int maxSegment = 1 << 16;
    boolean cut;

    private long busyUntil; // the line is, with bytes that were sent
    private final List<Packet> held = new ArrayList<>(0);

    Path(Network network, Host from, Host to) {
        this.network = network;
        this.from = from;
        this.to = to;
    }

    // ------------------------------------------------------------------------------------------------ chance

    /** Returns how many of so many bytes go into the next segment. */
    int segment(int available) {
        int whole = Math.min(available, maxSegment);
        int least = Math.min(minSegment, whole);
        if (least == whole) {
            return whole;
        }
        return switch (network.choose(4, "segment")) {
            case 0 -> whole;
            case 1 -> least;
            case 2 -> Math.max(least, whole / 2);
            default -> Math.max(least, whole - 1);
        };
    }

    private long delay() {
        return between(minLatency, maxLatency, network, "delay");
    }

    static long between(long min, long max, Network network, String what) {
        return min == max ? min : min + (max - min) / (DELAYS - 1) * network.choose(DELAYS, what);
    }

    // ------------------------------------------------------------------------------------------------ sending

    /** Sends what is sent again until it arrives: a loss is a delay. */
    void send(Packet packet, int bytes, String what) {
        long delay = transmission(bytes) + delay();
        long again = FIRST_RETRANSMISSION + 2 * minLatency;
        for (int losses = 0; losses < MOST_LOSSES && network.fault(loss, "loss"); losses++) {
            delay += again;
            again *= 2;
        }
        if (network.logs()) {
            network.log(packet, what + ", " + Network.text(delay));
        }
        arriveIn(delay, packet);
    }

    /** Sends what nobody sends again: it may be lost. */
    void sendOnce(Packet packet, int bytes, String what) {
        long transmission = transmission(bytes);
        if (network.fault(loss, "loss")) {
            network.log(packet, what + ", lost");
            return;
        }
        int copies = network.fault(duplication, "duplicate") ? 2 : 1;
        for (int i = 0; i < copies; i++) {
            long delay = transmission + delay();
            if (network.logs()) {
                network.log(packet, what + ", " + Network.text(delay));
            }
            arriveIn(delay, packet);
        }
    }

    /** Sends what nobody sees: it takes the least time, and nothing is chosen. */
    void sendQuietly(Packet packet) {
        if (minLatency == 0 && !isCut(packet)) {
            packet.arrive();
        } else {
            arriveIn(minLatency, packet);
        }
    }

    private long transmission(int bytes) {
        if (bandwidth == 0) {
            return 0;
        }
        long now = network.nanos();
        busyUntil = Math.max(busyUntil, now) + bytes * 1_000_000_000L / bandwidth;
        return busyUntil - now;
    }

    private void arriveIn(long delay, Packet packet) {
        network.agenda.at(network.nanos() + delay, () -> {
            if (isCut(packet)) {
                packet.cutOff(this);
            } else {
                packet.arrive();
            }
        });
    }

    // ------------------------------------------------------------------------------------------------ being cut

    private boolean isCut(Packet packet) {
        return cut
                || from.isDown()
                || to.isDown()
                || network.isBlackHole(packet.source.getAddress())
                || network.isBlackHole(packet.target.getAddress());
    }

    /** Keeps a packet until the path is whole again; what a host that went down had sent is lost. */
    void hold(Packet packet) {
        if (!from.isDown()) {
            held.add(packet);
        }
    }

    /** Sends again what was held: something about the cut has changed. */
    void release() {
        List<Packet> released = List.copyOf(held);
        held.clear();
        released.forEach(packet -> arriveIn(minLatency, packet));
    }
}
