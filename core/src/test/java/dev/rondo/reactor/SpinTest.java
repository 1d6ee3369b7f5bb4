package dev.rondo.reactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.reactor.DriverHarness.Pair;
import dev.rondo.reactor.Spin.Mode;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SpinTest {

    private static final long LONG = 10_000_000;

    private long now;

    private Spin spin(Mode mode, int processors) {
        return new Spin(mode, processors, () -> now);
    }

    /** Waits once; returns how long it may have spun. */
    private long waitOnce(Spin spin, long length) {
        long begin = now;
        long spun = 0;
        if (spin.begin(-1)) {
            while (now - begin < length && spin.goesOn()) {
                now += 100;
            }
            spun = now - begin;
        }
        now = begin + Math.max(length, spun);
        spin.end();
        return spun;
    }

    private long waits(Spin spin, int count, long length) {
        long spun = 0;
        for (int i = 0; i < count; i++) {
            spun += waitOnce(spin, length);
        }
        return spun;
    }

    @Test
    void offNeverSpins() {
        assertThat(waits(spin(Mode.OFF, 8), 100, 1_000)).isZero();
    }

    @Test
    void onSpinsForAnyWaitAndNotForLong() {
        Spin spin = spin(Mode.ON, 1);
        assertThat(waitOnce(spin, LONG)).isEqualTo(Spin.MOST_NANOS);
        assertThat(waits(spin, 100, LONG)).isEqualTo(100 * Spin.MOST_NANOS);
        assertThat(waitOnce(spin, 20_000)).isEqualTo(20_000);
    }

    @Test
    void autoSpinsOnceWaitsAreShort() {
        Spin spin = spin(Mode.AUTO, 2);
        assertThat(waitOnce(spin, 20_000)).isZero(); // nothing is known yet
        waits(spin, 10, 20_000);
        assertThat(waitOnce(spin, 20_000)).isEqualTo(20_000);
    }

    @Test
    void autoDoesNotSpinWithOneProcessor() {
        assertThat(waits(spin(Mode.AUTO, 1), 100, 20_000)).isZero();
    }

    @Test
    void autoDoesNotSpinWhenIdle() {
        Spin spin = spin(Mode.AUTO, 2);
        assertThat(waits(spin, 1000, LONG)).isZero();
        waits(spin, 20, 1_000);
        assertThat(waits(spin, 1000, LONG)).isLessThan(20 * Spin.MOST_NANOS); // it notices soon
    }

    @Test
    void autoSpinsNoLongerThanRecentWaitsSuggest() {
        Spin spin = spin(Mode.AUTO, 2);
        waits(spin, 100, 1_000);
        assertThat(waitOnce(spin, LONG)).isLessThan(Spin.MOST_NANOS / 4);
    }

    @Test
    void autoGivesUpWaitsThatAreJustTooLongAndTriesAgainAtTimes() {
        Spin spin = spin(Mode.AUTO, 2);
        waits(spin, 100, 10_000);
        long spun = waits(spin, 10_000, 80_000); // short on average, and never short enough
        assertThat(spun).isBetween(Spin.MOST_NANOS, 40 * Spin.MOST_NANOS);
        waits(spin, 2 * Spin.LONGEST_PAUSE, 10_000);
        assertThat(waitOnce(spin, 10_000)).isEqualTo(10_000);
    }

    @Test
    void aTimeoutBoundsTheSpin() {
        Spin spin = spin(Mode.ON, 2);
        assertThat(spin.begin(1_000)).isTrue();
        assertThat(spin.goesOn()).isTrue();
        now += 1_000;
        assertThat(spin.goesOn()).isFalse();
        assertThat(spin.left(1_000)).isZero();
        assertThat(spin.left(3_000)).isEqualTo(2_000);
        assertThat(spin.left(-1)).isEqualTo(-1);
        assertThat(spin.begin(0)).isFalse();
    }

    @Test
    void aPropertyThatMakesNoSenseIsRefused() {
        assertThat(Spin.parse("AUTO")).isEqualTo(Mode.AUTO);
        assertThatThrownBy(() -> Spin.parse("yes"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("yes");
    }

    // ---- in the driver, with a clock that stands: it spins until something comes, and never blocks

    @Test
    void whatComesWhileTheDriverSpinsIsDelivered() throws Exception {
        try (DriverHarness harness = new DriverHarness(post -> new NioDriver(post, spin(Mode.ON, 2)))) {
            Pair pair = harness.connect();
            Op.Read read = harness.submit(new Op.Read(pair.server()).into(ByteBuffer.allocate(1)));
            harness.write(pair.client(), "x");
            harness.finish(read);
            assertThat(read.count).isEqualTo(1);
        }
    }

    @Test
    void aWakeupEndsTheSpin() throws Exception {
        for (boolean withSelector : new boolean[] {false, true}) {
            CountDownLatch spinning = new CountDownLatch(1);
            AtomicInteger readings = new AtomicInteger();
            NioDriver driver = new NioDriver(_ -> {}, new Spin(Mode.ON, 2, () -> {
                if (readings.incrementAndGet() > 10) {
                    spinning.countDown();
                }
                return 0;
            }));
            if (withSelector) {
                driver.streamSocket(java.net.StandardProtocolFamily.INET);
            }
            Thread other = Thread.ofPlatform().start(() -> {
                try {
                    spinning.await();
                } catch (InterruptedException e) {
                    return;
                }
                driver.wakeup();
            });
            driver.poll(-1);
            other.join();
            driver.close();
        }
    }
}
