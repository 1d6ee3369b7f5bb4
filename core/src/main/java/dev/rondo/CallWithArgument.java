package dev.rondo;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A callback and what it is called with. */
record CallWithArgument<A extends @Nullable Object>(Consumer<? super A> code, A argument)
        implements Runnable, Names.Wrapper {

    @Override
    public void run() {
        code.accept(argument);
    }
}
