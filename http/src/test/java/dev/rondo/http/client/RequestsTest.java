package dev.rondo.http.client;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.AsyncEvent;
import dev.rondo.http.Body;
import dev.rondo.http.HttpException;
import dev.rondo.http.JsonException;
import dev.rondo.http.OddBody;
import dev.rondo.http.RawServer;
import dev.rondo.http.RedirectException;
import dev.rondo.http.StatusException;
import dev.rondo.http.TruncatedBodyException;
import dev.rondo.http.Url;
import dev.rondo.http.WriteTimeoutException;
import dev.rondo.http.server.HttpServer;
import dev.rondo.http.server.Response;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a request can be made of, and what can be made of an answer. */
class RequestsTest {

    private static final String OK = "HTTP/1.1 200 OK\r\n";
    private static final String EMPTY = OK + "Content-Length: 0\r\n\r\n";

    record Person(String name, int age) {}

    private static String answer(String status, String type, String body) {
        return "HTTP/1.1 " + status + "\r\nContent-Type: " + type + "\r\nContent-Length: " + body.length() + "\r\n\r\n"
                + body;
    }

    // -------------------------------------------------------------------------------------------------- what is sent

    @Test
    void relativeAddressesStartFromTheBaseUrl() throws Exception {
        run(() -> {
            try (var server = RawServer.answering(EMPTY);
                    var session = ClientSession.builder()
                            .baseUrl(Url.parse(server.url() + "/api/"))
                            .build()) {
                session.get("users").close();
                session.get("/root").close();
                session.delete(server.url() + "/whole").close();
                session.options("").close();
                assertThat(server.requests().stream().map(text -> text.substring(0, text.indexOf(" HTTP"))))
                        .containsExactly("GET /api/users", "GET /root", "DELETE /whole", "OPTIONS /api/");
            }
        });
    }

    @Test
    void parametersAreEncodedOnce() throws Exception {
        assertThat(ClientRequest.of("GET", "http://a/?x=%20#f")
                        .withParam("a&b", "c d=e%20+ä")
                        .withParam("a&b", "")
                        .url())
                .hasToString("http://a/?x=%20&a%26b=c%20d%3De%2520%2B%C3%A4&a%26b=#f");
    }

    @Test
    void aColonInAUsersNameIsRefused() throws Exception {
        var request = ClientRequest.of("GET", "http://a/");
        assertThat(request.withBasicAuth("Aladdin", "open sesame").headers().get("Authorization"))
                .isEqualTo("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assertThatThrownBy(() -> request.withBasicAuth("a:b", "c")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void sendsAndReadsJson() throws Exception {
        run(() -> {
            try (var server = HttpServer.start(
                            request -> Response.of(Body.of(
                                    "application/json",
                                    (request.headers().get("Content-Type") + request.text())
                                            .replace("application/json", "")
                                            .getBytes())),
                            "127.0.0.1",
                            0);
                    var session = new ClientSession()) {
                try (var response = session.post(server.url(), Body.json(new Person("Ännchen", 7)))) {
                    assertThat(response.json(Person.class)).isEqualTo(new Person("Ännchen", 7));
                    assertThat(response.json().get("age").asInt()).isEqualTo(7);
                }
                try (var response = session.put(server.url(), Body.json(Map.of("name", "b", "age", "old")))) {
                    assertThatThrownBy(() -> response.json(Person.class)).isInstanceOf(JsonException.class);
                }
            }
        });
    }

    @Test
    void jsonIsReadOnlyFromWhatClaimsToBeJson() throws Exception {
        run(() -> {
            List<String> accepted = new ArrayList<>();
            for (String type : List.of("application/json", "Application/Problem+JSON; x=y", "text/html", "text/json")) {
                try (var server = RawServer.answering(answer("200 OK", type, "[1]"));
                        var session = new ClientSession();
                        var response = session.get(server.url())) {
                    try {
                        assertThat(response.json().size()).isEqualTo(1);
                        accepted.add(type);
                    } catch (JsonException e) {
                        assertThat(e).hasMessageContaining("not JSON; what it says all the same is in text()");
                    }
                }
            }
            assertThat(accepted).containsExactly("application/json", "Application/Problem+JSON; x=y");
        });
    }

    @Test
    void anEmptyBodyAndABrokenOneAreNoJson() throws Exception {
        run(() -> {
            for (String body : List.of("", "{\"a\":", "<html>")) {
                try (var server = RawServer.answering(answer("200 OK", "application/json", body));
                        var session = new ClientSession();
                        var response = session.get(server.url())) {
                    assertThatThrownBy(response::json).isInstanceOf(JsonException.class);
                }
            }
        });
    }

    // ------------------------------------------------------------------------------------------------------ failures

    @Test
    void aStatusThatIsAFailureCarriesWhatTheServerSaid() throws Exception {
        run(() -> {
            try (var server = RawServer.answering(answer("404 Not Found", "text/plain", "x".repeat(5000)));
                    var session = ClientSession.builder().raiseForStatus().build()) {
                assertThatThrownBy(() -> session.get(server.url() + "/a"))
                        .isInstanceOfSatisfying(StatusException.class, failure -> {
                            assertThat(failure).hasMessage("status 404 Not Found");
                            assertThat(failure.status()).isEqualTo(404);
                            assertThat(failure.url()).hasToString(server.url() + "/a");
                            assertThat(failure.headers().get("Content-Type")).isEqualTo("text/plain");
                            assertThat(failure.body()).isEqualTo("x".repeat(2048));
                        });
                assertThat(session.toString()).startsWith("ClientSession[0 in use");
            }
        });
    }

    @Test
    void aPredicateSaysWhichStatusesAreFailures() throws Exception {
        run(() -> {
            try (var server = RawServer.answering(answer("404 Not Found", "text/plain", "no"));
                    var session = ClientSession.builder()
                            .raiseForStatus(response -> response.status() >= 500)
                            .build();
                    var response = session.get(server.url())) {
                assertThat(response.text()).isEqualTo("no");
                assertThatThrownBy(response::raiseForStatus)
                        .isInstanceOfSatisfying(
                                StatusException.class, e -> assertThat(e.body()).isEqualTo("no"));
            }
        });
    }

    @Test
    void aServerThatTakesNothingIsGivenUpByTheLimitOnWrites() throws Exception {
        run(() -> {
            var end = new AsyncEvent();
            try (var server = RawServer.start(peer -> {
                        peer.readRequest();
                        end.await();
                    });
                    var session = ClientSession.builder()
                            .timeouts(Timeouts.DEFAULT.withWrite(Duration.ofMillis(100)))
                            .build()) {
                assertThatThrownBy(() -> session.post(server.url(), Body.of(new byte[64 << 20])))
                        .isInstanceOf(WriteTimeoutException.class)
                        .hasMessage("the server took nothing of the request for 0.1 s");
                assertThat(session).hasToString("ClientSession[0 in use, 0 idle, 0 waiting]");
            }
        });
    }

    // --------------------------------------------------------------------------------------------------- bodies

    private static HttpServer echo() throws IOException {
        return HttpServer.start(request -> Response.text(request.text()), "127.0.0.1", 0);
    }

    @Test
    void sendsFilesAndPieces(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("a.txt"), "f".repeat(200_000));
        run(() -> {
            try (var server = echo();
                    var session = new ClientSession()) {
                try (var response = session.post(server.url(), Body.file(file))) {
                    assertThat(response.text()).isEqualTo("f".repeat(200_000));
                }
                try (var response = session.post(server.url(), Body.stream("text/plain", out -> {
                    out.write("a");
                    out.write("");
                    out.write("bc");
                }))) {
                    assertThat(response.text()).isEqualTo("abc");
                }
            }
        });
    }

    @Test
    void aFileThatShrinksAndABodyThatThrowsGiveTheConnectionUp(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("a.txt"), "f".repeat(1000));
        run(() -> {
            try (var server = echo();
                    var session = new ClientSession()) {
                Body shrinking = Body.file(file);
                Files.writeString(file, "f");
                assertThatThrownBy(() -> session.post(server.url(), shrinking))
                        .isInstanceOf(HttpException.class)
                        .hasMessageContaining("has shrunk while it was sent");
                assertThatThrownBy(() -> session.post(server.url(), Body.stream(null, out -> {
                            out.write("a");
                            throw new IllegalStateException("mine");
                        })))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage("mine");
                assertThat(session).hasToString("ClientSession[0 in use, 0 idle, 0 waiting]");
            }
        });
    }

    @Test
    void aBodyIsHeldToTheLengthThatItAnnounced() throws Exception {
        run(() -> {
            try (var server = RawServer.start(peer -> peer.awaitEnd());
                    var session = new ClientSession()) {
                assertThatThrownBy(() -> session.post(server.url(), new OddBody(5, "abc")))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("announced 5 bytes and wrote 3");
                assertThatThrownBy(() -> session.post(server.url(), new OddBody(2, "abc")))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("announced 2 bytes and writes more");
                assertThat(session).hasToString("ClientSession[0 in use, 0 idle, 0 waiting]");
            }
        });
    }

    @Test
    void aCancelInTheMiddleOfABodyClosesTheConnection() throws Exception {
        run(() -> {
            var begun = new AsyncEvent();
            try (var server = RawServer.start(peer -> peer.awaitEnd());
                    var session = new ClientSession()) {
                var task = createTask(() -> session.post(server.url(), Body.stream(null, out -> {
                    out.write("a");
                    begun.set();
                    new AsyncEvent().await();
                })));
                begun.await();
                task.cancel();
                assertThatThrownBy(task::await).isInstanceOf(dev.rondo.TaskCancelledException.class);
                assertThat(session).hasToString("ClientSession[0 in use, 0 idle, 0 waiting]");
            }
        });
    }

    @Test
    void aRedirectThatWantsABodyAgainIsRefusedIfItCannotBeSentAgain() throws Exception {
        run(() -> {
            try (var server = RawServer.start(peer -> {
                        peer.readRequest();
                        peer.send("HTTP/1.1 307 No\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n");
                        peer.awaitEnd();
                    });
                    var session = new ClientSession()) {
                assertThatThrownBy(() -> session.post(server.url(), Body.stream(null, out -> out.write("a"))))
                        .isInstanceOf(RedirectException.class)
                        .hasMessageContaining("can be sent only once");
                assertThat(session.toString()).startsWith("ClientSession[0 in use");
            }
        });
    }

    @Test
    void aServerMayRefuseALongBodyWhileItIsBeingMade() throws Exception {
        run(() -> {
            try (var server = RawServer.start(peer -> {
                        peer.readRequest();
                        peer.send(answer("413 Content Too Large", "text/plain", "no"));
                        peer.stream().shutdownOutput();
                        peer.awaitEnd();
                    });
                    var session = new ClientSession();
                    var response = session.post(server.url(), Body.stream(null, out -> {
                        for (int i = 0; i < 100; i++) {
                            out.write(new byte[10_000]);
                        }
                    }))) {
                assertThat(response.status()).isEqualTo(413);
                assertThat(response.text()).isEqualTo("no");
            }
        });
    }

    @Test
    void aBodyThatCanBeSentOnlyOnceIsNotSentAgainOnAStaleConnection() throws Exception {
        run(() -> {
            int[] made = new int[1];
            try (var server = RawServer.start(peer -> {
                        peer.readRequest();
                        peer.send(EMPTY);
                        peer.readRequest();
                    });
                    var session = new ClientSession()) {
                session.get(server.url()).close();
                assertThatThrownBy(() -> session.put(server.url(), Body.stream(null, out -> {
                            made[0]++;
                            out.write("a");
                        })))
                        .isInstanceOf(HttpException.class);
                assertThat(made[0]).isEqualTo(1);
                assertThat(server.connections()).isEqualTo(1);
            }
        });
    }

    // ---------------------------------------------------------------------------------------- middlewares, downloads

    @Test
    void middlewaresStandAroundTheRequestTheFirstOneOutermost() throws Exception {
        run(() -> {
            List<String> log = new ArrayList<>();
            try (var server = RawServer.answering(EMPTY);
                    var session = ClientSession.builder()
                            .middleware((request, next) -> {
                                log.add("a");
                                var response = next.send(request.withHeader("X-A", "1"));
                                log.add("/a");
                                return response;
                            })
                            .middleware((request, next) -> {
                                log.add("b " + request.headers().get("X-A"));
                                next.send(request).close();
                                return next.send(request);
                            })
                            .build()) {
                session.get(server.url()).close();
                assertThat(log).containsExactly("a", "b 1", "/a");
                assertThat(server.requests()).hasSize(2).allMatch(text -> text.contains("X-A: 1\r\n"));
            }
        });
    }

    @Test
    void aDownloadIsThereAsAWholeOrNotAtAll(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("a"), "before");
        run(() -> {
            try (var server = RawServer.start(peer -> {
                        peer.readRequest();
                        peer.send(OK + "Content-Length: 10\r\n\r\nhalf");
                    });
                    var session = new ClientSession();
                    var response = session.get(server.url())) {
                assertThatThrownBy(() -> response.saveTo(file)).isInstanceOf(TruncatedBodyException.class);
            }
            assertThat(file).hasContent("before");
            assertThat(directory.toFile().list()).containsExactly("a");
            try (var server = RawServer.answering(answer("200 OK", "Text/CSV; charset=utf-8", "whole"));
                    var session = new ClientSession();
                    var response = session.get(server.url())) {
                assertThat(response.contentType()).isEqualTo("text/csv");
                assertThat(response.contentLength()).isEqualTo(5);
                assertThat(response.method()).isEqualTo("GET");
                assertThat(response.saveTo(file)).isEqualTo(5);
            }
            assertThat(file).hasContent("whole");
            assertThat(directory.toFile().list()).containsExactly("a");
        });
    }
}
