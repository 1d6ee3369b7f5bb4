package dev.rondo.reactor;

import static dev.rondo.reactor.DriverHarness.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.reactor.DriverHarness.Pair;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class LateDriverTest extends DriverContractTest {

    @Override
    IoDriver newDriver(Consumer<Runnable> post) {
        return new LateDriver(new NioDriver(post));
    }

    @Test
    void aCancelledReadMayStillEndWithTheBytes() throws Exception {
        Pair pair = harness.connect();
        ByteBuffer buffer = ByteBuffer.allocate(3);
        Op.Read read = harness.submit(new Op.Read(pair.server()).into(buffer));
        harness.driver.cancel(read);
        assertThat(read.state()).isEqualTo(Op.State.CANCELLING);
        harness.submit(new Op.Write(pair.client()).from(DriverHarness.bytes("yes")));
        harness.finish(read);
        assertThat(read.cancelled()).isFalse();
        assertThat(text(buffer)).isEqualTo("yes");
    }
}
