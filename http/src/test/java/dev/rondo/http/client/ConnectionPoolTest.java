package dev.rondo.http.client;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.run;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.Asyncio;
import dev.rondo.Promise;
import dev.rondo.Task;
import dev.rondo.TaskCancelledException;
import dev.rondo.http.Body;
import dev.rondo.http.ConnectionClosedException;
import dev.rondo.http.RawServer;
import dev.rondo.http.RawServer.Peer;
import dev.rondo.http.server.HttpServer;
import dev.rondo.http.server.Response;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a session does with its connections. */
class ConnectionPoolTest {

    private static final String HELLO = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

    private static ClientSession session(PoolOptions options) {
        return ClientSession.builder().pool(options).build();
    }

    private static String get(ClientSession session, String url) throws IOException {
        try (var response = session.get(url)) {
            return response.text();
        }
    }

    // ------------------------------------------------------------------------------------------------- used again

    @Test
    void aConnectionIsUsedAgainOnceItsBodyHasBeenRead() throws Exception {
        run(() -> {
            try (var server = RawServer.answering(HELLO);
                    var session = new ClientSession()) {
                for (int i = 0; i < 5; i++) {
                    get(session, server.url());
                }
                assertThat(server.connections()).isEqualTo(1);
                ClientResponse open = session.get(server.url());
                open.text(); // gives the connection back before the response is closed
                assertThat(session).hasToString("ClientSession[0 in use, 1 idle, 0 waiting]");
            }
        });
    }

    @Test
    void aSmallRestOfABodyIsReadAtTheEnd() throws Exception {
        run(() -> {
            try (var server = RawServer.answering(HELLO);
                    var session = new ClientSession()) {
                session.get(server.url()).close();
                session.get(server.url()).close();
                assertThat(server.connections()).isEqualTo(1);
            }
        });
    }

    @Test
    void aLargeRestOfABodyClosesTheConnection() throws Exception {
        run(() -> {
            try (var server =
                            HttpServer.start(request -> Response.of("text/plain", new byte[500_000]), "127.0.0.1", 0);
                    var session = new ClientSession()) {
                session.get(server.url()).close();
                assertThat(session).hasToString("ClientSession[0 in use, 0 idle, 0 waiting]");
            }
        });
    }

    @Test
    void closingAResponseDoesNotWaitForARestThatIsNotHere() throws Exception {
        run(() -> {
            try (var server = RawServer.start(peer -> {
                        peer.readRequest();
                        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe");
                        peer.awaitEnd();
                    });
                    var session = new ClientSession()) {
                session.get(server.url()).close();
                assertThat(session).hasToString("ClientSession[0 in use, 0 idle, 0 waiting]");
            }
        });
    }

    /** Reads {@code now}, and closes the response in a callback when {@code later} has come. */
    private static void closeInACallback(ClientSession session, String now, String later) throws IOException {
        Promise<Boolean, RuntimeException> asked = Asyncio.getRunningLoop().createFuture();
        Promise<Boolean, RuntimeException> sent = Asyncio.getRunningLoop().createFuture();
        try (var server = RawServer.start(peer -> {
            peer.readRequest();
            peer.send(now);
            asked.await();
            peer.send(later);
            sent.setResult(true);
            peer.awaitEnd();
        })) {
            ClientResponse response = session.get(server.url());
            response.content().readChunk();
            asked.setResult(true);
            sent.await();
            Promise<Boolean, RuntimeException> closed = Asyncio.getRunningLoop().createFuture();
            Asyncio.getRunningLoop().callSoon(() -> {
                try {
                    response.close();
                    closed.setResult(true);
                } catch (RuntimeException e) {
                    closed.setException(e);
                }
            });
            closed.await(); // in a callback whatever suspends fails
        }
    }

    @Test
    void closingAResponseNeverSuspendsNotEvenInTheMiddleOfAChunksHead() throws Exception {
        run(() -> {
            try (var session = new ClientSession()) {
                closeInACallback(session, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "5");
                assertThat(session).hasToString("ClientSession[0 in use, 0 idle, 0 waiting]");
            }
        });
    }

    @Test
    void aRestThatIsHereIsReadInACallbackToo() throws Exception {
        run(() -> {
            try (var session = new ClientSession()) {
                closeInACallback(session, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc", "def");
                assertThat(session).hasToString("ClientSession[0 in use, 1 idle, 0 waiting]");
            }
        });
    }

    @Test
    void closingAResponseThatAnotherCoroutineReadsFailsItsRead() throws Exception {
        run(() -> {
            try (var server = RawServer.start(peer -> {
                        peer.readRequest();
                        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 600\r\n\r\nabc");
                        peer.awaitEnd();
                    });
                    var session = new ClientSession()) {
                ClientResponse response = session.get(server.url());
                response.content().readChunk();
                Task<byte[], IOException> reader =
                        createTask(() -> response.content().readChunk());
                yieldNow();
                response.close();
                assertThat(session).hasToString("ClientSession[0 in use, 0 idle, 0 waiting]");
                assertThatThrownBy(reader::await)
                        .isInstanceOf(ConnectionClosedException.class)
                        .hasMessageContaining("closed the message while it was being read");
                assertThat(session).hasToString("ClientSession[0 in use, 0 idle, 0 waiting]");
            }
        });
    }

    @Test
    void aRestThatIsBrokenClosesTheConnectionAndNobodyHearsOfIt() throws Exception {
        run(() -> {
            try (var server = RawServer.answering(
                            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nGARBAGE");
                    var session = new ClientSession()) {
                session.get(server.url()).close();
                assertThat(session).hasToString("ClientSession[0 in use, 0 idle, 0 waiting]");
            }
        });
    }

    @Test
    void aConnectionThatIsNotToBeUsedAgainIsClosed() throws Exception {
        for (String answer : List.of(
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello",
                "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
                "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                HELLO + "unasked for")) {
            run(() -> {
                try (var server = RawServer.answering(answer);
                        var session = new ClientSession()) {
                    assertThat(get(session, server.url())).isEqualTo("hello");
                    assertThat(session).as(answer).hasToString("ClientSession[0 in use, 0 idle, 0 waiting]");
                }
            });
        }
    }

    @Test
    void aRequestMayAskForTheConnectionToBeClosed() throws Exception {
        run(() -> {
            try (var server = RawServer.answering(HELLO);
                    var session = new ClientSession()) {
                try (var response =
                        session.request(ClientRequest.of("GET", server.url()).withHeader("Connection", "close"))) {
                    response.text();
                }
                assertThat(session).hasToString("ClientSession[0 in use, 0 idle, 0 waiting]");
            }
        });
    }

    // ------------------------------------------------------------------------------------------------------- stale

    @Test
    void aConnectionThatTheServerHasClosedMeanwhileIsNotUsed() throws Exception {
        run(() -> {
            Promise<Boolean, RuntimeException> idle = Asyncio.getRunningLoop().createFuture();
            try (var server = RawServer.start(peer -> {
                        peer.readRequest();
                        peer.send(HELLO);
                        if (peer.number() == 1) {
                            idle.await();
                        }
                    });
                    var other = RawServer.answering(HELLO);
                    var session = new ClientSession()) {
                get(session, server.url());
                idle.setResult(true);
                get(session, other.url()); // by the end of which the loop has heard of the close
                try (var response = session.post(server.url(), Body.EMPTY)) { // which nobody would send twice
                    assertThat(response.text()).isEqualTo("hello");
                }
            }
        });
    }

    /** Closes the first connection when its second request comes: too late for the client to have noticed. */
    private static RawServer closingAtTheSecondRequest() throws IOException {
        return RawServer.start(peer -> {
            peer.readRequest();
            peer.send(HELLO);
            peer.readRequest();
            if (peer.number() > 1) {
                peer.send(HELLO);
                peer.awaitEnd();
            }
        });
    }

    @Test
    void aRequestThatMetAStaleConnectionIsSentOnceMore() throws Exception {
        run(() -> {
            try (var server = closingAtTheSecondRequest();
                    var session = new ClientSession()) {
                get(session, server.url());
                assertThat(get(session, server.url())).isEqualTo("hello");
                assertThat(server.connections()).isEqualTo(2);
            }
        });
    }

    @Test
    void aRequestThatChangesSomethingIsNotSentTwice() throws Exception {
        run(() -> {
            try (var server = closingAtTheSecondRequest();
                    var session = new ClientSession()) {
                get(session, server.url());
                assertThatThrownBy(() -> session.post(server.url(), Body.of(new byte[] {1})))
                        .isInstanceOf(ConnectionClosedException.class)
                        .hasMessageContaining("closed before any answer");
                assertThat(server.connections()).isEqualTo(1);
                assertThat(session).hasToString("ClientSession[0 in use, 0 idle, 0 waiting]");
            }
        });
    }

    @Test
    void aFreshConnectionThatFailsIsNotTriedAgain() throws Exception {
        run(() -> {
            try (var server = RawServer.start(Peer::readRequest);
                    var session = new ClientSession()) {
                assertThatThrownBy(() -> get(session, server.url())).isInstanceOf(ConnectionClosedException.class);
                assertThat(server.connections()).isEqualTo(1);
            }
        });
    }

    @Test
    void anAnswerThatHasBegunIsNotAskedForAgain() throws Exception {
        run(() -> {
            try (var server = RawServer.start(peer -> {
                        peer.readRequest();
                        peer.send(HELLO);
                        peer.readRequest();
                        peer.send("HTTP/1.1 2");
                    });
                    var session = new ClientSession()) {
                get(session, server.url());
                assertThatThrownBy(() -> get(session, server.url()))
                        .isInstanceOf(ConnectionClosedException.class)
                        .hasMessageContaining("in the middle of the headers");
                assertThat(server.connections()).isEqualTo(1);
            }
        });
    }

    @Test
    void anIdleConnectionIsClosedAfterItsTime() throws Exception {
        run(() -> {
            Promise<Boolean, RuntimeException> closedByClient =
                    Asyncio.getRunningLoop().createFuture();
            try (var server = RawServer.start(peer -> {
                        peer.readRequest();
                        peer.send(HELLO);
                        peer.awaitEnd();
                        closedByClient.setResult(true);
                    });
                    var session = session(PoolOptions.DEFAULT.withKeepAlive(Duration.ofMillis(5)))) {
                get(session, server.url());
                closedByClient.await();
                assertThat(session).hasToString("ClientSession[0 in use, 0 idle, 0 waiting]");
            }
        });
    }

    @Test
    void connectionsNeedNotBeKeptAtAll() throws Exception {
        run(() -> {
            try (var server = RawServer.answering(HELLO);
                    var session = session(PoolOptions.DEFAULT.withKeepAlive(Duration.ZERO))) {
                get(session, server.url());
                get(session, server.url());
                assertThat(server.connections()).isEqualTo(2);
            }
        });
    }

    // ------------------------------------------------------------------------------------------------------ limits

    /** Holds every request until it is told to answer, and notes their order. */
    private static final class Gate implements AutoCloseable {
        final List<String> asked = new ArrayList<>();
        final List<Promise<Boolean, RuntimeException>> held = new ArrayList<>();
        final HttpServer server;

        Gate() throws IOException {
            server = HttpServer.start(
                    request -> {
                        asked.add(request.path());
                        Promise<Boolean, RuntimeException> turn =
                                Asyncio.getRunningLoop().createFuture();
                        held.add(turn);
                        turn.await();
                        return Response.text(request.path());
                    },
                    "127.0.0.1",
                    0);
        }

        void awaitAsked(int count) {
            while (asked.size() < count) {
                yieldNow();
            }
        }

        void answer(int index) {
            held.get(index).setResult(true);
        }

        @Override
        public void close() {
            server.close();
        }
    }

    private static List<Task<String, IOException>> getAll(ClientSession session, HttpServer server, int count) {
        var tasks = new ArrayList<Task<String, IOException>>();
        for (int i = 0; i < count; i++) {
            String url = server.url() + "/" + i;
            tasks.add(createTask(() -> get(session, url)));
        }
        return tasks;
    }

    @Test
    void requestsBeyondTheLimitWaitInOrder() throws Exception {
        run(() -> {
            try (var gate = new Gate();
                    var session = session(PoolOptions.DEFAULT.withTotal(2))) {
                List<Task<String, IOException>> tasks = getAll(session, gate.server, 4);
                gate.awaitAsked(2);
                assertThat(session).hasToString("ClientSession[2 in use, 0 idle, 2 waiting]");
                gate.answer(1);
                gate.awaitAsked(3);
                gate.answer(0);
                gate.awaitAsked(4);
                gate.answer(2);
                gate.answer(3);
                for (int i = 0; i < 4; i++) {
                    assertThat(tasks.get(i).await()).isEqualTo("/" + i);
                }
                assertThat(gate.asked.subList(2, 4)).containsExactly("/2", "/3");
                assertThat(gate.server.connections()).isEqualTo(2);
            }
        });
    }

    @Test
    void oneHostMayHaveALimitOfItsOwn() throws Exception {
        run(() -> {
            try (var gate = new Gate();
                    var other = RawServer.answering(HELLO);
                    var session = session(PoolOptions.DEFAULT.withPerHost(1))) {
                List<Task<String, IOException>> tasks = getAll(session, gate.server, 2);
                gate.awaitAsked(1);
                assertThat(get(session, other.url())).isEqualTo("hello");
                assertThat(gate.asked).hasSize(1);
                gate.answer(0);
                gate.awaitAsked(2);
                gate.answer(1);
                assertThat(tasks.get(0).await() + tasks.get(1).await()).isEqualTo("/0/1");
            }
        });
    }

    @Test
    void idleConnectionsGiveWayToRequestsElsewhere() throws Exception {
        run(() -> {
            try (var first = RawServer.answering(HELLO);
                    var second = RawServer.answering(HELLO);
                    var third = RawServer.answering(HELLO);
                    var session = session(PoolOptions.DEFAULT.withTotal(2))) {
                for (RawServer server : List.of(first, second, third)) {
                    get(session, server.url());
                }
                assertThat(session).hasToString("ClientSession[0 in use, 2 idle, 0 waiting]");
                get(session, second.url()); // still there: the first gave way
                assertThat(second.connections()).isEqualTo(1);
            }
        });
    }

    // ----------------------------------------------------------------------------------------------------- cancel

    @Test
    void aCancelledRequestFreesItsPlaceAndTheNextGoesOn() throws Exception {
        run(() -> {
            try (var gate = new Gate();
                    var session = session(PoolOptions.DEFAULT.withTotal(1))) {
                List<Task<String, IOException>> tasks = getAll(session, gate.server, 3);
                gate.awaitAsked(1);
                tasks.get(1).cancel(); // waits for the pool
                tasks.get(0).cancel(); // waits for its answer
                gate.awaitAsked(2);
                gate.answer(1);
                assertThat(tasks.get(2).await()).isEqualTo("/2");
                assertThat(gate.asked).containsExactly("/0", "/2");
                assertThatThrownBy(() -> tasks.get(0).await()).isInstanceOf(TaskCancelledException.class);
                assertThat(session).hasToString("ClientSession[0 in use, 1 idle, 0 waiting]");
            }
        });
    }

    @Test
    void aCancelInTheMiddleOfABodyClosesTheConnection() throws Exception {
        run(() -> {
            Promise<Boolean, RuntimeException> closedByClient =
                    Asyncio.getRunningLoop().createFuture();
            Promise<Boolean, RuntimeException> headSent =
                    Asyncio.getRunningLoop().createFuture();
            try (var server = RawServer.start(peer -> {
                        peer.readRequest();
                        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
                        headSent.setResult(true);
                        try {
                            peer.awaitEnd();
                        } finally {
                            closedByClient.setResult(true);
                        }
                    });
                    var session = session(PoolOptions.DEFAULT.withTotal(1))) {
                Task<String, IOException> task = createTask(() -> get(session, server.url()));
                headSent.await();
                for (int i = 0; i < 20; i++) {
                    yieldNow(); // until the client waits for the rest
                }
                task.cancel();
                closedByClient.await();
                assertThatThrownBy(task::await).isInstanceOf(TaskCancelledException.class);
                assertThat(session).hasToString("ClientSession[0 in use, 0 idle, 0 waiting]");
            }
        });
    }

    @Test
    void manyCancelsAtAnyMomentLeakNothing() throws Exception {
        run(() -> {
            try (var server = HttpServer.start(request -> Response.text("x".repeat(20_000)), "127.0.0.1", 0);
                    var session = session(PoolOptions.DEFAULT.withTotal(5))) {
                for (int round = 0; round < 30; round++) {
                    List<Task<String, IOException>> tasks = getAll(session, server, 20);
                    for (int i = 0; i < round; i++) {
                        yieldNow();
                    }
                    for (int i = 0; i < tasks.size(); i += 2) {
                        tasks.get(i).cancel();
                    }
                    for (int i = 1; i < tasks.size(); i += 2) {
                        assertThat(tasks.get(i).await()).hasSize(20_000);
                    }
                    for (int i = 0; i < tasks.size(); i += 2) {
                        try {
                            tasks.get(i).await();
                        } catch (TaskCancelledException expected) {
                            // some had finished before
                        }
                    }
                }
                assertThat(session.toString()).contains("0 in use", "0 waiting");
                assertThat(get(session, server.url())).hasSize(20_000);
            }
        });
    }

    @Test
    void requestsAtTheSameTimeUseConnectionsOfTheirOwn() throws Exception {
        run(() -> {
            try (var server = RawServer.answering(HELLO);
                    var session = new ClientSession()) {
                List<String> texts = gather(() -> get(session, server.url()), () -> get(session, server.url()));
                assertThat(texts).containsExactly("hello", "hello");
                assertThat(server.connections()).isEqualTo(2);
            }
        });
    }
}
