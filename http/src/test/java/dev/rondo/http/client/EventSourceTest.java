package dev.rondo.http.client;

import static dev.rondo.Asyncio.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.http.HttpException;
import dev.rondo.http.RawServer;
import dev.rondo.http.StatusException;
import dev.rondo.http.TooLargeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventSourceTest {

    private static final String STREAM = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";

    private static List<ServerSentEvent> parsed(String text, int sliceBytes) throws Exception {
        var parser = new EventStreamParser("", 1000);
        List<ServerSentEvent> events = new ArrayList<>();
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < bytes.length; i += sliceBytes) {
            parser.feed(ByteBuffer.wrap(bytes, i, Math.min(sliceBytes, bytes.length - i)));
            for (ServerSentEvent event; (event = parser.poll()) != null; ) {
                events.add(event);
            }
        }
        return events;
    }

    @Test
    void eventsAreTheSameHoweverTheStreamIsCutAndItsLinesEnd() throws Exception {
        String text = "\uFEFFevent: add\ndata: ä\ndata\ndata:  b\nid: 7\n\n: comment\nevent: x\n\ndata:c\n\ndata: half";
        for (String end : List.of("\n", "\r", "\r\n")) {
            for (int slice = 1; slice < 9; slice++) {
                assertThat(parsed(text.replace("\n", end), slice))
                        .containsExactly(
                                new ServerSentEvent("add", "ä\n\n b", "7"), new ServerSentEvent("message", "c", "7"));
            }
        }
    }

    @Test
    void anEventIsBounded() {
        assertThatThrownBy(() -> parsed("data: " + "x".repeat(1000), 100)).isInstanceOf(TooLargeException.class);
        assertThatThrownBy(() -> parsed("data: x\n".repeat(600), 100)).isInstanceOf(TooLargeException.class);
    }

    @Test
    void comesAgainBehindTheLastEventUntilThereIsNoMore() throws Exception {
        run(() -> {
            try (var server = RawServer.start(peer -> {
                        peer.readRequest();
                        peer.send(
                                peer.number() == 3
                                        ? "HTTP/1.1 204 No Content\r\n\r\n"
                                        : STREAM + "retry: 1\ndata: " + peer.number() + "\nid: " + peer.number()
                                                + "\n\nid: 99\ndata: half");
                    });
                    var session = new ClientSession();
                    var events = session.eventSource(server.url())) {
                List<String> data = new ArrayList<>();
                for (ServerSentEvent event; (event = events.next()) != null; ) {
                    data.add(event.data());
                }
                assertThat(data).containsExactly("1", "2");
                assertThat(server.requests().get(0))
                        .contains("Accept: text/event-stream\r\n")
                        .doesNotContain("Last-Event-ID");
                assertThat(server.requests().get(1)).contains("Last-Event-ID: 1\r\n");
                assertThat(server.requests().get(2)).contains("Last-Event-ID: 2\r\n");
            }
        });
    }

    @Test
    void anAnswerThatIsNoStreamOfEventsIsAFailure() throws Exception {
        run(() -> {
            try (var server = RawServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                    var session = new ClientSession();
                    var events = session.eventSource(server.url())) {
                assertThatThrownBy(events::next)
                        .isInstanceOf(HttpException.class)
                        .hasMessageContaining("is no text/event-stream");
            }
            try (var server = RawServer.answering("HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nno");
                    var session = new ClientSession();
                    var events = session.eventSource(server.url())) {
                assertThatThrownBy(events::next).isInstanceOf(StatusException.class);
            }
        });
    }
}
