package dev.rondo.testkit;

import dev.rondo.EventLoop;
import java.util.List;

/**
 * Says what is left at the end of a simulated run that should have been given back. A module that lends things to its
 * users offers one through {@link java.util.ServiceLoader}, and every run asks it; a test adds its own by
 * {@link Sim#atEnd}.
 */
@FunctionalInterface
public interface LeakCheck {

    /**
     * Returns what is left, each in a few words; nothing if all is well. Called once the body has ended, and the tasks
     * that it was allowed to leave; not in a coroutine: cannot suspend.
     *
     * @param loop the loop of the run, which does not run now
     */
    List<String> left(EventLoop loop);
}
