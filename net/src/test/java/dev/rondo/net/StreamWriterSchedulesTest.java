package dev.rondo.net;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.sleep;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.Task;
import dev.rondo.TaskCancelledException;
import dev.rondo.spec.Spec;
import dev.rondo.testkit.LoopTest;
import dev.rondo.testkit.Sim;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Writers, cancels, closing and a peer that takes a little at a time, in many orders. */
class StreamWriterSchedulesTest {

    private final StubbornStream stream = new StubbornStream();
    private final List<String> called = new ArrayList<>(); // messages, in the order of the calls
    private final List<String> owed = new ArrayList<>(); // those of them that must arrive
    private final List<Task<?, IOException>> tasks = new ArrayList<>();
    private final List<Task<?, RuntimeException>> others = new ArrayList<>();

    private static Duration millis(int millis) {
        return Duration.ofMillis(millis);
    }

    private String call(int number) {
        String message = "(" + number + "." + "x".repeat(number % 7) + ")";
        called.add(message);
        return message;
    }

    /** Has several write, in either way, some of whom are cancelled. */
    private void writeAndCancel(Sim sim, StreamWriter writer) {
        for (int i = 0; i < 10; i++) {
            int number = i;
            int delay = sim.choose(4, "when a message is written");
            if (sim.choose(3, "how it is written") == 0) {
                tasks.add(createTask(() -> {
                    sleep(millis(delay));
                    String message = call(number);
                    if (!writer.isClosing()) {
                        owed.add(message);
                    }
                    writer.writeNow(message, US_ASCII);
                }));
            } else {
                Task<?, IOException> task = createTask(() -> {
                    sleep(millis(delay));
                    String message = call(number);
                    writer.write(message, US_ASCII);
                    owed.add(message);
                });
                tasks.add(task);
                if (sim.choose(3, "whether it is cancelled") == 0) {
                    others.add(createTask(() -> {
                        sleep(millis(delay + sim.choose(3, "when")));
                        task.cancel();
                    }));
                }
            }
        }
        others.add(createTask(() -> {
            for (int i = 0; i < 40; i++) {
                sleep(millis(sim.choose(2, "whether the peer is slow")));
                stream.take(1 + sim.choose(5, "how much the peer takes"));
            }
            stream.takeAll();
        }));
    }

    private void awaitTasks() {
        others.forEach(Task::await);
        for (Task<?, IOException> task : tasks) {
            try {
                task.await();
            } catch (TaskCancelledException e) {
                // as asked
            } catch (IOException e) {
                assertThat(e).isInstanceOf(ClosedChannelException.class);
            }
        }
    }

    /** What has arrived is whole messages, in the order of the calls, all that are owed among them. */
    private void checkArrived(String end) {
        StringBuilder expected = new StringBuilder();
        for (String message : called) {
            if (stream.taken.indexOf(message) >= 0) {
                expected.append(message);
            }
        }
        assertThat(stream.taken).hasToString(expected + end);
        assertThat(stream.taken).contains(owed);
    }

    @Spec("ST-12")
    @LoopTest(seeds = 100)
    void messagesArriveWholeAndInOrder(Sim sim) throws IOException {
        StreamWriter writer = new StreamWriter(stream);
        writer.setWriteBufferLimits(8);
        writeAndCancel(sim, writer);
        awaitTasks();
        writer.drain();
        writer.writeEof();
        assertThat(writer.writeBufferSize()).isZero();
        checkArrived("<eof>");
    }

    @Spec("ST-14")
    @LoopTest(seeds = 100)
    void whateverWaitsWhenItIsClosedArrivesAndNothingElseDoes(Sim sim) throws IOException {
        StreamWriter writer = new StreamWriter(stream);
        writeAndCancel(sim, writer);
        sleep(millis(sim.choose(5, "when it is closed")));
        writer.close();
        writer.waitClosed();
        awaitTasks();
        assertThat(writer.writeBufferSize()).isZero();
        checkArrivedAtClose();
    }

    /** A message that was being written without anything waiting behind it may have been cut off. */
    private void checkArrivedAtClose() {
        String taken = stream.taken.toString();
        assertThat(taken).endsWith("<closed>");
        String messages = taken.substring(0, taken.length() - "<closed>".length());
        int place = 0;
        for (String message : called) {
            if (messages.startsWith(message, place)) {
                place += message.length();
            } else {
                assertThat(owed).doesNotContain(message);
                if (!messages.isEmpty() && place < messages.length() && message.startsWith(messages.substring(place))) {
                    place = messages.length(); // cut off, and the last
                }
            }
        }
        assertThat(place).isEqualTo(messages.length());
    }
}
