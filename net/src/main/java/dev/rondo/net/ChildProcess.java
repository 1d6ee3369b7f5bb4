package dev.rondo.net;

import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import dev.rondo.Signal;
import dev.rondo.reactor.Fd;
import dev.rondo.reactor.Op;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A child that runs, or did: its signals and its end. One that runs when its loop closes is killed. Loop thread only.
 */
final class ChildProcess {

    private final String program;
    private final ProcessHandle handle;
    private final Fd lifeline; // the driver counts the child among what is open, and kills it when the loop closes
    private final Set<Signal> sent = EnumSet.noneOf(Signal.class);
    private @Nullable Integer returnCode; // null while it runs, as far as the loop knows

    ChildProcess(EventLoop loop, String program, Spawning.Child child) {
        this.program = program;
        this.handle = child.process().toHandle();
        this.lifeline = loop.driver().source(new Spawning.Lifeline(handle));
    }

    /** Has a callback run once its end is known. */
    void watch(EventLoop loop, Spawning.Child child, Runnable whenEnded) {
        Asyncio.wrapFuture(child.exit(), loop).addDoneCallback(process -> {
            returnCode = ExitCode.of(process.result().exitValue(), sent);
            lifeline.release();
            whenEnded.run();
        });
    }

    ProcessHandle handle() {
        return handle;
    }

    /** Returns how it has ended, as {@link Subprocess#returnCode} says; null while it runs. */
    @Nullable Integer returnCode() {
        return returnCode;
    }

    void terminate() {
        sent.add(Signal.TERM);
        handle.destroy();
    }

    void kill() {
        sent.add(Signal.KILL);
        handle.destroyForcibly();
    }

    /** Returns what sends it a signal. */
    Op.Blocking<@Nullable Void> signalling(Signal signal) {
        sent.add(signal);
        return new Op.Blocking<@Nullable Void>(() -> Spawning.signal(handle, signal));
    }

    @Override
    public String toString() {
        return "process " + handle.pid() + " (" + program
                + (returnCode == null ? ", running)" : ", returncode " + returnCode + ")");
    }
}
