package dev.rondo.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.testkit.LoopTest;
import java.net.InetAddress;
import java.util.List;

/** A simulated run asks no real name server. */
class SimulatedNamesTest {

    @LoopTest(seeds = 3)
    void theSystemIsNotAsked() throws Exception {
        assertThatThrownBy(() -> Net.connectTcp("host.test", 80))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no real I/O in a simulated run: the addresses of host.test was asked for");
        assertThatThrownBy(() -> Net.getNameInfo(InetAddress.ofLiteral("192.0.2.1")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("the name of /192.0.2.1 was asked for");
        assertThatThrownBy(() -> Net.connectTcp("192.0.2.1", 80))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("a socket was asked for");
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
