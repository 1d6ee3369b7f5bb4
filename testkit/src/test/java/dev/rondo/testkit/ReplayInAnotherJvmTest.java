package dev.rondo.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;

/** A tape that is printed is all it takes: also tomorrow, and on another machine. */
@Timeout(value = 180, threadMode = ThreadMode.SEPARATE_THREAD)
class ReplayInAnotherJvmTest {

    private static final Set<Broken> PROGRAMS = EnumSet.complementOf(EnumSet.of(Broken.ANOTHER_IN_EACH_JVM));
    private static final int FAILURES_EACH = 10;

    private static final Pattern TAPE = Pattern.compile("\n  tape: +(.*)\n");
    private static final Pattern SHRUNK = Pattern.compile("\n  shrunk to: (.*)\n");
    private static final String EMPTY = "(empty: the plain schedule)";

    @TempDir
    private Path directory;

    @Test
    void aHundredFailuresAreTheSameByTheirPrintedTapes() throws Exception {
        List<String> tapes = new ArrayList<>();
        List<String> here = new ArrayList<>();
        for (Broken program : PROGRAMS) {
            for (int i = 0; i < FAILURES_EACH; i++) {
                ScheduleFailure failure = ExplorerTest.failureOf(search(program, i), program);
                boolean acrossTurns = !String.valueOf(failure.getMessage()).contains(".insideTurns()");
                String how = program.name() + " " + acrossTurns + " ";
                tapes.add(how + printed(TAPE, failure));
                tapes.add(how + printed(SHRUNK, failure));
                List<String> happened = ReplayTapes.describe(how + printed(TAPE, failure));
                assertThat(String.join("\n", happened))
                        .as("what was found")
                        .contains(failure.getCause().toString());
                here.addAll(happened);
                here.addAll(ReplayTapes.describe(how + printed(SHRUNK, failure)));
            }
        }
        assertThat(tapes).hasSize(200);

        assertThat(DeterminismCheck.difference(here, inAnotherJvm(tapes))).isNull();
    }

    @Test
    void whatDependsOnTheJvmIsAnotherFailureThere() throws Exception {
        String line = Broken.ANOTHER_IN_EACH_JVM.name() + " true ";

        assertThat(DeterminismCheck.difference(ReplayTapes.describe(line), inAnotherJvm(List.of(line))))
                .startsWith("event 2 differs")
                .contains("process ");
    }

    private List<String> inAnotherJvm(List<String> tapes) throws Exception {
        List<String> lines = new ChildJvm(ReplayTapes.class, directory)
                .option("-XX:TieredStopAtLevel=1")
                .input(tapes)
                .run();
        lines.removeIf(line -> line.startsWith("SLF4J"));
        return lines;
    }

    private static Explorer search(Broken program, int number) {
        long seed = 1 + 100_000L * number;
        if (program == Broken.DEPTH_THREE) {
            return Explorer.pct(3, 20_000, seed);
        }
        boolean shuffled = number % 2 == 1 && program == Broken.TIE_OF_TIMERS;
        return shuffled ? Explorer.shuffle(20_000, seed) : Explorer.random(20_000, seed);
    }

    private static String printed(Pattern pattern, ScheduleFailure failure) {
        Matcher matcher = pattern.matcher(String.valueOf(failure.getMessage()));
        assertThat(matcher.find()).as("%s in %s", pattern, failure).isTrue();
        return matcher.group(1).replace(EMPTY, "");
    }
}
