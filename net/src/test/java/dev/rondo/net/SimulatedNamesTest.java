package dev.rondo.net;

import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.timeout;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.AsyncTimeoutException;
import dev.rondo.testkit.LoopTest;
import dev.rondo.testkit.Sim;
import dev.rondo.testkit.net.Network;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;

/** A simulated run asks no real name server. */
class SimulatedNamesTest {

    @LoopTest(seeds = 3)
    void theSystemIsNotAsked() throws Exception {
        assertThatThrownBy(() -> Net.connectTcp("www.example.com", 80))
                .isInstanceOf(UnknownHostException.class)
                .hasMessageContaining("no host or name of the simulated network");
        assertThat(Net.getNameInfo(InetAddress.ofLiteral("192.0.2.1"))).isEqualTo("192.0.2.1");
        assertThatThrownBy(() -> Net.connectTcp("192.0.2.1", 80))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("No route to host");
    }

    @LoopTest(seeds = 3)
    void theNamesOfTheNetworkAreFound(Network network) throws Exception {
        network.host("db", "192.0.2.5", "2001:db8::5");
        network.name("www.test", "192.0.2.1", "192.0.2.2").name("gone.test");
        assertThat(Net.getAddrInfo("db", 5432))
                .extracting(found -> found.getAddress().getHostAddress())
                .containsExactly("192.0.2.5", "2001:db8:0:0:0:0:0:5");
        assertThat(Net.getAddrInfo("www.test", 80)).hasSize(2);
        assertThat(Net.getNameInfo(InetAddress.ofLiteral("2001:db8::5"))).isEqualTo("db");
        assertThatThrownBy(() -> Net.getAddrInfo("gone.test", 80)).isInstanceOf(UnknownHostException.class);
    }

    @LoopTest
    void aNameServerMayTakeItsTime(Sim sim, Network network) throws Exception {
        network.name("www.test", "192.0.2.1").lookups(Duration.ofSeconds(2), Duration.ofSeconds(4));
        Duration begin = sim.elapsed();
        assertThat(Net.getAddrInfo("www.test", 80)).hasSize(1);
        assertThat(sim.elapsed().minus(begin)).isBetween(Duration.ofSeconds(2), Duration.ofSeconds(4));
        assertThatThrownBy(() -> timeout(Duration.ofSeconds(1), () -> Net.connectTcp("gone.test", 80)))
                .isInstanceOf(AsyncTimeoutException.class);
        sleep(Duration.ofSeconds(4)); // the lookup is left to itself
    }

    @LoopTest(seeds = 3)
    void aResolverOfTheTestsOwnIs() throws Exception {
        InetAddress address = InetAddress.ofLiteral("192.0.2.7");
        Net.setResolver(host -> List.of(address));
        assertThat(Net.getAddrInfo("host.test", 80))
                .singleElement()
                .satisfies(found -> assertThat(found.getAddress()).isEqualTo(address));
    }
}
