package dev.rondo.testkit;

import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.yieldNow;

/** Programs that go wrong in some schedules, and their right twins. */
final class Bugs {

    private Bugs() {}

    /** Two withdrawals look at the balance before either takes from it. In the plain schedule too. */
    static void overdraft(Sim sim) {
        Account account = new Account();
        gather(() -> account.withdraw(60), () -> account.withdraw(60));
        if (account.balance < 0) {
            throw new AssertionError("the balance is " + account.balance);
        }
    }

    private static final class Account {
        private int balance = 100;

        void withdraw(int amount) {
            if (balance >= amount) {
                yieldNow(); // asks the bank, say
                balance -= amount;
            }
        }
    }

    /**
     * The writer takes one step to write, the reader three before it looks: first in, first out is right, and an order
     * that overtakes is wrong.
     */
    static void readTooEarly(Sim sim) {
        boolean[] written = {false};
        gather(
                () -> {
                    yieldNow();
                    written[0] = true;
                },
                () -> {
                    yieldNow();
                    yieldNow();
                    yieldNow();
                    if (!written[0]) {
                        throw new IllegalStateException("read before it was written");
                    }
                });
    }

    /** As {@link #readTooEarly}, but the reader waits for it. */
    static void readInTime(Sim sim) {
        dev.rondo.AsyncEvent written = new dev.rondo.AsyncEvent();
        gather(
                () -> {
                    yieldNow();
                    written.set();
                },
                () -> {
                    yieldNow();
                    written.await();
                });
    }

    /**
     * Goes wrong only if three things come in this order: the first worker is between its two halves, the second has
     * been through all of its, and the third has come just as far as to see that. Beside them there are others who do
     * nothing but take time.
     */
    static void depthThree(Sim sim) {
        boolean[] inside = {false};
        boolean[] through = {false};
        gather(
                () -> {
                    steps(10);
                    inside[0] = true;
                    yieldNow();
                    inside[0] = false;
                    steps(10);
                },
                () -> {
                    steps(20);
                    through[0] = inside[0];
                    steps(3);
                    through[0] = false;
                },
                () -> {
                    steps(22);
                    if (through[0] && inside[0]) {
                        throw new IllegalStateException("all three at once");
                    }
                });
    }

    static void steps(int count) {
        for (int i = 0; i < count; i++) {
            yieldNow();
        }
    }
}
