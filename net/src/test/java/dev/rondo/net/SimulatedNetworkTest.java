package dev.rondo.net;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.timeout;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.AsyncTimeoutException;
import dev.rondo.Task;
import dev.rondo.spec.Spec;
import dev.rondo.testkit.LoopTest;
import dev.rondo.testkit.Sim;
import dev.rondo.testkit.net.Host;
import dev.rondo.testkit.net.Network;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Streams, servers and Happy Eyeballs in a network that delays, loses, cuts and resets. */
class SimulatedNetworkTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    /** Answers each line by the same. */
    private static void echo(StreamReader reader, StreamWriter writer) {
        try (writer) {
            for (byte[] line; (line = reader.readLine()).length > 0; ) {
                writer.write(line);
            }
        } catch (IOException e) {
            // the client has gone, or the network has
        }
    }

    private static String ask(Connection connection, String line) throws IOException {
        connection.writer().write(line + "\n", UTF_8);
        return connection.reader().readLine(UTF_8).strip();
    }

    // ------------------------------------------------------------------------------------------------ Happy Eyeballs

    @Spec("N-4")
    @LoopTest
    void anAddressThatSwallowsEverythingCostsAQuarterOfASecond(Sim sim, Network network) throws Exception {
        Host web = network.host("web", "2001:db8::1", "192.0.2.1");
        network.blackhole("2001:db8::1");
        Host client = network.host("client");
        network.link(client, web).latency(Duration.ofMillis(5));
        try (Server server = web.run(() -> Net.startServer(SimulatedNetworkTest::echo, "", 80))) {
            Duration begin = sim.elapsed();
            try (Connection connection = client.run(() -> Net.openConnection("web", 80))) {
                InetSocketAddress remote =
                        (InetSocketAddress) connection.stream().remoteAddress();
                assertThat(remote.getAddress().getHostAddress()).isEqualTo("192.0.2.1");
                assertThat(sim.elapsed().minus(begin)).isBetween(Duration.ofMillis(260), Duration.ofMillis(270));
                assertThat(ask(connection, "hello")).isEqualTo("hello");
            }
            server.close();
            server.waitClosed();
        }
    }

    @Spec("N-4")
    @LoopTest
    void whereNoAddressAnswersAConnectIsOverAfterTwoMinutes(Sim sim, Network network) throws Exception {
        network.name("web", "2001:db8::1", "192.0.2.1").blackhole("2001:db8::1").blackhole("192.0.2.1");
        assertThatThrownBy(() -> Net.connectTcp("web", 80))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("Connection timed out");
        assertThat(sim.elapsed()).isBetween(Duration.ofSeconds(127), Duration.ofSeconds(128));
    }

    @LoopTest
    void theAddressThatIsQuickerWins(Sim sim, Network network) throws Exception {
        Host far = network.host("far", "192.0.2.1");
        Host near = network.host("near", "192.0.2.2");
        network.name("both", "192.0.2.1", "192.0.2.2");
        network.link(network.host("main"), far).latency(Duration.ofMillis(400));
        try (Listener one = far.run(() -> Net.listen("far", 80));
                Listener other = near.run(() -> Net.listen("near", 80));
                ByteStream stream = Net.connectTcp("both", 80)) {
            assertThat(stream.remoteAddress().toString()).contains("192.0.2.2");
            assertThat(sim.elapsed()).isLessThan(Duration.ofMillis(300));
            assertThat(one.isOpen() && other.isOpen()).isTrue();
        }
    }

    // ------------------------------------------------------------------------------------------------ streams

    @LoopTest(seeds = 100)
    void anEchoUnderLossAndResetsLosesNothingForAClientThatTriesAgain(Sim sim, Network network) throws Exception {
        Host server = network.host("server");
        Host client = network.host("client");
        var link = network.link(server, client)
                .latency(Duration.ofMillis(1), Duration.ofMillis(40))
                .loss(0.05)
                .mss(1, 1460);
        for (int i = 0; i < 3; i++) {
            network.after(Duration.ofMillis(50).multipliedBy(sim.choose(20, "a reset")), link::reset);
        }
        List<String> answers = new ArrayList<>();
        int attempts = 0;
        try (Server echo = server.run(() -> Net.startServer(SimulatedNetworkTest::echo, "server", 7))) {
            while (answers.size() < 5) {
                attempts++;
                try (Connection connection = client.run(() -> Net.openConnection("server", 7))) {
                    while (answers.size() < 5) {
                        String answer = ask(connection, "line " + answers.size());
                        if (answer.isEmpty()) {
                            break;
                        }
                        answers.add(answer);
                    }
                } catch (IOException e) {
                    sleep(Duration.ofMillis(10));
                }
            }
            echo.close();
            echo.waitClosed();
        }
        assertThat(answers).containsExactly("line 0", "line 1", "line 2", "line 3", "line 4");
        sim.sometimes("a reset was met with", attempts > 1);
        sim.sometimes("no reset was met with", attempts == 1);
    }

    @LoopTest
    void aPartitionIsNoticedByATimeoutAndBytesComeAfterIt(Network network) throws Exception {
        Host server = network.host("server");
        Host client = network.host("client");
        var link = network.link(server, client);
        try (Server echo = server.run(() -> Net.startServer(SimulatedNetworkTest::echo, "server", 7));
                Connection connection = client.run(() -> Net.openConnection("server", 7))) {
            assertThat(ask(connection, "one")).isEqualTo("one");
            link.partition();
            assertThatThrownBy(() -> timeout(SECOND, () -> ask(connection, "two")))
                    .isInstanceOf(AsyncTimeoutException.class);
            link.heal();
            assertThat(connection.reader().readLine(UTF_8)).isEqualTo("two\n");
            echo.close();
            connection.close();
            echo.waitClosed();
        }
    }

    @LoopTest
    void aWriterWaitsForAReaderThatDoesNotRead(Sim sim, Network network) throws Exception {
        Host reader = network.host("reader").receiveWindow(1000);
        byte[] much = Wire.noise(200_000);
        try (Listener listener = reader.run(() -> Net.listen("reader", 80));
                ByteStream client = Net.connectTcp("reader", 80);
                ByteStream server = listener.accept()) {
            Task<?, IOException> write = createTask(() -> {
                client.write(java.nio.ByteBuffer.wrap(much));
                client.shutdownOutput();
            });
            sleep(Duration.ofMinutes(1));
            assertThat(write.done()).isFalse();
            assertThat(new StreamReader(server).readAll()).isEqualTo(much);
            write.await();
        }
    }

    // ------------------------------------------------------------------------------------------------ servers

    @LoopTest
    void aServerThatIsShutDownServesThoseWhoAreIn(Network network) throws Exception {
        Host server = network.host("server");
        network.link(server, network.host("main")).latency(Duration.ofMillis(1), Duration.ofMillis(40));
        Server echo = server.run(() -> Net.startServer(
                (reader, writer) -> {
                    try (writer) {
                        byte[] line = reader.readLine();
                        sleep(SECOND.multipliedBy(10)); // hard work
                        writer.write(line);
                    }
                },
                "server",
                7));
        List<String> answers = new ArrayList<>();
        gather(() -> askOnce(answers, "one"), () -> askOnce(answers, "two"), () -> {
            sleep(SECOND);
            echo.close();
            assertThatThrownBy(() -> askOnce(answers, "three")).isInstanceOf(ConnectException.class);
            echo.waitClosed();
            assertThat(echo.clientCount()).isZero();
        });
        assertThat(answers).containsExactlyInAnyOrder("one", "two");
    }

    private static void askOnce(List<String> answers, String question) throws IOException {
        try (Connection connection = Net.openConnection("server", 7)) {
            answers.add(ask(connection, question));
        }
    }
}
