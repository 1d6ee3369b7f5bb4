package dev.rondo.http.client;

import dev.rondo.EventLoop;
import dev.rondo.http.h2.Turns;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The HTTP/2 connections to one origin that are in use, the one that is being made, and who waits for a stream. */
final class SharedConnections {

    private final List<Http2Link> links = new ArrayList<>(1);
    private final Turns turns;

    @Nullable Opening opening;

    /**
     * Makes it.
     *
     * @param mayConnect says whether the limits allow another connection
     */
    SharedConnections(EventLoop loop, BooleanSupplier mayConnect) {
        this.turns = new Turns(loop, () -> withRoom() != null || !anyUsable() || mayConnect.getAsBoolean());
    }

    /** Returns one that takes another request now, or null. */
    @Nullable Http2Link withRoom() {
        for (Http2Link link : links) {
            if (link.hasRoom()) {
                return link;
            }
        }
        return null;
    }

    /** Returns whether one takes requests, if not now. */
    boolean anyUsable() {
        for (Http2Link link : links) {
            if (link.usable()) {
                return true;
            }
        }
        return false;
    }

    /** Suspends until it is the caller's turn to look again for room, or for another connection. */
    void awaitTurn() {
        turns.await();
    }

    /** Has the next one look for room, if there may be some. */
    void passOn() {
        turns.passOn();
    }

    /** Returns how many wait for a stream. */
    int waiting() {
        return turns.size();
    }

    void add(Http2Link link) {
        links.add(link);
    }

    void remove(Http2Link link) {
        links.remove(link);
    }

    /** Returns whether there is nothing to remember. */
    boolean empty() {
        return links.isEmpty() && opening == null && turns.size() == 0;
    }
}
