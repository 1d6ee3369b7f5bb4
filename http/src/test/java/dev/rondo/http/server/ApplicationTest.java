package dev.rondo.http.server;

import static dev.rondo.Asyncio.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.Asyncio;
import dev.rondo.ExceptionContext;
import dev.rondo.http.Body;
import dev.rondo.http.testing.TestClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

class ApplicationTest {

    /** Has the application answer, without a network; failures of routing are answers too. */
    private static Response ask(Application app, String method, String target) throws Exception {
        try {
            return app.handle(Request.of(method, target));
        } catch (HttpError error) {
            return error.response();
        }
    }

    private static String text(Application app, String method, String target) throws Exception {
        Response response = ask(app, method, target);
        var whole = response.body().whole();
        String text = whole == null ? "" : StandardCharsets.UTF_8.decode(whole).toString();
        return (response.status() + " " + text).strip();
    }

    private static String text(Application app, String target) throws Exception {
        return text(app, "GET", target);
    }

    // ------------------------------------------------------------------------------------------------------ routes

    @Test
    void findsRoutesByPathAndMethod() throws Exception {
        var app = new Application();
        app.get("/", request -> Response.text("root"));
        app.get("/users", request -> Response.text("all"));
        app.post("/users", request -> Response.text("new"));
        app.get("/users/{id:[0-9]+}", request -> Response.text("user " + request.param("id")));
        app.get("/users/{name}", request -> Response.text("named " + request.param("name")));
        app.get("/users/me", request -> Response.text("me"));
        app.get("/a-{x}.{y}/z", request -> Response.text(request.params().toString()));
        app.get("/files/{path:.*}", request -> Response.text("file " + request.param("path")));
        assertThat(text(app, "/")).isEqualTo("200 root");
        assertThat(text(app, "/users?page=2")).isEqualTo("200 all");
        assertThat(text(app, "POST", "/users")).isEqualTo("200 new");
        assertThat(text(app, "/users/7")).isEqualTo("200 user 7");
        assertThat(text(app, "/users/joe")).isEqualTo("200 named joe");
        assertThat(text(app, "/users/me")).isEqualTo("200 me");
        assertThat(text(app, "/a-1.2/z")).isEqualTo("200 {x=1, y=2}");
        assertThat(text(app, "/files/a/b/c.txt")).isEqualTo("200 file a/b/c.txt");
        assertThat(text(app, "/files/")).isEqualTo("200 file");
        assertThat(text(app, "/users/")).isEqualTo("404 404 Not Found");
        assertThat(text(app, "/users/7/more")).isEqualTo("404 404 Not Found");
        assertThat(text(app, "http://x/users/7")).isEqualTo("200 user 7");
    }

    @Test
    void pathsAreComparedInOneSpelling() throws Exception {
        var app = new Application();
        app.get("/a/b", request -> Response.text("two"));
        app.get("/größe", request -> Response.text("size"));
        app.get("/of/{name}", request -> Response.text(request.param("name")));
        assertThat(text(app, "/%61/b")).isEqualTo("200 two");
        assertThat(text(app, "/a%2Fb")).isEqualTo("404 404 Not Found");
        assertThat(text(app, "/gr%c3%b6%C3%9fe")).isEqualTo("200 size");
        assertThat(text(app, "/of/a%2Fb")).isEqualTo("200 a/b");
        assertThat(text(app, "/of/a+b%20c%")).isEqualTo("200 a+b c%");
    }

    @Test
    void headAndOptionsAreAnsweredForThem() throws Exception {
        var app = new Application();
        app.get("/a", request -> Response.text(request.method()));
        app.post("/a", request -> Response.text("post"));
        app.get("/b/{x}", request -> Response.text("b"));
        app.any("/any", request -> Response.text("any " + request.method()));
        app.route("OPTIONS", "/own", request -> Response.text("own"));
        assertThat(text(app, "HEAD", "/a")).isEqualTo("200 HEAD");
        assertThat(ask(app, "OPTIONS", "/a").status()).isEqualTo(204);
        assertThat(ask(app, "OPTIONS", "/a").headers().get("Allow")).isEqualTo("GET, HEAD, OPTIONS, POST");
        assertThat(ask(app, "DELETE", "/a").status()).isEqualTo(405);
        assertThat(ask(app, "DELETE", "/a").headers().get("Allow")).isEqualTo("GET, HEAD, OPTIONS, POST");
        assertThat(ask(app, "PUT", "/b/1").headers().get("Allow")).isEqualTo("GET, HEAD, OPTIONS");
        assertThat(text(app, "BREW", "/any")).isEqualTo("200 any BREW");
        assertThat(text(app, "OPTIONS", "/own")).isEqualTo("200 own");
    }

    @Test
    void whatIsNoPatternIsRefusedAtOnce() {
        var app = new Application();
        Handler handler = request -> Response.text("x");
        app.get("/twice", handler);
        app.get("/twice/{x}", handler);
        for (String bad : List.of(
                "a",
                "",
                "/{",
                "/}",
                "/{}",
                "/{a b}",
                "/{x}/{x}",
                "/{x:[}",
                "/{x:(a)}",
                "/a?b",
                "/twice",
                "/twice/{x}")) {
            assertThatThrownBy(() -> app.get(bad, handler)).as(bad).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> app.mount("/a/", handler)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> app.mount("/{a}", handler)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void namedRoutesGiveTheirPath() {
        var app = new Application();
        var api = new Application();
        app.get("/users/{id}/{file:.*}", request -> Response.text("x")).named("file");
        api.get("/", request -> Response.text("x")).named("home");
        app.mount("/api", api);
        assertThat(app.urlFor("file", "id", "a/b", "file", "c d")).isEqualTo("/users/a%2Fb/c%20d");
        assertThat(api.urlFor("home")).isEqualTo("/api/");
        assertThatThrownBy(() -> app.urlFor("home")).hasMessage("no route is named home; there are [file]");
        assertThatThrownBy(() -> app.urlFor("file", "id", "1"))
                .hasMessage("/users/{id}/{file:.*} needs values for [id, file], not [id]");
    }

    // --------------------------------------------------------------------------------------------- what is mounted

    @Test
    void anApplicationBelowAPathHasRoutesOfItsOwn() throws Exception {
        var log = new ArrayList<String>();
        var inner = new Application();
        inner.middleware((request, next) -> {
            log.add("inner " + request.path());
            return next.handle(request);
        });
        inner.get("/", request -> Response.text("inner root"));
        inner.get("/{x}", request -> Response.text("inner " + request.param("x")));
        var deep = new Application();
        deep.get("/y", request -> Response.text("deep " + request.path()));
        inner.mount("/deep", deep);
        var app = new Application();
        app.middleware((request, next) -> {
            log.add("outer " + request.path());
            return next.handle(request);
        });
        app.get("/api/own", request -> Response.text("own"));
        app.get("/{any:.*}", request -> Response.text("any"));
        app.mount("/api", inner);
        assertThat(text(app, "/api")).isEqualTo("200 inner root");
        assertThat(text(app, "/api/x%2Fy")).isEqualTo("200 inner x/y");
        assertThat(text(app, "/api/own")).isEqualTo("200 own");
        assertThat(text(app, "/api/deep/y")).isEqualTo("200 deep /api/deep/y");
        assertThat(text(app, "/apis")).isEqualTo("200 any");
        assertThat(text(app, "/api/a/b")).isEqualTo("404 404 Not Found");
        assertThat(log).startsWith("outer /api", "inner /api", "outer /api/x/y", "inner /api/x/y", "outer /api/own");
    }

    // ----------------------------------------------------------------------------------------------- around handlers

    @Test
    void middlewaresStandAroundHandlersTheFirstOutermost() throws Exception {
        var app = new Application();
        for (String name : List.of("a", "b")) {
            app.middleware((request, next) -> {
                try {
                    Response response = next.handle(request);
                    String before = response.headers().get("Seen");
                    return response.withHeader("Seen", name + (before == null ? "" : before));
                } catch (HttpError notThere) {
                    return Response.text(name + " " + notThere.status());
                }
            });
        }
        app.get("/", request -> Response.text("x"));
        assertThat(ask(app, "GET", "/").headers().get("Seen")).isEqualTo("ab");
        assertThat(text(app, "/none")).isEqualTo("200 b 404");
    }

    @Test
    void failuresOfAKindBecomeAnswers() throws Exception {
        var app = new Application();
        app.onError(
                RuntimeException.class,
                (request, error) -> Response.text("runtime").withStatus(500));
        app.onError(
                NoSuchElementException.class,
                (request, error) -> Response.text(request.path()).withStatus(404));
        app.onError(HttpError.class, (request, error) -> error.response().withHeader("X", "y"));
        app.get("/missing", request -> {
            throw new NoSuchElementException();
        });
        app.get("/broken", request -> {
            throw new IllegalStateException();
        });
        app.get("/io", request -> {
            throw new IOException("disk");
        });
        assertThat(text(app, "/missing")).isEqualTo("404 /missing");
        assertThat(text(app, "/broken")).isEqualTo("500 runtime");
        assertThat(app.handle(Request.of("GET", "/none")).headers().get("X")).isEqualTo("y");
        assertThatThrownBy(() -> app.handle(Request.of("GET", "/io"))).isInstanceOf(IOException.class);
    }

    @Test
    void servesWhatItAnswers() throws Exception {
        run(() -> {
            var reported = new ArrayList<ExceptionContext>();
            Asyncio.getRunningLoop().setExceptionHandler((loop, context) -> reported.add(context));
            var log = new ArrayList<String>();
            var app = new Application();
            app.onStartup(() -> log.add("up 1"));
            app.onStartup(() -> log.add("up 2"));
            app.onCleanup(() -> log.add("down 1"));
            app.onCleanup(() -> {
                log.add("down 2");
                throw new IOException("cannot clean up");
            });
            app.post("/sum", request -> {
                int sum = 0;
                for (var number : request.json()) {
                    sum += number.asInt();
                }
                return Response.json(sum);
            });
            app.get("/teapot", request -> {
                throw new HttpError(418, "short and stout");
            });
            var client = TestClient.start(app);
            try (var response = client.post("/sum", Body.json(List.of(1, 2, 3)))) {
                assertThat(response.text()).isEqualTo("6");
            }
            try (var response = client.get("/teapot")) {
                assertThat(response.status()).isEqualTo(418);
                assertThat(response.text()).isEqualTo("short and stout\n");
            }
            try (var response = client.get("/none")) {
                assertThat(response.status()).isEqualTo(404);
            }
            assertThatThrownBy(client::close).hasMessage("cannot clean up");
            assertThat(log).containsExactly("up 1", "up 2", "down 2", "down 1");
            assertThat(reported).isEmpty();
        });
    }
}
