package dev.rondo.scrape.output;

import dev.rondo.scrape.crawl.CrawledPage;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * A database of SQLite, readable while the crawl runs.
 *
 * <pre>
 *   address  id, url                                       every address that was asked for or is linked to
 *   page     seq, address, final_url, status, … error      what became of those that were asked for, in order
 *   link     seq, source, target                           a row for each link, of the page with this seq
 *   item     seq, json                                     what was taken from the page with this seq
 * </pre>
 *
 * Its position is the seq of the last page.
 */
final class SqliteOutput implements Output {

    private static final int CACHED = 50_000;

    private static final String TABLES = """
            CREATE TABLE IF NOT EXISTS address (id INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE);
            CREATE TABLE IF NOT EXISTS page (
              seq INTEGER PRIMARY KEY, address INTEGER NOT NULL REFERENCES address, final_url TEXT, status INTEGER,
              depth INTEGER NOT NULL, referrer TEXT, content_type TEXT, bytes INTEGER NOT NULL, sha256 TEXT,
              seconds REAL NOT NULL, links INTEGER NOT NULL, external_links INTEGER NOT NULL, error TEXT);
            CREATE TABLE IF NOT EXISTS link (seq INTEGER NOT NULL, source INTEGER NOT NULL, target INTEGER NOT NULL);
            CREATE TABLE IF NOT EXISTS item (seq INTEGER NOT NULL, json TEXT NOT NULL);
            CREATE INDEX IF NOT EXISTS link_target ON link (target);
            """;

    private final Path path;
    private final Connection connection;
    private final PreparedStatement newAddress;
    private final PreparedStatement oldAddress;
    private final PreparedStatement page;
    private final PreparedStatement link;
    private final PreparedStatement item;
    private long last;

    /** Addresses met lately: most links of a site lead to the same few. */
    private final Map<String, Long> ids = new LinkedHashMap<>(1024, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
            return size() > CACHED;
        }
    };

    SqliteOutput(Path path, long position) throws IOException {
        this.path = path;
        Properties options = new Properties();
        options.setProperty("journal_mode", "WAL");
        options.setProperty("synchronous", "NORMAL");
        try {
            connection = DriverManager.getConnection("jdbc:sqlite:" + path, options);
            connection.setAutoCommit(false);
            prepare(position);
            newAddress = connection.prepareStatement("INSERT OR IGNORE INTO address (url) VALUES (?)");
            oldAddress = connection.prepareStatement("SELECT id FROM address WHERE url = ?");
            page = connection.prepareStatement("INSERT INTO page VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
            link = connection.prepareStatement("INSERT INTO link VALUES (?, ?, ?)");
            item = connection.prepareStatement("INSERT INTO item VALUES (?, ?)");
        } catch (SQLException e) {
            throw failure(e);
        }
    }

    private void prepare(long position) throws SQLException {
        last = position;
        try (Statement statement = connection.createStatement()) {
            for (String each : TABLES.split(";\\R")) {
                statement.execute(each);
            }
            for (String table : new String[] {"page", "link", "item"}) {
                statement.execute("DELETE FROM " + table + " WHERE seq > " + position);
            }
        }
        connection.commit();
    }

    Connection connection() {
        return connection;
    }

    @Override
    public void write(CrawledPage what) throws IOException {
        try {
            last++;
            long source = id(what.url());
            insertPage(PageRow.of(what), source);
            for (String target : what.links()) {
                set(link, last, source, id(target));
                link.addBatch();
            }
            link.executeBatch();
            for (Map<String, Object> each : what.items()) {
                set(item, last, Json.of(each));
                item.execute();
            }
        } catch (SQLException e) {
            throw failure(e);
        }
    }

    private void insertPage(PageRow row, long address) throws SQLException {
        @Nullable Object[] values = row.values();
        @Nullable Object[] columns = new @Nullable Object[values.length + 1];
        System.arraycopy(values, 1, columns, 2, values.length - 1);
        columns[0] = last;
        columns[1] = address;
        set(page, columns);
        page.execute();
    }

    private static void set(PreparedStatement statement, @Nullable Object... values) throws SQLException {
        for (int i = 0; i < values.length; i++) {
            statement.setObject(i + 1, values[i] instanceof BigDecimal number ? number.doubleValue() : values[i]);
        }
    }

    private long id(String url) throws SQLException {
        Long known = ids.get(url);
        if (known != null) {
            return known;
        }
        newAddress.setString(1, url);
        newAddress.execute();
        oldAddress.setString(1, url);
        try (ResultSet rows = oldAddress.executeQuery()) {
            long id = rows.getLong(1);
            ids.put(url, id);
            return id;
        }
    }

    @Override
    public long commit(boolean toDisk) throws IOException {
        try {
            connection.commit();
            return last;
        } catch (SQLException e) {
            throw failure(e);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            connection.rollback();
            connection.close();
        } catch (SQLException e) {
            throw failure(e);
        }
    }

    private IOException failure(SQLException e) {
        return new IOException("cannot write to " + path + ": " + e.getMessage(), e);
    }
}
