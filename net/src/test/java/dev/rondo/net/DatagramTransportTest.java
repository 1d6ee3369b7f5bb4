package dev.rondo.net;

import static dev.rondo.Asyncio.getRunningLoop;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.net.Drivers.until;
import static dev.rondo.net.Drivers.untilOpen;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.Asyncio;
import dev.rondo.ContextVar;
import dev.rondo.EventLoop;
import dev.rondo.ExceptionContext;
import dev.rondo.Runner;
import dev.rondo.chance.Choices;
import dev.rondo.reactor.FaultyDriver;
import dev.rondo.reactor.NioDriver;
import dev.rondo.spec.Spec;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Datagrams for protocols. */
@Timeout(60)
class DatagramTransportTest {

    private static final DatagramOptions HERE = DatagramOptions.DEFAULT.withLocal("127.0.0.1", 0);

    private static ToldOfDatagrams open(DatagramOptions options) throws IOException {
        return open(options, new ToldOfDatagrams());
    }

    private static ToldOfDatagrams open(DatagramOptions options, ToldOfDatagrams protocol) throws IOException {
        assertThat(Net.createDatagramEndpoint(() -> protocol, options).transport())
                .isSameAs(protocol.transport());
        return protocol;
    }

    private static DatagramOptions to(ToldOfDatagrams peer) {
        return DatagramOptions.DEFAULT.withRemote((InetSocketAddress) address(peer));
    }

    private static SocketAddress address(ToldOfDatagrams protocol) {
        return protocol.transport().localAddress();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(US_ASCII);
    }

    private static List<ExceptionContext> reports() {
        List<ExceptionContext> reports = new ArrayList<>();
        getRunningLoop().setExceptionHandler((_, context) -> reports.add(context));
        return reports;
    }

    // ------------------------------------------------------------------------------------------------ both ways

    @ParameterizedTest
    @EnumSource
    @Spec("P-18")
    void datagramsGoBothWaysAndSayWhoSentThem(Drivers driver) throws IOException {
        driver.run(() -> {
            ToldOfDatagrams server = new ToldOfDatagrams();
            server.on("data", () -> server.transport().sendTo(server.data.getLast(), server.source));
            open(HERE, server);
            ToldOfDatagrams client = open(to(server));
            assertThat(client.log).containsExactly("made");
            client.transport().sendTo(bytes("one"));
            client.transport().sendTo(bytes("two"), null);
            client.transport().sendTo(bytes("three"), address(server));
            until(() -> client.data.size() == 3);
            assertThat(client.log).containsExactly("made", "data one", "data two", "data three");
            assertThat(client.source).isEqualTo(address(server));
            assertThat(server.source).isEqualTo(address(client));
            client.transport().close();
            server.transport().close();
            assertThat(client.isLost()).isFalse();
            until(() -> client.isLost() && server.isLost());
            assertThat(client.failure).isNull();
            untilOpen(0);
        });
    }

    @ParameterizedTest
    @EnumSource
    @Spec("P-18")
    void aDatagramMayBeEmptyOrAsLargeAsTheyCanBe(Drivers driver) throws IOException {
        driver.run(() -> {
            ToldOfDatagrams server = open(HERE);
            ToldOfDatagrams client = open(HERE);
            byte[] large = Wire.noise(65_507);
            client.transport().sendTo(new byte[0], address(server));
            client.transport().sendTo(large, address(server));
            client.transport().sendTo(new byte[0], address(server));
            until(() -> server.data.size() == 3);
            assertThat(server.log).containsExactly("made", "data ", "data 65507", "data ");
            assertThat(Arrays.equals(server.data.get(1), large)).isTrue();
        });
    }

    @OnRealSockets
    void anEmptyDatagramThroughAConnectedEndpointIsAFailure(Drivers driver) throws IOException {
        driver.run(
                () -> { // the JDK would drop it without a word
                    ToldOfDatagrams server = open(HERE);
                    ToldOfDatagrams client = open(to(server));
                    client.transport().sendTo(new byte[0]);
                    until(() -> client.error != null);
                    assertThat(client.error).hasMessageContaining("empty datagram through a connected socket");
                });
    }

    @Test
    @Spec("P-18")
    void oneDatagramComesInATurn() throws IOException {
        Drivers.NIO.run(() -> {
            EventLoop loop = getRunningLoop();
            ToldOfDatagrams server = open(HERE);
            List<String> log = server.log;
            ToldOfDatagrams client = open(to(server));
            Runnable beat = new Runnable() {
                @Override
                public void run() {
                    log.add("turn");
                    if (server.data.size() < 5) {
                        loop.callSoon(this);
                    }
                }
            };
            loop.callSoon(beat);
            for (int i = 0; i < 5; i++) {
                client.transport().sendTo(bytes("x"));
            }
            until(() -> server.data.size() == 5);
            for (int i = 1; i < log.size(); i++) {
                assertThat(log.get(i - 1).equals("data x") && log.get(i).equals("data x"))
                        .as("two in one turn: %s", log)
                        .isFalse();
            }
        });
    }

    @Test
    @Spec("P-18")
    void whatTheSystemTakesIsSentAtOnce() throws IOException {
        Drivers.NIO.run(() -> {
            try (DatagramSocket peer = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
                ToldOfDatagrams client = open(HERE);
                client.transport().sendTo(bytes("now"), peer.getLocalSocketAddress());
                assertThat(client.transport().getWriteBufferSize()).isZero();
                java.net.DatagramPacket packet = new java.net.DatagramPacket(new byte[10], 10);
                peer.receive(packet); // on this very turn: it would block the loop for ever
                assertThat(packet.getLength()).isEqualTo(3);
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    @Spec("P-18")
    void theCallerMayChangeWhatItHasSentAndTheOrderStays(Drivers driver) throws IOException {
        driver.run(() -> {
            ToldOfDatagrams server = open(HERE);
            ToldOfDatagrams client = open(to(server));
            byte[] data = new byte[1];
            for (int i = 0; i < 200; i++) { // more than are sent in one turn
                data[0] = (byte) i;
                client.transport().sendTo(data);
                data[0] = -1;
            }
            until(() -> server.data.size() == 200);
            for (int i = 0; i < 200; i++) {
                assertThat(server.data.get(i)).containsExactly((byte) i);
            }
            assertThat(client.transport().getWriteBufferSize()).isZero();
        });
    }

    @Test
    void manyThatWaitAreSentInSeveralTurns() throws IOException {
        boolean[] late = {false};
        Choices choices = new Choices() {
            @Override
            public int choose(int n, String what) {
                return late[0] && what.equals("completion") ? n - 1 : 0;
            }
        };
        try (Runner runner = new Runner(() -> EventLoop.builder()
                .driver(post -> new FaultyDriver(new NioDriver(post), choices, 0))
                .build())) {
            runner.run(() -> {
                ToldOfDatagrams server = open(HERE);
                DatagramTransport transport = open(to(server)).transport();
                late[0] = true;
                transport.sendTo(new byte[1]);
                late[0] = false; // all that follows is taken at once, when its turn comes
                for (int i = 0; i < 200; i++) {
                    transport.sendTo(new byte[1]);
                }
                assertThat(transport.getWriteBufferSize()).isEqualTo(201 * 9);
                int turns = 0;
                for (int before = 201 * 9; before > 0; ) {
                    yieldNow();
                    int now = transport.getWriteBufferSize();
                    assertThat(before - now).isLessThanOrEqualTo(65 * 9);
                    turns += now < before ? 1 : 0;
                    before = now;
                }
                assertThat(turns).isEqualTo(4);
                until(() -> server.data.size() == 201);
            });
        }
    }

    // ------------------------------------------------------------------------------------------------ flow control

    @Test
    @Spec("P-18")
    @Spec("P-11")
    void eachDatagramThatWaitsCountsEightBytesMore() throws IOException {
        // which takes nothing at once
        Drivers.LATE.run(() -> {
            ToldOfDatagrams server = open(HERE);
            ToldOfDatagrams client = open(HERE);
            SocketAddress there = address(server);
            DatagramTransport transport = client.transport();
            client.log.clear();
            transport.setWriteBufferLimits(30, 10);
            assertThat(transport.getWriteBufferLimits()).isEqualTo(new Transport.WriteBufferLimits(10, 30));
            transport.sendTo(new byte[0], there);
            assertThat(transport.getWriteBufferSize()).isEqualTo(8);
            transport.sendTo(new byte[14], there);
            assertThat(transport.getWriteBufferSize()).isEqualTo(30);
            assertThat(client.log).isEmpty(); // at the mark is not above it
            transport.sendTo(new byte[0], there);
            assertThat(client.log).containsExactly("pause"); // from within the call
            transport.sendTo(new byte[20], there);
            assertThat(client.log).containsExactly("pause"); // once
            assertThat(transport.getWriteBufferSize()).isEqualTo(66);
            until(() -> client.log.contains("resume"));
            assertThat(transport.getWriteBufferSize()).isLessThanOrEqualTo(10);
            until(() -> server.data.size() == 4);
            until(() -> transport.getWriteBufferSize() == 0);
            assertThat(client.log).containsExactly("pause", "resume");
        });
    }

    @Test
    @Spec("P-11")
    @Spec("P-12")
    void theMarksAreThoseOfEveryTransport() throws IOException {
        Drivers.LATE.run(() -> {
            ToldOfDatagrams server = open(HERE);
            ToldOfDatagrams client = open(to(server));
            DatagramTransport transport = client.transport();
            assertThat(transport.getWriteBufferLimits())
                    .isEqualTo(new Transport.WriteBufferLimits(16 * 1024, 64 * 1024));
            assertThatThrownBy(() -> transport.setWriteBufferLimits(1, 2)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> transport.setWriteBufferLimits(1, -1))
                    .isInstanceOf(IllegalArgumentException.class);
            transport.sendTo(new byte[10]);
            client.log.clear();
            transport.setWriteBufferLimits(0); // takes effect at once
            assertThat(client.log).containsExactly("pause");
            client.on("resume", () -> transport.sendTo(new byte[1])); // pauses again, from within
            until(() -> client.log.size() >= 4);
            assertThat(client.log).startsWith("pause", "resume", "pause", "resume");
            transport.abort();
            until(client::isLost);
        });
    }

    // ------------------------------------------------------------------------------------------------ failures

    @ParameterizedTest
    @EnumSource
    @Spec("P-18")
    void aFailureToSendIsToldAndTheEndpointLivesOn(Drivers driver) throws IOException {
        driver.run(() -> {
            ToldOfDatagrams server = open(HERE);
            ToldOfDatagrams client = open(to(server));
            client.transport().setWriteBufferLimits(1_000_000);
            client.transport().sendTo(new byte[65_508]); // one too many
            client.transport().sendTo(new byte[300_000]);
            client.transport().sendTo(bytes("fits"));
            if (driver == Drivers.NIO) {
                assertThat(client.log).containsExactly("made", "error", "error"); // from within the calls
            }
            until(() -> server.data.size() == 1);
            until(() -> client.log.size() == 3);
            assertThat(client.log).containsExactly("made", "error", "error");
            assertThat(client.error).isNotNull();
            assertThat(server.log).containsExactly("made", "data fits");
            assertThat(client.transport().isClosing()).isFalse();
        });
    }

    @ParameterizedTest
    @EnumSource
    @Spec("P-18")
    void thatNobodyListensIsToldAndTheEndpointLivesOn(Drivers driver) throws IOException {
        driver.run(() -> {
            ToldOfDatagrams server = open(HERE);
            ToldOfDatagrams client = open(to(server));
            server.transport().abort();
            until(server::isLost);
            untilOpen(1);
            client.transport().sendTo(bytes("to nobody"));
            until(() -> client.error != null);
            assertThat(client.error).isInstanceOf(PortUnreachableException.class);
            assertThat(client.transport().isClosing()).isFalse();
            assertThat(client.isLost()).isFalse();
        });
    }

    @ParameterizedTest
    @EnumSource
    @Spec("P-18")
    void aProtocolMayAnswerAFailureBySendingAgain(Drivers driver) throws IOException {
        driver.run(() -> {
            List<ExceptionContext> reports = reports();
            ToldOfDatagrams server = open(HERE);
            ToldOfDatagrams client = open(to(server));
            client.transport().setWriteBufferLimits(0);
            int[] left = {3};
            client.on("error", () -> {
                client.transport().setWriteBufferLimits(left[0]);
                client.transport().sendTo(left[0]-- > 0 ? new byte[70_000] : bytes("at last"));
            });
            client.transport().sendTo(new byte[70_000]);
            until(() -> server.data.size() == 1);
            assertThat(client.log.stream().filter("error"::equals)).hasSize(4);
            assertThat(server.log).containsExactly("made", "data at last");
            assertThat(reports).isEmpty();
        });
    }

    @Test
    void whatIsSentInAnswerToAFailureWaitsForItsTurn() throws IOException {
        Drivers.LATE.run(() -> {
            ToldOfDatagrams server = open(HERE);
            ToldOfDatagrams client = open(to(server));
            client.on("error", () -> client.transport().sendTo(bytes("answer")));
            client.transport().sendTo(new byte[70_000]);
            client.transport().sendTo(bytes("second"));
            client.transport().sendTo(bytes("third"));
            until(() -> server.data.size() == 3);
            assertThat(server.log).containsExactly("made", "data second", "data third", "data answer");
        });
    }

    @ParameterizedTest
    @EnumSource
    @Spec("P-18")
    void aFailureOfTheProtocolIsReportedAndTheEndpointLivesOn(Drivers driver) throws IOException {
        driver.run(() -> {
            List<ExceptionContext> reports = reports();
            ToldOfDatagrams server = new ToldOfDatagrams();
            for (String event : new String[] {"made", "data", "error", "lost"}) {
                server.on(event, () -> {
                    throw new IllegalStateException("fails on " + event);
                });
            }
            open(HERE, server);
            ToldOfDatagrams client = open(to(server));
            client.transport().sendTo(bytes("one"));
            client.transport().sendTo(bytes("two"));
            until(() -> server.data.size() == 2);
            server.transport().setWriteBufferLimits(1_000_000);
            server.transport().sendTo(new byte[70_000], address(client));
            until(() -> server.log.contains("error"));
            server.transport().sendTo(bytes("well"), address(client));
            until(() -> client.data.size() == 1);
            server.transport().close();
            until(server::isLost);
            until(() -> reports.size() == 5); // they are told in a turn of their own
            assertThat(reports)
                    .extracting(ExceptionContext::message)
                    .containsExactly(
                            "Exception in callback protocol.connection_made()",
                            "Exception in callback protocol.datagram_received()",
                            "Exception in callback protocol.datagram_received()",
                            "Exception in callback protocol.error_received()",
                            "Exception in callback protocol.connection_lost()");
            assertThat(reports.getFirst().details())
                    .containsEntry("transport", server.transport())
                    .containsEntry("protocol", server);
            untilOpen(1);
        });
    }

    @ParameterizedTest
    @EnumSource
    @Spec("P-18")
    void aChannelThatIsClosedByAnotherHandEndsTheEndpoint(Drivers driver) throws IOException {
        driver.run(() -> {
            DatagramChannel channel = DatagramChannel.open();
            ToldOfDatagrams protocol = new ToldOfDatagrams();
            DatagramTransport transport =
                    Net.createDatagramEndpoint(() -> protocol, channel).transport();
            channel.close();
            transport.sendTo(bytes("x"), transport.localAddress());
            until(protocol::isLost);
            assertThat(protocol.failure).isInstanceOf(ClosedChannelException.class);
            assertThat(protocol.log).containsExactly("made", "lost");
            untilOpen(0);
        });
    }

    @Test
    @Spec("P-18")
    void whoIsPausedWhenItIsAbortedIsNotAskedToGoOn() throws IOException {
        // which takes nothing at once
        Drivers.LATE.run(() -> {
            ToldOfDatagrams client = open(HERE);
            client.transport().setWriteBufferLimits(0);
            client.transport().sendTo(bytes("x"), address(client));
            assertThat(client.log).containsExactly("made", "pause");
            client.transport().abort();
            untilOpen(0);
            for (int turn = 0; turn < 20; turn++) {
                Asyncio.yieldNow();
            }
            assertThat(client.log).containsExactly("made", "pause", "lost");
        });
    }

    // ------------------------------------------------------------------------------------------------ targets

    @ParameterizedTest
    @EnumSource
    @Spec("P-18")
    void whatWasMadeForOneAddressSendsToNoOther(Drivers driver) throws IOException {
        driver.run(() -> {
            ToldOfDatagrams server = open(HERE);
            ToldOfDatagrams client = open(to(server));
            InetSocketAddress other = new InetSocketAddress(InetAddress.getLoopbackAddress(), 9);
            assertThatThrownBy(() -> client.transport().sendTo(bytes("x"), other))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("invalid address")
                    .hasMessageContaining(address(server).toString())
                    .hasMessageContaining(other.toString());
            assertThatThrownBy(() -> server.transport().sendTo(bytes("x"), null))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("needs a target");
            assertThatThrownBy(() ->
                            server.transport().sendTo(bytes("x"), InetSocketAddress.createUnresolved("localhost", 9)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("has not been looked up");
            assertThat(client.log).containsExactly("made");
        });
    }

    @ParameterizedTest
    @EnumSource
    @Spec("N-16")
    void whatMayBroadcastIsNotConnectedAndHearsEverybody(Drivers driver) throws IOException {
        driver.run(() -> {
            ToldOfDatagrams server = open(HERE);
            ToldOfDatagrams stranger = open(HERE);
            ToldOfDatagrams client = open(to(server).withBroadcast(true));
            DatagramTransport transport = client.transport();
            TransportSocket socket = (TransportSocket) Objects.requireNonNull(transport.getExtraInfo("socket"));
            assertThat(socket.getOption(StandardSocketOptions.SO_BROADCAST)).isTrue();
            assertThat(transport.remoteAddress()).isNull();
            transport.sendTo(bytes("by default"));
            until(() -> server.data.size() == 1);
            int port = ((InetSocketAddress) address(client)).getPort();
            stranger.transport().sendTo(bytes("answer"), new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            until(() -> client.data.size() == 1);
            assertThatThrownBy(() -> transport.sendTo(bytes("x"), address(stranger)))
                    .isInstanceOf(IllegalArgumentException.class); // asyncio refuses that too
        });
    }

    // ------------------------------------------------------------------------------------------------ the end

    @ParameterizedTest
    @EnumSource
    @Spec("P-18")
    void closeSendsWhatWaits(Drivers driver) throws IOException {
        driver.run(() -> {
            ToldOfDatagrams server = open(HERE);
            ToldOfDatagrams client = open(to(server));
            for (int i = 0; i < 5; i++) {
                client.transport().sendTo(bytes("" + i));
            }
            client.transport().close();
            client.transport().close();
            assertThat(client.transport().isClosing()).isTrue();
            assertThat(client.isLost()).isFalse();
            until(client::isLost);
            assertThat(client.failure).isNull();
            until(() -> server.data.size() == 5);
            client.transport().close();
            client.transport().abort();
            yieldNow();
            yieldNow();
            assertThat(client.log).containsExactly("made", "lost");
        });
    }

    @Test
    @Spec("P-18")
    void abortDropsWhatWaits() throws IOException {
        Drivers.LATE.run(() -> {
            ToldOfDatagrams server = open(HERE);
            ToldOfDatagrams client = open(to(server));
            for (int i = 0; i < 5; i++) {
                client.transport().sendTo(bytes("" + i));
            }
            client.transport().abort();
            assertThat(client.transport().getWriteBufferSize()).isZero();
            assertThat(client.isLost()).isFalse();
            yieldNow();
            assertThat(client.isLost()).isTrue(); // in the next turn
            assertThat(client.failure).isNull();
            untilOpen(1);
            assertThat(server.data).hasSizeLessThanOrEqualTo(1); // what the driver had in hand
        });
    }

    @ParameterizedTest
    @EnumSource
    @Spec("P-18")
    void nothingIsSentOrReceivedAfterTheEnd(Drivers driver) throws IOException {
        driver.run(() -> {
            ToldOfDatagrams server = open(HERE);
            ToldOfDatagrams client = open(HERE);
            SocketAddress clientAddress = address(client);
            client.on("data", () -> client.transport().close());
            server.transport().sendTo(bytes("first"), clientAddress);
            server.transport().sendTo(bytes("second"), clientAddress);
            until(client::isLost);
            assertThat(client.log).containsExactly("made", "data first", "lost");
            assertThat(client.transport().localAddress()).isEqualTo(clientAddress);
            try (LogOf log = new LogOf(SocketDatagramTransport.class)) {
                for (int i = 0; i < 4; i++) {
                    client.transport().sendTo(bytes("in vain"), address(server));
                }
                assertThat(log.lines()).isEmpty();
                client.transport().sendTo(bytes("in vain"), address(server));
                client.transport().sendTo(bytes("in vain"), address(server));
                assertThat(log.lines()).hasSize(2).allMatch(line -> line.startsWith("WARN "));
            }
            assertThat(client.log).containsExactly("made", "data first", "lost");
            assertThat(server.data).isEmpty();
        });
    }

    @Test
    @Spec("P-18")
    void whatTheDriverBringsAfterCloseIsDropped() throws IOException {
        Drivers.LATE.run(() -> {
            try (DatagramChannel peer = DatagramChannel.open()) {
                int received = 0;
                for (int turns = 0; received == 0; turns++) { // wherever the datagram is when it is closed
                    ToldOfDatagrams protocol = open(HERE);
                    peer.send(java.nio.ByteBuffer.wrap(bytes("x")), address(protocol));
                    for (int i = 0; i < turns; i++) {
                        yieldNow();
                    }
                    received = protocol.data.size();
                    protocol.transport().close();
                    until(protocol::isLost);
                    untilOpen(0);
                    assertThat(protocol.data).hasSize(received);
                }
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    @Spec("P-18")
    void whateverEndsIt_connectionLostComesOnceAndNothingStaysOpen(Drivers driver) throws IOException {
        driver.run(() -> {
            List<ExceptionContext> reports = reports();
            ToldOfDatagrams server = open(HERE);
            Random random = new Random(4);
            for (int round = 0; round < 20; round++) {
                ToldOfDatagrams client = open(to(server));
                server.on("data", () -> server.transport().sendTo(bytes("echo"), server.source));
                int sends = random.nextInt(10);
                for (int i = 0; i < sends; i++) {
                    client.transport().sendTo(random.nextInt(4) == 0 ? new byte[70_000] : bytes("" + i));
                }
                for (int i = random.nextInt(4); i > 0; i--) {
                    yieldNow();
                }
                switch (random.nextInt(3)) {
                    case 0 -> client.transport().abort();
                    case 1 -> client.transport().close();
                    default -> {
                        client.transport().close();
                        yieldNow();
                        client.transport().abort();
                    }
                }
                until(client::isLost);
                yieldNow();
                yieldNow();
                assertThat(client.log.stream().filter("lost"::equals)).hasSize(1);
                assertThat(client.log.getLast()).isEqualTo("lost");
                assertThat(client.failure).isNull();
            }
            untilOpen(1);
            assertThat(reports).isEmpty();
        });
    }

    @ParameterizedTest
    @EnumSource
    void whatIsOpenWhenTheLoopClosesIsClosed(Drivers driver) throws IOException {
        DatagramChannel channel = DatagramChannel.open();
        ToldOfDatagrams protocol = new ToldOfDatagrams();
        driver.run(() -> {
            open(HERE, protocol);
            protocol.transport().sendTo(bytes("x"), address(protocol));
            Net.createDatagramEndpoint(ToldOfDatagrams::new, channel);
        });
        assertThat(protocol.isLost()).isFalse();
        assertThat(channel.isOpen()).isTrue(); // given back to whom it came from
        channel.close();
        protocol.transport().close(); // has nobody to tell
        protocol.transport().abort();
    }

    // ------------------------------------------------------------------------------------------------ what it is

    @Test
    @Spec("P-2")
    void itsAddressesAndOptionsAreToldByAsynciosNamesToo() throws IOException {
        Drivers.NIO.run(() -> {
            ToldOfDatagrams server = open(HERE);
            ToldOfDatagrams client = open(to(server));
            DatagramTransport transport = client.transport();
            assertThat(transport.getExtraInfo("peername")).isEqualTo(address(server));
            assertThat(transport.getExtraInfo("sockname")).isEqualTo(transport.localAddress());
            assertThat(transport.getExtraInfo("socket")).isInstanceOf(TransportSocket.class);
            assertThat(transport.getExtraInfo("sslcontext")).isNull();
            assertThat(transport.remoteAddress()).isEqualTo(address(server));
            assertThat(server.transport().getExtraInfo("peername")).isNull();
            assertThat(transport.getProtocol()).isSameAs(client);
            assertThat(transport).asString().contains("0 bytes to send").doesNotContain("clos");
            transport.close();
            assertThat(transport).asString().contains(", closing");
            until(client::isLost);
            until(() -> transport.toString().contains(", closed"));
        });
    }

    @ParameterizedTest
    @EnumSource
    void allThatTheProtocolIsToldComesInTheContextOfWhoMadeIt(Drivers driver) throws IOException {
        ContextVar<String> name = ContextVar.withDefault("name", "nobody");
        driver.run(() -> {
            List<String> names = new ArrayList<>();
            ToldOfDatagrams server = open(HERE);
            ToldOfDatagrams client = new ToldOfDatagrams();
            for (String event : new String[] {"made", "data", "error", "pause", "resume", "lost"}) {
                client.on(event, () -> names.add(event + " " + name.get()));
            }
            name.set("maker");
            open(to(server), client);
            name.set("user");
            server.transport()
                    .sendTo(
                            bytes("x"),
                            new InetSocketAddress(
                                    InetAddress.getLoopbackAddress(), ((InetSocketAddress) address(client)).getPort()));
            until(() -> client.data.size() == 1);
            client.transport().sendTo(new byte[70_000]);
            until(() -> client.log.contains("error"));
            client.transport().setWriteBufferLimits(0);
            client.transport().sendTo(bytes("y"));
            client.transport().close();
            until(client::isLost);
            assertThat(names).contains("made maker", "data maker", "error maker", "lost maker");
            assertThat(names).allMatch(text -> text.endsWith(" maker"));
            assertThat(names.contains("pause maker")).isEqualTo(names.contains("resume maker"));
        });
    }

    @Test
    void aCallbackCannotSuspendButMayStartATask() throws IOException {
        Drivers.NIO.run(() -> {
            ToldOfDatagrams server = new ToldOfDatagrams();
            server.on(
                    "data",
                    () -> Asyncio.createTask(() -> {
                        SocketAddress whom = server.source;
                        yieldNow();
                        server.transport().sendTo(bytes("later"), whom);
                        return null;
                    }));
            open(HERE, server);
            ToldOfDatagrams client = open(to(server));
            client.transport().sendTo(bytes("x"));
            until(() -> client.data.size() == 1);
        });
    }
}
