package dev.rondo.examples.testing;

import static dev.rondo.Asyncio.sleep;

import java.time.Duration;

/** Has a bug: between the look at the balance and the withdrawal others may run. */
final class Account {

    private int balance = 100;

    int balance() {
        return balance;
    }

    // @start region="withdraw"
    void withdraw(int amount) {
        if (balance >= amount) {
            sleep(Duration.ofMillis(20)); // asks whether the card was stolen
            balance -= amount;
        }
    }
    // @end
}
