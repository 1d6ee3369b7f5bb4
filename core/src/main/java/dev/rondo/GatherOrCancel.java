package dev.rondo;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A gather of all or nothing: a task group whose first failure is thrown as it is. */
final class GatherOrCancel {

    private GatherOrCancel() {}

    /** Runs the coroutines as tasks, and returns their values in order once all have ended. */
    static <T extends @Nullable Object, X extends Exception> List<T> await(
            Iterable<? extends Coroutine<? extends T, ? extends X>> coroutines) throws X {
        List<Task<? extends T, ? extends X>> tasks = new ArrayList<>();
        GatherOrCancel.<X>allOrNothing(group -> coroutines.forEach(each -> tasks.add(group.createTask(each))));
        List<T> values = new ArrayList<>(tasks.size());
        for (var task : tasks) {
            values.add(task.result());
        }
        return values;
    }

    /**
     * Runs {@code body} in a group that fails fast, also when one of its tasks is cancelled by somebody else, and
     * throws the first failure itself.
     */
    @SuppressWarnings("TypeParameterUnusedInFormals") // of those that run in the group
    static <X extends Exception> void allOrNothing(AsyncConsumer<TaskGroup, ? extends X> body) throws X {
        try {
            new TaskGroup(GroupPolicy.ALL_OR_NOTHING).run(body);
        } catch (TaskGroupException e) {
            throw e.<X>unwrapped(null);
        }
    }
}
