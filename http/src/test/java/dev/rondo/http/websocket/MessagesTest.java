package dev.rondo.http.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.http.websocket.FrameParser.Event;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Bytes to messages: parser, assembly and inflating together. */
class MessagesTest {

    /** Returns what the bytes come to, given in slices of that size; a violation is the last of it. */
    private static List<String> read(byte[] bytes, int slice, boolean fromClient, boolean deflated, int maxBytes) {
        var log = new ArrayList<String>();
        var deflate = deflated ? new PerMessageDeflate(true, true) : null;
        var parser = new FrameParser(fromClient, deflated, maxBytes);
        var assembly = new Assembly(deflate, maxBytes);
        try {
            for (int i = 0; i < bytes.length; i += slice) {
                var in = ByteBuffer.wrap(Arrays.copyOfRange(bytes, i, Math.min(i + slice, bytes.length)));
                for (Event event; (event = parser.next(in)) != Event.NEED_BYTES; ) {
                    if (event == Event.CONTROL) {
                        log.add(parser.opcode() + ":" + UTF_8.decode(parser.content()));
                    } else if (assembly.add(parser) instanceof WebSocketMessage message) {
                        log.add(
                                message instanceof WebSocketMessage.Text(String text)
                                        ? text
                                        : ((WebSocketMessage.Binary) message).bytes().length + " bytes");
                    }
                }
            }
        } catch (WebSocketException violation) {
            log.add("failed " + violation.closeCode());
        } finally {
            if (deflate != null) {
                deflate.close();
            }
        }
        return log;
    }

    private static void assertEverySlicing(
            String hex, boolean fromClient, boolean deflated, int maxBytes, String... expected) {
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
        for (int slice = 1; slice <= bytes.length; slice++) {
            assertThat(read(bytes, slice, fromClient, deflated, maxBytes))
                    .as("%s in slices of %s", hex, slice)
                    .containsExactly(expected);
        }
    }

    private static void assertFromServer(String hex, String... expected) {
        assertEverySlicing(hex, false, false, 1000, expected);
    }

    @Test
    void readsTheExamplesOfRfc6455() {
        assertFromServer("81 05 48656c6c6f", "Hello");
        assertEverySlicing("81 85 37fa213d 7f9f4d5158", true, false, 1000, "Hello");
        assertFromServer("01 03 48656c 80 02 6c6f", "Hello");
        assertFromServer("89 05 48656c6c6f", "9:Hello");
        assertEverySlicing("8a 85 37fa213d 7f9f4d5158", true, false, 1000, "10:Hello");
        assertFromServer("82 7e 0100" + "00".repeat(256), "256 bytes");
    }

    @Test
    void readsTheExamplesOfRfc7692() {
        assertEverySlicing("c1 07 f248cdc9c90700", false, true, 1000, "Hello");
        assertEverySlicing("41 03 f248cd 80 04 c9c90700", false, true, 1000, "Hello");
        assertEverySlicing("c1 07 f248cdc9c90700 c1 05 f200110000", false, true, 1000, "Hello", "Hello");
        assertEverySlicing("c1 0b 000500faff48656c6c6f00", false, true, 1000, "Hello");
        assertEverySlicing("c1 08 f348cdc9c9070000", false, true, 1000, "Hello");
        assertEverySlicing("c1 0d f248050000 00ffff cac9c90700", false, true, 1000, "Hello");
        assertEverySlicing("c1 01 00", false, true, 1000, "");
    }

    @Test
    void findsControlFramesBetweenFragments() {
        assertFromServer("01 03 48656c 89 01 41 00 00 80 02 6c6f 88 00", "9:A", "Hello", "8:");
    }

    @Test
    void refusesWhatBreaksTheProtocol() {
        for (String hex : List.of(
                "83 00",
                "8b 00",
                "91 00",
                "a1 00",
                "c1 00",
                "09 00",
                "89 7e 007e",
                "80 00",
                "01 00 01 00",
                "81 80 00000000",
                "82 7e 0001 00",
                "82 7f 0000000000000100",
                "82 7f 8000000000000000")) {
            assertFromServer(hex, "failed 1002");
        }
        assertEverySlicing("81 00", true, false, 1000, "failed 1002");
        assertEverySlicing("01 00 c0 00", false, true, 1000, "failed 1002");
        assertEverySlicing("c9 00", false, true, 1000, "failed 1002");
    }

    @Test
    void refusesTextThatIsNotUtf8AsSoonAsThatIsKnown() {
        for (String hex : List.of("c080", "eda080", "f4908080", "f5", "80", "e08080", "f0808080", "41c3ff")) {
            assertFromServer("01 7e 0100 " + hex, "failed 1007"); // most of the frame is still to come
        }
        assertFromServer("81 02 e282", "failed 1007");
        assertFromServer("01 01 e2 00 01 82 80 01 ac 81 01 41", "€", "A");
    }

    @Test
    void refusesWhatIsTooLargeBeforeItComes() {
        assertEverySlicing("82 0a 00010203040506070809", false, false, 10, "10 bytes");
        assertEverySlicing("82 0b", false, false, 10, "failed 1009");
        assertEverySlicing("02 06 000000000000 80 05", false, false, 10, "failed 1009");
    }

    @Test
    void readsWhatItDeflatesAndNoByteMoreThanAllowed() throws Exception {
        for (int size : new int[] {0, 1, 5, 1000, 1024, 1025, 70_000, 1_000_000}) {
            var deflate = new PerMessageDeflate(true, true);
            for (int round = 0; round < 2; round++) { // the second refers to the first
                var deflating = deflate.new Deflating(ByteBuffer.allocate(size));
                ByteBuffer out = null;
                while (out == null) {
                    out = deflating.step(10_000);
                }
                byte[] sent = Arrays.copyOf(out.array(), out.limit());
                var exactly = new Assembly(deflate, Math.max(size, 1));
                deflate.inflate(ByteBuffer.wrap(sent), true, exactly);
                assertThat(exactly.length()).isEqualTo(size);
                if (round == 1 && size > 1) {
                    var tooSmall = new PerMessageDeflate(true, true);
                    var fresh = tooSmall.new Deflating(ByteBuffer.allocate(size)).step(size);
                    assertThatThrownBy(() -> tooSmall.inflate(fresh, true, new Assembly(null, size - 1)))
                            .hasMessageContaining("more than " + (size - 1) + " bytes");
                    tooSmall.close();
                }
            }
            deflate.close();
        }
    }
}
