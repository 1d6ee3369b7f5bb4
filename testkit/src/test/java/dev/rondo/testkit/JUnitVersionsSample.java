package dev.rondo.testkit;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.yieldNow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rondo.testkit.TicketParameter.Ticket;
import dev.rondo.time.Clock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** A little of everything, for {@link JUnitVersionsTest}: much of it fails. */
@TestMethodOrder(MethodOrderer.MethodName.class)
class JUnitVersionsSample {

    @TempDir
    Path directory;

    final List<String> log = new ArrayList<>();

    @BeforeEach
    void prepare() {
        log.add("prepared");
    }

    @LoopTest(seeds = 3)
    void passes(Sim sim, Clock clock, Ticket ticket, @TempDir Path other) {
        sleep(Duration.ofHours(1));
        assertTrue(Files.isDirectory(directory));
        assertTrue(Files.isDirectory(other));
        assertEquals(List.of("prepared"), log);
    }

    @LoopTest(seeds = 3, explore = Explore.RANDOM)
    void fails() {
        gather(
                () -> {
                    yieldNow();
                    log.add("a");
                },
                () -> {
                    yieldNow();
                    log.add("b");
                });
        assertEquals(List.of("prepared", "a", "b"), log);
    }

    @LoopTest(seeds = 10, explore = Explore.PCT)
    void failsByPriorities() {
        fails();
    }

    @LoopTest(seeds = 0)
    void leaves() {
        createTask(() -> sleep(Duration.ofHours(1)));
    }

    @LoopTest(seeds = 1)
    void neverReached(Sim sim) {
        sim.sometimes("full", false);
    }

    @LoopTest(seeds = 0)
    void assumes() {
        assumeTrue(false);
    }

    @RealIo
    @LoopTest
    void isReal(Clock clock) {
        assertEquals(false, clock.virtual());
    }

    @RealIo
    @LoopTest
    void asksForTheSimulation(Sim sim) {}

    @Nested
    class Inner {
        @LoopTest(seeds = 1)
        void failsAlways() {
            assertEquals(List.of(), log);
        }
    }
}
