package dev.rondo.http.client;

import static dev.rondo.Asyncio.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.http.ConnectFailedException;
import dev.rondo.http.RawServer;
import dev.rondo.http.RawServer.Peer;
import dev.rondo.http.TestCertificate;
import dev.rondo.http.TruncatedBodyException;
import dev.rondo.net.ByteStream;
import dev.rondo.net.Net;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class TlsTest {

    private static final String OK = "HTTP/1.1 200 OK\r\n";

    /**
     * A server that speaks TLS and then as {@code script} says; closing the connection says goodbye, cutting it does
     * not.
     */
    private static RawServer tlsServer(RawServer.Script script) throws IOException {
        return RawServer.start(tcp -> {
            ByteStream tls = Net.startTlsServer(tcp.stream(), TestCertificate.CONTEXT);
            script.serve(new Peer(tcp.server(), tls, tcp.number()));
        });
    }

    private static String secure(RawServer server) {
        return "https://127.0.0.1:" + server.port();
    }

    private static ClientSession trusting() {
        return ClientSession.builder().sslContext(TestCertificate.CONTEXT).build();
    }

    @Test
    void asksOverTlsAndKeepsTheConnection() throws Exception {
        run(() -> {
            try (var server = tlsServer(peer -> {
                        while (peer.readRequest() != null) {
                            peer.send(OK + "Content-Length: 300000\r\n\r\n" + "x".repeat(300_000));
                        }
                    });
                    var session = trusting()) {
                for (int i = 0; i < 3; i++) {
                    try (var response = session.get(secure(server))) {
                        assertThat(response.text()).hasSize(300_000);
                    }
                }
                assertThat(server.connections()).isEqualTo(1);
                assertThat(server.requests().getFirst()).contains("Host: 127.0.0.1:" + server.port() + "\r\n");
            }
        });
    }

    @Test
    void aServerThatIsNotTrustedIsNotTalkedTo() throws Exception {
        run(() -> {
            try (var server = tlsServer(Peer::readRequest);
                    var session = new ClientSession()) {
                assertThatThrownBy(() -> session.get(secure(server)))
                        .isInstanceOf(ConnectFailedException.class)
                        .hasMessageStartingWith("TLS handshake with 127.0.0.1:" + server.port() + " failed")
                        .message()
                        .containsOnlyOnce("TLS handshake");
                assertThat(session).hasToString("ClientSession[0 in use, 0 idle, 0 waiting]");
                assertThat(server.requests()).isEmpty();
            }
        });
    }

    @Test
    void aServerWithoutTlsIsNamed() throws Exception {
        run(() -> {
            try (var server = RawServer.start(peer -> peer.send("HTTP/1.1 400 Bad Request\r\n\r\n"));
                    var session = trusting()) {
                assertThatThrownBy(() -> session.get(secure(server))).isInstanceOf(ConnectFailedException.class);
            }
        });
    }

    @Test
    void aBodyThatEndsWithTheConnectionIsWholeOnlyAfterAGoodbye() throws Exception {
        run(() -> {
            try (var polite = tlsServer(peer -> {
                        peer.readRequest();
                        peer.send(OK + "\r\nhello");
                        peer.stream().close();
                    });
                    var cut = tlsServer(peer -> {
                        peer.readRequest();
                        peer.send(OK + "\r\nhello"); // the TCP connection below is then closed, without TLS's goodbye
                    });
                    var session = trusting()) {
                try (var response = session.get(secure(polite))) {
                    assertThat(response.text()).isEqualTo("hello");
                }
                try (var response = session.get(secure(cut))) {
                    assertThatThrownBy(response::text).isInstanceOf(TruncatedBodyException.class);
                }
            }
        });
    }

    @Test
    void aBodyWithALengthNeedsNoGoodbye() throws Exception {
        run(() -> {
            try (var server = tlsServer(peer -> {
                        peer.readRequest();
                        peer.send(OK + "Content-Length: 5\r\nConnection: close\r\n\r\nhello");
                    });
                    var session = trusting();
                    var response = session.get(secure(server))) {
                assertThat(response.text()).isEqualTo("hello");
            }
        });
    }
}
