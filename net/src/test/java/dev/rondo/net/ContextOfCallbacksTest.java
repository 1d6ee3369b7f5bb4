package dev.rondo.net;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.getRunningLoop;
import static dev.rondo.net.Drivers.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.ContextVar;
import dev.rondo.spec.Spec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ContextOfCallbacksTest {

    private static final ContextVar<String> WHO = ContextVar.withDefault("who", "nobody");

    /** Notes for each call in whose context it came. */
    private static class InContext extends Told {
        final List<String> contexts = new ArrayList<>();

        @Override
        void react(String event) throws Exception {
            contexts.add(event + " " + WHO.get());
            super.react(event);
        }
    }

    @Spec("X-4")
    @ParameterizedTest
    @EnumSource
    void allCallsComeInTheContextOfWhoConnected(Drivers driver) throws Exception {
        driver.run(() -> {
            InContext told = new InContext();
            told.staysAfterEof = true;
            Peered<InContext> pair = createTask(() -> {
                        WHO.set("who connected");
                        return Peered.open(told);
                    })
                    .await();
            try (pair) {
                assertThat(WHO.get()).isEqualTo("nobody");
                pair.send("x");
                until(() -> told.bytes == 1);
                WHO.set("who wrote");
                pair.transport().write(new byte[16 << 20]);
                assertThat(WHO.get()).isEqualTo("who wrote");
                pair.receive(16 << 20);
                until(() -> told.log.contains("resume"));
                pair.peer().shutdownOutput();
                until(() -> told.log.contains("eof"));
                WHO.set("who closed");
                getRunningLoop().callSoon(pair.transport()::close);
                until(told::isLost);
                assertThat(told.contexts)
                        .containsExactly(
                                "made who connected",
                                "data who connected",
                                "pause who connected",
                                "resume who connected",
                                "eof who connected",
                                "lost who connected");
            }
        });
    }

    @Spec("X-4")
    @ParameterizedTest
    @EnumSource
    void theCallsOfAConnectionShareAContextThatIsNobodyElses(Drivers driver) throws Exception {
        driver.run(() -> {
            WHO.set("who connected");
            InContext told = new InContext();
            told.on("made", () -> WHO.set("the protocol"));
            InContext other = new InContext();
            try (Peered<InContext> pair = Peered.open(told);
                    Peered<InContext> second = Peered.open(other)) {
                assertThat(WHO.get()).isEqualTo("who connected");
                pair.send("x");
                until(() -> told.bytes == 1);
                second.transport().close();
                pair.transport().pauseReading();
                WHO.set("who resumed");
                pair.transport().resumeReading();
                pair.send("y");
                until(() -> told.bytes == 2);
                pair.transport().close();
                until(told::isLost);
                assertThat(told.contexts)
                        .containsExactly(
                                "made who connected", "data the protocol", "data the protocol", "lost the protocol");
                assertThat(other.contexts).containsExactly("made who connected", "lost who connected");
            }
        });
    }

    @Spec("X-4")
    @ParameterizedTest
    @EnumSource
    void aBufferedProtocolIsCalledInThatContextToo(Drivers driver) throws Exception {
        driver.run(() -> {
            List<String> contexts = new ArrayList<>();
            BufferedProtocol protocol = new BufferedProtocol() {
                @Override
                public ByteBuffer getBuffer(int sizeHint) {
                    contexts.add("buffer " + WHO.get());
                    return ByteBuffer.allocate(100);
                }

                @Override
                public void bufferUpdated(int count) {
                    contexts.add("updated " + WHO.get());
                }
            };
            WHO.set("who connected");
            try (Peered<BufferedProtocol> pair = Peered.open(protocol)) {
                WHO.set("somebody else");
                pair.send("x");
                until(() -> contexts.size() == 2);
                assertThat(contexts).containsExactly("buffer who connected", "updated who connected");
            }
        });
    }
}
