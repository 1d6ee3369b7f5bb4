package dev.rondo.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.channels.AsynchronousCloseException;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A part of what {@link IoDriver} promises, put to each driver directly: no loop and no coroutine. */
@ParameterizedClass(name = "{0}")
@EnumSource
abstract class DriverTestCase {

    enum Kind {
        NIO(NioDriver::new),
        LATE(post -> FaultyDriver.late(new NioDriver(post))),
        FAULTY_1(post -> faulty(post, 1)),
        FAULTY_2(post -> faulty(post, 2)),
        FAULTY_3(post -> faulty(post, 3));

        final Function<Consumer<Runnable>, IoDriver> maker;

        Kind(Function<Consumer<Runnable>, IoDriver> maker) {
            this.maker = maker;
        }

        private static IoDriver faulty(Consumer<Runnable> post, long seed) {
            return FaultyDriver.seeded(new NioDriver(post), seed, "no descriptor"); // the tests are not about that one
        }
    }

    @Parameter
    Kind kind;

    @TempDir
    Path directory;

    DriverHarness harness;

    @BeforeEach
    void open() {
        harness = new DriverHarness(kind.maker);
    }

    /** The operation ended because of a close, unless its result was quicker; that of a selector never is. */
    void assertClosedOrQuicker(Op op) {
        harness.finish(op);
        if (kind == Kind.NIO || op.failure() != null) {
            assertThat(op.failure()).isInstanceOf(AsynchronousCloseException.class);
        }
    }

    @AfterEach
    void everyOperationEndedOnceAndNothingIsLeft() {
        harness.settle();
        assertThat(harness.woken).doesNotHaveDuplicates();
        harness.close();
    }
}
