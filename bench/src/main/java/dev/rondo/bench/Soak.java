package dev.rondo.bench;

import static dev.rondo.Asyncio.allTasks;
import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.getRunningLoop;
import static dev.rondo.Asyncio.run;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.waitFor;

import dev.rondo.AsyncTimeoutException;
import dev.rondo.EventLoop;
import dev.rondo.Task;
import dev.rondo.net.Connection;
import dev.rondo.net.Net;
import dev.rondo.net.Server;
import dev.rondo.net.StreamReader;
import dev.rondo.net.StreamWriter;
import dev.rondo.net.TlsOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Clients that connect, reset, cancel, half-close, give up and talk nonsense at random, plain and with TLS, and servers
 * that do not take it well either; and at the end nothing may be left. For {@code soak.sh}.
 *
 * <p>Arguments: seconds, clients at once, a PKCS12 file with the key of localhost (password {@code changeit}), and
 * perhaps a seed. Exits with 1 if anything is left, or anything failed that should not.
 */
final class Soak {

    private static final Duration WARM_UP = Duration.ofSeconds(10); // what is made once is made by then
    // Nonsense may begin as a long record would: then nothing but time ends the handshake, by default after a minute.
    private static final TlsOptions IMPATIENT = TlsOptions.DEFAULT.withHandshakeTimeout(Duration.ofSeconds(2));
    private static final Duration GRACE = Duration.ofSeconds(20);
    private static final int KEPT_SESSIONS = 100; // of TLS; by default Java keeps 20,480, at 3 KiB each
    private static final long HEAP_SLACK = 4 << 20;

    private static final List<String> unexpected = new ArrayList<>(); // the loop thread's, as all here

    private final SSLContext tls;
    private final int clients;
    private final SplittableRandom random;
    private int port;
    private int tlsPort;
    private int closedPort;
    private boolean over;
    private final Tally tally = new Tally();

    private Soak(SSLContext tls, int clients, long seed) {
        this.tls = tls;
        tls.getClientSessionContext().setSessionCacheSize(KEPT_SESSIONS); // full by the end of the warm-up
        tls.getServerSessionContext().setSessionCacheSize(KEPT_SESSIONS);
        this.clients = clients;
        this.random = new SplittableRandom(seed);
    }

    static void main(String[] args) throws Exception {
        long seed = args.length > 3 ? Long.parseLong(args[3]) : System.nanoTime();
        System.out.println("seed      " + seed);
        Duration time = Duration.ofSeconds(Long.parseLong(args[0]));
        Soak soak = new Soak(TestKeys.context(Path.of(args[2])), Integer.parseInt(args[1]), seed);
        run(() -> {
            getRunningLoop().setExceptionHandler((_, context) -> unexpected.add(context.toString()));
            soak.round(WARM_UP);
            Counts before = Counts.take();
            soak.tally.clear();
            soak.round(time);
            Counts after = Counts.take();
            soak.tally.print();
            System.out.println("before    " + before);
            System.out.println("after     " + after);
            unexpected.addAll(after.isMoreThan(before));
        });
        unexpected.forEach(each -> System.out.println("FAILED    " + each));
        System.out.println(unexpected.isEmpty() ? "nothing is left" : "something is left");
        System.exit(unexpected.isEmpty() ? 0 : 1);
    }

    private void round(Duration time) throws Exception {
        over = false;
        Server plain = Net.startServer(this::serve, "127.0.0.1", 0);
        Server secure = Net.startServer(this::serve, "127.0.0.1", 0, tls, IMPATIENT);
        port = plain.port();
        tlsPort = secure.port();
        Server gone = Net.startServer(this::serve, "127.0.0.1", 0);
        closedPort = gone.port();
        gone.close();
        List<Task<@Nullable Void, RuntimeException>> workers = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            workers.add(createTask(() -> {
                while (!over) {
                    one();
                }
            }));
        }
        sleep(time);
        over = true;
        for (Task<@Nullable Void, RuntimeException> worker : workers) {
            worker.await();
        }
        for (Server server : List.of(plain, secure)) {
            server.close();
            server.closeClients();
            server.waitClosed();
        }
        settle();
    }

    /** Gives what is being closed its time. */
    private static void settle() {
        EventLoop loop = getRunningLoop();
        Duration end = loop.time().plus(GRACE);
        while ((loop.driver().inFlight() > 0
                        || loop.driver().openCount() > 0
                        || allTasks().size() > 1)
                && loop.time().compareTo(end) < 0) {
            sleep(Duration.ofMillis(20));
        }
    }

    // ------------------------------------------------------------------------------------------------ servers

    private void serve(StreamReader reader, StreamWriter writer) {
        try (writer) {
            int left = random.nextInt(10) == 0 ? random.nextInt(100_000) : Integer.MAX_VALUE;
            while (left > 0) {
                byte[] some = waitFor(Duration.ofSeconds(2), () -> reader.read(16 * 1024));
                if (some.length == 0) {
                    writer.writeEof();
                    return;
                }
                writer.write(some);
                left -= some.length;
            }
        } catch (IOException | AsyncTimeoutException e) {
            tally.count("server: " + e.getClass().getSimpleName());
        }
    }

    // ------------------------------------------------------------------------------------------------ clients

    private interface Behaviour {
        void run(boolean secure) throws IOException;
    }

    private void one() {
        boolean secure = random.nextInt(3) == 0;
        String name = secure ? "TLS " : "plain ";
        try {
            switch (random.nextInt(9)) {
                case 0, 1 -> perform(name + "talk", this::talk, secure);
                case 2 -> perform(name + "half-close", this::halfClose, secure);
                case 3 -> perform(name + "reset", this::reset, secure);
                case 4 -> perform(name + "at once", this::connectAndClose, secure);
                case 5 ->
                    perform(
                            "refused",
                            _ -> Net.openConnection("127.0.0.1", closedPort).close(),
                            false);
                case 6 -> perform("nonsense", _ -> nonsense(), true);
                case 7 -> perform(name + "timeout", this::timeout, secure);
                default -> cancel(name + "cancel", secure);
            }
        } catch (RuntimeException e) {
            unexpected.add(name + e);
        }
    }

    private void perform(String name, Behaviour behaviour, boolean secure) {
        try {
            behaviour.run(secure);
            tally.count(name);
        } catch (IOException e) {
            tally.count(name + ": " + e.getClass().getSimpleName());
        } catch (AsyncTimeoutException e) {
            tally.count(name + ": in time");
        }
    }

    private Connection connect(boolean secure) throws IOException {
        return secure ? Net.openConnection("localhost", tlsPort, tls) : Net.openConnection("127.0.0.1", port);
    }

    private void talk(boolean secure) throws IOException {
        try (var connection = connect(secure)) {
            for (int n = random.nextInt(20); n >= 0; n--) {
                byte[] message = noise(1 + random.nextInt(20_000));
                connection.writer().write(message);
                byte[] answer = connection.reader().readExactly(message.length);
                if (!Arrays.equals(answer, message)) {
                    unexpected.add("what came back is not what was sent, secure: " + secure);
                }
            }
        }
    }

    private void halfClose(boolean secure) throws IOException {
        try (var connection = connect(secure)) {
            connection.writer().write(noise(1 + random.nextInt(50_000)));
            connection.writer().writeEof();
            connection.reader().readAll();
        }
    }

    /** TCP resets what is closed with something unread. */
    private void reset(boolean secure) throws IOException {
        try (var connection = connect(secure)) {
            connection.writer().write(noise(30_000));
            connection.reader().readExactly(1);
        }
    }

    private void connectAndClose(boolean secure) throws IOException {
        connect(secure).close();
    }

    private void nonsense() throws IOException {
        try (var connection = Net.openConnection("127.0.0.1", tlsPort)) {
            connection.writer().write(noise(1 + random.nextInt(500)));
            if (random.nextBoolean()) {
                connection.reader().readAll();
            }
        }
    }

    private void timeout(boolean secure) throws IOException {
        waitFor(Duration.ofNanos(random.nextInt(5_000_000)), () -> talk(secure));
    }

    private void cancel(String name, boolean secure) {
        Task<@Nullable Void, RuntimeException> task = createTask(() -> perform(name, this::talk, secure));
        sleep(Duration.ofNanos(random.nextInt(3_000_000)));
        task.cancel();
        while (!task.done()) {
            sleep(Duration.ofMillis(1));
        }
        tally.count(name + (task.cancelled() ? ": in time" : ": too late"));
    }

    private byte[] noise(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    // ------------------------------------------------------------------------------------------------ counts

    private static final class Tally {

        private final TreeMap<String, Integer> counts = new TreeMap<>();

        void count(String what) {
            counts.merge(what, 1, Integer::sum);
        }

        void clear() {
            counts.clear();
        }

        void print() {
            counts.forEach((what, count) -> System.out.printf("%9d %s%n", count, what));
        }
    }

    /** What is there at rest. */
    private record Counts(int tasks, int inFlight, int open, List<String> leftovers, long files, long heap) {

        static Counts take() throws IOException {
            EventLoop loop = getRunningLoop();
            List<String> leftovers = loop.leftovers();
            for (int i = 0; i < 3; i++) {
                System.gc();
                sleep(Duration.ofMillis(100));
            }
            Runtime runtime = Runtime.getRuntime();
            return new Counts(
                    allTasks().size(),
                    loop.driver().inFlight(),
                    loop.driver().openCount(),
                    leftovers,
                    openFiles(),
                    runtime.totalMemory() - runtime.freeMemory());
        }

        private static long openFiles() throws IOException {
            Path files = Path.of("/proc/self/fd");
            if (!Files.isDirectory(files)) {
                return 0;
            }
            try (Stream<Path> all = Files.list(files)) {
                return all.count();
            }
        }

        List<String> isMoreThan(Counts before) {
            List<String> more = new ArrayList<>();
            if (tasks > 1) {
                more.add("tasks: " + tasks + ", and there should be this one alone: " + allTasks());
            }
            if (inFlight > 0) {
                more.add("operations in flight: " + inFlight);
            }
            if (open > 0) {
                more.add("open in the driver: " + open);
            }
            more.addAll(leftovers);
            if (files > before.files) {
                more.add("files of the process: " + files + " after " + before.files);
            }
            if (heap > before.heap + HEAP_SLACK) {
                more.add("heap: " + heap + " bytes after " + before.heap);
            }
            return more;
        }

        @Override
        public String toString() {
            return "%d tasks, %d in flight, %d open, %d files, heap %.1f MiB"
                    .formatted(tasks, inFlight, open, files, heap / 1048576.0);
        }
    }
}
