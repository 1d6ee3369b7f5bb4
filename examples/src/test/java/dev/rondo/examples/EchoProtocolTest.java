package dev.rondo.examples;

import static dev.rondo.Asyncio.timeout;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.Asyncio;
import dev.rondo.net.Connection;
import dev.rondo.net.Net;
import dev.rondo.net.Stdio;
import dev.rondo.net.Subprocess;
import dev.rondo.net.SubprocessOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A program in a JVM of its own, spoken to. */
class EchoProtocolTest {

    @Test
    void whatIsSentComesBackHoweverMuchItIs() throws Exception {
        byte[] much = new byte[20 << 20]; // more than the system keeps for a peer that does not read
        new Random(1).nextBytes(much);
        Asyncio.run(() -> timeout(Duration.ofSeconds(60), () -> {
            try (Subprocess program = Net.createSubprocessExec(
                    SubprocessOptions.pipes().stderr(Stdio.INHERIT),
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-cp",
                    System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                    EchoProtocol.class.getName())) {
                String first = Objects.requireNonNull(program.stdout()).readLine(UTF_8);
                assertThat(first).startsWith("speak to port ");
                int port = Integer.parseInt(first.strip().substring("speak to port ".length()));
                for (int i = 0; i < 2; i++) {
                    try (Connection client = Net.openConnection("127.0.0.1", port)) {
                        Asyncio.createTask(() -> {
                            client.writer().write(much);
                            client.writer().writeEof();
                        });
                        assertThat(client.reader().readAll()).isEqualTo(much);
                    }
                }
            }
        }));
    }
}
