package dev.rondo.http.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.Asyncio;
import dev.rondo.net.ByteStream;
import dev.rondo.net.Net;
import dev.rondo.testkit.LoopTest;
import dev.rondo.testkit.Sim;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** How long a client may take, by the second: in virtual time. */
class ServerTimesTest {

    private static final String POST = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n";

    private static final Handler READS_ALL =
            request -> Response.text(request.text().length() + " bytes");

    private interface Talk {
        void with(ByteStream stream) throws Exception;
    }

    private static void talk(Handler handler, ServerOptions options, Talk talk) throws Exception {
        try (var server = HttpServer.start(handler, "127.0.0.1", 0, options);
                var stream = Net.connectTcp("127.0.0.1", server.port())) {
            talk.with(stream);
        }
        Asyncio.sleep(Duration.ofMillis(1)); // the server's tasks end
    }

    private static void send(ByteStream stream, String text) throws IOException {
        stream.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
    }

    private static String readTo(ByteStream stream, String end) throws IOException {
        var text = new StringBuilder();
        ByteBuffer one = ByteBuffer.allocate(1);
        while (text.indexOf(end) < 0 && stream.read(one.clear()) >= 0) {
            text.append((char) (one.get(0) & 0xff));
        }
        return text.toString();
    }

    // ------------------------------------------------------------------------------------------------ bodies that come

    @LoopTest(seeds = 3)
    void aBodyEndsAtItsMinimumRate(Sim sim) throws Exception {
        talk(READS_ALL, ServerOptions.DEFAULT, stream -> {
            send(stream, POST.formatted(10_000) + "x".repeat(1000));
            Duration begin = sim.elapsed();
            assertThat(readTo(stream, "second")).startsWith("HTTP/1.1 408 ").contains("Connection: close");
            // 10 s of grace, and 2 s for 1000 bytes
            assertThat(sim.elapsed().minus(begin)).isBetween(Duration.ofSeconds(12), Duration.ofSeconds(13));
        });
    }

    @LoopTest(seeds = 3)
    void theTimeThatAHandlerTakesIsNotTheClients(Sim sim) throws Exception {
        Handler slow = request -> {
            int bytes = 0;
            for (ByteBuffer piece; (piece = request.readPiece()) != null; ) {
                bytes += piece.remaining();
                Asyncio.sleep(Duration.ofMinutes(1));
            }
            return Response.text(bytes + " bytes");
        };
        talk(slow, ServerOptions.DEFAULT, stream -> {
            send(stream, POST.formatted(30) + "x".repeat(10));
            Asyncio.sleep(Duration.ofSeconds(62)); // two of them waited for
            send(stream, "x".repeat(10));
            Asyncio.sleep(Duration.ofSeconds(62));
            send(stream, "x".repeat(10));
            assertThat(readTo(stream, "bytes")).startsWith("HTTP/1.1 200 ").endsWith("30 bytes");
        });
    }

    @LoopTest(seeds = 3)
    void aBodyHasNoRateWhereThereIsNoLimitInTime() throws Exception {
        talk(READS_ALL, ServerOptions.DEFAULT.withRequestTime(Duration.ZERO), stream -> {
            send(stream, POST.formatted(20) + "x".repeat(10));
            Asyncio.sleep(Duration.ofMinutes(1));
            send(stream, "x".repeat(10));
            assertThat(readTo(stream, "bytes")).startsWith("HTTP/1.1 200 ").endsWith("20 bytes");
        });
    }

    @LoopTest(seeds = 3)
    void aBodyThatCameFastBuysNoLongSilence(Sim sim) throws Exception {
        talk(READS_ALL, ServerOptions.DEFAULT, stream -> {
            send(stream, POST.formatted(1_000_000) + "x".repeat(900_000)); // 30 minutes of 500 bytes a second
            Duration begin = sim.elapsed();
            assertThat(readTo(stream, "\r\n\r\n")).startsWith("HTTP/1.1 408 ");
            assertThat(sim.elapsed().minus(begin)).isBetween(Duration.ofSeconds(74), Duration.ofSeconds(77));
        });
    }

    // ------------------------------------------------------------------------------------------- answers that are
    // taken

    @LoopTest(seeds = 3)
    void aLargeAnswerThatIsTakenSlowlyIsNotCut() throws Exception {
        Handler large = request -> Response.of("text/plain", new byte[8_000_000]);
        talk(large, ServerOptions.DEFAULT, stream -> {
            send(stream, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            readTo(stream, "\r\n\r\n");
            ByteBuffer piece = ByteBuffer.allocate(64 * 1024);
            int read = 0;
            for (int count; read < 8_000_000 && (count = stream.read(piece.clear())) >= 0; read += count) {
                Asyncio.sleep(Duration.ofSeconds(2)); // four minutes in all, and a minute of silence is allowed
            }
            assertThat(read).isEqualTo(8_000_000);
        });
    }

    @LoopTest(seeds = 3)
    void aLargeAnswerThatIsNotTakenIsCutOnceTheTimeIsOver(Sim sim) throws Exception {
        Handler large = request -> Response.of("text/plain", new byte[8_000_000]);
        try (var server = HttpServer.start(large, "127.0.0.1", 0, ServerOptions.DEFAULT);
                var stream = Net.connectTcp("127.0.0.1", server.port())) {
            send(stream, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            Asyncio.sleep(Duration.ofSeconds(59));
            assertThat(server.connections()).isEqualTo(1);
            Asyncio.sleep(Duration.ofSeconds(3));
            assertThat(server.connections()).isZero();
        }
        Asyncio.sleep(Duration.ofMillis(1)); // the server's tasks end
    }
}
