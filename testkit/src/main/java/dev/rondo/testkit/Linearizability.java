package dev.rondo.testkit;

/**
 * Checks that what several actors saw of an object can be explained by one that does one call at a time: there is an
 * order of the calls, each at some moment between its beginning and its end, in which a {@link Model} does the same.
 *
 * <p>Fast where few calls overlap: hundreds of calls of some five actors take milliseconds. The time can grow
 * exponentially with the number that overlap, so that a search gives up after a million states.
 */
public final class Linearizability {

    private static final long MOST_STATES = 1_000_000;

    private Linearizability() {}

    /**
     * Checks a history. Calls that have not returned may have happened, or not.
     *
     * @throws AssertionError if there is no such order, with the shortest beginning of the history that has none
     * @throws IllegalStateException if there were too many orders to try them all
     */
    public static void check(History history, Model<?> model) {
        check(history, model, MOST_STATES);
    }

    /**
     * As {@link #check}, of a history after which nothing runs any more: also checks that the calls that have not
     * returned have to wait, so that none was forgotten.
     */
    public static void checkAtRest(History history, Model<?> model) {
        check(history, model);
        OrderSearch<?> search = new OrderSearch<>(history, model, Integer.MAX_VALUE - 1, true, MOST_STATES);
        if (found(search, MOST_STATES)) {
            return;
        }
        throw new AssertionError("nothing runs any more, and a call that has not returned need not wait. The "
                + search.size() + " calls:" + search.describeCalls() + "\n  As far as any order goes:"
                + search.describeFurthest());
    }

    static void check(History history, Model<?> model, long mostStates) {
        int whole = Integer.MAX_VALUE - 1;
        if (!found(new OrderSearch<>(history, model, whole, false, mostStates), mostStates)) {
            throw new AssertionError(explain(history, model, mostStates));
        }
    }

    private static boolean found(OrderSearch<?> search, long mostStates) {
        return switch (search.search()) {
            case FOUND -> true;
            case NONE -> false;
            case GAVE_UP ->
                throw new IllegalStateException("gave up after " + mostStates + " states: too many of the "
                        + search.size() + " calls overlap. Make the history shorter, or its actors fewer");
        };
    }

    /** Returns what is wrong, by the shortest beginning: whatever follows one that has no order has none either. */
    private static String explain(History history, Model<?> model, long mostStates) {
        int[] ends = history.calls().stream()
                .mapToInt(call -> call.end)
                .filter(end -> end < Integer.MAX_VALUE)
                .sorted()
                .toArray();
        int from = 0;
        int to = ends.length - 1; // the shortest that has none ends there at the latest
        while (from < to) {
            int middle = (from + to) >>> 1;
            if (found(new OrderSearch<>(history, model, ends[middle], false, mostStates), mostStates)) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        OrderSearch<?> search = new OrderSearch<>(history, model, ends[from], false, mostStates);
        found(search, mostStates);
        return "no order of these " + search.size() + " calls explains what they returned (the shortest beginning of "
                + history.calls().size() + " calls that has none; begin and end are counted in events):"
                + search.describeCalls() + "\n  As far as any order goes:" + search.describeFurthest();
    }
}
