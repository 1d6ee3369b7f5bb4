package dev.rondo.net;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.yieldNow;
import static dev.rondo.Golden.tuple;
import static dev.rondo.net.Drivers.until;
import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.rondo.Golden;
import dev.rondo.Promise;
import dev.rondo.Task;
import dev.rondo.spec.Spec;
import java.io.IOException;
import java.net.SocketException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Processes, streams and servers, of those that the core's golden tests leave out. */
class GoldenStreamsTest {

    @Spec("ST-5")
    @Spec("ST-6")
    @Spec("ST-13")
    @Spec("ST-16")
    @Test
    void printsWhatPythonPrinted() {
        Golden golden = new Golden("t7");
        golden.without("b2", "b6");
        golden.differs("ProcessLookupError()", "IllegalStateException");
        golden.differs("FileNotFoundError(2, 'No such file or directory')", "NoSuchFileException");
        // How much is left: nobody sees the buffer itself.
        golden.differs("('LOE', 10, b'abcdefghij\\nxy\\n')", "('LOE', 10, 14)");
        golden.differs("longer than limit', b'xy\\n')", "longer than limit (5)', 3)");
        golden.differs("ConnectionResetError(", "SocketException(");
        Drivers.NIO.run(() -> {
            golden.print("b1", this::signalAfterTheExit);
            golden.print("b3", this::killedByItself);
            golden.print("b4", this::noSuchProgram);
            golden.print("b5", this::limits);
            golden.print("b7", this::aServerWhoseClientsAreDropped);
            golden.print("b8", this::writingAfterTheClose);
        });
        golden.check();
    }

    @Spec("N-13")
    @Spec("N-14")
    @Test
    void printsWhatPythonPrintedOfClientsThatAreKept() {
        Golden golden = new Golden("t8");
        golden.without("b9"); // the server's own tests
        Drivers.NIO.run(() -> golden.print("b7", this::aServerWhoseClientsAreKept));
        golden.check();
    }

    private Object signalAfterTheExit() throws IOException {
        Subprocess process = Net.createSubprocessExec("true");
        process.await();
        try {
            process.kill();
            return "no error after exit";
        } catch (IllegalStateException e) {
            return e.getClass().getSimpleName();
        }
    }

    private Object killedByItself() throws IOException {
        return Net.createSubprocessExec("sh", "-c", "kill -9 $$").await();
    }

    private Object noSuchProgram() throws IOException {
        try {
            return Net.createSubprocessExec("/nonexistent");
        } catch (NoSuchFileException e) {
            return e.getClass().getSimpleName();
        }
    }

    private Object limits() throws IOException {
        FedStream fed = new FedStream(5);
        StreamReader reader = fed.reader();
        fed.feedData("abcdefghij\nxy\n".getBytes(US_ASCII));
        List<Object> out = new ArrayList<>();
        try {
            reader.readUntil(new byte[] {'\n'});
        } catch (LimitOverrunException e) {
            out.add(tuple("LOE", e.consumed(), fed.size()));
        }
        try {
            reader.readLine();
        } catch (LimitOverrunException e) {
            out.add(tuple(e.getMessage(), fed.size()));
        }
        out.add(new Bytes(reader.readLine()));
        fed.feedData("part".getBytes(US_ASCII));
        fed.feedEof();
        try {
            reader.readExactly(10);
        } catch (IncompleteReadException e) {
            out.add(tuple(new Bytes(e.partial()), e.expected(), reader.atEof()));
        }
        return out;
    }

    /** Bytes, as Python writes them. */
    private record Bytes(byte[] bytes) {
        @Override
        public String toString() {
            return "b'" + new String(bytes, US_ASCII).replace("\n", "\\n") + "'";
        }
    }

    private Object aServerWhoseClientsAreDropped() throws IOException {
        Server server = Net.startServer((_, _) -> {}, "127.0.0.1", 0);
        try (Connection client = Net.openConnection("127.0.0.1", server.port())) {
            until(() -> server.clientCount() == 1);
            server.close();
            Task<?, RuntimeException> closed = createTask(server::waitClosed);
            until(() -> {
                System.gc(); // Python's counters of references need not be asked
                return closed.done();
            });
            server.closeClients();
            client.writer().stream();
        }
        return tuple("wait_closed blocked by live client:", false, "sockets", tuple());
    }

    private Object aServerWhoseClientsAreKept() throws IOException {
        List<Object> keep = new ArrayList<>();
        Server server = Net.startServer((reader, writer) -> keep.add(List.of(reader, writer)), "127.0.0.1", 0);
        try (Connection client = Net.openConnection("127.0.0.1", server.port())) {
            until(() -> !keep.isEmpty());
            server.close();
            Task<?, RuntimeException> closed = createTask(server::waitClosed);
            for (int i = 0; i < 20; i++) {
                System.gc();
                yieldNow();
            }
            boolean done = closed.done();
            server.closeClients();
            closed.await();
            client.close();
            return tuple(
                    "blocked by live client:",
                    !done,
                    tuple(),
                    new Bytes(client.reader().readAll()));
        }
    }

    private Object writingAfterTheClose() throws IOException {
        Promise<StreamWriter, RuntimeException> kept =
                dev.rondo.Asyncio.getRunningLoop().createFuture();
        try (Server server = Net.startServer((_, writer) -> kept.setResult(writer), "127.0.0.1", 0)) {
            Connection client = Net.openConnection("127.0.0.1", server.port());
            List<Object> out = new ArrayList<>();
            client.close();
            client.writer().writeNow("x", US_ASCII);
            out.add("write after close: silent");
            try {
                client.writer().drain();
                out.add("drain ok");
            } catch (SocketException e) {
                out.add(Golden.repr(e));
            }
            client.writer().waitClosed();
            kept.await();
            server.closeClients();
            return out;
        }
    }
}
