package dev.rondo.parts;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.gather;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.rondo.Asyncio;
import dev.rondo.Task;
import dev.rondo.TaskCancelledException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The JDK's HTTP client, by its blocking method. */
@Tag("heavy")
class HttpClientTest {

    private static final int COROUTINES = 200;

    private final HttpClient client = HttpClient.newHttpClient();
    private final ExecutorService serverThread = Executors.newSingleThreadExecutor();
    private final Semaphore beats = new Semaphore(0);
    private final CountDownLatch asked = new CountDownLatch(1);
    private HttpServer server;

    @BeforeEach
    void startServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), COROUTINES);
        server.setExecutor(serverThread);
        server.createContext("/on-beat/", this::answerOnBeat);
        server.createContext("/never", _ -> asked.countDown());
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
        serverThread.shutdownNow();
        client.shutdownNow();
    }

    /** Answers with what stands in the path, one request for each beat of the loop. */
    private void answerOnBeat(HttpExchange exchange) throws IOException {
        try (exchange) {
            beats.acquireUninterruptibly();
            byte[] body = exchange.getRequestURI()
                    .getPath()
                    .substring("/on-beat/".length())
                    .getBytes(US_ASCII);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private String get(String path) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
        return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString())
                .body();
    }

    @Test
    void twoHundredCoroutinesSendAndTheLoopKeepsItsBeat() throws Exception {
        List<String> answers = new ArrayList<>();
        int count = Asyncio.run(() -> Beat.during(
                () -> {
                    List<Task<String, Exception>> requests = new ArrayList<>();
                    for (int i = 0; i < COROUTINES; i++) {
                        int number = i;
                        requests.add(createTask(() -> get("/on-beat/" + number)));
                    }
                    answers.addAll(gather(requests));
                },
                _ -> beats.release()));
        assertThat(answers)
                .isEqualTo(IntStream.range(0, COROUTINES)
                        .mapToObj(Integer::toString)
                        .toList());
        assertThat(count).as("beats, each of which had one request answered").isGreaterThanOrEqualTo(COROUTINES);
    }

    @Test
    void aCancelEndsTheRequestAndTheClientGoesOn() throws Exception {
        Asyncio.run(() -> {
            Task<?, ?> request = createTask(() -> get("/never"));
            asked.await();
            request.cancel();
            assertThatThrownBy(request::await).isInstanceOf(TaskCancelledException.class);
            assertThat(request.cancelled()).isTrue();
            beats.release();
            assertThat(get("/on-beat/on")).isEqualTo("on");
        });
    }
}
