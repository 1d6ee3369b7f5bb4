package dev.rondo.http.server;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** One path pattern of an {@link Application}, and its handlers. In aiohttp: {@code web.Resource}. */
public final class Route {

    private static final String ANY = "*";

    private final PathPattern pattern;
    private final Map<String, Handler> handlers = new LinkedHashMap<>(); // by method
    private final Application app;

    Route(PathPattern pattern, Application app) {
        this.pattern = pattern;
        this.app = app;
    }

    PathPattern pattern() {
        return pattern;
    }

    void add(String method, Handler handler) {
        if (handlers.putIfAbsent(method, handler) != null) {
            throw new IllegalArgumentException("there is a handler for " + method + " " + pattern + " already");
        }
    }

    /** Returns the handler of a method, or null; HEAD is answered by who answers GET. */
    @Nullable Handler handler(String method) {
        Handler exact = handlers.get(method);
        if (exact == null && method.equals("HEAD")) {
            exact = handlers.get("GET");
        }
        return exact != null ? exact : handlers.get(ANY);
    }

    void addMethodsTo(TreeSet<String> allowed) {
        allowed.addAll(handlers.keySet());
        if (handlers.containsKey("GET")) {
            allowed.add("HEAD");
        }
    }

    /**
     * Names it, for {@link Application#urlFor}.
     *
     * @throws IllegalArgumentException if another has the name
     */
    public Route named(String name) {
        app.name(name, this);
        return this;
    }

    @Override
    public String toString() {
        return handlers.keySet() + " " + pattern;
    }
}
