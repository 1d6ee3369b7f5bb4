package dev.rondo.testkit;

import dev.rondo.reactor.Fd;
import dev.rondo.reactor.IoDriver;
import dev.rondo.reactor.Op;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ProtocolFamily;
import java.nio.channels.SelectableChannel;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Lets no simulated run reach the system: when real bytes arrive is nobody's choice, and no tape brings it back. */
final class NoIoDriver implements IoDriver {

    private volatile @Nullable Thread polling;
    private volatile boolean notified;

    @Override
    public Fd streamSocket(ProtocolFamily family) {
        throw refused("a socket");
    }

    @Override
    public Fd listenerSocket(ProtocolFamily family) {
        throw refused("a listener");
    }

    @Override
    public Fd datagramSocket(ProtocolFamily family) {
        throw refused("a socket for datagrams");
    }

    @Override
    public Fd adopt(SelectableChannel channel) {
        throw refused("a channel");
    }

    @Override
    public Fd source(InputStream stream) {
        throw refused("a stream to read from");
    }

    @Override
    public Fd sink(OutputStream stream) {
        throw refused("a stream to write to");
    }

    @Override
    public Op.Call<InetAddress[]> addressesOf(String name) {
        throw refused("the addresses of " + name);
    }

    @Override
    public Op.Call<String> nameOf(InetAddress address) {
        throw refused("the name of " + address);
    }

    @Override
    public void submit(Op op) {
        throw refused(op.toString());
    }

    /** Unchecked, so that no program takes it for a network that is down. */
    private static IllegalStateException refused(String what) {
        return new IllegalStateException("no real I/O in a simulated run: " + EventLog.withoutChance(what)
                + " was asked for. Use the simulated network, or mark the test @RealIo to run it once, in real time");
    }

    @Override
    public void cancel(Op op) {
        // none is in flight
    }

    @Override
    public int inFlight() {
        return 0;
    }

    @Override
    public int openCount() {
        return 0;
    }

    @Override
    public void poll(long timeoutNanos) {
        polling = Thread.currentThread();
        if (!notified && timeoutNanos != 0) {
            LockSupport.parkNanos(this, timeoutNanos < 0 ? Long.MAX_VALUE : timeoutNanos);
        }
        polling = null;
        notified = false;
    }

    @Override
    public void deliver() {
        // nothing is ever done
    }

    @Override
    public void wakeup() {
        notified = true;
        LockSupport.unpark(polling);
    }

    @Override
    public void close() {
        // nothing is open
    }
}
