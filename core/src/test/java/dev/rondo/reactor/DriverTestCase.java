package dev.rondo.reactor;

import static org.assertj.core.api.Assertions.assertThat;

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
        LATE(post -> new LateDriver(new NioDriver(post)));

        final Function<Consumer<Runnable>, IoDriver> maker;

        Kind(Function<Consumer<Runnable>, IoDriver> maker) {
            this.maker = maker;
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

    @AfterEach
    void everyOperationEndedOnceAndNothingIsLeft() {
        harness.settle();
        assertThat(harness.woken).doesNotHaveDuplicates();
        harness.close();
    }
}
