package dev.rondo.net;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.timeout;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.Action;
import dev.rondo.AsyncTimeoutException;
import dev.rondo.CancelledError;
import dev.rondo.ExceptionContext;
import dev.rondo.Runner;
import dev.rondo.Task;
import dev.rondo.TaskFactory;
import dev.rondo.chance.Choices;
import dev.rondo.spec.Spec;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which addresses are tried when, on a network that is made up. */
class HappyEyeballsTest {

    private static final String V4 = "192.0.2.1";
    private static final String V4B = "192.0.2.2";
    private static final String V6 = "2001:db8::1";
    private static final String V6B = "2001:db8::2";

    private final FakeNetwork network = new FakeNetwork();
    private final List<ExceptionContext> reported = new ArrayList<>();

    private <X extends Exception> void run(Action<X> test) throws X {
        run(network, test);
    }

    private <X extends Exception> void run(FakeNetwork network, Action<X> test) throws X {
        network.loop.setExceptionHandler((_, context) -> reported.add(context));
        try (Runner runner = new Runner(() -> network.loop).handleInterrupts(false)) {
            runner.run(test);
        }
        assertThat(reported).isEmpty();
    }

    private ByteStream connect(ConnectOptions options) throws IOException {
        ByteStream stream = Net.connectTcp("host.test", 80, options);
        network.log("connected to "
                + ((InetSocketAddress) stream.remoteAddress()).getAddress().getHostAddress());
        return stream;
    }

    private ByteStream connect() throws IOException {
        return connect(network.options());
    }

    // ------------------------------------------------------------------------------------------------ order and times

    @Spec("N-4")
    @Test
    void theNextAddressIsTriedWhenTheFirstHasNotAnsweredForAQuarterOfASecond() throws Exception {
        network.name("host.test", V6, V4).swallows(V6).answers(V4, 30);
        run(() -> connect().close());
        assertThat(network.log)
                .containsExactly(
                        "0 connect " + V6,
                        "250 connect " + V4,
                        "280 close " + V6, // cancelled, and waited for
                        "280 connected to " + V4,
                        "280 close " + V4);
    }

    @Spec("N-4")
    @Test
    void theNextAddressIsTriedAtOnceWhenOneFails() throws Exception {
        network.name("host.test", V6, V4, V6B).refuses(V6, 10).refuses(V4, 20).answers(V6B, 30);
        run(() -> connect().close());
        assertThat(network.log)
                .containsExactly(
                        "0 connect " + V6,
                        "10 close " + V6,
                        "10 connect " + V4,
                        "30 close " + V4,
                        "30 connect " + V6B,
                        "60 connected to 2001:db8:0:0:0:0:0:2",
                        "60 close " + V6B);
    }

    @Spec("N-4")
    @Test
    void anAddressThatAnswersInTimeIsTheOnlyOneTried() throws Exception {
        network.name("host.test", V6, V4).answers(V6, 249).answers(V4, 0);
        run(() -> connect().close());
        assertThat(network.log)
                .containsExactly("0 connect " + V6, "249 connected to 2001:db8:0:0:0:0:0:1", "249 close " + V6);
    }

    @Spec("N-4")
    @Test
    void anEarlierAttemptMayStillWin() throws Exception {
        network.name("host.test", V6, V4, V6B).answers(V6, 600).swallows(V4).swallows(V6B);
        run(() -> connect().close());
        assertThat(network.log)
                .containsExactly(
                        "0 connect " + V6,
                        "250 connect " + V4,
                        "500 connect " + V6B,
                        "600 close " + V4,
                        "600 close " + V6B,
                        "600 connected to 2001:db8:0:0:0:0:0:1",
                        "600 close " + V6);
    }

    /** As in asyncio: the failure of the attempt that began last brings the next forward, that of an older one not. */
    @Spec("N-4")
    @Test
    void theFailureOfAnOlderAttemptBringsNothingForward() throws Exception {
        network.name("host.test", V6, V4, V6B).refuses(V6, 300).swallows(V4).answers(V6B, 10);
        run(() -> connect().close());
        assertThat(network.log)
                .containsExactly(
                        "0 connect " + V6,
                        "250 connect " + V4,
                        "300 close " + V6,
                        "500 connect " + V6B,
                        "510 close " + V4,
                        "510 connected to 2001:db8:0:0:0:0:0:2",
                        "510 close " + V6B);
    }

    @Spec("N-4")
    @Test
    void theDelayIsAnOption() throws Exception {
        network.name("host.test", V6, V4).swallows(V6).answers(V4, 0);
        run(() -> connect(network.options().withHappyEyeballsDelay(Duration.ofSeconds(2)))
                .close());
        assertThat(network.log).contains("0 connect " + V6, "2000 connect " + V4);
    }

    @Spec("N-4")
    @Test
    void withADelayOfZeroAllAreTriedAtOnce() throws Exception {
        network.name("host.test", V6, V4, V4B).answers(V6, 30).answers(V4, 20).answers(V4B, 10);
        run(() ->
                connect(network.options().withHappyEyeballsDelay(Duration.ZERO)).close());
        assertThat(network.log)
                .containsExactly(
                        "0 connect " + V6,
                        "0 connect " + V4,
                        "0 connect " + V4B,
                        "10 close " + V6,
                        "10 close " + V4,
                        "10 connected to " + V4B,
                        "10 close " + V4B);
    }

    @Spec("N-2")
    @Spec("N-4")
    @Test
    void withoutADelayAnAddressIsTriedWhenTheOneBeforeHasFailed() throws Exception {
        network.name("host.test", V6, V4).refuses(V6, 60_000).answers(V4, 10);
        run(() -> connect(network.options().withHappyEyeballsDelay(null)).close());
        assertThat(network.log)
                .containsExactly(
                        "0 connect " + V6,
                        "60000 close " + V6,
                        "60000 connect " + V4,
                        "60010 connected to " + V4,
                        "60010 close " + V4);
    }

    @Spec("N-4")
    @Test
    void theFamiliesTakeTurns() throws Exception {
        network.name("host.test", V6, V6B, V4, V4B);
        run(() -> {
            assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
            assertThatThrownBy(() -> connect(network.options().withInterleave(0)))
                    .isInstanceOf(ConnectException.class);
        });
        assertThat(network.log.stream().filter(line -> line.contains("connect")))
                .containsExactly(
                        "0 connect 2001:db8:0:0:0:0:0:1",
                        "0 connect " + V4,
                        "0 connect 2001:db8:0:0:0:0:0:2",
                        "0 connect " + V4B,
                        "0 connect 2001:db8:0:0:0:0:0:1",
                        "0 connect 2001:db8:0:0:0:0:0:2",
                        "0 connect " + V4,
                        "0 connect " + V4B);
    }

    @Spec("N-1")
    @Test
    void oneFamilyMayBeAskedFor() throws Exception {
        network.name("host.test", V6, V4).answers(V6, 0).answers(V4, 0).name("six.test", V6);
        ConnectOptions v4 = network.options().withFamily(StandardProtocolFamily.INET);
        run(() -> {
            connect(v4).close();
            assertThatThrownBy(() -> Net.connectTcp("six.test", 80, v4))
                    .isInstanceOf(UnknownHostException.class)
                    .hasMessage("host 'six.test' has no address of family IPv4");
        });
        assertThat(network.log).containsExactly("0 connect " + V4, "0 connected to " + V4, "0 close " + V4);
    }

    @Spec("N-4")
    @Test
    void whoeverIsSecondInTheSameTurnIsClosed() throws Exception {
        network.name("host.test", V6, V4).answers(V6, 250).answers(V4, 0).cancelsLate(3);
        run(() -> {
            try (ByteStream stream = connect()) {
                assertThat(network.openCount()).isEqualTo(1);
            }
        });
        assertThat(network.openCount()).isZero();
        assertThat(network.log).filteredOn(line -> line.contains("connected")).hasSize(1);
    }

    @Spec("N-4")
    @Test
    void underTheEagerFactoryItIsTheSame() throws Exception {
        network.name("host.test", V6, V4, V4B).refuses(V6, 0).answers(V4, 300).swallows(V4B);
        run(() -> {
            network.loop.setTaskFactory(TaskFactory.EAGER);
            connect().close();
        });
        assertThat(network.log)
                .containsExactly(
                        "0 connect " + V6,
                        "0 close " + V6,
                        "0 connect " + V4,
                        "250 connect " + V4B,
                        "300 close " + V4B,
                        "300 connected to " + V4,
                        "300 close " + V4);
    }

    // ------------------------------------------------------------------------------------------------ failures

    @Spec("N-2")
    @Test
    void ifAllFailTheMessageNamesAllAndEveryFailureIsKept() throws Exception {
        network.name("host.test", V4, V6, V4B)
                .refuses(V4, 400)
                .fails(V6, 10, "Network is unreachable")
                .refuses(V4B, 10);
        run(() -> assertThatThrownBy(this::connect)
                .isInstanceOf(ConnectException.class)
                .hasMessage("cannot connect to host.test:80: 192.0.2.1, 192.0.2.2: Connection refused;"
                        + " 2001:db8:0:0:0:0:0:1: Network is unreachable")
                .satisfies(e -> assertThat(e.getSuppressed())
                        .extracting(Throwable::getMessage)
                        .containsExactly(
                                "connect to /192.0.2.1:80: Connection refused",
                                "Network is unreachable",
                                "connect to /192.0.2.2:80: Connection refused")));
        assertThat(network.openCount()).isZero();
    }

    @Spec("N-2")
    @Test
    void ofOneAddressInTextFormTheMessageNamesItOnce() throws Exception {
        network.refuses(V4, 0);
        run(() -> assertThatThrownBy(() -> Net.connectTcp(V4, 80))
                .isInstanceOf(ConnectException.class)
                .hasMessage("cannot connect to 192.0.2.1:80: Connection refused"));
    }

    @Spec("N-2")
    @Test
    void aResolverThatGivesNoAddressHasNotFoundTheHost() throws Exception {
        run(() -> assertThatThrownBy(this::connect)
                .isInstanceOf(UnknownHostException.class)
                .hasMessage("cannot find host 'host.test': the resolver gave no address"));
    }

    @Spec("N-5")
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aFailureThatIsNoMatterOfAnAddressEndsAllAndLeavesNoSocketOpen(int addresses) throws Exception {
        network.name("host.test", addresses == 1 ? new String[] {V4} : new String[] {V6, V4})
                .isBroken(new IllegalStateException("a bug"));
        run(() -> assertThatThrownBy(this::connect)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("a bug"));
        assertThat(network.openCount()).isZero();
        assertThat(network.log).hasSize(1); // no second attempt
    }

    // ------------------------------------------------------------------------------------------------ from where

    @Spec("N-3")
    @Test
    void aLocalAddressIsTakenByTheAttemptsOfItsFamily() throws Exception {
        network.name("host.test", V6, V4).answers(V6, 0).answers(V4, 0);
        InetSocketAddress here = new InetSocketAddress(InetAddress.ofLiteral("192.0.2.7"), 0);
        run(() -> {
            try (ByteStream stream = connect(network.options().withLocalAddress(here))) {
                assertThat(stream.localAddress()).isEqualTo(here);
            }
        });
        assertThat(network.log)
                .containsExactly(
                        "0 close IPv6",
                        "0 bind to 192.0.2.7",
                        "0 connect " + V4,
                        "0 connected to " + V4,
                        "0 close " + V4);
    }

    @Spec("N-3")
    @Test
    void aLocalNameIsLookedUpAndTheFirstOfItsAddressesThatIsFreeIsTaken() throws Exception {
        network.name("host.test", V4)
                .answers(V4, 0)
                .name("here.test", V6B, "192.0.2.7", "192.0.2.8")
                .fails("192.0.2.7", 0, "Cannot assign requested address");
        run(() -> connect(network.options().withLocalAddress("here.test", 4000)).close());
        assertThat(network.log)
                .containsExactly("0 bind to 192.0.2.8", "0 connect " + V4, "0 connected to " + V4, "0 close " + V4);
    }

    @Spec("N-3")
    @Test
    void ifNoLocalAddressIsFreeThatIsTheFailure() throws Exception {
        network.name("host.test", V4)
                .name("here.test", "192.0.2.7", "192.0.2.8")
                .fails("192.0.2.7", 0, "Cannot assign requested address")
                .fails("192.0.2.8", 0, "Address already in use");
        run(() -> assertThatThrownBy(() -> connect(network.options().withLocalAddress("here.test", 4000)))
                .isInstanceOf(ConnectException.class)
                .hasMessage("cannot connect to host.test:80: 192.0.2.1: cannot bind to 192.0.2.8:4000: Address already"
                        + " in use")
                .satisfies(e -> assertThat(e.getSuppressed()[0])
                        .isInstanceOf(BindException.class)
                        .satisfies(last -> assertThat(last.getSuppressed())
                                .extracting(Throwable::getMessage)
                                .containsExactly("cannot bind to 192.0.2.7:4000: Cannot assign requested address"))));
        assertThat(network.openCount()).isZero();
    }

    @Spec("N-3")
    @Test
    void ifNoLocalAddressIsOfTheFamilyThatIsTheFailure() throws Exception {
        network.name("host.test", V6, V6B).name("here.test", "192.0.2.7");
        run(() -> assertThatThrownBy(() -> connect(network.options().withLocalAddress("here.test", 0)))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("no matching local address with family IPv6 found"));
        assertThat(network.openCount()).isZero();
    }

    // ------------------------------------------------------------------------------------------------ cancel

    @Spec("N-4")
    @Spec("N-5")
    @Test
    void aTimeoutCancelsAllAttemptsAndWaitsForThem() throws Exception {
        network.name("host.test", V6, V4, V4B).swallows(V6).swallows(V4).swallows(V4B);
        run(() -> {
            assertThatThrownBy(() -> timeout(Duration.ofMillis(300), () -> connect(network.options())))
                    .isInstanceOf(AsyncTimeoutException.class);
            network.log("over");
        });
        assertThat(network.log)
                .containsExactly(
                        "0 connect " + V6, "250 connect " + V4, "300 close " + V6, "300 close " + V4, "300 over");
    }

    /** Every turn of the way, and with operations that end in time although they were cancelled. */
    @Spec("N-5")
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3})
    void aCancelAtAnyPointLeavesNoSocketOpen(int lateness) throws Exception {
        int cancelled = 0;
        int connected = 0;
        for (int seed = 0; seed < 40; seed++) {
            for (int turns = 0; turns < 16; turns++) {
                FakeNetwork network = new FakeNetwork(Choices.seeded(seed))
                        .name("host.test", V6, V4, V4B)
                        .answers(V6, 250)
                        .answers(V4, seed % 2)
                        .refuses(V4B, 0)
                        .cancelsLate(lateness);
                int after = turns;
                List<ByteStream> streams = new ArrayList<>();
                run(network, () -> {
                    Task<?, IOException> task = createTask(() -> {
                        streams.add(Net.connectTcp("host.test", 80, network.options()));
                    });
                    sleep(Duration.ofMillis(after < 2 ? after * 100 : 250));
                    for (int i = 2; i < after; i++) {
                        yieldNow();
                    }
                    task.cancel();
                    try {
                        task.await();
                    } catch (CancelledError | dev.rondo.TaskCancelledException e) {
                        // it may be
                    }
                });
                assertThat(network.openCount()).isEqualTo(streams.size()).isLessThan(2);
                cancelled += streams.isEmpty() ? 1 : 0;
                connected += streams.size();
            }
        }
        assertThat(cancelled).isPositive();
        assertThat(connected).isPositive();
    }

    // ------------------------------------------------------------------------------------------------ options

    @Spec("N-1")
    @Test
    void whatMakesNoSenseIsRefused() {
        ConnectOptions options = ConnectOptions.DEFAULT;
        assertThatThrownBy(() -> options.withHappyEyeballsDelay(Duration.ofMillis(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PT-0.001S is negative");
        assertThatThrownBy(() -> options.withInterleave(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("-1");
        assertThatThrownBy(() -> options.withFamily(StandardProtocolFamily.UNIX))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not UNIX");
    }
}
