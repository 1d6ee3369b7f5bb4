package dev.rondo.bench.http;

import dev.rondo.Asyncio;
import dev.rondo.Task;
import dev.rondo.http.client.ClientSession;
import dev.rondo.http.client.Limits;
import dev.rondo.net.ByteStream;
import dev.rondo.net.Listener;
import dev.rondo.net.Net;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * A download through a reader that stops now and then, and what the process held at most meanwhile: heap and direct
 * memory. For {@code download.sh}.
 *
 * <p>Arguments: mebibytes, after how many of them the reader stops, and for how many milliseconds. Server and client
 * share the loop, so that what both hold is counted.
 */
final class Download {

    private static final int MIB = 1024 * 1024;
    private static final int PIECE_BYTES = 64 * 1024;

    private long mostDirect;

    private Download() {}

    static void main(String[] args) throws Exception {
        long mebibytes = args.length > 0 ? Long.parseLong(args[0]) : 1024;
        long stopEvery = args.length > 1 ? Long.parseLong(args[1]) : 64;
        Duration pause = Duration.ofMillis(args.length > 2 ? Long.parseLong(args[2]) : 100);
        var download = new Download();
        Asyncio.run(() -> download.run(mebibytes * MIB, stopEvery * MIB, pause));
    }

    private void run(long bytes, long stopEvery, Duration pause) throws IOException {
        try (Listener listener = Net.listen("127.0.0.1", 0);
                ClientSession session = ClientSession.builder()
                        .limits(Limits.DEFAULT.withBodyBytes(0))
                        .build()) {
            Task<?, ?> server = Asyncio.createTask(() -> serve(listener, bytes));
            resetPeaks();
            long begin = System.nanoTime();
            long read = read(session, "http://127.0.0.1:" + listener.port(), stopEvery, pause);
            double seconds = (System.nanoTime() - begin) / 1e9;
            server.cancel();
            System.out.printf(
                    "%d MiB in %.1f s, pauses included; at most %.1f MiB of heap, garbage included, and %.1f MiB direct%n",
                    read / MIB, seconds, peakHeap() / (double) MIB, mostDirect / (double) MIB);
        }
    }

    private static void serve(Listener listener, long bytes) throws IOException {
        try (ByteStream stream = listener.accept()) {
            stream.read(ByteBuffer.allocate(4096)); // the request is small
            String head = "HTTP/1.1 200 OK\r\nContent-Length: " + bytes + "\r\n\r\n";
            stream.write(ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)));
            ByteBuffer piece = ByteBuffer.allocateDirect(PIECE_BYTES);
            for (long left = bytes; left > 0; left -= PIECE_BYTES) {
                stream.write(piece.clear());
            }
            stream.read(ByteBuffer.allocate(1)); // until the client goes
        }
    }

    private long read(ClientSession session, String url, long stopEvery, Duration pause) throws IOException {
        long read = 0;
        long stopAt = stopEvery;
        try (var response = session.get(url)) {
            ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
            for (int count; (count = response.content().read(piece.clear())) >= 0; ) {
                read += count;
                if (read >= stopAt) {
                    stopAt += stopEvery;
                    mostDirect = Math.max(mostDirect, directBytes());
                    Asyncio.sleep(pause);
                }
            }
        }
        return read;
    }

    private static void resetPeaks() {
        System.gc();
        ManagementFactory.getMemoryPoolMXBeans().forEach(MemoryPoolMXBean::resetPeakUsage);
    }

    private static long peakHeap() {
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .mapToLong(pool -> pool.getPeakUsage().getUsed())
                .sum();
    }

    private static long directBytes() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }
}
