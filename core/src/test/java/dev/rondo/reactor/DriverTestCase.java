package dev.rondo.reactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.channels.AsynchronousCloseException;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** A part of what {@link IoDriver} promises, put to each driver directly: no loop and no coroutine. */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.rondo.reactor.DriverTestCase#kinds")
abstract class DriverTestCase {

    /** A driver that the tests are put to. */
    interface Kind {
        IoDriver newDriver(Consumer<Runnable> post);

        /** Returns whether this has files, streams that block and Unix sockets too, and not TCP and UDP alone. */
        default boolean hasAll() {
            return true;
        }
    }

    /** Another module names drivers of its own as a service, and runs the tests on those alone. */
    public interface Kinds {
        List<? extends Kind> all();
    }

    enum Own implements Kind {
        NIO(NioDriver::new),
        LATE(post -> FaultyDriver.late(new NioDriver(post))),
        FAULTY_1(post -> faulty(post, 1)),
        FAULTY_2(post -> faulty(post, 2)),
        FAULTY_3(post -> faulty(post, 3));

        private final Function<Consumer<Runnable>, IoDriver> maker;

        Own(Function<Consumer<Runnable>, IoDriver> maker) {
            this.maker = maker;
        }

        private static IoDriver faulty(Consumer<Runnable> post, long seed) {
            return FaultyDriver.seeded(new NioDriver(post), seed, "no descriptor"); // the tests are not about that one
        }

        @Override
        public IoDriver newDriver(Consumer<Runnable> post) {
            return maker.apply(post);
        }
    }

    static List<? extends Kind> kinds() {
        return ServiceLoader.load(Kinds.class)
                .findFirst()
                .<List<? extends Kind>>map(Kinds::all)
                .orElse(List.of(Own.values()));
    }

    @Parameter
    Kind kind;

    @TempDir
    Path directory;

    DriverHarness harness;

    @BeforeEach
    void open() {
        harness = new DriverHarness(kind::newDriver);
    }

    /** For a test of something that is neither TCP nor UDP. */
    void needsAll() {
        assumeTrue(kind.hasAll(), () -> kind + " has TCP and UDP alone");
    }

    /** The operation ended because of a close, unless its result was quicker; that of a selector never is. */
    void assertClosedOrQuicker(Op op) {
        harness.finish(op);
        if (kind == Own.NIO || op.failure() != null) {
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
