package dev.rondo;

import org.jspecify.annotations.Nullable;

/**
 * A variable that has a value of its own in each {@link Context}: what is set in one task is not seen in another.
 * Stands for {@code contextvars.ContextVar}. May be used by any thread.
 *
 * @param <T> the type of its values
 */
public final class ContextVar<T> {

    private final String name;
    private final @Nullable T defaultValue;

    private ContextVar(String name, @Nullable T defaultValue) {
        this.name = name;
        this.defaultValue = defaultValue;
    }

    /** Makes a variable without a default. */
    public static <T> ContextVar<T> named(String name) {
        return new ContextVar<>(name, null);
    }

    /** Makes a variable whose value is {@code defaultValue} where none was set. */
    public static <T> ContextVar<T> withDefault(String name, T defaultValue) {
        return new ContextVar<>(name, defaultValue);
    }

    /** Returns the variable's name. */
    public String name() {
        return name;
    }

    /**
     * Returns the value in the current context.
     *
     * @throws java.util.NoSuchElementException if none was set and there is no default
     */
    public T get() {
        return Context.current().get(this);
    }

    /** Sets the value in the current context; give the result to {@link #reset} to undo it. */
    public Token<T> set(T value) {
        Context context = Context.current();
        return new Token<>(this, context, context.put(this, value));
    }

    /**
     * Gives the variable the value it had before the {@link #set} that returned the token.
     *
     * @throws IllegalArgumentException if the token is another variable's or another context's
     */
    public void reset(Token<T> token) {
        Context context = Context.current();
        if (token.variable != this || token.context != context) {
            throw new IllegalArgumentException("the token was not made by " + this + " in this context");
        }
        context.put(this, token.before);
    }

    @Nullable T defaultValue() {
        return defaultValue;
    }

    @Override
    public String toString() {
        return "<ContextVar " + name + ">";
    }

    /** What {@link ContextVar#set} returns: the way back. */
    public static final class Token<T> {
        private final ContextVar<T> variable;
        private final Context context;
        private final @Nullable T before;

        private Token(ContextVar<T> variable, Context context, @Nullable T before) {
            this.variable = variable;
            this.context = context;
            this.before = before;
        }
    }
}
