package dev.rondo.bench;

import static dev.rondo.Asyncio.run;

import dev.rondo.net.ByteStream;
import dev.rondo.net.ConnectOptions;
import dev.rondo.net.Net;
import dev.rondo.net.Server;
import dev.rondo.net.StreamReader;
import dev.rondo.net.StreamWriter;
import dev.rondo.net.TlsOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * What an echo of 16 KiB over TLS costs, both ends in one loop: beside the engines alone, which encrypt and decrypt it
 * there and back, and beside the same echo without TLS. For {@code tls.sh}.
 *
 * <p>Arguments: the file with the keys, the number of rounds, of echoes in a round.
 */
final class TlsEcho {

    private static final int SIZE = 16 * 1024;

    private TlsEcho() {}

    static void main(String[] args) throws Exception {
        SSLContext context = TestKeys.context(Path.of(args[0]));
        int rounds = Integer.parseInt(args[1]);
        int echoes = Integer.parseInt(args[2]);
        double[] bare = new double[rounds];
        double[] plain = new double[rounds];
        double[] tls = new double[rounds];
        for (int round = -2; round < rounds; round++) { // two to warm up
            int at = Math.max(0, round);
            bare[at] = engines(context, echoes);
            plain[at] = run(() -> streams(null, echoes));
            tls[at] = run(() -> streams(context, echoes));
        }
        System.out.printf(
                "us per echo of %d B   engines %.1f   plain %.1f   TLS %.1f%n",
                SIZE, median(bare), median(plain), median(tls));
        double[] ratio = new double[rounds];
        Arrays.setAll(ratio, i -> tls[i] / bare[i]);
        System.out.printf("TLS / engines %.2f", median(ratio));
        Arrays.setAll(ratio, i -> (tls[i] - plain[i]) / bare[i]);
        System.out.printf("   (TLS - plain) / engines %.2f%n", median(ratio));
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    // ------------------------------------------------------------------------------------------------ streams

    private static double streams(@Nullable SSLContext context, int echoes) throws IOException {
        Server server = context == null
                ? Net.startServer(TlsEcho::echo, "127.0.0.1", 0)
                : Net.startServer(TlsEcho::echo, "127.0.0.1", 0, context);
        try (server;
                ByteStream client = context == null
                        ? Net.connectTcp("127.0.0.1", server.port())
                        : Net.connectTls(
                                "127.0.0.1", server.port(), context, ConnectOptions.DEFAULT, TlsOptions.DEFAULT)) {
            ByteBuffer message = ByteBuffer.allocate(SIZE);
            long start = System.nanoTime();
            for (int i = 0; i < echoes; i++) {
                client.write(message.clear());
                message.clear();
                while (message.hasRemaining()) {
                    if (client.read(message) < 0) {
                        throw new IOException("the server hung up");
                    }
                }
            }
            return (System.nanoTime() - start) / 1e3 / echoes;
        }
    }

    private static void echo(StreamReader reader, StreamWriter writer) throws IOException {
        try (writer) {
            ByteStream stream = writer.stream();
            ByteBuffer buffer = ByteBuffer.allocate(SIZE);
            while (stream.read(buffer) >= 0) {
                stream.write(buffer.flip());
                buffer.clear();
            }
        }
    }

    // ------------------------------------------------------------------------------------------------ engines

    private static double engines(SSLContext context, int echoes) throws SSLException {
        SSLEngine client = context.createSSLEngine();
        client.setUseClientMode(true);
        SSLEngine server = context.createSSLEngine();
        server.setUseClientMode(false);
        ByteBuffer there = ByteBuffer.allocate(2 * client.getSession().getPacketBufferSize());
        ByteBuffer back = ByteBuffer.allocate(there.capacity());
        ByteBuffer text = ByteBuffer.allocate(2 * client.getSession().getApplicationBufferSize());
        there.limit(0);
        back.limit(0);
        shakeHands(client, server, there, back, text);

        ByteBuffer message = ByteBuffer.allocate(SIZE);
        long start = System.nanoTime();
        for (int i = 0; i < echoes; i++) {
            pass(client, server, message, there, text);
            pass(server, client, message, back, text);
        }
        return (System.nanoTime() - start) / 1e3 / echoes;
    }

    private static void pass(SSLEngine from, SSLEngine to, ByteBuffer message, ByteBuffer wire, ByteBuffer text)
            throws SSLException {
        message.clear();
        wire.clear();
        while (message.hasRemaining()) { // two records: the JDK's hold a little less
            from.wrap(message, wire);
        }
        wire.flip();
        text.clear();
        do {
            to.unwrap(wire, text);
        } while (wire.hasRemaining());
        if (text.position() != SIZE) {
            throw new SSLException("lost " + (SIZE - text.position()) + " bytes");
        }
    }

    private static void shakeHands(
            SSLEngine client, SSLEngine server, ByteBuffer there, ByteBuffer back, ByteBuffer text)
            throws SSLException {
        client.beginHandshake();
        server.beginHandshake();
        boolean moved = true;
        while (moved) { // until both are silent, the tickets behind the handshake taken too
            moved = step(client, there, back, text) | step(server, back, there, text);
        }
    }

    private static boolean step(SSLEngine engine, ByteBuffer out, ByteBuffer in, ByteBuffer text) throws SSLException {
        HandshakeStatus status = engine.getHandshakeStatus();
        if (status == HandshakeStatus.NEED_TASK) {
            for (Runnable task; (task = engine.getDelegatedTask()) != null; ) {
                task.run();
            }
            return true;
        }
        if (status == HandshakeStatus.NEED_WRAP) {
            out.compact();
            SSLEngineResult result = engine.wrap(ByteBuffer.allocate(0), out);
            out.flip();
            return result.bytesProduced() > 0;
        }
        if (in.hasRemaining()) {
            text.clear();
            return engine.unwrap(in, text).bytesConsumed() > 0;
        }
        return false;
    }
}
