package dev.rondo.net;

import static dev.rondo.Asyncio.taskGroup;
import static dev.rondo.Asyncio.waitAny;

import dev.rondo.TaskGroup;
import dev.rondo.reactor.Fd;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Attempts to connect to one address after the other, of which the first to succeed is taken (RFC 8305, section 5).
 * Each has some time for itself; then the next begins beside it, or at once when it fails. For one use.
 *
 * <pre>
 *   first ─────delay────▶ second ──fails──▶ third ──connected──▶ first is cancelled, and waited for
 * </pre>
 *
 * <p>A socket that is connected is kept here and not in the result of a task: a task that has ended may still turn out
 * to be cancelled, by whoever was quicker or by whoever cancels the caller, and then its result is lost.
 */
final class Attempts {

    /** Opens and connects one socket; leaves none open where it throws. Suspends. */
    @FunctionalInterface
    interface Dialer {
        Fd dial(InetSocketAddress address) throws IOException;
    }

    /** An attempt that has failed. */
    record Failed(InetSocketAddress address, IOException failure) {}

    private static final class Attempt {
        final InetSocketAddress address;

        @Nullable IOException failure;

        Attempt(InetSocketAddress address) {
            this.address = address;
        }
    }

    private final Dialer dialer;
    private final @Nullable Duration delay; // null: until the one before has failed
    private final List<Attempt> attempts = new ArrayList<>(2); // in the order of their beginnings
    private @Nullable Fd connected; // the first
    private @Nullable RuntimeException broken; // what is no matter of one address: it ends them all

    Attempts(Dialer dialer, @Nullable Duration delay) {
        this.dialer = dialer;
        this.delay = delay;
    }

    /** Returns a connected socket, the caller's to close; or null if all attempts have failed. Suspends. */
    @Nullable Fd connect(List<InetSocketAddress> addresses) {
        boolean taken = false;
        try {
            if (addresses.size() == 1) {
                attempt(addresses.getFirst());
            } else {
                taskGroup(group -> {
                    startAll(group, addresses);
                });
            }
            taken = true;
        } finally {
            if (!taken && connected != null) {
                connected.close();
            }
        }
        if (connected == null && broken != null) {
            throw broken;
        }
        return connected;
    }

    private void startAll(TaskGroup group, List<InetSocketAddress> addresses) {
        for (InetSocketAddress address : addresses) {
            var attempt = group.createTask(() -> attempt(group, address), "connect to " + address);
            if (delay == null) {
                waitAny(List.of(attempt));
            } else {
                waitAny(List.of(attempt), delay);
            }
            if (isOver()) { // an eager task may be done before there was anything to wait for
                return;
            }
        }
    }

    private void attempt(TaskGroup group, InetSocketAddress address) {
        attempt(address);
        if (isOver()) {
            group.cancel("another address has answered");
        }
    }

    private boolean isOver() {
        return connected != null || broken != null;
    }

    private void attempt(InetSocketAddress address) {
        Attempt attempt = new Attempt(address);
        attempts.add(attempt);
        try {
            Fd fd = dialer.dial(address);
            if (connected == null) {
                connected = fd;
            } else {
                fd.close(); // the cancel was not heard
            }
        } catch (IOException e) {
            attempt.failure = e;
        } catch (RuntimeException e) {
            broken = e;
        }
    }

    /** Returns what has failed, in the order of the beginnings. */
    List<Failed> failures() {
        List<Failed> failures = new ArrayList<>();
        for (Attempt attempt : attempts) {
            if (attempt.failure != null) {
                failures.add(new Failed(attempt.address, attempt.failure));
            }
        }
        return failures;
    }
}
