package dev.rondo;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a user types, and what the JVM says to it. */
class PlainCommandLineTest {

    private static final String OPENS = "--add-opens=java.base/java.lang=ALL-UNNAMED";

    static final class Hello {
        static void main() {
            Asyncio.run(() -> {
                System.out.println("hello");
                Asyncio.sleep(Duration.ofMillis(1));
                System.out.println("world");
            });
        }
    }

    @Test
    void noFlagIsNeededAndNothingIsComplainedOf() throws Exception {
        ChildJvm.Result result = ChildJvm.run(Hello.class);
        assertThat(result.out()).containsExactly("hello", "world");
        assertThat(result.complaints()).isEmpty();
        assertThat(result.exitCode()).isZero();
    }

    @Test
    void withoutReflectionTheErrorSaysWhatToAdd() throws Exception {
        ChildJvm.Result result = ChildJvm.run(Hello.class, "-Drondo.reflection=false");
        assertThat(result.out()).isEmpty();
        assertThat(result.exitCode()).isNotZero();
        assertThat(String.join("\n", result.err()))
                .contains("IllegalStateException")
                .contains("--add-opens java.base/java.lang=ALL-UNNAMED")
                .contains("Add-Opens: java.base/java.lang")
                .contains("<argLine>--add-opens java.base/java.lang=ALL-UNNAMED</argLine>")
                .contains("-Drondo.reflection=false");
    }

    @Test
    void withTheFlagReflectionIsNotNeeded() throws Exception {
        ChildJvm.Result result = ChildJvm.run(Hello.class, OPENS, "-Drondo.reflection=false");
        assertThat(result.out()).containsExactly("hello", "world");
        assertThat(result.complaints()).isEmpty();
        assertThat(result.exitCode()).isZero();
    }

    static final class LosesAFailure {
        static void main() {
            Asyncio.run(() -> {
                Asyncio.createTask(() -> {
                    throw new IllegalStateException("nobody awaits this");
                });
                Asyncio.yieldNow();
                Asyncio.yieldNow();
            });
        }
    }

    @Test
    void withoutALogAFailureThatNobodyTakesIsPrinted() throws Exception {
        ChildJvm.Result result = ChildJvm.run(LosesAFailure.class);
        assertThat(String.join("\n", result.err()))
                .contains("Task exception was never retrieved")
                .contains("java.lang.IllegalStateException: nobody awaits this");
    }
}
