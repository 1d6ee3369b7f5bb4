package dev.rondo.testkit.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a connection comes about: a client knocks, again and again, until it is answered.
 *
 * <pre>
 *   KNOCKING ──the answer──▶ over       KNOCKING ──refused, no host there, two minutes──▶ over
 *      └─▲ after 1, 2, 4, 8, 16, 32 s
 * </pre>
 */
final class Handshake {

    private static final int MOST_KNOCKS = 7;
    private static final long FIRST_PATIENCE = Duration.ofSeconds(1).toNanos();

    private final Network network;
    private final StreamEnd client;
    private final InetSocketAddress source;
    private final InetSocketAddress target;
    private final @Nullable Host host; // null where nobody has the address
    private @Nullable StreamEnd server;
    private int knocks;
    private boolean over;
    private boolean answered;
    private Agenda.@Nullable Event next;
    private String failure = "Connection timed out";

    Handshake(StreamEnd client, InetSocketAddress source, InetSocketAddress target) {
        this.network = client.network;
        this.client = client;
        this.source = source;
        this.target = target;
        this.host = network.hostAt(target.getAddress(), client.host);
    }

    void begin() {
        if (host == null && !network.isBlackHole(target.getAddress())) {
            next = network.agenda.at(network.nanos(), () -> fail("No route to host"));
        } else {
            knock();
        }
    }

    private void knock() {
        if (knocks == MOST_KNOCKS) {
            fail("Connection timed out");
            return;
        }
        next = network.agenda.at(network.nanos() + (FIRST_PATIENCE << knocks++), this::knock);
        if (host != null) {
            client.host.pathTo(host).sendOnce(new Knock(), 0, knocks == 1 ? "connects" : "connects, again");
        }
    }

    /** Ends it: there will be no connection. */
    void fail(String reason) {
        failure = reason;
        stop();
        client.notConnected();
    }

    /** Ends it: an answer is not heard any more. */
    void stop() {
        over = true;
        knockNoMore();
    }

    /** Leaves it at what is on its way: that may still make a connection. */
    void knockNoMore() {
        if (next != null) {
            network.agenda.cancel(next);
            next = null;
        }
    }

    IOException failure() {
        return StreamEnd.failure(target, failure);
    }

    /** To the server. It may come twice. */
    private final class Knock extends Packet {
        Knock() {
            super(Handshake.this.source, Handshake.this.target);
        }

        @Override
        void arrive() {
            if (over || host == null) {
                return;
            }
            if (server != null) {
                answer(host, true);
            } else if (host.refuses(target.getPort())
                    || !(host.boundTo(target, false) instanceof ListeningSocket listener)) {
                answer(host, false);
            } else if (listener.hasRoom()) {
                StreamEnd end = new StreamEnd(network, host, listener.family, listener.receiveWindow());
                end.meet(client, target, source);
                server = end;
                listener.arrived(end);
                answer(host, true);
            } else if (network.logs()) {
                network.log(this, "is not let in: the backlog is full");
            }
        }
    }

    private void answer(Host host, boolean accepted) {
        host.pathTo(client.host).send(new Answer(accepted), 0, accepted ? "accepts" : "refuses");
    }

    /** To the client. Sent until it arrives, and perhaps for each knock. */
    private final class Answer extends Packet {
        private final boolean accepted;

        Answer(boolean accepted) {
            super(Handshake.this.target, Handshake.this.source);
            this.accepted = accepted;
        }

        @Override
        void arrive() {
            if (over) {
                if (accepted && !answered) {
                    client.answerReset(); // it has given up
                }
            } else if (accepted) {
                answered = true;
                stop();
                client.connected();
            } else {
                fail("Connection refused");
            }
        }

        @Override
        void cutOff(Path path) {
            path.hold(this);
        }
    }
}
