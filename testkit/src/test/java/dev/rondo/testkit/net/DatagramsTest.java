package dev.rondo.testkit.net;

import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.timeout;
import static dev.rondo.testkit.net.Sockets.at;
import static dev.rondo.testkit.net.Sockets.datagrams;
import static dev.rondo.testkit.net.Sockets.receive;
import static dev.rondo.testkit.net.Sockets.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.AsyncTimeoutException;
import dev.rondo.reactor.Fd;
import dev.rondo.testkit.LoopTest;
import dev.rondo.testkit.Sim;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Datagrams are lost, come twice and overtake one another. */
class DatagramsTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final List<String> log = new ArrayList<>();

    /** Sends "0" to "4" from one host to another and logs what arrives. */
    private void sendFive(Network network) throws IOException {
        Host a = network.host("a");
        Host b = network.host("b");
        Fd from = a.run(() -> datagrams(at(a, 5000)));
        Fd to = b.run(() -> datagrams(at(b, 5000)));
        try {
            for (int i = 0; i < 5; i++) {
                send(from, Integer.toString(i), to.localAddress());
            }
            timeout(SECOND, () -> {
                while (true) {
                    log.add(receive(to));
                }
            });
        } catch (AsyncTimeoutException over) {
            // that was all
        } finally {
            from.close();
            to.close();
        }
    }

    @LoopTest(seeds = 0)
    void thePlainOnesArriveAsTheyWereSent(Network network) throws Exception {
        network.link(network.host("a"), network.host("b")).loss(0.5).duplication(0.5);
        sendFive(network);
        assertThat(log).containsExactly("0", "1", "2", "3", "4");
    }

    @LoopTest(seeds = 30)
    void theyOvertakeOneAnother(Sim sim, Network network) throws Exception {
        sendFive(network);
        assertThat(log).containsExactlyInAnyOrder("0", "1", "2", "3", "4");
        sim.sometimes("the last comes first", log.getFirst().equals("4"));
    }

    @LoopTest(seeds = 30)
    void someAreLostAndSomeComeTwice(Sim sim, Network network) throws Exception {
        network.link(network.host("a"), network.host("b")).loss(0.25).duplication(0.25);
        sendFive(network);
        sim.sometimes("one is lost", !log.containsAll(List.of("0", "1", "2", "3", "4")));
        sim.sometimes("one comes twice", log.stream().distinct().count() < log.size());
    }

    @LoopTest(seeds = 3)
    void inAPartitionTheyAreLost(Network network) throws Exception {
        network.oneWay(network.host("a"), network.host("b")).partition();
        sendFive(network);
        assertThat(log).isEmpty();
        network.oneWay(network.host("a"), network.host("b")).heal();
        sleep(SECOND);
        assertThat(log).isEmpty();
    }

    @LoopTest(seeds = 3)
    void oneThatIsTooLongIsNotSent(Network network) throws Exception {
        Fd fd = datagrams(at("127.0.0.1", 0));
        assertThatThrownBy(() -> send(fd, "x".repeat(65_508), fd.localAddress()))
                .hasMessage("Message too long: 65508 bytes");
        fd.close();
    }
}
