package dev.rondo.testkit;

import java.util.Arrays;
import java.util.List;

/**
 * The choices of one run, in their order: whoever reads it again gets the same run. Immutable.
 *
 * <p>Zeros at the end are cut off, since whoever reads past the end gets zeros, which are the plain thing. As text:
 * numbers between commas, and {@code 0x7} for seven zeros in a row. The plain schedule is the empty text.
 */
public final class Tape {

    private static final Tape PLAIN = new Tape(new int[0]);
    private static final int LONGEST = 100_000_000; // far beyond any run; more is a slip of the pen, and no memory

    private final int[] choices;

    private Tape(int[] choices) {
        this.choices = choices;
    }

    /** Returns the tape of the plain schedule: first in, first out, no fault. */
    public static Tape plain() {
        return PLAIN;
    }

    /**
     * Returns a tape of these choices.
     *
     * @throws IllegalArgumentException if one is negative
     */
    public static Tape of(int... choices) {
        int length = choices.length;
        while (length > 0 && choices[length - 1] == 0) {
            length--;
        }
        for (int choice : choices) {
            if (choice < 0) {
                throw new IllegalArgumentException("a choice of " + choice + ": they count from 0");
            }
        }
        return length == 0 ? PLAIN : new Tape(Arrays.copyOf(choices, length));
    }

    /** Returns a tape of these choices. */
    public static Tape of(List<Integer> choices) {
        return of(choices.stream().mapToInt(Integer::intValue).toArray());
    }

    /** Returns a tape whose choices are the bytes, each from 0 to 255: what a fuzzer makes becomes a schedule. */
    public static Tape ofBytes(byte[] bytes) {
        int[] choices = new int[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            choices[i] = bytes[i] & 0xff;
        }
        return of(choices);
    }

    /**
     * Returns the tape that {@link #toString} has written.
     *
     * @throws IllegalArgumentException if the text is none
     */
    public static Tape parse(String text) {
        if (text.isBlank()) {
            return PLAIN;
        }
        int[] choices = new int[16];
        int length = 0;
        for (String spaced : text.split(",", -1)) {
            String entry = spaced.strip();
            boolean zeros = entry.startsWith("0x");
            int number = number(zeros ? entry.substring(2) : entry, text);
            int more = zeros ? number : 1;
            if (more > LONGEST - length) {
                throw new IllegalArgumentException(
                        "a tape of more than " + LONGEST + " choices, at \"" + entry + "\": was it copied whole?");
            }
            if (length + more > choices.length) {
                choices = Arrays.copyOf(choices, Math.max(length + more, 2 * length));
            }
            if (!zeros) {
                choices[length] = number;
            }
            length += more;
        }
        return of(Arrays.copyOf(choices, length));
    }

    private static int number(String digits, String text) {
        try {
            int number = Integer.parseInt(digits);
            if (number >= 0 && Character.isDigit(digits.charAt(0))) {
                return number;
            }
        } catch (NumberFormatException e) {
            // as below
        }
        throw new IllegalArgumentException(
                "not a tape: \"" + shortened(text) + "\" (at \"" + digits + "\"). A tape looks like 1,0x12,3");
    }

    private static String shortened(String text) {
        return text.length() <= 200 ? text : text.substring(0, 200) + "…";
    }

    /** Returns how many choices there are, without the zeros at the end. */
    public int length() {
        return choices.length;
    }

    /** Returns how many choices are not the plain thing. */
    public int deviations() {
        return (int) Arrays.stream(choices).filter(choice -> choice != 0).count();
    }

    /** Returns the choice at an index; zero past the end. */
    public int at(int index) {
        return index < choices.length ? choices[index] : 0;
    }

    /** Returns the tape of the first {@code length} choices. */
    Tape head(int length) {
        return length >= choices.length ? this : of(Arrays.copyOf(choices, length));
    }

    /** Returns the choices, as a copy. */
    public int[] toArray() {
        return choices.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Tape tape && Arrays.equals(choices, tape.choices);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(choices);
    }

    /** Returns the tape as text, for {@link #parse}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < choices.length; ) {
            int end = i;
            while (end < choices.length && choices[end] == 0) {
                end++;
            }
            text.append(text.isEmpty() ? "" : ",");
            if (end - i > 1) {
                text.append("0x").append(end - i);
                i = end;
            } else {
                text.append(choices[i]);
                i++;
            }
        }
        return text.toString();
    }
}
