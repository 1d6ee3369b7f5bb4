package dev.rondo.net;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.Task;
import dev.rondo.spec.Spec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
