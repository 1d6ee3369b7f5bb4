package dev.rondo.http;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.run;
import static dev.rondo.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.AsyncEvent;
import dev.rondo.TaskCancelledException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies of several parts: how they are written, and how they are read in whatever pieces they come. */
class MultipartTest {

    private static final String TYPE = "multipart/form-data; boundary=B";

    private static MultipartReader reader(String body, int pieceBytes) throws HttpException {
        return new MultipartReader(TYPE, source(body.getBytes(StandardCharsets.UTF_8), pieceBytes));
    }

    /** Cuts bytes into pieces, in one buffer that is used again, as that of a connection is. */
    private static MultipartReader.Source source(byte[] bytes, int pieceBytes) {
        ByteBuffer rest = ByteBuffer.wrap(bytes);
        byte[] shared = new byte[pieceBytes];
        return () -> {
            if (!rest.hasRemaining()) {
                return null;
            }
            int count = Math.min(pieceBytes, rest.remaining());
            rest.get(shared, 0, count);
            return ByteBuffer.wrap(shared, 0, count);
        };
    }

    /** Reads all parts, each as its name and its text. */
    private static List<String> all(MultipartReader reader) throws HttpException {
        var all = new ArrayList<String>();
        for (MultipartReader.Part part; (part = reader.next()) != null; ) {
            all.add(part.name() + "=" + part.text(1_000_000));
        }
        return all;
    }

    private static List<String> all(String body) throws HttpException {
        return all(reader(body, 8192));
    }

    private static byte[] written(Body body) throws Exception {
        var out = new ByteArrayOutputStream();
        body.writeTo(piece -> {
            var bytes = new byte[piece.remaining()];
            piece.get(bytes);
            out.writeBytes(bytes);
        });
        return out.toByteArray();
    }

    private static String part(String name, String content) {
        return "--B\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + content + "\r\n";
    }

    // ----------------------------------------------------------------------------------------------------- reading

    @Test
    void isReadInPiecesOfAnySize() throws Exception {
        String body = "preamble\r\n--Bogus\r\n\r\n"
                + part("a", "1")
                + part("b", "")
                + part("c", "\r\n--\r\n--B\r\r\n-\r\n--A\r\n--BB\r\n--B x")
                + "--B  \t\r\n\r\nno headers\r\n"
                + "--B\r\nX-Folded: one\r\n  two\r\nContent-Disposition: form-data;\r\n\tname=d\r\n\r\n"
                + "--B--\r\nepilogue\r\n--B\r\n";
        for (int size = 1; size <= body.length(); size++) {
            assertThat(all(reader(body, size)))
                    .as("in pieces of " + size)
                    .containsExactly(
                            "a=1", "b=", "c=\r\n--\r\n--B\r\r\n-\r\n--A\r\n--BB\r\n--B x", "null=no headers", "d=");
        }
    }

    @Test
    void whatLooksLikeABoundaryIsContent() throws Exception {
        var random = new Random(7);
        String[] letters = {"\r", "\n", "\r\n", "-", "--", "B", "\r\n--B", " ", "x"};
        Pattern delimiter = Pattern.compile("\r\n--B(--|[ \t]*\r\n)");
        for (int round = 0; round < 5000; round++) {
            var body = new StringBuilder();
            var expected = new ArrayList<String>();
            for (int i = 0; i < 3; i++) {
                var content = new StringBuilder();
                for (int left = random.nextInt(12); left > 0; left--) {
                    content.append(letters[random.nextInt(letters.length)]);
                }
                if (!delimiter.matcher("\r\n" + content + "\r\n").find()) {
                    body.append(part("p", content.toString()));
                    expected.add("p=" + content);
                }
            }
            assertThat(all(reader(body + "--B--", 1 + random.nextInt(20)))).isEqualTo(expected);
        }
    }

    @Test
    void aCancelWhileAPartIsAwaitedLosesNothing() throws Exception {
        run(() -> {
            var more = new AsyncEvent();
            MultipartReader.Source rest = source((part("a", "123") + part("b", "4") + "--B--").getBytes(), 7);
            int[] asked = new int[1];
            MultipartReader reader = new MultipartReader(TYPE, () -> {
                if (++asked[0] % 2 == 0) {
                    more.await();
                }
                return rest.next();
            });
            for (int i = 0; i < 30; i++) {
                var task = createTask(() -> reader.next());
                sleep(Duration.ZERO);
                task.cancel();
                try {
                    MultipartReader.Part part = task.await();
                    assertThat(part).isNotNull();
                    assertThat(part.name()).isEqualTo("a");
                    break;
                } catch (TaskCancelledException expected) {
                    assertThat(task.cancelled()).isTrue();
                }
            }
            more.set();
            assertThat(all(reader)).containsExactly("b=4");
        });
    }

    @Test
    void aLongPartIsNotHeldInMemory() throws Exception {
        String content = "0123456789\r\n--".repeat(100_000);
        MultipartReader reader = reader(part("a", content) + "--B--", 100_000);
        MultipartReader.Part part = reader.next();
        long length = 0;
        for (ByteBuffer piece; (piece = part.next()) != null; ) {
            assertThat(piece.remaining()).isBetween(1, 16 * 1024);
            length += piece.remaining();
        }
        assertThat(length).isEqualTo(content.length());
        assertThat(reader.next()).isNull();
        assertThat(reader.next()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "--", "preamble", "--B", "--B-", "--B\r\n", "--B\r\n\r\na", "--B\r\n\r\na\r\n--B\r\nX"})
    void aMissingEndIsAFailure(String body) throws Exception {
        for (int size = 1; size <= 20; size++) {
            MultipartReader reader = reader(body, size);
            assertThatThrownBy(() -> all(reader)).isInstanceOf(MalformedMessageException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"no colon", "a b: c", ": x", "a: b\rc", "a: b\nc"})
    void malformedHeadersAreAFailure(String header) {
        assertThatThrownBy(() -> all("--B\r\n" + header + "\r\n\r\nx\r\n--B--"))
                .isInstanceOf(MalformedMessageException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/plain; boundary=B",
                "multipart/form-data",
                "multipart/form-data; boundary=",
                "multipart/mixed; boundary=1234567890123456789012345678901234567890123456789012345678901234567890x",
                ""
            })
    void whatIsNotMultipartIsRefused(String contentType) {
        assertThatThrownBy(() -> new MultipartReader(contentType, () -> null))
                .isInstanceOf(MalformedMessageException.class);
    }

    @Test
    void aBoundaryMayStandInQuotes() throws Exception {
        String body = "--a:b c\r\n\r\nx\r\n--a:b c--";
        assertThat(all(new MultipartReader(
                        "Multipart/Mixed; charset=x; BOUNDARY=\"a:b c\"; x", source(body.getBytes(), 5))))
                .containsExactly("null=x");
    }

    @Test
    void aPartLeftUnreadIsSkippedAndOver() throws Exception {
        MultipartReader reader = reader(part("a", "x".repeat(50_000)) + part("b", "2") + "--B--", 1000);
        MultipartReader.Part first = reader.next();
        first.next();
        assertThat(reader.next().text(10)).isEqualTo("2");
        assertThatThrownBy(first::next).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void partsInsidePartsAreReadInTheSameWay() throws Exception {
        String inner = "--BB\r\n\r\n1\r\n--BB\r\n\r\n2\r\n--BB--\r\n";
        String body =
                "--B\r\nContent-Type: multipart/mixed; boundary=BB\r\n\r\n" + inner + "\r\n" + part("b", "3") + "--B--";
        for (int size = 1; size <= body.length(); size++) {
            MultipartReader outer = reader(body, size);
            MultipartReader.Part part = outer.next();
            assertThat(all(new MultipartReader(part.headers().get("Content-Type"), part)))
                    .containsExactly("null=1", "null=2");
            assertThat(all(outer)).containsExactly("b=3");
        }
    }

    @Test
    void whatAPeerCanMakeGrowIsBounded() throws Exception {
        String body = part("a", "12345") + part("b", "") + part("c", "") + "--B--";
        byte[] bytes = body.getBytes();
        assertThatThrownBy(() -> all(new MultipartReader(TYPE, source(bytes, 9), 2, 100)))
                .isInstanceOf(TooLargeException.class)
                .hasMessageContaining("2 parts");
        assertThatThrownBy(() -> all(new MultipartReader(TYPE, source(bytes, 9), 3, 30)))
                .isInstanceOf(TooLargeException.class)
                .hasMessageContaining("30 bytes");
        assertThat(all(new MultipartReader(TYPE, source(bytes, 9), 3, 100))).hasSize(3);
        String endless = "--B\r\nX: " + "y".repeat(100_000);
        assertThatThrownBy(() -> all(endless)).isInstanceOf(TooLargeException.class);
        MultipartReader.Part part = reader(body, 3).next();
        assertThatThrownBy(() -> part.read(4)).isInstanceOf(TooLargeException.class);
        assertThat(reader(body, 3).next().read(5)).hasSize(5);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "form-data; name=\"n\"; filename=\"a\\\"b;\\\\c.txt\"|a\"b;\\c.txt",
                "form-data; name=n; filename=plain.txt|plain.txt",
                "form-data; name=n; filename=\"C:\\dir\\a.txt\"|C:\\dir\\a.txt",
                "form-data; name=n; filename=\"%22q%22.txt\"|\"q\".txt",
                "form-data; name=n; filename=\"ä.txt\"|ä.txt",
                "form-data; name=n; filename=\"x\"; filename*=UTF-8''%e2%82%ac.txt|€.txt",
                "form-data; name=n; filename=\"\"|",
                "form-data; name=n; filename=\"../../etc/passwd\"|../../etc/passwd",
                "form-data; NAME=n ; FileName = a b.txt ;|a b.txt",
            })
    void readsFileNamesHoweverTheyAreQuoted(String disposition) throws Exception {
        String[] said = disposition.split("\\|", -1);
        MultipartReader.Part part = reader("--B\r\nContent-Disposition: " + said[0] + "\r\n\r\n\r\n--B--", 7)
                .next();
        assertThat(part.name()).isEqualTo("n");
        assertThat(part.fileName()).isEqualTo(said[1]);
    }

    @Test
    void aPartIsSavedAsAFileOrNotAtAll(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("a");
        String body = part("a", "x".repeat(40_000)) + "--B--";
        run(() -> {
            assertThatThrownBy(() -> reader(body, 999).next().saveTo(file, 39_999))
                    .isInstanceOf(TooLargeException.class);
            assertThat(file).doesNotExist();
            assertThat(reader(body, 999).next().saveTo(file, 40_000)).isEqualTo(40_000);
            assertThat(file).hasSize(40_000);
            assertThatThrownBy(() -> reader(body, 999).next().saveTo(file, 40_000))
                    .isInstanceOf(FileAlreadyExistsException.class);
            assertThat(file).hasSize(40_000);
        });
    }

    @Test
    void aFormWithoutFilesIsReadAsAWhole() throws Exception {
        String body = part("a", "1") + part("b", "ä") + part("a", "3") + "--B--";
        assertThat(Form.read(reader(body, 3), 4)).isEqualTo(Form.of("a", "1", "b", "ä", "a", "3"));
        assertThatThrownBy(() -> Form.read(reader(body, 3), 3)).isInstanceOf(TooLargeException.class);
        String file = "--B\r\nContent-Disposition: form-data; name=f; filename=x\r\n\r\n\r\n--B--";
        assertThatThrownBy(() -> Form.read(reader(file, 3), 3)).isInstanceOf(TooLargeException.class);
        assertThatThrownBy(() -> Form.read(reader("--B\r\n\r\nx\r\n--B--", 3), 3))
                .isInstanceOf(MalformedMessageException.class);
        assertThatThrownBy(() -> Form.read(reader(part("a", "").repeat(1001) + "--B--", 8192), 3))
                .isInstanceOf(TooLargeException.class);
    }

    // ----------------------------------------------------------------------------------------------------- writing

    @Test
    void isWrittenAsBrowsersDo(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("ä\"\r\n.txt"), "content");
        run(() -> {
            Multipart body = Multipart.form()
                    .field("text", "ä")
                    .field("json", Body.json(List.of(1)))
                    .file("file", file)
                    .file("f\r\nX: y", "plain", Body.of(new byte[0]))
                    .part(Headers.of("X-Own", "z"), Body.text("t"))
                    .build();
            String boundary = body.contentType().substring("multipart/form-data; boundary=".length());
            byte[] bytes = written(body);
            assertThat(new String(bytes, StandardCharsets.UTF_8).replace(boundary, "B"))
                    .isEqualTo("""
                            --B
                            Content-Disposition: form-data; name="text"

                            ä
                            --B
                            Content-Disposition: form-data; name="json"
                            Content-Type: application/json

                            [1]
                            --B
                            Content-Disposition: form-data; name="file"; filename="ä%22%0D%0A.txt"
                            Content-Type: text/plain

                            content
                            --B
                            Content-Disposition: form-data; name="f%0D%0AX: y"; filename="plain"
                            Content-Type: application/octet-stream


                            --B
                            X-Own: z
                            Content-Type: text/plain; charset=utf-8

                            t
                            --B--
                            """.replace("\n", "\r\n"));
            assertThat(body.length()).isEqualTo(bytes.length);
            assertThat(body.repeatable()).isTrue();
            assertThat(written(body)).isEqualTo(bytes);
            MultipartReader reader = new MultipartReader(body.contentType(), source(bytes, 13));
            assertThat(all(reader)).containsExactly("text=ä", "json=[1]", "file=content", "f%0D%0AX: y=", "null=t");
        });
    }

    @Test
    void isAsLongAndAsRepeatableAsItsParts() throws Exception {
        Multipart body = Multipart.form()
                .file("a", "a.csv", Body.stream("text/csv", out -> out.write("x")))
                .build();
        assertThat(body.length()).isEqualTo(-1);
        assertThat(body.repeatable()).isFalse();
        assertThat(all(new MultipartReader(body.contentType(), source(written(body), 5))))
                .containsExactly("a=x");
    }

    @Test
    void ofNoPartsItIsAnEnd() throws Exception {
        Multipart body = Multipart.of("mixed").build();
        assertThat(body.contentType()).startsWith("multipart/mixed; boundary=");
        assertThat(all(new MultipartReader(body.contentType(), source(written(body), 5))))
                .isEmpty();
        assertThatThrownBy(() -> Multipart.of("mixed; x")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theTypeOfAPartCannotSmuggleInAHeader() {
        Body odd = Body.of("text/plain\r\nX: y", new byte[0]);
        assertThatThrownBy(() -> Multipart.form().field("a", odd)).isInstanceOf(IllegalArgumentException.class);
    }
}
