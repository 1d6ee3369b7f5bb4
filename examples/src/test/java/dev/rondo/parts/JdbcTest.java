package dev.rondo.parts;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.timeout;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.rondo.AsyncTimeoutException;
import dev.rondo.Asyncio;
import dev.rondo.Task;
import dev.rondo.TaskCancelledException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A JDBC driver and a connection pool, neither of which knows of coroutines, used by coroutines. */
@Tag("heavy")
class JdbcTest {

    private static final int CONNECTIONS = 10;
    private static final int COROUTINES = 200;

    private static PostgresServer server;

    private final HikariDataSource pool = new HikariDataSource(config());

    @BeforeAll
    static void startServer() throws Exception {
        server = PostgresServer.start(PostgresServer.findBinaries()
                .orElseGet(() -> abort("PostgreSQL is not installed: apt-get install postgresql")));
    }

    @AfterAll
    static void stopServer() throws Exception {
        if (server != null) {
            server.close();
        }
    }

    private static HikariConfig config() {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(server.url());
        config.setMaximumPoolSize(CONNECTIONS);
        return config;
    }

    @AfterEach
    void closePool() {
        pool.close();
    }

    /** Has the server double a number, which takes it 0.12 s. */
    private int twice(int number) throws SQLException {
        try (Connection connection = pool.getConnection();
                PreparedStatement query = connection.prepareStatement("select ? * 2, pg_sleep(0.12)")) {
            query.setInt(1, number);
            try (ResultSet result = query.executeQuery()) {
                result.next();
                return result.getInt(1);
            }
        }
    }

    private void run(String query) throws SQLException {
        try (Connection connection = pool.getConnection();
                PreparedStatement statement = connection.prepareStatement(query)) {
            statement.executeQuery();
        }
    }

    @Test
    void twoHundredCoroutinesShareTenConnectionsAndTheLoopKeepsItsBeat() throws Exception {
        List<Integer> answers = new ArrayList<>();
        twice(0); // the classes of the driver are loaded now, and do not hold the loop
        int beats = Asyncio.run(() -> Beat.during(() -> {
            List<Task<Integer, SQLException>> queries = new ArrayList<>();
            for (int i = 0; i < COROUTINES; i++) {
                int number = i;
                queries.add(createTask(() -> twice(number)));
            }
            answers.addAll(gather(queries));
        }));
        assertThat(answers)
                .isEqualTo(IntStream.range(0, COROUTINES).mapToObj(n -> 2 * n).toList());
        assertThat(beats).as("beats of 10 ms in what takes 2.4 s at least").isGreaterThanOrEqualTo(150);
    }

    /** Waits until as many such queries run in the server; asks it over a connection that is not the pool's. */
    private static void awaitInTheServer(int count, String query) throws SQLException {
        try (Connection connection = DriverManager.getConnection(server.url());
                PreparedStatement statement = connection.prepareStatement(
                        "select count(*) from pg_stat_activity where query = ? and state = 'active'")) {
            statement.setString(1, query);
            int running;
            do {
                try (ResultSet result = statement.executeQuery()) {
                    result.next();
                    running = result.getInt(1);
                }
            } while (running < count);
        }
    }

    @Test
    void aCancelEndsTheQueryAndThePoolGoesOn() throws SQLException {
        String sleep = "select pg_sleep(60)";
        Asyncio.run(() -> {
            List<Task<?, ?>> queries = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                queries.add(createTask(() -> run(sleep)));
            }
            Task<?, ?> waitsForAConnection = createTask(() -> twice(0));
            awaitInTheServer(CONNECTIONS, sleep);
            waitsForAConnection.cancel();
            queries.forEach(Task::cancel);
            Task<?, ?> halfAMinute = createTask(() -> sleep(Duration.ofSeconds(30)));
            for (Task<?, ?> query : queries) {
                assertThatThrownBy(query::await).isInstanceOf(TaskCancelledException.class);
                assertThat(query.cancelled()).isTrue();
            }
            assertThatThrownBy(waitsForAConnection::await).isInstanceOf(TaskCancelledException.class);
            assertThat(halfAMinute.done())
                    .as("all this long before the queries would have ended")
                    .isFalse();
            askOverEveryConnectionAtOnce();
            assertThat(halfAMinute.done()).isFalse();
        });
    }

    private void askOverEveryConnectionAtOnce() throws SQLException {
        List<Connection> all = new ArrayList<>();
        try {
            for (int i = 0; i < CONNECTIONS; i++) {
                all.add(pool.getConnection());
            }
            for (Connection connection : all) {
                try (ResultSet result = connection.createStatement().executeQuery("select 1")) {
                    assertThat(result.next()).isTrue();
                }
            }
        } finally {
            for (Connection connection : all) {
                connection.close();
            }
        }
    }

    @Test
    void aTimeOutEndsTheQuery() throws SQLException {
        Asyncio.run(() -> {
            Task<?, ?> halfAMinute = createTask(() -> sleep(Duration.ofSeconds(30)));
            assertThatThrownBy(() -> timeout(Duration.ofMillis(200), () -> run("select pg_sleep(59)")))
                    .isInstanceOf(AsyncTimeoutException.class);
            assertThat(halfAMinute.done()).isFalse();
            assertThat(twice(21)).isEqualTo(42);
        });
    }
}
