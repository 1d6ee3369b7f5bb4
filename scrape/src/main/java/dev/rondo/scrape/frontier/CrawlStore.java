package dev.rondo.scrape.frontier;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.function.BiConsumer;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What a crawl has done and has still to do, in a file of SQLite. A process that is killed leaves it as it was at the
 * last {@link #commit}.
 *
 * <pre>
 *   an address:   found ──▶ done            in the run of the number that stands in both columns
 *   a run:        begin ──▶ finish          what was found in an unfinished one and not done is what is left of it
 * </pre>
 *
 * <p>A second run over the same file finds all addresses anew, and knows from the first one what to ask with
 * ({@link #known}). For one thread at a time, which may wait for a disk.
 */
public final class CrawlStore implements AutoCloseable {

    private static final int VERSION = 1;

    private static final String TABLES = """
            CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS address (
              id INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE, origin TEXT NOT NULL,
              found INTEGER NOT NULL, done INTEGER NOT NULL DEFAULT 0,
              depth INTEGER NOT NULL, referrer TEXT NOT NULL, hops INTEGER NOT NULL,
              status INTEGER NOT NULL DEFAULT 0, note TEXT, etag TEXT, modified TEXT, sha256 TEXT, type TEXT, links BLOB);
            CREATE INDEX IF NOT EXISTS waiting ON address (origin, depth, id) WHERE done < found;
            CREATE TABLE IF NOT EXISTS output (path TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID;
            """;

    private final Path file;
    private final boolean temporary;
    private final Connection connection;
    private final PreparedStatement insert;
    private final PreparedStatement update;
    private int run;

    private CrawlStore(Path file, boolean temporary) throws SQLException {
        this.file = file;
        this.temporary = temporary;
        Properties options = new Properties();
        options.setProperty("journal_mode", temporary ? "OFF" : "WAL");
        options.setProperty("synchronous", temporary ? "OFF" : "NORMAL");
        options.setProperty("locking_mode", "EXCLUSIVE"); // two crawls at once would undo each other's work
        this.connection = DriverManager.getConnection("jdbc:sqlite:" + file, options);
        try {
            createTables();
            this.insert = connection.prepareStatement(
                    "INSERT INTO address (id, url, origin, found, depth, referrer, hops) VALUES (?, ?, ?, ?, ?, ?, ?)"
                            + " ON CONFLICT (url) DO UPDATE SET id = excluded.id, found = excluded.found,"
                            + " depth = excluded.depth, referrer = excluded.referrer, hops = excluded.hops");
            this.update = connection.prepareStatement("UPDATE address SET done = ?, status = ?, note = ?, etag = ?,"
                    + " modified = ?, sha256 = ?, type = ?, links = coalesce(?, links) WHERE id = ?");
            this.run = Integer.parseInt(setting("run", "0"));
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    private void createTables() throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            int version;
            try (ResultSet rows = statement.executeQuery("PRAGMA user_version")) {
                version = rows.getInt(1);
            }
            if (version > VERSION) {
                throw new SQLException(file + " was made by a later version of this program");
            }
            for (String each : TABLES.split(";\\R")) {
                statement.execute(each);
            }
            statement.execute("PRAGMA user_version = " + VERSION);
        }
        connection.commit();
    }

    /**
     * Opens a store, and makes it if it is not there.
     *
     * @throws SQLException if the file is none, if another crawl has it open, or if it cannot be read or written
     */
    public static CrawlStore open(Path file) throws SQLException {
        return new CrawlStore(file, false);
    }

    /** Makes a store that is gone when it is closed: for a crawl that nobody will resume. */
    public static CrawlStore temporary() throws SQLException, IOException {
        return new CrawlStore(Files.createTempFile("rondo-crawl", ".sqlite"), true);
    }

    /** Returns whether it is gone when it is closed. */
    public boolean isTemporary() {
        return temporary;
    }

    // ------------------------------------------------------------------------------------------------------- a run

    /** Returns the number of the run that began last; 0 if none has. */
    public int run() {
        return run;
    }

    /** Returns whether the run that began last came to its end. */
    public boolean finished() throws SQLException {
        return run > 0 && setting("finished", "0").equals(Integer.toString(run));
    }

    /** Begins another run, which finds and does everything anew. */
    public void beginRun() throws SQLException {
        run++;
        set("run", Integer.toString(run));
        connection.commit();
    }

    /** Notes that this run is at its end. {@link #commit} has to follow. */
    public void finishRun() throws SQLException {
        set("finished", Integer.toString(run));
    }

    /** Returns a setting, or {@code otherwise} if it was never set. */
    public String setting(String name, String otherwise) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("SELECT value FROM settings WHERE name = ?")) {
            query.setString(1, name);
            try (ResultSet rows = query.executeQuery()) {
                return rows.next() ? rows.getString(1) : otherwise;
            }
        }
    }

    /** Keeps a setting. {@link #commit} has to follow. */
    public void set(String name, String value) throws SQLException {
        try (PreparedStatement upsert = connection.prepareStatement("INSERT OR REPLACE INTO settings VALUES (?, ?)")) {
            upsert.setString(1, name);
            upsert.setString(2, value);
            upsert.execute();
        }
    }

    // ------------------------------------------------------------------------------------- what was found and done

    /** Adds addresses that this run has found. {@link #commit} has to follow. */
    public void found(List<Found> addresses) throws SQLException {
        for (Found each : addresses) {
            insert.setLong(1, each.id());
            insert.setString(2, each.url());
            insert.setString(3, each.origin());
            insert.setInt(4, run);
            insert.setInt(5, each.depth());
            insert.setString(6, each.referrer());
            insert.setInt(7, each.hops());
            insert.addBatch();
        }
        insert.executeBatch();
    }

    /** Notes what became of an address. {@link #commit} has to follow. */
    public void done(Done what) throws SQLException {
        update.setInt(1, run);
        update.setInt(2, what.status());
        update.setString(3, what.note());
        update.setString(4, what.etag());
        update.setString(5, what.modified());
        update.setString(6, what.sha256());
        update.setString(7, what.contentType());
        update.setBytes(8, temporary || what.links() == null ? null : PackedLinks.pack(what.links()));
        update.setLong(9, what.id());
        update.execute();
    }

    /** Makes what was noted since the last call safe from the end of this process. */
    public void commit() throws SQLException {
        connection.commit();
    }

    /** Returns the greatest number of an address; 0 if there is none. */
    public long lastId() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT coalesce(max(id), 0) FROM address")) {
            return rows.getLong(1);
        }
    }

    /** Returns addresses of {@code origin} that wait, behind {@code after} in the order of depth and number. */
    public List<Found> waiting(String origin, int afterDepth, long afterId, int most) throws SQLException {
        List<Found> result = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT id, url, depth, referrer, hops FROM address WHERE done < found AND found = ? AND origin = ?"
                        + " AND (depth, id) > (?, ?) ORDER BY depth, id LIMIT ?")) {
            query.setInt(1, run);
            query.setString(2, origin);
            query.setInt(3, afterDepth);
            query.setLong(4, afterId);
            query.setInt(5, most);
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    result.add(new Found(
                            rows.getLong(1),
                            rows.getString(2),
                            origin,
                            rows.getInt(3),
                            rows.getString(4),
                            rows.getInt(5)));
                }
            }
        }
        return result;
    }

    /** Gives each origin of which addresses wait to {@code listener}, with their number. */
    public void waitingOrigins(BiConsumer<String, Integer> listener) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("SELECT origin, count(*) FROM address"
                + " WHERE done < found AND found = ? GROUP BY origin ORDER BY min(id)")) {
            query.setInt(1, run);
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    listener.accept(rows.getString(1), rows.getInt(2));
                }
            }
        }
    }

    /** Gives each address that this run has found to {@code listener}, and how deep it is. */
    public void eachFound(ObjIntConsumer<String> listener) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("SELECT url, depth FROM address WHERE found = ?")) {
            query.setInt(1, run);
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    listener.accept(rows.getString(1), rows.getInt(2));
                }
            }
        }
    }

    /** Returns what an earlier run learnt of an address; null if none has asked for it. */
    public @Nullable Known known(String url) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT etag, modified, sha256, type, links FROM address WHERE url = ? AND done > 0")) {
            query.setString(1, url);
            try (ResultSet rows = query.executeQuery()) {
                if (!rows.next()) {
                    return null;
                }
                byte[] links = rows.getBytes(5);
                return new Known(
                        rows.getString(1),
                        rows.getString(2),
                        rows.getString(3),
                        rows.getString(4),
                        links == null ? List.of() : PackedLinks.unpack(links));
            }
        }
    }

    /** Gives each page of this run that has links to {@code listener}, with where they lead, each once. */
    public void eachPageWithLinks(BiConsumer<String, List<String>> listener) throws SQLException {
        try (PreparedStatement query =
                connection.prepareStatement("SELECT url, links FROM address WHERE done = ? AND links IS NOT NULL")) {
            query.setInt(1, run);
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    listener.accept(rows.getString(1), PackedLinks.unpack(rows.getBytes(2)));
                }
            }
        }
    }

    // --------------------------------------------------------------------------------------------------- outputs

    /** Returns where an output of this run ended at the last commit; 0 if it is new. */
    public long position(String output) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("SELECT position FROM output WHERE path = ?")) {
            query.setString(1, output);
            try (ResultSet rows = query.executeQuery()) {
                return rows.next() ? rows.getLong(1) : 0;
            }
        }
    }

    /** Notes where an output ends. {@link #commit} has to follow. */
    public void setPosition(String output, long position) throws SQLException {
        try (PreparedStatement upsert = connection.prepareStatement("INSERT OR REPLACE INTO output VALUES (?, ?)")) {
            upsert.setString(1, output);
            upsert.setLong(2, position);
            upsert.execute();
        }
    }

    // ----------------------------------------------------------------------------------------------------- the end

    /** Closes the file, and forgets what was not committed. */
    @Override
    public void close() throws SQLException {
        try {
            if (!temporary) {
                connection.rollback();
            }
        } finally {
            connection.close();
            if (temporary) {
                delete();
            }
        }
    }

    private void delete() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException leftToTheSystem) {
            file.toFile().deleteOnExit();
        }
    }

    @Override
    public String toString() {
        return "CrawlStore[" + file + ", run " + run + "]";
    }
}
