package dev.rondo.http.client;

import static dev.rondo.Asyncio.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.http.Body;
import dev.rondo.http.Headers;
import dev.rondo.http.RawServer;
import dev.rondo.http.Url;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Digest authentication: the answers of RFC 2617 and 7616, and who is asked again when. */
class DigestAuthTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final String CHALLENGE = "Digest realm=\"r\", qop=\"auth\", nonce=\"n1\"";

    private static @Nullable DigestChallenge challenge(String... fields) throws Exception {
        Headers.Builder headers = Headers.builder();
        for (String field : fields) {
            headers.add("WWW-Authenticate", field);
        }
        return DigestChallenge.strongest(headers.build(), Url.parse("http://a.test/dir/"));
    }

    private static String response(String answer) {
        return answer.replaceFirst(".* response=\"([0-9a-f]+)\".*", "$1");
    }

    // ---------------------------------------------------------------------------------------------------- answers

    @ParameterizedTest
    @CsvSource({
        "MD5, 8ca523f5e9506fed4657c9700eebdbec",
        "SHA-256, 753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
    })
    void theAnswersOfRfc7616(String algorithm, String response) throws Exception {
        String answer = challenge(
                        "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm=" + algorithm
                                + ", nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\","
                                + " opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"")
                .answer(
                        "Mufasa",
                        "Circle of Life",
                        "GET",
                        "/dir/index.html",
                        "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
                        1);
        assertThat(answer)
                .isEqualTo("Digest username=\"Mufasa\", realm=\"http-auth@example.org\","
                        + " nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", uri=\"/dir/index.html\", response=\""
                        + response + "\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\", algorithm="
                        + algorithm
                        + ", qop=auth, nc=00000001, cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\"");
    }

    @Test
    void anotherHashAndANameBeyondAscii() throws Exception {
        String answer = challenge(
                        "Digest realm=\"api@example.org\", qop=\"auth\", algorithm=SHA-512-256, userhash=true,"
                                + " nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\"")
                .answer(
                        "J\u00e4s\u00f8n Doe",
                        "Secret, or not?",
                        "GET",
                        "/doe.json",
                        "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v",
                        1);
        assertThat(response(answer)) // by erratum 4897
                .isEqualTo("3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5");
        assertThat(answer)
                .startsWith("Digest username=\"793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b\",")
                .endsWith(", userhash=true");
    }

    @Test
    void withoutQopTheAnswerIsThatOfRfc2069() throws Exception {
        String answer = challenge("Digest realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"")
                .answer("Mufasa", "Circle Of Life", "GET", "/dir/index.html", "0a4f113b", 1);
        assertThat(response(answer)).isEqualTo("670fd8c2df070c60b045671b8b24ff02");
        assertThat(answer).doesNotContain("nc=", "cnonce=", "qop=", "algorithm=");
    }

    @Test
    void aSessionsSecretIsMadeOfBothNonces() throws Exception {
        String plain = challenge("Digest realm=\"r\", nonce=\"n\", qop=auth, algorithm=MD5")
                .answer("u", "p", "GET", "/", "c", 1);
        String session = challenge("Digest realm=\"r\", nonce=\"n\", qop=auth, algorithm=MD5-sess")
                .answer("u", "p", "GET", "/", "c", 1);
        assertThat(response(session)).isNotEqualTo(response(plain)).isEqualTo(md5Sess());
        assertThat(session).contains("algorithm=MD5-sess", "cnonce=\"c\"");
    }

    private static String md5Sess() throws Exception {
        return md5(md5(md5("u:r:p") + ":n:c") + ":n:00000001:c:auth:" + md5("GET:/"));
    }

    private static String md5(String text) throws Exception {
        return java.util.HexFormat.of()
                .formatHex(java.security.MessageDigest.getInstance("MD5").digest(text.getBytes()));
    }

    @Test
    void quotesAreEscapedAndRead() throws Exception {
        DigestChallenge challenge = challenge("Digest realm=\"a \\\"b\\\" \\\\ c\", nonce=\"n\"");
        assertThat(challenge.realm()).isEqualTo("a \"b\" \\ c");
        assertThat(challenge.answer("q\"", "p", "GET", "/", "c", 1))
                .startsWith("Digest username=\"q\\\"\", realm=\"a \\\"b\\\" \\\\ c\"");
    }

    // -------------------------------------------------------------------------------------------------- challenges

    @Test
    void theStrongestOfSeveralCounts() throws Exception {
        assertThat(challenge(
                                "Basic realm=\"x\", Digest realm=\"a\", nonce=\"1\", algorithm=SHA-256, qop=\"auth\"",
                                "Digest realm=\"b\", nonce=\"2\", algorithm=MD5, qop=\"auth\"")
                        .realm())
                .isEqualTo("a");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Basic realm=\"x\"",
                "Digest realm=\"a\"",
                "Digest nonce=\"a\"",
                "Digest realm=\"a\", nonce=\"\"",
                "Digest realm=\"a\", nonce=\"n\", algorithm=SHA-1",
                "Digest realm=\"a\", nonce=\"n\", qop=\"auth-int\"",
                "Digest",
                "=",
                "\"",
            })
    void whatCannotBeAnsweredIsNot(String field) throws Exception {
        assertThat(challenge(field)).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "'', http://a.test/any, true",
        "/admin, http://a.test/admin, true",
        "/admin, http://a.test/admin/users, true",
        "/admin, http://a.test/administrator, false",
        "/admin/, http://a.test/admin/users, true",
        "/one /two, http://a.test/two/x, true",
        "http://b.test/, http://a.test/, false",
        "sub, http://a.test/dir/sub, true",
    })
    void theDomainSaysWhereAnAnswerHolds(String domain, String url, boolean covers) throws Exception {
        assertThat(challenge("Digest realm=\"r\", nonce=\"n\", domain=\"" + domain + "\"")
                        .covers(Url.parse(url)))
                .isEqualTo(covers);
    }

    @Test
    void aUserMustHaveAName() {
        assertThatThrownBy(() -> new DigestAuth("http://a/", "", "p")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new DigestAuth("http://a/", "a:b", "p")).isInstanceOf(IllegalArgumentException.class);
    }

    // --------------------------------------------------------------------------------------------- asking once more

    private static String unauthorized(String challenge) {
        return "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: " + challenge + "\r\nContent-Length: 0\r\n\r\n";
    }

    /** Starts a server that sends these answers in turn. */
    private static RawServer sending(String... answers) throws Exception {
        return RawServer.start(peer -> {
            while (peer.readRequest() != null) {
                peer.send(answers[Math.min(peer.server().requests().size(), answers.length) - 1]);
            }
        });
    }

    private static ClientSession session(RawServer server) throws Exception {
        return ClientSession.builder()
                .middleware(new DigestAuth(server.url(), "u", "p", () -> "c"))
                .build();
    }

    /** Returns nonce and count of each request, and a dash for one that has none. */
    private static List<String> carried(RawServer server) {
        var carried = new ArrayList<String>();
        for (String request : server.requests()) {
            boolean has = request.contains("Authorization: Digest ");
            carried.add(
                    has
                            ? request.replaceFirst("(?s).* nonce=\"([^\"]*)\".*", "$1")
                                    + request.replaceFirst("(?s).*, nc=0*([0-9a-f]+),.*", " $1")
                            : "-");
        }
        return carried;
    }

    @Test
    void aChallengeIsAnsweredAndLaterRequestsCarryTheirAnswer() throws Exception {
        run(() -> {
            try (var server = sending(unauthorized(CHALLENGE), OK);
                    var session = session(server)) {
                for (int i = 0; i < 3; i++) {
                    try (var response = session.post(server.url() + "/?" + i, Body.text("body"))) {
                        assertThat(response.text()).isEqualTo("ok");
                    }
                }
                assertThat(carried(server)).containsExactly("-", "n1 1", "n1 2", "n1 3");
                assertThat(server.requests().getLast()).contains("uri=\"/?2\"");
            }
        });
    }

    @Test
    void aWrongPasswordIsTriedOnce() throws Exception {
        run(() -> {
            try (var server = sending(unauthorized(CHALLENGE));
                    var session = session(server);
                    var response = session.get(server.url())) {
                assertThat(response.status()).isEqualTo(401);
                assertThat(carried(server)).containsExactly("-", "n1 1");
            }
        });
    }

    @Test
    void aNonceThatIsStaleIsChangedForAnother() throws Exception {
        run(() -> {
            try (var server = sending(
                            unauthorized(CHALLENGE),
                            OK,
                            unauthorized(CHALLENGE.replace("n1", "n2") + ", stale=TRUE"),
                            OK);
                    var session = session(server)) {
                session.get(server.url()).close();
                try (var response = session.get(server.url())) {
                    assertThat(response.status()).isEqualTo(200);
                }
                assertThat(carried(server)).containsExactly("-", "n1 1", "n1 2", "n2 1");
            }
        });
    }

    @Test
    void theSameChallengeAgainIsARefusal() throws Exception {
        run(() -> {
            try (var server =
                            sending(unauthorized(CHALLENGE), OK, unauthorized(CHALLENGE), unauthorized(CHALLENGE), OK);
                    var session = session(server)) {
                session.get(server.url()).close();
                try (var response = session.get(server.url())) {
                    assertThat(response.status()).isEqualTo(401);
                }
                session.get(server.url()).close();
                assertThat(carried(server)).as("begun anew").containsExactly("-", "n1 1", "n1 2", "-", "n1 1");
            }
        });
    }

    @Test
    void onlyItsServerIsAnswered() throws Exception {
        run(() -> {
            try (var one = sending(unauthorized(CHALLENGE), OK);
                    var other = sending(unauthorized(CHALLENGE));
                    var session = session(one)) {
                session.get(one.url()).close();
                session.get(other.url()).close();
                assertThat(carried(one)).containsExactly("-", "n1 1");
                assertThat(carried(other)).containsExactly("-");
            }
        });
    }

    @Test
    void aChallengeBehindARedirectElsewhereIsNotAnswered() throws Exception {
        run(() -> {
            try (var other = sending(unauthorized(CHALLENGE));
                    var one = sending(
                            unauthorized(CHALLENGE),
                            "HTTP/1.1 302 Found\r\nLocation: " + other.url() + "\r\nContent-Length: 0\r\n\r\n");
                    var session = session(one);
                    var response = session.get(one.url())) {
                assertThat(response.status()).isEqualTo(401);
                assertThat(carried(one)).containsExactly("-", "n1 1");
                assertThat(carried(other)).as("what was for the one").containsExactly("-");
            }
        });
    }

    @Test
    void anAnswerThatARedirectTookAlongIsMadeAnewForItsAddress() throws Exception {
        run(() -> {
            try (var server = sending(
                            unauthorized(CHALLENGE),
                            OK,
                            "HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n",
                            unauthorized(CHALLENGE),
                            OK);
                    var session = session(server)) {
                session.get(server.url()).close();
                try (var response = session.get(server.url() + "/here")) {
                    assertThat(response.status()).isEqualTo(200);
                }
                assertThat(server.requests().getLast()).contains("GET /there ", "uri=\"/there\"");
            }
        });
    }

    @Test
    void aChallengeBehindARedirectOfTheSameOriginIsAnsweredThere() throws Exception {
        run(() -> {
            try (var server = sending(
                            "HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n",
                            unauthorized(CHALLENGE),
                            OK);
                    var session = session(server);
                    var response = session.get(server.url() + "/here")) {
                assertThat(response.status()).isEqualTo(200);
                assertThat(carried(server)).containsExactly("-", "-", "n1 1");
                assertThat(server.requests().getLast()).contains("GET /there ", "uri=\"/there\"");
            }
        });
    }

    @Test
    void aBodyThatCanBeSentOnlyOnceLeavesThe401() throws Exception {
        run(() -> {
            try (var server = RawServer.start(peer -> {
                        peer.readRequest();
                        peer.send(unauthorized(CHALLENGE));
                        peer.awaitEnd();
                    });
                    var session = session(server);
                    var response = session.post(server.url(), Body.stream(null, out -> {}))) {
                assertThat(response.status()).isEqualTo(401);
            }
        });
    }

    @Test
    void whoBringsAnAuthorizationKeepsIt() throws Exception {
        run(() -> {
            try (var server = sending(unauthorized(CHALLENGE));
                    var session = session(server);
                    var response =
                            session.request(session.to("GET", server.url()).withBearer("token"))) {
                assertThat(response.status()).isEqualTo(401);
                assertThat(server.requests()).singleElement().asString().contains("Authorization: Bearer token\r\n");
            }
        });
    }

    @Test
    void aBearerTokenHasTheCharactersOfOne() throws Exception {
        ClientRequest request = ClientRequest.of("GET", "http://a/");
        assertThatThrownBy(() -> request.withBearer("a b"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("a b");
        assertThatThrownBy(() -> request.withBearer("")).isInstanceOf(IllegalArgumentException.class);
    }
}
