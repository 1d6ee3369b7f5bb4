package dev.rondo.http.encoding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import dev.rondo.http.Body;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The first JSON of a JVM; so each test has a JVM of its own. */
class JacksonOffTheLoopTest {

    /** Makes JSON twice, and prints whether the loop had turns meanwhile. */
    static final class Program {

        private static boolean turned;

        private Program() {}

        static void main(String[] args) throws Exception {
            if (args.length > 0) {
                System.out.println(new String(Body.json(Map.of("a", 1)).whole().array()));
                return;
            }
            Asyncio.run(() -> {
                for (int i = 0; i < 2; i++) {
                    EventLoop loop = Asyncio.getRunningLoop();
                    turned = false;
                    loop.callSoon(() -> turned = true);
                    Body.json(Map.of("a", 1));
                    System.out.println(turned);
                }
            });
        }
    }

    @Test
    void theLoopGoesOnWhileJacksonIsInitialisedTheFirstTime() throws Exception {
        assertThat(run()).containsExactly("true", "false");
    }

    @Test
    void outsideOfLoopsJsonIsMadeToo() throws Exception {
        assertThat(run("outside")).containsExactly("{\"a\":1}");
    }

    private static List<String> run(String... arguments) throws Exception {
        var command = new java.util.ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path")));
        command.add(Program.class.getName());
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            List<String> lines = process.inputReader().readAllLines();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            return lines;
        } finally {
            process.destroyForcibly();
        }
    }
}
