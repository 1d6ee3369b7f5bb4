package dev.rondo.examples;

import static dev.rondo.Asyncio.mapConcurrent;
import static dev.rondo.CancelScope.moveOnAfter;

import dev.rondo.Asyncio;
import dev.rondo.CapacityLimiter;
import java.time.Duration;
import java.util.List;

/** So many at a time, and so much time for each. */
final class Limits {

    static void main() {
        Asyncio.run(() -> {
            // @start region="limits"
            var pages = mapConcurrent(List.of("a", "b", "c"), 2, name -> fetch(name)); // two at a time
            IO.println(pages); // in the order of the names
            var late = moveOnAfter(Duration.ofMillis(100), () -> fetch("slow")); // in time, or not at all
            IO.println(late.orElse("nothing in time"));
            // @end
            var printer = new CapacityLimiter(1); // one at a time, whoever it is
            Asyncio.gather(() -> print(printer, "first"), () -> print(printer, "second"));
        });
    }

    static String fetch(String name) {
        Asyncio.sleep(name.equals("slow") ? Duration.ofHours(1) : Duration.ofMillis(20));
        return "page " + name;
    }

    static void print(CapacityLimiter printer, String text) {
        try (var _ = printer.hold()) {
            IO.println(text + " begins");
            Asyncio.yieldNow(); // the other could begin now
            IO.println(text + " ends");
        }
    }
}
