package dev.rondo.testkit;

import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.yieldNow;

import dev.rondo.AsyncEvent;
import dev.rondo.AsyncLock;
import dev.rondo.Hold;

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
     * Two add to a number that they read before they are interrupted. In the plain schedule the second comes when the
     * first is done.
     */
    static void lostUpdate(Sim sim) {
        int[] number = {0};
        gather(
                () -> {
                    int before = number[0];
                    yieldNow();
                    number[0] = before + 1;
                    steps(8);
                },
                () -> {
                    steps(8);
                    int before = number[0];
                    yieldNow();
                    number[0] = before + 1;
                });
        if (number[0] != 2) {
            throw new AssertionError("one update is lost: " + number[0]);
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
        AsyncEvent written = new AsyncEvent();
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
     * Goes wrong only if three things come in this order, and each is a good way from the next: the first has opened
     * before the second looks, that looks before the first has closed, and the first has closed before the second looks
     * again. Beside them there is one who only takes time.
     */
    static void openThenClosed(Sim sim) {
        boolean[] open = {false};
        gather(
                () -> {
                    steps(10);
                    open[0] = true;
                    steps(10);
                    open[0] = false;
                },
                () -> {
                    boolean seen = open[0];
                    steps(10);
                    if (seen && !open[0]) {
                        throw new IllegalStateException("open, then closed");
                    }
                },
                () -> steps(20));
    }

    /** As {@link #openThenClosed}, but whoever looks sees to it that nobody closes meanwhile. */
    static void heldOpen(Sim sim) {
        boolean[] open = {false};
        AsyncLock lock = new AsyncLock();
        gather(
                () -> {
                    steps(10);
                    open[0] = true;
                    steps(10);
                    try (Hold _ = lock.hold()) {
                        open[0] = false;
                    }
                },
                () -> {
                    try (Hold _ = lock.hold()) {
                        boolean seen = open[0];
                        steps(10);
                        if (seen && !open[0]) {
                            throw new IllegalStateException("open, then closed");
                        }
                    }
                },
                () -> steps(20));
    }

    static void steps(int count) {
        for (int i = 0; i < count; i++) {
            yieldNow();
        }
    }
}
