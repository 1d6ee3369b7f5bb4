package dev.rondo.testkit.net;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.getRunningLoop;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.timeout;
import static dev.rondo.testkit.net.Sockets.accept;
import static dev.rondo.testkit.net.Sockets.at;
import static dev.rondo.testkit.net.Sockets.connect;
import static dev.rondo.testkit.net.Sockets.listen;
import static dev.rondo.testkit.net.Sockets.read;
import static dev.rondo.testkit.net.Sockets.readAll;
import static dev.rondo.testkit.net.Sockets.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.AsyncTimeoutException;
import dev.rondo.Task;
import dev.rondo.reactor.Fd;
import dev.rondo.reactor.Op;
import dev.rondo.testkit.LoopTest;
import dev.rondo.testkit.Sim;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.AsynchronousCloseException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What streams meet with in the simulated network, and when. */
class NetworkTest {

    private static final Duration LATENCY = Duration.ofMillis(10);

    private final List<String> log = new ArrayList<>();

    private static Duration seconds(long seconds) {
        return Duration.ofSeconds(seconds);
    }

    private static Duration minutes(long minutes) {
        return Duration.ofMinutes(minutes);
    }

    private void log(Sim sim, String what) {
        log.add(sim.elapsed().toMillis() + " " + what);
    }

    /** Two hosts, 10 ms apart, and a connection from the one to the other. */
    private record Pair(Host a, Host b, Link link, Fd client, Fd server) implements AutoCloseable {

        static Pair of(Network network) throws IOException {
            Host a = network.host("a");
            Host b = network.host("b");
            Link link = network.link(a, b).latency(LATENCY);
            try (var listener = new Listening(b.run(() -> listen(at(b, 80))))) {
                Task<Fd, IOException> server = createTask(() -> accept(listener.fd()));
                Fd client = a.run(() -> connect(at(b, 80)));
                return new Pair(a, b, link, client, server.await());
            }
        }

        @Override
        public void close() {
            client.close();
            server.close();
        }
    }

    private record Listening(Fd fd) implements AutoCloseable {
        @Override
        public void close() {
            fd.close();
        }
    }

    // ------------------------------------------------------------------------------------------------ time, order

    @LoopTest(seeds = 3)
    void aConnectTakesThereAndBackAndBytesOneWay(Sim sim, Network network) throws Exception {
        network.tell(what -> log(sim, what));
        try (Pair pair = Pair.of(network)) {
            network.oneWay(pair.a, pair.b).mss(100, 100);
            write(pair.client, "hello");
            log(sim, read(pair.server));
        }
        assertThat(log)
                .containsExactly(
                        "0 b listens at b:80",
                        "0 a:40001→b:80 connects, 10 ms",
                        "10 b:80→a:40001 accepts, 10 ms",
                        "20 a:40001→b:80 is connected",
                        "20 a:40001→b:80 5 bytes, 10 ms",
                        "30 hello",
                        "30 a:40001→b:80 end, 10 ms",
                        "30 b:80→a:40001 end, 10 ms");
    }

    @LoopTest(seeds = 50)
    void bytesArriveInOrderInPiecesAndLateButAll(Sim sim, Network network) throws Exception {
        String sent = "0123456789".repeat(50);
        try (Pair pair = Pair.of(network)) {
            pair.link.latency(Duration.ZERO, Duration.ofMillis(50)).mss(1, 40).loss(0.1);
            Task<?, IOException> writer = createTask(() -> {
                for (int i = 0; i < 10; i++) {
                    write(pair.client, sent.substring(50 * i, 50 * i + 50));
                    sleep(Duration.ofMillis(7));
                }
                pair.client.shutdownOutput();
            });
            Duration begin = sim.elapsed();
            String first = read(pair.server);
            assertThat(first + readAll(pair.server)).isEqualTo(sent);
            sim.sometimes("the first piece is one byte", first.length() == 1);
            sim.sometimes("nothing is delayed", sim.elapsed().minus(begin).toMillis() < 71);
            sim.sometimes("something was sent again", sim.elapsed().minus(begin).toMillis() > 200);
            writer.await();
        }
    }

    @LoopTest(seeds = 3)
    void aThinLineTakesItsTime(Sim sim, Network network) throws Exception {
        try (Pair pair = Pair.of(network)) {
            pair.link.bandwidth(1000).latency(Duration.ZERO);
            Duration begin = sim.elapsed();
            write(pair.client, "x".repeat(3000));
            pair.client.shutdownOutput();
            readAll(pair.server);
            assertThat(sim.elapsed().minus(begin)).isEqualTo(seconds(3));
        }
    }

    @LoopTest(seeds = 3)
    void aSlowReaderMakesItsWriterWait(Sim sim, Network network) throws Exception {
        network.host("b").receiveWindow(1000);
        try (Pair pair = Pair.of(network)) {
            pair.client.setOption(StandardSocketOptions.SO_SNDBUF, 1 << 16); // of connections to come
            Task<?, IOException> writer = createTask(() -> {
                write(pair.client, "x".repeat((1 << 16) + 2500));
                log(sim, "all is written");
                pair.client.shutdownOutput();
            });
            sleep(minutes(20));
            assertThat(log).isEmpty();
            assertThat(readAll(pair.server)).hasSize((1 << 16) + 2500);
            assertThat(log).hasSize(1);
            writer.await();
        }
    }

    // ------------------------------------------------------------------------------------------------ connecting

    @LoopTest(seeds = 3)
    void aConnectFailsAsItDoesInReality(Sim sim, Network network) throws Exception {
        Host a = network.host("a");
        network.host("b");
        network.blackhole("192.0.2.66");
        assertThatThrownBy(() -> a.run(() -> connect(at(network.host("b"), 80))))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("Connection refused");
        assertThatThrownBy(() -> connect(at("192.0.2.1", 80))).isInstanceOf(NoRouteToHostException.class);
        assertThat(sim.elapsed()).isLessThan(seconds(1));

        Host old = network.host("old", "192.0.2.7");
        assertThatThrownBy(() -> old.run(() -> connect(at("fd00::2", 80))))
                .isInstanceOf(SocketException.class)
                .hasMessage("Network is unreachable");

        Duration begin = sim.elapsed();
        assertThatThrownBy(() -> connect(at("192.0.2.66", 80)))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("Connection timed out");
        assertThat(sim.elapsed().minus(begin)).isEqualTo(seconds(127));
    }

    @LoopTest(seeds = 3)
    void aPortThatIsRefusedLooksLikeOneNobodyListensAt(Network network) throws Exception {
        try (Pair pair = Pair.of(network);
                var listener = new Listening(pair.b.run(() -> listen(at(pair.b, 80))))) {
            pair.b.refuse(80);
            assertThatThrownBy(() -> connect(at(pair.b, 80))).hasMessageContaining("refused");
            write(pair.client, "goes on");
            assertThat(read(pair.server)).startsWith("g");
            pair.b.allow(80);
            connect(at(pair.b, 80)).close();
            accept(listener.fd()).close();
        }
    }

    @LoopTest(seeds = 3)
    void whoFindsTheBacklogFullKnocksAgain(Sim sim, Network network) throws Exception {
        Host a = network.host("a");
        Host b = network.host("b");
        network.link(a, b).latency(LATENCY);
        Fd listener = b.run(() -> listen(at(b, 80), 1));
        List<Fd> clients = new ArrayList<>();
        clients.add(a.run(() -> connect(at(b, 80))));
        clients.add(a.run(() -> connect(at(b, 80)))); // one more, as Linux counts
        assertThat(sim.elapsed().toMillis()).isEqualTo(40);
        Task<Fd, IOException> third = createTask(() -> a.run(() -> connect(at(b, 80))));
        sleep(Duration.ofMillis(500));
        accept(listener).close();
        clients.add(third.await());
        assertThat(sim.elapsed().toMillis()).isEqualTo(1060);
        clients.forEach(Fd::close);
        listener.close();
    }

    @LoopTest(seeds = 5)
    void aLostConnectIsSentAgain(Sim sim, Network network) throws Exception {
        Host b = network.host("b");
        Fd listener = b.run(() -> listen(at(b, 80)));
        network.link(network.host("a"), b).loss(1);
        Task<Fd, IOException> connect = createTask(() -> network.host("a").run(() -> connect(at(b, 80))));
        sleep(Duration.ofMillis(2500));
        network.link(network.host("a"), b).loss(0).latency(LATENCY);
        connect.await().close(); // knocked at 0, 1, 3 s
        assertThat(sim.elapsed()).isEqualTo(Duration.ofMillis(3020));
        accept(listener).close();
        listener.close();
    }

    @LoopTest(seeds = 20)
    void whoGivesUpWhileItConnectsIsSeenByTheListenerToHaveGone(Sim sim, Network network) throws Exception {
        Host a = network.host("a");
        Host b = network.host("b");
        network.link(a, b).latency(LATENCY).loss(0.2);
        Fd listener = b.run(() -> listen(at(b, 80)));
        Task<Fd, IOException> connect = createTask(() -> a.run(() -> connect(at(b, 80))));
        sleep(Duration.ofMillis(1 + sim.choose(2, "how far it came") * 12));
        connect.cancel();
        sleep(seconds(1));
        try {
            Fd server = timeout(minutes(5), () -> accept(listener));
            assertThat(read(server)).isEqualTo("end");
            server.close();
        } catch (AsyncTimeoutException lost) {
            sim.sometimes("the only knock was lost", true);
        }
        listener.close();
    }

    @LoopTest(seeds = 3)
    void oneThatIsClosedWhileItConnectsSaysGoodBye(Network network) throws Exception {
        Host a = network.host("a");
        Host b = network.host("b");
        network.link(a, b).latency(LATENCY);
        Fd listener = b.run(() -> listen(at(b, 80)));
        Fd fd = a.run(() -> getRunningLoop().driver().streamSocket(StandardProtocolFamily.INET));
        Task<?, IOException> connect = createTask(() -> getRunningLoop().perform(new Op.Connect(fd, at(b, 80))));
        sleep(Duration.ofMillis(5));
        fd.close();
        assertThatThrownBy(connect::await).isInstanceOf(AsynchronousCloseException.class);
        Fd server = accept(listener);
        assertThat(read(server)).isEqualTo("end");
        server.close();
        listener.close();
    }

    @LoopTest(seeds = 3)
    void anAnswerThatComesAfterTheClientGaveUpIsAnsweredByAReset(Network network) throws Exception {
        Host a = network.host("a");
        Host b = network.host("b");
        network.link(a, b).latency(LATENCY);
        network.oneWay(b, a).partition();
        Fd listener = b.run(() -> listen(at(b, 80)));
        assertThatThrownBy(() -> a.run(() -> connect(at(b, 80)))).hasMessageContaining("timed out");
        Fd server = accept(listener);
        network.oneWay(b, a).heal();
        assertThatThrownBy(() -> read(server)).hasMessage("Connection reset");
        server.close();
        listener.close();
    }

    @LoopTest(seeds = 3)
    void portsAndAddressesBelongToHosts(Network network) throws Exception {
        Host a = network.host("a");
        Host b = network.host("b");
        InetSocketAddress atB = at(b, 80);
        Fd first = b.run(() -> listen(atB));
        assertThatThrownBy(() -> b.run(() -> listen(atB)))
                .isInstanceOf(BindException.class)
                .hasMessage("Address already in use");
        assertThatThrownBy(() -> b.run(() -> listen(at("0.0.0.0", 80)))).isInstanceOf(BindException.class);
        assertThatThrownBy(() -> a.run(() -> listen(atB)))
                .isInstanceOf(BindException.class)
                .hasMessage("Cannot assign requested address");
        Fd own = a.run(() -> listen(at("127.0.0.1", 80))); // another localhost
        assertThatThrownBy(() -> b.run(() -> connect(at("127.0.0.1", 80)))).hasMessageContaining("refused");
        Task<Fd, IOException> client = a.run(() -> createTask(() -> connect(at("127.0.0.1", 80))));
        client.await().close();
        accept(own).close();
        first.close();
        own.close();
        b.run(() -> listen(atB)).close();
    }

    // ------------------------------------------------------------------------------------------------ the end

    @LoopTest(seeds = 5)
    void oneDirectionMayEndBeforeTheOther(Network network) throws Exception {
        try (Pair pair = Pair.of(network)) {
            write(pair.client, "question");
            pair.client.shutdownOutput();
            assertThat(readAll(pair.server)).isEqualTo("question");
            write(pair.server, "answer");
            pair.server.close();
            assertThat(readAll(pair.client)).isEqualTo("answer");
        }
    }

    @LoopTest(seeds = 5)
    void aCloseWithBytesUnreadResets(Network network) throws Exception {
        try (Pair pair = Pair.of(network)) {
            write(pair.client, "unread");
            sleep(seconds(1));
            pair.server.close();
            assertThatThrownBy(() -> read(pair.client)).hasMessage("Connection reset");
            assertThatThrownBy(() -> write(pair.client, "x")).hasMessage("Connection reset by peer");
            assertThatThrownBy(() -> write(pair.client, "x")).hasMessage("Broken pipe");
        }
    }

    @LoopTest(seeds = 5)
    void bytesForOneThatHasClosedAreAnsweredByAReset(Network network) throws Exception {
        try (Pair pair = Pair.of(network)) {
            pair.server.close();
            assertThat(read(pair.client)).isEqualTo("end");
            write(pair.client, "too late");
            sleep(seconds(1));
            assertThatThrownBy(() -> write(pair.client, "x")).hasMessage("Broken pipe");
            assertThat(read(pair.client)).isEqualTo("end");
        }
    }

    @LoopTest(seeds = 5)
    void aResetIsSeenAtBothEndsAndTheNextConnectionWorks(Network network) throws Exception {
        try (Pair pair = Pair.of(network)) {
            Task<String, IOException> reader = createTask(() -> read(pair.server));
            sleep(seconds(1));
            pair.link.reset();
            assertThatThrownBy(reader::await)
                    .isInstanceOf(SocketException.class)
                    .hasMessage("Connection reset");
            assertThatThrownBy(() -> read(pair.client)).hasMessage("Connection reset");
        }
        Pair.of(network).close();
    }

    // ------------------------------------------------------------------------------------------------ partitions

    @LoopTest(seeds = 5)
    void whatIsSentIntoAPartitionArrivesWhenItIsHealed(Sim sim, Network network) throws Exception {
        try (Pair pair = Pair.of(network)) {
            pair.link.partition();
            write(pair.client, "late");
            Task<String, IOException> reader = createTask(() -> read(pair.server));
            assertThatThrownBy(() -> timeout(minutes(10), () -> read(pair.client)))
                    .isInstanceOf(AsyncTimeoutException.class);
            assertThat(reader.done()).isFalse();
            pair.link.heal();
            Duration healed = sim.elapsed();
            assertThat(reader.await()).startsWith("l");
            assertThat(sim.elapsed().minus(healed)).isEqualTo(LATENCY);
        }
    }

    @LoopTest(seeds = 5)
    void aPartitionThatLastsBreaksTheConnectionOfWhoHasSentAndTheOtherHearsLater(Sim sim, Network network)
            throws Exception {
        try (Pair pair = Pair.of(network)) {
            pair.link.partition();
            write(pair.client, "lost");
            assertThatThrownBy(() -> read(pair.client)).hasMessage("Connection timed out");
            assertThat(sim.elapsed()).isBetween(minutes(15), minutes(15).plusMillis(100));
            pair.link.heal();
            write(pair.server, "anybody there?");
            sleep(seconds(1));
            assertThatThrownBy(() -> write(pair.server, "x")).hasMessage("Connection reset by peer");
        }
    }

    @LoopTest(seeds = 5)
    void inAPartitionOfOneWayTheOtherGoesOn(Network network) throws Exception {
        network.giveUpAfter(minutes(1));
        try (Pair pair = Pair.of(network)) {
            network.oneWay(pair.b, pair.a).partition();
            write(pair.client, "heard");
            assertThat(read(pair.server)).startsWith("h");
            write(pair.server, "not heard");
            assertThatThrownBy(() -> timeout(seconds(30), () -> read(pair.client)))
                    .isInstanceOf(AsyncTimeoutException.class);
            assertThatThrownBy(() -> read(pair.client)).hasMessage("Connection timed out"); // nothing is acknowledged
        }
    }

    // ------------------------------------------------------------------------------------------------ crashes

    @LoopTest(seeds = 5)
    void aHostThatCrashesIsSilentAndResetsWhenItIsBack(Sim sim, Network network) throws Exception {
        try (Pair pair = Pair.of(network)) {
            Task<String, IOException> reader = createTask(() -> read(pair.server));
            sleep(seconds(1));
            pair.b.crash();
            assertThatThrownBy(reader::await).hasMessageContaining("host b has crashed");
            assertThatThrownBy(() -> pair.b.run(() -> listen(at(pair.b, 80))))
                    .hasMessageContaining("host b has crashed");
            write(pair.client, "hello?");
            assertThatThrownBy(() -> timeout(minutes(5), () -> read(pair.client)))
                    .isInstanceOf(AsyncTimeoutException.class);
            pair.b.restart();
            assertThatThrownBy(() -> read(pair.client)).hasMessage("Connection reset");
        }
        Pair.of(network).close();
    }
}
