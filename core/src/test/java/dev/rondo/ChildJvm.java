package dev.rondo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;

/** A program of the tests in a JVM of its own, with a plain class path: Rondo, the tests, slf4j without a provider. */
final class ChildJvm implements AutoCloseable {

    private static final long PATIENCE_SECONDS = 60;

    private final Process process;
    private final BufferedReader out;
    private final List<String> err = Collections.synchronizedList(new ArrayList<>());
    private final Thread errReader;

    /** How the program ended. */
    record Result(int exitCode, List<String> out, List<String> err) {

        /** Returns what stands on standard error, but for slf4j's complaint that it has no provider. */
        List<String> complaints() {
            return err.stream().filter(line -> !line.startsWith("SLF4J")).toList();
        }
    }

    private ChildJvm(Process process) {
        this.process = process;
        out = process.inputReader(UTF_8);
        errReader = Thread.ofPlatform().daemon().start(() -> readInto(err, process.getErrorStream()));
    }

    static ChildJvm start(Class<?> program, String... jvmArguments) throws IOException {
        return start(program.getName(), jvmArguments);
    }

    /** Starts a class by its name, or a source file by its path. */
    private static ChildJvm start(String program, String... jvmArguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(jvmArguments));
        command.add("-cp");
        command.add(Stream.of(EventLoop.class, ChildJvm.class, Logger.class)
                .map(type -> whereIs(type).toString())
                .collect(Collectors.joining(System.getProperty("path.separator"))));
        command.add(program);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
        return new ChildJvm(builder.start());
    }

    /** Runs a program from its source file, which the JVM compiles: for what needs preview features. */
    static Result run(Path source, String... jvmArguments) throws IOException, InterruptedException {
        try (ChildJvm jvm = start(source.toString(), jvmArguments)) {
            return jvm.await();
        }
    }

    static Result run(Class<?> program, String... jvmArguments) throws IOException, InterruptedException {
        try (ChildJvm jvm = start(program, jvmArguments)) {
            return jvm.await();
        }
    }

    /** Returns the directory or jar that a class comes from. */
    static Path whereIs(Class<?> type) {
        try {
            return Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void readInto(List<String> lines, InputStream stream) {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(stream, UTF_8))) {
            reader.lines().forEach(lines::add);
        } catch (IOException | java.io.UncheckedIOException e) {
            lines.add("standard error broke off: " + e);
        }
    }

    /** Waits for the program's next line on standard output. */
    String readLine() throws IOException {
        String line = out.readLine();
        return line == null ? "(the program ended, saying " + err + ")" : line;
    }

    /** Presses Ctrl-C. */
    void interrupt() throws IOException, InterruptedException {
        signal("INT");
    }

    /** Sends a signal. */
    void signal(String name) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
        assertThat(kill.waitFor()).isZero();
    }

    Result await() throws IOException, InterruptedException {
        Thread watchdog = Thread.ofPlatform().daemon().start(() -> {
            try {
                if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                    err.add("killed: did not end by itself");
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                // the program has ended
            }
        });
        List<String> lines = out.readAllLines();
        int exitCode = process.waitFor();
        watchdog.interrupt();
        errReader.join();
        return new Result(exitCode, lines, List.copyOf(err));
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
