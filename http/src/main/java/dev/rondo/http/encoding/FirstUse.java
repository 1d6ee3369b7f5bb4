package dev.rondo.http.encoding;

import dev.rondo.Asyncio;

/**
 * What is done once in the life of a JVM, such as initialising a library's classes, and takes so long that no coroutine
 * should wait for another's.
 */
public final class FirstUse {

    private FirstUse() {}

    /**
     * Runs it, and returns when it has ended. A coroutine is suspended meanwhile, while another thread runs it; but in
     * a simulated run, where each is as the first, and outside of coroutines it takes the time it takes.
     *
     * @param initialisation which does nothing the second time, and has those who come meanwhile wait: so does the
     *     initialiser of a class
     */
    public static void run(Runnable initialisation) {
        if (inCoroutine() && !Asyncio.getRunningLoop().simulated()) {
            Asyncio.toThread(initialisation::run);
        } else {
            initialisation.run();
        }
    }

    private static boolean inCoroutine() {
        try {
            return Asyncio.currentTask() != null;
        } catch (IllegalStateException noLoopHere) {
            return false;
        }
    }
}
