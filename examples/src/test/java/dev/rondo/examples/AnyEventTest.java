package dev.rondo.examples;

import static dev.rondo.Asyncio.timeout;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.Asyncio;
import dev.rondo.net.Net;
import dev.rondo.net.Stdio;
import dev.rondo.net.Subprocess;
import dev.rondo.net.SubprocessOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A program in a JVM of its own, typed at and spoken to. */
class AnyEventTest {

    @Test
    void aLineATimerASocketAndTheProgramItselfAreAllEvents() throws Exception {
        Asyncio.run(() -> timeout(Duration.ofSeconds(60), () -> {
            try (Subprocess program = Net.createSubprocessExec(
                    SubprocessOptions.pipes().stderr(Stdio.INHERIT),
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-cp",
                    System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                    AnyEvent.class.getName())) {
                var output = Objects.requireNonNull(program.stdout());
                var input = Objects.requireNonNull(program.stdin());
                String first = output.readLine(UTF_8);
                assertThat(first).startsWith("speak to port ");
                int port = Integer.parseInt(first.strip().substring("speak to port ".length()));
                List<String> events = new ArrayList<>();
                events.add(output.readLine(UTF_8).strip()); // nobody has typed or spoken yet
                input.write("a line\n", UTF_8);
                events.add(output.readLine(UTF_8).strip());
                try (var peer = Net.openConnection("127.0.0.1", port)) {
                    peer.writer().write("hello\n", UTF_8);
                    events.add(output.readLine(UTF_8).strip());
                    events.add(output.readLine(UTF_8).strip());
                }
                assertThat(events)
                        .containsExactly(
                                "timer: 0.1 s are over", "typed: a line", "socket: hello", "program: that is enough");
                assertThat(program.await()).isZero();
            }
        }));
    }
}
