package dev.rondo.bench.core;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Constructor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;

/**
 * The floor: what the JDK's own virtual threads need for some of {@link CoreOps}, with the simplest scheduler there can
 * be, an unsynchronised queue that the main thread drains. In {@link Rounds}, for {@code core.sh}.
 *
 * <p>No loop: no tasks, results, timers, cancellation, or calls from other threads. Needs {@code --add-opens
 * java.base/java.lang=ALL-UNNAMED}.
 */
final class BareOps {

    private static final int NO_INHERIT_THREAD_LOCALS = 1 << 2; // as core makes them
    private static final MethodHandle NEW_THREAD = newThreadHandle();

    private final ArrayDeque<Runnable> ready = new ArrayDeque<>();
    private final Executor scheduler = ready::add;
    private int done;

    private BareOps() {}

    static void main() throws IOException {
        Rounds.serve((operation, count) -> new BareOps().run(operation, count));
    }

    private int run(String operation, int count) {
        Runnable main = switch (operation) {
            case "switch" -> () -> switches(count);
            case "spawn" -> () -> spawns(count);
            case "queue" -> () -> handOffs(count);
            default -> throw new IllegalArgumentException("no such operation: " + operation);
        };
        start(main);
        for (Runnable step; (step = ready.poll()) != null; ) {
            step.run();
        }
        return done;
    }

    private void switches(int count) {
        Thread ping = start(() -> yields(count / 2));
        Thread pong = start(() -> yields(count / 2));
        join(ping);
        join(pong);
    }

    private void yields(int count) {
        int done = 0;
        while (done < count) {
            Thread.yield();
            done++;
        }
        this.done += done;
    }

    private void spawns(int count) {
        List<Thread> threads = new ArrayList<>(CoreOps.ALIVE);
        while (done < count) {
            for (int i = 0; i < CoreOps.ALIVE; i++) {
                threads.add(start(Thread::yield));
            }
            for (Thread thread : threads) {
                join(thread);
                done++;
            }
            threads.clear();
        }
    }

    private void handOffs(int count) {
        BlockingQueue<Integer> queue = new ArrayBlockingQueue<>(1);
        start(() -> {
            for (int i = 0; i < count; i++) {
                uninterrupted(() -> {
                    queue.put(1);
                    return 0;
                });
            }
        });
        while (done < count) {
            done += uninterrupted(queue::take);
        }
    }

    private Thread start(Runnable body) {
        try {
            Thread thread = (Thread) NEW_THREAD.invokeExact(scheduler, "", NO_INHERIT_THREAD_LOCALS, body);
            thread.start();
            return thread;
        } catch (Throwable e) {
            throw new IllegalStateException("cannot make a virtual thread with a scheduler of its own", e);
        }
    }

    private static void join(Thread thread) {
        uninterrupted(() -> {
            thread.join();
            return 0;
        });
    }

    /** A blocking call of the JDK. */
    @FunctionalInterface
    private interface Blocking {
        int run() throws InterruptedException;
    }

    private static int uninterrupted(Blocking call) {
        try {
            return call.run();
        } catch (InterruptedException impossible) {
            throw new AssertionError("nobody interrupts", impossible);
        }
    }

    private static MethodHandle newThreadHandle() {
        try {
            Constructor<?> constructor = Class.forName("java.lang.VirtualThread")
                    .getDeclaredConstructor(Executor.class, String.class, int.class, Runnable.class);
            constructor.setAccessible(true);
            return MethodHandles.lookup()
                    .unreflectConstructor(constructor)
                    .asType(MethodType.methodType(
                            Thread.class, Executor.class, String.class, int.class, Runnable.class));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this JDK makes its virtual threads in another way", e);
        }
    }
}
