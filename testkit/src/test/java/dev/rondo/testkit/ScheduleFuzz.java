package dev.rondo.testkit;

import com.code_intelligence.jazzer.junit.FuzzTest;

/**
 * Schedules that a fuzzer makes: its bytes are a tape. As they stand, Jazzer runs the stored inputs again; with
 * {@code JAZZER_FUZZ=1} in the environment it makes new ones, and coverage tells it which are worth changing. Run by
 * {@link ScheduleFuzzTest}, in a JVM of its own, since Jazzer changes the classes of the one it is in.
 */
class ScheduleFuzz {

    // @start region="jazzer"
    @FuzzTest(maxDuration = "20s")
    void noScheduleBreaksWhatIsRight(byte[] bytes) {
        Tape tape = Tape.ofBytes(bytes);
        Explorer.replay(tape).check(Bugs::readInTime);
        Explorer.replay(tape).check(Bugs::heldOpen);
    }
    // @end

    /** Must fail: by the input that is stored. */
    @FuzzTest
    void overtakingBreaksIt(byte[] bytes) {
        Explorer.replay(Tape.ofBytes(bytes)).check(Bugs::readTooEarly);
    }

    /** Must fail when it is fuzzed; has no input to begin with. */
    @FuzzTest(maxDuration = "20s")
    void aLostUpdateCanBeFound(byte[] bytes) {
        Explorer.replay(Tape.ofBytes(bytes)).check(Bugs::lostUpdate);
    }
}
