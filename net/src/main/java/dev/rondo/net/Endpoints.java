package dev.rondo.net;

import dev.rondo.Context;
import dev.rondo.EventLoop;
import dev.rondo.Promise;
import dev.rondo.reactor.Fd;
import dev.rondo.reactor.Op;
import java.io.IOException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/** From a socket to a transport with its protocol. */
final class Endpoints {

    private Endpoints() {}

    /**
     * Puts a protocol on a connected socket, and waits until it knows of the connection and is read for. Suspends; what
     * does not return leaves no socket open.
     */
    static <P extends StreamProtocol> Endpoint<Transport, P> open(
            EventLoop loop, Fd socket, Supplier<? extends P> factory) {
        P protocol = made(socket, factory);
        SocketTransport transport = SocketTransport.start(loop, socket, protocol, () -> {});
        awaitBeginning(loop, transport);
        return new Endpoint<>(transport, protocol);
    }

    /**
     * Puts a protocol on a connected socket, with TLS between, and waits until hands are shaken and the protocol knows
     * of the connection. Suspends; what does not return leaves no socket open.
     *
     * @param tls makes the transport for the protocol
     */
    static <P extends StreamProtocol> Endpoint<Transport, P> openTls(
            Fd socket, Supplier<? extends P> factory, Function<? super P, TlsTransport> tls) throws IOException {
        P protocol = made(socket, factory);
        TlsTransport transport = made(socket, () -> tls.apply(protocol)); // a setting of TLS may not fit
        return new Endpoint<>(transport.start(socket, () -> {}).awaitAgreement(), protocol);
    }

    /**
     * Puts TLS over a transport that is connected already, and returns what is to be used instead. Suspends for the
     * handshake; closes the transport if that fails or is cancelled, of which the protocol is told, since it knows of
     * the connection.
     */
    static Transport startTls(
            EventLoop loop,
            Transport plain,
            StreamProtocol protocol,
            SSLContext context,
            Supplier<SSLEngine> engine,
            TlsOptions options)
            throws IOException {
        ensureFree(plain);
        TlsTransport tls;
        try {
            tls = TlsTransport.over(loop, plain, protocol, context, engine.get(), options);
        } catch (Throwable e) { // of an SSLContext that was not initialised, for one
            plain.close();
            throw e;
        }
        return tls.startOver(plain).awaitAgreement();
    }

    private static void ensureFree(Transport plain) throws IOException {
        if (plain instanceof PipeTransport) {
            throw new IllegalArgumentException("TLS needs a transport that goes both ways: " + plain);
        }
        if (plain.isClosing()) {
            throw new SocketException("TLS cannot begin, the transport is closing: " + plain);
        }
        if (plain.getProtocol() instanceof TransportFile) {
            throw new IllegalStateException("TLS cannot begin while a file is being sent through " + plain);
        }
        if (TlsTransport.isOver(plain)) {
            throw new IllegalStateException("TLS has begun already; the transport that startTls has returned is the"
                    + " one to use, instead of " + plain);
        }
    }

    /**
     * Puts a protocol on the end to read of a pipe. Suspends; what does not return leaves no pipe open.
     *
     * @param readiness whether the descriptor can say that it is ready
     * @param pipe what the program has given
     */
    static <P extends StreamProtocol> Endpoint<Transport, P> toRead(
            EventLoop loop, Fd fd, boolean readiness, Supplier<? extends P> factory, Object pipe) {
        P protocol = made(fd, factory);
        return begun(new ReadPipeTransport(loop, Context.copyCurrent(), fd, readiness, protocol, pipe), protocol);
    }

    /** Puts a protocol on the end to write of a pipe. Suspends; what does not return leaves no pipe open. */
    static <P extends StreamProtocol> Endpoint<Transport, P> toWrite(
            EventLoop loop, Fd fd, Supplier<? extends P> factory, Object pipe) {
        P protocol = made(fd, factory);
        return begun(new WritePipeTransport(loop, Context.copyCurrent(), fd, protocol, pipe), protocol);
    }

    private static <P extends StreamProtocol> Endpoint<Transport, P> begun(PipeTransport transport, P protocol) {
        transport.start();
        awaitBeginning(transport.loop, transport);
        return new Endpoint<>(transport, protocol);
    }

    /** Suspends until what a new transport has queued is done; a cancel closes the transport. */
    static void awaitBeginning(EventLoop loop, BaseTransport transport) {
        Promise<@Nullable Void, RuntimeException> begun = loop.createFuture();
        loop.callSoon(() -> {
            if (!begun.done()) {
                begun.setResult(null);
            }
        });
        boolean complete = false;
        try {
            begun.await();
            complete = true;
        } finally {
            if (!complete) {
                transport.close();
            }
        }
    }

    /** Returns what the factory makes, and closes the socket if it does not. */
    static <P> P made(Fd socket, Supplier<? extends P> factory) {
        boolean complete = false;
        try {
            P protocol = Objects.requireNonNull(factory.get(), "the factory of protocols returned null");
            complete = true;
            return protocol;
        } finally {
            if (!complete) {
                socket.close();
            }
        }
    }

    /** Returns a socket that is connected to a Unix listener, the caller's to close. Suspends. */
    static Fd connectUnix(EventLoop loop, UnixDomainSocketAddress address) throws IOException {
        Fd fd = loop.driver().streamSocket(StandardProtocolFamily.UNIX);
        boolean complete = false;
        try {
            loop.perform(new Op.Connect(fd, address));
            complete = true;
            return fd;
        } finally {
            if (!complete) {
                fd.close();
            }
        }
    }

    /** Takes charge of a connected channel of somebody else, and has it send without delay. */
    static Fd adopt(EventLoop loop, SocketChannel channel) throws IOException {
        if (!channel.isConnected()) {
            throw new IllegalArgumentException("the channel must be connected: " + channel);
        }
        channel.configureBlocking(false);
        Fd fd = loop.driver().adopt(channel);
        boolean complete = false;
        try {
            if (fd.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY)) {
                fd.setOption(StandardSocketOptions.TCP_NODELAY, true);
            }
            complete = true;
            return fd;
        } finally {
            if (!complete) {
                fd.close();
            }
        }
    }
}
