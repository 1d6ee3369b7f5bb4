package dev.rondo.scrape;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProgressBarTest {

    @Test
    void atTheBeginning() {
        assertThat(ProgressBar.render(tally(50, 0, 0), 0.1, 80))
                .isEqualTo("[                                        ] 0 of 50 pages, 0 B, 0.10 s");
    }

    @Test
    void inTheMiddle() {
        assertThat(ProgressBar.render(tally(50, 24, 1), 3.4, 80))
                .isEqualTo("[================>                  ] 25 of 50 pages, 1 failed, 24.0 kB, 3.40 s");
    }

    @Test
    void atTheEnd() {
        assertThat(ProgressBar.render(tally(2, 2, 0), 1, 80))
                .isEqualTo("[========================================] 2 of 2 pages, 2.0 kB, 1.00 s");
    }

    @Test
    void isShorterThanTheTerminalWhateverItsWidth() {
        for (int columns = 1; columns < 200; columns++) {
            assertThat(ProgressBar.render(tally(5000, 1234, 7), 12.3, columns)).hasSizeLessThan(columns);
        }
    }

    @Test
    void onANarrowTerminalOnlyTheFiguresAreLeft() {
        assertThat(ProgressBar.render(tally(50, 1, 0), 1, 40)).isEqualTo("1 of 50 pages, 1.0 kB, 1.00 s");
        assertThat(ProgressBar.render(tally(50, 1, 0), 1, 10)).isEqualTo("1 of 50 p");
    }

    private static Tally tally(int total, int ok, int failed) {
        Tally tally = new Tally(total);
        for (int i = 0; i < ok; i++) {
            tally.add(new Page("u", "u", 200, 1000, 1000, 0.5, null));
        }
        for (int i = 0; i < failed; i++) {
            tally.add(new Page("u", null, 0, 0, 0, 0.5, "connection refused"));
        }
        return tally;
    }
}
