package dev.rondo.scrape.sites;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** nginx on loopback, sending the files of one directory; its log has a line for each request. */
final class Nginx implements AutoCloseable {

    private final Process process;
    private final Path log;
    final int port;

    private Nginx(Process process, Path log, int port) {
        this.process = process;
        this.log = log;
        this.port = port;
    }

    /** Starts it, on every address of the loopback interface; skips the test if it is not installed. */
    static Nginx start(Path directory, Path root) throws IOException, InterruptedException {
        Path program = Path.of("/usr/sbin/nginx");
        if (!Files.isExecutable(program)) {
            abort("no nginx here (Debian's package nginx-light)");
        }
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            port = socket.getLocalPort();
        }
        Path log = directory.resolve("access.log");
        Path configuration = directory.resolve("nginx.conf");
        Files.writeString(configuration, """
                daemon off;
                worker_processes 1;
                pid %1$s/nginx.pid;
                error_log %1$s/error.log;
                events { worker_connections 1024; }
                http {
                  types { text/html html htm; image/png png; text/css css; text/plain txt; }
                  charset utf-8;
                  keepalive_requests 1000000;
                  log_format line '$msec $server_addr $status $body_bytes_sent $request_uri';
                  access_log %1$s/access.log line;
                  client_body_temp_path %1$s/t; proxy_temp_path %1$s/t; fastcgi_temp_path %1$s/t;
                  uwsgi_temp_path %1$s/t; scgi_temp_path %1$s/t;
                  server { listen %2$d; root %3$s; }
                }
                """.formatted(directory, port, root));
        Process process = new ProcessBuilder(program.toString(), "-e", "stderr", "-c", configuration.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("nginx.out").toFile())
                .start();
        while (!listens(port)) {
            if (process.waitFor(20, TimeUnit.MILLISECONDS)) {
                throw new IOException("nginx ended: " + Files.readString(directory.resolve("nginx.out")));
            }
        }
        return new Nginx(process, log, port);
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 1000);
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Returns the lines of its log: time, address, status, bytes and target. */
    List<String[]> requests() throws IOException {
        return Files.readAllLines(log).stream().map(line -> line.split(" ")).toList();
    }

    void forget() throws IOException {
        Files.writeString(log, "");
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        process.waitFor();
    }
}
