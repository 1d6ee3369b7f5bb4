package dev.rondo.net;

import dev.rondo.EventLoop;
import dev.rondo.ExceptionContext;
import dev.rondo.reactor.Fd;
import java.util.Map;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** What a server does with a connection that it has accepted, if it has protocols: a transport, and no task. */
final class ProtocolServing implements Serving {

    private final EventLoop loop;
    private final Supplier<? extends StreamProtocol> factory;
    private final @Nullable SSLContext tls;
    private final TlsOptions tlsOptions;

    ProtocolServing(
            EventLoop loop,
            Supplier<? extends StreamProtocol> factory,
            @Nullable SSLContext tls,
            TlsOptions tlsOptions) {
        this.loop = loop;
        this.factory = factory;
        this.tls = tls;
        this.tlsOptions = tlsOptions;
    }

    @Override
    public void begin(Fd socket, Owner owner) {
        Connection connection = new Connection();
        try {
            StreamProtocol protocol = Endpoints.made(socket, factory);
            Runnable gone = () -> owner.gone(connection);
            connection.transport = tls == null
                    ? SocketTransport.start(loop, socket, protocol, gone)
                    : startTls(socket, protocol, tls, gone);
        } catch (Throwable failure) { // the factory's, or a setting's of TLS that does not fit
            socket.close();
            UserCalls.throwIfEscapes(failure);
            report(failure, socket);
            return;
        }
        owner.came(connection); // in time: what was begun is told to the protocol by later callbacks
    }

    private Transport startTls(Fd socket, StreamProtocol protocol, SSLContext context, Runnable gone) {
        TlsTransport transport = TlsTransport.server(loop, protocol, context, tlsOptions);
        transport.onDisagreement(failure -> report(failure, socket));
        return transport.start(socket, gone);
    }

    private void report(Throwable failure, Fd socket) {
        if (loop.debug()) {
            loop.callExceptionHandler(new ExceptionContext(
                    "Error on transport creation for incoming connection",
                    failure,
                    Map.of("socket", new TransportSocket(socket))));
        }
    }

    private static final class Connection implements Served {

        private @Nullable Transport transport; // set once it has begun

        @Override
        public void close() {
            if (transport != null) {
                transport.close();
            }
        }

        @Override
        public void abort() {
            if (transport != null) {
                transport.abort();
            }
        }

        @Override
        public String toString() {
            return "connection from " + (transport == null ? "?" : transport.remoteAddress());
        }
    }
}
