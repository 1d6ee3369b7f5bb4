package dev.rondo.http.encoding;

import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Has Jackson's classes initialised off the loop: it takes a fifth of a second, which all coroutines would wait for.
 */
final class JacksonClasses {

    private static volatile boolean initialised; // true once and for all; any thread

    private JacksonClasses() {}

    /** Returns when they are initialised; suspends as {@link FirstUse#run}. */
    static void initialise() {
        if (!initialised) {
            FirstUse.run(Once::run);
        }
    }

    /** The JVM initialises a class once, and has other threads wait meanwhile. */
    private static final class Once {

        static {
            String json = JsonMapper.shared().writeValueAsString(Map.of("a", List.of(1, 2.5, "x", true)));
            JsonMapper.shared().readValue(json, JsonNode.class);
            JsonMapper.shared().readValue(json, Map.class);
            initialised = true;
        }

        static void run() {}
    }
}
