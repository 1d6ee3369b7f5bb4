package dev.rondo.net;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.net.Wire.receive;
import static dev.rondo.net.Wire.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.Task;
import java.io.IOException;
import java.net.BindException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ListenerTest {

    @ParameterizedTest
    @EnumSource
    void aCancelledAcceptLosesNoConnection(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Listener listener = Net.listen("127.0.0.1", 0)) {
                for (int round = 0; round < 8; round++) {
                    Task<ByteStream, IOException> accept = createTask(listener::accept);
                    yieldNow();
                    if (round % 2 == 0) {
                        accept.cancel();
                    }
                    ByteStream client = Net.connectTcp("127.0.0.1", listener.port());
                    send(client, "round " + round);
                    accept.cancel();
                    while (!accept.done()) {
                        yieldNow();
                    }
                    try (ByteStream server = accept.cancelled() ? listener.accept() : accept.await()) {
                        assertThat(receive(server, 7)).isEqualTo("round " + round);
                    }
                    client.close();
                }
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void closingEndsAnAccept(Drivers driver) throws Exception {
        driver.run(() -> {
            Listener listener = Net.listen("127.0.0.1", 0);
            Task<ByteStream, IOException> accept = createTask(listener::accept);
            yieldNow();
            listener.close();
            listener.close();
            assertThatThrownBy(accept::await).isInstanceOf(ClosedChannelException.class);
            assertThatThrownBy(listener::accept).isInstanceOf(ClosedChannelException.class);
        });
    }

    @ParameterizedTest
    @EnumSource
    void aSecondAcceptIsRefused(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Listener listener = Net.listen("127.0.0.1", 0)) {
                Task<ByteStream, IOException> first = createTask(listener::accept);
                yieldNow();
                assertThatThrownBy(listener::accept)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("already accepting");
                try (ByteStream client = Net.connectTcp("127.0.0.1", listener.port())) {
                    first.await().close();
                    assertThat(client.isOpen()).isTrue();
                }
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void aPortThatIsTakenIsNamed(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Listener listener = Net.listen("127.0.0.1", 0)) {
                assertThatThrownBy(() -> Net.listen("127.0.0.1", listener.port()))
                        .isInstanceOf(BindException.class)
                        .hasMessageContaining(Integer.toString(listener.port()))
                        .hasMessageContaining("in use");
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void manyConnectionsWaitInTheBacklog(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Listener listener = Net.listen("localhost", 0, 20)) {
                List<ByteStream> clients = new ArrayList<>();
                for (int i = 0; i < 20; i++) {
                    clients.add(Net.connectTcp("localhost", listener.port()));
                }
                for (ByteStream client : clients) {
                    try (ByteStream server = listener.accept()) {
                        assertThat(server.remoteAddress()).isEqualTo(client.localAddress());
                    }
                    client.close();
                }
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void anEmptyHostIsEveryAddressOfTheMachine(Drivers driver) throws Exception {
        driver.run(() -> {
            try (Listener listener = Net.listen("", 0)) {
                Net.connectTcp("127.0.0.1", listener.port()).close();
                assertThat(listener.localAddress().getAddress().isAnyLocalAddress())
                        .isTrue();
            }
            assertThatThrownBy(() -> Net.listen("127.0.0.1", -1)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> Net.listen("127.0.0.1", 0, 0)).isInstanceOf(IllegalArgumentException.class);
        });
    }
}
