package dev.rondo.net;

import static dev.rondo.Asyncio.getRunningLoop;
import static dev.rondo.net.Drivers.until;
import static dev.rondo.net.Drivers.untilOpen;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.Asyncio;
import dev.rondo.ContextVar;
import dev.rondo.Coroutine;
import dev.rondo.EventLoop;
import dev.rondo.ExceptionContext;
import dev.rondo.Runner;
import dev.rondo.Task;
import dev.rondo.TaskFactory;
import dev.rondo.TaskOptions;
import dev.rondo.chance.Choices;
import dev.rondo.spec.Spec;
import dev.rondo.testkit.net.Network;
import dev.rondo.time.VirtualClock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How a server accepts, and what it does when that, or what follows, goes wrong. */
class AcceptTest {

    private static final ClientHandler BYE = (_, writer) -> writer.close();

    /** A test that makes the system unwell. */
    private interface Bending {
        void run(BentDriver bent) throws Exception;
    }

    private static void inVirtualTime(Bending test) throws Exception {
        BentDriver[] bent = new BentDriver[1];
        Supplier<EventLoop> loop = () -> {
            VirtualClock clock = new VirtualClock();
            Network network = new Network(clock, Choices.plain());
            bent[0] = new BentDriver(network.driver());
            return EventLoop.builder()
                    .clock(clock)
                    .driver(_ -> bent[0].asDriver())
                    .simulatedWorkers()
                    .build();
        };
        try (Runner runner = new Runner(loop)) {
            runner.run(() -> test.run(bent[0]));
        }
    }

    private static List<ExceptionContext> reports() {
        List<ExceptionContext> reported = new ArrayList<>();
        getRunningLoop().setExceptionHandler((_, context) -> reported.add(context));
        return reported;
    }

    // ------------------------------------------------------------------------------------------------ many at once

    @Spec("N-8")
    @OnRealSockets
    void asManyAsTheBacklogAreAcceptedAndThenTheOthersHaveTheirTurn(Drivers driver) throws Exception {
        driver.run(() -> {
            InetSocketAddress address = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);
            ServerSocketChannel channel = ServerSocketChannel.open().bind(address, 50);
            AtomicInteger made = new AtomicInteger();
            ListenOptions five = ListenOptions.DEFAULT.withBacklog(5).withStartServing(false);
            Supplier<Told> factory = () -> {
                made.incrementAndGet();
                return new Told();
            };
            try (Server server = Net.createServer(factory, channel, five)) {
                List<ByteStream> clients = new ArrayList<>();
                for (int i = 0; i < 22; i++) {
                    clients.add(Net.connectTcp("127.0.0.1", server.port()));
                }
                List<Integer> inOneTurn = new ArrayList<>();
                server.startServing();
                for (int before = 0; before < 22; ) {
                    Asyncio.yieldNow();
                    if (made.get() > before) {
                        inOneTurn.add(made.get() - before);
                        before = made.get();
                    }
                }
                assertThat(inOneTurn).allMatch(count -> count <= 5);
                if (driver == Drivers.NIO) {
                    assertThat(inOneTurn).containsExactly(5, 5, 5, 5, 2);
                }
                server.abortClients();
                clients.forEach(ByteStream::close);
            }
            untilOpen(0);
        });
    }

    @Spec("N-8")
    @ParameterizedTest
    @EnumSource
    void whoClosesTheServerWhileItAcceptsIsLeftWithNoConnection(Drivers driver) throws Exception {
        driver.run(() -> {
            for (int turns = 0; turns < 12; turns++) {
                Server server = Net.createServer(Told::new, "127.0.0.1", 0);
                try (ByteStream _ = Net.connectTcp("127.0.0.1", server.port())) {
                    for (int i = 0; i < turns; i++) {
                        Asyncio.yieldNow();
                    }
                    server.close();
                    server.abortClients();
                    server.waitClosed();
                    assertThat(server.clientCount()).isZero();
                }
                untilOpen(0);
            }
        });
    }

    // ------------------------------------------------------------------------------------------------ out of resources

    @Spec("N-8")
    @Test
    void outOfDescriptorsIsReportedAndTriedAgainAfterASecond() throws Exception {
        inVirtualTime(bent -> {
            List<ExceptionContext> reported = reports();
            try (Server server = Net.startServer(BYE, "127.0.0.1", 0)) {
                bent.acceptsThatFail = 2;
                Duration begin = getRunningLoop().time();
                try (Connection client = Net.openConnection("127.0.0.1", server.port())) {
                    assertThat(client.reader().readAll()).isEmpty();
                }
                Duration took = getRunningLoop().time().minus(begin);
                assertThat(took).isBetween(Duration.ofSeconds(2), Duration.ofMillis(2100));
            }
            assertThat(reported)
                    .extracting(ExceptionContext::message)
                    .containsExactly(
                            "socket.accept() out of system resource", "socket.accept() out of system resource");
            assertThat(reported.getFirst().exception()).hasMessage("Too many open files");
            assertThat(reported.getFirst().details().get("socket")).isInstanceOf(TransportSocket.class);
        });
    }

    @Spec("N-8")
    @Test
    void onlyTheListenerThatHasFailedPauses() throws Exception {
        inVirtualTime(bent -> {
            reports();
            try (Server ill = Net.startServer(BYE, "127.0.0.1", 0)) {
                bent.acceptsThatFail = 1;
                ByteStream waiting = Net.connectTcp("127.0.0.1", ill.port());
                until(() -> bent.acceptsThatFail == 0);
                Duration begin = getRunningLoop().time();
                try (Server well = Net.startServer(BYE, "127.0.0.1", 0);
                        Connection client = Net.openConnection("127.0.0.1", well.port())) {
                    assertThat(client.reader().readAll()).isEmpty();
                }
                assertThat(getRunningLoop().time().minus(begin)).isLessThan(Duration.ofMillis(500));
                waiting.close();
            }
        });
    }

    @Spec("N-8")
    @Test
    void aServerThatIsClosedWhileItPausesStaysClosed() throws Exception {
        inVirtualTime(bent -> {
            List<ExceptionContext> reported = reports();
            Server server = Net.startServer(BYE, "127.0.0.1", 0);
            bent.acceptsThatFail = 5;
            ByteStream waiting = Net.connectTcp("127.0.0.1", server.port());
            until(() -> bent.acceptsThatFail == 4);
            server.close();
            server.waitClosed();
            Asyncio.sleep(Duration.ofSeconds(5));
            assertThat(bent.acceptsThatFail).isEqualTo(4);
            assertThat(reported).hasSize(1);
            waiting.close();
        });
    }

    // ------------------------------------------------------------------------------------------------ what follows

    @Spec("N-9")
    @ParameterizedTest
    @EnumSource
    void aFactoryThatFailsCostsItsConnectionAndIsReportedInDebugModeAlone(Drivers driver) throws Exception {
        driver.run(() -> {
            List<ExceptionContext> reported = reports();
            AtomicInteger made = new AtomicInteger();
            Supplier<StreamProtocol> factory = () -> switch (made.incrementAndGet()) {
                case 1, 2 -> throw new IllegalStateException("no protocol today");
                case 3 -> throw new AssertionError("not even an exception");
                case 4 -> null;
                default -> new Told();
            };
            try (Server server = Net.createServer(factory, "127.0.0.1", 0)) {
                assertTurnedAway(server);
                assertThat(reported).isEmpty();
                getRunningLoop().setDebug(true);
                assertTurnedAway(server);
                assertTurnedAway(server);
                assertTurnedAway(server);
                getRunningLoop().setDebug(false);
                assertThat(reported)
                        .hasSize(3)
                        .extracting(ExceptionContext::message)
                        .containsOnly("Error on transport creation for incoming connection");
                assertThat(reported.getFirst().exception()).hasMessage("no protocol today");
                assertThat(server.clientCount()).isZero();

                try (ByteStream _ = Net.connectTcp("127.0.0.1", server.port())) { // others are served
                    until(() -> server.clientCount() == 1);
                    server.abortClients();
                    until(() -> server.clientCount() == 0);
                }
            }
            untilOpen(0);
        });
    }

    private static void assertTurnedAway(Server server) throws IOException {
        try (Connection client = Net.openConnection("127.0.0.1", server.port())) {
            assertThat(client.reader().readAll()).isEmpty();
        }
    }

    /** Fails for the tasks of handlers. */
    private static final class FailingFactory implements TaskFactory {
        private boolean fails = true;

        @Override
        public <T extends @Nullable Object, X extends Exception> Task<T, X> createTask(
                EventLoop loop, Coroutine<T, X> coroutine, TaskOptions options) {
            if (fails) {
                fails = false;
                throw new IllegalStateException("no task today");
            }
            return Task.start(loop, coroutine, options);
        }
    }

    @Spec("N-9")
    @ParameterizedTest
    @EnumSource
    void aTaskFactoryThatFailsCostsItsConnectionAlone(Drivers driver) throws Exception {
        driver.run(() -> {
            List<ExceptionContext> reported = reports();
            ListenOptions later = ListenOptions.DEFAULT.withStartServing(false);
            try (Server server = Net.startServer(BYE, List.of("127.0.0.1"), 0, later);
                    ByteStream first = Net.connectTcp("127.0.0.1", server.port())) {
                getRunningLoop().setTaskFactory(new FailingFactory());
                server.startServing();
                until(() -> !reported.isEmpty());
                assertThat(reported.getFirst().exception()).hasMessage("no task today");
                assertThat(server.clientCount()).isZero();
                assertThat(first.read(ByteBuffer.allocate(1))).isEqualTo(-1);
                assertTurnedAway(server); // by the handler, this time
                assertThat(reported).hasSize(1);
            }
            untilOpen(0);
        });
    }

    @Spec("ST-2")
    @ParameterizedTest
    @EnumSource
    void anEagerHandlerThatEndsAtOnceLeavesNobodyBehind(Drivers driver) throws Exception {
        driver.run(() -> {
            getRunningLoop().setTaskFactory(TaskFactory.EAGER);
            try (Server server = Net.startServer(BYE, "127.0.0.1", 0)) {
                assertTurnedAway(server);
                assertThat(server.clientCount()).isZero();
                server.close();
                server.waitClosed();
            }
            untilOpen(0);
        });
    }

    @Spec("N-7")
    @ParameterizedTest
    @EnumSource
    void handlersAndFactoriesRunInTheContextOfWhoeverMadeTheServer(Drivers driver) throws Exception {
        ContextVar<String> who = ContextVar.withDefault("who", "nobody");
        driver.run(() -> {
            List<String> seen = new ArrayList<>();
            who.set("maker");
            ListenOptions later = ListenOptions.DEFAULT.withStartServing(false);
            List<String> host = List.of("127.0.0.1");
            Server streams = Net.startServer(
                    (_, writer) -> {
                        seen.add("handler " + who.get());
                        writer.close();
                    },
                    host,
                    0,
                    later);
            Server protocols = Net.createServer(
                    () -> {
                        seen.add("factory " + who.get());
                        Told told = new Told();
                        return told.on("made", () -> {
                            seen.add("made " + who.get());
                            told.transport().close();
                        });
                    },
                    host,
                    0,
                    later);
            who.set("starter");
            try (streams;
                    protocols) {
                streams.startServing();
                protocols.startServing();
                assertTurnedAway(streams);
                assertTurnedAway(protocols);
            }
            assertThat(seen).containsExactly("handler maker", "factory maker", "made maker");
        });
    }
}
