package dev.rondo.examples.testing;

import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import dev.rondo.examples.Quotes;
import dev.rondo.testkit.LoopTest;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

/** The overdraft is found, printed as the page says, and replayed; and the account with a lock has none. */
class BankTest {

    private static Events run(Map<String, String> properties) {
        return EngineTestKit.engine("junit-jupiter")
                .configurationParameters(properties)
                .selectors(selectClass(OverdraftSample.class))
                .execute()
                .testEvents();
    }

    private static String firstReport(Events tests) {
        Throwable failure = tests.failed().stream()
                .findFirst()
                .orElseThrow()
                .getRequiredPayload(TestExecutionResult.class)
                .getThrowable()
                .orElseThrow();
        return failure.getSuppressed()[0].getMessage();
    }

    @Test
    void thePlainScheduleHidesItAndOthersShowIt() {
        Events tests = run(Map.of());
        assertThat(tests.started().count()).isEqualTo(21);
        assertThat(tests.failed().map(event -> event.getTestDescriptor().getDisplayName()))
                .hasSize(8)
                .startsWith("seed 4")
                .doesNotContain("plain");
    }

    @Test
    void thePageShowsWhatIsPrinted() throws IOException {
        assertThat(firstReport(run(Map.of()))).isEqualTo(Quotes.text("docs/testing.md", "BankTest report"));
    }

    @Test
    void theTapeOfThePageReplaysIt() {
        assertThat(run(Map.of("rondo.tape", "1")).failed().count()).isEqualTo(1);
    }

    @LoopTest(seeds = 200)
    void aLockedAccountIsNeverOverdrawn() {
        LockedAccount account = new LockedAccount();
        gather(() -> account.withdraw(60), () -> {
            sleep(Duration.ofMillis(20));
            account.withdraw(60);
        });
        assertTrue(account.balance() >= 0, "overdrawn");
    }
}
