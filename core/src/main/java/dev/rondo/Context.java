package dev.rondo;

import java.util.HashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * The values of {@link ContextVar}s as a task or callback sees them. Each task has its own, a copy of the one it was
 * created in. Stands for {@code contextvars.Context}.
 *
 * <p>A context is used by one thread at a time. A copy costs nothing until one of the two is changed.
 */
public final class Context {

    /** The context of a thread that runs no coroutine. */
    private static final ThreadLocal<Context> OF_THREAD = ThreadLocal.withInitial(Context::new);

    private Map<ContextVar<?>, Object> values; // never changed in place, so that copies may share it
    private boolean entered;

    /** Makes an empty context. */
    public Context() {
        this(Map.of());
    }

    private Context(Map<ContextVar<?>, Object> values) {
        this.values = values;
    }

    /** Returns a copy of the current context. Stands for {@code contextvars.copy_context()}. */
    public static Context copyCurrent() {
        return current().copy();
    }

    /** Returns a copy. */
    public Context copy() {
        return new Context(values);
    }

    /**
     * Runs {@code action} with this as the current context: what it sets stays in here.
     *
     * @throws IllegalStateException if the context is already entered
     */
    public <X extends Exception> void run(Action<X> action) throws X {
        call(action.asCoroutine());
    }

    /**
     * Runs {@code body} with this as the current context and returns its result.
     *
     * @throws IllegalStateException if the context is already entered
     */
    public <T extends @Nullable Object, X extends Exception> T call(Coroutine<T, X> body) throws X {
        if (entered) {
            throw new IllegalStateException("cannot enter context: it is already entered");
        }
        Strand strand = RunningLoops.strandHere();
        Context before = strand != null ? strand.context : OF_THREAD.get();
        entered = true;
        enter(strand, this);
        try {
            return body.run();
        } finally {
            enter(strand, before);
            entered = false;
        }
    }

    private static void enter(@Nullable Strand strand, Context context) {
        if (strand != null) {
            strand.context = context;
        } else {
            OF_THREAD.set(context);
        }
    }

    static Context current() {
        Strand strand = RunningLoops.strandHere();
        return strand != null ? strand.context : OF_THREAD.get();
    }

    <T> T get(ContextVar<T> variable) {
        @SuppressWarnings("unchecked") // put() is the only way in
        T value = (T) values.get(variable);
        if (value == null) {
            value = variable.defaultValue();
        }
        if (value == null) {
            throw new NoSuchElementException(variable + " has no value in this context and no default");
        }
        return value;
    }

    /** Sets a value, or removes it if null; returns the one before, or null. */
    <T> @Nullable T put(ContextVar<T> variable, @Nullable T value) {
        var changed = new HashMap<>(values);
        Object before = value == null ? changed.remove(variable) : changed.put(variable, value);
        values = changed;
        @SuppressWarnings("unchecked") // put() is the only way in
        T typed = (T) before;
        return typed;
    }
}
