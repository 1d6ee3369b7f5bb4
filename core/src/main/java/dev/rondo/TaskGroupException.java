package dev.rondo;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Something in a {@link TaskGroup} has failed. The cause is the first failure, and the others are suppressed in this,
 * so that a stack trace shows them all. Stands for Python's {@code ExceptionGroup}.
 */
public class TaskGroupException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient List<Throwable> causes;

    /** Makes an exception of at least one failure, in the order in which they came. */
    TaskGroupException(String message, List<Throwable> causes) {
        super(
                message + " (" + causes.size() + (causes.size() == 1 ? " sub-exception)" : " sub-exceptions)"),
                first(causes));
        this.causes = List.copyOf(causes);
        suppress(this);
    }

    /** What was awaited and had been cancelled tells least: any other failure goes before it. */
    private static Throwable first(List<Throwable> causes) {
        for (Throwable cause : causes) {
            if (!(cause instanceof TaskCancelledException)) {
                return cause;
            }
        }
        return causes.getFirst();
    }

    /** Suppresses in {@code main} all failures but itself and its cause, each once. */
    private void suppress(Throwable main) {
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        seen.add(main);
        seen.add(main.getCause());
        for (Throwable cause : causes) {
            if (seen.add(cause)) {
                main.addSuppressed(cause);
            }
        }
    }

    /** Returns the failures: of the tasks in the order in which they failed, then that of the group's body. */
    public List<Throwable> causes() {
        return causes;
    }

    /**
     * Throws the failure itself if it is the only one and of this type; otherwise does nothing. For a group in which
     * one thing can go wrong:
     *
     * <pre>{@code
     * try {
     *     taskGroup(group -> { … });
     * } catch (TaskGroupException e) {
     *     e.throwSingle(IOException.class);
     *     throw e;
     * }
     * }</pre>
     */
    public <X extends Throwable> void throwSingle(Class<X> type) throws X {
        if (causes.size() == 1 && type.isInstance(causes.getFirst())) {
            throw type.cast(causes.getFirst());
        }
    }

    /**
     * Throws a failure itself, with the others suppressed in it, as the type that the caller knows of.
     *
     * @param chosen which one; null for the first
     */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    <X extends Exception> RuntimeException unwrapped(@Nullable Throwable chosen) throws X {
        Throwable failure = chosen != null ? chosen : first(causes);
        suppress(failure);
        throw (X) failure;
    }
}
