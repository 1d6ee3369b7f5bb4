package dev.rondo.bench.core;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.yieldNow;

import com.sun.management.OperatingSystemMXBean;
import dev.rondo.Asyncio;
import dev.rondo.Task;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Has very many tasks sleep until the same moment, in a JVM that has done nothing before, for {@code core.sh}.
 *
 * <p>Arguments: how many, and the seconds from the start to that moment, in which all must have fallen asleep. Prints
 * how many woke, the nanoseconds from the moment until the last had ended, those of CPU, and the bytes of heap in use
 * while all slept; or four zeros if the time was too short. Then waits for the end of standard input, so that the
 * script can look at the process.
 */
final class MillionSleepers {

    private final long wakeNanos;
    private int asleep;
    private int woken;

    private MillionSleepers(Duration delay) {
        wakeNanos = System.nanoTime() + delay.toNanos();
    }

    static void main(String[] args) {
        int count = Integer.parseInt(args[0]);
        var sleepers = new MillionSleepers(Duration.ofSeconds(Integer.parseInt(args[1])));
        Asyncio.run(() -> sleepers.run(count));
        IO.readln();
    }

    private void run(int count) {
        List<Task<@Nullable Void, RuntimeException>> tasks = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            tasks.add(createTask(this::sleepUntilThen));
        }
        yieldNow();
        long heapBytes = usedHeap();
        if (asleep < count || woken > 0 || System.nanoTime() > wakeNanos) {
            IO.println("0 0 0 0");
            return;
        }
        long cpuNanos = processCpuNanos();
        gather(tasks);
        long nanos = System.nanoTime() - wakeNanos;
        IO.println(woken + " " + nanos + " " + (processCpuNanos() - cpuNanos) + " " + heapBytes);
    }

    private void sleepUntilThen() {
        asleep++;
        sleep(Duration.ofNanos(wakeNanos - System.nanoTime()));
        woken++;
    }

    private static long processCpuNanos() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
    }

    private static long usedHeap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
