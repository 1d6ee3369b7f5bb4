package dev.rondo;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The signals that whoever started the tests had ignored: under {@code nohup}, in the background of a script. */
public final class IgnoredSignals {

    private IgnoredSignals() {}

    /** Skips the test if a child of ours would not hear of the signal. */
    public static void assumeHeard(Signal... signals) throws IOException {
        String mask = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("SigIgn:"))
                .map(line -> line.substring("SigIgn:".length()).strip())
                .findFirst()
                .orElseThrow();
        for (Signal signal : signals) {
            boolean ignored = (Long.parseUnsignedLong(mask, 16) >> (signal.number() - 1) & 1) != 0;
            assumeTrue(!ignored, signal + " is not ignored by whoever started us");
        }
    }
}
