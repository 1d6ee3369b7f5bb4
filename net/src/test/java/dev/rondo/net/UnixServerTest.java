package dev.rondo.net;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.net.Drivers.until;
import static dev.rondo.net.Drivers.untilOpen;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.Task;
import dev.rondo.spec.Spec;
import java.io.IOException;
import java.net.BindException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.io.TempDir;

/** Servers at a path, and who connects to them. */
class UnixServerTest {

    @TempDir
    Path directory;

    private static void echo(StreamReader reader, StreamWriter writer) throws IOException {
        try (writer) {
            for (byte[] line; (line = reader.readLine()).length > 0; ) {
                writer.write(line);
            }
        }
    }

    private Path path(Drivers driver) {
        return directory.resolve(driver.name().toLowerCase());
    }

    private static void assertEchoes(Connection client) throws IOException {
        client.writer().write("ping\n", US_ASCII);
        assertThat(client.reader().readLine()).asString().isEqualTo("ping\n");
    }

    private static ServerSocketChannel bound(Path path) throws IOException {
        return ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(path));
    }

    // ------------------------------------------------------------------------------------------------ serving

    @Spec("ST-1")
    @Spec("N-6")
    @Spec("N-10")
    @OnRealSockets
    void streamsOverAPath(Drivers driver) throws Exception {
        Path path = path(driver);
        driver.run(() -> {
            try (Server server = Net.startUnixServer(UnixServerTest::echo, path)) {
                assertThat(server.addresses()).containsExactly(UnixDomainSocketAddress.of(path));
                assertThat(server.sockets().getFirst().family()).isEqualTo(StandardProtocolFamily.UNIX);
                assertThat(server).hasToString("Server[" + path + ", 0 clients]");
                assertThatThrownBy(server::port)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("Unix socket");
                try (Connection client = Net.openUnixConnection(path)) {
                    assertEchoes(client);
                    assertThat(client.stream().remoteAddress()).isEqualTo(UnixDomainSocketAddress.of(path));
                    assertThat(server.clientCount()).isEqualTo(1);
                }
                server.close();
                server.waitClosed();
            }
            assertThat(path).doesNotExist();
            untilOpen(0);
        });
    }

    @Spec("N-10")
    @OnRealSockets
    void protocolsOverAPath(Drivers driver) throws Exception {
        Path path = path(driver);
        driver.run(() -> {
            List<Told> made = new ArrayList<>();
            Server server = Net.createUnixServer(
                    () -> {
                        made.add(new Told());
                        return made.getLast();
                    },
                    path,
                    ListenOptions.DEFAULT);
            try (server;
                    Connection client = Net.openUnixConnection(path)) {
                client.writer().write("ping", US_ASCII);
                client.writer().writeEof();
                assertThat(client.reader().readAll()).isEmpty();
                until(() -> server.clientCount() == 0);
                assertThat(made.getFirst().log).containsExactly("made", "data ping", "eof", "lost");
            }
        });
    }

    @Spec("N-6")
    @Spec("N-10")
    @OnRealSockets
    void tlsOverAPath(Drivers driver) throws Exception {
        Path path = path(driver);
        driver.run(() -> {
            Server server = Net.startUnixServer(
                    UnixServerTest::echo, path, ListenOptions.DEFAULT, TestCertificates.LOCALHOST, TlsOptions.DEFAULT);
            try (server) {
                try (Connection client =
                        Net.openUnixConnection(path, TestCertificates.LOCALHOST, "localhost", TlsOptions.DEFAULT)) {
                    assertEchoes(client);
                }
                assertThatThrownBy(() -> Net.openUnixConnection(
                                path, TestCertificates.LOCALHOST, "elsewhere.test", TlsOptions.DEFAULT))
                        .isInstanceOf(SSLException.class);
                server.close();
                server.waitClosed();
            }
            Told told = new Told();
            Server protocols = Net.createUnixServer(
                    () -> told, path, ListenOptions.DEFAULT, TestCertificates.LOCALHOST, TlsOptions.DEFAULT);
            try (protocols;
                    Connection client =
                            Net.openUnixConnection(path, TestCertificates.LOCALHOST, "localhost", TlsOptions.DEFAULT)) {
                client.writer().write("secret", US_ASCII);
                until(() -> told.text.length() == 6);
                protocols.abortClients();
            }
            untilOpen(0);
        });
    }

    @Spec("N-10")
    @OnRealSockets
    void aListenerAtAPath(Drivers driver) throws Exception {
        Path path = path(driver);
        driver.run(() -> {
            try (Listener listener = Net.listenUnix(path)) {
                assertThat(listener.address()).isEqualTo(UnixDomainSocketAddress.of(path));
                assertThatThrownBy(listener::port).isInstanceOf(IllegalStateException.class);
                try (ByteStream client = Net.connectUnix(path);
                        ByteStream server = listener.accept()) {
                    Wire.send(client, "hello");
                    assertThat(Wire.receive(server, 5)).isEqualTo("hello");
                }
                listener.close();
                assertThat(path).doesNotExist();
                try (Listener next = Net.listenUnix(path)) {
                    listener.close();
                    assertThat(path).exists();
                    assertThat(next.isOpen()).isTrue();
                }
            }
            untilOpen(0);
        });
    }

    @Spec("N-6")
    @OnRealSockets
    void whereNobodyListensNobodyAnswers(Drivers driver) throws Exception {
        driver.run(() -> {
            assertThatThrownBy(() -> Net.openUnixConnection(path(driver))).isInstanceOf(SocketException.class);
            bound(path(driver)).close();
            assertThatThrownBy(() -> Net.openUnixConnection(path(driver))).isInstanceOf(SocketException.class);
            untilOpen(0);
        });
    }

    // ------------------------------------------------------------------------------------------------ what is there

    @Spec("N-10")
    @OnRealSockets
    void anOldSocketGivesWay(Drivers driver) throws Exception {
        Path path = path(driver);
        bound(path).close();
        assertThat(path).exists();
        driver.run(() -> {
            try (Server _ = Net.startUnixServer(UnixServerTest::echo, path);
                    Connection client = Net.openUnixConnection(path)) {
                assertEchoes(client);
            }
        });
    }

    @Spec("N-10")
    @OnRealSockets
    void anotherFileDoesNotGiveWay(Drivers driver) throws Exception {
        Path file = Files.writeString(path(driver), "precious");
        Path link = Files.createSymbolicLink(directory.resolve("link of " + driver), file);
        driver.run(() -> {
            for (Path taken : List.of(file, link, directory)) {
                assertThatThrownBy(() -> Net.startUnixServer(UnixServerTest::echo, taken))
                        .isInstanceOf(BindException.class)
                        .hasMessageContaining("Address " + taken + " is already in use");
            }
            Path nowhere = directory.resolve("no such directory/socket");
            assertThatThrownBy(() -> Net.startUnixServer(UnixServerTest::echo, nowhere))
                    .isInstanceOf(BindException.class)
                    .hasMessageStartingWith("cannot listen on " + nowhere + ": ");
            untilOpen(0);
        });
        assertThat(file).hasContent("precious");
        assertThat(link).isSymbolicLink();
    }

    @Spec("N-10")
    @OnRealSockets
    void theModeIsThatOfTheFile(Drivers driver) throws Exception {
        Path path = path(driver);
        driver.run(() -> {
            for (String mode : List.of("rw-------", "rwxrwxrwx", "rw-rw----")) {
                ListenOptions options = ListenOptions.DEFAULT.withMode(PosixFilePermissions.fromString(mode));
                try (Server _ = Net.startUnixServer(UnixServerTest::echo, path, options)) {
                    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                            .isEqualTo(mode);
                }
            }
        });
    }

    @Spec("N-10")
    @OnRealSockets
    void whoIsCancelledWhileItBeginsLeavesNeitherSocketNorFile(Drivers driver) throws Exception {
        Path path = path(driver);
        driver.run(() -> {
            for (int turns = 0; turns < 40; turns++) {
                Task<Server, IOException> starting = createTask(() -> Net.startUnixServer(UnixServerTest::echo, path));
                for (int i = 0; i < turns; i++) {
                    yieldNow();
                }
                starting.cancel();
                until(starting::done);
                if (!starting.cancelled()) {
                    starting.await().close();
                }
                assertThat(Files.exists(path, LinkOption.NOFOLLOW_LINKS)).isFalse();
                untilOpen(0);
            }
        });
    }

    // ------------------------------------------------------------------------------------------------ what is left

    @Spec("N-10")
    @OnRealSockets
    void theFileOfASocketThatWasGivenIsRemovedToo(Drivers driver) throws Exception {
        Path path = path(driver);
        driver.run(() -> {
            try (Server _ = Net.startServer(UnixServerTest::echo, bound(path), ListenOptions.DEFAULT);
                    Connection client = Net.openUnixConnection(path)) {
                assertEchoes(client);
            }
            assertThat(path).doesNotExist();
        });
    }

    @Spec("N-10")
    @OnRealSockets
    void aFileThatIsGoneIsNoTrouble(Drivers driver) throws Exception {
        Path path = path(driver);
        driver.run(() -> {
            try (Server _ = Net.startUnixServer(UnixServerTest::echo, path)) {
                Files.delete(path);
            }
            assertThat(path).doesNotExist();
        });
    }

    @Spec("N-10")
    @OnRealSockets
    void aFileThatHasTakenThePlaceOfOursStays(Drivers driver) throws Exception {
        Path path = path(driver);
        driver.run(() -> {
            try (Server _ = Net.startUnixServer(UnixServerTest::echo, path)) {
                Files.delete(path);
                Files.writeString(path, "another's");
            }
            assertThat(path).hasContent("another's");
            Files.delete(path);

            Server first = Net.startUnixServer(UnixServerTest::echo, path);
            try (Server _ = Net.startUnixServer(UnixServerTest::echo, path)) { // which takes the path over
                first.close();
                try (Connection client = Net.openUnixConnection(path)) {
                    assertEchoes(client);
                }
            }
            assertThat(path).doesNotExist();
        });
    }

    @Spec("N-10")
    @OnRealSockets
    void theFileStaysWhereThatIsWanted(Drivers driver) throws Exception {
        Path path = path(driver);
        ListenOptions keep = ListenOptions.DEFAULT.withCleanupSocket(false);
        driver.run(() -> {
            Net.startUnixServer(UnixServerTest::echo, path, keep).close();
            assertThat(path).exists();
            Files.delete(path);
            Net.startServer(UnixServerTest::echo, bound(path), keep).close();
            assertThat(path).exists();
        });
    }
}
