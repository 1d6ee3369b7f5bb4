package dev.rondo.testkit.net;

import java.util.PriorityQueue;

/** What happens when, by the clock; at one time, in the order in which it was decided. */
final class Agenda {

    /** Something that is to happen. */
    static final class Event implements Comparable<Event> {
        final long nanos;
        private final long number;
        final Runnable what;

        private Event(long nanos, long number, Runnable what) {
            this.nanos = nanos;
            this.number = number;
            this.what = what;
        }

        @Override
        public int compareTo(Event other) {
            return nanos != other.nanos ? Long.compare(nanos, other.nanos) : Long.compare(number, other.number);
        }
    }

    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private long added;

    Event at(long nanos, Runnable what) {
        Event event = new Event(nanos, added++, what);
        events.add(event);
        return event;
    }

    void cancel(Event event) {
        events.remove(event);
    }

    /** Returns when the next is due; {@code Long.MAX_VALUE} where nothing is planned. */
    long next() {
        Event first = events.peek();
        return first == null ? Long.MAX_VALUE : first.nanos;
    }

    /** Has the next happen, if it is due; returns whether it was. */
    boolean runDue(long now) {
        if (next() > now) {
            return false;
        }
        events.remove().what.run();
        return true;
    }
}
