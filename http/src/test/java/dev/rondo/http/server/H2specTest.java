package dev.rondo.http.server;

import static dev.rondo.Asyncio.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rondo.Asyncio;
import dev.rondo.http.TestCertificate;
import dev.rondo.net.ClientHandler;
import dev.rondo.net.Net;
import dev.rondo.net.TlsOptions;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * h2spec's 145 cases against the server, judged by its report. The program comes in the jar of a Maven plugin, which
 * {@code -Pci} unpacks; the plugin itself would call everything passed.
 */
@Tag("heavy")
class H2specTest {

    private static final int CASES = 145;
    private static final Pattern FAILED =
            Pattern.compile("<testcase[^>]* classname=\"([^\"]*)\"[^>]*>\\s*<(?:failure|error)");

    @TempDir
    private static Path directory;

    @BeforeAll
    static void unpack() throws Exception {
        Path archive = Path.of("target/h2spec/h2spec/2.2.0/h2spec_linux_amd64.tar.gz");
        assumeTrue(Files.exists(archive), "h2spec was not unpacked: run Maven with -Pci");
        assumeTrue(System.getProperty("os.arch").equals("amd64"), "h2spec is a program for Linux on amd64");
        Process tar = new ProcessBuilder("tar", "-xzf", archive.toAbsolutePath().toString())
                .directory(directory.toFile())
                .inheritIO()
                .start();
        assertThat(tar.waitFor()).isZero();
    }

    /** Returns the cases that fail. */
    private static List<String> failures(int port) throws Exception {
        Path report = directory.resolve("report.xml");
        Asyncio.toThread(() -> new ProcessBuilder(
                        directory.resolve("h2spec").toString(),
                        "-h",
                        "127.0.0.1",
                        "-p",
                        Integer.toString(port),
                        "-t",
                        "-k",
                        "-o",
                        "2",
                        "-j",
                        report.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor());
        String xml = Files.readString(report);
        assertThat(Pattern.compile("<testcase").matcher(xml).results().count()).isEqualTo(CASES);
        return new ArrayList<>(FAILED.matcher(xml)
                .results()
                .map((MatchResult match) -> match.group(1))
                .toList());
    }

    @Test
    void theServerPassesAllCasesButOne() throws Exception {
        run(() -> {
            ServerOptions tls = ServerOptions.DEFAULT.withTls(TestCertificate.CONTEXT);
            Handler hello = request -> {
                request.read();
                return Response.text("hello, world");
            };
            try (var server = HttpServer.start(hello, "127.0.0.1", 0, tls)) {
                assertThat(failures(server.port())).hasSizeLessThanOrEqualTo(1);
            }
        });
    }

    /** Hanging up is the right answer in the cases that break the protocol, and wrong in the others. */
    @Test
    void aServerThatAlwaysHangsUpIsFoundOut() throws Exception {
        run(() -> {
            byte[] settings = {0, 0, 0, 4, 0, 0, 0, 0, 0};
            ClientHandler hangingUp = (reader, writer) -> {
                try (writer) {
                    writer.stream().write(ByteBuffer.wrap(settings));
                    writer.stream().read(ByteBuffer.allocate(1000));
                }
            };
            TlsOptions h2 = TlsOptions.DEFAULT.withApplicationProtocols("h2");
            try (var server = Net.startServer(hangingUp, "127.0.0.1", 0, TestCertificate.CONTEXT, h2)) {
                assertThat(failures(server.port())).hasSizeGreaterThan(20);
            }
        });
    }
}
