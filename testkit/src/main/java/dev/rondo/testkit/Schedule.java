package dev.rondo.testkit;

import org.jspecify.annotations.Nullable;

/**
 * One schedule of a test, as it was asked for.
 *
 * @param name for people: {@code seed 17}
 * @param seed null unless chance decides
 * @param tape what decides otherwise
 */
record Schedule(String name, @Nullable Long seed, Tape tape) {

    static final Schedule PLAIN = new Schedule("plain", null, Tape.plain());
    static final Schedule REAL = new Schedule("real", null, Tape.plain());

    static Schedule ofSeed(long seed) {
        return new Schedule("seed " + seed, seed, Tape.plain());
    }

    static Schedule ofTape(Tape tape) {
        return new Schedule("tape " + tape, null, tape);
    }
}
