package dev.rondo.testkit.net;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.timeout;
import static dev.rondo.testkit.net.Sockets.accept;
import static dev.rondo.testkit.net.Sockets.at;
import static dev.rondo.testkit.net.Sockets.connect;
import static dev.rondo.testkit.net.Sockets.listen;
import static dev.rondo.testkit.net.Sockets.read;
import static dev.rondo.testkit.net.Sockets.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.AsyncTimeoutException;
import dev.rondo.Task;
import dev.rondo.reactor.Fd;
import dev.rondo.testkit.Explorer;
import dev.rondo.testkit.ScheduleFailure;
import dev.rondo.testkit.Sim;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A bug that only a partition brings out is found, and shrunk to the partition. */
class PlantedBugTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    /** A leader says once a second that it is there; a deputy that does not hear it for three takes over. */
    private static void lead(Sim sim, boolean stepsDown) throws IOException {
        List<String> leaders = new ArrayList<>(List.of("a"));
        sim.always("there is one leader at most", () -> leaders.size() <= 1);
        Host a = sim.network().host("a");
        Host b = sim.network().host("b");
        Fd listener = b.run(() -> listen(at(b, 80)));
        Task<?, IOException> deputy = createTask(() -> b.run(() -> deputise(listener, leaders)));
        Fd fd = a.run(() -> connect(at(b, 80)));
        Link link = sim.network().link(a, b);
        sim.network()
                .after(SECOND.multipliedBy(sim.choose(5, "when it is cut")), link::partition)
                .after(SECOND.multipliedBy(sim.choose(8, "when it is healed")), link::heal);
        for (int i = 0; i < 10; i++) {
            write(fd, ".");
            if (stepsDown) {
                try {
                    timeout(SECOND.multipliedBy(2), () -> read(fd));
                } catch (AsyncTimeoutException silence) {
                    leaders.remove("a");
                    break;
                }
            }
            sleep(SECOND);
        }
        fd.close();
        link.heal();
        deputy.await();
        listener.close();
    }

    private static void deputise(Fd listener, List<String> leaders) throws IOException {
        Fd fd = accept(listener);
        try {
            while (!timeout(SECOND.multipliedBy(4), () -> read(fd)).equals("end")) {
                write(fd, "!");
            }
        } catch (AsyncTimeoutException silence) {
            leaders.add("b");
        } catch (IOException reset) {
            // the leader has gone
        } finally {
            fd.close();
        }
    }

    @Test
    void twoLeadersAreFoundAndThePartitionIsAllThatIsLeft() {
        assertThatThrownBy(() -> Explorer.random(500).check(sim -> lead(sim, false)))
                .isInstanceOf(ScheduleFailure.class)
                .hasMessageContaining("always \"there is one leader at most\"")
                .hasMessageContaining("network: a→b is cut")
                .hasMessageFindingMatch("shrunk to: .*\\n +[12] choices? that (is|are) not the plain one");
    }

    @Test
    void aLeaderThatStepsDownInTimeIsTheOnlyOne() {
        assertThat(Explorer.random(500).check(sim -> lead(sim, true))).isEqualTo(500);
    }
}
