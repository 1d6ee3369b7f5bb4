package dev.rondo.http.client;

import static dev.rondo.Asyncio.createTask;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import dev.rondo.Runner;
import dev.rondo.Task;
import dev.rondo.http.Body;
import dev.rondo.http.Headers;
import dev.rondo.http.HttpException;
import dev.rondo.http.RawServer;
import dev.rondo.http.TestCertificate;
import dev.rondo.http.h1.ResponseHead;
import dev.rondo.http.h2.ErrorCode;
import dev.rondo.http.h2.Http2Connection;
import dev.rondo.http.h2.Http2Options;
import dev.rondo.http.h2.Http2Stream;
import dev.rondo.net.Net;
import dev.rondo.net.TlsOptions;
import dev.rondo.reactor.FaultyDriver;
import dev.rondo.reactor.NioDriver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Many who come, are cancelled, close early and are refused, on few connections that end now and then. */
class SharedConnectionsTest {

    private static EventLoop newLoop(boolean late) {
        return late
                ? EventLoop.builder()
                        .driver(post -> FaultyDriver.late(new NioDriver(post)))
                        .build()
                : EventLoop.builder().build();
    }

    private static void serve(RawServer.Peer tcp, Random random) throws IOException {
        try (var tls = Net.startTlsServer(
                        tcp.stream(), TestCertificate.CONTEXT, TlsOptions.DEFAULT.withApplicationProtocols("h2"));
                var http = Http2Connection.server(
                        tls, Http2Options.SERVER.withMaxStreams(4), stream -> answer(stream, random))) {
            Task<?, ?> leaving = createTask(() -> {
                for (int i = random.nextInt(200); i >= 0; i--) {
                    Asyncio.yieldNow();
                }
                http.shutdown();
            });
            http.awaitClosed();
            leaving.cancel();
        }
    }

    private static void answer(Http2Stream stream, Random random) throws IOException {
        if (random.nextInt(10) == 0) {
            stream.reset(random.nextBoolean() ? ErrorCode.REFUSED_STREAM : ErrorCode.INTERNAL_ERROR);
            return;
        }
        boolean early = random.nextInt(4) == 0;
        while (!early && stream.readContent() != null) {
            // all of the request
        }
        stream.sendHead(new ResponseHead(200, "", true, Headers.of("Content-Type", "text/plain")), false);
        stream.write(ByteBuffer.allocate(random.nextInt(100_000)), true);
    }

    private static String ask(ClientSession session, String url, Random random) throws IOException {
        ClientRequest request = session.to("PUT", url);
        if (random.nextBoolean()) {
            request = request.withBody(Body.of(new byte[random.nextInt(300_000)]));
        }
        try (var response = session.request(request)) {
            return random.nextInt(3) == 0 ? "closed early" : response.text();
        } catch (HttpException failed) {
            return String.valueOf(failed.getMessage()).contains("REFUSED_STREAM") ? "refused" : "failed";
        }
    }

    @ParameterizedTest
    @CsvSource({"1,false,1", "2,false,3", "3,true,1", "4,true,2", "5,false,2", "6,true,3"})
    void everySlotComesBack(int seed, boolean late, int connections) throws Exception {
        var random = new Random(seed);
        try (var runner = new Runner(() -> newLoop(late))) {
            runner.run(() -> Asyncio.timeout(Duration.ofSeconds(60), () -> {
                try (var server = RawServer.start(tcp -> serve(tcp, random));
                        var session = ClientSession.builder()
                                .sslContext(TestCertificate.CONTEXT)
                                .pool(PoolOptions.DEFAULT.withPerHost(connections))
                                .build()) {
                    String url = "https://127.0.0.1:" + server.port();
                    var all = new ArrayList<Task<String, IOException>>();
                    for (int i = 0; i < 150; i++) {
                        all.add(createTask(() -> ask(session, url, random)));
                        for (int turns = random.nextInt(8); turns > 0; turns--) {
                            Asyncio.yieldNow();
                        }
                        if (random.nextInt(4) == 0) {
                            all.get(random.nextInt(all.size())).cancel();
                        }
                    }
                    int refused = 0;
                    for (Task<String, IOException> each : all) {
                        Asyncio.waitAll(List.of(each));
                        assertThat(each.cancelled() || each.exception() == null)
                                .as(each.toString())
                                .isTrue();
                        refused += !each.cancelled() && each.result().equals("refused") ? 1 : 0;
                    }
                    // One that the server refuses at random four times in a row is one in ten thousand.
                    assertThat(refused).isLessThan(10);
                    assertThat(session.toString())
                            .startsWith("ClientSession[0 in use, ")
                            .endsWith(" 0 waiting]");
                }
                return true;
            }));
        }
    }
}
