package dev.rondo.http.client;

import static dev.rondo.Asyncio.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.Asyncio;
import dev.rondo.http.RawServer;
import dev.rondo.testkit.LoopTest;
import dev.rondo.testkit.net.Network;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A reader that stops now and then: what is under way between the server and it stays bounded. */
class SlowReaderTest {

    private static final int BODY_BYTES = 64 * 1024 * 1024;
    private static final int PIECE_BYTES = 64 * 1024;

    /** What the server has sent, and what the reader has read: the difference is under way, or held by the client. */
    private static final class Progress {

        long sent;
        long read;
        long mostUnderWay;
        int largestRead;

        void sent(int bytes) {
            sent += bytes;
            mostUnderWay = Math.max(mostUnderWay, sent - read);
        }
    }

    private static RawServer sending(Progress progress) throws Exception {
        return RawServer.start(peer -> {
            peer.readRequest();
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + BODY_BYTES + "\r\n\r\n");
            ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
            for (int left = BODY_BYTES; left > 0; left -= PIECE_BYTES) {
                peer.stream().write(piece.clear());
                progress.sent(PIECE_BYTES);
            }
            peer.awaitEnd();
        });
    }

    private static Progress download(int pauseEvery, Duration pause) throws Exception {
        var progress = new Progress();
        try (var server = sending(progress);
                var session = new ClientSession();
                var response = session.get(server.url())) {
            var piece = ByteBuffer.allocate(1024 * 1024); // larger than what the client may hold
            long pauseAt = pauseEvery;
            for (int count; (count = response.content().read(piece.clear())) >= 0; ) {
                progress.read += count;
                progress.largestRead = Math.max(progress.largestRead, count);
                if (progress.read >= pauseAt) {
                    pauseAt += pauseEvery;
                    Asyncio.sleep(pause);
                }
            }
        }
        Asyncio.sleep(Duration.ofMillis(1)); // the server's tasks end
        return progress;
    }

    /** In the simulated network buffers have known sizes: the sockets' window, and one read of the client's. */
    @LoopTest(seeds = 1, repeats = false)
    void inANetworkOfKnownBuffers(Network network) throws Exception {
        Progress progress = download(4 * 1024 * 1024, Duration.ofSeconds(10));
        assertThat(progress.read).isEqualTo(BODY_BYTES);
        assertThat(progress.largestRead).as("what the client holds, at most").isLessThanOrEqualTo(PIECE_BYTES);
        assertThat(progress.mostUnderWay).isLessThan(1024 * 1024);
    }

    @Test
    void onSocketsOfTheSystem() throws Exception {
        run(() -> {
            Progress progress = download(16 * 1024 * 1024, Duration.ofMillis(20));
            assertThat(progress.read).isEqualTo(BODY_BYTES);
            assertThat(progress.largestRead)
                    .as("what the client holds, at most")
                    .isLessThanOrEqualTo(PIECE_BYTES);
            assertThat(progress.mostUnderWay)
                    .as("the system's buffers among it")
                    .isLessThan(BODY_BYTES / 2);
        });
    }
}
