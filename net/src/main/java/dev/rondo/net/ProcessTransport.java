package dev.rondo.net;

import dev.rondo.Action;
import dev.rondo.Context;
import dev.rondo.EventLoop;
import dev.rondo.ExceptionContext;
import dev.rondo.Signal;
import dev.rondo.reactor.Op;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A child process and its pipes, for a protocol. Loop thread only.
 *
 * <pre>
 *   RUNNING ──its end, and the ends of its pipes, in any order──▶ FINISHED ──a turn──▶ connectionLost
 *     └──close(), abort(): its pipes are closed, it is killed──────▲
 * </pre>
 *
 * <p>The JDK closes the pipes of a child once that has ended, so that its standard input, of which nobody can be asked
 * whether it is still read, ends with it.
 */
final class ProcessTransport implements SubprocessTransport {

    private final EventLoop loop;
    private final ChildProcess child;
    private final SubprocessProtocol protocol;
    private final Context context = Context.copyCurrent(); // of whoever started the child
    private final @Nullable WritePipeTransport stdin;
    private final @Nullable ReadPipeTransport stdout;
    private final @Nullable ReadPipeTransport stderr;
    private int openPipes;
    private boolean closed; // by the program
    private boolean finished;
    private final ArrayDeque<Op.Blocking<@Nullable Void>> signals = new ArrayDeque<>(); // the first is being sent

    private ProcessTransport(
            EventLoop loop,
            ChildProcess child,
            Spawning.Child spawned,
            SubprocessOptions options,
            SubprocessProtocol protocol) {
        this.loop = loop;
        this.child = child;
        this.protocol = protocol;
        Process process = spawned.process();
        this.stdin = options.stdin() == Stdio.PIPE
                ? new WritePipeTransport(
                        loop, context, loop.driver().sink(process.getOutputStream()), new Pipe(0), null)
                : null;
        this.stdout = options.stdout() == Stdio.PIPE ? reader(process.getInputStream(), 1) : null;
        this.stderr = options.stderr() == Stdio.PIPE ? reader(process.getErrorStream(), 2) : null;
    }

    private ReadPipeTransport reader(InputStream stream, int number) {
        return new ReadPipeTransport(loop, context, loop.driver().source(stream), false, new Pipe(number), null);
    }

    /** Starts a child and has a protocol told of it. Suspends; what does not return leaves no child. */
    static <P extends SubprocessProtocol> Endpoint<SubprocessTransport, P> open(
            EventLoop loop, SubprocessOptions options, List<String> command, Supplier<? extends P> factory)
            throws IOException {
        P protocol = Objects.requireNonNull(factory.get(), "the factory of protocols returned null");
        ProcessTransport transport = Spawning.start(loop, options, command, spawned -> {
            ChildProcess child = new ChildProcess(loop, command.getFirst(), spawned);
            ProcessTransport made = new ProcessTransport(loop, child, spawned, options, protocol);
            made.begin(spawned);
            return made;
        });
        Endpoints.awaitBeginning(loop, transport);
        return new Endpoint<>(transport, protocol);
    }

    /** Begins: {@code connectionMade} in the next turn, before anything that the child does. */
    private void begin(Spawning.Child spawned) {
        loop.callSoon(this::connectionMade, context);
        for (PipeTransport pipe : pipes()) {
            openPipes++;
            pipe.start();
        }
        child.watch(loop, spawned, this::exited);
    }

    private List<PipeTransport> pipes() {
        return Stream.of(stdin, stdout, stderr).filter(Objects::nonNull).toList();
    }

    private void connectionMade() {
        tell("Exception in callback protocol.connection_made()", () -> protocol.connectionMade(this));
    }

    /** Calls the protocol, in its context already; a failure of its own is reported. */
    private void tell(String ifItFails, Action<Exception> call) {
        try {
            call.run();
        } catch (Throwable failure) {
            UserCalls.throwIfEscapes(failure);
            UserCalls.report(loop, ifItFails, failure, this);
        }
    }

    // ------------------------------------------------------------------------------------------------ what happens

    /** What is told of one of the pipes. */
    private final class Pipe implements Protocol {

        private final int number;

        Pipe(int number) {
            this.number = number;
        }

        @Override
        public void dataReceived(byte[] data) {
            tell("Exception in callback protocol.pipe_data_received()", () -> protocol.pipeDataReceived(number, data));
        }

        @Override
        public void connectionLost(@Nullable Throwable failure) {
            try {
                tell(
                        "Exception in callback protocol.pipe_connection_lost()",
                        () -> protocol.pipeConnectionLost(number, failure));
            } finally {
                openPipes--;
                finishIfDone();
            }
        }

        @Override
        public void pauseWriting() throws Exception {
            protocol.pauseWriting();
        }

        @Override
        public void resumeWriting() throws Exception {
            protocol.resumeWriting();
        }
    }

    private void exited() {
        loop.callSoon(() -> tell("Exception in callback protocol.process_exited()", protocol::processExited), context);
        if (stdin != null && closed) {
            stdin.abort();
        } else if (stdin != null) {
            stdin.close(); // what waits fails, unless a child of the child reads it
        }
        finishIfDone();
    }

    private void finishIfDone() {
        if (!finished && openPipes == 0 && child.returnCode() != null) {
            finished = true;
            loop.callSoon(
                    () -> tell("Exception in callback protocol.connection_lost()", () -> protocol.connectionLost(null)),
                    context);
        }
    }

    // ------------------------------------------------------------------------------------------------ signals

    @Override
    public void terminate() {
        if (runs()) {
            child.terminate();
        }
    }

    @Override
    public void kill() {
        if (runs()) {
            child.kill();
        }
    }

    @Override
    public void sendSignal(Signal signal) {
        switch (signal) {
            case TERM -> terminate();
            case KILL -> kill();
            default -> {
                if (runs()) {
                    signals.add(child.signalling(signal));
                    if (signals.size() == 1) {
                        sendNextSignal();
                    }
                }
            }
        }
    }

    /** Returns whether the child runs, as far as the loop knows. */
    private boolean runs() {
        if (finished) {
            throw new IllegalStateException(child + " cannot be sent a signal any more: ask getReturncode() first");
        }
        return child.returnCode() == null;
    }

    /** Sends one after the other: what is sent by two threads may come in any order. */
    private void sendNextSignal() {
        Op.Blocking<@Nullable Void> op = signals.element();
        op.onDone(this::signalSent);
        loop.driver().submit(op);
        if (op.isDone()) {
            signalSent();
        }
    }

    private void signalSent() {
        Op op = signals.remove();
        if (op.failure() != null) {
            loop.callExceptionHandler(new ExceptionContext(
                    "a signal could not be sent", op.failure(), Map.of("transport", this, "protocol", protocol)));
        }
        if (!signals.isEmpty()) {
            sendNextSignal();
        }
    }

    // ------------------------------------------------------------------------------------------------ the end

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            pipes().forEach(PipeTransport::close);
            killIfRunning();
        }
    }

    @Override
    public void abort() {
        closed = true;
        pipes().forEach(PipeTransport::abort);
        killIfRunning();
    }

    private void killIfRunning() {
        if (child.returnCode() == null) {
            child.kill();
        }
    }

    @Override
    public boolean isClosing() {
        return closed || finished;
    }

    // ------------------------------------------------------------------------------------------------ what it is

    @Override
    public long getPid() {
        return child.handle().pid();
    }

    @Override
    public @Nullable Integer getReturncode() {
        return child.returnCode();
    }

    @Override
    public @Nullable Transport getPipeTransport(int fd) {
        return switch (fd) {
            case 0 -> stdin;
            case 1 -> stdout;
            case 2 -> stderr;
            default -> null;
        };
    }

    @Override
    public SubprocessProtocol getProtocol() {
        return protocol;
    }

    @Override
    public @Nullable Object getExtraInfo(String name) {
        return name.equals("subprocess") ? child.handle() : null;
    }

    @Override
    public String toString() {
        return "ProcessTransport[" + child + (closed ? ", closed" : "") + "]";
    }
}
