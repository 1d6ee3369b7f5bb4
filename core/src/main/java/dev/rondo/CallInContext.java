package dev.rondo;

import org.jspecify.annotations.Nullable;

/** A coroutine that is to see the context variables of somebody else. */
record CallInContext<T extends @Nullable Object, X extends Exception>(Context context, Coroutine<T, X> code)
        implements Coroutine<T, X>, Names.Wrapper {

    @Override
    public T run() throws X {
        return context.call(code);
    }
}
