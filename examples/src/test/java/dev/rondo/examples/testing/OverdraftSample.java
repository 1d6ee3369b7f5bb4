package dev.rondo.examples.testing;

import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.sleep;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.testkit.LoopTest;
import java.time.Duration;

/** Fails, as it should. Its name keeps it from being run by the build: {@link BankTest} does. */
class OverdraftSample {

    // @start region="overdraft"
    @LoopTest
    void nobodyOverdraws() {
        Account account = new Account();
        gather(() -> account.withdraw(60), () -> {
            sleep(Duration.ofMillis(20)); // the second card, a moment later
            account.withdraw(60);
        });
        assertTrue(account.balance() >= 0, "overdrawn");
    }
    // @end
}
