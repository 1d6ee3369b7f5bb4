package dev.rondo.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A program: replays the tapes that it reads, and writes how each run failed and all that happened in it. */
final class ReplayTapes {

    private ReplayTapes() {}

    public static void main(String[] arguments) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = in.readLine()) != null; ) {
            describe(line).forEach(System.out::println);
        }
    }

    /**
     * Returns what happens by one tape, line by line.
     *
     * @param line the program, whether items may be overtaken across turns, and the tape
     */
    static List<String> describe(String line) {
        String[] parts = line.split(" ", 3);
        Tape tape = Tape.parse(parts[2]);
        RunResult result = SimulatedRun.run(
                Broken.valueOf(parts[0]),
                new TapeChoices(tape, Boolean.parseBoolean(parts[1])),
                SimOptions.DEFAULT,
                true);
        List<String> lines = new ArrayList<>();
        lines.add(line);
        String.valueOf(result.failure()).lines().forEach(lines::add);
        if (result.log() != null) {
            result.log().lines().forEach(event -> event.lines().forEach(lines::add));
        }
        return lines;
    }
}
