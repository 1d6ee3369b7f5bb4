package dev.rondo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** StructuredTaskScope is a preview, and another one in each release: this is the one of Java 25. */
class StructuredConcurrencyTest {

    @Test
    void aScopeForksOntoTheLoop() throws Exception {
        assumeTrue(Runtime.version().feature() == 25, "the program is written for the preview of Java 25");
        Path source = Path.of(StructuredConcurrencyTest.class
                .getResource("StructuredConcurrency.java")
                .toURI());
        ChildJvm.Result result = ChildJvm.run(source, "--enable-preview", "--source", "25");
        assertThat(result.out())
                .containsExactly(
                        "100 forks, on another thread: 0",
                        "the other is interrupted",
                        "joined: the failure",
                        "timed out after 0.01 s",
                        "the loop goes on");
        assertThat(result.exitCode()).isZero();
    }
}
