package dev.rondo.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import dev.rondo.http.server.Handler;
import dev.rondo.http.server.HttpServer;
import dev.rondo.http.server.Response;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each example prints what it says it does. */
class ExamplesTest {

    @Test
    void eventLoopBasics() throws Exception {
        assertThat(linesOf(EventLoopBasics::main))
                .containsExactly("a callback, in the first turn", "hello, callback with an argument", "hello", "world");
    }

    @Test
    void sleepAndGather() throws Exception {
        assertThat(linesOf(SleepAndGather::main))
                .containsExactly(
                        "Start of coroutine 1", "Start of coroutine 2", "End of coroutine 1", "End of coroutine 2");
    }

    @Test
    void blockingJava() throws Exception {
        assertThat(linesOf(BlockingJava::main)).containsExactly("the loop is free", "taken: an item");
    }

    @Test
    void timeLimit() throws Exception {
        assertThat(linesOf(TimeLimit::main)).containsExactly("timed out after 0.1 s");
    }

    @Test
    void groups() throws Exception {
        assertThat(linesOf(Groups::main))
                .containsExactly(
                        "quick is done",
                        "quick has tidied up",
                        "late has tidied up",
                        "slow has tidied up",
                        "failed: [dev.rondo.AsyncTimeoutException: timed out after 0.1 s]");
    }

    @Test
    void pipeline() throws Exception {
        assertThat(linesOf(Pipeline::main)).containsExactly("event: 5", "loop: 4", "coroutine: 9", "task: 4");
    }

    @Test
    void limits() throws Exception {
        assertThat(linesOf(Limits::main))
                .containsExactly(
                        "[page a, page b, page c]",
                        "nothing in time",
                        "first begins",
                        "first ends",
                        "second begins",
                        "second ends");
    }

    @Test
    void scraper() throws Exception {
        try (Site site = new Site()) {
            String[] urls = {site.url("/slow"), site.url("/fast")};
            assertThat(linesOf(() -> Scraper.main(urls)))
                    .containsExactly(urls[0] + ": 12 characters", urls[1] + ": 11 characters");
        }
    }

    @Test
    void pageByPage() throws Exception {
        try (Site site = new Site()) {
            String slow = site.url("/slow");
            String fast = site.url("/fast");
            assertThat(linesOf(() -> PageByPage.main(slow, fast)))
                    .containsExactly(
                            "callback: " + fast + " is here",
                            fast + ": 11 characters",
                            "callback: " + slow + " is here",
                            slow + ": 12 characters");
        }
    }

    @Test
    void siteCrawl() throws Exception {
        Handler site = request -> switch (request.path()) {
            case "/" -> Response.html("<title>Home</title><a href=/a>on</a><a href=/gone>off</a>");
            case "/a" -> Response.html("<title>A page</title><a href=/>back</a>");
            default -> Response.text("nothing here").withStatus(404);
        };
        List<String> lines = linesOf(() -> Asyncio.<Exception>run(() -> {
            try (HttpServer server = HttpServer.start(site, "127.0.0.1", 0)) {
                Asyncio.toThread(() -> SiteCrawl.main(server.url()));
            }
        }));
        assertThat(lines).hasSize(3).last().isEqualTo("3 pages, 1 failed");
        assertThat(lines.get(0)).endsWith("/: Home");
        assertThat(lines.get(1)).endsWith("/a: A page");
    }

    @Test
    void fileAndNetwork(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("file.txt"), "twelve chars");
        try (Site site = new Site()) {
            assertThat(linesOf(() -> FileAndNetwork.main(new String[] {file.toString(), site.url("/fast")})))
                    .contains("A: has read 12 characters", "B: has a page of 11 characters");
        }
    }

    @Test
    void theFileIsStillBeingReadWhileTheNetworkAnswers(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("file.txt"), "twelve chars");
        HoldingDriver[] driver = new HoldingDriver[1];
        int[] filesWhenTheRequestCame = new int[1];
        EventLoop loop = EventLoop.builder()
                .driver(post -> driver[0] = new HoldingDriver(post))
                .build();
        List<String> lines = linesOf(() -> loop.runUntilComplete(() -> {
            try (HttpServer server = HttpServer.start(
                    request -> {
                        filesWhenTheRequestCame[0] = driver[0].filesInFlight();
                        return Response.text("the answer\n");
                    },
                    "127.0.0.1",
                    0)) {
                var both = Asyncio.createTask(() -> FileAndNetwork.readAndFetch(file, server.url() + "/"));
                while (!printed("B: has a page")) {
                    Asyncio.yieldNow();
                }
                driver[0].letFilesGo();
                both.await();
            }
        }));
        loop.close();
        assertThat(filesWhenTheRequestCame[0])
                .as("file operations in flight when the request reached the server")
                .isEqualTo(1);
        assertThat(lines)
                .containsExactly(
                        "A: begins to read the file",
                        "B: sends a request",
                        "B: has a page of 11 characters",
                        "A: has read 12 characters");
    }

    // ---- helpers

    private interface Program {
        void run() throws Exception;
    }

    private static final ByteArrayOutputStream OUTPUT = new ByteArrayOutputStream();

    private static List<String> linesOf(Program program) throws Exception {
        PrintStream before = System.out;
        OUTPUT.reset();
        System.setOut(new PrintStream(OUTPUT, true, StandardCharsets.UTF_8));
        try {
            program.run();
        } finally {
            System.setOut(before);
        }
        return OUTPUT.toString(StandardCharsets.UTF_8).lines().toList();
    }

    private static boolean printed(String text) {
        return OUTPUT.toString(StandardCharsets.UTF_8).contains(text);
    }

    /** A site on a loop and thread of its own. {@code /slow} is answered only once {@code /fast} has been fetched. */
    private static final class Site implements AutoCloseable {

        private final Thread thread;
        private final java.util.concurrent.CompletableFuture<Integer> port =
                new java.util.concurrent.CompletableFuture<>();
        private final java.util.concurrent.CountDownLatch end = new java.util.concurrent.CountDownLatch(1);

        Site() {
            thread = Thread.ofPlatform().start(() -> {
                try {
                    Asyncio.run(this::serve);
                } catch (Exception e) {
                    port.completeExceptionally(e);
                }
            });
        }

        private void serve() throws IOException, InterruptedException {
            var fastWasFetched = Asyncio.getRunningLoop().<Boolean, RuntimeException>createFuture();
            try (HttpServer server = HttpServer.start(
                    request -> {
                        if (request.path().equals("/slow")) {
                            fastWasFetched.await();
                            Asyncio.sleep(
                                    java.time.Duration.ofMillis(100)); // the client prints one page, then the other
                            return Response.text("a slow page\n");
                        }
                        if (!fastWasFetched.done()) {
                            fastWasFetched.setResult(true);
                        }
                        return Response.text("a fast one\n");
                    },
                    "127.0.0.1",
                    0)) {
                port.complete(server.port());
                end.await(); // blocking Java: suspends this coroutine only
            }
        }

        String url(String path) throws Exception {
            return "http://127.0.0.1:" + port.get() + path;
        }

        @Override
        public void close() throws InterruptedException {
            end.countDown();
            thread.join();
        }
    }
}
