package dev.rondo.net;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.currentTask;
import static dev.rondo.Asyncio.getRunningLoop;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.net.Drivers.until;
import static dev.rondo.net.Drivers.untilOpen;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.AsyncEvent;
import dev.rondo.CancelScope;
import dev.rondo.CancelledError;
import dev.rondo.ExceptionContext;
import dev.rondo.Task;
import dev.rondo.testkit.LoopTest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The orderly end of a server. */
class ServerShutdownTest {

    private static final Duration LONG = Duration.ofHours(1);

    /** Waits for a line that nobody sends. */
    private static void idle(StreamReader reader, StreamWriter writer) throws IOException {
        try (writer) {
            reader.readLine();
        }
    }

    private static Server start(ClientHandler handler) throws IOException {
        return Net.startServer(handler, "127.0.0.1", 0);
    }

    private static Connection connect(Server server) throws IOException {
        int before = server.clientCount();
        Connection client = Net.openConnection("127.0.0.1", server.port());
        until(() -> server.clientCount() > before);
        return client;
    }

    // ------------------------------------------------------------------------------------------------ in order

    @ParameterizedTest
    @EnumSource
    void whatIsBeingServedIsServedToTheEnd(Drivers driver) throws Exception {
        driver.run(() -> {
            AsyncEvent work = new AsyncEvent();
            Server server = start((_, writer) -> {
                try (writer) {
                    work.await();
                    writer.write("done", US_ASCII);
                }
            });
            try (Connection client = connect(server)) {
                Task<ShutdownReport, RuntimeException> ending = createTask(() -> server.shutdown(LONG));
                until(() -> server.stopping().isSet());
                assertThat(server.isServing()).isFalse();
                untilOpen(2); // both ends of the connection: the listener is gone
                assertThatThrownBy(() -> Net.connectTcp("127.0.0.1", server.port()))
                        .isInstanceOf(IOException.class);
                assertThat(ending.done()).isFalse();
                work.set();
                assertThat(client.reader().readAll()).asString().isEqualTo("done");
                ShutdownReport report = ending.await();
                assertThat(report.inOrder()).isTrue();
                assertThat(report).isEqualTo(new ShutdownReport(List.of(), List.of(), List.of()));
            }
            untilOpen(0);
        });
    }

    @ParameterizedTest
    @EnumSource
    void aHandlerThatHasClosedItsConnectionIsWaitedFor(Drivers driver) throws Exception {
        driver.run(() -> {
            AsyncEvent logged = new AsyncEvent();
            Server server = start((_, writer) -> {
                writer.close();
                logged.await();
            });
            try (Connection client = Net.openConnection("127.0.0.1", server.port())) {
                assertThat(client.reader().readAll()).isEmpty();
            }
            until(() -> server.clientCount() == 0);
            Task<ShutdownReport, RuntimeException> ending = createTask(() -> server.shutdown(LONG));
            for (int i = 0; i < 20; i++) {
                yieldNow();
            }
            server.waitClosed(); // of which handlers are no part
            assertThat(ending.done()).isFalse();
            logged.set();
            assertThat(ending.await().inOrder()).isTrue();
        });
    }

    @ParameterizedTest
    @EnumSource
    void aHandlerThatLooksAtStoppingEndsEarly(Drivers driver) throws Exception {
        driver.run(() -> {
            Server[] its = new Server[1];
            Server server = its[0] = start((_, writer) -> {
                try (writer) {
                    its[0].stopping().await();
                }
            });
            try (Connection client = connect(server)) {
                assertThat(server.shutdown(LONG).inOrder()).isTrue();
                assertThat(client.reader().readAll()).isEmpty();
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void aServerWithNothingToDoEndsAtOnce(Drivers driver) throws Exception {
        driver.run(() -> {
            Server server = start(ServerShutdownTest::idle);
            assertThat(server.shutdown(LONG).inOrder()).isTrue();
            assertThat(server.shutdown(LONG).inOrder()).isTrue();
            Server closed = start(ServerShutdownTest::idle);
            closed.close();
            assertThat(closed.shutdown(LONG).inOrder()).isTrue();
            assertThatThrownBy(() -> closed.shutdown(Duration.ofNanos(-1)))
                    .isInstanceOf(IllegalArgumentException.class);
        });
    }

    // ------------------------------------------------------------------------------------------------ the deadline

    @LoopTest
    void whatIsLeftWhenTheGraceIsOverIsClosedAndReported() throws Exception {
        List<ExceptionContext> reported = new ArrayList<>();
        getRunningLoop().setExceptionHandler((_, context) -> reported.add(context));
        List<String> ended = new ArrayList<>();
        Server server = start((reader, writer) -> {
            try {
                idle(reader, writer);
            } catch (CancelledError e) {
                ended.add(currentTask().name());
                throw e;
            }
        });
        try (Connection client = connect(server)) {
            Duration begin = getRunningLoop().time();
            ShutdownReport report = server.shutdown(Duration.ofSeconds(10));
            assertThat(getRunningLoop().time().minus(begin)).isEqualTo(Duration.ofSeconds(10));
            assertThat(report.inOrder()).isFalse();
            assertThat(report.cutOff())
                    .containsExactly("connection from " + client.stream().localAddress());
            assertThat(report.cancelled()).isEqualTo(ended).hasSize(1);
            assertThat(report.stillRunning()).isEmpty();
            assertThat(server.clientCount()).isZero();
            assertThat(client.reader().readAll()).isEmpty();
        }
        assertThat(reported).isEmpty();
    }

    @LoopTest
    void aHandlerThatDoesNotListenToACancelIsNamed() throws Exception {
        List<String> names = new ArrayList<>();
        Server server = start((_, writer) -> {
            names.add(currentTask().name());
            try (writer) {
                sleep(LONG);
            } catch (CancelledError e) {
                sleep(Duration.ofSeconds(30));
            }
        });
        try (Connection _ = connect(server)) {
            until(() -> !names.isEmpty());
            Duration begin = getRunningLoop().time();
            ShutdownReport report = server.shutdown(Duration.ofSeconds(5));
            assertThat(getRunningLoop().time().minus(begin)).isEqualTo(Duration.ofSeconds(6));
            assertThat(report.cancelled()).isEqualTo(names);
            assertThat(report.stillRunning()).isEqualTo(names);
            assertThat(server.clientCount()).isZero();
            sleep(Duration.ofMinutes(1)); // until it has ended
        }
    }

    @ParameterizedTest
    @EnumSource
    void withoutGraceAllIsClosedAtOnce(Drivers driver) throws Exception {
        driver.run(() -> {
            Server server = start(ServerShutdownTest::idle);
            try (Connection one = connect(server);
                    Connection two = connect(server)) {
                until(() -> server.clientCount() == 2);
                ShutdownReport report = server.shutdown(Duration.ZERO);
                assertThat(report.cutOff()).hasSize(2);
                assertThat(report.stillRunning()).isEmpty();
                server.waitClosed();
                assertThat(one.reader().readAll()).isEmpty();
                assertThat(two.reader().readAll()).isEmpty();
            }
            untilOpen(0);
        });
    }

    @ParameterizedTest
    @EnumSource
    void aConnectionThatItsHandlerHasLeftOpenIsClosedToo(Drivers driver) throws Exception {
        driver.run(() -> {
            List<StreamWriter> kept = new ArrayList<>();
            Server server = start((_, writer) -> kept.add(writer));
            try (Connection client = Net.openConnection("127.0.0.1", server.port())) {
                until(() -> kept.size() == 1);
                ShutdownReport report = server.shutdown(Duration.ZERO);
                assertThat(report.cutOff()).hasSize(1);
                assertThat(report.cancelled()).isEmpty();
                assertThat(report.inOrder()).isFalse();
                assertThat(client.reader().readAll()).isEmpty();
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void protocolsAreToldBeforeItReturns(Drivers driver) throws Exception {
        driver.run(() -> {
            Told told = new Told();
            Server server = Net.createServer(() -> told, "127.0.0.1", 0);
            try (Connection client = Net.openConnection("127.0.0.1", server.port())) {
                until(() -> told.log.contains("made"));
                ShutdownReport report = server.shutdown(Duration.ZERO);
                assertThat(told.log).containsExactly("made", "lost");
                assertThat(told.failure).isNull();
                assertThat(report.cutOff()).hasSize(1);
                assertThat(client.reader().readAll()).isEmpty();
            }
            untilOpen(0);
        });
    }

    // ------------------------------------------------------------------------------------------------ who asks

    @ParameterizedTest
    @EnumSource
    void aSecondCallJoinsTheFirst(Drivers driver) throws Exception {
        driver.run(() -> {
            AsyncEvent work = new AsyncEvent();
            Server server = start((_, writer) -> {
                try (writer) {
                    work.await();
                }
            });
            try (Connection _ = connect(server)) {
                Task<ShutdownReport, RuntimeException> first = createTask(() -> server.shutdown(LONG));
                yieldNow();
                Task<ShutdownReport, RuntimeException> second = createTask(() -> server.shutdown(Duration.ZERO));
                for (int i = 0; i < 20; i++) {
                    yieldNow();
                }
                assertThat(second.done()).isFalse();
                work.set();
                assertThat(second.await()).isSameAs(first.await());
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void aCancelIsTheEndOfTheGrace(Drivers driver) throws Exception {
        driver.run(() -> {
            Server server = start(ServerShutdownTest::idle);
            try (Connection client = connect(server)) {
                Task<ShutdownReport, RuntimeException> ending = createTask(() -> server.shutdown(LONG));
                yieldNow();
                Task<ShutdownReport, RuntimeException> other = createTask(() -> server.shutdown(LONG));
                yieldNow();
                ending.cancel();
                until(ending::done);
                assertThat(ending.cancelled()).isTrue();
                assertThat(server.clientCount()).isZero();
                assertThat(other.await().cutOff()).hasSize(1);
                assertThat(client.reader().readAll()).isEmpty();
            }
            untilOpen(0);
        });
    }

    @ParameterizedTest
    @EnumSource
    void whoIsCancelledAlreadyLeavesNothingOpenEither(Drivers driver) throws Exception {
        driver.run(() -> {
            Server server = start(ServerShutdownTest::idle);
            try (Connection client = connect(server)) {
                Task<?, RuntimeException> ending = createTask(() -> {
                    currentTask().cancel();
                    server.shutdown(LONG);
                });
                until(ending::done);
                assertThat(ending.cancelled()).isTrue();
                assertThat(server.clientCount()).isZero();
                assertThat(client.reader().readAll()).isEmpty();
            }
            untilOpen(0);

            Server scoped = start(ServerShutdownTest::idle);
            try (Connection client = connect(scoped)) {
                CancelScope.moveOnAfter(Duration.ZERO, () -> {
                    scoped.shutdown(LONG);
                });
                assertThat(scoped.clientCount()).isZero();
                assertThat(client.reader().readAll()).isEmpty();
            }
            untilOpen(0);
        });
    }
}
