package dev.rondo;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The generators of a loop whose bodies have begun and not ended, oldest first. Loop thread only. */
final class Generators {

    private final Map<Task<?, ?>, Generator<?, ?>> live = new LinkedHashMap<>();

    void add(Task<?, ?> task, Generator<?, ?> generator) {
        live.put(task, generator);
    }

    void remove(Task<?, ?> task) {
        live.remove(task);
    }

    boolean isEmpty() {
        return live.isEmpty();
    }

    /** Returns whether a task is the body of one of them: nobody's business but the generator's. */
    boolean own(Task<?, ?> task) {
        return live.containsKey(task);
    }

    /** Closes them all, at the same time, and suspends until all have ended. */
    void closeAll(EventLoop loop) {
        List<Generator<?, ?>> left = List.copyOf(live.values());
        left.forEach(Generator::beginClosing);
        for (Generator<?, ?> generator : left) {
            try {
                generator.close();
            } catch (CancelledError e) {
                throw e;
            } catch (Throwable e) {
                loop.callExceptionHandler(new ExceptionContext(
                        "an error occurred during closing of generator " + generator,
                        e,
                        Map.of("asyncgen", generator)));
            }
        }
    }
}
