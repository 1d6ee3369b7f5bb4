package dev.rondo.scrape;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TallyTest {

    @Test
    void allArrived() {
        Tally tally = new Tally(50);
        for (int i = 0; i < 50; i++) {
            tally.add(page(0.208, null));
        }
        assertThat(tally.summary(0.43)).isEqualTo("50 pages, 1.2 MB in 0.43 s; one by one: 10.4 s");
    }

    @Test
    void someFailed() {
        Tally tally = new Tally(2);
        tally.add(page(1, null));
        tally.add(page(2, "connection refused"));
        assertThat(tally.summary(2)).isEqualTo("2 pages (1 failed), 48.0 kB in 2.00 s; one by one: 3.00 s");
    }

    @Test
    void notAllWereDone() {
        Tally tally = new Tally(50);
        tally.add(page(1, null));
        assertThat(tally.summary(1.5)).isEqualTo("interrupted: 1 of 50 pages, 24.0 kB in 1.50 s");
    }

    @Test
    void onePage() {
        Tally tally = new Tally(1);
        tally.add(page(1, null));
        assertThat(tally.summary(1)).startsWith("1 page, ");
    }

    private static Page page(double seconds, String error) {
        return new Page("u", "u", 200, 24_000, 24_000, seconds, error);
    }
}
