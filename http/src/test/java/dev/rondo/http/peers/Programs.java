package dev.rondo.http.peers;

import static org.junit.jupiter.api.Assumptions.abort;

import dev.rondo.Asyncio;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Runs programs while the loop goes on. */
final class Programs {

    /** What a program said, errors included, and how it ended. */
    record Output(int status, String text) {}

    private Programs() {}

    /** Runs it to its end; skips the test if it is not installed. Suspends. */
    static Output run(String debianPackage, String... command) {
        return Asyncio.toThread(() -> {
            try {
                Process process =
                        new ProcessBuilder(command).redirectErrorStream(true).start();
                String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                return new Output(process.waitFor(), text);
            } catch (IOException absent) {
                return abort("no " + command[0] + " here (Debian's package " + debianPackage + ")");
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
    }
}
