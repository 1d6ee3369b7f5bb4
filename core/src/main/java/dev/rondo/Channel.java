package dev.rondo;

import static java.util.Objects.requireNonNull;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * A way for items between coroutines of one loop that has two ends, each of which can be closed: where all
 * {@linkplain Sender senders} are, the receivers' loops end once everything has arrived; where all {@linkplain Receiver
 * receivers} are, sending fails.
 *
 * <pre>{@code
 * Channel<String> lines = new Channel<>(10);
 * Channel.Sender<String> out = lines.openSender();
 * createTask(() -> {
 *     try (out) {
 *         readAll(out::send);
 *     }
 * });
 * try (Channel.Receiver<String> in = lines.openReceiver()) {
 *     for (String line : in) {
 *         handle(line);
 *     }
 * }
 * }</pre>
 *
 * <p>Any number of coroutines may use the same end, or open ends of their own. A channel has not ended before its first
 * sender is opened; where several coroutines send, open the sender of each before any of them runs.
 *
 * <p>Items arrive in the order in which they were sent, {@code capacity} of them wait for a receiver, and what is sent
 * beyond that waits with its sender: with a capacity of 0 every {@code send} waits for somebody to receive. Holds no
 * nulls. It may be made before there is a loop, belongs to the loop on which somebody first has to wait for it, and
 * fails with {@link IllegalStateException} on another, or if a thread that is not the loop's changes it. Beyond
 * asyncio.
 *
 * @param <T> the type of the items
 */
public final class Channel<T> extends LoopBound {

    private final int capacity;
    // More than capacity only by what receivers were woken for. Nobody waits in receivers while there is an offer.
    private final ArrayDeque<T> buffer = new ArrayDeque<>();
    private final ArrayDeque<Offer<T>> offers = new ArrayDeque<>(); // what waits with its sender, oldest first
    private final WaitList receivers = new WaitList(this, this::itemIsThere);
    private final Openings senders = new Openings("sender");
    private final Openings receivings = new Openings("receiver");

    /**
     * Makes a channel.
     *
     * @param capacity how many items can wait for a receiver; 0 for none
     */
    public Channel(int capacity) {
        if (capacity < 0) {
            throw new IllegalArgumentException("capacity < 0: " + capacity);
        }
        this.capacity = capacity;
    }

    /**
     * Opens a sender, to be closed by whoever has it.
     *
     * @throws IllegalStateException if there were senders, and all are closed: the channel has ended
     */
    public Sender<T> openSender() {
        checkThread();
        senders.open();
        return new Sender<>(this);
    }

    /**
     * Opens a receiver, to be closed by whoever has it.
     *
     * @throws IllegalStateException if there were receivers, and all are closed: the channel is broken
     */
    public Receiver<T> openReceiver() {
        checkThread();
        receivings.open();
        return new Receiver<>(this);
    }

    /** Returns how many items wait for a receiver, those that wait with their sender included. */
    public int size() {
        return buffer.size() + offers.size();
    }

    /** Returns how many items can wait without their sender. */
    public int capacity() {
        return capacity;
    }

    @Override
    public String toString() {
        return "<Channel capacity=" + capacity + " buffered=" + buffer.size() + " senders=" + senders.open + " waiting="
                + offers.size() + " receivers=" + receivings.open + " waiting=" + receivers.waiting() + ">";
    }

    // ------------------------------------------------------------------------------------------------ sending

    private void send(Sender<T> sender, T item) {
        if (trySend(sender, item)) {
            return;
        }
        Strand strand = RunningLoops.strandHere();
        if (strand == null) {
            throw EventLoop.notInCoroutine("Waiting for " + this);
        }
        bind(strand.loop);
        Offer<T> offer = new Offer<>(this, sender, strand, item);
        offers.add(offer);
        if (strand.park(offer)) {
            throw strand.throwAborted();
        }
        if (offer.taken) {
            return; // even if a cancel came since: the item cannot be had back. The next wait hears of it
        }
        strand.throwIfCancelled();
        sender.checkOpen();
        throw broken();
    }

    private boolean trySend(Sender<T> sender, T item) {
        requireNonNull(item, "item");
        checkThread();
        sender.checkOpen();
        if (receivings.ended()) {
            throw broken();
        }
        if (receivers.waiting() == 0 && (buffer.size() >= capacity || !offers.isEmpty())) {
            return false;
        }
        buffer.add(item);
        receivers.wakeFirst();
        return true;
    }

    private static BrokenChannelException broken() {
        return new BrokenChannelException("every receiver of the channel is closed");
    }

    /** An item that waits with its sender. */
    private static final class Offer<T> extends Wait {
        private final Channel<T> channel;
        private final Sender<T> sender;
        private final Strand strand;
        private final T item;
        private boolean taken;

        Offer(Channel<T> channel, Sender<T> sender, Strand strand, T item) {
            this.channel = channel;
            this.sender = sender;
            this.strand = strand;
            this.item = item;
        }

        /** Gives the item away. The offer is off the list. */
        T accept() {
            taken = true;
            strand.wakeUp();
            return item;
        }

        @Override
        boolean abort(Strand strand, @Nullable String message) {
            channel.offers.remove(this);
            strand.wakeUp();
            return true;
        }

        @Override
        void abandon(Strand strand) {
            channel.offers.remove(this);
        }

        @Override
        public String toString() {
            return channel.toString();
        }
    }

    // ------------------------------------------------------------------------------------------------ receiving

    /** Suspends until there is an item; returns false if there will be none. */
    private boolean awaitItem(Receiver<T> receiver) {
        for (; ; ) {
            checkThread();
            receiver.checkOpen();
            if (hasItem()) {
                return true;
            }
            if (senders.ended()) {
                return false;
            }
            receivers.await();
        }
    }

    private boolean hasItem() {
        return !buffer.isEmpty() || !offers.isEmpty();
    }

    private T take() {
        T item = buffer.poll();
        if (item == null) {
            return offers.remove().accept();
        }
        if (buffer.size() < capacity && !offers.isEmpty()) {
            buffer.add(offers.remove().accept());
        }
        return item;
    }

    /** Passes on what a receiver was woken for, and could not use. */
    private void itemIsThere() {
        if (hasItem()) {
            receivers.wakeFirst();
        }
    }

    // ------------------------------------------------------------------------------------------------ closing

    private void senderClosed(Sender<T> sender) {
        senders.close();
        refuse(sender);
        if (senders.ended()) {
            receivers.wakeAll();
        }
    }

    private void receiverClosed() {
        receivings.close();
        if (receivings.ended()) {
            buffer.clear();
            refuse(null);
        }
        receivers.wakeAll(); // who waits at this receiver has to hear; the others look again
    }

    /** Wakes those who wait with an item at this sender, or at any if null: the item will not be taken. */
    private void refuse(@Nullable Sender<T> sender) {
        offers.removeIf(offer -> {
            boolean refused = sender == null || offer.sender == sender;
            if (refused) {
                offer.strand.wakeUp();
            }
            return refused;
        });
    }

    /** Counts the open ends of one kind. */
    private static final class Openings {
        private final String kind;
        private boolean any;
        private int open;

        Openings(String kind) {
            this.kind = kind;
        }

        void open() {
            if (ended()) {
                throw new IllegalStateException("every " + kind + " of the channel is closed, and that was its end;"
                        + " open the second before the first is closed");
            }
            any = true;
            open++;
        }

        void close() {
            open--;
        }

        boolean ended() {
            return any && open == 0;
        }
    }

    // ------------------------------------------------------------------------------------------------ the two ends

    /**
     * The end of a {@link Channel} where items go in.
     *
     * @param <T> the type of the items
     */
    public static final class Sender<T> implements AutoCloseable {

        private final Channel<T> channel;
        private boolean closed;

        private Sender(Channel<T> channel) {
            this.channel = channel;
        }

        /**
         * Sends an item; suspends until there is room for it, or a receiver takes it.
         *
         * <p>If this throws, a {@link CancelledError} included, the item was not sent. If the item was taken before a
         * cancel came, this returns, and the task hears of the cancel where it suspends next.
         *
         * @throws BrokenChannelException if every receiver is closed, or is while this waits
         * @throws IllegalStateException if this sender is closed, or is while this waits; or if it has to wait outside
         *     the coroutines of its loop
         */
        public void send(T item) {
            channel.send(this, item);
        }

        /**
         * Sends an item if that needs no waiting; returns whether it did.
         *
         * @throws BrokenChannelException if every receiver is closed
         * @throws IllegalStateException if this sender is closed
         */
        public boolean trySend(T item) {
            return channel.trySend(this, item);
        }

        /** Closes this sender; if it is the last that was open, the channel ends. Does not suspend. Idempotent. */
        @Override
        public void close() {
            if (!closed) {
                channel.checkThread();
                closed = true;
                channel.senderClosed(this);
            }
        }

        private void checkOpen() {
            if (closed) {
                throw new IllegalStateException("this sender is closed");
            }
        }
    }

    /**
     * The end of a {@link Channel} where items come out. Iterating receives until the channel ends.
     *
     * @param <T> the type of the items
     */
    public static final class Receiver<T> implements AutoCloseable, Iterable<T> {

        private final Channel<T> channel;
        private boolean closed;

        private Receiver(Channel<T> channel) {
            this.channel = channel;
        }

        /**
         * Receives the next item; suspends until there is one.
         *
         * <p>If this throws, a {@link CancelledError} included, no item is taken.
         *
         * @throws EndOfChannelException if every sender is closed and everything has been received
         * @throws IllegalStateException if this receiver is closed, or is while this waits; or if it has to wait
         *     outside the coroutines of its loop
         */
        public T receive() {
            if (!channel.awaitItem(this)) {
                throw ended();
            }
            return channel.take();
        }

        /**
         * Receives the next item if there is one; returns null if there is none now.
         *
         * @throws EndOfChannelException if every sender is closed and everything has been received
         * @throws IllegalStateException if this receiver is closed
         */
        public @Nullable T tryReceive() {
            channel.checkThread();
            checkOpen();
            if (channel.hasItem()) {
                return channel.take();
            }
            if (channel.senders.ended()) {
                throw ended();
            }
            return null;
        }

        private static EndOfChannelException ended() {
            return new EndOfChannelException("every sender of the channel is closed, and everything has been received");
        }

        /**
         * Returns an iterator that receives the items. {@code hasNext()} suspends until there is one, which it leaves
         * in the channel, or until the channel has ended; {@code next()} takes it, and is to follow at once, as it does
         * in a {@code for} loop: another may take the item otherwise.
         */
        @Override
        public Iterator<T> iterator() {
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return channel.awaitItem(Receiver.this);
                }

                @Override
                public T next() {
                    if (!channel.awaitItem(Receiver.this)) {
                        throw new NoSuchElementException("the channel has ended");
                    }
                    return channel.take();
                }
            };
        }

        /**
         * Closes this receiver; if it is the last that was open, what has not been received is dropped, and sending
         * fails. Does not suspend. Idempotent.
         */
        @Override
        public void close() {
            if (!closed) {
                channel.checkThread();
                closed = true;
                channel.receiverClosed();
            }
        }

        private void checkOpen() {
            if (closed) {
                throw new IllegalStateException("this receiver is closed");
            }
        }
    }
}
