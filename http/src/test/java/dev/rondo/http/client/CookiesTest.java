package dev.rondo.http.client;

import static dev.rondo.Asyncio.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.http.Cookie;
import dev.rondo.http.CookieJar;
import dev.rondo.http.RawServer;
import dev.rondo.http.Url;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which cookies a session keeps, and sends. */
class CookiesTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n";

    private static ClientSession session(CookieJar jar) {
        return ClientSession.builder().cookies(jar).build();
    }

    private static CookieJar jar() {
        return CookieJar.builder().allowIpAddresses().build();
    }

    /** Returns what the requests so far said in their Cookie headers. */
    private static List<String> cookies(RawServer server) {
        return server.requests().stream()
                .map(request -> request.lines()
                        .filter(line -> line.startsWith("Cookie: "))
                        .map(line -> line.substring(8))
                        .reduce((a, b) -> a + " | " + b)
                        .orElse("-"))
                .toList();
    }

    private static RawServer answering(String... answers) throws Exception {
        return RawServer.start(peer -> {
            for (int i = 0; peer.readRequest() != null; i++) {
                peer.send(answers[i]);
            }
        });
    }

    @Test
    void everyHopSetsAndGetsCookies() throws Exception {
        run(() -> {
            String redirect = "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nSet-Cookie: a=1\r\nLocation: /next\r\n\r\n";
            try (var server = answering(
                            redirect, OK + "set-cookie: b=2\r\nSet-Cookie: c=3; Path=/x\r\n\r\n", OK + "\r\n");
                    var session = session(jar())) {
                try (var response = session.get(server.url())) {
                    assertThat(response.cookies()).extracting(Cookie::name).containsExactly("b", "c");
                    assertThat(Cookie.allOf(response.history().getFirst().headers()))
                            .containsExactly(Cookie.of("a", "1"));
                }
                session.get(server.url() + "/x/y").close();
                assertThat(cookies(server)).containsExactly("-", "a=1", "c=3; a=1; b=2");
            }
        });
    }

    @Test
    void aRequestsOwnCookiesGoBeforeThoseOfTheJar() throws Exception {
        run(() -> {
            try (var server = answering(OK + "\r\n", OK + "\r\n");
                    var session = session(jar())) {
                CookieJar jar = jar();
                jar.add(Url.parse(server.url()), Cookie.of("a", "jar"));
                jar.add(Url.parse(server.url()), Cookie.of("b", "jar"));
                try (var other = session(jar)) {
                    ClientRequest request =
                            other.to("GET", server.url()).withCookie("c", "own").withCookie("a", "own");
                    try (var response = other.request(request)) {
                        assertThat(response.request().headers().all("Cookie")).containsExactly("c=own; a=own; b=jar");
                    }
                }
                assertThat(cookies(server)).containsExactly("c=own; a=own; b=jar");
            }
        });
    }

    @Test
    void anotherOriginGetsNone() throws Exception {
        run(() -> {
            try (var there = RawServer.answering(OK + "\r\n");
                    var here = RawServer.answering("HTTP/1.1 307 Go\r\nContent-Length: 0\r\nSet-Cookie: a=1\r\n"
                            + "Location: http://localhost:" + there.port() + "/\r\n\r\n");
                    var session = session(jar())) {
                session.request(session.to("GET", here.url()).withCookie("own", "1"))
                        .close();
                assertThat(cookies(here)).containsExactly("own=1");
                assertThat(cookies(there)).containsExactly("-");
            }
        });
    }

    @Test
    void whatIsSentAgainHasTheCookiesOfTheAnswerBefore() throws Exception {
        run(() -> {
            String busy = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nRetry-After: 0\r\nSet-Cookie: a=1\r\n\r\n";
            try (var server = answering(busy, OK + "\r\n");
                    var session = ClientSession.builder()
                            .cookies(jar())
                            .retry(RetryPolicy.STANDARD)
                            .build()) {
                session.get(server.url()).close();
                assertThat(cookies(server)).containsExactly("-", "a=1");
            }
        });
    }

    @Test
    void aSessionHasAJarOfItsOwnAndMayHaveNone() throws Exception {
        run(() -> {
            String answer = OK + "Set-Cookie: a=1; Max-Age=60\r\n\r\n";
            try (var server = RawServer.answering(answer);
                    var one = new ClientSession();
                    var other = new ClientSession();
                    var none = session(CookieJar.none())) {
                String url = "http://localhost:" + server.port();
                for (var session : List.of(one, one, other, none, none)) {
                    session.get(url).close();
                }
                assertThat(cookies(server)).containsExactly("-", "a=1", "-", "-", "-");
            }
        });
    }

    @Test
    void severalSessionsShareAJar() throws Exception {
        run(() -> {
            CookieJar jar = jar();
            try (var server = RawServer.answering(OK + "Set-Cookie: a=1\r\n\r\n");
                    var one = session(jar);
                    var other = session(jar)) {
                one.get(server.url()).close();
                other.get(server.url()).close();
                assertThat(cookies(server)).containsExactly("-", "a=1");
            }
            assertThat(jar.size()).isEqualTo(1);
        });
    }
}
