package dev.rondo.http.websocket;

import static dev.rondo.Asyncio.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.Asyncio;
import dev.rondo.http.server.HttpServer;
import dev.rondo.http.server.Response;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Autobahn's fuzzing client on our server, judged by its report. */
@Tag("heavy")
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class AutobahnTest {

    /** What a case may come to; INFORMATIONAL are the cases that have no right answer. */
    private static final Set<String> FINE = Set.of("OK", "INFORMATIONAL", "NON-STRICT", "UNIMPLEMENTED");

    private static final WebSocketOptions OPTIONS = WebSocketOptions.DEFAULT.withMaxMessageBytes(32 * 1024 * 1024);

    @TempDir
    private Path directory;

    /** Runs cases; returns what each came to, its behaviour and that at the close. */
    private Map<String, String> report(WebSocketHandler handler, String cases, String excluded) throws Exception {
        run(() -> {
            try (var server =
                    HttpServer.start(request -> Response.webSocket(request, OPTIONS, handler), "127.0.0.1", 0)) {
                String url = server.url().replace("http", "ws");
                Asyncio.toThread(() -> fuzz(url, cases, excluded));
            }
        });
        var results = new TreeMap<String, String>();
        JsonNode index = JsonMapper.shared().readTree(directory.resolve("index.json"));
        for (var each : index.get("us").properties()) {
            JsonNode result = each.getValue();
            results.put(
                    each.getKey(),
                    result.get("behavior").asString() + " "
                            + result.get("behaviorClose").asString());
        }
        return results;
    }

    private void fuzz(String url, String cases, String excluded) throws Exception {
        Path spec = Files.writeString(directory.resolve("spec.json"), """
                {"outdir": "%s", "servers": [{"agent": "us", "url": "%s", "options": {"version": 18}}],
                 "cases": [%s], "exclude-cases": [%s], "exclude-agent-cases": {}}
                """.formatted(directory, url, cases, excluded));
        Path script = Files.writeString(directory.resolve("fuzz.py"), """
                import sys
                sys.argv = ['wstest', '-m', 'fuzzingclient', '-s', '%s']
                from autobahntestsuite import wstest
                wstest.run()
                """.formatted(spec));
        Process fuzzing = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        "target/autobahn/*",
                        "org.python.util.jython",
                        script.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
        try {
            if (!fuzzing.waitFor(Duration.ofMinutes(10)) || fuzzing.exitValue() != 0) {
                throw new IllegalStateException(Files.readString(directory.resolve("log")));
            }
        } finally {
            fuzzing.destroyForcibly();
        }
    }

    private static Map<String, String> failed(Map<String, String> results) {
        var failed = new TreeMap<>(results);
        failed.values().removeIf(result -> {
            String[] both = result.split(" ");
            return FINE.contains(both[0]) && FINE.contains(both[1]);
        });
        return failed;
    }

    @Test
    void theServerPasses() throws Exception {
        Map<String, String> results = report(WebSocketTest.ECHO, "\"*\"", "");
        var counts = new TreeMap<String, Integer>();
        results.values().forEach(result -> counts.merge(result, 1, Integer::sum));
        LoggerFactory.getLogger(AutobahnTest.class).info("Autobahn: {}", counts);
        assertThat(failed(results)).isEmpty();
        assertThat(results).hasSizeGreaterThan(290);
        assertThat(results.values().stream().filter(result -> result.startsWith("OK ")))
                .hasSizeGreaterThan(270);
    }

    @Test
    void aServerThatAnswersSomethingElseDoesNot() throws Exception {
        WebSocketHandler shouting = socket -> {
            for (String text; (text = socket.receiveStr()) != null; ) {
                socket.sendStr(text + "!");
            }
        };
        assertThat(failed(report(shouting, "\"1.1.*\", \"5.3\"", ""))).hasSizeGreaterThanOrEqualTo(7);
    }
}
