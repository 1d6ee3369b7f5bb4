package dev.rondo;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What happened while a {@link Program} ran, and what about it should not have. Loop thread only. */
final class Ledger {

    /** What a complaint is about: see {@link CancellationPropertiesTest}. */
    enum Claim {
        ENDS,
        ITEMS,
        CANCELS,
        FAILURES,
        TIMEOUTS,
        EXCLUSION
    }

    private static final int MOST_COMPLAINTS = 10;

    private final Set<String> complaints = Collections.synchronizedSet(new java.util.LinkedHashSet<>());
    private final @Nullable List<String> story; // null unless somebody wants to read it
    private boolean over; // the loop is closed: what its stragglers do is no part of the program

    final List<Actor> actors = new ArrayList<>();

    Ledger(boolean tellsStory) {
        story = tellsStory ? new ArrayList<>() : null;
    }

    void complain(Claim claim, String what) {
        if (!over && complaints.size() < MOST_COMPLAINTS) {
            complaints.add(claim + ": " + what);
        }
        tell(() -> "!!! " + what);
    }

    void require(boolean holds, Claim claim, String what) {
        if (!holds) {
            complain(claim, what);
        }
    }

    List<String> complaints() {
        return List.copyOf(complaints);
    }

    void tell(java.util.function.Supplier<String> line) {
        if (story != null && !over) {
            story.add(line.get());
        }
    }

    List<String> story() {
        return story == null ? List.of() : story;
    }

    void close() {
        over = true;
    }

    // ------------------------------------------------------------------------------------------------ tasks

    /** One of the program's tasks. */
    static final class Actor {
        final String name;
        final @Nullable Actor parent;
        final Task<?, ?> task;
        final boolean struckOnly; // nobody but a strike, or a step Cancel, ever cancels it

        int accepted; // cancels of this very task that returned true
        int takenBack; // by the program
        boolean excused; // it, or a task that it may have waited for, caught a cancel, or what came of it
        boolean failureMayBeDropped; // says the contract of what its parent waits in

        @Nullable Doing doing;

        private Actor(String name, @Nullable Actor parent, Task<?, ?> task, boolean struckOnly) {
            this.name = name;
            this.parent = parent;
            this.task = task;
            this.struckOnly = struckOnly;
        }

        void excuse() {
            for (Actor actor = this; actor != null; actor = actor.parent) {
                actor.excused = true;
            }
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /** A wait that an actor is in, and whether there is a reason for it. */
    record Doing(String what, java.util.function.BooleanSupplier hasReason) {}

    Actor begins(@Nullable Actor parent, Task<?, ?> task, boolean struckOnly) {
        Actor actor = new Actor("T" + actors.size(), parent, task, struckOnly);
        task.name(actor.name);
        actors.add(actor);
        tell(() -> actor + " begins" + (parent == null ? "" : " for " + parent));
        return actor;
    }

    /** The body of the actor has ended, in the same stretch in which its task will. */
    void ends(Actor actor, @Nullable Throwable with) {
        tell(() -> actor + " ends" + (with == null ? "" : " with " + with));
        int requests = actor.task.cancelling();
        int expected = actor.accepted - actor.takenBack;
        if (actor.struckOnly ? requests != expected : requests < expected) {
            complain(
                    Claim.CANCELS,
                    actor + " has " + requests + " requests to cancel left: " + actor.accepted + " were accepted, and "
                            + actor.takenBack + " taken back");
        }
        if (with instanceof CancelledError cancel) {
            justify(actor, cancel);
        }
        if (with != null) {
            sees(with);
            if (!(with instanceof CancelledError)) {
                escaped.put(with, actor);
            }
        }
        if (with instanceof AsyncTimeoutException) {
            complain(Claim.TIMEOUTS, "the timeout of " + with + " did not catch it");
        }
        if (with != null && !(with instanceof CancelledError) && !(with instanceof RuntimeException)) {
            complain(Claim.ENDS, actor + " failed with " + with);
        }
    }

    /** Nobody is thrown a cancel for which there is no reason. */
    void justify(Actor actor, CancelledError cancel) {
        if (cancel.scope() == null) {
            require(
                    actor.task.cancelling() > 0,
                    Claim.CANCELS,
                    actor + " was thrown a cancel, and nobody had asked: " + cancel);
        } else {
            require(
                    actor.task.scope != null && cancel.scope().cancelled(),
                    Claim.CANCELS,
                    actor + " was thrown the cancel of a scope that it is not in, or is not cancelled: " + cancel);
        }
    }

    /**
     * A task that was told to cancel does not end with a result, unless it caught the cancel, or waited for a task that
     * did.
     */
    void judgeCancels() {
        for (Actor actor : actors) {
            Task<?, ?> task = actor.task;
            if (actor.accepted > 0
                    && !actor.excused
                    && task.done()
                    && !task.cancelled()
                    && task.peekFailure() == null) {
                complain(Claim.CANCELS, actor + " was cancelled " + actor.accepted + " times, and has a result");
            }
        }
    }

    // ------------------------------------------------------------------------------------------------ failures

    private final Map<Throwable, Actor> escaped = new IdentityHashMap<>(); // and nobody has been told yet

    /** Somebody was thrown this, or the handler was told. */
    void sees(Throwable failure) {
        see(failure, Collections.newSetFromMap(new IdentityHashMap<>()));
    }

    private void see(@Nullable Throwable failure, Set<Throwable> seen) {
        if (failure != null && seen.add(failure)) {
            escaped.remove(failure);
            see(failure.getCause(), seen);
            for (Throwable suppressed : failure.getSuppressed()) {
                see(suppressed, seen);
            }
            if (failure instanceof TaskGroupException group) {
                group.causes().forEach(cause -> see(cause, seen));
            }
        }
    }

    void judgeFailures() {
        escaped.forEach((failure, actor) -> require(
                actor.failureMayBeDropped,
                Claim.FAILURES,
                "nobody was told that " + actor + " failed with " + failure));
    }

    // ------------------------------------------------------------------------------------------------ items

    private int nextItem;
    private final List<Integer> put = new ArrayList<>(); // for which put() returned, in this order
    private final List<Integer> got = new ArrayList<>();
    private final Map<Integer, String> sends = new TreeMap<>(); // what became of each
    private final List<Integer> received = new ArrayList<>();

    int newItem() {
        return nextItem++;
    }

    void put(int item) {
        put.add(item);
    }

    void got(int item) {
        got.add(item);
        tell(() -> "item " + item + " is got");
    }

    void left(List<Integer> items, boolean dropped) {
        List<Integer> gone = new ArrayList<>(got);
        gone.addAll(items);
        require(
                gone.equals(put),
                Claim.ITEMS,
                "put " + put + ", got " + got + ", and " + items + (dropped ? " was dropped" : " was left"));
    }

    /** Returns what was put and not got. */
    List<Integer> stillIn() {
        return new ArrayList<>(put.subList(Math.min(got.size(), put.size()), put.size()));
    }

    /** What was put and not got is no more. */
    void dropped() {
        put.subList(Math.min(got.size(), put.size()), put.size()).clear();
    }

    int begunToSend() {
        int item = newItem();
        sends.put(item, "begun");
        return item;
    }

    void sent(int item, boolean success) {
        sends.put(item, success ? "sent" : "refused");
    }

    void received(int item) {
        require(
                received.isEmpty() || received.getLast() < item,
                Claim.ITEMS,
                "received " + item + " after " + received + ", which were sent in order");
        received.add(item);
        tell(() -> "item " + item + " is received");
    }

    void judgeSends() {
        sends.forEach((item, end) -> {
            if (end.equals("sent") && !received.contains(item)) {
                complain(Claim.ITEMS, "item " + item + " was sent and never received");
            }
            if (!end.equals("sent") && received.contains(item)) {
                complain(Claim.ITEMS, "item " + item + " was received, and its sending has failed");
            }
        });
    }
}
