package dev.rondo.http.h2;

import static dev.rondo.Asyncio.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.Asyncio;
import dev.rondo.http.Headers;
import dev.rondo.http.h1.ResponseHead;
import dev.rondo.net.ByteStream;
import dev.rondo.net.Listener;
import dev.rondo.net.Net;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Clients that send frames of their own making, written out in hexadecimal. */
class HostilePeerTest {

    private static final StreamHandler HELLO = stream -> {
        while (stream.readContent() != null) {
            // the whole request first
        }
        stream.sendHead(new ResponseHead(200, "", true, Headers.of("Content-Type", "text/plain")), false);
        stream.write(ByteBuffer.wrap("hello, world".getBytes(StandardCharsets.US_ASCII)), true);
    };

    private static final String SETTINGS = "000000 04 00 00000000";
    private static final String GET = "000003 01 05 00000001 828684";

    /** Sends frames and returns the code of the goodbye that comes back, or -1. */
    private static int goodbye(String frames) throws Exception {
        return run(() -> Asyncio.timeout(Duration.ofSeconds(20), () -> {
            try (Listener listener = Net.listen("127.0.0.1", 0);
                    ByteStream near = Net.connectTcp("127.0.0.1", listener.port());
                    ByteStream far = listener.accept();
                    var server = Http2Connection.server(far, Http2Options.SERVER, HELLO)) {
                near.write(ByteBuffer.wrap(FrameSource.PREFACE));
                near.write(ByteBuffer.wrap(HexFormat.of().parseHex((SETTINGS + frames).replace(" ", ""))));
                near.shutdownOutput();
                return codeIn(readAll(near));
            }
        }));
    }

    private static ByteBuffer readAll(ByteStream stream) {
        var all = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(10_000);
        try {
            while (stream.read(buffer.clear()) >= 0) {
                all.write(buffer.array(), 0, buffer.position());
            }
        } catch (IOException reset) {
            // what has come is enough
        }
        return ByteBuffer.wrap(all.toByteArray());
    }

    private static int codeIn(ByteBuffer frames) {
        while (frames.remaining() >= 9) {
            int lengthAndType = frames.getInt();
            frames.position(frames.position() + 5);
            if ((lengthAndType & 0xff) == 7) {
                return frames.getInt(frames.position() + 4);
            }
            frames.position(frames.position() + (lengthAndType >>> 8));
        }
        return -1;
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "pings, 000008 06 00 00000000 0000000000000001",
        "settings, 000000 04 00 00000000",
        "window updates, 000004 08 00 00000000 00000001",
        "frames of an unknown kind, 000000 20 00 00000000",
        "priorities, 000005 02 00 00000003 0000000010"
    })
    void aFloodEndsTheConnection(String name, String frame) throws Exception {
        assertThat(goodbye(frame.repeat(3000))).isEqualTo(ErrorCode.ENHANCE_YOUR_CALM);
    }

    @org.junit.jupiter.api.Test
    void aFloodOfResetsEndsTheConnection() throws Exception {
        var frames = new StringBuilder();
        for (int i = 1; i < 2000; i += 2) {
            frames.append("000003 01 05 %08x 828684 000004 03 00 %08x 00000008".formatted(i, i));
        }
        assertThat(goodbye(frames.toString())).isEqualTo(ErrorCode.ENHANCE_YOUR_CALM);
    }

    @org.junit.jupiter.api.Test
    void aFloodOfEmptyContentEndsTheConnection() throws Exception {
        assertThat(goodbye("000003 01 04 00000001 838684" + "000000 00 00 00000001".repeat(3000)))
                .isEqualTo(ErrorCode.ENHANCE_YOUR_CALM);
    }

    @org.junit.jupiter.api.Test
    void aHeadThatNeverEndsEndsTheConnection() throws Exception {
        String fragment = "004000 09 00 00000001" + "00".repeat(0x4000);
        assertThat(goodbye("000003 01 01 00000001 828684" + fragment.repeat(20)))
                .isPositive();
    }

    @org.junit.jupiter.api.Test
    void whoBehavesIsServed() throws Exception {
        assertThat(goodbye(GET)).isEqualTo(-1);
    }
}
