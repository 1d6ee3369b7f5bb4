package dev.rondo.http.client;

import static dev.rondo.Asyncio.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.http.Body;
import dev.rondo.http.RawServer;
import dev.rondo.http.ReadTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A body that waits for the server's word. */
class ExpectContinueTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final String CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";

    private final List<String> log = new ArrayList<>();

    private RawServer asking(String before) throws Exception {
        return RawServer.start(peer -> {
            peer.readRequest();
            log.add("the server has the head");
            peer.send(before + CONTINUE);
            ByteBuffer body = ByteBuffer.allocate(4);
            while (body.hasRemaining()) {
                peer.stream().read(body);
            }
            log.add("the server has " + new String(body.array(), StandardCharsets.US_ASCII));
            peer.send(OK);
            peer.readRequest();
            peer.send(OK);
        });
    }

    private ClientRequest put(ClientSession session, String url, Body body) throws Exception {
        return session.to("PUT", url).withBody(body).withExpectContinue();
    }

    @Test
    void theBodyFollowsTheServersWord() throws Exception {
        run(() -> {
            try (var server = asking("HTTP/1.1 103 Early Hints\r\n\r\n");
                    var session = new ClientSession()) {
                try (var response = session.request(put(session, server.url(), Body.of("body".getBytes())))) {
                    assertThat(response.text()).isEqualTo("ok");
                }
                try (var response = session.get(server.url())) {
                    assertThat(response.text()).isEqualTo("ok");
                }
                assertThat(server.connections()).isEqualTo(1);
                assertThat(server.requests().getFirst()).contains("Expect: 100-continue\r\n", "Content-Length: 4\r\n");
                assertThat(log).containsExactly("the server has the head", "the server has body");
            }
        });
    }

    @Test
    void aBodyThatIsMadeWhileItIsSentIsMadeOnlyThen() throws Exception {
        run(() -> {
            try (var server = RawServer.start(peer -> {
                        peer.readRequest();
                        log.add("head");
                        peer.send(CONTINUE);
                        peer.awaitEnd();
                    });
                    var session = ClientSession.builder()
                            .timeouts(Timeouts.NONE.withRead(Duration.ofMillis(200)))
                            .build()) {
                Body body = Body.stream(null, out -> {
                    log.add("body");
                    out.write("body");
                });
                assertThatThrownBy(() -> session.request(put(session, server.url(), body)))
                        .isInstanceOf(ReadTimeoutException.class);
                assertThat(log).containsExactly("head", "body");
            }
        });
    }

    @Test
    void aRefusalIsTheAnswerAndTheBodyIsNotSent() throws Exception {
        run(() -> {
            try (var server = RawServer.start(peer -> {
                        peer.readRequest();
                        peer.send("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n");
                        peer.awaitEnd();
                    });
                    var session = new ClientSession();
                    var response =
                            session.request(put(session, server.url(), Body.stream(null, out -> log.add("body"))))) {
                assertThat(response.status()).isEqualTo(417);
                assertThat(log).isEmpty();
                assertThat(session).as("not kept").hasToString("ClientSession[0 in use, 0 idle, 0 waiting]");
            }
        });
    }

    @Test
    void aServerThatSaysNothingIsWaitedForAsLongAsForAnyAnswer() throws Exception {
        run(() -> {
            try (var server = RawServer.start(peer -> peer.awaitEnd());
                    var session = ClientSession.builder()
                            .timeouts(Timeouts.NONE.withRead(Duration.ofMillis(50)))
                            .build()) {
                assertThatThrownBy(() -> session.request(put(session, server.url(), Body.of("body".getBytes()))))
                        .isInstanceOf(ReadTimeoutException.class);
            }
        });
    }
}
