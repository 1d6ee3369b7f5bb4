package dev.rondo;

import dev.rondo.Ledger.Actor;
import dev.rondo.Ledger.Claim;
import dev.rondo.Program.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the tasks of a {@link Program} share, and who helps them out: whoever waits for an event, a signal, an item,
 * room, or company gets it after a while. Loop thread only.
 */
final class ProgramWorld {

    static final int PERMITS = 2;
    private static final Duration PATIENCE = Duration.ofMillis(5);

    private final EventLoop loop;
    private final Ledger ledger;
    private final boolean firstComeFirstServed; // no schedule but the loop's own

    final Site lock = new Site("lock", 1);
    final Site secondLock = new Site("second lock", 1);
    final Site semaphore = new Site("semaphore", PERMITS);
    final Site boundedSemaphore = new Site("bounded semaphore", PERMITS);
    final Site conditionLock = new Site("condition", 1);
    final AsyncLock theLock = new AsyncLock();
    final AsyncLock theSecondLock = new AsyncLock();
    final AsyncSemaphore theSemaphore = new AsyncSemaphore(PERMITS);
    final AsyncSemaphore theBoundedSemaphore = new AsyncBoundedSemaphore(PERMITS);
    final AsyncCondition condition = new AsyncCondition();
    final AsyncEvent event = new AsyncEvent();
    final AsyncBarrier barrier = new AsyncBarrier(2);
    final AsyncQueue<Integer> queue = new AsyncQueue<>(2);
    final Channel<Integer> channel = new Channel<>(1);
    final Channel.Sender<Integer> sender = channel.openSender();
    final Channel.Receiver<Integer> receiver = channel.openReceiver();
    boolean closed; // the queue is shut down, and the sender closed
    boolean dropped; // with what was in the queue
    private int signals; // given to somebody who waited, and yet to be seen by one

    final Set<CancelScope> scopes = new LinkedHashSet<>(); // open
    final Set<CancelScope> struckScopes = new LinkedHashSet<>();
    final List<TaskGroup> groups = new ArrayList<>(); // running
    final Map<Timeout, Actor> timeouts = new IdentityHashMap<>(); // open
    private final List<Task<?, ?>> helpers = new ArrayList<>();
    private @Nullable TimerHandle help;
    private int strikes;

    ProgramWorld(EventLoop loop, Ledger ledger, boolean firstComeFirstServed) {
        this.loop = loop;
        this.ledger = ledger;
        this.firstComeFirstServed = firstComeFirstServed;
    }

    // ------------------------------------------------------------------------------------------------ sections

    /** A lock, or a semaphore: who is inside, and who has come. */
    final class Site {
        private final String name;
        private final int places;
        private final List<Ticket> waiting = new ArrayList<>(); // in the order in which they came
        private int inside;

        private Site(String name, int places) {
            this.name = name;
            this.places = places;
        }

        Ticket comes(Actor actor) {
            ledger.tell(() -> actor + " comes to the " + name);
            Ticket ticket = new Ticket();
            waiting.add(ticket);
            return ticket;
        }

        /** Whoever is overtaken had been cancelled, and leaves; of a semaphore two may be let in at once. */
        void enters(Actor actor, Ticket ticket) {
            ledger.tell(() -> actor + " enters the " + name);
            ledger.require(
                    !ticket.overtaken || (places > 1 && !firstComeFirstServed),
                    Claim.EXCLUSION,
                    actor + " was overtaken on its way into the " + name);
            int index = waiting.indexOf(ticket);
            waiting.subList(0, index).forEach(earlier -> earlier.overtaken = true);
            waiting.remove(index);
            inside++;
            ledger.require(inside <= places, Claim.EXCLUSION, inside + " are inside the " + name);
        }

        /** Comes back to where it was: whoever waits for a condition need not queue up again to be inside. */
        void enters(Actor actor) {
            ledger.tell(() -> actor + " is inside the " + name + " again");
            inside++;
            ledger.require(inside <= places, Claim.EXCLUSION, inside + " are inside the " + name);
        }

        void goesAway(Actor actor, Ticket ticket) {
            ledger.tell(() -> actor + " gets no place in the " + name);
            waiting.remove(ticket);
        }

        void leaves(Actor actor) {
            ledger.tell(() -> actor + " leaves the " + name);
            inside--;
        }
    }

    static final class Ticket {
        private boolean overtaken;
    }

    // ------------------------------------------------------------------------------------------------ helping out

    void beginHelping(int closesAtMillis, boolean closesAtOnce) {
        help = loop.callLater(PATIENCE, this::help);
        loop.callLater(Duration.ofMillis(closesAtMillis), () -> close(closesAtOnce));
        helpers.add(loop.createTask(() -> {
            for (int n = 0; ; n++) {
                Asyncio.sleep(PATIENCE);
                try (var _ = condition.hold()) {
                    signal(1 + n % 2);
                }
            }
        }));
        helpers.add(loop.createTask(() -> {
            for (; ; ) {
                Asyncio.sleep(PATIENCE);
                if (barrier.nWaiting() > 0) {
                    barrier.await();
                }
            }
        }));
    }

    void endHelping() {
        if (help != null) {
            help.cancel();
        }
        helpers.forEach(Task::cancel);
        Asyncio.waitAll(helpers);
    }

    List<Task<?, ?>> helpers() {
        return helpers;
    }

    private void help() {
        event.set();
        event.clear();
        if (queue.full()) {
            ledger.got(queue.getNowait());
        } else if (queue.empty() && waitsFor("an item") && !closed) {
            int item = ledger.newItem();
            queue.putNowait(item);
            ledger.put(item);
        }
        if (waitsFor("a receiver")) {
            receive();
        } else if (waitsFor("a sender") && !closed) {
            int item = ledger.begunToSend();
            ledger.sent(item, sender.trySend(item));
        }
        help = loop.callLater(PATIENCE, this::help);
    }

    private void close(boolean dropping) {
        closed = true;
        if (dropping) {
            dropped = true;
            ledger.left(ledger.stillIn(), true);
            ledger.dropped();
        }
        queue.shutdown(dropping);
        sender.close();
    }

    private boolean receive() {
        try {
            Integer item = receiver.tryReceive();
            if (item != null) {
                ledger.received(item);
            }
            return item != null;
        } catch (EndOfChannelException e) {
            return false;
        }
    }

    private boolean waitsFor(String what) {
        return ledger.actors.stream()
                .anyMatch(actor -> actor.doing != null && actor.doing.what().equals(what));
    }

    // ------------------------------------------------------------------------------------------------ signals

    private void signal(int count) {
        signals += Math.min(count, inCondition());
        condition.signal(count);
    }

    void comesToWait() {
        signals = 0; // it may have come after one that nobody was left to take
    }

    void gotSignal() {
        signals = Math.max(0, signals - 1);
    }

    private int inCondition() {
        int waiting = 0;
        for (Actor actor : ledger.actors) {
            if (!actor.task.done() && isInCondition(actor.task.strand().waitingFor())) {
                waiting++;
            }
        }
        return waiting;
    }

    private static boolean isInCondition(@Nullable Wait wait) {
        return wait instanceof WaitList && wait.toString().startsWith("<AsyncCondition");
    }

    // ------------------------------------------------------------------------------------------------ cancelling

    void strike(Target target, int pick, boolean twice) {
        switch (target) {
            case TASK -> strikeTask(pick, twice);
            case SCOPE -> {
                if (!scopes.isEmpty()) {
                    CancelScope scope = List.copyOf(scopes).get(pick % scopes.size());
                    ledger.tell(() -> "a scope is struck");
                    if (!scope.cancelled()) {
                        struckScopes.add(scope);
                    }
                    scope.cancel("strike of a scope");
                }
            }
            case GROUP -> {
                if (!groups.isEmpty()) {
                    ledger.tell(() -> "a group is struck");
                    groups.get(pick % groups.size()).cancel("end of a group");
                }
            }
        }
    }

    private void strikeTask(int pick, boolean twice) {
        List<Actor> open =
                ledger.actors.stream().filter(actor -> !actor.task.done()).toList();
        List<Actor> woken = open.stream().filter(ProgramWorld::isWoken).toList();
        List<Actor> victims = pick % 2 == 0 && !woken.isEmpty() ? woken : open; // those are the hard ones
        if (victims.isEmpty()) {
            return;
        }
        Actor victim = victims.get(pick / 2 % victims.size());
        for (int times = twice ? 2 : 1; times > 0; times--) {
            if (victim.task.cancel("strike " + ++strikes)) {
                victim.accepted++;
                ledger.tell(() -> victim + " is struck");
            }
        }
    }

    private static boolean isWoken(Actor actor) {
        Strand strand = actor.task.strand();
        return strand.isSuspended() && strand.waitingFor() == null;
    }

    // ------------------------------------------------------------------------------------------------ at rest

    /** Nothing is ready, so everybody has to have something to wait for: nothing that has come may have been missed. */
    void lookAtRest(Duration now) {
        int sending = 0;
        for (Actor actor : ledger.actors) {
            if (actor.doing != null && actor.doing.what().equals("a receiver")) {
                sending++;
            }
        }
        if (sending > 0 && channel.size() - sending < channel.capacity()) {
            ledger.complain(Claim.ITEMS, "at rest there is room in " + channel + ", and somebody waits for it");
        }
        for (Task<?, ?> task : loop.tasks()) {
            lookAtRest(task);
        }
        int between = 0;
        for (Actor actor : ledger.actors) {
            Ledger.Doing doing = actor.doing;
            if (doing != null && !actor.task.done()) {
                ledger.require(
                        doing.hasReason().getAsBoolean(),
                        Claim.ENDS,
                        actor + " waits for " + doing.what() + ", which is there");
                boolean inCondition = isInCondition(actor.task.strand().waitingFor());
                between += doing.what().equals("a signal") && !inCondition ? 1 : 0;
            }
        }
        if (signals > 0 && between == 0 && inCondition() > 0) {
            ledger.complain(Claim.ENDS, "a signal has woken nobody");
        }
        timeouts.forEach((timeout, actor) -> {
            Duration when = timeout.when();
            if (when != null && timeout.expired() != (when.compareTo(now) <= 0)) {
                ledger.complain(Claim.TIMEOUTS, "it is " + now + ", and " + actor + " is in " + timeout);
            }
        });
    }

    private void lookAtRest(Task<?, ?> task) {
        Wait wait = task.strand().waitingFor();
        if (wait == null) {
            ledger.complain(Claim.ENDS, task + " has been woken and does not run");
            return;
        }
        ledger.require(
                task.cancelsDelivered() == task.cancelling(), Claim.CANCELS, task + " has not been told of a cancel");
        boolean severalAwaited = wait instanceof Gather || wait instanceof SetWait;
        boolean nothingLeft = severalAwaited && wait.awaited().isEmpty();
        if (nothingLeft || wait.awaited().stream().anyMatch(Awaitable::done)) {
            ledger.complain(Claim.ENDS, task + " awaits what is done");
        }
        if (wait instanceof WaitList list) {
            ledger.require(list.woken() == 0, Claim.ENDS, list + " has woken somebody who does not run");
        }
        boolean mayTakeTime = wait instanceof Awaitable || wait instanceof Gather; // until those have ended
        CancelScope cancelled = task.scope == null ? null : task.scope.effective();
        ledger.require(cancelled == null || mayTakeTime, Claim.CANCELS, task + " waits inside " + cancelled);
    }

    /** Everybody has ended: a newcomer finds everything as if nobody had been there. */
    void lookAtEnd() {
        long items = loop.reactor().itemsTaken();
        for (AsyncLock each : List.of(theLock, theSecondLock)) {
            ledger.require(!each.locked(), Claim.EXCLUSION, each + " is locked at the end");
            if (!each.locked()) {
                each.acquire();
            }
        }
        ledger.require(!condition.locked(), Claim.EXCLUSION, condition + " is locked at the end");
        for (AsyncSemaphore each : List.of(theSemaphore, theBoundedSemaphore)) {
            for (int n = 0; n < PERMITS; n++) {
                ledger.require(!each.locked(), Claim.EXCLUSION, each + " has " + n + " left at the end");
                if (!each.locked()) {
                    each.acquire();
                }
            }
            ledger.require(each.locked(), Claim.EXCLUSION, each + " has more at the end than at the beginning");
        }
        ledger.require(
                loop.reactor().itemsTaken() == items, Claim.EXCLUSION, "a newcomer had to wait for what nobody has");
        ledger.require(
                barrier.nWaiting() == 0 && barrier.toString().contains("filling"),
                Claim.ENDS,
                barrier + " is not empty");
        List<Integer> left = new ArrayList<>();
        while (!queue.empty()) {
            left.add(queue.getNowait());
        }
        ledger.left(left, false);
        while (receive()) {
            // the next
        }
        ledger.judgeSends();
    }
}
