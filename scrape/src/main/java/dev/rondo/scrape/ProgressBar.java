package dev.rondo.scrape;

import dev.rondo.scrape.text.Human;

/** What the progress bar shows: {@code [=========> ] 12 of 50 pages, 1 failed, 1.2 MB, 3.4 s}. Plain ASCII. */
final class ProgressBar {

    private static final int LONGEST = 40;
    private static final int SHORTEST = 10; // with less room than that, only the figures

    private ProgressBar() {}

    /**
     * Returns the line.
     *
     * @param columns of the terminal; the line is shorter, for in the last column some terminals begin a new one
     */
    static String render(Tally tally, double seconds, int columns) {
        String figures = figures(tally, seconds);
        int room = Math.max(0, columns - 1);
        int length = Math.min(LONGEST, room - figures.length() - 3);
        String line = length < SHORTEST ? figures : "[" + bar(tally, length) + "] " + figures;
        return line.length() <= room ? line : line.substring(0, room);
    }

    private static String figures(Tally tally, double seconds) {
        StringBuilder text = new StringBuilder();
        text.append(Human.number(tally.done())).append(" of ").append(Human.count(tally.total(), "page"));
        if (tally.failed() > 0) {
            text.append(", ").append(Human.number(tally.failed())).append(" failed");
        }
        text.append(", ").append(Human.bytes(tally.bytes()));
        text.append(", ").append(Human.seconds(seconds));
        return text.toString();
    }

    private static String bar(Tally tally, int length) {
        int full = tally.total() == 0 ? length : (int) ((long) length * tally.done() / tally.total());
        String done = full == length || full == 0 ? "=".repeat(full) : "=".repeat(full - 1) + ">";
        return done + " ".repeat(length - full);
    }
}
