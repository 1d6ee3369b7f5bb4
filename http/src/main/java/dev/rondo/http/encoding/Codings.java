package dev.rondo.http.encoding;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The content codings that there are, and the charset detector if there is one. They are looked for and loaded once in
 * a JVM, off the loop. From any thread.
 */
public final class Codings {

    /** A server's choice among those that a client likes equally: what is smaller for as much work. */
    private static final List<String> PREFERENCE = List.of("zstd", "br", "gzip", "deflate");

    private static volatile boolean initialised; // true once and for all; any thread

    private Codings() {}

    /** Returns when they are loaded; suspends as {@link FirstUse#run}. */
    public static void initialise() {
        if (!initialised) {
            FirstUse.run(Found::run);
        }
    }

    /** Returns all of them, in the order in which a client names them. Suspends as {@link #initialise}. */
    public static List<ContentCoding> all() {
        initialise();
        return Found.CODINGS;
    }

    /** Returns the one of that name, in any case, or null. Suspends as {@link #initialise}. */
    public static @Nullable ContentCoding named(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        String wanted = lower.equals("x-gzip") ? "gzip" : lower; // RFC 9110 §8.4.1.3
        for (ContentCoding coding : all()) {
            if (coding.name().equals(wanted)) {
                return coding;
            }
        }
        return null;
    }

    /** Returns what a client says in Accept-Encoding: {@code gzip, deflate}. Suspends as {@link #initialise}. */
    public static String acceptEncoding() {
        return String.join(", ", all().stream().map(ContentCoding::name).toList());
    }

    static @Nullable CharsetDetector detector() {
        initialise();
        return Found.DETECTOR;
    }

    // ---------------------------------------------------------------------------------------------------- to choose

    /**
     * Returns what a server encodes with for a client that sent this Accept-Encoding (RFC 9110 §12.5.3): what the
     * client likes best, of those what is smaller for as much work. Suspends as {@link #initialise}.
     *
     * @param acceptEncoding null if there is no such header
     * @return null if the body is best sent as it is
     */
    public static @Nullable ContentCoding preferred(@Nullable String acceptEncoding) {
        if (acceptEncoding == null || acceptEncoding.isBlank()) {
            return null;
        }
        Map<String, Double> weights = weights(acceptEncoding);
        ContentCoding best = null;
        double most = weights.getOrDefault("identity", 0.0);
        for (ContentCoding coding : byPreference()) {
            double weight = weights.getOrDefault(coding.name(), weights.getOrDefault("*", 0.0));
            if (weight > 0 && (best == null ? weight >= most : weight > most)) {
                best = coding;
                most = weight;
            }
        }
        return best;
    }

    /** Returns whether a client that sent this Accept-Encoding takes a body in this coding, known here or not. */
    public static boolean accepts(@Nullable String acceptEncoding, String coding) {
        if (acceptEncoding == null) {
            return false;
        }
        Map<String, Double> weights = weights(acceptEncoding);
        return weights.getOrDefault(coding, weights.getOrDefault("*", 0.0)) > 0;
    }

    private static List<ContentCoding> byPreference() {
        var ordered = new ArrayList<ContentCoding>();
        for (String name : PREFERENCE) {
            ContentCoding coding = named(name);
            if (coding != null && coding.encodes()) {
                ordered.add(coding);
            }
        }
        return ordered;
    }

    private static Map<String, Double> weights(String acceptEncoding) {
        var weights = new HashMap<String, Double>();
        for (String item : acceptEncoding.toLowerCase(Locale.ROOT).split(",")) {
            String[] parts = item.split(";");
            String name = parts.length == 0 ? "" : parts[0].strip();
            double weight = 1;
            for (int i = 1; i < parts.length; i++) {
                String parameter = parts[i].strip();
                if (parameter.startsWith("q=")) {
                    weight = weight(parameter.substring(2).strip());
                }
            }
            weights.put(name.equals("x-gzip") ? "gzip" : name, weight);
        }
        return weights;
    }

    /** Returns a qvalue; what is none is not wanted. */
    private static double weight(String text) {
        return text.matches("0(\\.[0-9]{0,3})?|1(\\.0{0,3})?") ? Double.parseDouble(text) : 0;
    }

    // ------------------------------------------------------------------------------------------------------ to find

    /** The JVM initialises a class once, and has other threads wait meanwhile. */
    private static final class Found {

        private static final List<ContentCoding> CODINGS;
        private static final @Nullable CharsetDetector DETECTOR;

        static {
            var codings = new ArrayList<ContentCoding>(List.of(new GzipCoding(), new DeflateCoding()));
            for (ContentCoding coding : services(ContentCoding.class)) {
                if (loaded(coding)) {
                    codings.add(coding);
                }
            }
            CODINGS = List.copyOf(codings);
            List<CharsetDetector> detectors = services(CharsetDetector.class);
            DETECTOR = detectors.isEmpty() ? null : detectors.getFirst();
            if (DETECTOR != null) {
                DETECTOR.load();
            }
            initialised = true;
        }

        static void run() {}

        /** One that fails is as one that is not there: the program can do without. */
        private static boolean loaded(ContentCoding coding) {
            try {
                if (coding.load()) {
                    return true;
                }
                LoggerFactory.getLogger(Codings.class)
                        .info("the content coding {} does not work here, and is left out", coding.name());
            } catch (RuntimeException | LinkageError e) {
                LoggerFactory.getLogger(Codings.class)
                        .warn("the content coding {} cannot be loaded, and is left out", coding.name(), e);
            }
            return false;
        }

        private static <T> List<T> services(Class<T> type) {
            var found = new ArrayList<T>();
            Iterator<T> services =
                    ServiceLoader.load(type, Codings.class.getClassLoader()).iterator();
            for (; ; ) {
                try {
                    if (!services.hasNext()) {
                        return found;
                    }
                    found.add(services.next());
                } catch (ServiceConfigurationError e) {
                    LoggerFactory.getLogger(Codings.class)
                            .warn("a {} cannot be made, and is left out", type.getSimpleName(), e);
                }
            }
        }
    }
}
