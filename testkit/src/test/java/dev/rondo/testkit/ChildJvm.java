package dev.rondo.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A program of the tests in a JVM of its own, with the class path of this one. */
final class ChildJvm {

    private static final long PATIENCE_SECONDS = 50;

    private ChildJvm() {}

    /**
     * Runs a program to its end.
     *
     * @param directory where it runs and may leave files
     * @param input what it reads from standard input
     * @return the lines that it wrote, to standard error too
     */
    static List<String> run(
            Class<?> program, Path directory, Map<String, String> environment, List<String> input, String... arguments)
            throws IOException, InterruptedException {
        Path in = Files.write(directory.resolve("input.txt"), input);
        Path out = directory.resolve("output.txt");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectInput(in.toFile())
                .redirectErrorStream(true)
                .redirectOutput(out.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("the program did not end by itself: " + Files.readString(out, UTF_8));
            }
            return Files.readAllLines(out, UTF_8);
        } finally {
            process.destroyForcibly();
        }
    }
}
