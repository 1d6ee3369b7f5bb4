package dev.rondo.examples.testing;

import static dev.rondo.Asyncio.gather;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.rondo.examples.Quotes;
import dev.rondo.testkit.Explorer;
import dev.rondo.testkit.History;
import dev.rondo.testkit.Linearizability;
import dev.rondo.testkit.Model;
import dev.rondo.testkit.ScheduleFailure;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What three users see of a cache is what they would see of a plain variable, or it is not. */
class CacheTest {

    // @start region="model"
    /** A plain variable: its state is its value. */
    private static final Model<String> VARIABLE = new Model<>() {
        @Override
        public String initial() {
            return "old";
        }

        @Override
        public @Nullable String step(String value, History.Operation operation) {
            return switch (operation.name()) {
                case "put" -> operation.canReturn(null) ? (String) operation.argument(0) : null;
                case "get" -> operation.canReturn(value) ? value : null;
                default -> throw new IllegalArgumentException(operation.toString());
            };
        }
    };
    // @end

    // @start region="history"
    private static void threeUsers(Cache cache) {
        History history = new History();
        gather(
                () -> history.record("A", "get", () -> cache.get()),
                () -> history.record("B", "put", () -> cache.put("new"), "new"),
                () -> history.record("C", "get", () -> cache.get()));
        history.record("A", "get", () -> cache.get());
        Linearizability.checkAtRest(history, VARIABLE);
    }

    @Test
    void isLikeAPlainVariable() {
        Explorer.exhaustive().check(sim -> threeUsers(new Cache()));
    }
    // @end

    private static final class Careless extends Cache {
        @Override
        void keep(String read) {
            cached = read;
        }
    }

    @Test
    void oneThatKeepsAnOldValueIsFoundAndExplainedAsThePageSays() throws IOException {
        ScheduleFailure failure = catchThrowableOfType(
                ScheduleFailure.class, () -> Explorer.exhaustive().check(sim -> threeUsers(new Careless())));
        assertThat(failure.getCause()).hasMessage(Quotes.text("docs/testing.md", "CacheTest failure"));
    }
}
