package dev.rondo.testkit.net;

import java.time.Duration;
import java.util.List;

/**
 * What lies between two hosts, both ways or one: {@link Network#link} and {@link Network#oneWay}. The methods change
 * what is sent from now on and return this link. Loop thread only.
 *
 * <p>Unless something else is said, a packet takes up to a millisecond, and a stream's bytes arrive in any pieces; both
 * are choices of the run, and the plain ones are no time at all and the whole.
 */
public final class Link {

    private final Network network;
    private final List<Path> paths;

    Link(Network network, List<Path> paths) {
        this.network = network;
        this.paths = paths;
    }

    /**
     * Sets how long a packet takes. Which time between the two is a choice, of which the least is the plain one.
     *
     * @throws IllegalArgumentException if {@code min} is negative or longer than {@code max}
     */
    public Link latency(Duration min, Duration max) {
        if (min.isNegative() || min.compareTo(max) > 0) {
            throw new IllegalArgumentException(
                    "latency of " + min + " to " + max + ": give the lesser first, not negative");
        }
        for (Path path : paths) {
            path.minLatency = min.toNanos();
            path.maxLatency = max.toNanos();
        }
        return this;
    }

    /** Sets how long each packet takes: nothing is chosen. */
    public Link latency(Duration each) {
        return latency(each, each);
    }

    /**
     * Sets how likely it is that a packet is lost. A lost datagram is gone. What a stream loses is sent again: after
     * 200 ms, then after twice as long each time. Where a test awaits what shall {@code eventually} hold, nothing is
     * lost.
     *
     * @param probability 0 to 1; where it is 1, no connection comes about
     */
    public Link loss(double probability) {
        ensureProbability(probability);
        paths.forEach(path -> path.loss = probability);
        return this;
    }

    /** Sets how likely it is that a datagram arrives twice. */
    public Link duplication(double probability) {
        ensureProbability(probability);
        paths.forEach(path -> path.duplication = probability);
        return this;
    }

    private static void ensureProbability(double probability) {
        if (!(probability >= 0 && probability <= 1)) {
            throw new IllegalArgumentException("a probability is 0 to 1, not " + probability);
        }
    }

    /**
     * Sets how many bytes pass in a second, each way; 0, as it is at first, for no limit. Only the bytes of the program
     * count.
     */
    public Link bandwidth(long bytesPerSecond) {
        if (bytesPerSecond < 0) {
            throw new IllegalArgumentException("a bandwidth must not be negative: " + bytesPerSecond);
        }
        paths.forEach(path -> path.bandwidth = bytesPerSecond);
        return this;
    }

    /**
     * Sets the size of the pieces in which the bytes of a stream arrive. Which size is a choice, of which the plain one
     * is all that is there, up to {@code max}. At first 1 to 65,536.
     */
    public Link mss(int min, int max) {
        if (min < 1 || min > max) {
            throw new IllegalArgumentException(
                    "pieces of " + min + " to " + max + " bytes: give 1 or more, the lesser first");
        }
        for (Path path : paths) {
            path.minSegment = min;
            path.maxSegment = max;
        }
        return this;
    }

    /**
     * Lets nothing through from now on, until {@link #heal}. What is on its way does not arrive either. A connection
     * that has bytes to move waits, and {@linkplain Network#giveUpAfter breaks} if that takes too long; an idle one
     * does not notice.
     */
    public Link partition() {
        for (Path path : paths) {
            path.cut = true;
            network.log(path.from + "→" + path.to + " is cut");
        }
        return this;
    }

    /** Undoes a {@link #partition}. What streams had under way arrives after the least latency. */
    public Link heal() {
        for (Path path : paths) {
            if (path.cut) {
                path.cut = false;
                network.log(path.from + "→" + path.to + " is healed");
                path.release();
            }
        }
        return this;
    }

    /** Breaks all connections between the two, at both ends: "Connection reset". New ones can be made. */
    public Link reset() {
        for (MemorySocket socket : List.copyOf(network.open)) {
            if (socket instanceof StreamEnd end) {
                for (Path path : paths) {
                    if (end.goesAlong(path)) {
                        network.log(network.text(end.local) + " is reset");
                        end.breakPair();
                    }
                }
            }
        }
        return this;
    }
}
