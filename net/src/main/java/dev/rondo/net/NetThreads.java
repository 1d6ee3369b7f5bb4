package dev.rondo.net;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The few daemon threads that do what would block a loop, for all loops: they start when needed and end when idle. */
final class NetThreads {

    /** Looks names up: it waits for the network, seconds long where a name server is gone, so many at a time help. */
    static final ExecutorService NAMES = pool("rondo-resolver", 16);

    /** Does the arithmetic of TLS handshakes. */
    static final ExecutorService CRYPTO =
            pool("rondo-tls", Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 4));

    private static final long IDLE_SECONDS = 10;

    private NetThreads() {}

    /** Makes a pool whose queue has no lock, so that a coroutine that hands over work does not have to wait for one. */
    private static ExecutorService pool(String name, int threads) {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads,
                threads,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedTransferQueue<>(),
                work -> Thread.ofPlatform()
                        .daemon()
                        .name(name)
                        .inheritInheritableThreadLocals(false)
                        .unstarted(work));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }
}
