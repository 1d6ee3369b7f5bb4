package dev.rondo.http.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.Asyncio;
import dev.rondo.http.Headers;
import dev.rondo.http.MalformedMessageException;
import dev.rondo.http.RawServer;
import dev.rondo.http.StatusException;
import dev.rondo.http.client.ClientSession;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class HandshakeTest {

    /** The example of RFC 6455 §1.3. */
    private static final Headers ASKED = Headers.of(
            "Host", "server.example.com",
            "Upgrade", "websocket",
            "Connection", "keep-alive, Upgrade",
            "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==",
            "Origin", "http://server.example.com",
            "Sec-WebSocket-Protocol", "chat, superchat",
            "Sec-WebSocket-Version", "13");

    private static ServerHandshake answer(Headers asked, WebSocketOptions options) {
        return ServerHandshake.answer("GET", true, asked, options);
    }

    private static int status(Headers asked) {
        return answer(asked, WebSocketOptions.DEFAULT).status();
    }

    // ------------------------------------------------------------------------------------------------ the server

    @Test
    void aServerAnswersTheExampleOfTheRfc() {
        ServerHandshake answer = answer(ASKED, WebSocketOptions.DEFAULT.withProtocols("superchat", "chat"));
        assertThat(answer.status()).isEqualTo(101);
        assertThat(answer.headers().get("Upgrade")).isEqualTo("websocket");
        assertThat(answer.headers().get("Connection")).isEqualTo("Upgrade");
        assertThat(answer.headers().get("Sec-WebSocket-Accept")).isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assertThat(answer.headers().get("Sec-WebSocket-Protocol")).isEqualTo("chat"); // the client's first
        assertThat(answer.headers().contains("Sec-WebSocket-Extensions")).isFalse();
    }

    @Test
    void aServerRefusesWhatIsNoHandshake() {
        assertThat(status(ASKED.without("Upgrade"))).isEqualTo(400);
        assertThat(status(ASKED.with("Upgrade", "h2c"))).isEqualTo(400);
        assertThat(status(ASKED.with("Connection", "keep-alive"))).isEqualTo(400);
        assertThat(status(ASKED.without("Sec-WebSocket-Key"))).isEqualTo(400);
        assertThat(status(ASKED.with("Sec-WebSocket-Key", "c2hvcnQ="))).isEqualTo(400);
        assertThat(status(ASKED.with("Sec-WebSocket-Key", "!".repeat(24)))).isEqualTo(400);
        Headers twoKeys = Headers.builder()
                .addAll(ASKED)
                .add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
                .build();
        assertThat(status(twoKeys)).isEqualTo(400);
        assertThat(ServerHandshake.answer("POST", true, ASKED, WebSocketOptions.DEFAULT)
                        .status())
                .isEqualTo(400);
        assertThat(ServerHandshake.answer("GET", false, ASKED, WebSocketOptions.DEFAULT)
                        .status())
                .isEqualTo(400);
    }

    @Test
    void aServerNamesTheVersionThatItSpeaks() {
        for (Headers asked :
                List.of(ASKED.with("Sec-WebSocket-Version", "8"), ASKED.without("Sec-WebSocket-Version"))) {
            ServerHandshake answer = answer(asked, WebSocketOptions.DEFAULT);
            assertThat(answer.status()).isEqualTo(426);
            assertThat(answer.headers().get("Sec-WebSocket-Version")).isEqualTo("13");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "http://server.example.com, server.example.com, 101",
        "http://server.example.com, server.example.com:80, 101",
        "https://server.example.com, server.example.com, 101",
        "https://server.example.com, server.example.com:443, 101",
        "HTTP://Server.Example.com, server.example.com, 101",
        "http://server.example.com:8080, server.example.com:8080, 101",
        "http://[::1]:8080, [::1]:8080, 101",
        "http://[::1], [::1], 101",
        "http://server.example.com:8080, server.example.com, 403",
        "http://evil.example.com, server.example.com, 403",
        "http://server.example.com.evil.com, server.example.com, 403",
        "null, server.example.com, 403",
        "http://user@server.example.com, server.example.com, 403",
        "' ', server.example.com, 403"
    })
    void aServerTakesPagesOfItsOwnHost(String origin, String host, int status) {
        assertThat(status(ASKED.with("Origin", origin).with("Host", host))).isEqualTo(status);
    }

    @Test
    void aServerMayBeToldWhichPagesToTake() {
        var options = WebSocketOptions.DEFAULT.withOrigins("https://friend.example"::equals);
        assertThat(answer(ASKED.with("Origin", "https://friend.example"), options)
                        .status())
                .isEqualTo(101);
        assertThat(answer(ASKED, options).status()).isEqualTo(403);
        assertThat(answer(ASKED.without("Origin"), options).status()).isEqualTo(101); // no browser
    }

    // -------------------------------------------------------------------------------------------------- extensions

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "permessage-deflate | permessage-deflate",
                "permessage-deflate; client_max_window_bits | permessage-deflate",
                "permessage-deflate; client_max_window_bits=10 | permessage-deflate",
                "permessage-deflate; client_max_window_bits=\"10\" | permessage-deflate",
                "permessage-deflate; server_no_context_takeover | permessage-deflate; server_no_context_takeover",
                "permessage-deflate; client_no_context_takeover | permessage-deflate; client_no_context_takeover",
                "permessage-deflate; server_max_window_bits=15 | permessage-deflate; server_max_window_bits=15",
                "permessage-deflate; server_max_window_bits=10 |",
                "permessage-deflate; server_max_window_bits=10, permessage-deflate | permessage-deflate",
                "x-webkit-deflate-frame, , permessage-deflate | permessage-deflate",
                "permessage-deflate; server_max_window_bits |",
                "permessage-deflate; server_max_window_bits=16 |",
                "permessage-deflate; server_max_window_bits=015 |",
                "permessage-deflate; client_max_window_bits=7 |",
                "permessage-deflate; client_max_window_bits= |",
                "permessage-deflate; server_no_context_takeover=1 |",
                "permessage-deflate; unknown |",
                "permessage-deflate; client_max_window_bits; client_max_window_bits |",
                "permessage-deflate; |",
                "x-webkit-deflate-frame |",
                "\"permessage-deflate |",
                "|"
            })
    void aServerTakesTheFirstOfferThatItCanKeep(String offer, String answer) {
        Headers asked = ASKED.with("Sec-WebSocket-Extensions", offer == null ? "" : offer);
        assertThat(answer(asked, WebSocketOptions.DEFAULT).headers().get("Sec-WebSocket-Extensions"))
                .isEqualTo(answer);
        assertThat(answer(asked, WebSocketOptions.DEFAULT.withCompress(false))
                        .headers()
                        .contains("Sec-WebSocket-Extensions"))
                .isFalse();
    }

    // --------------------------------------------------------------------------------------------------- the client

    /** Has a client ask a server that answers with these lines, {@code KEY} being what it should accept. */
    private static WebSocket open(String answer, WebSocketOptions options) throws Exception {
        try (var server = RawServer.start(peer -> {
                    String request = peer.readRequest();
                    String key = request.split("Sec-WebSocket-Key: ")[1].split("\r\n")[0];
                    peer.send(answer.replace("KEY", WebSocketKey.accept(key)).replace("\n", "\r\n"));
                    peer.awaitEnd();
                });
                var session = new ClientSession()) {
            try {
                return session.webSocket(server.url(), options);
            } catch (Exception refused) {
                assertThat(session.toString())
                        .startsWith("ClientSession[0 in use"); // an answer that was read to its end leaves one idle
                throw refused;
            }
        }
    }

    private static final String SWITCHED =
            "HTTP/1.1 101 Whatever\nUpgrade: WebSocket\nConnection: upgrade\nSec-WebSocket-Accept: KEY\n";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 101 X\nUpgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Accept: KE\n\n",
                "HTTP/1.1 101 X\nUpgrade: websocket\nConnection: Upgrade\n\n",
                "HTTP/1.1 101 X\nUpgrade: h2c\nConnection: Upgrade\nSec-WebSocket-Accept: KEY\n\n",
                "HTTP/1.1 101 X\nUpgrade: websocket\nSec-WebSocket-Accept: KEY\n\n",
                SWITCHED + "Sec-WebSocket-Protocol: unasked\n\n",
                SWITCHED + "Sec-WebSocket-Protocol: a\nSec-WebSocket-Protocol: b\n\n",
                SWITCHED + "Sec-WebSocket-Extensions: unasked\n\n",
                SWITCHED + "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=10\n\n",
                SWITCHED + "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=7\n\n",
                SWITCHED + "Sec-WebSocket-Extensions: permessage-deflate, permessage-deflate\n\n",
                SWITCHED + "Sec-WebSocket-Extensions: permessage-deflate; x\n\n",
            })
    void aClientRefusesAnAnswerThatDoesNotFit(String answer) throws Exception {
        Loops.NIO.run(() -> assertThatThrownBy(() -> open(answer, WebSocketOptions.DEFAULT.withProtocols("a", "b")))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessageContaining("the server's WebSocket handshake is wrong"));
    }

    @Test
    void aClientThatOfferedNoExtensionTakesNone() throws Exception {
        Loops.NIO.run(() -> assertThatThrownBy(() -> open(
                        SWITCHED + "Sec-WebSocket-Extensions: permessage-deflate\n\n",
                        WebSocketOptions.DEFAULT.withCompress(false)))
                .isInstanceOf(MalformedMessageException.class));
    }

    @ParameterizedTest
    @EnumSource
    void aClientTakesWhatItAskedFor(Loops loops) throws Exception {
        loops.run(() -> {
            String answer = SWITCHED + "Sec-WebSocket-Protocol: b\n"
                    + "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=9\n\n";
            WebSocket socket = open(answer, WebSocketOptions.DEFAULT.withProtocols("a", "b"));
            assertThat(socket.protocol()).isEqualTo("b");
            assertThat(socket.compressed()).isTrue();
            socket.abort();
        });
    }

    @ParameterizedTest
    @EnumSource
    void aRefusalHasStatusAndBody(Loops loops) throws Exception {
        loops.run(() -> assertThatThrownBy(
                        () -> open("HTTP/1.1 403 Forbidden\nContent-Length: 9\n\nnot today", WebSocketOptions.DEFAULT))
                .isInstanceOfSatisfying(StatusException.class, refused -> {
                    assertThat(refused.status()).isEqualTo(403);
                    assertThat(refused.body()).isEqualTo("not today");
                }));
    }

    @ParameterizedTest
    @EnumSource
    void anotherAnswerThanSwitchingOpensNothing(Loops loops) throws Exception {
        loops.run(() -> assertThatThrownBy(
                        () -> open("HTTP/1.1 200 OK\nContent-Length: 2\n\nok", WebSocketOptions.DEFAULT))
                .hasMessageContaining("no WebSocket was opened"));
    }

    @Test
    void aServerThatSwitchesUnaskedIsStillMalformed() throws Exception {
        Loops.NIO.run(() -> {
            try (var server = RawServer.answering("HTTP/1.1 101 X\r\nUpgrade: websocket\r\n\r\n");
                    var session = new ClientSession()) {
                assertThatThrownBy(() -> session.get(server.url())).isInstanceOf(MalformedMessageException.class);
            }
        });
    }

    @Test
    void keysAreNotTheSameTwice() throws Exception {
        Loops.NIO.run(() -> {
            var first = new ClientHandshake(WebSocketOptions.DEFAULT).headers();
            var second = new ClientHandshake(WebSocketOptions.DEFAULT).headers();
            assertThat(first.get("Sec-WebSocket-Key")).hasSize(24).isNotEqualTo(second.get("Sec-WebSocket-Key"));
            Asyncio.yieldNow();
        });
    }

    @Test
    void optionsAreChecked() {
        assertThatThrownBy(() -> WebSocketOptions.DEFAULT.withProtocols("a b"))
                .hasMessageContaining("\"a b\" is no name");
        assertThatThrownBy(() -> WebSocketOptions.DEFAULT.withMaxMessageBytes(-1))
                .hasMessageContaining("negative");
        assertThatThrownBy(() -> WebSocketOptions.DEFAULT.withHeartbeat(java.time.Duration.ofSeconds(-1)))
                .hasMessageContaining("negative");
    }
}
