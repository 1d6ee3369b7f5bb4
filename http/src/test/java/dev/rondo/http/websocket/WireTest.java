package dev.rondo.http.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.Asyncio;
import dev.rondo.Task;
import dev.rondo.TaskCancelledException;
import dev.rondo.http.server.HttpServer;
import dev.rondo.http.server.Response;
import dev.rondo.net.ByteStream;
import dev.rondo.net.Net;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.zip.Deflater;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A server, and at times a client, against a peer that is written byte by byte. */
class WireTest {

    private interface Test {
        void run(Wire wire) throws Exception;
    }

    private static void serving(Loops loops, WebSocketHandler handler, Test test) throws Exception {
        serving(loops, WebSocketOptions.DEFAULT, "", handler, test);
    }

    private static void serving(
            Loops loops, WebSocketOptions options, String headers, WebSocketHandler handler, Test test)
            throws Exception {
        loops.run(() -> {
            try (var server =
                            HttpServer.start(request -> Response.webSocket(request, options, handler), "127.0.0.1", 0);
                    var wire = Wire.to(server.port(), headers)) {
                test.run(wire);
            }
        });
    }

    private interface Pair {
        void run(WebSocket socket, Wire wire) throws Exception;
    }

    /** Has a client's socket speak with a wire. */
    private static void client(Loops loops, Pair test) throws Exception {
        loops.run(() -> {
            try (var listener = Net.listen("127.0.0.1", 0);
                    ByteStream near = Net.connectTcp("127.0.0.1", listener.port());
                    var wire = new Wire(listener.accept())) {
                var socket = new WebSocket(
                        near, ByteBuffer.allocate(0), true, WebSocketOptions.DEFAULT, null, null, () -> {});
                test.run(socket, wire);
                socket.abort();
            }
        });
    }

    // ------------------------------------------------------------------------------------------------ what is read

    @ParameterizedTest
    @EnumSource
    void readsFramesThatCameWithTheHandshake(Loops loops) throws Exception {
        String frames = "\r\n" + "\u0081\u0082\0\0\0\0hi" + "\u0088\u0080\0\0\0\0";
        loops.run(() -> {
            try (var server = HttpServer.start(
                            request -> Response.webSocket(request, WebSocketTest.ECHO), "127.0.0.1", 0);
                    var wire = Wire.to(server.port(), frames)) {
                // and behind the close frame comes what else ends the head
                assertThat(wire.read()).isEqualTo("81:hi");
                assertThat(wire.read()).isEqualTo("88:");
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void answersPingsAheadOfWhatTheHandlerSends(Loops loops) throws Exception {
        serving(loops, WebSocketTest.ECHO, wire -> {
            wire.send("0181 00000000 61" + "8981 00000000 70" + "8081 00000000 62");
            assertThat(wire.read()).isEqualTo("8a:p");
            assertThat(wire.read()).isEqualTo("81:ab");
        });
    }

    @ParameterizedTest
    @EnumSource
    void answersTheLastPingsOfAFlood(Loops loops) throws Exception {
        int count = FrameSender.MAX_CONTROLS * 3;
        serving(loops, WebSocketTest.ECHO, wire -> {
            for (int i = 0; i < count; i++) {
                wire.sendMasked(0x89, "" + i);
            }
            wire.sendMasked(0x81, "end");
            var frames = new ArrayList<String>();
            do {
                frames.add(wire.read());
            } while (!frames.getLast().equals("81:end"));
            assertThat(frames.get(frames.size() - 2)).isEqualTo("8a:" + (count - 1));
        });
    }

    @ParameterizedTest
    @EnumSource
    void aSlowHandlerSlowsThePeerDown(Loops loops) throws Exception {
        serving(loops, socket -> Asyncio.getRunningLoop().createFuture().await(), wire -> {
            String megabyte = "x".repeat(1 << 20);
            Task<?, ?> sending = Asyncio.createTask(() -> {
                for (int i = 0; i < 64; i++) {
                    wire.sendMasked(0x81, megabyte);
                }
            });
            for (int i = 0; i < 1000; i++) {
                Asyncio.yieldNow();
            }
            assertThat(sending.done()).isFalse();
            sending.cancel();
        });
    }

    // -------------------------------------------------------------------------------------------------- violations

    @ParameterizedTest
    @EnumSource
    void aViolationIsAnsweredByACloseFrameAndTheEnd(Loops loops) throws Exception {
        for (var each : List.of(
                List.of("8100", "1002"), // not masked
                List.of("8380 00000000", "1002"),
                List.of("0980 00000000", "1002"),
                List.of("8080 00000000", "1002"),
                List.of("c180 00000000", "1002"), // nothing was agreed on
                List.of("8182 00000000 c328", "1007"),
                List.of("82ff 7fffffffffffffff 00000000", "1009"),
                List.of("8881 00000000 03", "1002"),
                List.of("8882 00000000 03ed", "1002"), // 1005
                List.of("8882 00000000 03e7", "1002"), // 999
                List.of("8884 00000000 03e8c328", "1007"))) {
            var seen = new ArrayList<Integer>();
            serving(
                    loops,
                    socket -> {
                        try {
                            socket.receive();
                        } catch (WebSocketException e) {
                            seen.add(e.closeCode());
                            assertThatThrownBy(socket::receive).isInstanceOf(WebSocketException.class);
                            throw e;
                        }
                    },
                    wire -> {
                        wire.send(each.get(0));
                        assertThat(wire.readAll()).as(each.get(0)).containsExactly("88:" + each.get(1));
                        wire.stream.shutdownOutput();
                        Loops.until(() -> !seen.isEmpty());
                    });
            assertThat(seen).containsExactly(Integer.valueOf(each.get(1)));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aMessageThatGrowsTooLargeIsRefusedWhileItGrows(Loops loops) throws Exception {
        var deflater = new Deflater(9, true);
        deflater.setInput(new byte[10_000_000]);
        byte[] bomb = new byte[20_000];
        int length = deflater.deflate(bomb, 0, bomb.length, Deflater.SYNC_FLUSH);
        deflater.end();
        serving(
                loops,
                WebSocketOptions.DEFAULT.withMaxMessageBytes(1_000_000),
                "Sec-WebSocket-Extensions: permessage-deflate\r\n",
                WebSocketTest.ECHO,
                wire -> {
                    wire.send("c2fe" + "%04x".formatted(length) + "00000000"
                            + HexFormat.of().formatHex(bomb, 0, length));
                    assertThat(wire.read()).isEqualTo("88:1009");
                });
    }

    @ParameterizedTest
    @EnumSource
    void damagedDeflateDataIsRefused(Loops loops) throws Exception {
        serving(
                loops,
                WebSocketOptions.DEFAULT,
                "Sec-WebSocket-Extensions: permessage-deflate\r\n",
                WebSocketTest.ECHO,
                wire -> {
                    wire.send("c184 00000000 ffffffff");
                    assertThat(wire.read()).isEqualTo("88:1007");
                });
    }

    @ParameterizedTest
    @EnumSource
    void aClientRefusesMaskedFrames(Loops loops) throws Exception {
        client(loops, (socket, wire) -> {
            var receiving = Asyncio.createTask(socket::receive);
            wire.send("8180 00000000");
            assertThat(wire.read()).isEqualTo("88:1002");
            wire.close();
            assertThatThrownBy(receiving::await).hasMessageContaining("a server's frame is masked");
        });
    }

    // ----------------------------------------------------------------------------------------------------- closing

    @ParameterizedTest
    @EnumSource
    void aCloseIsEchoedWithItsCodeAndTheConnectionClosed(Loops loops) throws Exception {
        for (var each : List.of(
                List.of("8880 00000000", "88:"),
                List.of("8882 00000000 03e8", "88:1000"),
                List.of("8884 00000000 0bb8 6f6b", "88:3000"))) {
            serving(loops, WebSocketTest.ECHO, wire -> {
                wire.send(each.get(0));
                assertThat(wire.readAll()).containsExactly(each.get(1));
            });
        }
    }

    @ParameterizedTest
    @EnumSource
    void messagesBehindACloseAreNotRead(Loops loops) throws Exception {
        serving(loops, WebSocketTest.ECHO, wire -> {
            wire.send("8182 00000000 6869" + "8882 00000000 03e8" + "8182 00000000 6869");
            assertThat(wire.readAll()).containsExactly("81:hi", "88:1000");
        });
    }

    @ParameterizedTest
    @EnumSource
    void messagesThatCrossTheCloseFrameAreDropped(Loops loops) throws Exception {
        client(loops, (socket, wire) -> {
            var closing = Asyncio.createTask(() -> socket.close(4000, "so"));
            assertThat(wire.read()).isEqualTo("88:4000so");
            wire.send("8102 6869" + "0101 61" + "8900" + "8802 0fa1");
            closing.await();
            assertThat(socket.closeCode()).isEqualTo(4001);
            assertThat(socket.receive()).isNull();
        });
    }

    @ParameterizedTest
    @EnumSource
    void aPeerThatHangsUpInsteadOfClosingEndsTheClose(Loops loops) throws Exception {
        client(loops, (socket, wire) -> {
            var closing = Asyncio.createTask(() -> socket.close());
            assertThat(wire.read()).isEqualTo("88:1000");
            wire.close();
            closing.await();
            assertThat(socket.closeCode()).isEqualTo(CloseCode.ABNORMAL_CLOSURE);
            assertThat(socket.receive()).isNull();
        });
    }

    @ParameterizedTest
    @EnumSource
    void aPeerThatHangsUpIsAFailureToWhoReceives(Loops loops) throws Exception {
        client(loops, (socket, wire) -> {
            wire.send("8102 6869");
            wire.stream.shutdownOutput();
            assertThat(socket.receiveStr()).isEqualTo("hi");
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(socket::receive)
                        .isInstanceOfSatisfying(
                                WebSocketException.class,
                                e -> assertThat(e.closeCode()).isEqualTo(CloseCode.ABNORMAL_CLOSURE))
                        .hasMessageContaining("hung up without a close frame");
            }
            assertThat(socket.closed()).isTrue();
        });
    }

    @ParameterizedTest
    @EnumSource
    void aCloseTakesOverFromAReceiverThatIsCancelled(Loops loops) throws Exception {
        client(loops, (socket, wire) -> {
            var receiving = Asyncio.createTask(socket::receive);
            Asyncio.yieldNow();
            var closing = Asyncio.createTask(() -> socket.close());
            assertThat(wire.read()).isEqualTo("88:1000");
            receiving.cancel();
            assertThatThrownBy(receiving::await).isInstanceOf(TaskCancelledException.class);
            wire.send("8802 03e8");
            closing.await();
            assertThat(socket.closeCode()).isEqualTo(CloseCode.OK);
        });
    }

    @ParameterizedTest
    @EnumSource
    void aCancelledCloseClosesAtOnce(Loops loops) throws Exception {
        client(loops, (socket, wire) -> {
            var closing = Asyncio.createTask(() -> socket.close());
            assertThat(wire.read()).isEqualTo("88:1000");
            closing.cancel();
            assertThat(wire.read()).isNull();
            assertThat(socket.closeCode()).isEqualTo(CloseCode.ABNORMAL_CLOSURE);
        });
    }

    @ParameterizedTest
    @EnumSource
    void codesThatMayNotBeSentAreRefused(Loops loops) throws Exception {
        client(loops, (socket, wire) -> {
            for (int code : new int[] {0, 999, 1004, 1005, 1006, 1015, 2999, 5000}) {
                assertThatThrownBy(() -> socket.close(code, "")).isInstanceOf(IllegalArgumentException.class);
            }
            assertThatThrownBy(() -> socket.close(1000, "x".repeat(124))).hasMessageContaining("123 bytes");
            assertThatThrownBy(() -> socket.ping(new byte[126])).hasMessageContaining("125 bytes");
            assertThat(socket.closed()).isFalse();
        });
    }

    // ----------------------------------------------------------------------------------------------------- cancels

    @ParameterizedTest
    @EnumSource
    void aCancelledReceiveLosesNothing(Loops loops) throws Exception {
        client(loops, (socket, wire) -> {
            var random = new Random(1);
            var sent = new ArrayList<String>();
            Task<?, ?> sending = Asyncio.createTask(() -> {
                for (int i = 0; i < 30; i++) {
                    String text = i + "x".repeat(random.nextInt(3000));
                    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                    ByteBuffer frame = ByteBuffer.allocate(bytes.length + 14);
                    frame.put(FrameWriter.header(Opcode.TEXT, false, bytes.length, false, 0))
                            .put(bytes)
                            .flip();
                    while (frame.hasRemaining()) {
                        int count = Math.min(frame.remaining(), 1 + random.nextInt(700));
                        ByteBuffer piece = frame.slice(frame.position(), count);
                        frame.position(frame.position() + count);
                        wire.stream.write(piece);
                        Asyncio.yieldNow();
                    }
                    sent.add(text);
                }
            });
            var received = new ArrayList<String>();
            int cancelled = 0; // or not
            while (received.size() < 30) {
                var receiving = Asyncio.createTask(socket::receiveStr);
                if (cancelled % 50 != 49) { // else it may take as long as it takes, so that the test ends
                    for (int i = random.nextInt(3); i >= 0; i--) {
                        Asyncio.yieldNow();
                    }
                    receiving.cancel();
                }
                try {
                    received.add(receiving.await());
                } catch (TaskCancelledException expected) {
                    // a part of a message may have been read
                }
                cancelled++;
            }
            sending.await();
            assertThat(received).isEqualTo(sent);
            assertThat(cancelled).isPositive();
        });
    }

    @ParameterizedTest
    @EnumSource
    void aCancelledSendIsWholeOrNothing(Loops loops) throws Exception {
        client(loops, (socket, wire) -> {
            int whole = 0;
            int waiting = 0;
            for (int turns = 0; turns < 12; turns++) {
                byte[] bytes = new byte[3_000_000];
                Arrays.fill(bytes, (byte) ('a' + turns));
                var sending = Asyncio.createTask(() -> socket.sendBytes(bytes));
                for (int i = 0; i < turns; i++) {
                    Asyncio.yieldNow();
                }
                sending.cancel();
                boolean cut = false;
                try {
                    sending.await();
                } catch (TaskCancelledException expected) {
                    cut = true;
                }
                Arrays.fill(bytes, (byte) '!'); // what is left must have been copied
                var next = Asyncio.createTask(() -> socket.sendStr("next"));
                String frame = wire.read();
                if (!frame.equals("81:next")) {
                    assertThat(frame).hasSize(3 + 3_000_000).doesNotContain("!");
                    whole++;
                    waiting += cut ? 1 : 0;
                    assertThat(wire.read()).isEqualTo("81:next");
                }
                next.await();
            }
            if (loops != Loops.NIO) { // where it depends on the kernel how much goes at once
                assertThat(whole).isPositive();
                assertThat(waiting).isPositive();
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void aCancelledSendThatWasDeflatedLeavesTheNextReadable(Loops loops) throws Exception {
        loops.run(() -> {
            try (var listener = Net.listen("127.0.0.1", 0);
                    ByteStream near = Net.connectTcp("127.0.0.1", listener.port());
                    ByteStream far = listener.accept()) {
                var options = WebSocketOptions.DEFAULT;
                var a = new WebSocket(
                        near, ByteBuffer.allocate(0), true, options, null, new PerMessageDeflate(true, true), () -> {});
                var b = new WebSocket(
                        far, ByteBuffer.allocate(0), false, options, null, new PerMessageDeflate(true, true), () -> {});
                var random = new Random(3);
                for (int turns = 0; turns < 12; turns++) {
                    byte[] bytes = new byte[400_000];
                    random.nextBytes(bytes);
                    byte[] copy = bytes.clone();
                    var sending = Asyncio.createTask(() -> a.sendBytes(bytes));
                    for (int i = 0; i < turns; i++) {
                        Asyncio.yieldNow();
                    }
                    sending.cancel();
                    try {
                        sending.await();
                    } catch (TaskCancelledException expected) {
                        Arrays.fill(bytes, (byte) 0);
                    }
                    String next = "the next one, which refers to those before ".repeat(5) + turns;
                    var sendingNext = Asyncio.createTask(() -> a.sendStr(next));
                    WebSocketMessage first = b.receive();
                    if (first instanceof WebSocketMessage.Binary(byte[] came)) {
                        assertThat(came).isEqualTo(copy);
                        first = b.receive();
                    }
                    assertThat(first).isEqualTo(new WebSocketMessage.Text(next));
                    sendingNext.await();
                }
                a.abort();
                b.abort();
            }
        });
    }
}
