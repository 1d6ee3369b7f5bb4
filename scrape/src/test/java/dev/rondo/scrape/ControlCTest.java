package dev.rondo.scrape;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rondo.spec.Spec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** The program in a JVM of its own, as a user has it. */
class ControlCTest {

    @TempDir
    private Path directory;

    @Test
    @Spec("R-4")
    void endsTheScrapeAndKeepsWhatWasWritten() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/env")), "a system with signals");
        Path pages = directory.resolve("pages.jsonl");
        try (RawServer server = new RawServer((target, out) -> {
            if (target.equals("/never")) {
                RawServer.never();
            }
            RawServer.send(out, "text/plain", "good".getBytes(UTF_8));
        })) {
            Process rondo = start(
                    "scrape",
                    "--concurrency",
                    "1",
                    "--output",
                    pages.toString(),
                    server.url("/1"),
                    server.url("/2"),
                    server.url("/never"),
                    server.url("/3"));
            try {
                assertThat(server.nextRequest()).isEqualTo("/1");
                assertThat(server.nextRequest()).isEqualTo("/2");
                assertThat(server.nextRequest()).isEqualTo("/never");
                new ProcessBuilder("kill", "-INT", Long.toString(rondo.pid())).start();
                assertThat(rondo.waitFor()).isEqualTo(130);
            } finally {
                rondo.destroyForcibly();
            }
            assertThat(directory.resolve("out"))
                    .hasContent(server.url("/1") + ": 4 characters\n" + server.url("/2") + ": 4 characters\n");
            assertThat(Files.readAllLines(directory.resolve("err")))
                    .singleElement()
                    .asString()
                    .startsWith("interrupted: 2 of 4 pages, 8 B in ");
            assertThat(Files.readString(pages)).endsWith("}\n");
            assertThat(Files.readAllLines(pages))
                    .extracting(line ->
                            JsonMapper.shared().readTree(line).get("url").asString())
                    .containsExactly(server.url("/1"), server.url("/2"));
        }
    }

    private Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        if (interruptsAreIgnored()) { // as in a background job of a shell: inherited by every program
            command.addAll(List.of("env", "--default-signal=INT"));
        }
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectOutput(directory.resolve("out").toFile())
                .redirectError(directory.resolve("err").toFile())
                .start();
    }

    private static boolean interruptsAreIgnored() throws IOException {
        Path status = Path.of("/proc/self/status");
        return Files.exists(status)
                && Files.readAllLines(status).stream()
                        .filter(line -> line.startsWith("SigIgn:"))
                        .anyMatch(line ->
                                (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 2) != 0);
    }
}
