package dev.rondo.testkit;

import java.util.Arrays;

/** The choices of a run as it makes them, with how many there were to choose from each time. */
public final class Recording {

    private int[] choices = new int[32];
    private int[] widths = new int[32];
    private int size;

    Recording() {}

    void add(int choice, int width) {
        if (size == choices.length) {
            choices = Arrays.copyOf(choices, 2 * size);
            widths = Arrays.copyOf(widths, 2 * size);
        }
        choices[size] = choice;
        widths[size] = width;
        size++;
    }

    /** Returns how many choices were made. */
    public int size() {
        return size;
    }

    /** Returns what was chosen, from 0. */
    public int choice(int index) {
        return choices[checked(index)];
    }

    /** Returns how many possibilities there were. */
    public int width(int index) {
        return widths[checked(index)];
    }

    private int checked(int index) {
        if (index < 0 || index >= size) {
            throw new IndexOutOfBoundsException("choice " + index + " of " + size);
        }
        return index;
    }

    /** Returns the tape that makes the same run again. */
    public Tape tape() {
        return Tape.of(Arrays.copyOf(choices, size));
    }

    @Override
    public String toString() {
        return "Recording[" + tape() + "]";
    }
}
