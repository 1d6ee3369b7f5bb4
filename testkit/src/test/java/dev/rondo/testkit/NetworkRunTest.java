package dev.rondo.testkit;

import static dev.rondo.Asyncio.getRunningLoop;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.reactor.Fd;
import dev.rondo.reactor.Op;
import dev.rondo.testkit.net.Host;
import dev.rondo.testkit.net.Network;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The network is a part of the run: on its tape, in its log, and not there where nobody asks for it. */
class NetworkRunTest {

    private static void exchange(Sim sim) throws Exception {
        Network network = sim.network();
        Host a = network.host("a");
        Host b = network.host("b");
        network.link(a, b).latency(Duration.ofMillis(1), Duration.ofMillis(9)).loss(0.1);
        InetSocketAddress address = new InetSocketAddress(b.addresses().getFirst(), 80);
        Fd listener = b.run(() -> getRunningLoop().driver().tcpListener(address, 5));
        Fd client = a.run(() -> getRunningLoop().driver().streamSocket(StandardProtocolFamily.INET));
        getRunningLoop().perform(new Op.Connect(client, address));
        Op.Accept accept = new Op.Accept(listener);
        getRunningLoop().perform(accept);
        Fd server = Objects.requireNonNull(accept.accepted);
        getRunningLoop().perform(new Op.Write(client).from(ByteBuffer.allocate(100)));
        ByteBuffer all = ByteBuffer.allocate(100);
        while (all.hasRemaining()) {
            getRunningLoop().perform(new Op.Read(server).into(all));
        }
        client.close();
        server.close();
        listener.close();
    }

    private static RunResult seeded(long seed) {
        return SimulatedRun.run(NetworkRunTest::exchange, RandomSearch.seeded(seed, true), SimOptions.DEFAULT, true);
    }

    @Test
    void theSameSeedIsTheSameRunAndSoIsItsTape() {
        for (long seed = 1; seed <= 20; seed++) {
            RunResult run = seeded(seed);
            assertThat(run.failure()).isNull();
            List<String> log = DeterminismCheck.log(run);
            assertThat(DeterminismCheck.log(seeded(seed))).isEqualTo(log);
            Tape tape = run.recording().tape();
            assertThat(DeterminismCheck.log(SimulatedRun.run(
                            NetworkRunTest::exchange, new TapeChoices(tape, true), SimOptions.DEFAULT, true)))
                    .isEqualTo(log);
        }
        assertThat(DeterminismCheck.log(seeded(1))).isNotEqualTo(DeterminismCheck.log(seeded(2)));
    }

    @Test
    void theLogSaysWhatTheNetworkDid() {
        assertThat(DeterminismCheck.log(Runs.plain(NetworkRunTest::exchange)))
                .contains(
                        "0.000000000  network: b listens at b:80",
                        "0.000000000  network: a:40001→b:80 connects, 1 ms",
                        "0.001000000  network: b:80→a:40001 accepts, 1 ms",
                        "0.002000000  network: a:40001→b:80 100 bytes, 1 ms");
    }

    @Test
    void aRunWithoutSocketsMakesNoChoiceOfTheNetwork() {
        assertThat(Runs.plain(sim -> sim.network().host("a")).recording().size())
                .isZero();
    }
}
