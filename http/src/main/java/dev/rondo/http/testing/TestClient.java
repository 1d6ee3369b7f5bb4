package dev.rondo.http.testing;

import dev.rondo.http.Body;
import dev.rondo.http.HttpException;
import dev.rondo.http.Url;
import dev.rondo.http.client.ClientRequest;
import dev.rondo.http.client.ClientResponse;
import dev.rondo.http.client.ClientSession;
import dev.rondo.http.server.Handler;

/**
 * Asks a {@link TestServer}: addresses begin at its own. In aiohttp: {@code test_utils.TestClient}.
 *
 * <pre>{@code
 * try (var client = TestClient.start(app);
 *         var response = client.get("/users/7")) {
 *     assertEquals(200, response.status());
 * }
 * }</pre>
 */
public final class TestClient implements AutoCloseable {

    private final TestServer server;
    private final ClientSession session;

    private TestClient(TestServer server, ClientSession session) {
        this.server = server;
        this.session = session;
    }

    /** Starts a server of {@code handler}, and a client that closes it in the end. Suspends. */
    public static TestClient start(Handler handler) throws Exception {
        return of(TestServer.start(handler), ClientSession.builder());
    }

    /** Makes a client of a server, which it closes in the end, out of a session's options. Suspends. */
    public static TestClient of(TestServer server, ClientSession.Builder options) throws Exception {
        boolean made = false;
        try {
            var client = new TestClient(
                    server, options.baseUrl(Url.parse(server.url() + "/")).build());
            made = true;
            return client;
        } finally {
            if (!made) {
                server.close();
            }
        }
    }

    /** Returns the session, for all that is not below. */
    public ClientSession session() {
        return session;
    }

    /** Returns the server. */
    public TestServer server() {
        return server;
    }

    /** Asks for a page: {@link ClientSession#get}. */
    public ClientResponse get(String path) throws HttpException {
        return session.get(path);
    }

    /** Sends a body: {@link ClientSession#post}. */
    public ClientResponse post(String path, Body body) throws HttpException {
        return session.post(path, body);
    }

    /** Asks by any method, without body: {@link ClientSession#request(String, String)}. */
    public ClientResponse request(String method, String path) throws HttpException {
        return session.request(method, path);
    }

    /** Begins a request that has more to it: {@link ClientSession#to}. */
    public ClientRequest to(String method, String path) throws HttpException {
        return session.to(method, path);
    }

    /** Sends a request: {@link ClientSession#request(ClientRequest)}. */
    public ClientResponse send(ClientRequest request) throws HttpException {
        return session.request(request);
    }

    /** Closes session and server. Suspends. */
    @Override
    public void close() throws Exception {
        session.close();
        server.close();
    }
}
