package dev.rondo;

import org.jspecify.annotations.Nullable;

/** An action as a coroutine: a type of its own, so that messages can say whose code it runs. */
record ActionCoroutine<X extends Exception>(Action<X> code) implements Coroutine<@Nullable Void, X>, Names.Wrapper {

    @Override
    public @Nullable Void run() throws X {
        code.run();
        return null;
    }
}
