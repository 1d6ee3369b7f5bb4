package dev.rondo.net;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.net.Drivers.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.rondo.Action;
import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import dev.rondo.Runner;
import dev.rondo.Task;
import dev.rondo.spec.Spec;
import dev.rondo.time.VirtualClock;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

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

    // ------------------------------------------------------------------------------------------------ of the loop

    @Spec("L-24")
    @Test
    void theSystemKnowsLocalhost() throws Exception {
        run(() -> {
            assertThat(Resolver.system().resolve("localhost"))
                    .allSatisfy(
                            address -> assertThat(address.isLoopbackAddress()).isTrue());
            assertThat(Net.getAddrInfo("localhost", 80)).isNotEmpty().allSatisfy(address -> {
                assertThat(address.getAddress().isLoopbackAddress()).isTrue();
                assertThat(address.getPort()).isEqualTo(80);
            });
            assertThat(Net.getNameInfo(InetAddress.ofLiteral("127.0.0.1"))).isEqualTo("localhost");
        });
    }

    @Spec("L-24")
    @Test
    void addressesInTextFormSkipTheResolverAndKeepTheirZone() throws Exception {
        run(() -> {
            assertThat(Net.getAddrInfo("[::1]", 0)).containsExactly(new InetSocketAddress("::1", 0));
            assertThat(Net.getAddrInfo("fe80::1%1", 80))
                    .singleElement()
                    .satisfies(one -> assertThat(((Inet6Address) one.getAddress()).getScopeId())
                            .isEqualTo(1));
            assertThat(Net.getAddrInfo("127.0.0.1", 80, StandardProtocolFamily.INET))
                    .hasSize(1);
            assertThatThrownBy(() -> Net.getAddrInfo("127.0.0.1", 80, StandardProtocolFamily.INET6))
                    .isInstanceOf(UnknownHostException.class)
                    .hasMessageContaining("no address of family IPv6");
            assertThatThrownBy(() -> Net.getAddrInfo("127.0.0.1", 65_536)).isInstanceOf(IllegalArgumentException.class);
        });
    }

    @Test
    void aLoopMayHaveAResolverOfItsOwn() throws Exception {
        InetAddress address = InetAddress.ofLiteral("192.0.2.7");
        run(() -> {
            assertThat(Net.resolver()).isSameAs(Resolver.system());
            Net.setResolver(host -> List.of(address));
            assertThat(Net.getAddrInfo("any.test", 1).getFirst().getAddress()).isEqualTo(address);
        });
        run(() -> assertThat(Net.resolver()).isSameAs(Resolver.system()));
    }

    @Spec("L-24")
    @Test
    void inDebugModeALookupIsLoggedWithItsTimeAndASlowOneLouder() throws Exception {
        try (Lines lines = new Lines()) {
            mayAnswer.countDown();
            run(() -> {
                resolver.resolve("before.test"); // without debug mode: nothing
                Asyncio.getRunningLoop().setDebug(true);
                resolver.resolve("one.test");
                Asyncio.getRunningLoop().setSlowCallbackDuration(Duration.ZERO);
                assertThatThrownBy(() -> resolver.resolve("unknown.test")).isInstanceOf(UnknownHostException.class);
            });
            assertThat(lines.all)
                    .containsExactly(
                            "DEBUG looking up one.test took 0 ms: [/192.0.2.8, /0:0:0:0:0:0:0:1]",
                            "INFO looking up unknown.test took 0 ms: java.net.UnknownHostException:"
                                    + " unknown.test: Name or service not known");
        }
    }

    /** What resolvers log while this is open. */
    private static final class Lines extends AppenderBase<ILoggingEvent> implements AutoCloseable {
        final List<String> all = new CopyOnWriteArrayList<>();
        private final Logger logger = (Logger) LoggerFactory.getLogger(Resolver.class);

        Lines() {
            start();
            logger.setLevel(Level.DEBUG);
            logger.setAdditive(false);
            logger.addAppender(this);
        }

        @Override
        protected void append(ILoggingEvent event) {
            all.add(event.getLevel() + " " + event.getFormattedMessage());
        }

        @Override
        public void close() {
            logger.detachAppender(this);
            logger.setAdditive(true);
            logger.setLevel(null);
        }
    }

    // ------------------------------------------------------------------------------------------------ the end of a
    // loop

    /** uvloop's test: the lookup goes on in its thread, and what it finds is nobody's. */
    @Test
    void aLoopMayBeClosedWhileALookupRuns() throws Exception {
        EventLoop loop = EventLoop.builder().clock(new VirtualClock()).build();
        loop.createTask(() -> resolver.resolve("one.test"));
        loop.callSoon(() -> loop.callSoon(loop::stop));
        loop.runForever();
        loop.close();
        mayAnswer.countDown();
        run(() -> assertThat(Resolver.system().resolve("127.0.0.1")).hasSize(1));
        assertThat(loop.isClosed()).isTrue();
    }

    /** What a loop was closed in the midst of holds the loop; the next one lets it go. */
    @Test
    void closedLoopsAreForgotten() {
        EventLoop loop = EventLoop.builder().build();
        EventLoop next = EventLoop.builder().build();
        LoopResolvers those = LoopResolvers.of(loop);
        assertThat(LoopResolvers.of(loop)).isSameAs(those);
        loop.close();
        LoopResolvers.of(next);
        assertThat(LoopResolvers.of(loop)).isNotSameAs(those);
        next.close();
    }
}
