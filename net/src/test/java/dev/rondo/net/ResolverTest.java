package dev.rondo.net;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.Action;
import dev.rondo.EventLoop;
import dev.rondo.Runner;
import dev.rondo.Task;
import dev.rondo.time.VirtualClock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResolverTest {

    private final ConcurrentLinkedQueue<String> asked = new ConcurrentLinkedQueue<>();
    private final CountDownLatch mayAnswer = new CountDownLatch(1);
    private final Resolver resolver = new CachingResolver(name -> () -> answer(name), NetThreads.NAMES);

    private InetAddress[] answer(String host) throws UnknownHostException {
        asked.add(host);
        try {
            mayAnswer.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        if (host.startsWith("unknown")) {
            throw new UnknownHostException(host + ": Name or service not known");
        }
        return new InetAddress[] {InetAddress.ofLiteral("192.0.2." + host.length()), InetAddress.ofLiteral("::1")};
    }

    /** Runs a test on virtual time: the ten seconds for which an answer is good take none. */
    private static <X extends Exception> void run(Action<X> test) throws X {
        try (Runner runner =
                new Runner(() -> EventLoop.builder().clock(new VirtualClock()).build())) {
            runner.run(test);
        }
    }

    private static void until(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            yieldNow();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, 127.0.0.1",
        "192.0.2.7, 192.0.2.7",
        "::1, 0:0:0:0:0:0:0:1",
        "[::1], 0:0:0:0:0:0:0:1",
        "[2001:db8::5], 2001:db8:0:0:0:0:0:5",
        "::ffff:192.0.2.1, 192.0.2.1",
    })
    void addressesInTextFormAreAnsweredWithoutAsking(String host, String address) throws Exception {
        run(() -> assertThat(resolver.resolve(host))
                .singleElement()
                .satisfies(one -> assertThat(one.getHostAddress()).isEqualTo(address)));
        assertThat(asked).isEmpty();
    }

    @Test
    void anAddressMayHaveAZone() throws Exception {
        run(() -> assertThat(resolver.resolve("[fe80::1%1]"))
                .singleElement()
                .satisfies(one -> assertThat(one.getHostAddress()).contains("%")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[::1", "::g", "[127.0.0.1.5]", "fe80::1%nosuchinterface"})
    void whatCanBeNeitherNameNorAddressIsRefused(String host) throws Exception {
        run(() -> assertThatThrownBy(() -> resolver.resolve(host)).isInstanceOf(UnknownHostException.class));
        assertThat(asked).isEmpty();
    }

    @Test
    void aNameMayEndInADigit() throws Exception {
        mayAnswer.countDown();
        run(() -> assertThat(resolver.resolve("host1").getFirst().getHostAddress())
                .isEqualTo("192.0.2.5"));
    }

    @Test
    void whoAsksForOneNameAtOneTimeSharesOneLookup() throws Exception {
        run(() -> {
            List<Task<List<InetAddress>, IOException>> tasks = List.of(
                    createTask(() -> resolver.resolve("one.test")),
                    createTask(() -> resolver.resolve("ONE.test")),
                    createTask(() -> resolver.resolve("other.test")));
            yieldNow();
            mayAnswer.countDown();
            assertThat(tasks.get(0).await()).isEqualTo(tasks.get(1).await()).hasSize(2);
            assertThat(tasks.get(2).await()).isNotEqualTo(tasks.get(0).await());
        });
        assertThat(asked).containsExactlyInAnyOrder("one.test", "other.test");
    }

    @Test
    void oneWhoIsCancelledTakesNobodyAlong() throws Exception {
        run(() -> {
            Task<List<InetAddress>, IOException> first = createTask(() -> resolver.resolve("one.test"));
            Task<List<InetAddress>, IOException> second = createTask(() -> resolver.resolve("one.test"));
            until(() -> !asked.isEmpty());
            first.cancel();
            until(first::done);
            assertThat(first.cancelled()).isTrue();
            mayAnswer.countDown();
            assertThat(second.await()).hasSize(2);
        });
        assertThat(asked).hasSize(1);
    }

    @Test
    void theAnswerIsKeptEvenIfAllWhoAskedHaveLeft() throws Exception {
        run(() -> {
            Task<List<InetAddress>, IOException> only = createTask(() -> resolver.resolve("one.test"));
            until(() -> !asked.isEmpty());
            only.cancel();
            until(only::done);
            mayAnswer.countDown();
            resolver.resolve("one.test");
        });
        assertThat(asked).hasSize(1);
    }

    @Test
    void anAnswerIsRememberedForTenSeconds() throws Exception {
        mayAnswer.countDown();
        run(() -> {
            resolver.resolve("one.test");
            sleep(Duration.ofMillis(9_999));
            resolver.resolve("one.test");
            assertThat(asked).hasSize(1);
            sleep(Duration.ofMillis(1));
            resolver.resolve("one.test");
            assertThat(asked).hasSize(2);
        });
    }

    @Test
    void aFailureIsRememberedForOneSecondAndNamesTheHost() throws Exception {
        mayAnswer.countDown();
        run(() -> {
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> resolver.resolve("unknown.test"))
                        .isInstanceOf(UnknownHostException.class)
                        .hasMessage("cannot find host 'unknown.test': Name or service not known");
            }
            assertThat(asked).hasSize(1);
            sleep(Duration.ofSeconds(1));
            assertThatThrownBy(() -> resolver.resolve("unknown.test")).isInstanceOf(UnknownHostException.class);
            assertThat(asked).hasSize(2);
        });
    }

    @Test
    void aLookupThatGetsNoThreadFailsAndDoesNotHoldUpTheNext() throws Exception {
        ExecutorService threads = Executors.newSingleThreadExecutor();
        threads.shutdown();
        Resolver refused = new CachingResolver(name -> () -> answer(name), threads);
        run(() -> {
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> refused.resolve("one.test"))
                        .isInstanceOf(UnknownHostException.class)
                        .hasRootCauseInstanceOf(RejectedExecutionException.class);
                sleep(Duration.ofSeconds(1));
            }
        });
        assertThat(asked).isEmpty();
    }

    @Test
    void aLookupThatEndsWithAnErrorIsAFailureOfAllWhoWait() throws Exception {
        Resolver broken = new CachingResolver(
                name -> () -> {
                    throw new NoClassDefFoundError("test");
                },
                NetThreads.NAMES);
        run(() -> {
            Task<List<InetAddress>, IOException> other = createTask(() -> broken.resolve("one.test"));
            assertThatThrownBy(() -> broken.resolve("one.test"))
                    .isInstanceOf(UnknownHostException.class)
                    .hasRootCauseInstanceOf(NoClassDefFoundError.class);
            assertThatThrownBy(other::await).isInstanceOf(UnknownHostException.class);
        });
    }

    @Test
    void manyNamesAreLookedUpAtTheSameTime() throws Exception {
        mayAnswer.countDown();
        run(() -> {
            List<Task<List<InetAddress>, IOException>> lookups = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                String host = "host-" + i + ".test";
                lookups.add(createTask(() -> resolver.resolve(host)));
            }
            assertThat(gather(lookups))
                    .hasSize(50)
                    .allSatisfy(addresses -> assertThat(addresses).hasSize(2));
        });
    }

    @Test
    void theSystemKnowsLocalhost() throws Exception {
        run(() -> assertThat(Resolver.system().resolve("localhost"))
                .allSatisfy(address -> assertThat(address.isLoopbackAddress()).isTrue()));
    }
}
