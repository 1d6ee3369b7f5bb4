package dev.rondo.scrape.output;

import dev.rondo.scrape.crawl.CrawledPage;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * A file that can be written only when all pages are known. Until then they are in a table beside it,
 * {@code FILE.part}, so that it needs no memory for them; the file itself comes into being whole.
 */
final class ReportOutput implements Output {

    /** Writes a report. */
    interface Report {
        /** Writes it from what {@link SqliteOutput} says of all pages. */
        void write(Connection pages, Writer report) throws IOException, SQLException;
    }

    /** What is done with each row of an answer. */
    interface Row {
        void handle(ResultSet row) throws IOException, SQLException;
    }

    private final Path path;
    private final Path part;
    private final Report report;
    private final SqliteOutput pages;
    private boolean complete;

    ReportOutput(Path path, long position, Report report) throws IOException {
        this.path = path;
        this.part = Path.of(path + ".part");
        this.report = report;
        if (position == 0) {
            delete();
        }
        this.pages = new SqliteOutput(part, position);
    }

    static void each(Connection pages, String query, Row row) throws SQLException, IOException {
        try (Statement statement = pages.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) {
                row.handle(rows);
            }
        }
    }

    @Override
    public void write(CrawledPage page) throws IOException {
        pages.write(page);
    }

    @Override
    public long commit(boolean toDisk) throws IOException {
        return pages.commit(toDisk);
    }

    @Override
    public void finish(boolean all) throws IOException {
        Path whole = Path.of(path + ".new");
        try (BufferedWriter writer = Files.newBufferedWriter(whole)) {
            report.write(pages.connection(), writer);
        } catch (SQLException e) {
            throw new IOException("cannot write " + path + ": " + e.getMessage(), e);
        }
        Files.move(whole, path, StandardCopyOption.REPLACE_EXISTING);
        complete = all;
    }

    @Override
    public void close() throws IOException {
        pages.close();
        if (complete) {
            delete();
        }
    }

    private void delete() throws IOException {
        for (String end : new String[] {"", "-wal", "-shm"}) {
            Files.deleteIfExists(Path.of(part + end));
        }
    }
}
