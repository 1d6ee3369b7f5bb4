package dev.rondo.scrape;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.scrape.crawl.CrawlStatus;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CrawlDisplayTest {

    private static CrawlStatus status(int hosts) {
        List<CrawlStatus.Host> all = new ArrayList<>();
        for (int i = 0; i < hosts; i++) {
            all.add(new CrawlStatus.Host("https://host" + i + ".example.org", 1000 - i, i, 20, 1, 0.25, 0.1));
        }
        return new CrawlStatus(12_345, 6, 7, 8_900_000, 543, 16, 10, all, List.of());
    }

    @Test
    void aLineSaysHowFarItIs() {
        assertThat(CrawlDisplay.line(status(1)))
                .isEqualTo("12,345 URLs done, 6 failed, 543 waiting, 16 under way, 1,235 a second, 8.9 MB");
        assertThat(CrawlDisplay.render(status(1), 100)).isEqualTo(CrawlDisplay.line(status(1)));
    }

    @Test
    void severalHostsHaveATable() {
        assertThat(CrawlDisplay.render(status(10), 79)).isEqualTo("""
                host                                         done  failed  waiting     delay
                host0.example.org                           1,000       0       20    0.25 s
                host1.example.org                             999       1       20    0.25 s
                host2.example.org                             998       2       20    0.25 s
                host3.example.org                             997       3       20    0.25 s
                host4.example.org                             996       4       20    0.25 s
                host5.example.org                             995       5       20    0.25 s
                host6.example.org                             994       6       20    0.25 s
                host7.example.org                             993       7       20    0.25 s
                and 2 more
                12,345 URLs done, 6 failed, 543 waiting, 16 under way, 1,235 a second, 8.9 MB""");
        assertThat(CrawlDisplay.render(status(10), 30).lines()).allMatch(line -> line.length() <= 30);
    }

    /** The table is drawn over itself, and what is printed meanwhile stands above it. */
    @Test
    void theTableStaysBelowWhatIsPrinted() {
        Screen screen = new Screen();
        Console console = new Console(
                new Streams(new ByteArrayInputStream(new byte[0]), screen.stream(), screen.stream(), UTF_8, true));
        console.bar("a\nb\nc");
        console.flush();
        console.bar("A\nB\nC");
        console.flush();
        console.err("printed");
        console.flush();
        console.bar("1\n2");
        console.flush();
        assertThat(screen.written())
                .isEqualTo("\r\033[?7la\033[K\nb\033[K\nc\033[K\033[?7h"
                        + "\033[2A\r\033[?7lA\033[K\nB\033[K\nC\033[K\033[?7h"
                        + "\033[2A\r\033[Jprinted\n\r\033[?7lA\033[K\nB\033[K\nC\033[K\033[?7h"
                        + "\033[2A\r\033[J\r\033[?7l1\033[K\n2\033[K\033[?7h");
    }
}
