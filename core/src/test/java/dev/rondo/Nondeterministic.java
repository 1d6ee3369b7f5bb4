package dev.rondo;

import java.security.SecureRandom;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.Timer;
import java.util.UUID;
import java.util.WeakHashMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** All that core must not do, for the test of that rule: nobody runs it. */
@SuppressWarnings("all")
final class Nondeterministic {

    Object[] time() {
        LongSupplier clock = System::nanoTime;
        return new Object[] {
            clock,
            System.currentTimeMillis(),
            Instant.now(),
            LocalDate.now(),
            LocalDateTime.now(),
            ZonedDateTime.now(),
            new Date(),
            java.time.Clock.systemUTC()
        };
    }

    Object[] chance() {
        Collections.shuffle(new ArrayList<>());
        return new Object[] {
            Math.random(),
            new Random(),
            ThreadLocalRandom.current(),
            new SecureRandom(),
            UUID.randomUUID(),
            new SplittableRandom(),
            System.identityHashCode(this)
        };
    }

    void threads() throws Exception {
        Thread.sleep(1);
        new Thread(() -> {});
        Thread.ofPlatform();
        Thread.ofVirtual();
        Thread.startVirtualThread(() -> {});
        Executors.newCachedThreadPool();
        new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>());
        ForkJoinPool.commonPool();
        new ForkJoinPool();
        new Timer();
        CompletableFuture.runAsync(() -> {}).thenRunAsync(() -> {});
        new CompletableFuture<String>().orTimeout(1, TimeUnit.SECONDS);
    }

    Object[] order() {
        return new Object[] {
            new HashMap<>(),
            new HashSet<>(),
            new IdentityHashMap<>(),
            new ConcurrentHashMap<>(),
            ConcurrentHashMap.newKeySet(),
            new WeakHashMap<>(),
            Set.of(1, 2),
            Map.of(1, 2, 3, 4),
            Map.ofEntries(),
            Set.copyOf(List.of()),
            Map.copyOf(Map.of()),
            Stream.of().collect(Collectors.toSet()),
            Stream.of().collect(Collectors.toUnmodifiableSet()),
            Stream.of().collect(Collectors.toMap(key -> key, value -> value)),
            Stream.of().collect(Collectors.groupingBy(key -> key))
        };
    }

    /** Near misses: what has an order, or no chance in it. */
    static final class AllRight {
        Object[] order() {
            return new Object[] {
                new LinkedHashMap<>(),
                new LinkedHashSet<>(),
                Set.of(),
                Set.of(1),
                Map.of(),
                Map.of(1, 2),
                List.of(1, 2),
                Executors.callable(() -> {}),
                Thread.currentThread(),
                new CompletableFuture<String>().thenApply(text -> text),
                System.getProperty("now"),
                Instant.EPOCH,
                Math.max(1, 2)
            };
        }
    }
}
