package dev.rondo.testkit.core;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.timeout;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.testkit.core.Scenarios.aWhile;
import static dev.rondo.testkit.core.Scenarios.cancelSomeTime;
import static dev.rondo.testkit.core.Scenarios.isNotCancelled;
import static dev.rondo.testkit.core.Scenarios.wasCancelled;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.AsyncTimeoutException;
import dev.rondo.Channel;
import dev.rondo.EndOfChannelException;
import dev.rondo.Task;
import dev.rondo.testkit.Sim;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whatever a channel was given is received, once and in the order of each sender, whoever leaves. */
public final class ChannelScenario {

    private static final Pattern WAITING_SENDERS = Pattern.compile("buffered=(\\d+) senders=\\d+ waiting=(\\d+)");

    private final Channel<Integer> channel;
    private final Channel.Sender<Integer> sender;
    private final Channel.Receiver<Integer> receiver;
    private final List<Integer> sent = new ArrayList<>();
    private final List<Integer> received = new ArrayList<>();

    private ChannelScenario(int capacity) {
        channel = new Channel<>(capacity);
        sender = channel.openSender();
        receiver = channel.openReceiver();
    }

    /** One of two receivers is cancelled. If it received an item first, one more is sent. */
    public static void cancelledReceiver(Sim sim) throws Exception {
        ChannelScenario on = new ChannelScenario(sim.choose(3, "capacity"));
        Task<?, ?> victim = createTask(() -> on.receive(1), "victim");
        List<Task<?, ?>> others = List.of(
                createTask(() -> on.receive(3), "receiver"),
                createTask(() -> on.send(sim, 1, 2), "sender a"),
                createTask(() -> on.send(sim, 11), "sender b"),
                cancelSomeTime(sim, victim));
        if (!wasCancelled(victim)) {
            on.send(sim, 21);
        }
        on.endsWell(others);
    }

    /** One of two senders is cancelled. If it has sent its item first, there is one more to receive. */
    public static void cancelledSender(Sim sim) throws Exception {
        ChannelScenario on = new ChannelScenario(sim.choose(2, "capacity"));
        sim.always("there is room or nobody waits for it", on::roomIsUsed);
        Task<?, ?> victim = createTask(() -> on.send(sim, 21), "victim");
        List<Task<?, ?>> others = List.of(
                createTask(() -> on.send(sim, 1, 2), "sender a"),
                createTask(() -> on.send(sim, 11), "sender b"),
                createTask(
                        () -> {
                            aWhile(sim, 2);
                            on.receive(3);
                        },
                        "receiver"),
                cancelSomeTime(sim, victim));
        wasCancelled(victim);
        if (on.sent.contains(21)) { // it may hear of the cancel after that
            on.receive(1);
        }
        on.endsWell(others);
    }

    /** A sender has no more time in the instant in which its item is taken: it was sent, or it was not. */
    public static void sendInTime(Sim sim) throws Exception {
        ChannelScenario on = new ChannelScenario(0);
        Duration second = Duration.ofSeconds(1);
        Task<?, ?> sender = createTask(() -> {
            try {
                timeout(second, () -> on.send(sim, 1));
            } catch (AsyncTimeoutException e) {
                assertThat(on.sent).isEmpty();
            }
            isNotCancelled();
            yieldNow();
            on.send(sim, 2);
        });
        sleep(second);
        aWhile(sim, 2);
        on.receive(1);
        if (on.sent.contains(1) || on.received.contains(1)) {
            on.receive(1);
        }
        on.endsWell(List.of(sender));
    }

    /** Nobody waits with an item while there is room for it. */
    private boolean roomIsUsed() {
        Matcher waiting = WAITING_SENDERS.matcher(channel.toString());
        return !waiting.find()
                || waiting.group(2).equals("0")
                || Integer.parseInt(waiting.group(1)) >= channel.capacity();
    }

    /** Two receive until the last of two senders is closed. */
    public static void closing(Sim sim) throws Exception {
        ChannelScenario on = new ChannelScenario(sim.choose(2, "capacity"));
        Channel.Sender<Integer> second = on.channel.openSender();
        List<Task<?, ?>> tasks = List.of(
                createTask(on::receiveAll, "receiver a"),
                createTask(on::receiveAll, "receiver b"),
                createTask(() -> {
                    on.send(sim, 1, 2);
                    on.sender.close();
                }),
                createTask(() -> {
                    aWhile(sim, 2);
                    second.close();
                }));
        on.endsWell(tasks);
    }

    private void send(Sim sim, int... items) {
        for (int item : items) {
            aWhile(sim, 1);
            sender.send(item);
            sent.add(item);
        }
    }

    private void receive(int count) {
        for (int i = 0; i < count; i++) {
            received.add(receiver.receive());
        }
    }

    private void receiveAll() {
        try {
            for (; ; ) {
                received.add(receiver.receive());
            }
        } catch (EndOfChannelException e) {
            // that was all
        }
    }

    private void endsWell(List<Task<?, ?>> others) throws Exception {
        for (Task<?, ?> other : others) {
            other.await();
        }
        assertThat(received).containsExactlyInAnyOrderElementsOf(sent);
        if (sent.contains(1)) {
            assertThat(received).as("of one sender").containsSubsequence(1, 2);
        }
        assertThat(channel.size()).isZero();
    }
}
