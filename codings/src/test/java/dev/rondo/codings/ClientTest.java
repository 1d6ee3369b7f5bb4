package dev.rondo.codings;

import static dev.rondo.codings.Coded.TEXT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.AsyncEvent;
import dev.rondo.Asyncio;
import dev.rondo.Task;
import dev.rondo.http.Body;
import dev.rondo.http.ContentDecodingException;
import dev.rondo.http.Headers;
import dev.rondo.http.TooLargeException;
import dev.rondo.http.client.ClientResponse;
import dev.rondo.http.client.ClientSession;
import dev.rondo.http.client.Limits;
import dev.rondo.http.encoding.Codings;
import dev.rondo.http.server.Handler;
import dev.rondo.http.server.HttpServer;
import dev.rondo.http.server.Response;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The codings in the client and the server, and what they hold outside the heap. */
class ClientTest {

    @FunctionalInterface
    private interface Conversation {
        void run(ClientSession session, String url) throws Exception;
    }

    private static void with(Handler handler, Conversation conversation) throws Exception {
        with(handler, Limits.DEFAULT, conversation);
    }

    private static void with(Handler handler, Limits limits, Conversation conversation) throws Exception {
        Asyncio.run(() -> {
            try (var server = HttpServer.start(handler, "127.0.0.1", 0);
                    var session = ClientSession.builder().limits(limits).build()) {
                conversation.run(session, "http://127.0.0.1:" + server.port() + "/");
            }
        });
    }

    private static Response coded(String coding, byte[] bytes) {
        return new Response(200, Headers.of("Content-Encoding", coding), Body.of("text/plain", bytes));
    }

    @AfterEach
    void nothingIsHeldOutsideTheHeap() throws Exception {
        assertThat(OffHeap.holders()).isZero();
    }

    @Test
    void aClientNamesWhatIsThere() throws Exception {
        with(request -> Response.text(request.headers().get("Accept-Encoding")), (session, url) -> {
            try (var response = session.get(url)) {
                assertThat(response.text()).isEqualTo("gzip, deflate, br, zstd");
            }
        });
    }

    @Test
    void aServerTakesTheBestThereIs() throws Exception {
        assertThat(Codings.preferred("gzip, deflate, br, zstd").name()).isEqualTo("zstd");
        assertThat(Codings.preferred("gzip, deflate, br").name()).isEqualTo("br");
        assertThat(Codings.preferred("gzip;q=1, br;q=0.5").name()).isEqualTo("gzip");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "deflate", "br", "zstd"})
    void aBodyIsCompressedOnOneSideAndComesOutOnTheOther(String coding) throws Exception {
        with(request -> Response.of(Body.of("text/plain", TEXT).compressed(coding)), (session, url) -> {
            try (var response = session.get(url)) {
                assertThat(response.headers().get("Content-Encoding")).isEqualTo(coding);
                assertThat(response.read()).isEqualTo(TEXT);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "br", "zstd"})
    void aClientSendsACompressedBodyAndTheServerReadsWhatItStandsFor(String coding) throws Exception {
        Handler handler = request -> {
            assertThat(request.headers().get("Content-Encoding")).isEqualTo(coding);
            assertThat(request.headers().get("Content-Type")).startsWith("text/plain");
            assertThat(request.contentLength()).isEqualTo(-1);
            return Response.of("text/plain", request.read());
        };
        with(handler, (session, url) -> {
            Body body = Body.text(new String(TEXT, StandardCharsets.UTF_8)).compressed(coding);
            try (var response = session.post(url, body)) {
                assertThat(response.read()).isEqualTo(TEXT);
            }
        });
    }

    @Test
    void codingsOneOverTheOtherAreUndoneInOrder() throws Exception {
        with(request -> Response.of(Body.of(TEXT).compressed("zstd").compressed("br")), (session, url) -> {
            try (var response = session.get(url)) {
                assertThat(response.headers().get("Content-Encoding")).isEqualTo("zstd, br");
                assertThat(response.read()).isEqualTo(TEXT);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "deflate", "br", "zstd"})
    void aBombIsStoppedByRatioAndByBodyBytes(String coding) throws Exception {
        byte[] bomb = Coded.encode(coding, new byte[20_000_000]);
        with(request -> coded(coding, bomb), (session, url) -> {
            try (var response = session.get(url)) {
                assertThatThrownBy(response::read)
                        .isInstanceOf(TooLargeException.class)
                        .hasMessageContaining("Limits.ratio");
            }
        });
        with(request -> coded(coding, bomb), Limits.DEFAULT.withRatio(0).withBodyBytes(5_000_000), (session, url) -> {
            try (var response = session.get(url)) {
                assertThatThrownBy(response::read)
                        .isInstanceOf(TooLargeException.class)
                        .hasMessageContaining("Limits.bodyBytes");
            }
        });
    }

    /** 50 MB of zstd's skippable frame come out of br, and nothing of them. */
    @Test
    void aBombInTheMiddleIsStoppedToo() throws Exception {
        byte[] skippable = new byte[50_000_000];
        ByteBuffer.wrap(skippable)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(0x184d2a50)
                .putInt(skippable.length - 8);
        byte[] bomb = Coded.encode("br", skippable);
        assertThat(bomb.length).isLessThan(1000);
        with(request -> coded("zstd, br", bomb), (session, url) -> {
            try (var response = session.get(url)) {
                assertThatThrownBy(response::read)
                        .isInstanceOf(TooLargeException.class)
                        .hasMessageContaining("Limits.ratio");
            }
        });
    }

    // ------------------------------------------------------------------------------------------ outside the heap

    @ParameterizedTest
    @ValueSource(strings = {"br", "zstd"})
    void aDecoderIsFreedWhenItsBodyIsDamaged(String coding) throws Exception {
        byte[] damaged = Coded.encode(coding, TEXT);
        Arrays.fill(damaged, damaged.length / 2, damaged.length, (byte) 0xee);
        with(request -> coded(coding, damaged), (session, url) -> {
            ClientResponse response = session.get(url); // not closed
            assertThatThrownBy(response::read).isInstanceOf(ContentDecodingException.class);
            assertThat(OffHeap.holders()).isZero();
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"br", "zstd"})
    void aDecoderIsFreedWhenItsResponseIsClosed(String coding) throws Exception {
        with(request -> coded(coding, Coded.encode(coding, TEXT)), (session, url) -> {
            try (var response = session.get(url)) {
                assertThat(OffHeap.holders()).as("before the body is read").isZero();
                response.content().read(ByteBuffer.allocate(10));
                assertThat(OffHeap.holders()).isEqualTo(1);
            }
            assertThat(OffHeap.holders()).isZero();
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"br", "zstd"})
    void aDecoderIsFreedWhenItsReaderIsCancelled(String coding) throws Exception {
        var noise = new byte[600_000]; // of several blocks: half of it begins to come out
        new Random(3).nextBytes(noise);
        byte[] encoded = Coded.encode(coding, noise);
        Handler handler =
                request -> new Response(200, Headers.of("Content-Encoding", coding), Body.stream("text/plain", out -> {
                    out.write(Arrays.copyOf(encoded, encoded.length / 2));
                    new AsyncEvent().await(); // the rest never comes
                }));
        with(handler, (session, url) -> {
            var begun = new AsyncEvent();
            Task<?, ?> reader = Asyncio.createTask(() -> {
                try (var response = session.get(url)) {
                    response.content().read(ByteBuffer.allocate(10));
                    begun.set();
                    return response.content().chunks().iterator().next().length + drain(response);
                }
            });
            begun.await();
            assertThat(OffHeap.holders()).isEqualTo(1);
            Asyncio.yieldNow();
            reader.cancel();
            Asyncio.waitAll(List.of(reader));
            assertThat(reader.cancelled()).isTrue();
            assertThat(OffHeap.holders()).isZero();
        });
    }

    private static int drain(ClientResponse response) throws Exception {
        int count = 0;
        while (response.content().readChunk() != null) {
            count++;
        }
        return count;
    }

    @ParameterizedTest
    @ValueSource(strings = {"br", "zstd"})
    void anEncoderIsFreedWhenItsBodyFailsOrIsCancelled(String coding) throws Exception {
        Asyncio.run(() -> {
            Body failing = Body.stream(null, out -> {
                        out.write(TEXT);
                        assertThat(OffHeap.holders()).isEqualTo(1);
                        throw new IllegalStateException("no more rows");
                    })
                    .compressed(coding);
            assertThatThrownBy(() -> failing.writeTo(piece -> piece.position(piece.limit())))
                    .hasMessage("no more rows");
            assertThat(OffHeap.holders()).isZero();

            var begun = new AsyncEvent();
            Body waiting = Body.stream(null, out -> {
                        out.write(TEXT);
                        begun.set();
                        new AsyncEvent().await();
                    })
                    .compressed(coding);
            Task<?, ?> sender = Asyncio.createTask(() -> {
                waiting.writeTo(piece -> piece.position(piece.limit()));
                return true;
            });
            begun.await();
            assertThat(OffHeap.holders()).isEqualTo(1);
            sender.cancel();
            Asyncio.waitAll(List.of(sender));
            assertThat(OffHeap.holders()).isZero();
        });
    }

    /** Leaked, it would be gigabytes. */
    @ParameterizedTest
    @ValueSource(strings = {"br", "zstd"})
    @EnabledOnOs(OS.LINUX)
    void theProcessDoesNotGrow(String coding) throws Exception {
        byte[] encoded = Coded.encode(coding, new byte[2_000_000]);
        long before = 0;
        for (int i = 0; i < 1000; i++) {
            if (i == 100) {
                before = residentBytes();
            }
            try (var decoder = Coded.decoder(coding)) {
                ByteBuffer out = ByteBuffer.allocate(1000);
                ByteBuffer in = ByteBuffer.wrap(encoded);
                for (int j = 0; j < 20; j++) {
                    decoder.decode(in, out.clear());
                }
            }
            try (var encoder = Coded.encoder(coding)) {
                encoder.encode(ByteBuffer.wrap(TEXT), ByteBuffer.allocate(1000));
            }
        }
        assertThat(residentBytes() - before).isLessThan(150_000_000);
    }

    private static long residentBytes() throws Exception {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
            }
        }
        throw new AssertionError("no VmRSS");
    }
}
