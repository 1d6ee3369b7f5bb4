package dev.rondo.scrape;

import dev.rondo.scrape.text.Human;

/** What has been scraped so far, and how that reads. Loop only. */
final class Tally {

    private final int total;
    private int done;
    private int failed;
    private long bytes;
    private double secondsOneByOne;

    Tally(int total) {
        this.total = total;
    }

    void add(Page page) {
        done++;
        if (!page.ok()) {
            failed++;
        }
        bytes += page.bytes();
        secondsOneByOne += page.seconds();
    }

    int total() {
        return total;
    }

    int done() {
        return done;
    }

    int failed() {
        return failed;
    }

    long bytes() {
        return bytes;
    }

    /**
     * Returns the last line: {@code 50 pages, 1.2 MB in 0.43 s; one by one: 10.4 s}. "One by one" is the sum of the
     * pages' own times.
     *
     * @param seconds how long all of it took
     */
    String summary(double seconds) {
        StringBuilder text = new StringBuilder();
        if (done < total) {
            text.append("interrupted: ").append(Human.number(done)).append(" of ");
        }
        text.append(Human.count(total, "page"));
        if (failed > 0) {
            text.append(" (").append(Human.number(failed)).append(" failed)");
        }
        text.append(", ").append(Human.bytes(bytes));
        text.append(" in ").append(Human.seconds(seconds));
        if (done == total) {
            text.append("; one by one: ").append(Human.seconds(secondsOneByOne));
        }
        return text.toString();
    }
}
