package dev.rondo;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.gather;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.timeout;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChannelTest extends LoopTestCase {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private <T> Task<?, RuntimeException> sending(Channel.Sender<T> sender, T item) {
        return createTask(() -> {
            sender.send(item);
            log.add("sent " + item);
        });
    }

    private <T> Task<?, RuntimeException> receiving(String name, Channel.Receiver<T> receiver) {
        return createTask(() -> {
            log.add(name + " " + receiver.receive());
        });
    }

    private static void awaitCancelled(Task<?, ?> task) {
        assertThatExceptionOfType(TaskCancelledException.class).isThrownBy(task::await);
        assertThat(task.cancelled()).isTrue();
    }

    // ------------------------------------------------------------------------------------------------ capacity

    @Test
    void withRoomSendingDoesNotWait() {
        run(() -> {
            Channel<Integer> channel = new Channel<>(2);
            Channel.Sender<Integer> out = channel.openSender();
            Channel.Receiver<Integer> in = channel.openReceiver();
            createTask(() -> log.add("other"));
            out.send(1);
            out.send(2);
            assertThat(channel.size()).isEqualTo(2);
            assertThat(in.receive()).isEqualTo(1);
            assertThat(in.receive()).isEqualTo(2);
            assertThat(log).isEmpty();
        });
    }

    @Test
    void withoutRoomASenderWaitsAndTheOrderStays() {
        run(() -> {
            Channel<Integer> channel = new Channel<>(1);
            Channel.Sender<Integer> out = channel.openSender();
            Channel.Receiver<Integer> in = channel.openReceiver();
            var sends = List.of(sending(out, 1), sending(out, 2), sending(out, 3));
            yieldNow();
            assertThat(log).containsExactly("sent 1");
            assertThat(channel.size()).isEqualTo(3);
            assertThat(in.receive()).isEqualTo(1);
            assertThat(out.trySend(4)).isFalse(); // the place is the next sender's
            yieldNow();
            assertThat(log).containsExactly("sent 1", "sent 2");
            assertThat(in.receive()).isEqualTo(2);
            assertThat(in.receive()).isEqualTo(3);
            gather(sends);
        });
        assertThat(log).containsExactly("sent 1", "sent 2", "sent 3");
    }

    @Test
    void ofCapacityZeroASenderWaitsForAReceiver() {
        run(() -> {
            Channel<Integer> channel = new Channel<>(0);
            Channel.Sender<Integer> out = channel.openSender();
            Channel.Receiver<Integer> in = channel.openReceiver();
            Task<?, RuntimeException> send = sending(out, 1);
            sleep(SECOND);
            assertThat(log).isEmpty();
            log.add("received " + in.receive()); // without waiting: the item was there
            send.await();
        });
        assertThat(log).containsExactly("received 1", "sent 1");
    }

    @Test
    void ofCapacityZeroASenderDoesNotWaitWhereAReceiverDoes() {
        run(() -> {
            Channel<Integer> channel = new Channel<>(0);
            Channel.Sender<Integer> out = channel.openSender();
            Channel.Receiver<Integer> in = channel.openReceiver();
            var receives = List.of(receiving("a", in), receiving("b", in));
            yieldNow();
            out.send(1);
            out.send(2);
            log.add("sent both");
            assertThat(out.trySend(3)).isFalse();
            gather(receives);
        });
        assertThat(log).containsExactly("sent both", "a 1", "b 2");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 1000})
    void everythingArrivesInOrder(int capacity) {
        run(() -> {
            Channel<Integer> channel = new Channel<>(capacity);
            Channel.Sender<Integer> out = channel.openSender();
            createTask(() -> {
                try (out) {
                    for (int i = 0; i < 500; i++) {
                        out.send(i);
                    }
                }
            });
            int expected = 0;
            try (Channel.Receiver<Integer> in = channel.openReceiver()) {
                for (int item : in) {
                    assertThat(item).isEqualTo(expected++);
                }
            }
            assertThat(expected).isEqualTo(500);
        });
    }

    @Test
    void withoutWaitingSendingAndReceivingSucceedIfTheOtherSideIsThere() {
        run(() -> {
            Channel<Integer> channel = new Channel<>(0);
            Channel.Sender<Integer> out = channel.openSender();
            Channel.Receiver<Integer> in = channel.openReceiver();
            assertThat(out.trySend(1)).isFalse();
            assertThat(in.tryReceive()).isNull();
            Task<?, RuntimeException> send = sending(out, 2);
            yieldNow();
            assertThat(in.tryReceive()).isEqualTo(2);
            send.await();
            Task<?, RuntimeException> receive = receiving("got", in);
            yieldNow();
            assertThat(out.trySend(3)).isTrue();
            receive.await();
        });
        assertThat(log).containsExactly("sent 2", "got 3");
    }

    @Test
    void aCapacityBelowZeroAndANullAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Channel<>(-1)).withMessage("capacity < 0: -1");
        Channel<String> channel = new Channel<>(1);
        assertThatNullPointerException().isThrownBy(() -> channel.openSender().trySend(null));
        assertThat(channel.size()).isZero();
        assertThat(channel.capacity()).isEqualTo(1);
    }

    @Test
    void itIsFilledBeforeThereIsALoop() {
        Channel<String> channel = new Channel<>(1);
        Channel.Sender<String> out = channel.openSender();
        assertThat(out.trySend("early")).isTrue();
        assertThatIllegalStateException().isThrownBy(() -> out.send("late")).withMessageContaining("Asyncio.run");
        run(() -> assertThat(channel.openReceiver().receive()).isEqualTo("early"));
    }

    // ------------------------------------------------------------------------------------------------ closing

    @Test
    void theLastSenderThatClosesEndsTheReceiversOnceEverythingHasArrived() {
        run(() -> {
            Channel<String> channel = new Channel<>(10);
            Channel.Receiver<String> in = channel.openReceiver();
            List<Task<?, RuntimeException>> senders = new ArrayList<>();
            for (int i = 1; i <= 3; i++) {
                int number = i;
                Channel.Sender<String> out = channel.openSender();
                senders.add(createTask(() -> {
                    try (out) {
                        sleep(SECOND.multipliedBy(number));
                        out.send("from " + number);
                    }
                }));
            }
            for (String item : in) {
                log.add(item);
            }
            assertThat(senders).allMatch(Task::done);
            assertThatExceptionOfType(EndOfChannelException.class).isThrownBy(in::receive);
            assertThatExceptionOfType(EndOfChannelException.class).isThrownBy(in::tryReceive);
        });
        assertThat(log).containsExactly("from 1", "from 2", "from 3");
    }

    @Test
    void whatIsBufferedArrivesAfterTheEnd() {
        run(() -> {
            Channel<Integer> channel = new Channel<>(2);
            try (Channel.Sender<Integer> out = channel.openSender()) {
                out.send(1);
                out.send(2);
            }
            Channel.Receiver<Integer> in = channel.openReceiver();
            assertThat(in.receive()).isEqualTo(1);
            assertThat(in.tryReceive()).isEqualTo(2);
            assertThat(in.iterator().hasNext()).isFalse();
            assertThatExceptionOfType(NoSuchElementException.class)
                    .isThrownBy(() -> in.iterator().next());
        });
    }

    @Test
    void allReceiversThatWaitHearOfTheEnd() {
        run(() -> {
            Channel<Integer> channel = new Channel<>(0);
            Channel.Sender<Integer> out = channel.openSender();
            Channel.Receiver<Integer> in = channel.openReceiver();
            Channel.Receiver<Integer> in2 = channel.openReceiver();
            var receives = List.of(receiving("a", in), receiving("b", in2), receiving("c", in));
            yieldNow();
            out.close();
            for (Task<?, RuntimeException> receive : receives) {
                assertThatExceptionOfType(EndOfChannelException.class).isThrownBy(receive::await);
            }
        });
        assertThat(log).isEmpty();
    }

    @Test
    void theLastReceiverThatClosesFailsTheSenders() {
        run(() -> {
            Channel<Integer> channel = new Channel<>(1);
            Channel.Sender<Integer> out = channel.openSender();
            Channel.Receiver<Integer> first = channel.openReceiver();
            Channel.Receiver<Integer> last = channel.openReceiver();
            out.send(0);
            var sends = List.of(sending(out, 1), sending(out, 2));
            yieldNow();
            first.close();
            first.close(); // counts once
            yieldNow();
            assertThat(sends).noneMatch(Task::done);
            last.close();
            for (Task<?, RuntimeException> send : sends) {
                assertThatExceptionOfType(BrokenChannelException.class).isThrownBy(send::await);
            }
            assertThatExceptionOfType(BrokenChannelException.class).isThrownBy(() -> out.send(3));
            assertThatExceptionOfType(BrokenChannelException.class).isThrownBy(() -> out.trySend(3));
            assertThat(channel.size()).isZero(); // what nobody will ever receive is let go of
        });
    }

    @Test
    void anEndThatIsClosedIsOfNoUse() {
        run(() -> {
            Channel<Integer> channel = new Channel<>(5);
            Channel.Sender<Integer> other = channel.openSender();
            Channel.Receiver<Integer> otherIn = channel.openReceiver();
            Channel.Sender<Integer> out = channel.openSender();
            Channel.Receiver<Integer> in = channel.openReceiver();
            out.close();
            out.close();
            in.close();
            assertThatIllegalStateException().isThrownBy(() -> out.send(1)).withMessage("this sender is closed");
            assertThatIllegalStateException().isThrownBy(() -> out.trySend(1)).withMessage("this sender is closed");
            assertThatIllegalStateException().isThrownBy(in::receive).withMessage("this receiver is closed");
            assertThatIllegalStateException().isThrownBy(in::tryReceive).withMessage("this receiver is closed");
            assertThatIllegalStateException()
                    .isThrownBy(() -> in.iterator().hasNext())
                    .withMessage("this receiver is closed");
            other.send(1);
            assertThat(otherIn.receive()).isEqualTo(1);
        });
    }

    @Test
    void whoWaitsAtAnEndThatIsClosedHearsOfIt() {
        run(() -> {
            Channel<Integer> channel = new Channel<>(0);
            Channel.Receiver<Integer> in = channel.openReceiver();
            Channel.Receiver<Integer> other = channel.openReceiver();
            Task<?, RuntimeException> receive = receiving("closed", in);
            Task<?, RuntimeException> otherReceive = receiving("other", other);
            yieldNow();
            in.close();
            assertThatIllegalStateException().isThrownBy(receive::await).withMessage("this receiver is closed");
            Channel.Sender<Integer> out = channel.openSender();
            out.send(1); // the other one waits still
            otherReceive.await();
            Task<?, RuntimeException> send = sending(out, 2);
            Channel.Sender<Integer> otherOut = channel.openSender();
            Task<?, RuntimeException> otherSend = sending(otherOut, 3);
            yieldNow();
            out.close();
            assertThatIllegalStateException().isThrownBy(send::await).withMessage("this sender is closed");
            assertThat(other.receive()).isEqualTo(3);
            otherSend.await();
        });
        assertThat(log).containsExactly("other 1", "sent 3");
    }

    @Test
    void whatHasEndedIsNotOpenedAgain() {
        Channel<Integer> channel = new Channel<>(1);
        channel.openSender().close();
        assertThatIllegalStateException()
                .isThrownBy(channel::openSender)
                .withMessageContaining("every sender of the channel is closed");
        channel.openReceiver().close();
        assertThatIllegalStateException()
                .isThrownBy(channel::openReceiver)
                .withMessageContaining("every receiver of the channel is closed");
    }

    @Test
    void beforeItsFirstSenderAChannelHasNotEnded() {
        run(() -> {
            Channel<Integer> channel = new Channel<>(0);
            Task<?, RuntimeException> receive = receiving("got", channel.openReceiver());
            sleep(SECOND);
            channel.openSender().send(1);
            receive.await();
        });
        assertThat(log).containsExactly("got 1");
    }

    // ------------------------------------------------------------------------------------------------ cancellation

    @Nested
    class Cancelled {

        private final Channel<Integer> channel = new Channel<>(0);
        private final Channel.Sender<Integer> out = channel.openSender();
        private final Channel.Receiver<Integer> in = channel.openReceiver();

        @Test
        void whileItWaitsASenderTakesItsItemBack() {
            run(() -> {
                Task<?, RuntimeException> cancelled = sending(out, 1);
                Task<?, RuntimeException> other = sending(out, 2);
                yieldNow();
                cancelled.cancel();
                assertThat(in.receive()).isEqualTo(2);
                awaitCancelled(cancelled);
                other.await();
                assertThat(in.tryReceive()).isNull();
            });
            assertThat(log).containsExactly("sent 2");
        }

        @Test
        void onceItsItemIsTakenASenderHearsOfItAtItsNextWait() {
            run(() -> {
                Task<?, RuntimeException> task = createTask(() -> {
                    out.send(1);
                    log.add("sent");
                    yieldNow();
                    log.add("never");
                });
                yieldNow();
                assertThat(in.receive()).isEqualTo(1);
                task.cancel();
                awaitCancelled(task);
            });
            assertThat(log).containsExactly("sent");
        }

        @Test
        void onceItsItemIsTakenASenderThatWaitsForNothingMoreIsCancelledAllTheSame() {
            run(() -> {
                Task<?, RuntimeException> task = sending(out, 1);
                yieldNow();
                assertThat(in.receive()).isEqualTo(1);
                task.cancel();
                awaitCancelled(task);
            });
            assertThat(log).containsExactly("sent 1");
        }

        @Test
        void afterItWasWokenAReceiverPassesTheItemOn() {
            run(() -> {
                var receives = List.of(receiving("a", in), receiving("b", in));
                yieldNow();
                out.send(1);
                receives.get(0).cancel();
                awaitCancelled(receives.get(0));
                receives.get(1).await();
            });
            assertThat(log).containsExactly("b 1");
        }

        @Test
        void afterItWasWokenAloneAReceiverLeavesTheItemForTheNext() {
            run(() -> {
                Task<?, RuntimeException> receive = receiving("a", in);
                yieldNow();
                out.send(1);
                receive.cancel();
                awaitCancelled(receive);
                assertThat(out.trySend(2)).isFalse();
                assertThat(in.receive()).isEqualTo(1);
            });
            assertThat(log).isEmpty();
        }

        @Test
        void whileItWaitsAReceiverLeaves() {
            run(() -> {
                assertThatExceptionOfType(AsyncTimeoutException.class)
                        .isThrownBy(() -> timeout(SECOND, () -> in.receive()));
                assertThat(out.trySend(1)).isFalse(); // nobody is there
            });
        }

        @Test
        void anIterationLosesNothing() {
            run(() -> {
                Task<?, RuntimeException> task = createTask(() -> {
                    for (int item : in) {
                        log.add("lost " + item);
                    }
                });
                yieldNow();
                out.send(1);
                task.cancel();
                awaitCancelled(task);
                Iterator<Integer> items = in.iterator();
                assertThat(items.hasNext()).isTrue();
                assertThat(items.next()).isEqualTo(1);
            });
            assertThat(log).isEmpty();
        }
    }

    @Test
    void aReceiverWhoseItemIsTakenAwayWaitsAgain() {
        run(() -> {
            Channel<Integer> channel = new Channel<>(0);
            Channel.Sender<Integer> out = channel.openSender();
            Channel.Receiver<Integer> in = channel.openReceiver();
            Task<?, RuntimeException> receive = receiving("a", in);
            yieldNow();
            out.send(1);
            assertThat(in.receive()).isEqualTo(1);
            yieldNow();
            assertThat(receive.done()).isFalse();
            out.send(2);
            receive.await();
        });
        assertThat(log).containsExactly("a 2");
    }

    @Test
    void anotherThreadIsToldWhatToDo() {
        run(() -> {
            Channel<Integer> channel = new Channel<>(0);
            Channel.Sender<Integer> out = channel.openSender();
            Channel.Receiver<Integer> in = channel.openReceiver();
            Task<?, RuntimeException> send = sending(out, 1);
            yieldNow();
            for (Action<RuntimeException> use : List.<Action<RuntimeException>>of(
                    () -> out.trySend(2), in::tryReceive, out::close, in::close, channel::openSender)) {
                assertThatThrownBy(() -> onAnotherThread(() -> {
                            use.run();
                            return null;
                        }))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("callSoonThreadsafe");
            }
            assertThat(channel)
                    .hasToString("<Channel capacity=0 buffered=0 senders=1 waiting=1 receivers=1 waiting=0>");
            assertThat(in.receive()).isEqualTo(1);
            send.await();
        });
    }

    @Test
    void itBelongsToTheLoopOnWhichSomebodyWaitedFirst() {
        Channel<Integer> channel = new Channel<>(0);
        Channel.Sender<Integer> out = channel.openSender();
        run(() -> assertThatExceptionOfType(AsyncTimeoutException.class)
                .isThrownBy(() -> timeout(SECOND, () -> out.send(1))));
        try (EventLoop other = EventLoop.builder().clock(clock).build()) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> other.runUntilComplete(() -> out.send(1)))
                    .withMessageEndingWith("is bound to a different event loop");
        }
        assertThat(channel.size()).isZero();
    }
}
