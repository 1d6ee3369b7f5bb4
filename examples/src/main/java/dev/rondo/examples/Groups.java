package dev.rondo.examples;

import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.taskGroup;
import static dev.rondo.Asyncio.timeout;

import dev.rondo.Asyncio;
import dev.rondo.TaskGroupException;
import java.time.Duration;

/** Tasks that end together: the first failure cancels the rest. */
final class Groups {

    // @start region="group"
    static void main() {
        Asyncio.run(() -> {
            try {
                taskGroup(group -> {
                    group.createTask(() -> work("quick", Duration.ofMillis(50)));
                    group.createTask(() -> work("slow", Duration.ofHours(1)));
                    group.createTask(() -> timeout(Duration.ofMillis(100), () -> work("late", Duration.ofHours(1))));
                }); // here all of them have ended, whatever happened
            } catch (TaskGroupException e) {
                IO.println("failed: " + e.causes());
            }
        });
    }

    static void work(String name, Duration duration) {
        try {
            sleep(duration);
            IO.println(name + " is done");
        } finally {
            IO.println(name + " has tidied up"); // when it is cancelled, too
        }
    }
    // @end
}
