package dev.rondo.parts;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A PostgreSQL server on a free port, with its data in a temporary directory; both are gone when it is closed. As root,
 * which PostgreSQL refuses to run as, it runs as the user {@code postgres}.
 *
 * <p>The server ends with this JVM, however that ends: a shell between them waits for the end of its standard input.
 */
final class PostgresServer implements AutoCloseable {

    private static final Path INSTALLED = Path.of("/usr/lib/postgresql"); // Debian's, one directory a version
    private static final String SERVER_UNTIL_END_OF_INPUT = "\"$@\" & cat >/dev/null; kill -INT $!; wait $!";

    private final Path binaries;
    private final Path directory;
    private final int port;
    private final Process shell;
    private final Thread logReader;

    private PostgresServer(Path binaries, Path directory) throws IOException, InterruptedException {
        this.binaries = binaries;
        this.directory = directory;
        Path data = directory.resolve("data");
        if (isRoot()) {
            run(List.of("chown", "postgres:", directory.toString()));
        }
        run(asServer("initdb", "-D", data.toString(), "-U", "rondo", "-A", "trust", "--locale=C", "--no-sync"));
        port = freePort();
        shell = start(asServer(
                "postgres",
                "-D" + data,
                "-p" + port,
                "-clisten_addresses=127.0.0.1",
                "-cunix_socket_directories=",
                "-cfsync=off"));
        BufferedReader log = shell.inputReader(UTF_8);
        awaitReady(log);
        logReader = Thread.ofPlatform().daemon().start(() -> log.lines().forEach(_ -> {}));
    }

    /** Returns where the server's programs are, if it is installed. */
    static Optional<Path> findBinaries() throws IOException {
        if (!Files.isDirectory(INSTALLED)) {
            return Optional.empty();
        }
        try (Stream<Path> versions = Files.list(INSTALLED)) {
            return versions.map(version -> version.resolve("bin"))
                    .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
                    .max(Comparator.comparing(
                            bin -> Double.valueOf(bin.getParent().getFileName().toString())));
        }
    }

    static PostgresServer start(Path binaries) throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("rondo-postgres");
        try {
            return new PostgresServer(binaries, directory);
        } catch (IOException | RuntimeException | InterruptedException e) {
            delete(directory);
            throw e;
        }
    }

    String url() {
        return "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=rondo";
    }

    private static boolean isRoot() {
        return System.getProperty("user.name").equals("root");
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Returns the command line of one of the server's programs. */
    private List<String> asServer(String program, String... arguments) {
        List<String> command = new ArrayList<>();
        if (isRoot()) {
            command.addAll(List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--"));
        }
        command.add(binaries.resolve(program).toString());
        command.addAll(List.of(arguments));
        return command;
    }

    private Process start(List<String> server) throws IOException {
        List<String> command = new ArrayList<>(List.of("sh", "-c", SERVER_UNTIL_END_OF_INPUT, "sh"));
        command.addAll(server);
        return process(command);
    }

    private void run(List<String> command) throws IOException, InterruptedException {
        Process process = process(command);
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + " failed:\n" + said);
        }
    }

    private Process process(List<String> command) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).directory(directory.toFile());
        builder.environment().put("LC_ALL", "C");
        return builder.start();
    }

    private static void awaitReady(BufferedReader log) throws IOException {
        List<String> said = new ArrayList<>();
        for (String line; (line = log.readLine()) != null; ) {
            said.add(line);
            if (line.contains("database system is ready to accept connections")) {
                return;
            }
        }
        throw new IOException("PostgreSQL did not start:\n" + String.join("\n", said));
    }

    @Override
    public void close() throws IOException, InterruptedException {
        shell.getOutputStream().close();
        shell.waitFor();
        logReader.join();
        delete(directory);
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
