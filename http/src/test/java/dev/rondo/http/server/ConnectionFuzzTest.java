package dev.rondo.http.server;

import static dev.rondo.Asyncio.run;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.Asyncio;
import dev.rondo.http.HttpException;
import dev.rondo.http.client.ClientResponse;
import dev.rondo.http.client.ClientSession;
import dev.rondo.http.client.Limits;
import dev.rondo.http.client.RetryPolicy;
import dev.rondo.http.client.Timeouts;
import dev.rondo.net.ByteStream;
import dev.rondo.net.Listener;
import dev.rondo.net.Net;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Whole connections that are sent what somebody spoilt, in pieces of any size: each ends, with an answer or without
 * one, and leaves nothing behind. A seed that fails fails again.
 */
class ConnectionFuzzTest {

    private static final Duration LIMIT = Duration.ofSeconds(20); // for one connection: more is a hang

    private static final String[] REQUESTS = {
        "GET /a?b=c HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
        "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;e=f\r\nhello\r\n0\r\nT: r\r\n\r\n",
        "PUT /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
        "GET / HTTP/1.0\r\n\r\n",
        "HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n\u0081\u0085\0\0\0\0hello",
    };

    private static final String[] ANSWERS = {
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 301 Moved\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.0 200 OK\r\n\r\nuntil the end",
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 10\r\n\r\n\u001f\u008b\b\0\0\0\0\0\0\0",
        "HTTP/1.1 200 OK\r\nSet-Cookie: a=b; Path=/\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 1\r\n\r\nx",
    };

    private static final String[] PIECES = {
        "\r\n",
        "\n",
        "\r",
        "\0",
        ":",
        " ",
        "\t",
        "0",
        "-1",
        "99999999999999999999",
        "%",
        "Content-Length: 7\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Host: y\r\n",
        "\r\n\r\n",
        "HTTP/1.1",
        "GET ",
        "\u00ff",
        ";",
        ",",
        "Connection: close\r\n"
    };

    /** Spoils one of these, or several behind one another. */
    private static byte[] spoilt(Random random, String[] whole) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(3); i >= 0; i--) {
            text.append(whole[random.nextInt(whole.length)]);
        }
        for (int i = random.nextInt(4); i > 0 && !text.isEmpty(); i--) {
            int at = random.nextInt(text.length());
            switch (random.nextInt(5)) {
                case 0 -> text.deleteCharAt(at);
                case 1 -> text.setCharAt(at, (char) random.nextInt(256));
                case 2 -> text.insert(at, PIECES[random.nextInt(PIECES.length)]);
                case 3 -> text.setLength(at);
                default -> text.insert(at, text.substring(at, Math.min(text.length(), at + random.nextInt(20))));
            }
        }
        return text.toString().getBytes(ISO_8859_1);
    }

    private static void sendInSlices(ByteStream stream, byte[] bytes, Random random) {
        try {
            for (int at = 0; at < bytes.length; ) {
                int count = Math.min(bytes.length - at, 1 + random.nextInt(random.nextBoolean() ? 3 : 200));
                stream.write(ByteBuffer.wrap(bytes, at, count));
                at += count;
                if (random.nextInt(4) == 0) {
                    Asyncio.yieldNow();
                }
            }
            stream.shutdownOutput();
        } catch (IOException hungUpOn) {
            // in the middle, which is an answer too
        }
    }

    private static String readAll(ByteStream stream) {
        var all = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(4096);
        try {
            while (stream.read(buffer.clear()) >= 0) {
                all.write(buffer.array(), 0, buffer.position());
            }
        } catch (IOException reset) {
            // what has come is there
        }
        return all.toString(ISO_8859_1);
    }

    @Test
    void aServerAnswersOrHangsUpWhateverItIsSent() throws Exception {
        Handler handler = request -> request.header("Upgrade") != null
                ? Response.webSocket(request, socket -> {
                    while (socket.receive() != null) {
                        socket.sendStr("yes");
                    }
                })
                : Response.text(request.method() + " " + request.text());
        List<String> escaped = new ArrayList<>();
        run(() -> {
            Asyncio.getRunningLoop().setExceptionHandler((loop, context) -> escaped.add(context.toString()));
            try (HttpServer server =
                    HttpServer.start(handler, "127.0.0.1", 0, ServerOptions.DEFAULT.withBodyBytes(1000))) {
                for (int seed = 0; seed < 3000; seed++) {
                    String answer = onConnection(server.port(), new Random(seed));
                    assertThat(answer.isEmpty() || answer.startsWith("HTTP/1."))
                            .as("seed %d: %s", seed, answer)
                            .isTrue();
                }
                while (server.connections() > 0) {
                    Asyncio.yieldNow();
                }
                try (ClientSession session = new ClientSession();
                        ClientResponse response = session.get(server.url() + "/")) {
                    assertThat(response.text()).isEqualTo("GET ");
                }
            }
        });
        assertThat(escaped).isEmpty();
    }

    private static String onConnection(int port, Random random) {
        return Asyncio.timeout(LIMIT, () -> {
            try (ByteStream stream = Net.connectTcp("127.0.0.1", port)) {
                byte[] bytes = spoilt(random, REQUESTS);
                var sending = Asyncio.createTask(() -> sendInSlices(stream, bytes, random));
                String answer = readAll(stream);
                sending.await();
                return answer;
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    @Test
    void aClientHasAnAnswerOrAnErrorWhateverItIsSent() throws Exception {
        List<String> escaped = new ArrayList<>();
        int[] answers = new int[2];
        run(() -> {
            Asyncio.getRunningLoop().setExceptionHandler((loop, context) -> escaped.add(context.toString()));
            try (Listener listener = Net.listen("127.0.0.1", 0);
                    ClientSession session = ClientSession.builder()
                            .timeouts(Timeouts.NONE)
                            .retry(RetryPolicy.NONE)
                            .limits(Limits.DEFAULT.withBodyBytes(10_000))
                            .build()) {
                int[] seed = {0};
                var serving = Asyncio.createTask(() -> {
                    while (true) {
                        ByteStream client = listener.accept();
                        Random random = new Random(seed[0]);
                        Asyncio.createTask(() -> serve(client, random));
                    }
                });
                for (; seed[0] < 3000; seed[0]++) {
                    boolean answered = Asyncio.timeout(LIMIT, () -> {
                        try (ClientResponse response = session.get("http://127.0.0.1:" + listener.port() + "/")) {
                            response.read();
                            return true;
                        } catch (HttpException e) {
                            return false;
                        }
                    });
                    answers[answered ? 1 : 0]++;
                }
                serving.cancel();
            }
        });
        assertThat(answers[0]).as("errors").isGreaterThan(300);
        assertThat(answers[1]).as("answers").isGreaterThan(300);
        assertThat(escaped).isEmpty();
    }

    private static void serve(ByteStream client, Random random) {
        try (client) {
            StringBuilder head = new StringBuilder();
            ByteBuffer buffer = ByteBuffer.allocate(4096);
            while (head.indexOf("\r\n\r\n") < 0 && client.read(buffer.clear()) >= 0) {
                head.append(ISO_8859_1.decode(buffer.flip()));
            }
            if (!head.isEmpty()) {
                sendInSlices(client, spoilt(random, ANSWERS), random);
                readAll(client);
            }
        } catch (IOException gone) {
            // the client has had enough
        }
    }
}
