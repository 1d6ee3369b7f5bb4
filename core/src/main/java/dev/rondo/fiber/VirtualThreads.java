package dev.rondo.fiber;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Constructor;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import sun.reflect.ReflectionFactory;

/**
 * Makes virtual threads with a scheduler of our own: the one class that knows how JDK 25 does it, and the only one to
 * change when the JDK offers schedulers publicly.
 *
 * <p>The constructor that takes a scheduler is not public. It is reached in this order: (1) the package
 * {@code java.lang} is open to us; (2) {@code sun.reflect.ReflectionFactory}, which needs no flag
 * ({@code -Drondo.reflection=false} turns it off); (3) not at all: an error that says what to add.
 */
final class VirtualThreads {

    /** {@code Thread.NO_INHERIT_THREAD_LOCALS}: a coroutine starts with no inheritable thread-locals. */
    private static final int NO_INHERIT_THREAD_LOCALS = 1 << 2;

    private static final @Nullable MethodHandle NEW_THREAD;
    private static final @Nullable Throwable WHY_NOT;

    static {
        MethodHandle newThread = null;
        Throwable whyNot = null;
        try {
            newThread = constructor();
            onPlatformThread(VirtualThreads::prepareJdk);
        } catch (ReflectiveOperationException | RuntimeException e) {
            whyNot = e;
        }
        NEW_THREAD = newThread;
        WHY_NOT = whyNot;
    }

    private VirtualThreads() {}

    /** Fails, saying what to add, unless {@link #create} will work. */
    static void ensureAvailable() {
        if (NEW_THREAD == null) {
            throw new IllegalStateException(HOW_TO_OPEN, WHY_NOT);
        }
    }

    /** Makes a virtual thread, not yet started, whose every step is handed to {@code scheduler}. */
    static Thread create(Executor scheduler, Runnable body) {
        MethodHandle newThread = NEW_THREAD;
        if (newThread == null) {
            throw new IllegalStateException(HOW_TO_OPEN, WHY_NOT);
        }
        try {
            return (Thread) newThread.invokeExact(scheduler, "", NO_INHERIT_THREAD_LOCALS, body);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("the constructor of virtual threads failed", e);
        }
    }

    private static MethodHandle constructor() throws ReflectiveOperationException {
        Class<?> type = Class.forName("java.lang.VirtualThread");
        Constructor<?> constructor =
                type.getDeclaredConstructor(Executor.class, String.class, int.class, Runnable.class);
        if (!constructor.trySetAccessible()) {
            if ("false".equals(System.getProperty("rondo.reflection"))) {
                throw new IllegalAccessException("java.lang is not open to Rondo, and -Drondo.reflection=false");
            }
            constructor = ReflectionFactory.getReflectionFactory().newConstructorForSerialization(type, constructor);
        }
        return MethodHandles.lookup()
                .unreflectConstructor(constructor)
                .asType(MethodType.methodType(Thread.class, Executor.class, String.class, int.class, Runnable.class));
    }

    /**
     * Two things must happen once, on a platform thread, before the first coroutine:
     *
     * <p>The JDK's socket poller starts its helper threads when it is first used. Were that inside a coroutine, they
     * would inherit the coroutine's scheduler, and every virtual thread's sockets in this JVM would hang once that loop
     * stops.
     *
     * <p>One virtual thread must run to its end. If the compiler sees {@code VirtualThread.run} before any has ended,
     * it compiles the ending as never taken, and a million coroutines that end together wake ten times slower.
     */
    private static void prepareJdk() {
        try {
            Class.forName("sun.nio.ch.Poller", true, null);
        } catch (ClassNotFoundException e) {
            // This JDK has another poller, or none: nothing to start early.
        }
        var steps = new ArrayDeque<Runnable>();
        Thread.Builder.OfVirtual unused = Thread.ofVirtual(); // initialises the thread builders on this thread as well
        Thread first = newThread(steps);
        first.start();
        for (Runnable step; (step = steps.poll()) != null; ) {
            step.run();
        }
    }

    private static Thread newThread(ArrayDeque<Runnable> steps) {
        try {
            Executor scheduler = steps::add;
            Runnable body = Thread::yield;
            return (Thread) constructor().invokeExact(scheduler, "", NO_INHERIT_THREAD_LOCALS, body);
        } catch (Throwable e) {
            throw new IllegalStateException("cannot make a virtual thread with a scheduler of its own", e);
        }
    }

    private static void onPlatformThread(Runnable work) {
        if (!Thread.currentThread().isVirtual()) {
            work.run();
            return;
        }
        Thread thread = Thread.ofPlatform().daemon().name("rondo-init").start(work);
        for (boolean interrupted = false; ; ) {
            try {
                thread.join();
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
                return;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
    }

    private static final String HOW_TO_OPEN = """
            Rondo runs coroutines as virtual threads on a scheduler of its own, and this JVM does not let it make them. Add one of:
              command line      --add-opens java.base/java.lang=ALL-UNNAMED
                                (on the module path: --add-opens java.base/java.lang=dev.rondo.core)
              java -jar         Add-Opens: java.base/java.lang       in the manifest of the program's jar
              Maven Surefire    <argLine>--add-opens java.base/java.lang=ALL-UNNAMED</argLine>
              Gradle            jvmArgs("--add-opens", "java.base/java.lang=ALL-UNNAMED")
            or remove -Drondo.reflection=false. Rondo needs JDK 25 or later; this is Java \
            """ + Runtime.version() + ".";
}
