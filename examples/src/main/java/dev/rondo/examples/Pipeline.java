package dev.rondo.examples;

import static dev.rondo.Asyncio.taskGroup;

import dev.rondo.AsyncQueue;
import dev.rondo.Asyncio;
import dev.rondo.Channel;
import java.util.List;

/** Words go through a queue to two workers, and from these through a channel to one that prints. */
final class Pipeline {

    // @start region="pipeline"
    static void main() {
        Asyncio.run(() -> taskGroup(group -> {
            var words = new AsyncQueue<String>(2); // put waits while it is full
            var lengths = new Channel<String>(0); // send waits for a receiver
            for (int i = 0; i < 2; i++) {
                var out = lengths.openSender();
                group.createTask(() -> measure(words, out));
            }
            group.createTask(() -> lengths.openReceiver().forEach(IO::println)); // until all senders are closed
            for (String word : List.of("event", "loop", "coroutine", "task")) {
                words.put(word);
            }
            words.shutdown(); // no more: the workers end when it is empty
        }));
    }

    static void measure(AsyncQueue<String> words, Channel.Sender<String> out) {
        try (out) {
            for (String word : words) { // until the queue is shut down and empty
                Asyncio.yieldNow(); // some work that lets the others run
                out.send(word + ": " + word.length());
            }
        }
    }
    // @end
}
