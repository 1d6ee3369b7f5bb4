package dev.rondo.testkit;

/** How {@link LoopTest} looks for schedules. */
public enum Explore {

    /**
     * What is ready in the same turn of the loop goes in any order. After a {@code yieldNow()} everything has run that
     * was ready before, as asyncio promises.
     */
    SHUFFLE,

    /** Any ready coroutine may go next. */
    RANDOM,

    /**
     * Random priorities that change a few times in a run: finds bugs that need few events in a certain order, far
     * apart. The plain schedule always runs first, since it tells how long a run is.
     */
    PCT
}
