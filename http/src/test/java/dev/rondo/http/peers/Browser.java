package dev.rondo.http.peers;

import static org.junit.jupiter.api.Assumptions.abort;

import dev.rondo.Asyncio;
import dev.rondo.http.client.ClientSession;
import dev.rondo.http.websocket.WebSocket;
import dev.rondo.http.websocket.WebSocketOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Chromium without a window, told what to do by its DevTools protocol. For one coroutine. */
public final class Browser implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofMinutes(1); // what takes longer does not come

    private final Process process;
    private final WebSocket devTools;
    private int lastId;

    private Browser(Process process, WebSocket devTools) {
        this.process = process;
        this.devTools = devTools;
    }

    /** Starts it with one page; skips the test if it is not installed. Suspends. */
    public static Browser start(ClientSession session, Path directory) throws Exception {
        Path program = Path.of("/usr/bin/chromium");
        if (!Files.isExecutable(program)) {
            abort("no Chromium here (Debian's package chromium)");
        }
        Process process = new ProcessBuilder(
                        program.toString(),
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--hide-scrollbars",
                        "--ignore-certificate-errors",
                        "--user-data-dir=" + directory,
                        "--remote-debugging-port=0",
                        "--remote-allow-origins=*",
                        "about:blank")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("chromium.out").toFile())
                .start();
        Path port = directory.resolve("DevToolsActivePort");
        Asyncio.timeout(LIMIT, () -> {
            while (!Files.exists(port) || Files.readAllLines(port).size() < 2) {
                if (!process.isAlive()) {
                    throw new IOException(Files.readString(directory.resolve("chromium.out")));
                }
                Asyncio.sleep(Duration.ofMillis(20));
            }
        });
        String host = "127.0.0.1:" + Files.readAllLines(port).getFirst();
        try (var pages = session.get("http://" + host + "/json/list")) {
            for (JsonNode page : pages.json()) {
                if (page.get("type").asString().equals("page")) {
                    return new Browser(
                            process,
                            session.webSocket(
                                    page.get("webSocketDebuggerUrl").asString(),
                                    WebSocketOptions.DEFAULT.withMaxMessageBytes(64 << 20)));
                }
            }
        }
        throw new IOException("Chromium has no page");
    }

    /** Sends a command, and waits for its answer. Suspends. */
    public JsonNode tell(String method, Map<String, ?> parameters) throws IOException {
        Map<String, Object> command = new LinkedHashMap<>();
        command.put("id", ++lastId);
        command.put("method", method);
        command.put("params", parameters);
        devTools.sendJson(command);
        while (true) {
            JsonNode answer = devTools.receiveJson();
            if (answer == null) {
                throw new IOException("Chromium has hung up");
            }
            if (answer.path("id").asInt() == lastId) {
                if (answer.has("error")) {
                    throw new IOException(method + ": " + answer.get("error"));
                }
                return answer.get("result");
            }
        }
    }

    /** Sizes the window, and goes to an address. Suspends. */
    public void open(String url, int width, int height) throws IOException {
        tell(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 500));
        tell("Page.navigate", Map.of("url", url));
    }

    /** Evaluates an expression of JavaScript on the page. Suspends. */
    public JsonNode evaluate(String expression) throws IOException {
        JsonNode result = tell("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true));
        return result.path("result").path("value");
    }

    /** Waits until an expression is true. Suspends. */
    public void await(String expression) throws IOException {
        Asyncio.timeout(LIMIT, () -> {
            while (!evaluate(expression).asBoolean(false)) {
                Asyncio.sleep(Duration.ofMillis(20));
            }
        });
    }

    /** Takes a picture. Suspends. */
    public void screenshot(Path file) throws IOException {
        String data = tell("Page.captureScreenshot", Map.of("format", "png"))
                .get("data")
                .asString();
        Files.write(file, Base64.getDecoder().decode(data));
    }

    @Override
    public void close() throws InterruptedException {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().waitFor();
    }

    public static List<String> texts(JsonNode list) {
        return list.valueStream().map(JsonNode::asString).toList();
    }
}
