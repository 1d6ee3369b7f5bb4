package dev.rondo.http.server;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A handler made of many: routes, middlewares around them, and other applications below paths of their own. In aiohttp:
 * {@code web.Application}.
 *
 * <pre>{@code
 * var app = new Application();
 * app.get("/", request -> Response.text("hello"));
 * app.get("/users/{id:[0-9]+}", request -> Response.json(users.find(request.param("id"))));
 * app.mount("/static", StaticFiles.of(Path.of("www")));
 * app.serve("localhost", 8080);
 * }</pre>
 *
 * <p>A path is looked up among the patterns without names first, however many those are; then among what is mounted,
 * the longest first; then among the patterns with names, in the order in which they were added. HEAD is answered by who
 * answers GET; OPTIONS, if nobody does, with the methods there are; a method that is not there by 405. An expression of
 * a pattern may be one that takes long over a path somebody made for it: keep to plain ones.
 *
 * <p>Made before it serves, then left as it is; for one loop.
 */
public final class Application implements Handler {

    /** How long requests may go on once {@link #serve} is to end; aiohttp's figure. */
    private static final Duration SHUTDOWN_TIME = Duration.ofSeconds(60);

    /** Something to be done before the first request or behind the last one. */
    @FunctionalInterface
    public interface Hook {
        /** Does it. May suspend. */
        void run() throws Exception;
    }

    /**
     * Makes an answer of a failure: {@link #onError}.
     *
     * @param <E> what it takes
     */
    @FunctionalInterface
    public interface ErrorHandler<E extends Exception> {
        /** Answers. May suspend. */
        Response handle(Request request, E error) throws Exception;
    }

    private record Mount(String prefix, Handler handler) {}

    private final Map<String, Route> literals = new LinkedHashMap<>(); // by path, in the one spelling
    private final List<Route> patterns = new ArrayList<>();
    private final List<Mount> mounts = new ArrayList<>(); // the longest prefix first
    private final Map<String, Route> names = new LinkedHashMap<>();
    private final List<Middleware> middlewares = new ArrayList<>();
    private final Map<Class<?>, ErrorHandler<?>> errorHandlers = new LinkedHashMap<>();
    private final List<Hook> startups = new ArrayList<>();
    private final List<Hook> cleanups = new ArrayList<>();
    private String mountedAt = ""; // where a parent has it

    // --------------------------------------------------------------------------------------------------- routes

    /** Has {@code handler} answer GET, and HEAD. In aiohttp: {@code add_get}. */
    public Route get(String pattern, Handler handler) {
        return route("GET", pattern, handler);
    }

    /** Has {@code handler} answer POST. */
    public Route post(String pattern, Handler handler) {
        return route("POST", pattern, handler);
    }

    /** Has {@code handler} answer PUT. */
    public Route put(String pattern, Handler handler) {
        return route("PUT", pattern, handler);
    }

    /** Has {@code handler} answer PATCH. */
    public Route patch(String pattern, Handler handler) {
        return route("PATCH", pattern, handler);
    }

    /** Has {@code handler} answer DELETE. */
    public Route delete(String pattern, Handler handler) {
        return route("DELETE", pattern, handler);
    }

    /** Has {@code handler} answer what no other handler of the pattern does, whatever the method. */
    public Route any(String pattern, Handler handler) {
        return route("*", pattern, handler);
    }

    /**
     * Has {@code handler} answer one method. In aiohttp: {@code add_route}.
     *
     * @param pattern a path, with names: {@code /users/{id}}, {@code /files/{path:.*}}; {@link Request#param} gives
     *     what stands in their place
     * @throws IllegalArgumentException if it is no pattern, or there is such a handler already
     */
    public Route route(String method, String pattern, Handler handler) {
        PathPattern parsed = PathPattern.parse(pattern);
        Route route = parsed.isLiteral()
                ? literals.computeIfAbsent(parsed.prefix(), _ -> new Route(parsed, this))
                : withPattern(parsed);
        route.add(method, handler);
        return route;
    }

    private Route withPattern(PathPattern pattern) {
        for (Route each : patterns) {
            if (each.pattern().toString().equals(pattern.toString())) {
                return each;
            }
        }
        var route = new Route(pattern, this);
        patterns.add(route);
        return route;
    }

    /**
     * Has {@code handler} answer everything below a path: {@link StaticFiles}, or another application, whose routes
     * then begin there. In aiohttp: {@code add_subapp}, {@code add_static}.
     *
     * @param path such as {@code /api}, without names
     */
    public Application mount(String path, Handler handler) {
        PathPattern parsed = PathPattern.parse(path);
        String prefix = parsed.prefix();
        if (!parsed.isLiteral() || prefix.endsWith("/")) {
            throw new IllegalArgumentException(
                    "\"" + path + "\": what is mounted has a path without names and slash at its end");
        }
        if (mounts.stream().anyMatch(each -> each.prefix().equals(prefix))) {
            throw new IllegalArgumentException("something is mounted at " + path + " already");
        }
        if (handler instanceof Application app) {
            app.mountedAt = prefix;
            startups.add(app::startup);
            cleanups.add(app::cleanup);
        }
        mounts.add(new Mount(prefix, handler));
        mounts.sort((a, b) -> b.prefix().length() - a.prefix().length());
        return this;
    }

    void name(String name, Route route) {
        if (names.putIfAbsent(name, route) != null) {
            throw new IllegalArgumentException("another route has the name " + name);
        }
    }

    /**
     * Returns the path of a route that was {@linkplain Route#named named}. In aiohttp: {@code url_for}.
     *
     * @param namesAndValues what stands in place of the pattern's names, in turn: name, value, name, value…
     * @throws IllegalArgumentException if there is no such route, or other names are needed
     */
    public String urlFor(String name, String... namesAndValues) {
        Route route = names.get(name);
        if (route == null || namesAndValues.length % 2 != 0) {
            throw new IllegalArgumentException(
                    route == null
                            ? "no route is named " + name + "; there are " + names.keySet()
                            : "a name without value: " + List.of(namesAndValues));
        }
        Map<String, String> values = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            values.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return mountedAt + route.pattern().path(values);
    }

    // ----------------------------------------------------------------------------------------------- around them

    /** Adds a middleware, inside of those added before; it sees requests for what is not there too. */
    public Application middleware(Middleware middleware) {
        middlewares.add(middleware);
        return this;
    }

    /**
     * Makes answers of failures of a kind; of several, the one nearest to the failure's class. It stands around the
     * middlewares; {@link HttpError} is such a kind.
     */
    public <E extends Exception> Application onError(Class<E> kind, ErrorHandler<E> handler) {
        errorHandlers.put(kind, handler);
        return this;
    }

    /** Adds what is done before the first request. */
    public Application onStartup(Hook hook) {
        startups.add(hook);
        return this;
    }

    /** Adds what is done behind the last request, the last one added first, and each even if another fails. */
    public Application onCleanup(Hook hook) {
        cleanups.add(hook);
        return this;
    }

    // ------------------------------------------------------------------------------------------------- answering

    @Override
    public Response handle(Request request) throws Exception {
        String whole = request.routedPath();
        String path = whole == null ? PathPattern.spelling(request.rawPath()) : whole;
        try {
            return through(0, request, path);
        } catch (Exception failure) {
            Response answer = answer(request, failure);
            if (answer == null) {
                throw failure;
            }
            return answer;
        }
    }

    private Response through(int index, Request request, String path) throws Exception {
        return index == middlewares.size()
                ? routed(request, path)
                : middlewares.get(index).handle(request, next -> through(index + 1, next, path));
    }

    private Response routed(Request request, String path) throws Exception {
        var allowed = new TreeSet<String>();
        Handler handler = find(request, path, allowed);
        if (handler != null) {
            return handler.handle(request);
        }
        for (Mount each : mounts) {
            if (path.startsWith(each.prefix()) && isEnd(path, each.prefix().length())) {
                String rest = path.substring(each.prefix().length());
                request.setRoutedPath(rest.isEmpty() ? "/" : rest);
                return each.handler().handle(request);
            }
        }
        handler = findPattern(request, path, allowed);
        if (handler != null) {
            return handler.handle(request);
        }
        if (allowed.isEmpty()) {
            throw new HttpError(404, "404 Not Found");
        }
        allowed.add("OPTIONS");
        boolean options = request.method().equals("OPTIONS");
        Response answer = options
                ? Response.empty(204)
                : Response.text("405 Method Not Allowed\n").withStatus(405);
        answer = answer.withHeader("Allow", String.join(", ", allowed));
        if (options) {
            return answer;
        }
        throw new HttpError(answer);
    }

    private static boolean isEnd(String path, int index) {
        return index == path.length() || path.charAt(index) == '/';
    }

    private @Nullable Handler find(Request request, String path, TreeSet<String> allowed) {
        Route route = literals.get(path);
        Handler handler = route == null ? null : route.handler(request.method());
        if (route != null && handler == null) {
            route.addMethodsTo(allowed);
        }
        return handler;
    }

    private @Nullable Handler findPattern(Request request, String path, TreeSet<String> allowed) {
        for (Route route : patterns) {
            Map<String, String> values = route.pattern().match(path);
            if (values != null) {
                Handler handler = route.handler(request.method());
                if (handler != null) {
                    request.setParams(values);
                    return handler;
                }
                route.addMethodsTo(allowed);
            }
        }
        return null;
    }

    @SuppressWarnings("unchecked") // onError() has paired them
    private @Nullable Response answer(Request request, Exception failure) throws Exception {
        for (Class<?> kind = failure.getClass(); kind != Object.class; kind = kind.getSuperclass()) {
            var handler = (ErrorHandler<Exception>) errorHandlers.get(kind);
            if (handler != null) {
                return handler.handle(request, failure);
            }
        }
        return null;
    }

    // --------------------------------------------------------------------------------------------------- serving

    /** Does what is to be done before the first request; {@link #serve} does it by itself. May suspend. */
    public void startup() throws Exception {
        for (Hook hook : startups) {
            hook.run();
        }
    }

    /**
     * Does what is to be done behind the last request; {@link #serve} does it by itself. May suspend.
     *
     * @throws Exception the first failure; those of later hooks are suppressed in it
     */
    public void cleanup() throws Exception {
        Exception first = null;
        for (Hook hook : cleanups.reversed()) {
            try {
                hook.run();
            } catch (Exception failure) {
                if (first == null) {
                    first = failure;
                } else {
                    first.addSuppressed(failure);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }

    /**
     * Starts up, serves until the calling task is cancelled, as Ctrl-C does it to a program's, gives requests a minute
     * to end, and cleans up. Suspends. In aiohttp: {@code web.run_app}.
     */
    public void serve(String host, int port) throws Exception {
        serve(host, port, ServerOptions.DEFAULT);
    }

    /** Does the same with other limits, or with TLS. */
    public void serve(String host, int port, ServerOptions options) throws Exception {
        try {
            startup();
            try (HttpServer server = HttpServer.start(this, host, port, options)) {
                serve(server);
            }
        } finally {
            cleanup();
        }
    }

    private static void serve(HttpServer server) {
        try {
            server.awaitClosed();
        } finally {
            server.shutdown(SHUTDOWN_TIME);
        }
    }
}
