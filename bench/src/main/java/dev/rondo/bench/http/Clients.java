package dev.rondo.bench.http;

import dev.rondo.Asyncio;
import dev.rondo.Task;
import dev.rondo.http.client.ClientSession;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Asks for one page, again and again, 64 requests at a time. Arguments: {@code rondo}, {@code jdk} or {@code vertx},
 * and the URL. Each line of input is how many times; the line of output says how many bytes came.
 */
final class Clients {

    private static final int AT_ONCE = 64;

    private Clients() {}

    static void main(String[] args) throws Exception {
        switch (args[0]) {
            case "rondo" -> rondo(args[1]);
            case "jdk" -> jdk(args[1]);
            case "vertx" -> vertx(args[1]);
            default -> throw new IllegalArgumentException("rondo, jdk or vertx, not " + args[0]);
        }
    }

    /** One client's way to ask {@code count} times. */
    private interface Rounds {
        long run(int count) throws Exception;
    }

    /** A way to read the next line. */
    private interface Lines {
        @Nullable String next(BufferedReader in) throws Exception;
    }

    private static void eachLine(Lines lines, Rounds rounds) throws Exception {
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        System.out.println("ready");
        for (String line; (line = lines.next(in)) != null; ) {
            System.out.println(rounds.run(Integer.parseInt(line)));
        }
    }

    private static void rondo(String url) throws Exception {
        Asyncio.run(() -> {
            try (var session = new ClientSession()) {
                eachLine(in -> Asyncio.toThread(in::readLine), count -> {
                    int[] left = {count};
                    long[] bytes = {0};
                    var askers = new ArrayList<Task<Void, IOException>>();
                    for (int i = 0; i < AT_ONCE; i++) {
                        askers.add(Asyncio.createTask(() -> {
                            while (left[0]-- > 0) {
                                try (var response = session.get(url)) {
                                    byte[] page = response.read(); // suspends, and += would not see what others add
                                    bytes[0] += page.length;
                                }
                            }
                            return null;
                        }));
                    }
                    for (Task<Void, IOException> asker : askers) {
                        asker.await();
                    }
                    return bytes[0];
                });
            }
            return null;
        });
    }

    private static void jdk(String url) throws Exception {
        try (var client = java.net.http.HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(url)).build();
            eachLine(BufferedReader::readLine, count -> {
                var left = new AtomicInteger(count);
                var bytes = new AtomicInteger();
                var done = new CountDownLatch(AT_ONCE);
                for (int i = 0; i < AT_ONCE; i++) {
                    askAgain(client, request, left, bytes, done);
                }
                done.await();
                return bytes.get();
            });
        }
    }

    private static void askAgain(
            java.net.http.HttpClient client,
            HttpRequest request,
            AtomicInteger left,
            AtomicInteger bytes,
            CountDownLatch done) {
        if (left.getAndDecrement() <= 0) {
            done.countDown();
            return;
        }
        CompletableFuture<?> asked = client.sendAsync(request, BodyHandlers.ofByteArray())
                .thenAccept(response -> bytes.addAndGet(response.body().length));
        var _ = asked.whenComplete((_, failure) -> {
            if (failure != null) {
                failure.printStackTrace();
            }
            askAgain(client, request, left, bytes, done);
        });
    }

    private static void vertx(String url) throws Exception {
        URI address = URI.create(url);
        Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
        HttpClient client = vertx.createHttpClient(new PoolOptions().setHttp1MaxSize(AT_ONCE));
        eachLine(BufferedReader::readLine, count -> {
            var left = new AtomicInteger(count);
            var bytes = new AtomicInteger();
            var done = new CountDownLatch(AT_ONCE);
            vertx.runOnContext(_ -> {
                for (int i = 0; i < AT_ONCE; i++) {
                    askAgain(client, address, left, bytes, done);
                }
            });
            done.await();
            return bytes.get();
        });
        vertx.close().await();
    }

    private static void askAgain(
            HttpClient client, URI address, AtomicInteger left, AtomicInteger bytes, CountDownLatch done) {
        if (left.getAndDecrement() <= 0) {
            done.countDown();
            return;
        }
        client.request(HttpMethod.GET, address.getPort(), address.getHost(), address.getPath())
                .compose(request -> request.send().compose(response -> response.body()))
                .onComplete(body -> {
                    if (body.failed()) {
                        body.cause().printStackTrace();
                    } else {
                        bytes.addAndGet(body.result().length());
                    }
                    askAgain(client, address, left, bytes, done);
                });
    }
}
