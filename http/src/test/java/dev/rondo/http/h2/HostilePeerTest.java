package dev.rondo.http.h2;

import static dev.rondo.Asyncio.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import org.junit.jupiter.api.Test;
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

    private static final int RST_STREAM = 3;
    private static final int GOAWAY = 7;

    private static final String SETTINGS = "000000 04 00 00000000";
    private static final String GET = "000003 01 05 00000001 828684";

    /** Sends frames and returns the code of the goodbye that comes back, or -1. */
    private static int goodbye(String frames) throws Exception {
        return codeIn(answer(Http2Options.SERVER, HELLO, frames, Integer.MAX_VALUE, true), GOAWAY);
    }

    /** Sends frames in slices of so many bytes, and returns what comes back until the server hangs up. */
    private static ByteBuffer answer(
            Http2Options options, StreamHandler handler, String frames, int slice, boolean ends) throws Exception {
        return run(() -> Asyncio.timeout(Duration.ofSeconds(20), () -> {
            try (Listener listener = Net.listen("127.0.0.1", 0);
                    ByteStream near = Net.connectTcp("127.0.0.1", listener.port());
                    ByteStream far = listener.accept();
                    var server = Http2Connection.server(far, options, handler)) {
                near.write(ByteBuffer.wrap(FrameSource.PREFACE));
                byte[] all = HexFormat.of().parseHex((SETTINGS + frames).replace(" ", ""));
                try {
                    for (int i = 0; i < all.length; i += slice) {
                        near.write(ByteBuffer.wrap(all, i, Math.min(slice, all.length - i)));
                        Asyncio.yieldNow();
                        if (slice > all.length) {
                            break;
                        }
                    }
                    if (ends) {
                        near.shutdownOutput();
                    }
                } catch (IOException hungUpOn) {
                    // in the middle: what has come says why
                }
                return readAll(near);
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

    /** Returns the code of the first frame of that kind, or -1. */
    private static int codeIn(ByteBuffer frames, int kind) {
        while (frames.remaining() >= 9) {
            int lengthAndType = frames.getInt();
            frames.position(frames.position() + 5);
            if ((lengthAndType & 0xff) == kind) {
                return frames.getInt(frames.position() + (kind == GOAWAY ? 4 : 0));
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

    @Test
    void aFloodOfResetsEndsTheConnection() throws Exception {
        var frames = new StringBuilder();
        for (int i = 1; i < 2000; i += 2) {
            frames.append("000003 01 05 %08x 828684 000004 03 00 %08x 00000008".formatted(i, i));
        }
        assertThat(goodbye(frames.toString())).isEqualTo(ErrorCode.ENHANCE_YOUR_CALM);
    }

    @Test
    void aFloodOfEmptyContentEndsTheConnection() throws Exception {
        assertThat(goodbye("000003 01 04 00000001 838684" + "000000 00 00 00000001".repeat(3000)))
                .isEqualTo(ErrorCode.ENHANCE_YOUR_CALM);
    }

    @Test
    void aHeadThatNeverEndsEndsTheConnection() throws Exception {
        String fragment = "004000 09 00 00000001" + "00".repeat(0x4000);
        assertThat(goodbye("000003 01 01 00000001 828684" + fragment.repeat(20)))
                .isPositive();
    }

    @Test
    void whoBehavesIsServed() throws Exception {
        assertThat(goodbye(GET)).isEqualTo(-1);
    }

    /** What no peer may send, and the error that it is (RFC 9113 §6; RFC 7541), in whatever slices it comes. */
    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "content for the connection, 000001 00 00 00000000 00, PROTOCOL_ERROR",
        "content of a stream that was never opened, 000001 00 00 00000005 00, PROTOCOL_ERROR",
        "a head for the connection, 000003 01 05 00000000 828684, PROTOCOL_ERROR",
        "a head of a stream with an even number, 000003 01 05 00000002 828684, PROTOCOL_ERROR",
        "a reset of a stream that was never opened, 000004 03 00 00000001 00000008, PROTOCOL_ERROR",
        "settings of five bytes, 000005 04 00 00000000 0000000000, FRAME_SIZE_ERROR",
        "an acknowledgement with settings, 000006 04 01 00000000 000300000064, FRAME_SIZE_ERROR",
        "settings of a stream, 000000 04 00 00000001, PROTOCOL_ERROR",
        "a window that is too large at first, 000006 04 00 00000000 000480000000, FLOW_CONTROL_ERROR",
        "frames that are too small, 000006 04 00 00000000 000500000064, PROTOCOL_ERROR",
        "push neither on nor off, 000006 04 00 00000000 000200000002, PROTOCOL_ERROR",
        "a push to a server, 000007 05 04 00000001 00000002 828684, PROTOCOL_ERROR",
        "a ping of seven bytes, 000007 06 00 00000000 00000000000001, FRAME_SIZE_ERROR",
        "a ping of a stream, 000008 06 00 00000001 0000000000000001, PROTOCOL_ERROR",
        "a goodbye of a stream, 000008 07 00 00000001 0000000000000000, PROTOCOL_ERROR",
        "a window that grows by nothing, 000004 08 00 00000000 00000000, PROTOCOL_ERROR",
        "a window that overflows, 000004 08 00 00000000 7fffffff, FLOW_CONTROL_ERROR",
        "more of a head that never began, 000003 09 04 00000001 828684, PROTOCOL_ERROR",
        "a ping in the middle of a head, 000001 01 01 00000001 82 000008 06 00 00000000 0000000000000001, PROTOCOL_ERROR",
        "a frame that is too large, 004001 00 00 00000001, FRAME_SIZE_ERROR",
        "a field that is in no table, 000004 01 05 00000001 828684c0, COMPRESSION_ERROR",
        "a table larger than allowed, 000006 01 05 00000001 3fe21f828684, COMPRESSION_ERROR"
    })
    void whatNoPeerMaySendEndsTheConnection(String what, String frames, String error) throws Exception {
        int code = ErrorCode.class.getDeclaredField(error).getInt(null);
        for (int slice : new int[] {Integer.MAX_VALUE, 7, 1}) {
            assertThat(codeIn(answer(Http2Options.SERVER, HELLO, frames, slice, true), GOAWAY))
                    .as("%s, in slices of %d", what, slice)
                    .isEqualTo(code);
        }
    }

    @Test
    void aPeerThatNeverAcknowledgesOurSettingsIsHungUpOn() throws Exception {
        Http2Options impatient = new Http2Options(
                64 * 1024, 128, 4096, 100, 256 * 1024, 8 * 1024 * 1024, 1000, 200, Duration.ofMillis(50));
        assertThat(codeIn(answer(impatient, HELLO, "", Integer.MAX_VALUE, false), GOAWAY))
                .isEqualTo(ErrorCode.SETTINGS_TIMEOUT);
    }

    @Test
    void answersForAPeerThatReadsNoneOfThemDoNotPileUp() throws Exception {
        Http2Options lenient = new Http2Options(
                64 * 1024, 128, 4096, 100, 256 * 1024, 8 * 1024 * 1024, 50, Integer.MAX_VALUE, Duration.ofSeconds(10));
        byte[] pings = HexFormat.of().parseHex("0000080600000000000000000000000001".repeat(1000));
        run(() -> Asyncio.timeout(Duration.ofSeconds(60), () -> {
            try (Listener listener = Net.listen("127.0.0.1", 0);
                    ByteStream near = Net.connectTcp("127.0.0.1", listener.port());
                    ByteStream far = listener.accept();
                    var server = Http2Connection.server(far, lenient, HELLO)) {
                near.write(ByteBuffer.wrap(FrameSource.PREFACE));
                near.write(ByteBuffer.wrap(HexFormat.of().parseHex(SETTINGS.replace(" ", ""))));
                assertThatThrownBy(() -> {
                            while (true) { // until it has had enough
                                near.write(ByteBuffer.wrap(pings));
                            }
                        })
                        .isInstanceOf(IOException.class);
            }
        }));
    }

    @Test
    void streamsBeyondTheLimitAreRefused() throws Exception {
        StreamHandler never = stream -> Asyncio.sleep(Duration.ofHours(1));
        var frames = new StringBuilder();
        for (int i = 0; i <= 3; i++) {
            frames.append("000003 01 05 %08x 828684".formatted(2 * i + 1));
        }
        ByteBuffer answer = answer(
                Http2Options.SERVER.withMaxStreams(3),
                never,
                frames + "000004 08 00 00000000 00000000",
                Integer.MAX_VALUE,
                true);
        assertThat(codeIn(answer, RST_STREAM)).isEqualTo(ErrorCode.REFUSED_STREAM);
    }
}
