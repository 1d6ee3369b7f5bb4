package dev.rondo.testkit;

import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ExplorerTest {

    private static final class Account {
        private int balance = 100;

        void withdraw(int amount) {
            if (balance >= amount) {
                yieldNow(); // asks the bank, say
                balance -= amount;
            }
        }
    }

    @Test
    void aLostUpdateIsFound() {
        assertThatThrownBy(() -> Explorer.random(100).check(sim -> {
                    Account account = new Account();
                    gather(() -> account.withdraw(60), () -> account.withdraw(60));
                    assertThat(account.balance).isNotNegative();
                }))
                .isInstanceOf(AssertionError.class);
    }

    @Test
    void whatIsRightPassesEverySchedule() {
        assertThat(Explorer.random(100).check(sim -> gather(() -> yieldNow(), () -> yieldNow())))
                .isEqualTo(100);
    }

    @Test
    void whatNobodyWillWakeIsNotWaitedFor() {
        assertThatThrownBy(() -> Explorer.random(1).check(sim -> new dev.rondo.AsyncEvent().await()))
                .hasRootCauseMessage(
                        "nothing can go on any more: every task waits, and neither a timer nor anything else will wake one");
    }
}
