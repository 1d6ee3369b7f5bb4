package dev.rondo.examples.testing;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.sleep;

import dev.rondo.AsyncQueue;
import dev.rondo.CancelledError;
import dev.rondo.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Workers who share the jobs of a queue, and one of whom may be cancelled at any time. */
class Crew {

    private static final Duration A_JOB = Duration.ofMillis(10);

    final AsyncQueue<String> jobs = new AsyncQueue<>();
    final List<String> done = new ArrayList<>();
    boolean diedAtWork;

    Task<Void, RuntimeException> hire() {
        return createTask(() -> work());
    }

    // @start region="work"
    private void work() {
        while (true) {
            String job = jobs.get();
            try {
                sleep(A_JOB);
                done.add(job);
            } catch (CancelledError e) {
                giveBack(job);
                throw e;
            }
        }
    }

    void giveBack(String job) {
        jobs.putNowait(job); // for the others
        diedAtWork = true;
    }
    // @end
}
