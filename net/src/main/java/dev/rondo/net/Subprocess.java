package dev.rondo.net;

import dev.rondo.AsyncEvent;
import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import dev.rondo.Signal;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A child process, made by {@link Net#createSubprocessExec} and {@link Net#createSubprocessShell}. Belongs to one loop,
 * and all that is here is for its coroutines. (asyncio: {@code Process}.)
 *
 * <pre>{@code
 * try (Subprocess sort = Net.createSubprocessExec(SubprocessOptions.pipes(), "sort")) {
 *     byte[] sorted = sort.communicate(lines).stdout();
 * }
 * }</pre>
 *
 * <p>The exit of a process and the ends of its pipes come in any order: what it wrote before it ended can be read
 * after. What its own children write once it has ended itself may be lost, since the JDK then empties and closes the
 * pipes.
 *
 * <p>A child that still runs when its loop closes is killed.
 */
public final class Subprocess implements AutoCloseable {

    private final EventLoop loop;
    private final ChildProcess child;
    private final List<ByteStream> pipes = new ArrayList<>(3);
    private final @Nullable StreamWriter stdin;
    private final @Nullable StreamReader stdout;
    private final @Nullable StreamReader stderr;
    private final AsyncEvent ended = new AsyncEvent();

    /** What a process wrote to its pipes, each null where it was given none. */
    @SuppressWarnings("ArrayRecordComponent") // to be taken apart; nobody compares two of them
    public record Output(byte @Nullable [] stdout, byte @Nullable [] stderr) {}

    Subprocess(EventLoop loop, String program, Spawning.Child spawned, SubprocessOptions options) {
        this.loop = loop;
        this.child = new ChildProcess(loop, program, spawned);
        Process process = spawned.process();
        this.stdin = options.stdin() == Stdio.PIPE ? new StreamWriter(pipe(writeTo(process))) : null;
        this.stdout = options.stdout() == Stdio.PIPE
                ? new StreamReader(pipe(readFrom(process.getInputStream())), options.limit())
                : null;
        this.stderr = options.stderr() == Stdio.PIPE
                ? new StreamReader(pipe(readFrom(process.getErrorStream())), options.limit())
                : null;
        child.watch(loop, spawned, ended::set);
    }

    private PipeStream writeTo(Process process) {
        return PipeStream.toWrite(loop, loop.driver().sink(process.getOutputStream()));
    }

    private PipeStream readFrom(InputStream stream) {
        return PipeStream.toRead(loop, loop.driver().source(stream));
    }

    private ByteStream pipe(ByteStream pipe) {
        pipes.add(pipe);
        return pipe;
    }

    // ------------------------------------------------------------------------------------------------ what it is

    /** Returns the number the system knows it by. */
    public long pid() {
        return child.handle().pid();
    }

    /**
     * Returns how it has ended, or null while it runs: 0 to 255 as it said itself, or the negated number of the signal
     * that killed it.
     *
     * <p>The JDK gives the same number, 128 + N, to a child that signal N killed and to one that exits with 128 + N, as
     * shells do when <em>their</em> child was killed. Such a number becomes −N if this object has sent the signal, and
     * for those that no program sends itself to end well: SIGKILL, SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGTRAP,
     * SIGSYS. Else it stays as it is: 143 is a child that somebody else asked to end.
     */
    public @Nullable Integer returnCode() {
        return child.returnCode();
    }

    /** Returns its standard input, or null unless that is a {@link Stdio#PIPE}. To close it tells the child the end. */
    public @Nullable StreamWriter stdin() {
        return stdin;
    }

    /** Returns its standard output, or null unless that is a {@link Stdio#PIPE}. */
    public @Nullable StreamReader stdout() {
        return stdout;
    }

    /** Returns its standard error, or null unless that is a {@link Stdio#PIPE}. */
    public @Nullable StreamReader stderr() {
        return stderr;
    }

    // ------------------------------------------------------------------------------------------------ waiting

    /**
     * Suspends until it has ended; returns its {@link #returnCode}. Many may wait. A cancel leaves it running.
     * (asyncio: {@code wait}.)
     *
     * <p>A child whose output is a pipe that nobody reads stops when the pipe is full, and then this waits for ever:
     * use {@link #communicate}.
     */
    public int await() {
        ended.await();
        return Objects.requireNonNull(child.returnCode());
    }

    /** Does {@link #communicate(byte[])} without input. */
    public Output communicate() throws IOException {
        return communicate(null);
    }

    /**
     * Writes {@code input} to its standard input and closes that, reads both of its outputs to their ends, at the same
     * time, and suspends until it has ended. That the child does not read all of its input is no failure.
     *
     * <p>There is no time limit: put {@link Asyncio#timeout} around it. A cancel leaves the child running, and what
     * came until then in {@link #stdout} and {@link #stderr}; {@link #close} ends it.
     *
     * @param input what to write, not to be changed until this returns; or null for nothing
     * @throws IllegalArgumentException if there is input, and no pipe for it
     * @throws IllegalStateException if somebody else is reading its output
     */
    public Output communicate(byte @Nullable [] input) throws IOException {
        if (input != null && stdin == null) {
            throw new IllegalArgumentException(
                    "there is input for " + this + ", and its standard input is no pipe: give it Stdio.PIPE");
        }
        Asyncio.<IOException>gatherOrCancel(
                () -> awaitEnd(stdout), () -> awaitEnd(stderr), () -> feed(input == null ? new byte[0] : input));
        await();
        return new Output(readAll(stdout), readAll(stderr)); // taken last: until now a cancel could come
    }

    private void feed(byte[] input) {
        if (stdin != null) {
            try (stdin) {
                stdin.write(input);
            } catch (IOException e) {
                // it does not want any more: what it thinks of that its exit says
            }
        }
    }

    private static void awaitEnd(@Nullable StreamReader reader) throws IOException {
        if (reader != null) {
            reader.awaitEnd();
        }
    }

    private static byte @Nullable [] readAll(@Nullable StreamReader reader) throws IOException {
        return reader == null ? null : reader.readAll();
    }

    // ------------------------------------------------------------------------------------------------ ending it

    /**
     * Asks it to end: SIGTERM. Does not suspend. Does nothing if it has ended and the loop has not heard of it yet.
     *
     * @throws IllegalStateException if it has ended, as {@link #returnCode} tells
     */
    public void terminate() {
        ensureRuns();
        child.terminate();
    }

    /** Ends it, by SIGKILL. As {@link #terminate} otherwise. */
    public void kill() {
        ensureRuns();
        child.kill();
    }

    /**
     * Sends it a signal. Suspends, but for SIGTERM and SIGKILL, until it is sent: the JDK cannot, so that a shell is
     * asked to. Does nothing if it has ended and the loop has not heard of it yet.
     *
     * @throws IllegalStateException if it has ended, as {@link #returnCode} tells
     * @throws IOException if the signal could not be sent
     */
    public void sendSignal(Signal signal) throws IOException {
        switch (signal) {
            case TERM -> terminate();
            case KILL -> kill();
            default -> {
                ensureRuns();
                loop.perform(child.signalling(signal));
            }
        }
    }

    private void ensureRuns() {
        if (child.returnCode() != null) {
            throw new IllegalStateException(this + " cannot be sent a signal any more: ask returnCode() first");
        }
    }

    /**
     * Kills it if it runs, and closes its pipes. Does not suspend, never throws, idempotent; {@link #await} then tells
     * when it is gone. (asyncio: {@code transport.close()}.)
     */
    @Override
    public void close() {
        if (child.returnCode() == null) {
            kill();
        }
        pipes.forEach(ByteStream::close);
    }

    @Override
    public String toString() {
        return child.toString();
    }
}
