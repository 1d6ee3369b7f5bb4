package dev.rondo.http.h1;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.run;
import static dev.rondo.Asyncio.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.Task;
import dev.rondo.http.HttpException;
import dev.rondo.net.ByteStream;
import dev.rondo.net.Net;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class Http1ConnectionTest {

    @Test
    void whoWaitsForAMessageHoldsNoBufferOfThePool() throws Exception {
        run(() -> {
            var pool = new BufferPool();
            ByteBuffer only = pool.acquire();
            pool.release(only);
            try (var listener = Net.listen("127.0.0.1", 0);
                    ByteStream client = Net.connectTcp("127.0.0.1", listener.port());
                    var connection = new Http1Connection<>(
                            listener.accept(), new RequestParser(new HeadLimits(1000, 10)), pool)) {
                for (int i = 0; i < 2; i++) {
                    Task<Boolean, HttpException> waiting = createTask(connection::awaitMessage);
                    yieldNow();
                    assertThat(pool.acquire()).isSameAs(only);
                    pool.release(only);

                    client.write(
                            ByteBuffer.wrap("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
                    assertThat(waiting.await()).isTrue();
                    assertThat(connection.readHead().target()).isEqualTo("/");
                    assertThat(connection.bodyEnded()).isTrue();
                    assertThat(connection.finish()).isTrue();
                }
            }
        });
    }
}
