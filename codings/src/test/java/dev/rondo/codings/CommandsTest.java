package dev.rondo.codings;

import static dev.rondo.codings.Coded.TEXT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What these commands make is understood, and the other way round. */
@Tag("heavy")
class CommandsTest {

    @ParameterizedTest
    @CsvSource({
        "gzip,gzip -c",
        "gzip,gzip -9c",
        "br,brotli -c",
        "br,brotli -q 11 -c",
        "zstd,zstd -c",
        "zstd,zstd -19 -c"
    })
    void whatACommandEncodesIsDecoded(String coding, String command) throws Exception {
        assertThat(Coded.decode(coding, run(command, TEXT))).isEqualTo(TEXT);
        assertThat(Coded.decode(coding, run(command, new byte[3_000_000]))).isEqualTo(new byte[3_000_000]);
    }

    @ParameterizedTest
    @CsvSource({"gzip,gzip -dc", "br,brotli -dc", "zstd,zstd -dc"})
    void whatIsEncodedACommandDecodes(String coding, String command) throws Exception {
        assertThat(run(command, Coded.encode(coding, TEXT))).isEqualTo(TEXT);
        assertThat(run(command, Coded.encode(coding, new byte[0]))).isEmpty();
    }

    private static byte[] run(String command, byte[] input) throws Exception {
        Process process;
        try {
            process = new ProcessBuilder(List.of(command.split(" "))).start();
        } catch (IOException missing) {
            assumeTrue(false, command + " is not here");
            throw missing;
        }
        var failure = new AtomicReference<IOException>();
        Thread writer = Thread.startVirtualThread(() -> {
            try (OutputStream in = process.getOutputStream()) {
                in.write(input);
            } catch (IOException e) {
                failure.set(e);
            }
        });
        byte[] output = process.getInputStream().readAllBytes();
        writer.join();
        assertThat(process.waitFor())
                .as(new String(process.getErrorStream().readAllBytes()))
                .isZero();
        assertThat(failure.get()).isNull();
        return output;
    }
}
