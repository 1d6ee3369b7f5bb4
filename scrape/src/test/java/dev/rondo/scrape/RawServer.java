package dev.rondo.scrape;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A server on loopback that sends whatever bytes a test wants: one answer for each connection, which then is closed.
 */
final class RawServer implements AutoCloseable {

    /** What to send for a request. */
    interface Answer {
        void write(String target, OutputStream out) throws Exception;
    }

    private final ServerSocket socket;
    private final Answer answer;
    private final BlockingQueue<String> targets = new LinkedBlockingQueue<>();
    private final Set<Socket> connections = ConcurrentHashMap.newKeySet();

    RawServer(Answer answer) throws IOException {
        this.answer = answer;
        this.socket = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::acceptAll);
    }

    String url(String target) {
        return "http://127.0.0.1:" + socket.getLocalPort() + target;
    }

    /** Waits for the next request, and returns what it asks for. */
    String nextRequest() throws InterruptedException {
        return targets.take();
    }

    /** What a server does that never answers. */
    static void never() throws InterruptedException {
        new CountDownLatch(1).await();
    }

    private void acceptAll() {
        try {
            while (!socket.isClosed()) {
                Socket connection = socket.accept();
                connections.add(connection);
                Thread.ofVirtual().start(() -> serve(connection));
            }
        } catch (IOException closing) {
            // by the test
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            BufferedReader request = new BufferedReader(new InputStreamReader(connection.getInputStream(), ISO_8859_1));
            String requestLine = request.readLine();
            if (requestLine == null) {
                return;
            }
            while (!request.readLine().isEmpty()) {
                // the headers
            }
            String target = requestLine.split(" ")[1];
            targets.add(target);
            answer.write(target, connection.getOutputStream());
        } catch (Exception gone) {
            // the client
        } finally {
            connections.remove(connection);
        }
    }

    /** Sends an answer that is as it should be. */
    static void send(OutputStream out, String contentType, byte[] body) throws IOException {
        send(
                out,
                "HTTP/1.1 200 OK\r\nContent-Type: " + contentType + "\r\nContent-Length: " + body.length
                        + "\r\nConnection: close\r\n\r\n");
        out.write(body);
    }

    static void send(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(ISO_8859_1));
    }

    @Override
    public void close() throws IOException {
        socket.close();
        for (Socket connection : connections) {
            connection.close();
        }
    }
}
