package dev.rondo.testkit;

import dev.rondo.Action;
import dev.rondo.CancelledError;
import dev.rondo.Coroutine;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The calls that several actors have made on one object, in the order in which they began and returned: for
 * {@link Linearizability} to find out whether the object can be explained as one that does one call at a time.
 *
 * <pre>{@code
 * history.record("A", "put", () -> queue.put(1), 1);
 * int item = history.record("B", "get", () -> queue.get());
 * }</pre>
 *
 * <p>Not safe for use by several threads; the coroutines of one loop may share it.
 */
public final class History {

    private final List<Call> calls = new ArrayList<>();
    private int now; // counts what has happened: calls and returns

    /** Makes an empty history. */
    public History() {}

    /** How a call has ended. */
    enum End {
        NOT_YET,
        RETURNED,
        THREW,
        MAYBE,
        NOT_HAPPENED
    }

    /** Notes that a call begins. */
    public Call call(Object actor, String operation, @Nullable Object... arguments) {
        Call call = new Call(this, actor, operation, arguments.clone(), now++);
        calls.add(call);
        return call;
    }

    /**
     * Makes a call and notes how it ends. One that ends with a {@link CancelledError} has not happened, as all types of
     * Rondo promise; for one that may have, use {@link #call}.
     *
     * @return what the call returns
     * @throws X what the call throws
     */
    public <T extends @Nullable Object, X extends Exception> T record(
            Object actor, String operation, Coroutine<T, X> body, @Nullable Object... arguments) throws X {
        Call call = call(actor, operation, arguments);
        try {
            T value = body.run();
            call.returned(value);
            return value;
        } catch (CancelledError e) {
            call.didNotHappen();
            throw e;
        } catch (Throwable e) {
            call.threw(e);
            throw e;
        }
    }

    /** Makes a call that returns nothing, and notes how it ends. */
    public <X extends Exception> void record(
            Object actor, String operation, Action<X> body, @Nullable Object... arguments) throws X {
        record(actor, operation, body.asCoroutine(), arguments);
    }

    List<Call> calls() {
        return calls;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (Call call : calls) {
            text.append(text.isEmpty() ? "" : "\n").append(call);
        }
        return text.toString();
    }

    /** One call. How it ended is noted once; one that has not ended may have happened or not. */
    public static final class Call {

        private final History history;
        private final Object actor;
        private final String operation;
        private final @Nullable Object[] arguments;
        final int begin;
        int end = Integer.MAX_VALUE;
        private End ending = End.NOT_YET;
        private @Nullable Object outcome; // what it returned or threw

        private Call(History history, Object actor, String operation, @Nullable Object[] arguments, int begin) {
            this.history = history;
            this.actor = actor;
            this.operation = operation;
            this.arguments = arguments;
            this.begin = begin;
        }

        /** Notes that the call has returned; null where it returns nothing. */
        public void returned(@Nullable Object value) {
            ended(End.RETURNED, value);
        }

        /** Notes that the call has thrown. */
        public void threw(Throwable failure) {
            ended(End.THREW, failure);
        }

        /** Notes that the call is over, and has left no trace: it was cancelled, and the contract says so. */
        public void didNotHappen() {
            ended(End.NOT_HAPPENED, null);
        }

        /** Notes that the call is over, and nobody knows whether it had its effect. */
        public void mayHaveHappened() {
            ended(End.MAYBE, null);
        }

        private void ended(End ending, @Nullable Object outcome) {
            if (this.ending != End.NOT_YET) {
                throw new IllegalStateException(this + " has ended already");
            }
            this.ending = ending;
            this.outcome = outcome;
            end = history.now++;
        }

        /** Returns how it stood at a time: what came later is not known then. */
        End endingAt(int time) {
            return ending == End.NOT_HAPPENED || end <= time ? ending : End.NOT_YET;
        }

        Operation at(int time) {
            return new Operation(actor, operation, arguments, endingAt(time), end <= time ? outcome : null);
        }

        @Override
        public String toString() {
            String until = end == Integer.MAX_VALUE ? "" : Integer.toString(end);
            return String.format("%4d to %4s  %s", begin, until, at(Integer.MAX_VALUE - 1));
        }
    }

    /** What a {@link Model} is asked about: a call with how it ended, as far as that is known. */
    public static final class Operation {

        private final Object actor;
        private final String name;
        private final @Nullable Object[] arguments;
        private final End ending;
        private final @Nullable Object outcome;

        private Operation(
                Object actor, String name, @Nullable Object[] arguments, End ending, @Nullable Object outcome) {
            this.actor = actor;
            this.name = name;
            this.arguments = arguments;
            this.ending = ending;
            this.outcome = outcome;
        }

        /** Returns who has called. */
        public Object actor() {
            return actor;
        }

        /** Returns which operation it is. */
        public String name() {
            return name;
        }

        /** Returns an argument, from 0. */
        public @Nullable Object argument(int index) {
            return arguments[index];
        }

        /** Returns whether the call can have returned the value; true for one of which nothing is known. */
        public boolean canReturn(@Nullable Object value) {
            return unknown() || (ending == End.RETURNED && Objects.equals(outcome, value));
        }

        /** Returns whether the call can have thrown such a thing; true for one of which nothing is known. */
        public boolean canThrow(Class<? extends Throwable> type) {
            return unknown() || (ending == End.THREW && type.isInstance(outcome));
        }

        private boolean unknown() {
            return ending == End.NOT_YET || ending == End.MAYBE;
        }

        @Override
        public String toString() {
            StringBuilder text =
                    new StringBuilder().append(actor).append(": ").append(name).append('(');
            for (int i = 0; i < arguments.length; i++) {
                text.append(i == 0 ? "" : ", ").append(arguments[i]);
            }
            text.append(')');
            return switch (ending) {
                case NOT_YET -> text.append(" has not returned").toString();
                case MAYBE ->
                    text.append(" was given up, and may have happened").toString();
                case NOT_HAPPENED ->
                    text.append(" was given up, and must not have happened").toString();
                case THREW -> text.append(" threw ").append(outcome).toString();
                case RETURNED ->
                    outcome == null
                            ? text.toString()
                            : text.append(" → ").append(outcome).toString();
            };
        }
    }
}
