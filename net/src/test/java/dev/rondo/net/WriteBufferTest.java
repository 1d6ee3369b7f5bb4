package dev.rondo.net;

import static dev.rondo.Asyncio.getRunningLoop;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.Asyncio;
import dev.rondo.Context;
import dev.rondo.spec.Spec;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class WriteBufferTest {

    private interface Body {
        void run(WriteBuffer buffer, Told told) throws Exception;
    }

    /** Runs with the buffer of a transport that serves for nothing but to name its protocol. */
    private static void with(Body body) throws Exception {
        Asyncio.run(() -> {
            try (Peered<Told> pair = Peered.open(new Told())) {
                pair.protocol().log.clear();
                body.run(new WriteBuffer(getRunningLoop(), Context.copyCurrent(), pair.transport()), pair.protocol());
            }
        });
    }

    private static ByteBuffer room(int bytes) {
        return ByteBuffer.allocate(bytes);
    }

    @Spec("P-11")
    @Test
    void moreThanTheHighMarkPausesAndTheLowMarkResumes() throws Exception {
        with((buffer, told) -> {
            buffer.setLimits(100, 10);
            buffer.add(room(100));
            buffer.pauseIfFull();
            assertThat(told.log).isEmpty(); // as much as the mark is not more
            buffer.add(room(1));
            buffer.pauseIfFull();
            buffer.pauseIfFull();
            assertThat(told.log).containsExactly("pause");

            buffer.take();
            buffer.resumeIfDrained();
            assertThat(buffer.size()).isEqualTo(101); // what is taken is not sent
            assertThat(told.log).containsExactly("pause");
            buffer.sent();
            buffer.add(room(11));
            buffer.resumeIfDrained();
            assertThat(told.log).containsExactly("pause");
            buffer.take();
            buffer.add(room(10));
            buffer.sent();
            buffer.resumeIfDrained();
            buffer.resumeIfDrained();
            assertThat(told.log).containsExactly("pause", "resume");
        });
    }

    @Spec("P-11")
    @Test
    void newMarksTakeEffectAtOnce() throws Exception {
        with((buffer, told) -> {
            buffer.add(room(50));
            buffer.setLimits(50, 0);
            assertThat(told.log).isEmpty();
            buffer.setLimits(49, 0);
            assertThat(told.log).containsExactly("pause");
            buffer.setLimits(1000, 1000); // resumes with the next progress, as asyncio does
            assertThat(told.log).containsExactly("pause");
            assertThat(buffer.limits()).isEqualTo(new Transport.WriteBufferLimits(1000, 1000));
        });
    }

    @Test
    void batchesKeepTheOrderAndAreNoLargerThanOneMayBe() throws Exception {
        with((buffer, told) -> {
            byte[] all = Wire.noise(1_000_003);
            int at = 0;
            for (int piece = 1; at < all.length; piece = piece * 3 % 400_001 + 1) {
                int count = Math.min(piece, all.length - at);
                buffer.add(ByteBuffer.wrap(all, at, count));
                buffer.add(room(0));
                at += count;
            }
            assertThat(buffer.size()).isEqualTo(all.length);
            ByteBuffer got = room(all.length);
            int batches = 0;
            while (!buffer.isEmpty()) {
                int before = got.position();
                for (ByteBuffer part : buffer.take()) {
                    assertThat(part.hasRemaining()).isTrue();
                    got.put(part);
                }
                assertThat(got.position() - before).isBetween(1, WriteBuffer.BYTES_PER_BATCH);
                assertThat(buffer.size()).isEqualTo(all.length - before);
                buffer.sent();
                batches++;
            }
            assertThat(got.array()).isEqualTo(all);
            assertThat(buffer.size()).isZero();
            assertThat(batches).isEqualTo((all.length + WriteBuffer.BYTES_PER_BATCH - 1) / WriteBuffer.BYTES_PER_BATCH);
        });
    }

    @Spec("P-5")
    @Test
    void aBatchHasNoMoreBuffersThanASystemTakes() throws Exception {
        with((buffer, told) -> {
            for (int i = 0; i < 2500; i++) {
                buffer.add(room(1));
            }
            assertThat(buffer.take()).hasSize(1024);
            buffer.sent();
            assertThat(buffer.take()).hasSize(1024);
            buffer.sent();
            assertThat(buffer.take()).hasSize(452);
            assertThat(buffer.isEmpty()).isTrue();
        });
    }

    @Spec("P-11")
    @Test
    void clearedItAsksNobodyToGoOn() throws Exception {
        with((buffer, told) -> {
            buffer.setLimits(1, 0);
            buffer.add(room(10));
            buffer.pauseIfFull();
            buffer.clear();
            buffer.resumeIfDrained();
            assertThat(told.log).containsExactly("pause");
        });
    }

    @Test
    void clearedItIsEmpty() throws Exception {
        with((buffer, told) -> {
            buffer.takePast(7);
            assertThat(buffer.size()).isEqualTo(7);
            buffer.sent();
            assertThat(buffer.size()).isZero();
            buffer.add(room(10));
            buffer.take();
            buffer.add(room(20));
            buffer.clear();
            assertThat(buffer.size()).isZero();
            assertThat(buffer.isEmpty()).isTrue();
        });
    }
}
