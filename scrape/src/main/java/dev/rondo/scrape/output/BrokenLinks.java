package dev.rondo.scrape.output;

import java.io.IOException;
import java.io.Writer;
import java.sql.Connection;
import java.sql.SQLException;

/** The addresses that failed, each with the pages that link to it: for people. */
final class BrokenLinks {

    private static final int MOST_PAGES = 100; // of those that link to one address

    private static final String BROKEN =
            "SELECT address.id, url, error FROM page JOIN address ON page.address = address.id"
                    + " WHERE error IS NOT NULL ORDER BY url";

    private BrokenLinks() {}

    static void write(Connection pages, Writer out) throws IOException, SQLException {
        int[] count = new int[1];
        ReportOutput.each(pages, BROKEN, row -> {
            count[0]++;
            out.write(row.getString(2) + "\n  " + row.getString(3) + "\n");
            ReportOutput.each(
                    pages,
                    "SELECT DISTINCT url FROM link JOIN address ON link.source = address.id WHERE target = "
                            + row.getLong(1) + " ORDER BY url LIMIT " + (MOST_PAGES + 1),
                    source -> out.write(
                            source.getRow() > MOST_PAGES ? "  and others\n" : "  from " + source.getString(1) + "\n"));
        });
        out.write(count[0] == 0 ? "No broken links.\n" : "");
    }
}
