package dev.rondo.http.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.Asyncio;
import dev.rondo.http.Body;
import dev.rondo.http.server.Application;
import dev.rondo.http.server.Response;
import dev.rondo.testkit.LoopTest;
import dev.rondo.testkit.RealIo;
import dev.rondo.testkit.Sim;
import java.time.Duration;

/** The test kit in simulated runs, on the simulated network; and on a real one. */
class TestClientTest {

    private static Application slowEcho() {
        var app = new Application();
        app.post("/echo/{seconds:[0-9]+}", request -> {
            String text = request.text();
            Asyncio.sleep(Duration.ofSeconds(Long.parseLong(request.param("seconds"))));
            return Response.text(text);
        });
        return app;
    }

    @LoopTest
    void minutesOfWaitingTakeNoTimeInASimulatedRun(Sim sim) throws Exception {
        try (var client = TestClient.start(slowEcho())) {
            Asyncio.gather(
                    () -> ask(client, "240", "first"),
                    () -> ask(client, "120", "second"),
                    () -> ask(client, "1", "third"));
        }
        assertThat(sim.elapsed()).isBetween(Duration.ofSeconds(240), Duration.ofSeconds(250));
        Asyncio.sleep(Duration.ofMillis(1)); // the sockets end
    }

    private static void ask(TestClient client, String seconds, String text) throws Exception {
        try (var response = client.post("/echo/" + seconds, Body.text(text))) {
            assertThat(response.text()).isEqualTo(text);
        }
    }

    @LoopTest
    @RealIo
    void realSocketsDoAsWell() throws Exception {
        try (var client = TestClient.start(slowEcho())) {
            ask(client, "0", "hello");
            assertThat(client.server().server().connections()).isEqualTo(1);
        }
    }
}
