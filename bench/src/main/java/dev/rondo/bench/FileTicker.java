package dev.rondo.bench;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.run;
import static dev.rondo.Asyncio.sleep;

import dev.rondo.Task;
import dev.rondo.net.AsyncFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Task A reads a file while task B ticks each millisecond: how late do the ticks come, beside those of a loop that has
 * nothing else to do? For {@code files.sh}.
 *
 * <p>Arguments: the size of the file in MiB, how often it is read, the directory to make it in. The file is deleted.
 */
final class FileTicker {

    private static final Duration TICK = Duration.ofMillis(1);
    private static final int MOST_TICKS = 10_000_000;
    private static final int MIB = 1 << 20;

    private FileTicker() {}

    static void main(String[] args) throws Exception {
        int mebibytes = Integer.parseInt(args[0]);
        int times = Integer.parseInt(args[1]);
        Path file = Files.createTempFile(Path.of(args[2]), "rondo-ticker", ".bin");
        try {
            fill(file, mebibytes);
            run(() -> readWhileTicking(file, 1)); // to warm up
            Ticks reading = run(() -> readWhileTicking(file, times));
            Ticks idle = run(() -> {
                Task<Ticks, RuntimeException> ticker = createTask(FileTicker::tick);
                sleep(Duration.ofNanos(reading.nanos));
                ticker.cancel();
                return last(ticker);
            });
            System.out.printf(
                    "read %d × %d MiB in %.2f s: %.0f MiB/s%n",
                    times, mebibytes, reading.nanos / 1e9, (double) mebibytes * times / (reading.nanos / 1e9));
            System.out.printf("lateness, ms    %8s %8s %8s %8s%n", "ticks", "p50", "p99", "max");
            reading.print("while it reads");
            idle.print("control");
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private static void fill(Path file, int mebibytes) throws IOException {
        byte[] noise = new byte[MIB];
        ThreadLocalRandom.current().nextBytes(noise);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            for (int i = 0; i < mebibytes; i++) {
                ByteBuffer piece = ByteBuffer.wrap(noise);
                while (piece.hasRemaining()) {
                    channel.write(piece);
                }
            }
        }
    }

    private static Ticks readWhileTicking(Path path, int times) throws IOException {
        Task<Ticks, RuntimeException> ticker = createTask(FileTicker::tick);
        for (int i = 0; i < times; i++) {
            read(path);
        }
        ticker.cancel();
        return last(ticker);
    }

    private static void read(Path path) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(MIB);
        try (AsyncFile file = AsyncFile.open(path)) {
            long total = 0;
            for (int count; (count = file.read(buffer)) >= 0; buffer.clear()) {
                total += count;
            }
            if (total != Files.size(path)) {
                throw new IOException("read " + total + " bytes of " + Files.size(path));
            }
        }
    }

    // ------------------------------------------------------------------------------------------------ the ticker

    /** Ticks until it is cancelled; what it returns then is what it has seen. */
    private static Ticks tick() {
        Ticks ticks = new Ticks();
        long next = System.nanoTime();
        try {
            while (ticks.count < MOST_TICKS) {
                next += TICK.toNanos();
                sleep(Duration.ofNanos(Math.max(0, next - System.nanoTime())));
                long now = System.nanoTime();
                ticks.add(now - next);
                next = Math.max(next, now - TICK.toNanos()); // one late tick is one, and not those after it
            }
        } catch (dev.rondo.CancelledError stop) {
            ticks.end();
        }
        return ticks;
    }

    private static Ticks last(Task<Ticks, RuntimeException> ticker) {
        return ticker.await();
    }

    private static final class Ticks {

        private final long begin = System.nanoTime();
        private long[] lateness = new long[1024];
        private int count;
        private long nanos;

        void add(long late) {
            if (count == lateness.length) {
                lateness = Arrays.copyOf(lateness, 2 * count);
            }
            lateness[count++] = late;
        }

        void end() {
            nanos = System.nanoTime() - begin;
        }

        void print(String name) {
            long[] sorted = Arrays.copyOf(lateness, count);
            Arrays.sort(sorted);
            System.out.printf(
                    "%-15s %8d %8.3f %8.3f %8.3f%n", name, count, at(sorted, 0.5), at(sorted, 0.99), at(sorted, 1));
        }

        private static double at(long[] sorted, double quantile) {
            if (sorted.length == 0) {
                return Double.NaN;
            }
            return sorted[(int) Math.min(sorted.length - 1, quantile * sorted.length)] / 1e6;
        }
    }
}
