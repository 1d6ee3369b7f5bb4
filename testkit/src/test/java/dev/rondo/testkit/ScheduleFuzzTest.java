package dev.rondo.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 180, threadMode = ThreadMode.SEPARATE_THREAD)
class ScheduleFuzzTest {

    @TempDir
    private Path directory;

    private static String method(String name) {
        return ScheduleFuzz.class.getName() + "#" + name + "(byte[])";
    }

    @Test
    void storedSchedulesAreRunAgainAndFailWhatTheyBreak() throws Exception {
        List<String> lines = new ChildJvm(RunTests.class, directory)
                .option("-XX:TieredStopAtLevel=1")
                .option("-Djazzer.hooks=false") // which look for holes in the program, and take seconds to load
                .run(method("noScheduleBreaksWhatIsRight"), method("overtakingBreaksIt"));

        assertThat(lines)
                .contains("SUCCESSFUL test alternating", "SUCCESSFUL test always-the-second", "SUCCESSFUL test random")
                .contains("FAILED test the-reader-three-times")
                .anyMatch(line -> line.contains("read before it was written"));
    }

    @Test
    @Tag("heavy")
    void theFuzzerFindsTheScheduleOfALostUpdate() throws Exception {
        List<String> lines = new ChildJvm(RunTests.class, directory)
                .environment("JAZZER_FUZZ", "1")
                .run(method("aLostUpdateCanBeFound"));

        assertThat(lines)
                .anyMatch(line -> line.startsWith("FAILED test"))
                .anyMatch(line -> line.contains("one update is lost"));
    }
}
