package dev.rondo.bench.core;

import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * {@link CoreOps} under JMH, for its error bars and profilers; without the peers, which JMH cannot run. Started by
 * {@code core.sh --jmh}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class CoreBenchmark {

    private static final int COUNT = 100_000;

    /** Which of the operations. */
    @Param({"switch", "switch-io", "spawn", "callSoon", "timer-newest", "timer-random", "queue", "sleeps"})
    public String operation = "";

    private final EventLoop loop = Asyncio.newEventLoop();
    private final CoreOps ops = new CoreOps();

    /** Does a round. */
    @Benchmark
    @OperationsPerInvocation(COUNT)
    public int round() throws IOException {
        return loop.runUntilComplete(() -> ops.run(operation, COUNT));
    }

    /** Drops the timers. */
    @TearDown
    public void close() {
        loop.close();
    }
}
