package dev.rondo.codings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.Asyncio;
import dev.rondo.http.client.ClientSession;
import dev.rondo.http.encoding.Codings;
import dev.rondo.http.encoding.ContentCoding;
import dev.rondo.http.encoding.ContentDecoder;
import dev.rondo.http.encoding.ContentEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Services are found and loaded once, off the loop; in a JVM of its own, since another test may have been first. */
class LoadingTest {

    @Test
    void codingsAreLoadedOnceAndOffTheLoopAndOneThatFailsIsLeftOut() throws Exception {
        Process java = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Program.class.getName())
                .redirectErrorStream(true)
                .start();
        String printed = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(java.waitFor()).as(printed).isZero();
        assertThat(printed)
                .contains("loaded 1 times, in a coroutine: false")
                .contains("accepted: gzip, deflate, br, zstd\n")
                .contains("the content coding failing cannot be loaded, and is left out")
                .contains("a ContentCoding cannot be made, and is left out");
    }

    static final class Program {
        public static void main(String[] args) {
            Asyncio.run(() -> {
                Asyncio.gather(Program::session, Program::session, Program::session);
                session();
            });
            System.out.println("loaded " + Noting.times + " times, in a coroutine: " + Noting.inCoroutine);
            System.out.print("accepted: " + Codings.acceptEncoding() + "\n");
        }

        private static boolean session() {
            new ClientSession().close();
            return true;
        }
    }

    /** Notes how it is loaded, and does not work. */
    public static class Noting implements ContentCoding {

        static volatile int times;
        static volatile boolean inCoroutine;

        @Override
        public String name() {
            return "noting";
        }

        @Override
        public boolean load() {
            times = times + 1;
            try {
                inCoroutine |= Asyncio.currentTask() != null;
            } catch (IllegalStateException noLoopHere) {
                // as it should be
            }
            return false;
        }

        @Override
        public ContentDecoder decoder() {
            throw new AssertionError("not loaded");
        }

        @Override
        public ContentEncoder encoder() {
            throw new AssertionError("not loaded");
        }
    }

    /** Is for another machine. */
    public static final class Failing extends Noting {

        @Override
        public String name() {
            return "failing";
        }

        @Override
        public boolean load() {
            throw new UnsatisfiedLinkError("no such library");
        }
    }
}
