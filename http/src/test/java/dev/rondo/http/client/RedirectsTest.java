package dev.rondo.http.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.Asyncio;
import dev.rondo.http.Body;
import dev.rondo.http.Headers;
import dev.rondo.http.RedirectException;
import dev.rondo.http.TooManyRedirectsException;
import dev.rondo.http.h1.ResponseHead;
import dev.rondo.http.server.HttpServer;
import dev.rondo.http.server.Response;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedirectsTest {

    private static ResponseHead redirect(int status, String location) {
        return new ResponseHead(status, "", true, Headers.of("Location", location));
    }

    private static ClientRequest get(String url) throws Exception {
        return ClientRequest.of("GET", url);
    }

    private static String target(String from, String location) throws Exception {
        return new Redirects(10).next(get(from), redirect(302, location)).url().toString();
    }

    @Test
    void fromHttpsToHttpIsFollowedWithoutWhatIsConfidential() throws Exception {
        ClientRequest next = new Redirects(10)
                .next(get("https://a/").withBearer("t").withHeader("X-Mine", "1"), redirect(302, "http://a/"));
        assertThat(next.url()).hasToString("http://a/");
        assertThat(next.headers()).isEqualTo(Headers.of("X-Mine", "1"));
    }

    // ---------------------------------------------------------------------------------------------------- where to

    @Test
    void goesWhereTheLocationSays() throws Exception {
        assertThat(target("http://a/b/c", "/d")).isEqualTo("http://a/d");
        assertThat(target("http://a/b/c", "d?e")).isEqualTo("http://a/b/d?e");
        assertThat(target("http://a/b/c", "https://x/")).isEqualTo("https://x/");
        assertThat(target("http://a/b/c", "//x/y z")).isEqualTo("http://x/y%20z");
    }

    @Test
    void theFragmentIsHandedOnUnlessThereIsAnother() throws Exception {
        assertThat(target("http://a/b#part", "/d")).isEqualTo("http://a/d#part");
        assertThat(target("http://a/b#part", "/d#other")).isEqualTo("http://a/d#other");
    }

    @Test
    void aLocationThatIsNotAsciiIsReadAsUtf8IfItCanBe() throws Exception {
        String utf8ReadAsLatin1 = new String("/ä".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        assertThat(target("http://a/", utf8ReadAsLatin1)).isEqualTo("http://a/%C3%A4");
        assertThat(target("http://a/", "/\u00e4")).isEqualTo("http://a/%C3%A4");
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 201, 300, 304, 305, 306, 400, 500})
    void otherStatusesAreNoRedirects(int status) throws Exception {
        assertThat(new Redirects(10).next(get("http://a/"), redirect(status, "/b")))
                .isNull();
    }

    @Test
    void aRequestMayNotWantToBeRedirected() throws Exception {
        assertThat(new Redirects(10).next(get("http://a/").withoutRedirects(), redirect(302, "/b")))
                .isNull();
    }

    // -------------------------------------------------------------------------------------------------- with what

    @ParameterizedTest
    @CsvSource({
        "301, GET, GET",
        "301, HEAD, HEAD",
        "301, POST, GET",
        "301, PUT, PUT",
        "302, GET, GET",
        "302, HEAD, HEAD",
        "302, POST, GET",
        "302, DELETE, DELETE",
        "303, HEAD, HEAD",
        "303, POST, GET",
        "303, PUT, GET",
        "307, GET, GET",
        "307, POST, POST",
        "307, PUT, PUT",
        "308, GET, GET",
        "308, POST, POST",
        "308, PUT, PUT"
    })
    void theMethodFollowsTheStatus(int status, String method, String then) throws Exception {
        ClientRequest sent = ClientRequest.of(method, "http://a/")
                .withBody(Body.of(new byte[] {1}))
                .withHeaders(Headers.of("Content-Type", "text/plain", "X", "y"));
        ClientRequest next = new Redirects(10).next(sent, redirect(status, "/b"));
        assertThat(next.method()).isEqualTo(then);
        boolean keepsBody = method.equals(then);
        assertThat(next.body() != null).isEqualTo(keepsBody);
        assertThat(next.headers().contains("Content-Type")).isEqualTo(keepsBody);
        assertThat(next.headers().get("X")).isEqualTo("y");
    }

    @Test
    void whatIsConfidentialStaysWithinTheOrigin() throws Exception {
        Headers headers = Headers.of(
                "Authorization", "secret", "cookie", "secret", "Proxy-Authorization", "secret", "Host", "a", "X", "y");
        ClientRequest sent = get("http://a/").withHeaders(headers);
        assertThat(new Redirects(10).next(sent, redirect(302, "/b")).headers()).isEqualTo(headers);
        for (String elsewhere : List.of("https://a/", "http://a:81/", "http://b/", "http://www.a/")) {
            assertThat(new Redirects(10).next(sent, redirect(302, elsewhere)).headers())
                    .as(elsewhere)
                    .isEqualTo(Headers.of("X", "y"));
        }
    }

    // ---------------------------------------------------------------------------------------------- not to be followed

    @Test
    void saysThatThereIsNoLocation() throws Exception {
        for (Headers headers : List.of(Headers.EMPTY, Headers.of("Location", ""), Headers.of("Location", "  "))) {
            assertThatThrownBy(
                            () -> new Redirects(10).next(get("http://a/b"), new ResponseHead(301, "", true, headers)))
                    .isInstanceOf(RedirectException.class)
                    .hasMessage("status 301 from http://a/b without a Location to go to");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"ftp://x/", "javascript:alert(1)", "http://", "http://a:99999/", "mailto:a@b", "http://[x/"})
    void saysThatTheLocationIsOfNoUse(String location) {
        assertThatThrownBy(() -> target("http://a/b", location))
                .isExactlyInstanceOf(RedirectException.class)
                .hasMessageContaining("from http://a/b with an unusable Location")
                .hasMessageContaining(location);
    }

    @Test
    void noticesACircle() throws Exception {
        var redirects = new Redirects(10);
        ClientRequest second = redirects.next(get("http://a/1"), redirect(302, "/2"));
        ClientRequest third = redirects.next(second, redirect(302, "/3"));
        assertThatThrownBy(() -> redirects.next(third, redirect(302, "/2#x")))
                .isInstanceOf(TooManyRedirectsException.class)
                .hasMessage("redirects in a circle: http://a/2 -> http://a/3 -> http://a/2#x");
    }

    @Test
    void postThenRedirectToTheSameAddressIsNoCircle() throws Exception {
        ClientRequest next =
                new Redirects(10).next(ClientRequest.of("POST", "http://a/").withBody(Body.EMPTY), redirect(303, "/"));
        assertThat(next.method()).isEqualTo("GET");
    }

    @Test
    void countsThem() throws Exception {
        var redirects = new Redirects(2);
        ClientRequest request = get("http://a/0");
        request = redirects.next(request, redirect(302, "/1"));
        ClientRequest last = redirects.next(request, redirect(302, "/2"));
        assertThat(redirects.history()).extracting(hop -> hop.url().path()).containsExactly("/0", "/1");
        assertThatThrownBy(() -> redirects.next(last, redirect(302, "/3")))
                .isInstanceOf(TooManyRedirectsException.class)
                .hasMessageStartingWith("more than 2 redirects, from http://a/0 to http://a/3: ");
    }

    // ------------------------------------------------------------------------------------------------- end to end

    @Test
    void theResponseTellsTheWay() throws Exception {
        Asyncio.run(() -> {
            try (var server = HttpServer.start(
                            request -> switch (request.path()) {
                                case "/a" -> Response.redirect("/b").withStatus(301);
                                case "/b" -> Response.redirect("c?d");
                                default -> Response.text(request.method() + " " + request.target());
                            },
                            "127.0.0.1",
                            0);
                    var session = new ClientSession();
                    var response = session.post(server.url() + "/a", Body.of(new byte[] {1}))) {
                assertThat(response.text()).isEqualTo("GET /c?d");
                assertThat(response.url()).hasToString(server.url() + "/c?d");
                assertThat(response.history()).extracting(Hop::status).containsExactly(301, 302);
                assertThat(response.history())
                        .extracting(hop -> hop.url().path())
                        .containsExactly("/a", "/b");
                assertThat(server.connections()).isEqualTo(1);
            }
        });
    }

    @Test
    void aSessionsOwnAuthorizationStaysWithinTheOriginToo() throws Exception {
        Asyncio.run(() -> {
            try (var elsewhere = HttpServer.start(
                            request -> Response.text("" + request.headers().get("Authorization")), "127.0.0.1", 0);
                    var server = HttpServer.start(request -> Response.redirect(elsewhere.url()), "127.0.0.1", 0);
                    var session = ClientSession.builder()
                            .headers(Headers.of("Authorization", "secret"))
                            .build();
                    var response = session.get(server.url())) {
                assertThat(response.text()).isEqualTo("null");
            }
        });
    }
}
