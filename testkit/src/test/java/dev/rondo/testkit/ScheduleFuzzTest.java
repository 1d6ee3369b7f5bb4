package dev.rondo.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScheduleFuzzTest {

    @TempDir
    private Path directory;

    private List<String> run(Map<String, String> environment, String... methods) throws Exception {
        String[] names = Arrays.stream(methods)
                .map(method -> ScheduleFuzz.class.getName() + "#" + method + "(byte[])")
                .toArray(String[]::new);
        return ChildJvm.run(RunTests.class, directory, environment, List.of(), names);
    }

    @Test
    void storedSchedulesAreRunAgainAndFailWhatTheyBreak() throws Exception {
        assertThat(run(Map.of(), "noScheduleBreaksWhatIsRight", "overtakingBreaksIt"))
                .filteredOn(line -> !line.contains(" container "))
                .contains("SUCCESSFUL test alternating", "SUCCESSFUL test always-the-second", "SUCCESSFUL test random")
                .anyMatch(line -> line.equals("FAILED test the-reader-three-times"))
                .anyMatch(line -> line.contains("read before it was written"));
    }

    @Test
    @Tag("heavy")
    void theFuzzerFindsTheScheduleOfALostUpdate() throws Exception {
        assertThat(run(Map.of("JAZZER_FUZZ", "1"), "aLostUpdateCanBeFound"))
                .anyMatch(line -> line.startsWith("FAILED test"))
                .anyMatch(line -> line.contains("one update is lost"));
    }
}
