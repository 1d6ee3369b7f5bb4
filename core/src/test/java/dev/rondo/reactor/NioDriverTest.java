package dev.rondo.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.reactor.DriverHarness.Pair;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class NioDriverTest extends DriverContractTest {

    @Override
    IoDriver newDriver(Consumer<Runnable> post) {
        return new NioDriver(post);
    }

    @Test
    void whatCanBeDoneAtOnceIsOverWhenSubmitReturns() throws Exception {
        Pair pair = harness.connect();
        harness.settle();
        harness.woken.clear();
        harness.write(pair.client(), "x");
        Op.Read read = new Op.Read(pair.server()).into(ByteBuffer.allocate(1));
        harness.submit(new Op.Read(pair.server()).into(ByteBuffer.allocate(1)));
        harness.settle();
        assertThat(read.isDone()).isFalse();
        harness.write(pair.client(), "y");
        assertThat(harness.submit(read).isDone() || harness.finish(read).isDone())
                .isTrue();
        assertThat(harness.driver.inFlight()).isZero();
    }

    @Test
    void aCancelIsDoneAtOnceAndToldLater() throws Exception {
        Pair pair = harness.connect();
        harness.settle();
        harness.woken.clear();
        Op.Read read = harness.submit(new Op.Read(pair.server()).into(ByteBuffer.allocate(1)));
        harness.driver.cancel(read);
        assertThat(read.cancelled()).isTrue();
        assertThat(harness.woken).isEmpty();
        assertThat(harness.driver.inFlight()).isEqualTo(1);
        harness.turn(-1);
        assertThat(harness.woken).containsExactly(read);
    }
}
