package dev.rondo.examples.testing;

import static dev.rondo.Asyncio.sleep;

import dev.rondo.AsyncLock;
import java.time.Duration;

/** An account whose withdrawals come one after another. */
final class LockedAccount {

    private int balance = 100;

    int balance() {
        return balance;
    }

    // @start region="locked"
    private final AsyncLock lock = new AsyncLock();

    void withdraw(int amount) {
        try (var _ = lock.hold()) {
            if (balance >= amount) {
                sleep(Duration.ofMillis(20));
                balance -= amount;
            }
        }
    }
    // @end
}
