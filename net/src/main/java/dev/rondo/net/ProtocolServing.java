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
    public @Nullable Served begin(Fd socket, Gone gone) {
        Connection connection = new Connection();
        try {
            connection.transport = tls == null
                    ? SocketTransport.start(loop, socket, factory.get(), () -> gone.run(connection))
                    : startTls(socket, tls, () -> gone.run(connection));
            return connection;
        } catch (RuntimeException e) { // the factory's
            socket.close();
            report(e, socket);
            return null;
        }
    }

    private Transport startTls(Fd socket, SSLContext context, Runnable gone) {
        TlsTransport transport = TlsTransport.server(loop, factory.get(), context, tlsOptions);
        transport.onDisagreement(failure -> report(failure, socket));
        SocketTransport.start(loop, socket, transport.wire(), gone);
        return transport;
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
