package dev.rondo.net;

import dev.rondo.Awaitable;
import dev.rondo.EventLoop;
import dev.rondo.ExceptionContext;
import dev.rondo.Task;
import dev.rondo.reactor.Fd;
import java.io.IOException;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** What a server does with a connection that it has accepted, if it has a handler: a task of its own. */
final class StreamServing implements Serving {

    private final EventLoop loop;
    private final ClientHandler handler;
    private final int limit;
    private final @Nullable SSLContext tls;
    private final TlsOptions tlsOptions;

    StreamServing(EventLoop loop, ClientHandler handler, int limit, @Nullable SSLContext tls, TlsOptions tlsOptions) {
        this.loop = loop;
        this.handler = handler;
        this.limit = limit;
        this.tls = tls;
        this.tlsOptions = tlsOptions;
    }

    @Override
    public void begin(Fd socket, Owner owner) {
        Client client = new Client(new SocketStream(loop, socket), owner);
        owner.came(client); // first: an eager task may end before createTask returns
        boolean begun = false;
        try {
            Task<?, ?> task = loop.createTask(client::serve);
            task.addDoneCallback(client::ended);
            owner.servedBy(task);
            begun = true;
        } finally {
            if (!begun) { // a task factory that fails
                client.abort();
            }
        }
    }

    private final class Client implements Served {

        private final ByteStream stream; // under TLS, if there is
        private final Owner owner;
        private @Nullable Outbox outbox; // of the connection, which is not held: whoever drops that, closes it

        Client(ByteStream stream, Owner owner) {
            this.stream = stream;
            this.owner = owner;
        }

        void serve() throws Exception {
            ByteStream ready = tls == null ? stream : handshake(tls);
            if (ready != null) {
                Connection connection = new Connection(ready, limit, true, () -> owner.gone(this));
                outbox = connection.writer().outbox();
                handler.handle(connection.reader(), connection.writer());
            }
        }

        private @Nullable ByteStream handshake(SSLContext context) {
            try {
                return Net.startTlsServer(stream, context, tlsOptions);
            } catch (IOException e) {
                if (loop.debug()) {
                    report("Error on transport creation for incoming connection", e);
                }
                owner.gone(this);
                return null; // the client's trouble: it has been told
            }
        }

        void ended(Awaitable<?, ?> task) {
            Throwable failure = task.cancelled() ? null : task.exception();
            if (task.cancelled() || failure != null) {
                close();
            }
            if (failure != null) {
                report("Unhandled exception in client_connected_cb", failure);
            }
        }

        private void report(String message, Throwable failure) {
            loop.callExceptionHandler(new ExceptionContext(message, failure, Map.of("transport", stream)));
        }

        @Override
        public void close() {
            if (outbox != null) {
                outbox.close();
            } else {
                closeStream();
            }
        }

        @Override
        public void abort() {
            if (outbox != null) {
                outbox.closeNow();
            } else {
                closeStream();
            }
        }

        private void closeStream() {
            stream.close();
            owner.gone(this);
        }

        @Override
        public String toString() {
            return "connection from " + stream.remoteAddress();
        }
    }
}
