package dev.rondo.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.http.Body;
import dev.rondo.http.testing.TestClient;
import dev.rondo.testkit.LoopTest;
import dev.rondo.testkit.RealIo;

class VotesTest {

    @LoopTest
    @RealIo
    void countsVotesAndTellsThemLive() throws Exception {
        try (var client = TestClient.start(Votes.app())) {
            for (String name : new String[] {"ann", "b%20c", "ann"}) {
                try (var response = client.post("/votes/" + name, Body.EMPTY)) {
                    assertThat(response.url().toString()).endsWith("/votes");
                }
            }
            try (var response = client.get("/votes");
                    var socket = client.session().webSocket(client.server().url() + "/live")) {
                assertThat(response.text()).isEqualTo("{\"ann\":2,\"b c\":1}");
                socket.sendStr("ann");
                assertThat(socket.receiveStr()).isEqualTo("2");
                socket.sendStr("zoe");
                assertThat(socket.receiveJson(Integer.class)).isEqualTo(0);
            }
        }
    }
}
