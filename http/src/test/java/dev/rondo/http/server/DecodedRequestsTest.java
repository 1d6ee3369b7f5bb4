package dev.rondo.http.server;

import static dev.rondo.Asyncio.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.http.Body;
import dev.rondo.http.TestCertificate;
import dev.rondo.http.client.ClientResponse;
import dev.rondo.http.client.ClientSession;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DecodedRequestsTest {

    private static final String LONG = "hello, world\n".repeat(10_000);

    private interface Check {
        void run(ClientSession session, String url) throws Exception;
    }

    private static void serve(Handler handler, ServerOptions options, Check check) throws Exception {
        run(() -> {
            try (HttpServer server = HttpServer.start(handler, "127.0.0.1", 0, options);
                    ClientSession session = ClientSession.builder()
                            .sslContext(TestCertificate.CONTEXT)
                            .build()) {
                check.run(session, server.url() + "/");
            }
        });
    }

    private static String post(ClientSession session, String url, Body body, String coding) throws Exception {
        try (ClientResponse response = session.request(
                session.to("POST", url).withHeader("Content-Encoding", coding).withBody(body))) {
            return response.status() + " " + response.text();
        }
    }

    private static String post(ClientSession session, String url, Body body) throws Exception {
        try (ClientResponse response = session.post(url, body)) {
            return response.status() + " " + response.text();
        }
    }

    @Test
    void aCompressedBodyIsGivenAsWhatItStandsFor() throws Exception {
        for (ServerOptions options :
                new ServerOptions[] {ServerOptions.DEFAULT, ServerOptions.DEFAULT.withTls(TestCertificate.CONTEXT)}) {
            serve(request -> Response.text(request.text().length() + ""), options, (session, url) -> {
                for (String coding : new String[] {"gzip", "deflate"}) {
                    assertThat(post(session, url, Body.text(LONG).compressed(coding)))
                            .as(url + " " + coding)
                            .isEqualTo("200 " + LONG.length());
                }
                assertThat(post(session, url, Body.text(LONG), "identity")).isEqualTo("200 " + LONG.length());
                assertThat(post(session, url, Body.json(Map.of("a", 1)))).isEqualTo("200 7");
            });
        }
    }

    @Test
    void itsLimitsAreOnWhatItStandsFor() throws Exception {
        Handler whole = request -> Response.text(request.text().length() + "");
        serve(whole, ServerOptions.DEFAULT.withBodyBytes(100_000), (session, url) -> {
            assertThat(post(session, url, Body.text(LONG).compressed("gzip"))).startsWith("413 ");
        });
        Handler streamed = request -> {
            long bytes = 0;
            for (ByteBuffer piece; (piece = request.readPiece()) != null; ) {
                bytes += piece.remaining();
            }
            return Response.text(bytes + "");
        };
        serve(streamed, ServerOptions.DEFAULT.withBodyBytes(100_000), (session, url) -> {
            assertThat(post(session, url, Body.text(LONG).compressed("gzip"))).isEqualTo("200 " + LONG.length());
            Body bomb = Body.of(new byte[100 << 20]).compressed("gzip");
            assertThat(post(session, url, bomb)).startsWith("413 a compressed body that grows more than 200 times");
        });
    }

    @Test
    void whatIsNotInTheCodingThatItClaimsIsTheClientsFault() throws Exception {
        serve(request -> Response.text(request.text()), ServerOptions.DEFAULT, (session, url) -> {
            assertThat(post(session, url, Body.text("hello"), "gzip")).startsWith("400 ");
            assertThat(post(session, url, Body.text("hello"), "rot13")).isEqualTo("415 a body in the coding rot13\n");
            assertThat(post(session, url, Body.text("hello"), "gzip,gzip,gzip,gzip,gzip,gzip"))
                    .startsWith("415 ");
            assertThat(post(session, url, Body.text("still served"))).isEqualTo("200 still served");
        });
    }

    @Test
    void itCanBeLeftAsItIs() throws Exception {
        serve(
                request -> Response.of("application/octet-stream", request.read()),
                ServerOptions.DEFAULT.withDecodedRequests(false),
                (session, url) -> {
                    byte[] plain = "hello".getBytes(StandardCharsets.UTF_8);
                    assertThat(post(session, url, Body.of(plain), "rot13")).isEqualTo("200 hello");
                });
    }

    @Test
    void aHandlerThatDoesNotReadItIsNotTroubledByIt() throws Exception {
        serve(
                request -> Response.text("fine"),
                ServerOptions.DEFAULT,
                (session, url) -> assertThat(post(session, url, Body.text("hello"), "rot13"))
                        .isEqualTo("200 fine"));
    }

    @Test
    void aConnectionEndsAfterSoManyRequests() throws Exception {
        serve(request -> Response.text("x"), ServerOptions.DEFAULT.withRequestsPerConnection(3), (session, url) -> {
            StringBuilder closes = new StringBuilder();
            for (int i = 0; i < 7; i++) {
                try (ClientResponse response = session.get(url)) {
                    response.read();
                    closes.append(response.headers().hasToken("Connection", "close") ? "c" : "k");
                }
            }
            assertThat(closes).hasToString("kkckkck");
        });
    }
}
