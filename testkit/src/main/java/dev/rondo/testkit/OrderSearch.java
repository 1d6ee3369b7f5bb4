package dev.rondo.testkit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Looks for an order of the calls of a history's beginning in which the model does what they did, and in which none
 * comes before one that had returned before it was made (Wing and Gong; that a set of calls with the state they led to
 * is tried once is Lowe's). For one search.
 *
 * @param <S> the model's states
 */
final class OrderSearch<S> {

    private static final int SHOWN = 40;

    enum Verdict {
        FOUND,
        NONE,
        GAVE_UP
    }

    private record Tried(BitSet done, Object state) {}

    /** A state that was reached, and how the search goes on from there. */
    private final class Place {
        final S state;
        final int latestBegin; // of the calls that are done
        final int[] candidates;
        int next; // of the candidates
        int taken = -1; // the call that led on from here

        Place(S state, int latestBegin) {
            this.state = state;
            this.latestBegin = latestBegin;
            candidates = candidates(latestBegin);
        }
    }

    private final Model<S> model;
    private final List<History.Call> calls = new ArrayList<>(); // in the order in which they began
    private final List<History.Operation> operations = new ArrayList<>();
    private final int time;
    private final boolean atRest;
    private final long mostStates;
    private final BitSet done = new BitSet();
    private int firstUndone;
    private int mandatoryLeft;
    private final Set<Tried> tried = new HashSet<>();

    private List<History.Operation> furthest = List.of(); // the longest order that was found
    private S furthestState;
    private List<History.Operation> stuck = List.of(); // what could have come next, and was refused

    /**
     * Makes a search.
     *
     * @param time what comes later in the history is not known
     * @param atRest whether nothing runs any more: what has not returned must be unable to
     */
    OrderSearch(History history, Model<S> model, int time, boolean atRest, long mostStates) {
        this.model = model;
        this.time = time;
        this.atRest = atRest;
        this.mostStates = mostStates;
        furthestState = model.initial();
        for (History.Call call : history.calls()) {
            if (call.begin <= time && call.endingAt(time) != History.End.NOT_HAPPENED) {
                calls.add(call);
                operations.add(call.at(time));
                mandatoryLeft += mandatory(calls.size() - 1) ? 1 : 0;
            }
        }
    }

    private boolean mandatory(int i) {
        History.End ending = calls.get(i).endingAt(time);
        return ending == History.End.RETURNED || ending == History.End.THREW;
    }

    private int end(int i) {
        int end = calls.get(i).end;
        return end <= time ? end : Integer.MAX_VALUE;
    }

    Verdict search() {
        List<Place> path = new ArrayList<>();
        path.add(new Place(model.initial(), -1));
        for (; ; ) {
            Place place = path.getLast();
            if (mandatoryLeft == 0 && mayEnd(place.state)) {
                return Verdict.FOUND;
            }
            S next = advance(place);
            if (next != null) {
                if (tried.size() > mostStates) {
                    return Verdict.GAVE_UP;
                }
                path.add(new Place(next, Math.max(place.latestBegin, calls.get(place.taken).begin)));
                noteFurthest(path);
            } else {
                path.removeLast();
                if (path.isEmpty()) {
                    return Verdict.NONE;
                }
                take(path.getLast().taken, false);
            }
        }
    }

    /** Does the next of the candidates that the model lets happen, if it leads where we have not been. */
    private @Nullable S advance(Place place) {
        while (place.next < place.candidates.length) {
            int i = place.candidates[place.next++];
            S next = model.step(place.state, operations.get(i));
            if (next != null) {
                take(i, true);
                if (tried.add(new Tried((BitSet) done.clone(), next))) {
                    place.taken = i;
                    return next;
                }
                take(i, false);
            }
        }
        return null;
    }

    private void take(int i, boolean now) {
        done.set(i, now);
        mandatoryLeft += mandatory(i) ? (now ? -1 : 1) : 0;
        firstUndone = now ? done.nextClearBit(firstUndone) : Math.min(firstUndone, i);
    }

    /** Returns what may come next: calls that no other had to be over before. */
    private int[] candidates(int latestBegin) {
        int[] found = new int[8];
        int count = 0;
        int earliestEnd = Integer.MAX_VALUE;
        for (int i = firstUndone; i < calls.size() && calls.get(i).begin < earliestEnd; i = done.nextClearBit(i + 1)) {
            boolean mandatory = mandatory(i);
            if (!mandatory && (end(i) < latestBegin || (atRest && end(i) == Integer.MAX_VALUE))) {
                continue; // given up before something began that has been; or waits to this day
            }
            if (count == found.length) {
                found = Arrays.copyOf(found, 2 * count);
            }
            found[count++] = i;
            if (mandatory) {
                earliestEnd = Math.min(earliestEnd, end(i));
            }
        }
        int kept = 0;
        for (int n = 0; n < count; n++) {
            if (calls.get(found[n]).begin < earliestEnd) {
                found[kept++] = found[n];
            }
        }
        return Arrays.copyOf(found, kept);
    }

    private boolean mayEnd(S state) {
        return !atRest || couldGoOn(state) == null;
    }

    private History.@Nullable Operation couldGoOn(S state) {
        for (int i = 0; i < calls.size(); i++) {
            if (calls.get(i).endingAt(time) == History.End.NOT_YET && !model.mayWait(state, operations.get(i))) {
                return operations.get(i);
            }
        }
        return null;
    }

    private void noteFurthest(List<Place> path) {
        if (path.size() - 1 > furthest.size()) {
            furthest = new ArrayList<>();
            for (Place place : path.subList(0, path.size() - 1)) {
                furthest.add(operations.get(place.taken));
            }
            furthestState = path.getLast().state;
            stuck = new ArrayList<>();
            for (int i : path.getLast().candidates) {
                stuck.add(operations.get(i));
            }
        }
    }

    // ------------------------------------------------------------------------------------------------ how far it came

    /** Returns how many calls there are, with those that have not returned. */
    int size() {
        return calls.size();
    }

    String describeCalls() {
        int hidden = Math.max(0, calls.size() - SHOWN);
        StringBuilder text = new StringBuilder(hidden == 0 ? "" : "\n  … " + hidden + " earlier ones");
        for (int i = hidden; i < calls.size(); i++) {
            int end = end(i);
            text.append(String.format(
                    "%n  %4d to %4s  %s",
                    calls.get(i).begin, end == Integer.MAX_VALUE ? "" : Integer.toString(end), operations.get(i)));
        }
        return text.toString();
    }

    String describeFurthest() {
        int hidden = Math.max(0, furthest.size() - SHOWN);
        StringBuilder text = new StringBuilder(hidden == 0 ? "" : "\n    … " + hidden + " earlier ones");
        for (History.Operation operation : furthest.subList(hidden, furthest.size())) {
            text.append("\n    ").append(operation);
        }
        text.append("\n  That leads to the state ").append(furthestState);
        History.Operation waiting = mandatoryLeftAfterFurthest() ? null : couldGoOn(furthestState);
        if (waiting != null) {
            return text.append(", in which this need not wait any longer:\n    ")
                    .append(waiting)
                    .toString();
        }
        text.append(", in which none of these can come next:");
        for (History.Operation operation : stuck) {
            text.append("\n    ").append(operation);
        }
        return text.toString();
    }

    private boolean mandatoryLeftAfterFurthest() {
        int mandatory = 0;
        for (int i = 0; i < calls.size(); i++) {
            mandatory += mandatory(i) && !furthest.contains(operations.get(i)) ? 1 : 0;
        }
        return mandatory > 0;
    }
}
