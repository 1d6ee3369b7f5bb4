package dev.rondo.http;

import dev.rondo.Asyncio;
import dev.rondo.Task;
import dev.rondo.net.ByteStream;
import dev.rondo.net.Listener;
import dev.rondo.net.Net;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A server that a test writes byte by byte, as badly as it likes. */
public final class RawServer implements AutoCloseable {

    /** What to do with a connection; it is closed afterwards. */
    public interface Script {
        void serve(Peer peer) throws IOException;
    }

    private final Listener listener;
    private final List<Task<?, ?>> tasks = new ArrayList<>();
    private final List<String> requests = new ArrayList<>();
    private int connections;

    private RawServer(Listener listener) {
        this.listener = listener;
    }

    /** Starts a server in the running loop. */
    public static RawServer start(Script script) throws IOException {
        var server = new RawServer(Net.listen("127.0.0.1", 0));
        server.tasks.add(Asyncio.createTask(() -> server.accept(script)));
        return server;
    }

    /** Starts a server that answers every request on a connection in the same way. */
    public static RawServer answering(String answer) throws IOException {
        return start(peer -> {
            while (peer.readRequest() != null) {
                peer.send(answer);
            }
        });
    }

    private void accept(Script script) throws IOException {
        for (; ; ) {
            ByteStream stream = listener.accept();
            int number = ++connections;
            tasks.add(Asyncio.createTask(() -> {
                try (stream) {
                    script.serve(new Peer(this, stream, number));
                } catch (IOException clientIsGone) {
                    // as tests have it
                }
            }));
        }
    }

    public String url() {
        return "http://127.0.0.1:" + listener.port();
    }

    public int port() {
        return listener.port();
    }

    /** Returns how many connections there have been. */
    public int connections() {
        return connections;
    }

    /** Returns the requests read so far, without their bodies. */
    public List<String> requests() {
        return requests;
    }

    @Override
    public void close() {
        listener.close();
        tasks.forEach(Task::cancel);
    }

    /** A connection to a client: the {@code number}-th. */
    public record Peer(RawServer server, ByteStream stream, int number) {

        /** Reads up to the empty line; returns null if the client has closed the connection instead. */
        public String readRequest() throws IOException {
            var request = new StringBuilder();
            ByteBuffer one = ByteBuffer.allocate(1);
            while (request.indexOf("\r\n\r\n") < 0) {
                if (stream.read(one.clear()) < 0) {
                    return null;
                }
                request.append((char) one.get(0));
            }
            server.requests.add(request.toString());
            return request.toString();
        }

        public void send(String text) throws IOException {
            send(text.getBytes(StandardCharsets.ISO_8859_1));
        }

        public void send(byte[] bytes) throws IOException {
            stream.write(ByteBuffer.wrap(bytes));
        }

        /** Reads until the client closes the connection. */
        public void awaitEnd() throws IOException {
            ByteBuffer buffer = ByteBuffer.allocate(1000);
            while (stream.read(buffer.clear()) >= 0) {}
        }
    }
}
