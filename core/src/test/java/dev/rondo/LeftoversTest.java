package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.timeout;
import static dev.rondo.Asyncio.waitAny;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.CancelScope.moveOnAfter;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.reactor.Fd;
import dev.rondo.time.VirtualClock;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;

/** What a loop says of what it has in hand, and of what it waits for outside: for the checkers of the test kit. */
class LeftoversTest extends LoopTestCase {

    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void aLoopThatHasNothingInHandSaysNothing() {
        run(() -> sleep(SECOND));
        assertThat(loop.leftovers()).isEmpty();
    }

    @Test
    void whatIsScheduledIsNamedInTheOrderInWhichItIsDue() {
        run(() -> {
            loop.callLater(SECOND.multipliedBy(3), () -> {});
            createTask(() -> sleep(SECOND), "early");
            createTask(() -> timeout(SECOND.multipliedBy(2), () -> new AsyncEvent().await()), "limited");
            loop.callLater(SECOND, () -> {}).cancel();
            yieldNow();
        });
        assertThat(loop.leftovers())
                .containsExactly(
                        "scheduled: sleep of early",
                        "scheduled: a timeout of limited",
                        "scheduled: <TimerHandle when=PT3S dev.rondo.LeftoversTest.lambda>");
    }

    @Test
    void theLoopsOwnLookForUnseenFailuresIsNothingThatIsLeft() {
        run(() -> {
            createTask(() -> {
                throw new IllegalStateException("unseen");
            });
            yieldNow();
        });
        assertThat(loop.leftovers()).isEmpty();
        assertThat(loop.reactor().scheduled()).hasToString("[a look for failures that nobody has seen]");
    }

    @Test
    void suspendedCallbacksAndParkedThreadsAreNamedAndTasksAreNot() {
        ReentrantLock lock = new ReentrantLock();
        AsyncEvent event = new AsyncEvent();
        run(() -> {
            lock.lock();
            createTask(lock::lock);
            loop.callSoon(() -> event.await());
            loop.threadFactory().newThread(lock::lock).start();
            yieldNow();
            yieldNow();
            yieldNow();
            List<String> left = loop.leftovers();
            assertThat(left.getFirst())
                    .startsWith("a callback that is suspended\n    at ")
                    .contains("LeftoversTest");
            assertThat(left).hasSize(2);
            assertThat(left.getLast())
                    .startsWith("a virtual thread of the loop that is parked, without a name\n    at ")
                    .contains("ReentrantLock.lock(");
            event.set();
            lock.unlock();
        });
    }

    @Test
    void openSocketsAreCountedUntilTheyAreClosed() throws Exception {
        run(() -> {
            Fd listener = loop.driver().tcpListener(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
            assertThat(loop.leftovers()).containsExactly("sockets and files that are open: 1");
            listener.close();
        });
        loop.reactor().turn(false);
        assertThat(loop.leftovers()).isEmpty();
    }

    @Test
    void everyItemOfTheLoopHasANameThatSaysTheSameInEachRun() {
        List<String> items = new ArrayList<>();
        LoopObserver observer = new LoopObserver() {
            @Override
            public void runs(Object item) {
                items.add(item.toString());
            }
        };
        try (EventLoop loop =
                EventLoop.builder().clock(new VirtualClock()).observer(observer).build()) {
            loop.setExceptionHandler((_, _) -> {});
            loop.runUntilComplete(() -> {
                Task<?, ?> late = createTask(() -> sleep(SECOND.multipliedBy(9)));
                moveOnAfter(SECOND, () -> sleep(SECOND.multipliedBy(2)));
                waitAny(List.of(late), SECOND);
                createTask(() -> {
                    throw new IllegalStateException("unseen");
                });
                Thread.ofVirtual().start(() -> {});
                for (Task<?, ?> each : Asyncio.asCompleted(List.of(late), SECOND.multipliedBy(2))) {
                    assertThat(each).isSameAs(late);
                }
            });
        } catch (AsyncTimeoutException e) {
            items.add("timed out");
        }
        assertThat(items)
                .contains(
                        "the deadline of a cancel scope",
                        "the timeout of a wait of Task-1",
                        "a look for failures that nobody has seen",
                        "a virtual thread that was started on the loop",
                        "the timeout of asCompleted",
                        "timed out")
                .noneMatch(item -> item.matches("(?s).*(@[0-9a-f]{4,}|Lambda).*"));
    }

    // ------------------------------------------------------------------------------------------------ outside

    /** Counts how often it is told that virtual time has to wait, and does something then. */
    private static final class Outside implements LoopObserver {
        private int told;
        private Runnable then = () -> {};

        @Override
        public void waitsOutside() {
            told++;
            then.run();
        }
    }

    private static EventLoop loopWith(LoopObserver observer) {
        return EventLoop.builder().clock(new VirtualClock()).observer(observer).build();
    }

    @Test
    void anObserverIsToldThatVirtualTimeWaitsAndMayMakeSomethingReady() {
        Outside observer = new Outside();
        ReentrantLock lock = new ReentrantLock();
        try (EventLoop loop = loopWith(observer)) {
            loop.runUntilComplete(() -> {
                AsyncEvent event = new AsyncEvent();
                observer.then = () -> loop.callSoonThreadsafe(event::set);
                lock.lock();
                Task<?, RuntimeException> second = createTask(lock::lock);
                event.await();
                lock.unlock();
                second.await();
            });
        }
        assertThat(observer.told).isOne();
    }
}
