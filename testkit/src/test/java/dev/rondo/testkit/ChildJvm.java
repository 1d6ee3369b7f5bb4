package dev.rondo.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program of the tests in a JVM of its own, with the class path of this one. For one run. */
final class ChildJvm {

    private static final long PATIENCE_SECONDS = 150;

    private final Class<?> program;
    private final Path directory;
    private final List<String> options = new ArrayList<>(List.of("-Xmx512m", "-XX:+UseSerialGC"));
    private final ProcessBuilder builder = new ProcessBuilder();
    private List<String> input = List.of();

    /**
     * Prepares a run.
     *
     * @param directory where it runs and may leave files
     */
    ChildJvm(Class<?> program, Path directory) {
        this.program = program;
        this.directory = directory;
    }

    ChildJvm option(String option) {
        options.add(option);
        return this;
    }

    ChildJvm environment(String name, String value) {
        builder.environment().put(name, value);
        return this;
    }

    /** Sets what it reads from standard input. */
    ChildJvm input(List<String> lines) {
        input = lines;
        return this;
    }

    /** Runs the program to its end, and returns the lines that it wrote, to standard error too. */
    List<String> run(String... arguments) throws IOException, InterruptedException {
        Path in = Files.write(directory.resolve("input.txt"), input);
        Path out = directory.resolve("output.txt");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
        command.addAll(List.of(arguments));
        builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
        Process process = builder.command(command)
                .directory(directory.toFile())
                .redirectInput(in.toFile())
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
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
