package dev.rondo.http.client;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.AsyncEvent;
import dev.rondo.Asyncio;
import dev.rondo.Task;
import dev.rondo.TaskCancelledException;
import dev.rondo.http.ConnectFailedException;
import dev.rondo.http.ConnectTimeoutException;
import dev.rondo.http.HttpException;
import dev.rondo.http.ProxyException;
import dev.rondo.http.RawServer;
import dev.rondo.http.RawServer.Peer;
import dev.rondo.http.TestCertificate;
import dev.rondo.http.server.HttpServer;
import dev.rondo.http.server.Response;
import dev.rondo.http.server.ServerOptions;
import dev.rondo.net.ByteStream;
import dev.rondo.net.Net;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests through proxies that are written here, to servers of ours. */
class ProxyConnectionsTest {

    private interface Use {
        void of(HttpServer plain, HttpServer secure) throws Exception;
    }

    private static void servers(Use use) throws Exception {
        run(() -> Asyncio.timeout(Duration.ofSeconds(30), () -> {
            try (var plain = HttpServer.start(ProxyConnectionsTest::answer, "127.0.0.1", 0);
                    var secure = HttpServer.start(
                            ProxyConnectionsTest::answer,
                            "127.0.0.1",
                            0,
                            ServerOptions.DEFAULT.withTls(TestCertificate.CONTEXT))) {
                use.of(plain, secure);
            }
        }));
    }

    private static Response answer(dev.rondo.http.server.Request request) throws HttpException {
        if (request.header("Upgrade") != null) {
            return Response.webSocket(request, socket -> socket.sendStr("hello"));
        }
        return Response.text(request.version() + " " + request.url() + " " + request.header("Proxy-Authorization"));
    }

    private static ClientSession through(Proxy proxy) {
        return ClientSession.builder()
                .sslContext(TestCertificate.CONTEXT)
                .proxy(proxy)
                .build();
    }

    private static String text(ClientSession session, String url) throws IOException {
        try (var response = session.get(url)) {
            return response.text();
        }
    }

    // ------------------------------------------------------------------------------------------------ little proxies

    private static void copy(ByteStream from, ByteStream to) {
        ByteBuffer buffer = ByteBuffer.allocate(10_000);
        try {
            while (from.read(buffer.clear()) >= 0) {
                to.write(buffer.flip());
            }
        } catch (IOException over) {
            // either side has had enough
        } finally {
            to.close();
        }
    }

    private static void join(Peer peer, int port) throws IOException {
        try (ByteStream server = Net.connectTcp("127.0.0.1", port)) {
            Task<?, ?> back = createTask(() -> copy(server, peer.stream()));
            try {
                copy(peer.stream(), server);
            } finally {
                back.cancel();
            }
        }
    }

    /** Opens tunnels, and passes on what has the whole address: requests without body, one for each connection. */
    private static void serveHttp(Peer peer) throws IOException {
        String request = peer.readRequest();
        if (request == null) {
            return;
        }
        int port = Integer.parseInt(request.replaceFirst("(?s)^\\S+ [^ ]*127\\.0\\.0\\.1:(\\d+).*", "$1"));
        if (request.startsWith("CONNECT ")) {
            peer.send("HTTP/1.1 200 Connection established\r\nContent-Length: 7\r\n\r\n");
            join(peer, port);
            return;
        }
        try (ByteStream server = Net.connectTcp("127.0.0.1", port)) {
            String own = request.replaceFirst("http://[^/]*", "")
                    .replaceFirst("Proxy-Authorization:.*\r\n", "")
                    .replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
            server.write(ByteBuffer.wrap(own.getBytes(StandardCharsets.ISO_8859_1)));
            copy(server, peer.stream());
        }
    }

    private static byte[] read(ByteStream stream, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        while (bytes.hasRemaining()) {
            if (stream.read(bytes) < 0) {
                throw new IOException("the client is gone");
            }
        }
        return bytes.array();
    }

    private static void hex(Peer peer, String bytes) throws IOException {
        peer.send(HexFormat.of().parseHex(bytes.replace(" ", "")));
    }

    /** Speaks SOCKS 5; notes what is asked for. With a user and a password of three bytes each if {@code users}. */
    private static void serveSocks(Peer peer, boolean users, List<String> log) throws IOException {
        ByteStream stream = peer.stream();
        byte[] offered = read(stream, read(stream, 2)[1]);
        log.add("offered " + HexFormat.of().formatHex(offered));
        hex(peer, users ? "05 02" : "05 00");
        if (users) {
            log.add("user " + new String(read(stream, 1 + 1 + 3 + 1 + 3), StandardCharsets.US_ASCII).strip());
            hex(peer, "01 00");
        }
        byte[] head = read(stream, 4);
        byte[] address = switch (head[3]) {
            case 1 -> read(stream, 4);
            case 3 -> read(stream, read(stream, 1)[0]);
            default -> read(stream, 16);
        };
        log.add(
                head[3] == 3
                        ? "name " + new String(address, StandardCharsets.US_ASCII)
                        : "address " + InetAddress.getByAddress(address).getHostAddress());
        int port = ByteBuffer.wrap(read(stream, 2)).getShort() & 0xffff;
        hex(peer, "05 00 00 03 04 61 62 63 64 00 00"); // bound to a name, which nobody wants to know
        join(peer, port);
    }

    private static Proxy http(RawServer server) {
        return Proxy.parse(server.url());
    }

    // ------------------------------------------------------------------------------------------------ HTTP proxies

    @Test
    void plainRequestsGoToTheProxyWithTheWholeAddress() throws Exception {
        servers((plain, secure) -> {
            try (var proxy = RawServer.start(ProxyConnectionsTest::serveHttp);
                    var session = through(http(proxy).withUser("user", "pw"))) {
                assertThat(text(session, plain.url() + "/a?b=c")).isEqualTo("HTTP/1.1 " + plain.url() + "/a?b=c null");
                assertThat(proxy.requests().getFirst())
                        .startsWith("GET " + plain.url() + "/a?b=c HTTP/1.1\r\nHost: 127.0.0.1:" + plain.port())
                        .contains("Proxy-Authorization: Basic dXNlcjpwdw==\r\n");
            }
        });
    }

    @Test
    void secureOnesGoThroughATunnelThatToldTheProxyNothingOfThem() throws Exception {
        servers((plain, secure) -> {
            try (var proxy = RawServer.start(ProxyConnectionsTest::serveHttp);
                    var session = through(http(proxy).withUser("user", "pw"))) {
                var request = session.to("GET", secure.url() + "/a")
                        .withHeader("X-Secret", "1")
                        .withHeader("Proxy-Authorization", "not for the server");
                for (int i = 0; i < 2; i++) {
                    try (var response = session.request(request)) {
                        assertThat(response.text()).isEqualTo("HTTP/2 " + secure.url() + "/a null");
                    }
                }
                assertThat(proxy.requests())
                        .containsExactly("CONNECT 127.0.0.1:" + secure.port() + " HTTP/1.1\r\nHost: 127.0.0.1:"
                                + secure.port() + "\r\nProxy-Authorization: Basic dXNlcjpwdw==\r\n\r\n");
            }
        });
    }

    @Test
    void aWebSocketGoesThroughATunnelToo() throws Exception {
        servers((plain, secure) -> {
            try (var proxy = RawServer.start(ProxyConnectionsTest::serveHttp);
                    var session = through(http(proxy))) {
                for (HttpServer server : List.of(plain, secure)) {
                    try (var socket = session.webSocket(server.url())) {
                        assertThat(socket.receiveStr()).isEqualTo("hello");
                    }
                }
                assertThat(proxy.requests()).allMatch(request -> request.startsWith("CONNECT "));
            }
        });
    }

    @Test
    void aProxyMayItselfBeReachedByTls() throws Exception {
        servers((plain, secure) -> {
            try (var proxy = RawServer.start(tcp -> {
                        ByteStream tls = Net.startTlsServer(tcp.stream(), TestCertificate.CONTEXT);
                        serveHttp(new Peer(tcp.server(), tls, tcp.number()));
                    });
                    var session = through(Proxy.parse("https://127.0.0.1:" + proxy.port()))) {
                assertThat(text(session, secure.url())).startsWith("HTTP/2 ");
                assertThat(text(session, plain.url())).startsWith("HTTP/1.1 ");
                assertThat(proxy.requests()).hasSize(2);
            }
        });
    }

    @Test
    void aRefusalIsToldWithStatusAndWords() throws Exception {
        String large = "x".repeat(100_000);
        run(() -> {
            try (var proxy = RawServer.answering("HTTP/1.1 407 Who are you\r\nProxy-Authenticate: Basic realm=\"a\"\r\n"
                            + "Content-Length: 100000\r\n\r\n" + large);
                    var session = through(http(proxy))) {
                assertThatThrownBy(() -> session.get("https://127.0.0.1:1/"))
                        .isInstanceOfSatisfying(ProxyException.class, refusal -> {
                            assertThat(refusal)
                                    .hasMessage("proxy " + proxy.url()
                                            + " refused the way to 127.0.0.1:1: status 407 Who are you;"
                                            + " it wants a user and a password (Basic realm=\"a\")");
                            assertThat(refusal.status()).isEqualTo(407);
                            assertThat(refusal.body()).isEqualTo("x".repeat(2048));
                        });
                assertThat(session).hasToString("ClientSession[0 in use, 0 idle, 0 waiting]");
            }
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 502 Bad Gateway\r\n\r\n",
                "HTTP/1.1 301 Go away\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 101 Switching Protocols\r\n\r\n",
                "HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                "\u0005\u0000",
                "",
            })
    void whatIsNoTunnelIsNotUsed(String answer) throws Exception {
        run(() -> {
            try (var proxy = RawServer.start(peer -> {
                        peer.readRequest();
                        peer.send(answer);
                    });
                    var session = through(http(proxy))) {
                assertThatThrownBy(() -> session.get("https://127.0.0.1:1/")).isInstanceOf(HttpException.class);
                assertThat(proxy.requests()).hasSize(1);
                assertThat(session).hasToString("ClientSession[0 in use, 0 idle, 0 waiting]");
            }
        });
    }

    @Test
    void aProxyThatIsNotThereIsNamed() throws Exception {
        run(() -> {
            for (String scheme : List.of("http", "socks5h")) {
                try (var session = through(Proxy.parse(scheme + "://127.0.0.1:1"))) {
                    assertThatThrownBy(() -> session.get("http://x.invalid/"))
                            .isInstanceOf(ConnectFailedException.class)
                            .hasMessageStartingWith("proxy " + scheme + "://127.0.0.1:1: cannot connect");
                }
            }
        });
    }

    // ------------------------------------------------------------------------------------------------ SOCKS

    @Test
    void socksIsToldTheAddressOrTheNameAsItsKindSays() throws Exception {
        servers((plain, secure) -> {
            var log = new ArrayList<String>();
            try (var proxy = RawServer.start(peer -> serveSocks(peer, false, log));
                    var session = new ClientSession()) {
                String byName = "http://localhost:" + plain.port() + "/";
                String address = proxy.url().substring("http://".length());
                for (String kind : List.of("socks5", "socks5h")) {
                    var request = session.to("GET", byName).withProxy(Proxy.parse(kind + "://" + address));
                    try (var response = session.request(request)) {
                        assertThat(response.text()).isEqualTo("HTTP/1.1 " + byName + " null");
                    }
                }
                assertThat(log).hasSize(4).element(1).asString().startsWith("address ");
                assertThat(log).element(3).isEqualTo("name localhost");
            }
        });
    }

    @Test
    void socksIsToldWhoAsks() throws Exception {
        servers((plain, secure) -> {
            var log = new ArrayList<String>();
            try (var proxy = RawServer.start(peer -> serveSocks(peer, true, log));
                    var session = through(Proxy.parse("socks5h://me_:pw_@127.0.0.1:" + proxy.port()))) {
                assertThat(text(session, secure.url())).startsWith("HTTP/2 ");
                assertThat(log).first().isEqualTo("offered 0002");
                assertThat(log.get(1)).contains("me_").contains("pw_");
                assertThat(log).element(2).isEqualTo("address 127.0.0.1");
            }
        });
    }

    @ParameterizedTest
    @CsvSource({
        "05 ff,,it takes no users with passwords",
        "05 01,,it takes no users with passwords",
        "04 00,,what answers is no SOCKS 5",
        "05 02,01 01,user or password are wrong",
        "05 00,05 01 00 01,general failure of the proxy",
        "05 00,05 02 00 01,not allowed by its rules",
        "05 00,05 03 00 01,network unreachable",
        "05 00,05 04 00 01,host unreachable",
        "05 00,05 05 00 01,connection refused",
        "05 00,05 06 00 01,time to live expired",
        "05 00,05 07 00 01,command not supported",
        "05 00,05 08 00 01,kind of address not supported",
        "05 00,05 99 00 01,reply 153",
        "05 00,05 00 00 07,its reply has an address of kind 7",
        "05 00,05 00 00,it closed the connection in the middle of its answer",
    })
    void socksSaysWhyItDoesNot(String choice, String reply, String words) throws Exception {
        run(() -> {
            try (var proxy = RawServer.start(peer -> {
                        read(peer.stream(), 4);
                        hex(peer, choice);
                        if (reply != null) {
                            read(peer.stream(), 5);
                            hex(peer, reply);
                            if (reply.length() > 8) {
                                peer.awaitEnd();
                            }
                        }
                    });
                    var session = through(Proxy.parse("socks5://me_:pw_@127.0.0.1:" + proxy.port()))) {
                assertThatThrownBy(() -> session.get("https://127.0.0.1:1/"))
                        .isInstanceOf(ProxyException.class)
                        .hasMessageStartingWith("proxy socks5://127.0.0.1:")
                        .hasMessageEndingWith(words);
                assertThat(session).hasToString("ClientSession[0 in use, 0 idle, 0 waiting]");
            }
        });
    }

    @Test
    void aNameThatIsUnknownHereIsSaidToBe() throws Exception {
        run(() -> {
            try (var proxy = RawServer.start(Peer::awaitEnd);
                    var session = through(Proxy.parse("socks5://127.0.0.1:" + proxy.port()))) {
                assertThatThrownBy(() -> session.get("http://x.invalid/"))
                        .isInstanceOf(ConnectFailedException.class)
                        .hasMessage("unknown host x.invalid");
            }
        });
    }

    // ------------------------------------------------------------------------------------------------ which one

    @Test
    void aRequestMayHaveItsOwnOrNone() throws Exception {
        servers((plain, secure) -> {
            try (var one = RawServer.start(ProxyConnectionsTest::serveHttp);
                    var two = RawServer.start(ProxyConnectionsTest::serveHttp);
                    var session = through(http(one))) {
                var request = session.to("GET", plain.url());
                for (UnaryOperator<ClientRequest> change : List.<UnaryOperator<ClientRequest>>of(
                        asked -> asked, asked -> asked.withProxy(http(two)), ClientRequest::withoutProxy)) {
                    session.request(change.apply(request)).close();
                }
                assertThat(one.requests()).hasSize(1);
                assertThat(two.requests()).hasSize(1);
                assertThat(plain.connections()).isPositive();
            }
        });
    }

    // ------------------------------------------------------------------------------------------------ limits

    @ParameterizedTest
    @ValueSource(strings = {"http", "socks5"})
    void theConnectTimeoutCoversTheTunnel(String kind) throws Exception {
        run(() -> {
            try (var silent = RawServer.start(Peer::awaitEnd);
                    var session = ClientSession.builder()
                            .proxy(Proxy.parse(kind + "://127.0.0.1:" + silent.port()))
                            .timeouts(Timeouts.NONE.withConnect(Duration.ofMillis(50)))
                            .build()) {
                assertThatThrownBy(() -> session.get("https://127.0.0.1:1/"))
                        .isInstanceOf(ConnectTimeoutException.class);
                assertThat(session).hasToString("ClientSession[0 in use, 0 idle, 0 waiting]");
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "socks5"})
    void aCancelInTheMiddleLeavesNothing(String kind) throws Exception {
        run(() -> Asyncio.timeout(Duration.ofSeconds(30), () -> {
            var asked = new AsyncEvent();
            var gone = new AsyncEvent();
            try (var silent = RawServer.start(peer -> {
                        read(peer.stream(), 3);
                        asked.set();
                        try {
                            peer.awaitEnd();
                        } finally {
                            gone.set();
                        }
                    });
                    var session = through(Proxy.parse(kind + "://127.0.0.1:" + silent.port()))) {
                for (String scheme : List.of("https", "http")) {
                    if (kind.equals("http") && scheme.equals("http")) {
                        continue; // no tunnel
                    }
                    asked.clear();
                    gone.clear();
                    var request = createTask(() -> session.get(scheme + "://127.0.0.1:1/"));
                    asked.await();
                    request.cancel();
                    assertThatThrownBy(request::await).isInstanceOf(TaskCancelledException.class);
                    assertThat(session).hasToString("ClientSession[0 in use, 0 idle, 0 waiting]");
                    gone.await();
                }
            }
        }));
    }
}
