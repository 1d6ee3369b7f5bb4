package dev.rondo.net;

import dev.rondo.EventLoop;
import dev.rondo.Signal;
import dev.rondo.reactor.HearsOfClose;
import dev.rondo.reactor.Op;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** How child processes are started, and sent what the JDK cannot send: on a thread that may block. */
final class Spawning {

    private static final Pattern ERROR =
            Pattern.compile("error[:=] ?(\\d+)"); // the JDK's, when a program did not start
    private static final String NO_SUCH_FILE = "2";
    private static final String NO_PERMISSION = "13";

    private Spawning() {}

    /** A child that was just started. */
    record Child(Process process, CompletableFuture<Process> exit) {

        /** Ends it, for nobody wants it; the JDK asks the system for its exit code, so that no zombie stays. */
        void discard() {
            process.destroyForcibly();
        }
    }

    /** What the driver closes with the loop: it has nothing to read, and its end is the child's. */
    static final class Lifeline extends InputStream implements HearsOfClose {

        private final ProcessHandle child;

        Lifeline(ProcessHandle child) {
            this.child = child;
        }

        @Override
        public int read() {
            return -1;
        }

        /** At once: when the loop has closed, the program may end before any thread comes to close this. */
        @Override
        public void closeBegins() {
            child.destroyForcibly();
        }
    }

    /**
     * Starts a child, and has something made of it; a cancel leaves none behind. Suspends.
     *
     * @param maker takes charge of the child if it returns
     */
    static <T> T start(
            EventLoop loop, SubprocessOptions options, List<String> command, Function<? super Child, T> maker)
            throws IOException {
        ProcessBuilder builder = builder(options, command);
        Op.Blocking<Child> spawn = new Op.Blocking<>(() -> start(builder), Child::discard);
        @Nullable Child unclaimed = null;
        try {
            try {
                loop.perform(spawn);
            } finally {
                unclaimed = spawn.result; // a cancel may have come when it was started already
            }
            T made = maker.apply(SocketStream.known(unclaimed));
            unclaimed = null;
            return made;
        } finally {
            if (unclaimed != null) {
                unclaimed.discard();
            }
        }
    }

    private static ProcessBuilder builder(SubprocessOptions options, List<String> command) {
        if (command.isEmpty() || command.getFirst().isEmpty()) {
            throw new IllegalArgumentException("no program to run: the command is " + command);
        }
        for (String argument : command) {
            if (argument.indexOf('\0') >= 0) {
                throw new IllegalArgumentException("an argument of a program cannot have a NUL in it: " + command);
            }
        }
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(options.stdin().toRead())
                .redirectOutput(options.stdout().toWrite());
        if (options.stderr() == Stdio.STDOUT) {
            builder.redirectErrorStream(true);
        } else {
            builder.redirectError(options.stderr().toWrite());
        }
        Path cwd = options.cwd();
        if (cwd != null) {
            builder.directory(cwd.toFile());
        }
        Map<String, String> env = options.env();
        if (env != null) {
            builder.environment().clear();
            builder.environment().putAll(env);
        }
        return builder;
    }

    // ------------------------------------------------------------------------------------------------ in a thread

    private static Child start(ProcessBuilder builder) throws IOException {
        if (builder.directory() != null && !builder.directory().isDirectory()) {
            throw Files.exists(builder.directory().toPath())
                    ? new NotDirectoryException(builder.directory().toString())
                    : new NoSuchFileException(
                            builder.directory().toString(), null, "there is no such directory to run in");
        }
        try {
            Process process = builder.start();
            return new Child(process, process.onExit());
        } catch (IOException e) {
            throw plain(e, builder.command().getFirst());
        }
    }

    /** Returns the failure that a file has, where the JDK tells of it by a number in its message. */
    private static IOException plain(IOException failure, String program) {
        Matcher error = ERROR.matcher(failure.getMessage() == null ? "" : failure.getMessage());
        IOException plain = !error.find()
                ? failure
                : switch (error.group(1)) {
                    case NO_SUCH_FILE -> new NoSuchFileException(program, null, "there is no such program");
                    case NO_PERMISSION -> new AccessDeniedException(program, null, "it may not be run");
                    default -> failure;
                };
        if (plain != failure) {
            plain.initCause(failure);
        }
        return plain;
    }

    /** Sends a signal by way of a shell; nothing to do if the child has ended. */
    static @Nullable Void signal(ProcessHandle child, Signal signal) throws IOException {
        if (!child.isAlive()) {
            return null;
        }
        Process kill = new ProcessBuilder("/bin/sh", "-c", "kill -s " + signal.name() + " " + child.pid())
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            if (kill.waitFor() != 0 && child.isAlive()) {
                throw new IOException("process " + child.pid() + " could not be sent " + signal);
            }
        } catch (InterruptedException e) {
            throw new IOException("interrupted while a signal was sent", e);
        }
        return null;
    }
}
