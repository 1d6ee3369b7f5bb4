package dev.rondo.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests on a loop run alike on the JUnit of this build, which is 6, and on JUnit 5. */
class JUnitVersionsTest {

    private static final long PATIENCE_SECONDS = 50;

    @TempDir
    Path directory;

    @Test
    void whatComesOfTestsIsTheSameOnJUnit5() throws Exception {
        assertThat(JUnitOutcomes.version()).startsWith("6.");
        List<String> outcomes = JUnitOutcomes.of(JUnitVersionsSample.class);
        assertThat(outcomes)
                .contains("plain: SUCCESSFUL", "real: SUCCESSFUL", "plain: FAILED", "plain: ABORTED")
                .contains("neverReached(Sim): FAILED")
                .anyMatch(line -> line.contains("shrunk to: "));

        List<String> printed = runOnJUnit5();
        assertThat(printed.get(0)).startsWith("JUnit 5.13.");
        assertThat(printed.subList(1, printed.size())).isEqualTo(outcomes);
    }

    private List<String> runOnJUnit5() throws IOException, InterruptedException {
        Path out = directory.resolve("out");
        Path err = directory.resolve("err");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        classPath(),
                        JUnitOutcomes.class.getName(),
                        JUnitVersionsSample.class.getName())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        try {
            assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(Files.readString(err, UTF_8)).isZero();
            return Files.readAllLines(out, UTF_8);
        } finally {
            process.destroyForcibly();
        }
    }

    /** That of this test, with JUnit's jars and all that builds on them taken out, and those of 5 put in. */
    private static String classPath() throws IOException {
        Path classes;
        try {
            classes = Path.of(JUnitVersionsTest.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (java.net.URISyntaxException e) {
            throw new IllegalStateException(e);
        }
        try (Stream<Path> junit5 = Files.list(classes.resolveSibling("junit5"))) {
            return Stream.concat(
                            junit5.map(Path::toString).sorted(),
                            Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                                    .filter(entry -> !Path.of(entry)
                                            .getFileName()
                                            .toString()
                                            .matches("(junit|jqwik|jazzer|surefire).*\\.jar")))
                    .collect(Collectors.joining(File.pathSeparator));
        }
    }
}
