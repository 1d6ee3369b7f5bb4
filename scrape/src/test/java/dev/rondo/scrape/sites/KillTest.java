package dev.rondo.scrape.sites;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** {@code rondo crawl} in a process of its own, killed at some moment, and its successor. */
class KillTest {

    private static final int PAGES = 400;

    @TempDir
    private Path directory;

    private final AtomicInteger requests = new AtomicInteger();
    private final Semaphore killing = new Semaphore(0);

    @ParameterizedTest
    @ValueSource(ints = {1, 60, 250, 390})
    void whatIsKilledGoesOnAndHasEachPageOnce(int killAt) throws Exception {
        HttpServer server = serve(killAt);
        try {
            Path output = directory.resolve("pages.jsonl");
            Process first = crawl(
                    "http://127.0.0.1:" + server.getAddress().getPort() + "/0",
                    "--delay",
                    "0",
                    "--output",
                    output.toString(),
                    "--store",
                    directory.resolve("a.crawl").toString());
            killing.acquire();
            first.destroyForcibly().waitFor();

            assertThat(Files.readString(output)).as("whole lines").matches("(?s)|.*\\}\\n[^\\n]*");
            Process second =
                    crawl("--resume", "--store", directory.resolve("a.crawl").toString());
            assertThat(second.waitFor())
                    .as(Files.readString(directory.resolve("err")))
                    .isZero();
            List<String> urls = Files.readAllLines(output).stream()
                    .map(line -> JsonMapper.shared().readTree(line).get("url").asString())
                    .map(url -> url.substring(url.lastIndexOf('/')))
                    .toList();
            assertThat(urls).doesNotHaveDuplicates().hasSize(PAGES);
        } finally {
            server.stop(0);
        }
    }

    /** A server of the JDK, so that nothing of ours is on the other side. */
    private HttpServer serve(int killAt) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            String path = exchange.getRequestURI().getPath();
            boolean page = path.matches("/[0-9]+");
            if (page && requests.incrementAndGet() == killAt) {
                killing.release();
            }
            byte[] body = (page ? links(Integer.parseInt(path.substring(1))) : "none").getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/html");
            exchange.sendResponseHeaders(page ? 200 : 404, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        return server;
    }

    private static String links(int page) {
        StringBuilder html = new StringBuilder();
        for (int i = 1; i <= 4; i++) {
            html.append("<a href=").append((page * 4 + i) % PAGES).append(">on</a>");
        }
        return html.toString();
    }

    private Process crawl(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.rondo.scrape.Main",
                "crawl"));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectOutput(directory.resolve("out").toFile())
                .redirectError(directory.resolve("err").toFile())
                .start();
    }
}
