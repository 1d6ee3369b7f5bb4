package dev.rondo.examples;

import dev.rondo.reactor.Fd;
import dev.rondo.reactor.IoDriver;
import dev.rondo.reactor.NioDriver;
import dev.rondo.reactor.Op;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ProtocolFamily;
import java.nio.channels.SelectableChannel;
import java.util.ArrayDeque;
import java.util.function.Consumer;

/** A driver that keeps file operations back until it is told to let go: a slow disk, in a test's hands. */
final class HoldingDriver implements IoDriver {

    private final IoDriver inner;
    private final ArrayDeque<Op> held = new ArrayDeque<>();
    private boolean holding = true;

    HoldingDriver(Consumer<Runnable> post) {
        inner = new NioDriver(post);
    }

    int filesInFlight() {
        return held.size();
    }

    void letFilesGo() {
        holding = false;
        while (!held.isEmpty()) {
            inner.submit(held.remove());
        }
    }

    @Override
    public void submit(Op op) {
        if (holding && (op instanceof Op.Open || op instanceof Op.ReadAt)) {
            held.add(op);
        } else {
            inner.submit(op);
        }
    }

    @Override
    public void cancel(Op op) {
        inner.cancel(op);
    }

    @Override
    public int openCount() {
        return inner.openCount();
    }

    @Override
    public int inFlight() {
        return inner.inFlight() + held.size();
    }

    @Override
    public Fd streamSocket(ProtocolFamily family) throws IOException {
        return inner.streamSocket(family);
    }

    @Override
    public Fd listenerSocket(ProtocolFamily family) throws IOException {
        return inner.listenerSocket(family);
    }

    @Override
    public Fd datagramSocket(ProtocolFamily family) throws IOException {
        return inner.datagramSocket(family);
    }

    @Override
    public Fd adopt(SelectableChannel channel) throws IOException {
        return inner.adopt(channel);
    }

    @Override
    public Fd source(InputStream stream) {
        return inner.source(stream);
    }

    @Override
    public Fd sink(OutputStream stream) {
        return inner.sink(stream);
    }

    @Override
    public void poll(long timeoutNanos) {
        inner.poll(timeoutNanos);
    }

    @Override
    public void deliver() {
        inner.deliver();
    }

    @Override
    public void wakeup() {
        inner.wakeup();
    }

    @Override
    public void close() {
        inner.close();
    }
}
