package dev.rondo.net;

import static dev.rondo.Asyncio.getRunningLoop;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.net.Drivers.until;
import static dev.rondo.net.Drivers.untilOpen;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import dev.rondo.ExceptionContext;
import dev.rondo.KeyboardInterrupt;
import dev.rondo.spec.Spec;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TransportTest {

    private static List<ExceptionContext> reports() {
        List<ExceptionContext> reports = new ArrayList<>();
        getRunningLoop().setExceptionHandler((where, context) -> reports.add(context));
        return reports;
    }

    /** Lets the loop turn often enough for whatever could still come. */
    private static void settle() {
        for (int i = 0; i < 50; i++) {
            yieldNow();
        }
    }

    // ------------------------------------------------------------------------------------------------ order

    @Spec("P-1")
    @Spec("P-9")
    @ParameterizedTest
    @EnumSource
    void aProtocolIsToldOfTheConnectionOfDataOfTheEndAndOfTheLoss(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Peered<Told> pair = Peered.open(new Told())) {
                Told told = pair.protocol();
                assertThat(told.log).containsExactly("made");
                assertThat(told.transport).isSameAs(pair.transport());
                assertThat(pair.transport().isReading()).isTrue();
                pair.send("hello ");
                pair.send("world");
                pair.peer().shutdownOutput();
                until(told::isLost);
                settle();
                assertThat(told.log).containsExactly("made", "data hello world", "eof", "lost");
                assertThat(told.failure).isNull();
            }
            untilOpen(0);
        });
    }

    @Spec("P-1")
    @ParameterizedTest
    @EnumSource
    void readingBeginsInACallbackOfItsOwnAfterTheConnection(Drivers driver) throws Exception {
        driver.run(() -> {
            Told told = new Told();
            told.on("made", () -> getRunningLoop().callSoon(() -> told.log.add("next turn")));
            try (Peered<Told> pair = Peered.open(told)) {
                assertThat(told.log).startsWith("made");
                pair.send("x");
                until(() -> told.log.size() == 3);
                assertThat(told.log).containsExactly("made", "next turn", "data x");
            }
        });
    }

    @Spec("P-1")
    @Spec("P-7")
    @ParameterizedTest
    @EnumSource
    void aConnectionThatIsClosedAsItIsMadeReadsNothing(Drivers driver) throws Exception {
        driver.run(() -> {
            Told told = new Told();
            told.on("made", () -> {
                told.transport().close();
                assertThat(told.log).containsExactly("made");
            });
            try (Peered<Told> pair = Peered.open(told)) {
                pair.send("too late");
                until(told::isLost);
                settle();
                assertThat(told.log).containsExactly("made", "lost");
                assertThat(told.failure).isNull();
            }
            untilOpen(0);
        });
    }

    @Spec("P-1")
    @ParameterizedTest
    @EnumSource
    void aFailureToWelcomeTheConnectionIsReportedAndTheConnectionLives(Drivers driver) throws Exception {
        driver.run(() -> {
            List<ExceptionContext> reports = reports();
            Told told = new Told().on("made", () -> {
                throw new IllegalStateException("not today");
            });
            try (Peered<Told> pair = Peered.open(told)) {
                assertThat(reports).hasSize(1);
                assertThat(reports.getFirst().exception()).hasMessage("not today");
                assertThat(reports.getFirst().message()).startsWith("Exception in callback");
                pair.send("x");
                until(() -> told.bytes == 1);
                assertThat(pair.transport().isClosing()).isFalse();
            }
        });
    }

    // ------------------------------------------------------------------------------------------------ what it is

    @Spec("P-2")
    @Spec("P-14")
    @ParameterizedTest
    @EnumSource
    void aTransportKnowsItsAddressesItsSocketAndItsProtocol(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Peered<Told> pair = Peered.open(new Told())) {
                Transport transport = pair.transport();
                assertThat(transport.remoteAddress()).isEqualTo(pair.peer().getLocalAddress());
                assertThat(transport.localAddress()).isEqualTo(pair.peer().getRemoteAddress());
                assertThat(transport.getExtraInfo("peername")).isEqualTo(transport.remoteAddress());
                assertThat(transport.getExtraInfo("sockname")).isEqualTo(transport.localAddress());
                assertThat(transport.getExtraInfo("socket")).isInstanceOf(TransportSocket.class);
                assertThat(transport.getExtraInfo("cipher")).isNull();
                assertThat(transport.getExtraInfo("no such thing")).isNull();
                assertThat(transport.getProtocol()).isSameAs(pair.protocol());
                assertThat(transport.isClosing()).isFalse();
                assertThat(transport.toString()).contains("reading").contains("0 bytes to write");
                transport.close();
                assertThat(transport.isClosing()).isTrue();
                until(pair.protocol()::isLost);
                yieldNow();
                assertThat(transport.getExtraInfo("peername"))
                        .isEqualTo(pair.peer().getLocalAddress());
                assertThat(transport.toString()).contains("closed");
            }
        });
    }

    @Spec("P-3")
    @Spec("P-16")
    @ParameterizedTest
    @EnumSource
    void theSocketOfATransportHasOptionsAndAddressesAndNoOtherUse(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Peered<Told> pair = Peered.open(new Told())) {
                TransportSocket socket = (TransportSocket) pair.transport().getExtraInfo("socket");
                assertThat(socket.getOption(StandardSocketOptions.TCP_NODELAY)).isTrue();
                socket.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
                assertThat(socket.getOption(StandardSocketOptions.SO_KEEPALIVE)).isTrue();
                assertThat(socket.supportedOptions()).contains(StandardSocketOptions.SO_RCVBUF);
                assertThatThrownBy(() -> socket.getOption(StandardSocketOptions.IP_MULTICAST_LOOP))
                        .isInstanceOf(UnsupportedOperationException.class);
                assertThat(socket.localAddress()).isEqualTo(pair.peer().getRemoteAddress());
                assertThat(socket.remoteAddress()).isEqualTo(pair.peer().getLocalAddress());
                assertThat(socket.family())
                        .isEqualTo(Addresses.family(
                                ((InetSocketAddress) pair.peer().getLocalAddress()).getAddress()));

                socket.shutdownOutput();
                assertThat(pair.receiveAll()).isEmpty();
                pair.transport().abort();
                untilOpen(0);
                assertThat(socket.localAddress()).isNull();
                assertThat(socket.family()).isNull();
                assertThat(socket.supportedOptions()).isEmpty();
                assertThatThrownBy(() -> socket.getOption(StandardSocketOptions.TCP_NODELAY))
                        .isInstanceOf(ClosedChannelException.class);
                assertThatThrownBy(socket::shutdownOutput).isInstanceOf(ClosedChannelException.class);
                assertThat(socket).hasToString("TransportSocket[closed]");
            }
        });
    }

    @Spec("P-3")
    @Test
    void theSocketOfATransportCanNeitherMoveBytesNorBeClosed() {
        assertThat(Arrays.stream(TransportSocket.class.getMethods()).map(Method::getName))
                .doesNotContainAnyElementsOf(
                        Set.of("read", "write", "send", "receive", "accept", "connect", "close", "configureBlocking"));
        assertThat(AutoCloseable.class.isAssignableFrom(TransportSocket.class)).isFalse();
        assertThat(StandardProtocolFamily.values()).contains(StandardProtocolFamily.UNIX);
    }

    @Spec("P-14")
    @ParameterizedTest
    @EnumSource
    void anotherProtocolIsToldOfWhatComesNextAndNotOfTheConnection(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Peered<Told> pair = Peered.open(new Told())) {
                pair.send("one");
                until(() -> pair.protocol().bytes == 3);
                Told second = new Told();
                pair.transport().setProtocol(second);
                assertThat(pair.transport().getProtocol()).isSameAs(second);
                pair.send("two");
                until(() -> second.bytes == 3);
                pair.transport().close();
                until(second::isLost);
                assertThat(pair.protocol().log).containsExactly("made", "data one");
                assertThat(second.log).containsExactly("data two", "lost");
            }
        });
    }

    // ------------------------------------------------------------------------------------------------ the end

    @Spec("P-9")
    @Spec("ST-17")
    @ParameterizedTest
    @EnumSource
    void aProtocolThatStaysAfterTheEndGoesOnWriting(Drivers driver) throws Exception {
        driver.run(() -> {
            Told told = new Told();
            told.staysAfterEof = true;
            try (Peered<Told> pair = Peered.open(told)) {
                pair.peer().shutdownOutput();
                until(() -> told.log.contains("eof"));
                settle();
                assertThat(pair.transport().isClosing()).isFalse();
                assertThat(pair.transport().isReading()).isFalse();
                pair.transport().pauseReading();
                pair.transport().resumeReading();
                pair.transport().write("still here".getBytes());
                assertThat(new String(pair.receive(10))).isEqualTo("still here");
                settle();
                assertThat(told.log).containsExactly("made", "eof");
                pair.transport().close();
                assertThat(pair.receiveAll()).isEmpty();
                assertThat(told.log).containsExactly("made", "eof", "lost");
            }
        });
    }

    @Spec("P-9")
    @ParameterizedTest
    @EnumSource
    void aProtocolThatDoesNotStaySendsWhatItHasToSend(Drivers driver) throws Exception {
        byte[] much = Wire.noise(4 << 20);
        driver.run(() -> {
            Told told = new Told();
            told.on("eof", () -> told.transport().write(much));
            try (Peered<Told> pair = Peered.open(told)) {
                pair.peer().shutdownOutput();
                assertThat(pair.receiveAll()).isEqualTo(much);
                until(told::isLost);
                assertThat(told.failure).isNull();
            }
        });
    }

    @Spec("P-7")
    @ParameterizedTest
    @EnumSource
    void aCloseStopsReadingSendsWhatIsLeftAndTellsOnceInALaterTurn(Drivers driver) throws Exception {
        byte[] much = Wire.noise(8 << 20);
        driver.run(() -> {
            try (Peered<Told> pair = Peered.open(new Told())) {
                pair.transport().write(much);
                pair.transport().close();
                pair.transport().close();
                assertThat(pair.transport().isReading()).isFalse();
                settle();
                assertThat(pair.protocol().log).doesNotContain("lost");
                assertThat(pair.transport().getWriteBufferSize()).isPositive();
                byte[] got = pair.receive(much.length);
                assertThat(got).isEqualTo(much);
                until(pair.protocol()::isLost);
                pair.transport().close();
                pair.transport().abort();
                settle();
                assertThat(pair.protocol().log).filteredOn("lost"::equals).hasSize(1);
                assertThat(pair.protocol().failure).isNull();
                assertThat(pair.protocol().bytes).isZero();
            }
            untilOpen(0);
        });
    }

    @Spec("P-7")
    @ParameterizedTest
    @EnumSource
    void aClosingTransportReadsNoMore(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Peered<Told> pair = Peered.open(new Told())) {
                pair.transport().write(new byte[16 << 20]);
                pair.transport().close();
                pair.send("nobody reads this");
                settle();
                assertThat(pair.protocol().log).containsExactly("made", "pause");
            }
            untilOpen(0);
        });
    }

    @Spec("P-7")
    @ParameterizedTest
    @EnumSource
    void anIdleTransportTellsOfItsCloseInTheNextTurn(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Peered<Told> pair = Peered.open(new Told())) {
                pair.transport().close();
                assertThat(pair.protocol().log).containsExactly("made");
                yieldNow();
                assertThat(pair.protocol().log).containsExactly("made", "lost");
            }
        });
    }

    @Spec("P-7")
    @ParameterizedTest
    @EnumSource
    void anAbortDropsWhatIsLeft(Drivers driver) throws Exception {
        byte[] much = Wire.noise(32 << 20);
        driver.run(() -> {
            try (Peered<Told> pair = Peered.open(new Told())) {
                pair.transport().write(much);
                pair.transport().close(); // in order, at first
                pair.transport().abort();
                pair.transport().abort();
                assertThat(pair.transport().getWriteBufferSize()).isZero();
                assertThat(pair.protocol().log).doesNotContain("lost");
                yieldNow();
                assertThat(pair.protocol().log).endsWith("lost");
                assertThat(pair.protocol().failure).isNull();
                assertThat(pair.receiveAll().length).isLessThan(much.length);
            }
            untilOpen(0);
        });
    }

    @ParameterizedTest
    @EnumSource
    void whoeverLooksAfterATransportIsToldOnceThatItIsGone(Drivers driver) throws Exception {
        driver.run(() -> {
            for (int round = 0; round < 20; round++) {
                List<String> log = new ArrayList<>();
                try (Wire wire = Wire.open()) {
                    EventLoop loop = getRunningLoop();
                    var fd = loop.driver().streamSocket(StandardProtocolFamily.INET);
                    try (Listener listener = Net.listen("127.0.0.1", 0)) {
                        loop.perform(new dev.rondo.reactor.Op.Connect(fd, listener.localAddress()));
                        ByteStream peer = listener.accept();
                        Told told = new Told().on("lost", () -> {
                            log.add("lost " + fd.isOpen());
                            if (log.size() > 100) {
                                throw new AssertionError();
                            }
                        });
                        SocketTransport transport =
                                SocketTransport.start(loop, fd, told, () -> log.add("gone " + fd.isOpen()));
                        for (int turn = 0; turn < round % 5; turn++) {
                            yieldNow();
                        }
                        switch (round % 4) {
                            case 0 -> transport.close();
                            case 1 -> transport.abort();
                            case 2 -> peer.close();
                            default -> {
                                peer.close();
                                transport.close();
                                transport.abort();
                            }
                        }
                        until(() -> !log.isEmpty());
                        settle();
                        peer.close();
                        assertThat(told.log).startsWith("made").endsWith("lost");
                    }
                }
                assertThat(log).containsExactly("lost true", "gone false");
            }
            untilOpen(0);
        });
    }

    // ------------------------------------------------------------------------------------------------ failures

    @Spec("P-8")
    @ParameterizedTest
    @EnumSource
    void aResetByThePeerIsNoNewsForTheHandlerAndTheProtocolGetsIt(Drivers driver) throws Exception {
        driver.run(() -> {
            List<ExceptionContext> reports = reports();
            try (LogOf log = new LogOf(SocketTransport.class);
                    Peered<Told> pair = Peered.open(new Told())) {
                pair.reset();
                until(pair.protocol()::isLost);
                assertThat(pair.protocol().log).containsExactly("made", "lost");
                assertThat(pair.protocol().failure).isInstanceOf(IOException.class);
                assertThat(reports).isEmpty();
                assertThat(log.lines()).isEmpty();
            }
            getRunningLoop().setDebug(true);
            try (LogOf log = new LogOf(SocketTransport.class);
                    Peered<Told> pair = Peered.open(new Told())) {
                pair.reset();
                until(pair.protocol()::isLost);
                assertThat(log.lines())
                        .singleElement()
                        .asString()
                        .startsWith("DEBUG SocketTransport[")
                        .contains("Fatal read error");
            }
            untilOpen(0);
        });
    }

    @Spec("P-8")
    @ParameterizedTest
    @EnumSource
    void aFailureOfTheProtocolIsReportedAndEndsTheConnection(Drivers driver) throws Exception {
        driver.run(() -> {
            List<ExceptionContext> reports = reports();
            IllegalStateException failure = new IllegalStateException("cannot take it");
            try (Peered<Told> pair = Peered.open(new Told().on("data", () -> {
                throw failure;
            }))) {
                pair.transport().write(new byte[32 << 20]); // dropped, for the most part
                pair.send("x");
                until(pair.protocol()::isLost);
                settle();
                assertThat(pair.protocol().log).contains("made", "data x").endsWith("lost");
                assertThat(pair.protocol().failure).isSameAs(failure);
                assertThat(reports).singleElement().satisfies(context -> {
                    assertThat(context.message()).isEqualTo("Fatal error: protocol.data_received() call failed.");
                    assertThat(context.exception()).isSameAs(failure);
                    assertThat(context.details()).containsEntry("transport", pair.transport());
                    assertThat(context.details()).containsEntry("protocol", pair.protocol());
                });
            }
            reports.clear();
            try (Peered<Told> pair = Peered.open(new Told().on("eof", () -> {
                throw failure;
            }))) {
                pair.peer().shutdownOutput();
                until(pair.protocol()::isLost);
                assertThat(pair.protocol().log).containsExactly("made", "eof", "lost");
                assertThat(pair.protocol().failure).isSameAs(failure);
                assertThat(reports)
                        .extracting(ExceptionContext::message)
                        .containsExactly("Fatal error: protocol.eof_received() call failed.");
            }
            reports.clear();
            try (Peered<Told> pair = Peered.open(new Told().on("lost", () -> {
                throw failure;
            }))) {
                pair.transport().close();
                until(pair.protocol()::isLost);
                settle();
                assertThat(reports).extracting(ExceptionContext::exception).containsExactly(failure);
            }
            untilOpen(0);
        });
    }

    @Spec("P-8")
    @ParameterizedTest
    @EnumSource
    void anIoFailureOutOfTheProtocolEndsTheConnectionWithoutAReport(Drivers driver) throws Exception {
        driver.run(() -> {
            List<ExceptionContext> reports = reports();
            IOException failure = new IOException("disk full");
            try (Peered<Told> pair = Peered.open(new Told().on("data", () -> {
                throw failure;
            }))) {
                pair.send("x");
                until(pair.protocol()::isLost);
                assertThat(pair.protocol().failure).isSameAs(failure);
                assertThat(reports).isEmpty();
            }
        });
    }

    @Spec("P-8")
    @ParameterizedTest
    @EnumSource
    void anInterruptLeavesTheLoopAndTheConnectionLives(Drivers driver) throws Exception {
        try (EventLoop loop = driver.newLoop()) {
            Told told = new Told();
            told.on("data", () -> {
                if (told.bytes == 1) {
                    throw new KeyboardInterrupt();
                }
            });
            Peered<Told> pair = loop.runUntilComplete(() -> Peered.open(told));
            pair.send("x");
            assertThatThrownBy(loop::runForever).isInstanceOf(KeyboardInterrupt.class);
            pair.send("y");
            loop.runUntilComplete(() -> {
                Asyncio.timeout(java.time.Duration.ofSeconds(30), () -> until(() -> told.bytes == 2));
                assertThat(pair.transport().isClosing()).isFalse();
                pair.close();
                untilOpen(0);
            });
        }
    }

    // ------------------------------------------------------------------------------------------------ pauses, pieces

    @Spec("P-10")
    @ParameterizedTest
    @EnumSource
    void nothingIsReadWhilePausedAndNothingIsLost(Drivers driver) throws Exception {
        driver.run(() -> {
            for (int round = 0; round < 20; round++) {
                try (Peered<Told> pair = Peered.open(new Told())) {
                    Told told = pair.protocol();
                    pair.send("a");
                    for (int turn = 0; turn < round % 7; turn++) {
                        yieldNow(); // at some stage of the read
                    }
                    pair.transport().pauseReading();
                    pair.transport().pauseReading();
                    assertThat(pair.transport().isReading()).isFalse();
                    long seen = told.bytes;
                    pair.send("b");
                    pair.peer().shutdownOutput();
                    settle();
                    assertThat(told.bytes).isEqualTo(seen);
                    pair.transport().resumeReading();
                    pair.transport().resumeReading();
                    assertThat(pair.transport().isReading()).isTrue();
                    assertThat(told.bytes).isEqualTo(seen);
                    until(told::isLost);
                    assertThat(told.text).hasToString("ab");
                    assertThat(told.log).endsWith("eof", "lost");
                }
            }
        });
    }

    @Spec("P-10")
    @ParameterizedTest
    @EnumSource
    void aClosingTransportIgnoresPauses(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Peered<Told> pair = Peered.open(new Told())) {
                pair.transport().pauseReading();
                pair.transport().close();
                pair.transport().resumeReading();
                pair.transport().pauseReading();
                assertThat(pair.transport().isReading()).isFalse();
                pair.send("x");
                until(pair.protocol()::isLost);
                pair.transport().resumeReading();
                settle();
                assertThat(pair.protocol().log).containsExactly("made", "lost");
            }
        });
    }

    @Spec("P-10")
    @ParameterizedTest
    @EnumSource
    void aProtocolMayPauseFromWithin(Drivers driver) throws Exception {
        driver.run(() -> {
            Told told = new Told();
            told.on("made", () -> told.transport().pauseReading());
            told.on("data", () -> {
                told.transport().pauseReading();
                told.transport().resumeReading();
                told.transport().pauseReading();
            });
            try (Peered<Told> pair = Peered.open(told)) {
                pair.send("x");
                settle();
                assertThat(told.bytes).isZero();
                pair.transport().resumeReading();
                until(() -> told.bytes == 1);
                pair.send("y");
                settle();
                assertThat(told.bytes).isEqualTo(1);
                pair.transport().resumeReading();
                until(() -> told.bytes == 2);
            }
        });
    }

    @Spec("P-15")
    @ParameterizedTest
    @EnumSource
    void aTurnReadsOnceAndNoMoreThanAQuarterOfAMebibyte(Drivers driver) throws Exception {
        driver.run(() -> {
            Told told = new Told();
            List<String> order = new ArrayList<>();
            told.on("data", () -> {
                order.add("data");
                getRunningLoop().callSoon(() -> order.add("others"));
            });
            try (Peered<Told> pair = Peered.open(told)) {
                byte[] much = Wire.noise(3 << 20);
                pair.transport().pauseReading();
                Thread sender = Thread.ofPlatform().start(() -> {
                    try {
                        pair.peer().write(ByteBuffer.wrap(much));
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                });
                settle();
                pair.transport().resumeReading();
                until(() -> told.bytes == much.length);
                sender.join();
                settle();
                assertThat(told.largest).isLessThanOrEqualTo(256 * 1024);
                assertThat(String.join(" ", order)).doesNotContain("data data");
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void manyConnectionsShareTheLoopAndKeepTheirBytesApart(Drivers driver) throws Exception {
        driver.run(() -> {
            List<Peered<Told>> pairs = new ArrayList<>();
            try {
                for (int i = 0; i < 20; i++) {
                    pairs.add(Peered.open(new Told()));
                }
                for (int i = 0; i < 20; i++) {
                    for (Peered<Told> pair : pairs) {
                        pair.send(pairs.indexOf(pair) + ".");
                    }
                    yieldNow();
                }
                for (Peered<Told> pair : pairs) {
                    String expected = (pairs.indexOf(pair) + ".").repeat(20);
                    until(() -> pair.protocol().text.length() == expected.length());
                    assertThat(pair.protocol().text).hasToString(expected);
                }
            } finally {
                for (Peered<Told> pair : pairs) {
                    pair.close();
                }
            }
            untilOpen(0);
        });
    }
}
