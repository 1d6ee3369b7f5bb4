package dev.rondo.net;

import dev.rondo.Action;
import dev.rondo.Context;
import dev.rondo.EventLoop;
import dev.rondo.reactor.Fd;
import dev.rondo.reactor.Op;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Datagrams for a protocol, which is called by callbacks of the loop alone, all in one context. Loop thread only.
 *
 * <pre>
 *   OPEN ──close()──▶ CLOSING ──all is sent──▶ LOST ──a turn──▶ gone
 *     │                  │                      ▲
 *     └──abort(), the socket is closed by another hand
 *
 *   receiving:  ready ──a callback──▶ one datagram ──▶ the protocol ──▶ ready …      so one in a turn
 *   sending:    at once, if nothing waits; what waits is sent in order as the driver takes it
 * </pre>
 */
final class SocketDatagramTransport implements DatagramTransport {

    private static final Logger LOG = LoggerFactory.getLogger(SocketDatagramTransport.class);

    private static final int LARGEST = 64 * 1024; // what a datagram can be
    private static final int HEADER = 8; // what UDP adds to each; so that empty ones count too
    private static final int SENT_PER_TURN = 64; // the system may take them as fast as they come
    private static final int SENDS_BEFORE_WARNING = 5; // asyncio's figure

    /** A datagram that waits. */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares two of them
    private record Waiting(byte[] data, @Nullable SocketAddress target) {}

    private final EventLoop loop;
    private final DatagramSockets.Bound socket;
    private final Fd fd;
    private final DatagramProtocol protocol;
    private final Context context = Context.copyCurrent(); // of whoever made the endpoint
    private final SocketAddress localAddress;
    private final @Nullable SocketAddress remoteAddress;
    private final TransportSocket options;
    private final ReadScratch scratch; // what the driver has to send stands there too, so that it is never the caller's

    private final Op.Ready ready;
    private final Op.ReceiveFrom receive;
    private final Runnable onReady = this::ready; // made once, not for each datagram
    private final Runnable onReceived = this::received;

    private final Op.SendTo send;
    private final Runnable onSent = this::sent;
    private final Runnable onTurn = this::goOn;
    private final ArrayDeque<Waiting> queue = new ArrayDeque<>();
    private final WriteBuffer waiting; // counts what waits, and asks the protocol to pause
    private boolean sending; // the driver has a datagram, or sent() or goOn() is queued
    private int inHand; // how much the datagram counts that the driver has

    private boolean closing; // CLOSING or later
    private boolean lost; // LOST or later
    private int sendsInVain; // since then

    private SocketDatagramTransport(EventLoop loop, DatagramSockets.Bound socket, DatagramProtocol protocol) {
        this.loop = loop;
        this.socket = socket;
        this.fd = socket.fd();
        this.protocol = protocol;
        this.localAddress = SocketStream.known(fd.localAddress());
        this.remoteAddress = fd.remoteAddress();
        this.options = new TransportSocket(fd);
        this.scratch = ReadScratch.of(loop);
        this.waiting = new WriteBuffer(loop, context, this);
        this.ready = new Op.Ready(fd, Op.Direction.READ);
        ready.onDone(() -> unlessClosing(onReady));
        this.receive = new Op.ReceiveFrom(fd);
        receive.onDone(() -> loop.callSoon(onReceived, context));
        this.send = new Op.SendTo(fd);
        send.onDone(() -> loop.callSoon(onSent, context));
    }

    /** Puts a protocol on a socket. Suspends until it was told of it; what does not return closes the socket. */
    static <P extends DatagramProtocol> Endpoint<DatagramTransport, P> open(
            EventLoop loop, DatagramSockets.Bound socket, Supplier<? extends P> factory) {
        P protocol = Endpoints.made(socket.fd(), factory);
        SocketDatagramTransport transport = new SocketDatagramTransport(loop, socket, protocol);
        loop.callSoon(transport::connectionMade, transport.context);
        loop.callSoon(transport::awaitDatagram, transport.context);
        Endpoints.awaitBeginning(loop, transport);
        return new Endpoint<>(transport, protocol);
    }

    private void connectionMade() {
        tell("Exception in callback protocol.connection_made()", () -> protocol.connectionMade(this));
    }

    /** Calls the protocol, in its context already; a failure of its own is reported, and the endpoint lives on. */
    private void tell(String ifItFails, Action<Exception> call) {
        try {
            call.run();
        } catch (Throwable failure) {
            UserCalls.throwIfEscapes(failure);
            UserCalls.report(loop, ifItFails, failure, this);
        }
    }

    // ------------------------------------------------------------------------------------------------ receiving

    private void awaitDatagram() {
        if (!closing) {
            loop.driver().submit(ready);
            if (ready.isDone()) {
                loop.callSoon(onReady, context);
            }
        }
    }

    private void unlessClosing(Runnable callback) {
        if (!closing) {
            loop.callSoon(callback, context);
        }
    }

    private void ready() {
        if (closing) {
            return;
        }
        if (ready.failure() != null) { // the socket itself is no good
            drop(ready.failure());
            return;
        }
        loop.driver().submit(receive.into(scratch.take().limit(LARGEST)));
        if (receive.isDone()) {
            received();
        }
    }

    private void received() {
        ByteBuffer packet = receive.buffer();
        byte[] data = new byte[receive.count];
        packet.flip().get(data);
        scratch.giveBack(packet);
        if (closing) {
            return;
        }
        try {
            if (receive.failure() != null) {
                failed(receive.failure());
            } else {
                SocketAddress source = SocketStream.known(receive.source);
                tell(
                        "Exception in callback protocol.datagram_received()",
                        () -> protocol.datagramReceived(data, source));
            }
        } finally {
            awaitDatagram(); // also after what leaves the loop, which may run again
        }
    }

    /**
     * Tells of a failure, also from within the call that sends, and so from whatever context. It enters a copy of the
     * protocol's, since what the protocol then calls may enter that itself.
     */
    private void failed(IOException failure) {
        if (failure instanceof ClosedChannelException) {
            drop(failure);
        } else {
            context.copy()
                    .run(() -> tell(
                            "Exception in callback protocol.error_received()", () -> protocol.errorReceived(failure)));
        }
    }

    // ------------------------------------------------------------------------------------------------ sending

    @Override
    public void sendTo(byte[] data, @Nullable SocketAddress target) {
        SocketAddress known = socket.targetOf(target);
        if (lost) {
            if (++sendsInVain >= SENDS_BEFORE_WARNING) {
                LOG.warn("{}: nothing is sent any more, it is closed", this);
            }
            return;
        }
        if (sending || !queue.isEmpty()) {
            queue.add(new Waiting(data.clone(), known));
            waiting.count(data.length + HEADER);
        } else {
            submit(data, known);
        }
        waiting.pauseIfFull();
    }

    /** Gives the driver a datagram; it is over if {@code sending} is false then. */
    private void submit(byte[] data, @Nullable SocketAddress target) {
        boolean fits = data.length <= ReadScratch.SIZE; // else it is the system's to refuse
        ByteBuffer packet = fits ? scratch.take().put(data).flip() : ByteBuffer.wrap(data.clone());
        sending = true;
        loop.driver().submit(send.from(packet, target));
        if (send.isDone()) {
            over();
        } else {
            inHand = data.length + HEADER;
            waiting.count(inHand);
        }
    }

    private void over() {
        sending = false;
        ByteBuffer packet = send.buffer();
        if (packet.isDirect()) {
            scratch.giveBack(packet);
        }
        if (!lost && send.failure() != null) {
            failed(send.failure());
        }
    }

    private void sent() {
        if (!lost) {
            waiting.count(-inHand);
        }
        try {
            over();
        } finally {
            sendWaiting();
        }
    }

    private void goOn() {
        sending = false;
        sendWaiting();
    }

    private void sendWaiting() {
        try {
            for (int n = 0; n < SENT_PER_TURN && !sending && !queue.isEmpty(); n++) {
                Waiting next = queue.remove();
                waiting.count(-(next.data.length + HEADER));
                submit(next.data, next.target);
            }
            waiting.resumeIfDrained(); // which may send, and may close
        } finally { // also after what leaves the loop, which may run again
            if (!sending && !queue.isEmpty()) {
                sending = true;
                loop.callSoon(onTurn, context);
            }
            loseIfDone();
        }
    }

    // ------------------------------------------------------------------------------------------------ the end

    @Override
    public void close() {
        closing = true;
        loseIfDone();
    }

    private void loseIfDone() {
        if (closing && !sending && queue.isEmpty()) {
            lose(null);
        }
    }

    @Override
    public void abort() {
        drop(null);
    }

    private void drop(@Nullable Throwable failure) {
        closing = true;
        lose(failure);
    }

    private void lose(@Nullable Throwable failure) {
        if (!lost) {
            lost = true;
            queue.clear();
            waiting.clear();
            if (!loop.isClosed()) { // which has closed the socket, and calls nobody
                loop.callSoon(() -> connectionLost(failure), context);
            }
        }
    }

    private void connectionLost(@Nullable Throwable failure) {
        try {
            tell("Exception in callback protocol.connection_lost()", () -> protocol.connectionLost(failure));
        } finally {
            fd.close();
        }
    }

    @Override
    public boolean isClosing() {
        return closing;
    }

    // ------------------------------------------------------------------------------------------------ what it is

    @Override
    public void setWriteBufferLimits(int high, int low) {
        waiting.setLimits(high, low);
    }

    @Override
    public int getWriteBufferSize() {
        return waiting.size();
    }

    @Override
    public Transport.WriteBufferLimits getWriteBufferLimits() {
        return waiting.limits();
    }

    @Override
    public DatagramProtocol getProtocol() {
        return protocol;
    }

    @Override
    public SocketAddress localAddress() {
        return localAddress;
    }

    @Override
    public @Nullable SocketAddress remoteAddress() {
        return remoteAddress;
    }

    @Override
    public @Nullable Object getExtraInfo(String name) {
        return switch (name) {
            case "peername" -> remoteAddress;
            case "sockname" -> localAddress;
            case "socket" -> options;
            default -> null;
        };
    }

    @Override
    public String toString() {
        String state = !closing ? "" : !fd.isOpen() ? ", closed" : ", closing";
        return "SocketDatagramTransport[" + localAddress + (remoteAddress != null ? " to " + remoteAddress : "") + state
                + ", " + waiting.size() + " bytes to send]";
    }
}
