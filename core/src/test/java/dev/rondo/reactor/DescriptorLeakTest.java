package dev.rondo.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What is opened, connected, cancelled and closed in any order leaves no descriptor behind. */
@EnabledOnOs(OS.LINUX)
class DescriptorLeakTest extends DriverTestCase {

    /** Returns what descriptors this process has, but for those that Java opens when it likes. */
    private static List<String> descriptors() throws IOException {
        List<String> targets = new ArrayList<>();
        try (DirectoryStream<Path> links = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path link : links) {
                try {
                    String target = Files.readSymbolicLink(link).toString();
                    if (!target.endsWith(".jar") && !target.endsWith(".class") && !target.startsWith("/proc/")) {
                        targets.add(target);
                    }
                } catch (IOException closedMeanwhile) {
                    // The listing itself has one open.
                }
            }
        }
        return targets;
    }

    @Test
    void twoHundredRoundsLeaveNothing() throws Exception {
        round(0);
        round(1);
        harness.settle();
        int before = descriptors().size();
        for (int round = 0; round < 200; round++) {
            round(round);
        }
        harness.settle();
        for (int i = 0; i < 1000 && descriptors().size() > before; i++) {
            harness.perform(new Op.Blocking<>(() -> null)); // the last result nobody took may just be cleaned up
        }
        assertThat(descriptors()).hasSizeLessThanOrEqualTo(before); // what earlier tests left may be closed meanwhile
    }

    @Test
    void oneThatWasLeftBehindWouldBeSeen() throws Exception {
        harness.driver.datagramSocket(StandardProtocolFamily.INET).close();
        int before = descriptors().size();
        harness.driver.datagramSocket(StandardProtocolFamily.INET);
        assertThat(descriptors()).hasSize(before + 1);
    }

    /** Leaves each thing at another point of its life, by the bits of the number. */
    private void round(int number) throws Exception {
        boolean cancel = (number & 1) != 0;
        boolean early = (number & 2) != 0;
        boolean turn = (number & 4) != 0;
        List<Fd> open = new ArrayList<>();
        List<Op> inFlight = new ArrayList<>();

        Path path = directory.resolve("socket");
        Fd listener = harness.driver.listenerSocket(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(path), 5);
        open.add(listener);
        Op.Accept accept = harness.submit(new Op.Accept(listener));
        inFlight.add(accept);
        Fd client = harness.driver.streamSocket(StandardProtocolFamily.UNIX);
        open.add(client);
        inFlight.add(harness.submit(new Op.Connect(client, UnixDomainSocketAddress.of(path))));

        Fd tcp = harness.driver.tcpListener(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 5);
        open.add(tcp);
        Fd tcpClient = harness.driver.streamSocket(StandardProtocolFamily.INET);
        open.add(tcpClient);
        inFlight.add(harness.submit(new Op.Connect(tcpClient, tcp.localAddress())));

        Fd datagrams = harness.driver.datagramSocket(StandardProtocolFamily.INET);
        open.add(datagrams);
        inFlight.add(harness.submit(new Op.ReceiveFrom(datagrams).into(ByteBuffer.allocate(1))));

        Pipe pipe = Pipe.open();
        pipe.source().configureBlocking(false);
        Fd source = harness.driver.adopt(pipe.source());
        open.add(source);
        inFlight.add(harness.submit(new Op.Ready(source, Op.Direction.READ)));

        Op.Open file = harness.submit(
                new Op.Open(directory.resolve("file"), Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE)));
        inFlight.add(file);
        Op.Blocking<java.io.Closeable> call = harness.submit(new Op.Blocking<>(
                () -> Files.newByteChannel(
                        directory.resolve("other"), StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                channel -> {
                    try {
                        channel.close();
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                }));
        inFlight.add(call);

        if (turn) {
            harness.turn(0);
        }
        if (cancel) {
            inFlight.forEach(harness.driver::cancel);
        }
        if (early) {
            open.forEach(Fd::close);
        }
        if (!cancel && !early) {
            harness.finish(accept);
        }
        harness.finish(file);
        harness.finish(call);
        open.forEach(Fd::close);
        inFlight.forEach(harness::finish);
        pipe.sink().close();
        if (accept.accepted != null) {
            accept.accepted.close();
        }
        if (file.opened != null) {
            file.opened.close();
        }
        if (call.result != null) {
            call.result.close();
        }
        harness.settle();
        harness.woken.clear();
        Files.delete(path);
    }
}
