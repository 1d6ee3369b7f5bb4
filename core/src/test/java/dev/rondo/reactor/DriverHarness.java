package dev.rondo.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;

/** Drives a driver from a test's thread, as the reactor would, and writes down whose waker ran. */
final class DriverHarness implements AutoCloseable {

    final IoDriver driver;
    final List<Op> woken = new ArrayList<>();
    private final ConcurrentLinkedQueue<Runnable> posted = new ConcurrentLinkedQueue<>();
    private boolean delivering;

    DriverHarness(Function<Consumer<Runnable>, IoDriver> maker) {
        driver = maker.apply(this::post);
    }

    private void post(Runnable delivery) {
        posted.add(delivery);
        wakeup();
    }

    private void wakeup() {
        driver.wakeup();
    }

    <O extends Op> O submit(O op) {
        op.onDone(() -> {
            assertThat(delivering).as("a waker runs in deliver() only").isTrue();
            assertThat(op.isDone()).isTrue();
            woken.add(op);
        });
        driver.submit(op);
        return op;
    }

    /** Runs an operation to its end. */
    <O extends Op> O perform(O op) {
        submit(op);
        return finish(op);
    }

    <O extends Op> O finish(O op) {
        until(op::isDone);
        return op;
    }

    void until(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            turn(-1);
        }
    }

    /** Runs turns until nothing is in flight. */
    void settle() {
        until(() -> driver.inFlight() == 0);
    }

    void turn(long timeoutNanos) {
        drain();
        driver.poll(driver.inFlight() == 0 ? 0 : timeoutNanos);
        drain();
        delivering = true;
        driver.deliver();
        delivering = false;
        if (Thread.interrupted()) {
            throw new AssertionError("the test took too long, with " + driver);
        }
    }

    private void drain() {
        for (Runnable delivery; (delivery = posted.poll()) != null; ) {
            delivery.run();
        }
    }

    // ---- sockets

    /** Two ends of a connection, and the listener between them. */
    record Pair(Fd client, Fd server, Fd listener) {}

    Pair connect() throws Exception {
        Fd listener = listen();
        Op.Accept accept = submit(new Op.Accept(listener));
        Fd client = driver.streamSocket(StandardProtocolFamily.INET);
        Op.Connect connect = perform(new Op.Connect(client, (InetSocketAddress) listener.localAddress()));
        assertThat(connect.failure()).isNull();
        finish(accept);
        return new Pair(client, Objects.requireNonNull(accept.accepted), listener);
    }

    Fd listen() throws Exception {
        return driver.tcpListener(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
    }

    void write(Fd fd, String text) {
        assertThat(perform(new Op.Write(fd).from(bytes(text))).failure()).isNull();
    }

    String read(Fd fd, int length) {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining()) {
            Op.Read read = perform(new Op.Read(fd).into(buffer));
            assertThat(read.failure()).isNull();
            assertThat(read.count).as("bytes read after %s", buffer).isPositive();
        }
        return text(buffer);
    }

    /** Finishes a read and goes on until so many bytes are there: one read may bring fewer. */
    String readOn(Op.Read read, int length) {
        finish(read);
        assertThat(read.failure()).isNull();
        assertThat(read.count).isEqualTo(read.buffer().position()).isBetween(1, length);
        String first = text(read.buffer());
        return first + read(read.fd, length - first.length());
    }

    /** Reads so many bytes from a place in a file. */
    String readAt(Fd file, int length, long position) {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining()) {
            Op.ReadAt read = perform(new Op.ReadAt(file, buffer, position + buffer.position()));
            assertThat(read.failure()).isNull();
            assertThat(read.count).as("bytes read after %s", buffer).isPositive();
        }
        return text(buffer);
    }

    static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }

    /** Returns what was read into a buffer. */
    static String text(ByteBuffer buffer) {
        return new String(buffer.array(), 0, buffer.position(), java.nio.charset.StandardCharsets.US_ASCII);
    }

    @Override
    public void close() {
        driver.close();
    }
}
