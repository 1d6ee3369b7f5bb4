package dev.rondo.scrape.text;

import java.math.BigDecimal;
import java.time.Duration;

/** Numbers as people read them, the same in every locale. */
public final class Human {

    private static final String[] UNITS = {"kB", "MB", "GB", "TB", "PB", "EB"};

    private Human() {}

    /**
     * Returns the text with a question mark for each control character: none gets through that moves a terminal's
     * cursor.
     */
    public static String printable(String text) {
        return text.chars().noneMatch(Character::isISOControl)
                ? text
                : text.codePoints()
                        .map(c -> Character.isISOControl(c) ? '?' : c)
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        .toString();
    }

    /** Returns {@code "1,234"} for 1234. */
    public static String number(long value) {
        StringBuilder text = new StringBuilder(Long.toString(value));
        int first = value < 0 ? 1 : 0;
        for (int i = text.length() - 3; i > first; i -= 3) {
            text.insert(i, ',');
        }
        return text.toString();
    }

    /** Returns {@code "1 page"}, {@code "2 pages"}. */
    public static String count(long number, String what) {
        return number(number) + " " + what + (number == 1 ? "" : "s");
    }

    /** Returns {@code "999 B"}, {@code "1.2 kB"}, {@code "123 MB"}: a thousand to the next unit. */
    public static String bytes(long bytes) {
        if (bytes < 1000) {
            return bytes + " B";
        }
        double value = bytes / 1000.0;
        int unit = 0;
        while (value >= 999.5) {
            value /= 1000;
            unit++;
        }
        return decimals(value, value < 99.95 ? 1 : 0) + " " + UNITS[unit];
    }

    /** Returns {@code "0.43 s"}, {@code "10.4 s"}, {@code "2 min 5 s"}, {@code "1 h 2 min"}. */
    public static String seconds(double seconds) {
        if (seconds < 119.95) {
            return decimals(seconds, seconds < 9.995 ? 2 : 1) + " s";
        }
        long whole = Math.round(seconds);
        long minutes = whole / 60;
        return minutes < 60 ? minutes + " min " + whole % 60 + " s" : minutes / 60 + " h " + minutes % 60 + " min";
    }

    /** Returns {@code "30 s"}, {@code "0.25 s"}: all digits and no more. */
    public static String exactly(Duration duration) {
        BigDecimal seconds = BigDecimal.valueOf(duration.getSeconds()).add(BigDecimal.valueOf(duration.getNano(), 9));
        return seconds.signum() == 0 ? "0 s" : seconds.stripTrailingZeros().toPlainString() + " s";
    }

    /** Not by String.format: that takes longer to get going than a page to arrive. */
    private static String decimals(double value, int places) {
        if (places == 0) {
            return Long.toString(Math.round(value));
        }
        int scale = places == 1 ? 10 : 100;
        long scaled = Math.round(value * scale);
        String fraction = Long.toString(scaled % scale + scale).substring(1); // the digit in front keeps the zeros
        return scaled / scale + "." + fraction;
    }
}
