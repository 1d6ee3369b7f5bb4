package dev.rondo.scrape;

import dev.rondo.scrape.crawl.CrawlStatus;
import dev.rondo.scrape.text.Human;

/** What is seen of a crawl while it runs: a line for a log; for a terminal a table of hosts above it. */
final class CrawlDisplay {

    private static final int HOSTS = 8;

    private CrawlDisplay() {}

    /** Returns a line that says how far it is. */
    static String line(CrawlStatus status) {
        return Human.count(status.pages(), "URL") + " done, " + Human.number(status.failed()) + " failed, "
                + Human.number(status.waiting()) + " waiting, " + status.inFlight() + " under way, "
                + Human.number(Math.round(status.pages() / Math.max(status.seconds(), 0.001))) + " a second, "
                + Human.bytes(status.bytes());
    }

    /** Returns the line, below a table of the hosts that were asked most if there are several, so many columns wide. */
    static String render(CrawlStatus status, int columns) {
        StringBuilder text = new StringBuilder();
        if (status.hosts().size() > 1) {
            text.append(cut(row("host", "done", "failed", "waiting", "delay", columns), columns))
                    .append('\n');
            status.hosts().stream()
                    .limit(HOSTS)
                    .forEach(host -> text.append(cut(
                                    row(
                                            Human.printable(host.origin().replaceFirst("https?://", "")),
                                            Human.number(host.pages()),
                                            Human.number(host.failed()),
                                            Human.number(host.waiting()),
                                            host.delaySeconds() == 0 ? "" : Human.seconds(host.delaySeconds()),
                                            columns),
                                    columns))
                            .append('\n'));
            if (status.hosts().size() > HOSTS) {
                text.append("and ").append(status.hosts().size() - HOSTS).append(" more\n");
            }
        }
        return text.append(cut(line(status), columns)).toString();
    }

    private static String row(String host, String done, String failed, String waiting, String delay, int columns) {
        int width = Math.max(12, Math.min(40, columns - 38));
        String name = host.length() <= width ? host : host.substring(0, width - 1) + "…";
        return name
                + " ".repeat(width - name.length())
                + right(done, 9)
                + right(failed, 8)
                + right(waiting, 9)
                + right(delay, 10);
    }

    private static String right(String text, int width) {
        return " ".repeat(Math.max(1, width - text.length())) + text;
    }

    private static String cut(String line, int columns) {
        return line.substring(0, Math.min(line.length(), Math.max(1, columns)));
    }
}
