package dev.rondo.net;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.getRunningLoop;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.Promise;
import dev.rondo.Task;
import dev.rondo.spec.Spec;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StreamWriterTest {

    @Spec("ST-12")
    @ParameterizedTest
    @EnumSource
    void textBytesAndTheEnd(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Wire wire = Wire.open()) {
                StreamWriter writer = new StreamWriter(wire.client());
                writer.write("grüß ", StandardCharsets.UTF_8);
                writer.write(new byte[] {'d', 'i', 'c', 'h'});
                writer.write(Wire.bytes("!"), Wire.bytes("\n"));
                writer.write(new byte[0]);
                writer.writeEof();
                assertThat(new StreamReader(wire.server()).readAll())
                        .asString(StandardCharsets.UTF_8)
                        .isEqualTo("grüß dich!\n");
                writer.close();
                assertThat(writer.isClosing()).isTrue();
                assertThatThrownBy(() -> writer.write(new byte[1])).isInstanceOf(IOException.class);
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void messagesOfManyCoroutinesDoNotMixAndKeepTheirOrder(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Wire wire = Wire.open()) {
                StreamWriter writer = new StreamWriter(wire.client());
                List<Task<?, IOException>> tasks = new ArrayList<>();
                for (byte i = 0; i < 5; i++) {
                    byte[] message = new byte[1 << 20];
                    Arrays.fill(message, i);
                    tasks.add(createTask(() -> writer.write(message)));
                }
                StreamReader reader = new StreamReader(wire.server());
                for (byte i = 0; i < 5; i++) {
                    assertThat(reader.readExactly(1 << 20)).containsOnly(i);
                }
                for (Task<?, IOException> task : tasks) {
                    task.await();
                }
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void whoIsCancelledWhileWaitingForATurnHoldsNobodyUp(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Wire wire = Wire.open()) {
                StreamWriter writer = new StreamWriter(wire.client());
                Task<?, IOException> first = createTask(() -> writer.write(new byte[8 << 20]));
                Task<?, IOException> second = createTask(() -> writer.write(new byte[] {2}));
                Task<?, IOException> third = createTask(() -> writer.write(new byte[] {3}));
                yieldNow();
                second.cancel();
                StreamReader reader = new StreamReader(wire.server());
                reader.readExactly(8 << 20);
                assertThat(reader.readExactly(1)).containsExactly(3);
                first.await();
                third.await();
                assertThat(second.cancelled()).isTrue();
            }
        });
    }

    @Test
    void whoIsCancelledJustBeforeItsTurnBreaksNothing() throws Exception {
        Drivers.NIO.run(() -> {
            Promise<@Nullable Void, RuntimeException> gate = getRunningLoop().createFuture();
            List<String> written = new ArrayList<>();
            StreamWriter writer = new StreamWriter(gated(gate, written));
            Task<?, IOException> first = createTask(() -> writer.write("1", StandardCharsets.UTF_8));
            Task<?, IOException> second = createTask(() -> writer.write("2", StandardCharsets.UTF_8));
            Task<?, IOException> third = createTask(() -> writer.write("3", StandardCharsets.UTF_8));
            yieldNow();
            gate.setResult(null); // the first is about to go on
            second.cancel(); // and finds the second in the queue
            first.await();
            third.await();
            assertThat(second.cancelled()).isTrue();
            writer.write("4", StandardCharsets.UTF_8);
            assertThat(written).containsExactly("1", "3", "4");
        });
    }

    /** Returns a stream whose writes wait for {@code gate}. */
    private static ByteStream gated(Promise<@Nullable Void, RuntimeException> gate, List<String> written) {
        return (ByteStream) Proxy.newProxyInstance(
                ByteStream.class.getClassLoader(), new Class<?>[] {ByteStream.class}, (proxy, method, arguments) -> {
                    gate.await();
                    for (ByteBuffer buffer : (ByteBuffer[]) arguments[0]) {
                        written.add(StandardCharsets.UTF_8.decode(buffer).toString());
                    }
                    return null;
                });
    }

    @ParameterizedTest
    @EnumSource
    void afterAMessageWasCutShortNothingCanBeWritten(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Wire wire = Wire.open()) {
                StreamWriter writer = new StreamWriter(wire.client());
                Task<?, IOException> first = createTask(() -> writer.write(new byte[8 << 20]));
                Task<?, IOException> second = createTask(() -> writer.write(new byte[1]));
                yieldNow();
                yieldNow();
                first.cancel();
                assertThatThrownBy(second::await)
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("cancelled");
                assertThat(first.cancelled()).isTrue();
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void closingFreesAllWhoWrite(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Wire wire = Wire.open()) {
                StreamWriter writer = new StreamWriter(wire.client());
                Task<?, IOException> first = createTask(() -> writer.write(new byte[8 << 20]));
                Task<?, IOException> second = createTask(() -> writer.write(new byte[1]));
                yieldNow();
                writer.close();
                assertThatThrownBy(first::await).isInstanceOf(IOException.class);
                assertThatThrownBy(second::await).isInstanceOf(IOException.class);
            }
        });
    }
}
