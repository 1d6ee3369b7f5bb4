package dev.rondo.net;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.firstSuccess;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.Asyncio;
import dev.rondo.CancelledError;
import dev.rondo.Coroutine;
import dev.rondo.Task;
import dev.rondo.TaskCancelledException;
import dev.rondo.TaskFactory;
import dev.rondo.reactor.Fd;
import dev.rondo.spec.Spec;
import dev.rondo.testkit.Explorer;
import dev.rondo.testkit.ScheduleFailure;
import dev.rondo.testkit.Sim;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Attempts in thousands of schedules: in each no more than one socket is left, and that in its owner's hands. */
class AttemptsTest {

    private static final List<InetSocketAddress> THREE = Addresses.withPort(
            List.of(
                    InetAddress.ofLiteral("192.0.2.1"),
                    InetAddress.ofLiteral("2001:db8::1"),
                    InetAddress.ofLiteral("192.0.2.2")),
            80);

    /** A way to connect to several addresses; null if none has answered. */
    private interface Connector {
        @Nullable Fd connect(Attempts.Dialer dialer, List<InetSocketAddress> addresses);
    }

    private static @Nullable Fd ours(Attempts.Dialer dialer, List<InetSocketAddress> addresses) {
        return new Attempts(dialer, Duration.ofMillis(250)).connect(addresses);
    }

    /** The short way, which is wrong: the value of a task that has lost, or was cancelled late, is nobody's. */
    private static @Nullable Fd race(Attempts.Dialer dialer, List<InetSocketAddress> addresses) {
        List<Coroutine<Fd, IOException>> all = new ArrayList<>();
        for (int i = 0; i < addresses.size(); i++) {
            int place = i;
            all.add(() -> {
                sleep(Duration.ofMillis(250 * place));
                return dialer.dial(addresses.get(place));
            });
        }
        try {
            return firstSuccess(all);
        } catch (dev.rondo.TaskGroupException e) {
            return null;
        }
    }

    /** Sockets that are nothing but open or closed, and addresses that choose how they behave. */
    private static final class Sockets {
        final Sim sim;
        int open;
        int dials;

        Sockets(Sim sim) {
            this.sim = sim;
        }

        Fd dial(InetSocketAddress address) throws IOException {
            Fd fd = socket();
            boolean connected = false;
            dials++;
            int outcome = sim.choose(3, "outcome of " + address);
            try {
                sleep(Duration.ofMillis(250L * sim.choose(3, "time of " + address)));
                if (outcome == 1) {
                    throw new ConnectException("refused");
                }
                if (outcome == 2) {
                    sleep(Duration.ofDays(1));
                }
                connected = true;
                return fd;
            } finally {
                if (!connected) {
                    fd.close();
                }
            }
        }

        private Fd socket() {
            open++;
            boolean[] closed = {false};
            return (Fd) Proxy.newProxyInstance(Fd.class.getClassLoader(), new Class<?>[] {Fd.class}, (_, method, _) -> {
                if (method.getName().equals("close") && !closed[0]) {
                    closed[0] = true;
                    open--;
                }
                return null;
            });
        }
    }

    /** Connects, and cancels that or not: what is open at the end must be what the caller was given. */
    private static void connectAndCancel(Sim sim, Connector connector) throws Exception {
        Sockets sockets = new Sockets(sim);
        List<Fd> winners = new ArrayList<>();
        Task<?, RuntimeException> task = createTask(() -> {
            Fd fd = connector.connect(sockets::dial, THREE);
            if (fd != null) {
                winners.add(fd);
            }
        });
        int cancelAfter = sim.choose(6, "time of the cancel");
        if (cancelAfter > 0) {
            sleep(Duration.ofMillis(250L * (cancelAfter - 1)));
            int turns = sim.choose(6, "turns before the cancel");
            for (int i = 0; i < turns; i++) {
                yieldNow();
            }
            task.cancel();
        }
        try {
            task.await();
        } catch (CancelledError | TaskCancelledException e) {
            sim.sometimes("cancelled", true);
        }
        sim.sometimes("connected", winners.size() == 1);
        sim.sometimes("refused by all", winners.isEmpty() && !task.cancelled());
        sim.sometimes("three attempts", sockets.dials == 3);
        assertThat(sockets.open).as("open sockets").isEqualTo(winners.size()).isLessThan(2);
    }

    @Spec("N-4")
    @Spec("N-5")
    @Test
    void inNoScheduleIsASocketLeftOpen() {
        assertThat(Explorer.random(5_000).check(sim -> connectAndCancel(sim, AttemptsTest::ours)))
                .isEqualTo(5_000);
        Explorer.pct(3, 2_000).check(sim -> connectAndCancel(sim, AttemptsTest::ours));
    }

    /** That the search would see one. */
    @Test
    void aSocketThatIsTheResultOfATaskIsLostInSomeSchedule() {
        assertThatThrownBy(() -> Explorer.random(5_000).check(sim -> connectAndCancel(sim, AttemptsTest::race)))
                .isInstanceOf(ScheduleFailure.class)
                .hasMessageContaining("open sockets");
    }

    /** An eager attempt may be over before anybody waits for it: then there is no next. */
    @Spec("N-4")
    @Test
    void underTheEagerFactoryAnAnswerAtOnceIsTheEnd() {
        Explorer.shuffle(20).check(sim -> {
            Asyncio.getRunningLoop().setTaskFactory(TaskFactory.EAGER);
            Sockets sockets = new Sockets(sim);
            Attempts attempts = new Attempts(_ -> sockets.socket(), Duration.ofMillis(250));
            assertThat(attempts.connect(THREE)).isNotNull();
            assertThat(sockets.open).isEqualTo(1);
        });
    }

    /** A dialer whose last step cannot be cancelled brings a second socket: that is closed. */
    @Spec("N-5")
    @Test
    void aSocketThatComesInSpiteOfTheCancelIsClosed() {
        Explorer.shuffle(20).check(sim -> {
            Sockets sockets = new Sockets(sim);
            Attempts attempts = new Attempts(
                    address -> {
                        Fd fd = sockets.socket();
                        try {
                            sleep(Duration.ofMillis(address.equals(THREE.get(0)) ? 10_000 : 10));
                        } catch (CancelledError e) {
                            sim.sometimes("cancelled", true);
                        }
                        return fd;
                    },
                    Duration.ofMillis(250));
            assertThat(attempts.connect(THREE)).isNotNull();
            assertThat(sockets.open).isEqualTo(1);
        });
    }
}
